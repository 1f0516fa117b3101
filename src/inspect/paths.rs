//! What two file systems hold, path by path: kind, mode, owner, time, target, extended attributes, content.
//!
//! Times are those of the content, in seconds. The other times of an inode are seen among the bytes that differ.

use std::collections::HashMap;

use super::{Change, Difference, Side, Volume, content};
use crate::archive::time::rfc3339;
use crate::disk::{EntryKind, ListingEntry};
use crate::tree::TreePath;

/// Every difference between the paths of `a` and `b`.
pub(super) fn compare(a: &Volume, b: &Volume) -> Vec<Difference> {
    let mut differences = Vec::new();
    let (links_a, links_b) = (a.listing.inodes(), b.listing.inodes());
    let mut paths: Vec<&TreePath> = a.listing.iter().chain(b.listing.iter()).map(|(path, _)| path).collect();
    paths.sort();
    paths.dedup();
    let mut told: Option<&TreePath> = None;
    for path in paths {
        // A directory that is in one of them only stands for all in it.
        if told.is_some_and(|told| path.is_below(told)) {
            continue;
        }
        let mut changes = Vec::new();
        match (a.listing.get(path), b.listing.get(path)) {
            (Some(in_a), Some(in_b)) => {
                attributes(in_a, in_b, &mut changes);
                let first = |links: &HashMap<u32, &TreePath>, entry: &ListingEntry| {
                    entry.inode.and_then(|inode| links.get(&inode).copied()).filter(|first| *first != path).cloned()
                };
                let (link_a, link_b) = (first(&links_a, in_a), first(&links_b, in_b));
                let shown = |link: &Option<TreePath>| link.as_ref().map(|path| format!("/{path}"));
                attribute("hard link to", shown(&link_a), shown(&link_b), &mut changes);
                let files = in_a.kind == EntryKind::File && in_b.kind == EntryKind::File;
                if files && (link_a.is_none() || link_a != link_b) {
                    changes.extend(contents((a, in_a), (b, in_b), path));
                }
            }
            (Some(entry), None) => changes.push(only(Side::A, a, path, entry)),
            (None, Some(entry)) => changes.push(only(Side::B, b, path, entry)),
            (None, None) => {}
        }
        if let [Change::Only { .. }] = changes.as_slice() {
            told = Some(path);
        }
        let (partition, path) = (a.partition.number, format!("/{path}"));
        let found = changes.into_iter().map(|change| Difference::Path { partition, path: path.clone(), change });
        differences.extend(found);
    }
    differences
}

/// How the contents of a file differ. One that cannot be read is remembered with its volume.
fn contents(
    (a, in_a): (&Volume, &ListingEntry),
    (b, in_b): (&Volume, &ListingEntry),
    path: &TreePath,
) -> Option<Change> {
    let content_a = a.content(path, in_a).map_err(|error| a.cannot_read(path, error.to_string())).ok()?;
    let content_b = b.content(path, in_b).map_err(|error| b.cannot_read(path, error.to_string())).ok()?;
    content::compare((content_a, in_a.size), (content_b, in_b.size)).unwrap_or_else(|error| {
        a.cannot_read(path, error.to_string());
        None
    })
}

fn only(side: Side, volume: &Volume, path: &TreePath, entry: &ListingEntry) -> Change {
    let what = match &entry.kind {
        EntryKind::File => format!("file of {} bytes", entry.size),
        EntryKind::Symlink(target) => format!("symbolic link to {}", String::from_utf8_lossy(target)),
        other => other.name().to_owned(),
    };
    Change::Only { side, what, below: volume.listing.below(path).count() }
}

/// Kind, mode, owner, time and extended attributes.
fn attributes(a: &ListingEntry, b: &ListingEntry, changes: &mut Vec<Change>) {
    let mut each = |name: &str, of: &dyn Fn(&ListingEntry) -> Option<String>| attribute(name, of(a), of(b), changes);
    each("kind", &|entry| Some(entry.kind.name().to_owned()));
    each("mode", &|entry| entry.mode.map(|mode| format!("{mode:04o}")));
    each("owner", &|entry| entry.owner.map(|(user, group)| format!("{user}:{group}")));
    each("time", &|entry| Some(rfc3339(entry.mtime)));
    each("target", &|entry| match &entry.kind {
        EntryKind::Symlink(target) => Some(String::from_utf8_lossy(target).into_owned()),
        _ => None,
    });
    each("device", &|entry| match &entry.kind {
        EntryKind::CharDevice { major, minor } | EntryKind::BlockDevice { major, minor } => {
            Some(format!("{major}:{minor}"))
        }
        _ => None,
    });
    let mut names: Vec<&String> = a.attributes.keys().chain(b.attributes.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        each(&format!("attribute {name}"), &|entry| entry.attributes.get(name).map(|value| shown(value)));
    }
}

fn attribute(name: &str, a: Option<String>, b: Option<String>, changes: &mut Vec<Change>) {
    if a != b {
        changes.push(Change::Attribute { name: name.to_owned(), a, b });
    }
}

/// An attribute's value: text as it is, else hexadecimal.
fn shown(value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok("") => "set".to_owned(),
        Ok(text) if !text.chars().any(char::is_control) => text.to_owned(),
        _ => hex::encode(value),
    }
}
