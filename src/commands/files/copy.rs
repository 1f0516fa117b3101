//! cp and install.

use std::collections::BTreeMap;

use crate::commands::answer::{Answer, done, failed, shown};
use crate::commands::arguments::{Given, parse};
use crate::commands::session::Session;
use crate::shell::{Call, Text, WorldError};
use crate::tree::{Kind, Meta, Node, NodeId, TreePath};

use super::attributes::{group_id, user_id};
use super::make::folders;
use super::mode::Mode;
use super::{at, joined, last_part};

/// What a copy keeps of its source.
#[derive(Debug, Clone, Copy, Default)]
struct Keep {
    mode: bool,
    owner: bool,
    times: bool,
    links: bool,
    xattrs: bool,
}

/// How a copy is made.
struct Copying {
    keep: Keep,
    recursive: bool,
    /// Links of operands, and links below them, are followed.
    follow: (bool, bool),
    force: bool,
    no_clobber: bool,
    update: bool,
    remove_first: bool,
    umask: u16,
    /// Files that were copied, with their first copy.
    copied: BTreeMap<NodeId, TreePath>,
}

/// `cp [-aRrdpfLPHnuTv] [--preserve[=…]] [--remove-destination] SOURCE… TARGET`
pub(super) fn cp(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let known = [
        "a|archive",
        "R|r|recursive",
        "d",
        "p",
        "f|force",
        "L|dereference",
        "P|no-dereference",
        "H",
        "n|no-clobber",
        "u|update",
        "T|no-target-directory",
        "v|verbose",
        "t|target-directory=",
        "preserve=?",
        "no-preserve=",
        "remove-destination",
        "reflink=?",
        "sparse=",
        "x|one-file-system",
        "Z",
    ];
    let given = parse(call, &known)?;
    let keep = kept(&given)?;
    let archive = given.has("a");
    let recursive = archive || given.has("R");
    // What of -L, -P, -H, -d and -a stands last counts.
    let last = given.options.iter().rev().find(|(option, _)| matches!(*option, "L" | "P" | "H" | "d" | "a"));
    let follow = match last.map(|(option, _)| *option) {
        Some("L") => (true, true),
        Some("H") => (true, false),
        Some(_) => (false, false),
        None => (!recursive, !recursive),
    };
    let mut copying = Copying {
        keep,
        recursive,
        follow,
        force: given.has("f"),
        no_clobber: given.has("n"),
        update: given.has("u"),
        remove_first: given.has("remove-destination"),
        umask: call.umask,
        copied: BTreeMap::new(),
    };
    let (sources, target, into) = targets(session, call, &given)?;
    let mut errors = Vec::new();
    for source in &sources {
        let target = if into { joined(&target, last_part(source)) } else { target.clone() };
        match copying.one(session, &at(call, source), &target) {
            Ok(()) => {}
            Err(WorldError::Failed(reason)) => errors.push(reason),
            Err(error) => return Err(error),
        }
    }
    if errors.is_empty() { done() } else { failed(errors.join("\n")) }
}

/// Sources, the target, and whether the sources go into it.
fn targets(session: &Session<'_, '_>, call: &Call<'_>, given: &Given) -> Result<(Vec<Text>, Text, bool), WorldError> {
    match (given.value("t"), given.operands.as_slice()) {
        (Some(folder), sources) => Ok((sources.to_vec(), at(call, folder), true)),
        (None, [sources @ .., target]) if !sources.is_empty() => {
            let path = at(call, target);
            let into = !given.has("T") && session.is_folder(&path)?;
            if sources.len() > 1 && !into {
                return failed(format!("target '{}' is not a directory", shown(target)));
            }
            Ok((sources.to_vec(), path, into))
        }
        _ => failed("missing destination file operand"),
    }
}

fn kept(given: &Given) -> Result<Keep, WorldError> {
    let mut keep = Keep::default();
    for (option, value) in &given.options {
        match (*option, value.as_deref()) {
            ("a", _) => keep = Keep { mode: true, owner: true, times: true, links: true, xattrs: true },
            ("d", _) => keep.links = true,
            ("p", _) | ("preserve", None) => keep = Keep { mode: true, owner: true, times: true, ..keep },
            ("preserve" | "no-preserve", Some(list)) => {
                for name in list.split(|byte| *byte == b',') {
                    let on = *option == "preserve";
                    match name {
                        b"mode" => keep.mode = on,
                        b"ownership" => keep.owner = on,
                        b"timestamps" => keep.times = on,
                        b"links" => keep.links = on,
                        b"xattr" => keep.xattrs = on,
                        b"context" => {}
                        b"all" => keep = Keep { mode: on, owner: on, times: on, links: on, xattrs: on },
                        _ => return failed(format!("invalid argument ‘{}’ for ‘--{option}’", shown(name))),
                    }
                }
            }
            _ => {}
        }
    }
    Ok(keep)
}

impl Copying {
    fn one(&mut self, session: &mut Session<'_, '_>, source: &[u8], target: &[u8]) -> Result<(), WorldError> {
        let follow = self.follow.0;
        if crate::commands::places::is_empty_device(source) {
            return self.file(session, target, &Node::new(Kind::File(Vec::new().into()), Meta::file(0)), None);
        }
        let from = session.place(source, follow)?;
        let node = session.node(&from)?.clone();
        let id = session.context.tree.id(&from);
        if !node.is_directory() {
            return self.file(session, target, &node, id);
        }
        if !self.recursive {
            return failed(format!("-r not specified; omitting directory '{}'", shown(source)));
        }
        let below: Vec<TreePath> = session.context.tree.below(&from).map(|(path, _)| path.clone()).collect();
        if session.new_place(target, true).is_ok_and(|to| to == from || to.is_below(&from)) {
            return failed(format!("cannot copy a directory, '{}', into itself", shown(source)));
        }
        self.folder(session, target, &node)?;
        for path in below {
            let node = session.node(&path)?.clone();
            let to = [target, &path.as_bytes()[from.as_bytes().len()..]].concat();
            let id = session.context.tree.id(&path);
            match &node.kind {
                Kind::Directory => self.folder(session, &to, &node)?,
                Kind::Symlink(_) if self.follow.1 => {
                    let path = format!("/{path}").into_bytes();
                    let real = session.place(&path, true)?;
                    let real_node = session.node(&real)?.clone();
                    if real_node.is_directory() {
                        return crate::commands::answer::refused("`cp -L` of a link to a folder is not done here");
                    }
                    self.file(session, &to, &real_node, session.context.tree.id(&real))?;
                }
                _ => self.file(session, &to, &node, id)?,
            }
        }
        Ok(())
    }

    fn folder(&self, session: &mut Session<'_, '_>, target: &[u8], source: &Node) -> Result<(), WorldError> {
        let trimmed = target.strip_suffix(b"/").unwrap_or(target);
        if session.is_folder(trimmed)? {
            if self.keep.mode {
                let place = session.place(trimmed, true)?;
                let meta = self.meta(session, source);
                session.node_mut(&place)?.meta = meta;
            }
            return Ok(());
        }
        let place = session.new_place(trimmed, false)?;
        if session.context.tree.contains(&place) {
            return failed(format!("cannot overwrite non-directory '{}' with directory", shown(target)));
        }
        let node = Node { kind: Kind::Directory, meta: self.meta(session, source), xattrs: self.xattrs(source) };
        self.put(session, target, &place, node)
    }

    fn file(
        &mut self,
        session: &mut Session<'_, '_>,
        target: &[u8],
        source: &Node,
        id: Option<NodeId>,
    ) -> Result<(), WorldError> {
        if crate::commands::places::is_empty_device(target) {
            return Ok(());
        }
        let is_link = source.target().is_some();
        // A file is written through a link that stands in its place; a link takes its place.
        let exact = session.new_place(target, false)?;
        let there = session.context.tree.get(&exact);
        if there.is_some() && self.no_clobber {
            return Ok(());
        }
        if let Some(there) = there {
            if there.is_directory() {
                return failed(format!("cannot overwrite directory '{}' with non-directory", shown(target)));
            }
            if self.update && there.meta.mtime >= source.meta.mtime {
                return Ok(());
            }
            if id.is_some() && session.context.tree.id(&exact) == id {
                return failed(format!("'{}' is the same file as its source", shown(target)));
            }
            if is_link && there.target().is_none() && !self.force && !self.recursive {
                return failed(format!("cannot create symbolic link '{}': File exists", shown(target)));
            }
        }
        let dangles =
            there.is_some_and(|there| there.target().is_some()) && session.place_if_there(target, true)?.is_none();
        if dangles && !is_link && !self.remove_first {
            return failed(format!("not writing through dangling symlink '{}'", shown(target)));
        }
        if self.remove_first || is_link {
            session.context.tree.remove(&exact);
        }
        if let Some(first) = id.filter(|_| self.keep.links).and_then(|id| self.copied.get(&id)).cloned() {
            session.context.tree.remove(&exact);
            return session.context.tree.hard_link(exact, &first).or_else(|error| failed(error.to_string()));
        }
        let place = if is_link { exact } else { session.new_place(target, true)? };
        match session.context.tree.get_mut(&place) {
            Some(old) => {
                // The file that stood there stays, with another content.
                old.kind = source.kind.clone();
                let meta = self.meta(session, source);
                let xattrs = self.xattrs(source);
                let keep = self.keep;
                let epoch = session.context.options.epoch;
                let old = session.node_mut(&place)?;
                old.meta = Meta {
                    mode: if keep.mode { meta.mode } else { old.meta.mode },
                    uid: if keep.owner { meta.uid } else { old.meta.uid },
                    gid: if keep.owner { meta.gid } else { old.meta.gid },
                    mtime: if keep.times { meta.mtime } else { epoch },
                };
                if keep.xattrs {
                    old.xattrs = xattrs;
                }
            }
            None => {
                let meta = if is_link && !self.keep.owner {
                    Meta::file(session.context.options.epoch).with_mode(0o777)
                } else {
                    self.meta(session, source)
                };
                let node = Node { kind: source.kind.clone(), meta, xattrs: self.xattrs(source) };
                self.put(session, target, &place, node)?;
            }
        }
        if let Some(id) = id {
            self.copied.insert(id, place);
        }
        Ok(())
    }

    fn put(&self, session: &mut Session<'_, '_>, path: &[u8], place: &TreePath, node: Node) -> Result<(), WorldError> {
        let wanted = node.meta;
        session.make(path, place.clone(), node)?;
        if self.keep.owner {
            // A folder with setgid gives its group to what is made in it, and a copy that keeps its owner takes it back.
            session.node_mut(place)?.meta = wanted;
        }
        Ok(())
    }

    fn meta(&self, session: &Session<'_, '_>, source: &Node) -> Meta {
        let Meta { mode, uid, gid, mtime } = source.meta;
        Meta {
            mode: if self.keep.mode { mode } else { mode & 0o777 & !self.umask },
            uid: if self.keep.owner { uid } else { 0 },
            gid: if self.keep.owner { gid } else { 0 },
            mtime: if self.keep.times { mtime } else { session.context.options.epoch },
        }
    }

    fn xattrs(&self, source: &Node) -> BTreeMap<String, Text> {
        if self.keep.xattrs { source.xattrs.clone() } else { BTreeMap::new() }
    }
}

/// `install [-dDpTv] [-m MODE] [-o OWNER] [-g GROUP] [-t FOLDER] SOURCE… TARGET`
pub(super) fn install(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let known = [
        "d|directory",
        "D",
        "p|preserve-timestamps",
        "T|no-target-directory",
        "v|verbose",
        "c",
        "Z",
        "m|mode=",
        "o|owner=",
        "g|group=",
        "t|target-directory=",
    ];
    let given = parse(call, &known)?;
    let owner = given.text("o")?.map(|name| user_id(session, &name)).transpose()?;
    let group = given.text("g")?.map(|name| group_id(session, &name)).transpose()?;
    let invalid = |mode: &[u8]| WorldError::Failed(format!("invalid mode ‘{}’", shown(mode)));
    let mode = given.value("m").map(|mode| Mode::parse(mode).ok_or_else(|| invalid(mode))).transpose()?;
    // Modes of clauses count from nothing here, and the umask does not matter.
    let finished = |session: &mut Session<'_, '_>, path: &[u8]| -> Result<(), WorldError> {
        let place = session.place(path, true)?;
        let node = session.node_mut(&place)?;
        let is_folder = node.is_directory();
        node.meta.mode = mode.as_ref().map_or(0o755, |mode| mode.applied(0, is_folder, 0));
        node.meta.uid = owner.unwrap_or(0);
        node.meta.gid = group.unwrap_or(node.meta.gid);
        Ok(())
    };
    if given.has("d") {
        for operand in &given.operands {
            let path = at(call, operand);
            folders(session, &path, 0o022)?;
            finished(session, &path)?;
        }
        return done();
    }
    if given.has("D") {
        let target = given.value("t").or(given.operands.last().map(Vec::as_slice)).unwrap_or_default();
        let path = at(call, target);
        let end = path.len() - last_part(&path).len();
        folders(session, if given.has("t") { &path } else { &path[..end] }, 0o022)?;
    }
    let (sources, target, into) = targets(session, call, &given)?;
    for source in &sources {
        let target = if into { joined(&target, last_part(source)) } else { target.clone() };
        let from = at(call, source);
        if session.is_folder(&from)? {
            return failed(format!("omitting directory '{}'", shown(&from)));
        }
        let content = session.content(&from)?;
        let before = session.tells(&from, true)?.map_or(0, |status| status.modified);
        let place = session.new_place(&target, false)?;
        if session.is_folder(&target)? {
            return failed(format!("cannot overwrite directory '{}'", shown(&target)));
        }
        let epoch = session.context.options.epoch;
        let mtime = if given.has("p") { before } else { epoch };
        session.context.tree.remove(&place);
        let node = Node::new(Kind::File(content), Meta { mtime, ..Meta::file(epoch) });
        session.make(&target, place, node)?;
        finished(session, &target)?;
    }
    done()
}
