//! The QEMU that is installed: whether there is one, and whether it knows the machine.
//!
//! The machine is asked for by name instead of comparing versions, so there is no table to keep of what came when.

use std::io;
use std::process::{Command, Output, Stdio};

use super::EmulateError;

/// Checks that `program` runs and knows `machine`.
pub(super) fn check(program: &str, machine: &str) -> Result<(), EmulateError> {
    let listing = ask(program, &["-machine", "help"])?;
    if knows(&listing, machine) {
        return Ok(());
    }
    let version = ask(program, &["--version"])?;
    let version = version.lines().next().unwrap_or(program).to_owned();
    Err(EmulateError::NoMachine { version, machine: machine.to_owned() })
}

/// Whether `-machine help` lists it: a line for each, the name first.
fn knows(listing: &str, machine: &str) -> bool {
    // `-machine` takes properties behind the name.
    let name = machine.split(',').next().unwrap_or(machine);
    listing.lines().any(|line| line.split_whitespace().next() == Some(name))
}

fn ask(program: &str, arguments: &[&str]) -> Result<String, EmulateError> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    let Output { stdout, .. } = output.map_err(|error| spawn_error(program, error))?;
    Ok(String::from_utf8_lossy(&stdout).into_owned())
}

pub(super) fn spawn_error(program: &str, error: io::Error) -> EmulateError {
    let program = program.to_owned();
    match error.kind() {
        io::ErrorKind::NotFound => EmulateError::NoProgram { program },
        _ => EmulateError::Spawn { program, error },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_are_known_by_their_whole_name() {
        let listing = "Supported machines are:\nraspi3ap   Raspberry Pi 3A+\nraspi2b    Raspberry Pi 2B\n";
        assert!(knows(listing, "raspi2b") && knows(listing, "raspi3ap,usb=on"));
        assert!(!knows(listing, "raspi3a") && !knows(listing, "raspi4b"));
    }

    #[test]
    fn what_is_missing_is_told_with_its_remedy() {
        let error = check("qemu-system-none", "raspi2b").expect_err("no such program");
        assert_eq!(
            error.to_string(),
            "`qemu-system-none` is not installed; install it with `apt install qemu-system-arm`"
        );
        let error = check("qemu-system-arm", "raspi99").expect_err("no such machine").to_string();
        assert!(error.starts_with("QEMU emulator version "), "qemu-system-arm is missing? {error}");
        assert!(error.contains(" has no machine `raspi99`; install a newer QEMU"), "{error}");
    }
}
