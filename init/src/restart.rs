//! What is done after a failure: say it, show what is there, pause, restart.

use std::fs;
use std::thread;
use std::time::Duration;

use rustix::system::RebootCommand;

use crate::block::Devices;
use crate::cmdline::{AfterFailure, Cmdline};
use crate::console;
use crate::failure::Failure;
use crate::modules::FailedModule;

/// Says what failed and what the machine has, then follows `panic=`. Never returns: the end of process 1 is a panic
/// of the kernel that would push the message off the screen.
pub(crate) fn after(failure: &Failure, failed_modules: &[FailedModule], cmdline: &Cmdline) -> ! {
    console::unmute();
    console::alarm(&format!("boot stops: {failure}"));
    for failed in failed_modules {
        console::alarm(&format!("module not loaded: {failed}"));
    }
    console::alarm(&format!("block devices: {}", Devices::of_this_machine().summary()));
    console::alarm(&format!("loaded modules: {}", loaded_modules()));
    match cmdline.after_failure {
        AfterFailure::Restart(pause) => {
            console::alarm(&format!("restarting in {} s", pause.as_secs()));
            thread::sleep(pause);
            rustix::fs::sync();
            if let Err(error) = rustix::system::reboot(RebootCommand::Restart) {
                console::alarm(&format!("cannot restart: {error}; switch the board off and on"));
            }
        }
        AfterFailure::Stay => console::alarm("panic=0: staying here; switch the board off and on"),
    }
    loop {
        thread::sleep(Duration::from_secs(3600));
    }
}

/// The names in `/proc/modules`, in alphabetical order.
fn loaded_modules() -> String {
    let text = fs::read_to_string("/proc/modules").unwrap_or_default();
    let mut names: Vec<&str> = text.lines().filter_map(|line| line.split(' ').next()).collect();
    names.sort_unstable();
    if names.is_empty() { "none".to_owned() } else { names.join(" ") }
}
