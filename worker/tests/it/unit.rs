//! The unit, judged by systemd itself: little that the server could do to the node if it were taken over.

use std::process::Command;

/// The most exposure allowed, in tenths of systemd's scale, which ends at 10.0.
const MOST: u32 = 15;

#[test]
fn the_sandbox_is_tight() {
    let unit =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../overlays/worker/files/etc/systemd/system/bramble-worker.service");
    let output = Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--no-pager", unit])
        .output()
        .expect("systemd-analyze runs; tools/setup test installs it");
    let text = String::from_utf8_lossy(&output.stdout);
    let level = text.lines().find_map(|line| line.split_once("exposure level for bramble-worker.service: "));
    let level = level.unwrap_or_else(|| panic!("no level in {text}")).1.split(' ').next().expect("a number");
    let tenths: u32 = level.replace('.', "").parse().expect("a number with one decimal");
    assert!(tenths <= MOST, "{text}");
}
