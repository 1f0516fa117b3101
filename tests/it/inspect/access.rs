//! Who may log in and what is started, by what systemd and login would do.

use std::fs;

use super::foreign::Foreign;
use super::{inspected, json};
use crate::cluster::shown;
use crate::judge::ask;

#[test]
fn consoles_are_told_where_u_boot_starts_the_kernel() {
    let foreign = Foreign::new();
    // No `config.txt`: the menu of U-Boot is all there is.
    ask("mdel", &["-i", &shown(&foreign.path("boot")), "::config.txt", "::cmdline.txt"]);
    ask("mmd", &["-i", &shown(&foreign.path("boot")), "::extlinux"]);
    let started = |words: &str, name: &str| {
        let menu = format!("default a\nlabel a\n  kernel /vmlinuz\n  append {words}\n");
        foreign.put("extlinux/extlinux.conf", &menu);
        let text = inspected(&foreign.card(name), &[]);
        let consoles = text.lines().filter(|line| line.starts_with("console")).map(str::to_owned).collect::<Vec<_>>();
        (text, consoles)
    };
    let (text, consoles) = started("console=tty0 console=ttyAMA0,115200 root=PARTUUID=12345678-02", "one.img");
    assert_eq!(consoles, ["console ttyAMA0: login"]);
    for line in ["started by the menu in extlinux/extlinux.conf", "  (root is partition 2)"] {
        assert!(text.lines().any(|have| have == line), "no line {line:?} in\n{text}");
    }
    let (_, consoles) = started("console=ttyAMA0 init=/bin/sh systemd.debug_shell", "two.img");
    assert_eq!(
        consoles,
        [
            "console tty9: root is logged in unasked",
            "console ttyAMA0: login",
            "console ttyAMA0: root is logged in unasked",
        ]
    );

    // What the node says itself: a drop-in, a unit that is masked, an account without a password.
    let files = [
        ("10-auto.conf", "[Service]\nExecStart=\nExecStart=-/sbin/agetty --autologin pi - $TERM\n"),
        ("shadow", "root::1::::::\n"),
    ];
    for (name, content) in files {
        fs::write(foreign.path(name), content).expect("a fresh file");
    }
    for command in ["rm /etc/shadow", "mkdir /etc/systemd", "mkdir /etc/systemd/system"] {
        foreign.debugfs(command);
    }
    foreign.debugfs("mkdir /etc/systemd/system/serial-getty@.service.d");
    foreign.debugfs("mkdir /etc/systemd/system/getty.target.wants");
    let [drop_in, shadow] = files.map(|(name, _)| shown(&foreign.path(name)));
    foreign.debugfs(&format!("write {drop_in} /etc/systemd/system/serial-getty@.service.d/10-auto.conf"));
    foreign.debugfs(&format!("write {shadow} /etc/shadow"));
    for tty in ["tty1", "tty2"] {
        let link = format!("/etc/systemd/system/getty.target.wants/getty@{tty}.service");
        foreign.debugfs(&format!("symlink {link} /usr/lib/systemd/system/getty@.service"));
    }
    foreign.debugfs("symlink /etc/systemd/system/getty@tty2.service /dev/null");
    let (text, consoles) = started("console=ttyAMA0,115200", "three.img");
    assert_eq!(consoles, ["console tty1: login", "console ttyAMA0: pi is logged in unasked"]);
    assert!(text.contains("accounts: root (no password asked for)\n"), "{text}");
    foreign.debugfs("symlink /etc/systemd/system/serial-getty@.service /dev/null");
    assert_eq!(started("console=ttyAMA0,115200", "four.img").1, ["console tty1: login"]);

    // Screens, and a unit of somebody's own.
    fs::write(foreign.path("unit"), "[Service]\nExecStart=/sbin/agetty -a pi --noclear tty7\n").expect("a fresh file");
    foreign.debugfs("mkdir /etc/systemd/system/getty@.service.d");
    foreign.debugfs(&format!("write {drop_in} /etc/systemd/system/getty@.service.d/10-auto.conf"));
    foreign.debugfs(&format!("write {} /etc/systemd/system/own.service", shown(&foreign.path("unit"))));
    foreign.debugfs("symlink /etc/systemd/system/getty.target.wants/own.service ../own.service");
    assert_eq!(
        started("console=ttyAMA0,115200", "five.img").1,
        ["console own.service: pi is logged in unasked", "console tty1: pi is logged in unasked",]
    );
    foreign.debugfs("rm /etc/systemd/system/getty@tty2.service");
    assert_eq!(started("console=ttyAMA0,115200", "six.img").1[2], "console tty2: pi is logged in unasked");

    ask("mdel", &["-i", &shown(&foreign.path("boot")), "::extlinux/extlinux.conf"]);
    let text = inspected(&foreign.card("seven.img"), &[]);
    assert!(text.contains("no kernel command line was found, so those that it names are not told"), "{text}");
}

#[test]
fn a_unit_that_is_masked_is_not_told_as_enabled() {
    let foreign = Foreign::new();
    fs::write(foreign.path("wired"), "[Match]\nName=eth0\n[Network]\nDHCP=yes\n").expect("a fresh file");
    foreign.debugfs("mkdir /etc/systemd");
    for folder in ["network", "system", "system/multi-user.target.wants"] {
        foreign.debugfs(&format!("mkdir /etc/systemd/{folder}"));
    }
    foreign.debugfs(&format!("write {} /etc/systemd/network/wired.network", shown(&foreign.path("wired"))));
    let link = "/etc/systemd/system/multi-user.target.wants/systemd-networkd.service";
    foreign.debugfs(&format!("symlink {link} /usr/lib/systemd/system/systemd-networkd.service"));
    let enabled = |name: &str| {
        let report = json(&inspected(&foreign.card(name), &["--json"]));
        report["system"]["interfaces"][0]["enabled"].clone()
    };
    assert_eq!(enabled("enabled.img"), true);
    foreign.debugfs("symlink /etc/systemd/system/systemd-networkd.service /dev/null");
    assert_eq!(enabled("masked.img"), false);
}
