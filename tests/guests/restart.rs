//! A node that hangs, or whose kernel cannot go on, comes back by itself.

use std::time::Duration;

use bramble::emulate::Guest;

use crate::booted::{PATIENCE, ask, log_in, must};

/// What brings a node down, and what brings it up again.
const FAULTS: [(&str, &str); 2] = [
    // systemd stops for good where it stands, and tells the watchdog no more that all is well.
    ("the watchdog", "kill -SEGV 1"),
    // `panic=10` of the command line.
    ("the kernel's panic", "echo c >/proc/sysrq-trigger"),
];

/// Brings a guest down in every way, with a shell on its console before and after.
pub(crate) fn comes_back(guest: &mut Guest, hostname: &str, deadline: Duration) {
    for (rescue, fault) in FAULTS {
        let boot = |guest: &mut Guest| ask(guest, "cat /proc/sys/kernel/random/boot_id", PATIENCE);
        let before = boot(guest);
        must(guest.console().send(fault));
        must(guest.console().wait_for("Linux version ", deadline));
        log_in(guest, hostname, deadline);
        assert_ne!(boot(guest), before, "{rescue} did not restart the node");
        let state = ask(guest, "systemctl is-system-running --wait || systemctl --failed", PATIENCE);
        assert_eq!(state.trim(), "running", "after {rescue}");
        must(guest.wait_http(deadline));
    }
}
