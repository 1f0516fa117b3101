//! Programs that leave nothing behind in an image: what they change does not outlive a boot, or the node does well without it.

use crate::shell::Call;

use super::answer::{Answer, done};
use super::session::Session;

/// Each program with the reason why nothing is done in its stead, and its status is 0. A name behind `*` ends the path.
const PROGRAMS: &[(&str, &str)] = &[
    ("invoke-rc.d", "nothing is started: no process of the node runs in a build"),
    ("deb-systemd-invoke", "nothing is started: no process of the node runs in a build"),
    ("service", "nothing is started: no process of the node runs in a build"),
    ("start-stop-daemon", "nothing is started: no process of the node runs in a build"),
    ("dbus-send", "no process of the node runs that could be told anything"),
    ("busctl", "no process of the node runs that could be told anything"),
    ("kill", "no process of the node runs that could be told anything"),
    ("killall", "no process of the node runs that could be told anything"),
    ("pkill", "no process of the node runs that could be told anything"),
    ("pwck", "the tables of accounts are written whole, and checked when they are read"),
    ("grpck", "the tables of accounts are written whole, and checked when they are read"),
    ("logger", "there is no log of a build on the node"),
    ("sync", "nothing of the tree is on a disk yet"),
    ("sleep", "nothing runs that could be waited for"),
    ("modprobe", "no kernel of the node runs"),
    ("udevadm", "no kernel runs whose devices could be asked"),
    ("sysctl", "settings of the kernel are made at each boot"),
    ("systemd-hwdb", "a node without the hardware database only lacks names for devices"),
    ("journalctl", "the journal's catalog only explains its lines to a person"),
    ("ldconfig", "the loader's cache is made once all libraries are there"),
    ("depmod", "the index of modules is made once all kernels are there"),
    ("update-initramfs", "the initramfs is made by the build, and on the node by bramble-init"),
    ("ischroot", "scripts leave out what is for a running system"),
    ("py3compile", "Python compiles what it reads, only slower at the first start of a program"),
    ("py3clean", "nothing was compiled"),
    ("pypy3compile", "PyPy compiles what it reads, only slower at the first start of a program"),
    ("pypy3clean", "nothing was compiled"),
    ("install-info", "the index of info pages is for a person who looks for one"),
    ("update-info-dir", "the index of info pages is for a person who looks for one"),
    ("mandb", "the index of manual pages is for a person who looks for one"),
    ("helpztags", "the index of help texts is for a person who looks for one"),
    ("fc-cache", "a program that shows letters makes the cache of fonts itself"),
    ("update-mime-database", "the index of media types only makes looking for one faster"),
    ("update-desktop-database", "a node has no desktop"),
    ("gtk-update-icon-cache", "a node has no desktop"),
    ("*/glib-2.0/glib-compile-schemas", "settings of GLib are those of desktops"),
    ("*/glib-2.0/gio-querymodules", "GLib looks through its modules itself, only slower"),
    ("*/gdk-pixbuf-2.0/gdk-pixbuf-query-loaders", "a node has no desktop"),
    ("update-catalog", "catalogs of SGML are for those who typeset documents"),
    ("apparmor_parser", "profiles are loaded at each boot"),
    ("restorecon", "Debian has no labels of SELinux on its files"),
    ("chcon", "Debian has no labels of SELinux on its files"),
];

pub(super) fn is_known(is_meant: impl Fn(&str) -> bool) -> bool {
    PROGRAMS.iter().any(|(program, _)| is_meant(program))
}

pub(super) fn run(_: &mut Session<'_, '_>, _: &mut Call<'_>) -> Answer {
    done()
}
