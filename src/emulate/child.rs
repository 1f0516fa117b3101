//! QEMU as a child of this program: it ends when this program ends, whichever way that is.

use std::io;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// The words before a program that the kernel is to end together with its parent: setpriv of package util-linux, as the
/// program itself must ask for it (prctl(2), `PR_SET_PDEATHSIG`).
const BOUND: [&str; 4] = ["setpriv", "--pdeathsig", "TERM", "--"];

/// `program`, ended by the kernel when this program is killed; without setpriv it then stays.
pub(super) fn command(program: &str) -> Command {
    let [setpriv, words @ ..] = BOUND;
    let tried = Command::new(setpriv).args(words).arg("true").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !tried.is_ok_and(|status| status.success()) {
        return Command::new(program);
    }
    let mut command = Command::new(setpriv);
    command.args(words).arg(program);
    command
}

/// Waits for `child` and ends it when this program is asked to end, so that there is time to clean up behind it.
pub(super) fn wait(child: &mut Child) -> io::Result<ExitStatus> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
    let handle = signals.handle();
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    thread::scope(|scope| {
        scope.spawn(move || {
            for _ in signals.forever() {
                if let Some(pid) = pid {
                    // It may have ended by itself, and then there is nothing to do.
                    let _ = kill_process(pid, Signal::TERM);
                }
            }
        });
        let status = child.wait();
        handle.close();
        status
    })
}
