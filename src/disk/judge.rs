//! Outside judges for tests: tools that we did not write say what an image is.

use std::ffi::OsStr;
use std::io::Write;
use std::process::{Command, Stdio};

/// The Debian package that brings `tool`.
fn package(tool: &str) -> &'static str {
    match tool {
        "e2fsck" | "debugfs" | "dumpe2fs" | "mke2fs" | "resize2fs" => "e2fsprogs",
        "fsck.fat" | "mkfs.fat" => "dosfstools",
        "mdir" | "mtype" | "mcopy" | "mmd" | "mattrib" | "mshowfat" => "mtools",
        "sfdisk" => "fdisk",
        "bmaptool" => "bmap-tools",
        "sha256sum" => "coreutils",
        "ssh-keygen" => "openssh-client",
        "dpkg" | "dpkg-deb" | "update-alternatives" => "dpkg",
        "systemd-sysusers" => "systemd",
        other => panic!("name the package of `{other}` here"),
    }
}

/// Runs `tool`, which must succeed, and gives what it printed.
pub(crate) fn run(tool: &str, arguments: &[&OsStr]) -> String {
    run_with_input(tool, arguments, b"")
}

/// As [`run`], with bytes for the tool's standard input.
pub(crate) fn run_with_input(tool: &str, arguments: &[&OsStr], input: &[u8]) -> String {
    let (success, printed) = ask(tool, arguments, input);
    assert!(success, "{tool} {arguments:?} finds fault:\n{printed}");
    printed
}

/// Whether `tool` succeeds, and everything it printed.
pub(crate) fn ask(tool: &str, arguments: &[&OsStr], input: &[u8]) -> (bool, String) {
    // The system tools are not in everybody's PATH.
    let path = format!("{}:/usr/sbin:/sbin:/usr/bin:/bin", std::env::var("PATH").unwrap_or_default());
    let child = Command::new("env")
        .arg(tool)
        .args(arguments)
        .env("PATH", path)
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.expect("env(1) runs");
    // A tool that does not read its input may be gone already.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    let output = child.wait_with_output().expect("the tool ends");
    assert_ne!(
        output.status.code(),
        Some(127),
        "`{tool}` is missing; install the package {} (`make setup` does)",
        package(tool)
    );
    let printed = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&printed).into_owned())
}

/// A card full of old rubbish that got the `used` blocks of `image`.
pub(crate) fn card(image: &std::fs::File, used: &super::BlockMap, length: u64) -> tempfile::NamedTempFile {
    use std::os::unix::fs::FileExt;

    let card = tempfile::NamedTempFile::new().expect("a temporary file");
    let rubbish = vec![0xa5; 1 << 20];
    let mut used = used.clone();
    // Free space is sampled, to keep the card small: the first MiB of each free run.
    let mut behind = 0;
    used.insert_bytes(length, 1);
    for run in used.runs() {
        let (start, end) = (run.start * super::BLOCK, (run.end * super::BLOCK).min(length));
        let free = usize::try_from(start - behind).unwrap_or(usize::MAX).min(rubbish.len());
        card.as_file().write_all_at(&rubbish[..free], behind).expect("rubbish");
        let mut content = vec![0; usize::try_from(end.saturating_sub(start)).expect("it fits into memory")];
        image.read_exact_at(&mut content, start).expect("the image's blocks");
        card.as_file().write_all_at(&content, start).expect("the image's blocks");
        behind = end;
    }
    card.as_file().set_len(length).expect("the card's length");
    card
}
