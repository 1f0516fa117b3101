//! dash as the judge: what it says of a script, we say.

mod folder;
mod generated;
mod snippets;

use std::path::Path;
use std::process::{Command, Stdio};

use super::{Invocation, Limits, run};
use folder::Folder;

/// What came of a script: its status, what it wrote, and the files that it left, by name.
#[derive(Debug, PartialEq, Eq)]
struct Result {
    status: i32,
    output: String,
    files: Vec<(String, String)>,
}

/// dash's word on a script that is run in a fresh folder. None when it took too long.
fn dash(script: &str) -> Option<Result> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = Command::new("timeout");
    command.args(["5", "/bin/dash", "-c", script, "script", "one", "two words"]);
    command.current_dir(folder.path()).env_clear().env("PATH", "/bin");
    let output = command.stdin(Stdio::null()).output().expect("dash, and timeout of coreutils");
    let status = output.status.code()?;
    if status == 124 {
        return None;
    }
    let output = String::from_utf8_lossy(&output.stdout).into_owned();
    Some(Result { status, output, files: files(folder.path()) })
}

/// Ours.
fn ours(script: &str) -> std::result::Result<Result, super::Stop> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut world = Folder::new(folder.path());
    let invocation = Invocation {
        script: script.into(),
        name: b"script".to_vec(),
        arguments: vec![b"one".to_vec(), b"two words".to_vec()],
        environment: [(b"PATH".to_vec(), b"/bin".to_vec())].into(),
        limits: Limits { steps: 200_000, ..Limits::default() },
        ..Invocation::default()
    };
    let outcome = run(&mut world, invocation)?;
    let output = String::from_utf8_lossy(&outcome.output).into_owned();
    Ok(Result { status: outcome.status, output, files: files(folder.path()) })
}

fn files(folder: &Path) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    let content = |path: &Path| String::from_utf8_lossy(&std::fs::read(path).expect("a file")).into_owned();
    let mut files: Vec<(String, String)> =
        entries.map(|entry| (entry.file_name().to_string_lossy().into_owned(), content(&entry.path()))).collect();
    files.sort();
    files
}

#[track_caller]
fn agree(script: &str) {
    let Some(judge) = dash(script) else { panic!("dash does not end:\n{script}") };
    assert_eq!(ours(script).as_ref(), Ok(&judge), "ours and dash's, of:\n{script}");
}
