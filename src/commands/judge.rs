//! The real programs as the judge of ours: a script leaves the same files behind and says the same.

use std::collections::BTreeMap;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;
use std::process::{Command, Stdio};

use super::{Script, Session, table};
use crate::configure::testing::{options, package};
use crate::configure::{ConfigureError, Context};
use crate::tree::{Kind, Meta, Tree, TreePath};

/// Status and standard output of a script, and what stands in its folder afterwards, a line for each.
type Seen = (i32, String, Vec<String>);

/// What the programs of this machine make of it.
fn theirs(script: &str) -> Seen {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = Command::new("/bin/dash");
    command.args(["-c", script]).current_dir(folder.path()).env_clear();
    command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("LC_ALL", "C").stdin(Stdio::null());
    let output = command.output().expect("dash");
    let mut seen = Vec::new();
    let mut names = BTreeMap::new();
    list(folder.path(), "", &mut seen, &mut names);
    seen.sort();
    (output.status.code().expect("an end"), String::from_utf8_lossy(&output.stdout).into_owned(), seen)
}

fn list(folder: &Path, prefix: &str, seen: &mut Vec<String>, names: &mut BTreeMap<u64, String>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("one")).collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let path = entry.path();
        let metadata = path.symlink_metadata().expect("there");
        let first = names.entry(metadata.ino()).or_insert_with(|| name.clone()).clone();
        let what = if metadata.is_dir() {
            "folder".to_owned()
        } else if metadata.is_symlink() {
            format!("-> {}", path.read_link().expect("a link").display())
        } else if metadata.file_type().is_fifo() {
            "fifo".to_owned()
        } else {
            format!("{:?} as {first}", std::fs::read_to_string(&path).expect("text"))
        };
        seen.push(line(&name, metadata.mode() & 0o7777, metadata.uid(), metadata.gid(), &what));
        if metadata.is_dir() {
            list(&path, &format!("{name}/"), seen, names);
        }
    }
}

fn line(name: &str, mode: u32, uid: u32, gid: u32, what: &str) -> String {
    // Linux does not look at the mode of a link.
    let mode = if what.starts_with("->") { 0o777 } else { mode };
    format!("{name} {mode:o} {uid}:{gid} {what}")
}

/// What ours make of it.
fn ours(script: &str) -> Result<Seen, String> {
    let mut tree = Tree::new(Meta::directory(0));
    let options = options();
    let packages = [package("Package: a\nVersion: 1\nArchitecture: all\n", &[])];
    let mut context = Context::new(&mut tree, &packages, &options);
    prepare(&mut context).expect("a fresh tree");
    let text = format!("cd /w\n{script}");
    let mut session = Session::new(&mut context, &packages[0]);
    let script = Script { name: "postinst", text: text.as_bytes(), arguments: &[] };
    let outcome = session.run_script(&packages[0], script).map_err(|stop| stop.to_string())?;
    let root = TreePath::new("w").expect("valid");
    let mut names = BTreeMap::new();
    let mut seen: Vec<String> = tree
        .below(&root)
        .map(|(path, node)| {
            let name = path.to_string()["w/".len()..].to_owned();
            let first = names.entry(tree.id(path)).or_insert_with(|| name.clone()).clone();
            let what = match &node.kind {
                Kind::Directory => "folder".to_owned(),
                Kind::Symlink(target) => format!("-> {}", String::from_utf8_lossy(target)),
                Kind::File(content) => {
                    format!("{:?} as {first}", String::from_utf8_lossy(&content.bytes().expect("bytes")))
                }
                Kind::Fifo => "fifo".to_owned(),
                other => format!("{other:?}"),
            };
            line(&name, node.meta.mode.into(), node.meta.uid, node.meta.gid, &what)
        })
        .collect();
    seen.sort();
    Ok((outcome.status, String::from_utf8_lossy(&outcome.output).into_owned(), seen))
}

/// The accounts of this machine, and programs that are there to be found.
pub(super) fn prepare(context: &mut Context<'_>) -> Result<(), ConfigureError> {
    for table in ["etc/passwd", "etc/group"] {
        let text = std::fs::read(format!("/{table}")).expect("accounts");
        context.write(table, text, context.file())?;
    }
    for name in table::names().filter(|name| !name.starts_with(['/', '*'])) {
        context.write(&format!("usr/bin/{name}"), "\u{7f}ELF", context.file().with_mode(0o755))?;
    }
    context.make_directory("tmp", context.directory().with_mode(0o1777))?;
    context.make_directory("w", context.directory().with_mode(0o700))
}

pub(super) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Scripts of which ours make something else than the real programs, with both. Lines of output in any order: real folders
/// have an order of their own.
pub(super) fn disagreements(scripts: &[&str]) -> Vec<String> {
    let in_order = |seen: Seen| {
        let mut lines: Vec<String> = seen.1.lines().map(str::to_owned).collect();
        lines.sort();
        (seen.0, lines, seen.2)
    };
    let mut wrong = Vec::new();
    for script in scripts {
        let (ours, theirs) = (ours(script).map(in_order), in_order(theirs(script)));
        if ours.as_ref() != Ok(&theirs) {
            wrong.push(format!("{script}\n  ours:   {ours:?}\n  theirs: {theirs:?}"));
        }
    }
    wrong
}
