//! Messages of the first process: into the kernel's log, which the kernel itself shows on every console.
//!
//! `/dev/kmsg` is opened anew for each message because the kernel limits the rate of messages per open file, and a
//! failure report is longer than the ten lines it allows.

use std::fs::{self, OpenOptions};
use std::io::Write;

/// A line for the record; shown unless the command line says `quiet`.
pub(crate) fn note(message: &str) {
    write('6', message);
}

/// A line somebody must see, `quiet` or not.
pub(crate) fn alarm(message: &str) {
    write('3', message);
}

/// Lets every later line through to the console, whatever `loglevel=` says. Without `/proc` the default stays.
pub(crate) fn unmute() {
    drop(fs::write("/proc/sys/kernel/printk", "7"));
}

fn write(level: char, message: &str) {
    let line = format!("<{level}>bramble-init: {message}\n");
    // One write is one record. Where there is no log yet, standard error is the console the kernel opened for us.
    let logged = OpenOptions::new().write(true).open("/dev/kmsg").and_then(|mut log| log.write_all(line.as_bytes()));
    if logged.is_err() {
        eprintln!("bramble-init: {message}");
    }
}
