//! Outside judges: programs we did not write, and what they say.

use std::io::Write;
use std::path::Path;
use std::process::Command;

/// Runs `program` and gives what it printed. A judge that is missing fails the test, it is never skipped.
#[track_caller]
pub(crate) fn ask(program: &str, arguments: &[&str]) -> String {
    let (accepted, said) = ask_for_verdict(program, arguments);
    assert!(accepted, "{program} {arguments:?} objects:\n{said}");
    said
}

/// As [`ask`], with the verdict left to the caller: whether the exit status was 0, and everything printed.
#[track_caller]
pub(crate) fn ask_for_verdict(program: &str, arguments: &[&str]) -> (bool, String) {
    let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default());
    let output = Command::new(program).args(arguments).env("PATH", path).env("LC_ALL", "C").output();
    let output =
        output.unwrap_or_else(|error| panic!("cannot run the judge `{program}` ({error}); `make setup` installs it"));
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.success(), said)
}

/// Says that the test that runs cannot be made here, past what the harness keeps to itself: `tools/test` counts it as passed
/// over and not as passed. Where CI runs as root nothing is.
#[track_caller]
pub(crate) fn pass_over(reason: &str) {
    let must = std::env::var_os("CI").is_some() && rustix::process::geteuid().is_root();
    assert!(!must, "{reason}");
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    // The harness may have begun a line with the test's name.
    writeln!(std::io::stderr(), "\npassed over: {test}: {reason}").expect("standard error is there");
}

/// SHA-256 of a file in hexadecimal. By openssl, which is several times as fast as coreutils' sha256sum where the processor
/// has instructions for it: the tests hash tens of gigabytes.
#[track_caller]
pub(crate) fn sha256(file: &Path) -> String {
    let said = ask("openssl", &["dgst", "-sha256", "-r", &file.display().to_string()]);
    said.split(' ').next().unwrap_or_default().to_owned()
}
