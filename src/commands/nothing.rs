//! Programs that leave nothing behind in an image: what they change does not outlive a boot, or the node does well without it.

use crate::shell::Call;

use super::answer::{Answer, done};
use super::session::Session;

/// Each program with the reason why nothing is done in its stead, and its status is 0.
const PROGRAMS: &[(&str, &str)] = &[
    ("invoke-rc.d", "nothing is started: no process of the node runs in a build"),
    ("deb-systemd-invoke", "nothing is started: no process of the node runs in a build"),
    ("ldconfig", "the loader's cache is made once all libraries are there"),
    ("depmod", "the index of modules is made once all kernels are there"),
    ("update-initramfs", "the initramfs is made by the build, and on the node by bramble-init"),
    ("udevadm", "no kernel runs whose devices could be asked"),
    ("py3compile", "Python compiles what it reads, only slower at the first start of a program"),
    ("py3clean", "nothing was compiled"),
    ("install-info", "the index of info pages is for a person who looks for one"),
    ("mandb", "the index of manual pages is for a person who looks for one"),
    ("systemd-hwdb", "a node without the hardware database only lacks names for devices"),
];

pub(super) fn is_known(is_meant: impl Fn(&str) -> bool) -> bool {
    PROGRAMS.iter().any(|(program, _)| is_meant(program))
}

pub(super) fn run(_: &mut Session<'_, '_>, _: &mut Call<'_>) -> Answer {
    done()
}
