//! systemd, udev, dbus, OpenSSH, haproxy, and the time zone that all of them tell.

use crate::configure::{ConfigureError, Context, accounts, ucf, units};
use crate::scripts::counterpart::nothing;
use crate::scripts::{Counterpart, ScriptKind};
use crate::unpack::Package;

use super::files::write_missing;

pub(super) const COUNTERPARTS: &[Counterpart] = &[
    Counterpart {
        package: "systemd",
        script: ScriptKind::Preinst,
        sha256: &["5a29e86601168feeb6f9d354bcd5a4129583820ce76174f569ca5c735cf655c4"],
        action: nothing,
        reason: "refuses a system without usr-merge; base-files brings it",
    },
    Counterpart {
        package: "systemd",
        script: ScriptKind::Postinst,
        sha256: &["50d678fd15c9da4e4437318e2f36d166c882c736b4c26294c710c00703174122"],
        action: systemd,
        reason: "enables what a fresh system starts with and makes the journal's folder; the machine id stays empty \
                 so that each node makes its own, and the message catalog is left out",
    },
    Counterpart {
        package: "systemd-sysv",
        script: ScriptKind::Postinst,
        sha256: &["ab86ac8e9c00de0c4f46711522fa606aab85bef4ba34fdc8fbc6858a1df692bd"],
        action: nothing,
        reason: "restores links that an upgrade to usr-merge lost, and tells GRUB",
    },
    Counterpart {
        package: "udev",
        script: ScriptKind::Preinst,
        sha256: &["b7dacfab5d04eca428c278b4344dcecf8c3642b1d9d926b3d4547b04a3445c3e"],
        action: nothing,
        reason: "refuses a system without usr-merge; base-files brings it",
    },
    Counterpart {
        package: "udev",
        script: ScriptKind::Postinst,
        sha256: &["b5665f4c97b4959cb4d036c0f385b72be8fbb35ae5f47bff7267c582ea259e33"],
        action: nothing,
        reason: "compiles the hardware database; a node without it works, only without names for USB and PCI devices",
    },
    Counterpart {
        package: "dbus-system-bus-common",
        script: ScriptKind::Postinst,
        sha256: &["6777e851391cb07f8d404b4ff83a7e9854fc2f3928b6c73cdd0b7075a520e2f9"],
        action: message_bus_user,
        reason: "makes the user messagebus",
    },
    Counterpart {
        package: "dbus-daemon",
        script: ScriptKind::Postinst,
        sha256: &["0795fc31bf6ba430e1f6182eff379976aeafc28fc67e881e63208a9d343b894f"],
        action: bus_machine_id,
        reason: "makes dbus's machine id, here as the link to systemd's that tmpfiles.d/dbus.conf asks for",
    },
    Counterpart {
        package: "dbus",
        script: ScriptKind::Postinst,
        sha256: &["706ddb3c1c2ebdeaeb2a74ca6627c003fc0e1170db80ca4aeaa1d4d2af4611b6"],
        action: launch_helper,
        reason: "lets only the message bus start the launch helper, which runs as root",
    },
    Counterpart {
        package: "openssh-client",
        script: ScriptKind::Postinst,
        sha256: &["2e854bb0824d0ee83eec8379fa3a8a6b27f5432960ca3150cc0e632fede49773"],
        action: ssh_agent,
        reason: "gives ssh-agent a group of its own so that other processes cannot trace it",
    },
    Counterpart {
        package: "openssh-server",
        script: ScriptKind::Config,
        sha256: &["0ffbca33f19e3b4096ea608072a22a7b101377d52ad08646c4b2fd342550cb86"],
        action: nothing,
        reason: "takes over an existing sshd_config's answers; there is none",
    },
    Counterpart {
        package: "openssh-server",
        script: ScriptKind::Postinst,
        sha256: &["054a0343354b6b46996d9750e618aa6f7beadbc474a4fbf1e19bdd1dc5cb5b7d"],
        action: sshd_config,
        reason: "writes sshd_config; host keys are not made because every node needs its own",
    },
    Counterpart {
        package: "haproxy",
        script: ScriptKind::Postinst,
        sha256: &["f9a25fddade34cd86330598ab5c471790844c432070b0cd49538484c95681769"],
        action: haproxy_user,
        reason: "makes the user haproxy; reloading is for upgrades",
    },
    Counterpart {
        package: "tzdata",
        script: ScriptKind::Config,
        sha256: &["168c523e390aee9d8bfa3a96657b8ac363ac552968b14145774dfc746dd29027"],
        action: nothing,
        reason: "asks for the time zone, proposing the one that is set; none is",
    },
    Counterpart {
        package: "tzdata",
        script: ScriptKind::Postinst,
        sha256: &["b2882e9b65f746a4c60dd86ec0dcf3a0469940486e906eec2c57c764e5042a25"],
        action: time_zone,
        reason: "links the time zone, which is UTC unless debconf is told another",
    },
];

fn systemd(context: &mut Context<'_>, _: &Package) -> Result<(), ConfigureError> {
    let epoch = context.options.epoch;
    for unit in ["getty@tty1.service", "remote-fs.target", "systemd-pstore.service"] {
        units::enable(context.tree, unit, epoch)?;
    }
    // Empty and not missing: systemd fills it at the first boot without asking first-boot questions. Its mode is the one
    // that systemd-machine-id-setup gives it.
    let meta = context.file().with_mode(0o444);
    write_missing(context, "etc/machine-id", "", meta)?;
    let meta = context.directory();
    context.make_directory("var/log/journal", meta)
}

fn message_bus_user(context: &mut Context<'_>, _: &Package) -> Result<(), ConfigureError> {
    accounts::sysusers(context, &["dbus.conf".to_owned()])
}

fn bus_machine_id(context: &mut Context<'_>, _: &Package) -> Result<(), ConfigureError> {
    context.symlink("var/lib/dbus/machine-id", "/etc/machine-id")
}

fn launch_helper(context: &mut Context<'_>, _: &Package) -> Result<(), ConfigureError> {
    context.statoverride("/usr/lib/dbus-1.0/dbus-daemon-launch-helper", "root", "messagebus", 0o4754)
}

fn ssh_agent(context: &mut Context<'_>, _: &Package) -> Result<(), ConfigureError> {
    accounts::add_group(context.tree, "_ssh", None, context.options.epoch)?;
    context.set_meta("usr/bin/ssh-agent", "root", "_ssh", 0o2755)
}

fn sshd_config(context: &mut Context<'_>, package: &Package) -> Result<(), ConfigureError> {
    let shipped = context.read("usr/share/openssh/sshd_config")?;
    let mut text = shipped;
    if context.answer("openssh-server/permit-root-login").as_deref() != Some("true") {
        text = set_option(&text, "PermitRootLogin", "yes");
    }
    if context.answer("openssh-server/password-authentication").as_deref() != Some("true") {
        text = set_option(&text, "PasswordAuthentication", "no");
    }
    let meta = context.file();
    ucf::register(context, text.as_bytes(), "/etc/ssh/sshd_config", package.name())?;
    write_missing(context, "etc/ssh/sshd_config", text, meta)
}

fn haproxy_user(context: &mut Context<'_>, _: &Package) -> Result<(), ConfigureError> {
    accounts::adduser_system(context.tree, "haproxy", "/var/lib/haproxy", context.options.epoch)
}

fn time_zone(context: &mut Context<'_>, _: &Package) -> Result<(), ConfigureError> {
    // The templates' own defaults are empty or for an installer; without an answer the config script settles on Etc/UTC.
    let answer = |question: &str| context.options.debconf.get(question).map(|answer| answer.value.clone());
    let area = answer("tzdata/Areas").unwrap_or_else(|| "Etc".to_owned());
    let zone = answer(&format!("tzdata/Zones/{area}")).unwrap_or_else(|| "UTC".to_owned());
    let path = format!("/usr/share/zoneinfo/{area}/{zone}");
    if !context.exists(&path)? {
        return Err(ConfigureError::Malformed {
            path,
            what: "is no time zone of tzdata; mend the answers to tzdata/Areas and tzdata/Zones".to_owned(),
        });
    }
    context.symlink("etc/localtime", &path)
}

/// Sets an option where the shipped file shows its default in a comment: `#PermitRootLogin prohibit-password`.
fn set_option(text: &str, option: &str, value: &str) -> String {
    let line = |line: &str| match line.trim_start_matches('#').strip_prefix(option) {
        Some(rest) if rest.starts_with(' ') => format!("{option} {value}\n"),
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_set_in_place_of_their_comment() {
        let shipped = "#PermitRootLogin prohibit-password\n# PermitRootLogin is safe\nUsePAM yes\n";
        let expected = "PermitRootLogin yes\n# PermitRootLogin is safe\nUsePAM yes\n";
        assert_eq!(set_option(shipped, "PermitRootLogin", "yes"), expected);
    }
}
