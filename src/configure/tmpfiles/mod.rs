//! What `systemd-tmpfiles --create <files>` leaves on disk when a package is configured (tmpfiles.d(5)).
//!
//! Only files that outlive a boot are made: the node mounts `/run`, `/dev`, `/proc` and `/sys` anew at every boot and
//! then applies their lines itself. Also passed over are lines for boot only (`!`), for credentials (`^`), with
//! specifiers of a machine (`%m`, `%b`, …), removals (r R x X), file attributes and ACLs (h H t T a A), writes into
//! existing files (w), and devices (c b).

mod line;

use std::collections::BTreeMap;

use crate::tree::pattern::{Backslash, matches};
use crate::tree::{Kind, Meta, Node, TreePath};

use super::{ConfigureError, Context};
use line::Line;

/// File systems that are not on the disk.
const VOLATILE: [&str; 4] = ["run", "dev", "proc", "sys"];

/// Applies the named files. One in `/etc/tmpfiles.d` stands in for its namesake in `/usr/lib/tmpfiles.d`; a name that
/// is in neither is an error, as it is for systemd-tmpfiles.
pub fn create(context: &mut Context<'_>, files: &[String]) -> Result<(), ConfigureError> {
    // Scripts ask for the program first: a system without systemd has nothing to run.
    if !context.exists("usr/bin/systemd-tmpfiles")? {
        return Ok(());
    }
    let mut lines = BTreeMap::new();
    for file in files {
        let found = ["etc/tmpfiles.d", "usr/lib/tmpfiles.d"].iter().map(|folder| format!("{folder}/{file}"));
        let mut place = None;
        for path in found {
            if place.is_none() && context.exists(&path)? {
                place = Some(path);
            }
        }
        let Some(place) = place else {
            let what = "is no file in tmpfiles.d, and a script names it".to_owned();
            return Err(ConfigureError::Malformed { path: file.clone(), what });
        };
        for line in line::lines(&place, &context.read(&place)?)? {
            let volatile = VOLATILE.iter().any(|volatile| line.path.components().next() == Some(volatile.as_bytes()));
            if !volatile {
                // The first line for a path decides; adjustments are kept beside what makes it. Paths in order put
                // directories before what is in them.
                lines.entry((line.is_adjustment(), line.path.clone())).or_insert(line);
            }
        }
    }
    lines.values().try_for_each(|line| apply(context, line))
}

fn apply(context: &mut Context<'_>, line: &Line) -> Result<(), ConfigureError> {
    let resolved = context.tree.resolve_parent(&line.path)?;
    let there = context.tree.contains(&resolved);
    match line.kind {
        'd' | 'D' | 'v' | 'q' | 'Q' if !there => {
            let meta = owned(context, line, context.directory())?;
            make_parent(context, &resolved)?;
            context.tree.insert(resolved, Node::new(Kind::Directory, meta))?;
        }
        'd' | 'D' | 'v' | 'q' | 'Q' | 'e' | 'm' | 'z' if there => adjust(context, line, &resolved)?,
        'z' => {
            // Paths of adjustments are patterns; only the last component of those in use ever has one.
            let Some(parent) = resolved.parent() else { return Ok(()) };
            let pattern = String::from_utf8_lossy(resolved.name().unwrap_or_default()).into_owned();
            let matching: Vec<TreePath> = context
                .tree
                .children(&parent)
                .map(|(path, _)| path.clone())
                .filter(|path| path.name().is_some_and(|name| matches(pattern.as_bytes(), name, Backslash::Escapes)))
                .collect();
            matching.iter().try_for_each(|path| adjust(context, line, path))?;
        }
        'Z' if there => {
            adjust(context, line, &resolved)?;
            let below: Vec<TreePath> = context.tree.below(&resolved).map(|(path, _)| path.clone()).collect();
            below.iter().try_for_each(|path| adjust(context, line, path))?;
        }
        'f' if !there || line.replace => {
            let meta = owned(context, line, context.file())?;
            let content = line.argument.clone().unwrap_or_default();
            make_parent(context, &resolved)?;
            context.tree.insert(resolved, Node::new(Kind::File(content.into()), meta))?;
        }
        'p' if !there => {
            let meta = owned(context, line, context.file())?;
            make_parent(context, &resolved)?;
            context.tree.insert(resolved, Node::new(Kind::Fifo, meta))?;
        }
        'L' if !there || line.replace => {
            let target = line.argument.clone().unwrap_or_else(|| format!("../usr/share/factory/{}", line.path));
            let real = context.tree.get(&resolved).is_some_and(Node::is_directory);
            if real || (line.only_if_source && !leads_somewhere(context, &resolved, &target)?) {
                return Ok(());
            }
            context.symlink(&resolved.to_string(), &target)?;
        }
        'C' if !there => copy(context, line, &resolved)?,
        _ => {}
    }
    Ok(())
}

/// `C`: the source (by default what `/usr/share/factory` has for the path) with all below it, if it is there.
fn copy(context: &mut Context<'_>, line: &Line, to: &TreePath) -> Result<(), ConfigureError> {
    let source = line.argument.clone().unwrap_or_else(|| format!("usr/share/factory/{}", line.path));
    let source = context.tree.resolve(&Context::path(&source)?)?;
    let Some(top) = context.tree.get(&source).cloned() else { return Ok(()) };
    let meta = owned(context, line, top.meta)?;
    let below: Vec<(Vec<u8>, Node)> = context
        .tree
        .below(&source)
        .map(|(path, node)| (path.as_bytes()[source.as_bytes().len()..].to_vec(), node.clone()))
        .collect();
    make_parent(context, to)?;
    context.tree.insert(to.clone(), Node { meta, ..top })?;
    for (rest, node) in below {
        context.tree.insert(TreePath::new([to.as_bytes(), &rest].concat())?, node)?;
    }
    Ok(())
}

/// Mode and owners that a line gives what is there already. `:` in front of one means "only when it is made".
fn adjust(context: &mut Context<'_>, line: &Line, path: &TreePath) -> Result<(), ConfigureError> {
    let user = line.user.as_ref().filter(|user| !user.only_new).map(|user| context.user(&user.value)).transpose()?;
    let group =
        line.group.as_ref().filter(|group| !group.only_new).map(|group| context.group(&group.value)).transpose()?;
    let Some(node) = context.tree.get_mut(path) else { return Ok(()) };
    if let Some(mode) = line.mode.as_ref().filter(|mode| !mode.only_new) {
        node.meta.mode = if line.mask_mode { masked(mode.value, node) } else { mode.value };
    }
    node.meta.uid = user.unwrap_or(node.meta.uid);
    node.meta.gid = group.unwrap_or(node.meta.gid);
    Ok(())
}

/// `~`: read, write and execute bits only where the file has one of the kind already.
fn masked(mode: u16, node: &Node) -> u16 {
    let directory = node.is_directory();
    let keep = |bits: u16| if node.meta.mode & bits != 0 { bits } else { 0 };
    let special = if directory { 0o7000 } else { 0 };
    mode & (keep(0o444) | keep(0o222) | if directory { 0o111 } else { keep(0o111) } | special)
}

fn owned(context: &Context<'_>, line: &Line, default: Meta) -> Result<Meta, ConfigureError> {
    let uid = line.user.as_ref().map(|user| context.user(&user.value)).transpose()?.unwrap_or(0);
    let gid = line.group.as_ref().map(|group| context.group(&group.value)).transpose()?.unwrap_or(0);
    Ok(Meta {
        mode: line.mode.as_ref().map_or(default.mode, |mode| mode.value),
        uid,
        gid,
        mtime: context.options.epoch,
    })
}

fn make_parent(context: &mut Context<'_>, path: &TreePath) -> Result<(), ConfigureError> {
    let meta = context.directory();
    path.parent().map_or(Ok(()), |parent| Ok(context.tree.make_directories(&parent, meta)?))
}

/// Whether a link's target is there, seen from the folder the link stands in.
fn leads_somewhere(context: &Context<'_>, link: &TreePath, target: &str) -> Result<bool, ConfigureError> {
    let mut place = if target.starts_with('/') { TreePath::root() } else { link.parent().unwrap_or_default() };
    for component in target.split('/') {
        place = match component {
            "" | "." => place,
            ".." => place.parent().unwrap_or_default(),
            name => place.join(name.as_bytes()),
        };
    }
    let end = context.tree.resolve(&place)?;
    Ok(context.tree.contains(&end))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{options, tree};
    use super::*;

    fn created(conf: &str) -> crate::tree::Tree {
        let (mut tree, options) = (tree(), options());
        let mut context = Context::new(&mut tree, &[], &options);
        context.write("usr/bin/systemd-tmpfiles", "", context.file()).expect("fresh");
        context.write("var/log/old/file", "", context.file().with_mode(0o600)).expect("fresh");
        context.write("usr/lib/tmpfiles.d/x.conf", conf.to_owned(), context.file()).expect("fresh");
        create(&mut context, &["x.conf".to_owned()]).expect("applied");
        tree
    }

    fn meta(tree: &crate::tree::Tree, path: &str) -> (u16, u32, u32) {
        let node = tree.get(&TreePath::new(path).expect("valid")).expect("made");
        (node.meta.mode, node.meta.uid, node.meta.gid)
    }

    #[test]
    fn directories_are_made_and_adjusted() {
        let tree = created("d /var/lib/new 2750 kit kit -\nd /var/log/old 0700 - kit -\nd /var/log - - -\nd /run/x\n");
        assert_eq!(meta(&tree, "var/lib/new"), (0o2750, 77, 78));
        assert_eq!(meta(&tree, "var/log/old"), (0o700, 0, 78));
        assert_eq!(meta(&tree, "var/log"), (0o755, 0, 0));
        assert!(!tree.contains(&TreePath::new("run/x").expect("valid")));
    }

    #[test]
    fn links_and_files_keep_what_is_there_unless_told_otherwise() {
        let conf = "L /etc/passwd - - - - elsewhere\nL+ /etc/group - - - - elsewhere\nL? /etc/no - - - - ../none\n\
                    L? /etc/yes - - - - ../var/log\nf /etc/new 0600 kit - - some text\n";
        let tree = created(conf);
        let target =
            |path| tree.get(&TreePath::new(path).expect("valid")).and_then(|node| node.target().map(<[u8]>::to_vec));
        assert_eq!(target("etc/passwd"), None);
        assert_eq!(target("etc/group").as_deref(), Some(&b"elsewhere"[..]));
        assert_eq!(target("etc/no"), None);
        assert_eq!(target("etc/yes").as_deref(), Some(&b"../var/log"[..]));
        assert_eq!(tree.read(&TreePath::new("etc/new").expect("valid")).expect("made"), "some text");
    }

    #[test]
    fn adjustments_reach_what_a_pattern_names() {
        let tree = created("z /var/log/o* 0750 kit kit -\nZ /var/log ~0666 - - -\n");
        // 0600 has read and write bits, so all of those may be set, but none to execute.
        assert_eq!(meta(&tree, "var/log/old/file"), (0o666, 0, 0));
        assert_eq!(meta(&tree, "var/log/old").1, 77);
    }
}
