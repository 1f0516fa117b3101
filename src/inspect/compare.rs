//! Two images, or a card and an image: everything in which they differ.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::Serialize;

use super::disk_bytes::{Span, differing};
use super::partitions::{Contents, PartitionReport};
use super::{Card, Change, Difference, InspectError, Partition, Share, Side, Volume, content};
use crate::archive::time::rfc3339;
use crate::disk::{Area, Areas, Entry, EntryKind, FileSystem, SECTOR};
use crate::tree::TreePath;

/// How many owners of bytes are named, those of the most bytes first.
const SHARES: usize = 20;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Whether bytes count that belong to nobody: free blocks, what is behind the last partition, the length.
    pub free_space: bool,
}

/// All differences, in the order of the disk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Comparison {
    pub differences: Vec<Difference>,
}

/// Compares two images or cards.
pub fn compare(a: &Card, b: &Card, options: Options) -> Result<Comparison, InspectError> {
    let mut comparison = Comparison::default();
    if options.free_space {
        comparison.property(None, "length in bytes", a.length, b.length);
    }
    let signature = |card: &Card| format!("{:08x}", card.table.signature);
    comparison.property(None, "disk signature", signature(a), signature(b));
    comparison.outside(a, b, options)?;
    for number in 1..=4 {
        let of = |card: &Card| card.partitions.iter().find(|partition| partition.number == number).copied();
        match (of(a), of(b)) {
            (Some(in_a), Some(in_b)) => comparison.partition((a, in_a), (b, in_b), options)?,
            (in_a, in_b) => comparison.optional(Some(number), "partition", in_a.map(described), in_b.map(described)),
        }
    }
    Ok(comparison)
}

fn described(partition: Partition) -> String {
    let record = partition.record;
    format!("type 0x{:02x}, {} sectors from {}", record.kind, record.sectors, record.start)
}

impl Comparison {
    pub fn is_empty(&self) -> bool {
        self.differences.is_empty()
    }

    fn property<T: PartialEq + ToString>(&mut self, partition: Option<usize>, name: &'static str, a: T, b: T) {
        self.optional(partition, name, Some(a), Some(b));
    }

    fn optional<T: PartialEq + ToString>(
        &mut self,
        partition: Option<usize>,
        name: &'static str,
        a: Option<T>,
        b: Option<T>,
    ) {
        if a != b {
            let [a, b] = [a, b].map(|value| value.map(|value| value.to_string()));
            self.differences.push(Difference::Property { partition, name, a, b });
        }
    }

    /// The bytes that are in no partition of either, without the table itself.
    fn outside(&mut self, a: &Card, b: &Card, options: Options) -> Result<(), InspectError> {
        let mut taken: Vec<Range<u64>> = [a, b]
            .into_iter()
            .flat_map(|card| &card.partitions)
            .map(|partition| partition.start..partition.start + partition.length)
            .collect();
        // The signature has been told already, the records are with their partitions.
        taken.push(440..444);
        taken.push(446..SECTOR);
        if !options.free_space {
            taken.push(SECTOR..u64::MAX);
        }
        taken.sort_by_key(|taken| taken.start);
        let mut tally = Tally::default();
        let (mut at, end) = (0, a.length.min(b.length));
        for part in taken.into_iter().chain(std::iter::once(end..end)) {
            let stop = part.start.min(end);
            if stop > at {
                let spans = [a, b].map(|card| Span { card, start: at });
                let compared = differing(spans[0], spans[1], stop - at, |run| {
                    tally.add(at + run.start..at + run.end, None);
                });
                compared.map_err(|error| a.fail(error))?;
            }
            at = at.max(part.end);
        }
        self.differences.extend(tally.difference(None));
        Ok(())
    }

    fn partition(
        &mut self,
        (card_a, a): (&Card, Partition),
        (card_b, b): (&Card, Partition),
        options: Options,
    ) -> Result<(), InspectError> {
        let number = Some(a.number);
        self.property(number, "type", format!("0x{:02x}", a.record.kind), format!("0x{:02x}", b.record.kind));
        self.property(number, "active", a.record.active, b.record.active);
        self.property(number, "first sector", a.record.start, b.record.start);
        self.property(number, "sectors", a.record.sectors, b.record.sectors);
        let (volume_a, volume_b) = (card_a.volume(&a)?, card_b.volume(&b)?);
        let facts = |partition: &Partition, volume: Option<&Volume>| PartitionReport::of(partition, Ok(volume));
        self.contents(a.number, &facts(&a, volume_a.as_ref())?.contents, &facts(&b, volume_b.as_ref())?.contents);
        let mut areas = None;
        if let (Some(volume_a), Some(volume_b)) = (&volume_a, &volume_b) {
            if let (FileSystem::Ext4(a), FileSystem::Ext4(b)) = (&volume_a.file_system, &volume_b.file_system) {
                let seed = |seed: [u32; 4]| seed.map(|word| format!("{word:08x}")).join("-");
                self.property(number, "hash seed", seed(a.facts().hash_seed), seed(b.facts().hash_seed));
            }
            if volume_a.is_fat() == volume_b.is_fat() {
                self.paths(volume_a, volume_b)?;
                areas = Some((volume_a.areas()?, volume_b.areas()?));
            }
        }

        let mut tally = Tally::default();
        let spans = [(card_a, a), (card_b, b)].map(|(card, partition)| Span { card, start: partition.start });
        let mut here = (0..0, Area::Free);
        let compared = differing(spans[0], spans[1], a.length.min(b.length), |run| {
            let Some((areas_a, areas_b)) = &areas else { return tally.add(run, None) };
            let mut at = run.start;
            while at < run.end {
                if !here.0.contains(&at) {
                    here = owner(areas_a, areas_b, at);
                }
                let end = run.end.min(here.0.end);
                if options.free_space || here.1 != Area::Free {
                    tally.add(at..end, Some(&here.1));
                }
                at = end;
            }
        });
        compared.map_err(|error| card_a.fail(error))?;
        self.differences.extend(tally.difference(number));
        Ok(())
    }

    /// What the file systems say of themselves, without what follows from the rest.
    fn contents(&mut self, number: usize, a: &Contents, b: &Contents) {
        let number = Some(number);
        match (a, b) {
            (
                Contents::Fat { variant, label, volume_id, size, .. },
                Contents::Fat { variant: variant_b, label: label_b, volume_id: id_b, size: size_b, .. },
            ) => {
                self.property(number, "file system", *variant, *variant_b);
                self.property(number, "label", label, label_b);
                self.property(number, "volume id", volume_id, id_b);
                self.property(number, "bytes of the file system", size, size_b);
            }
            (Contents::Ext4(a), Contents::Ext4(b)) => {
                self.property(number, "label", &a.label, &b.label);
                self.property(number, "UUID", &a.uuid, &b.uuid);
                self.property(number, "bytes of the file system", a.size, b.size);
                self.property(number, "inodes", a.inodes, b.inodes);
                self.property(number, "made", rfc3339(a.made), rfc3339(b.made));
                self.property(number, "last written", rfc3339(a.written), rfc3339(b.written));
                self.property(number, "mounts", a.mounts, b.mounts);
                self.property(number, "journal", a.journal, b.journal);
            }
            _ => {
                let name = |contents: &Contents| match contents {
                    Contents::Fat { variant, .. } => *variant,
                    Contents::Ext4(_) => "ext4",
                    Contents::Unread { .. } | Contents::Unknown => "unknown",
                };
                self.property(number, "file system", name(a), name(b));
            }
        }
    }

    fn paths(&mut self, a: &Volume, b: &Volume) -> Result<(), InspectError> {
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
                    let first = |links: &std::collections::HashMap<u32, &TreePath>, entry: &Entry| {
                        entry.inode.and_then(|inode| links.get(&inode).copied()).filter(|first| *first != path).cloned()
                    };
                    let (link_a, link_b) = (first(&links_a, in_a), first(&links_b, in_b));
                    let shown = |link: &Option<TreePath>| link.as_ref().map(|path| format!("/{path}"));
                    attribute("hard link to", shown(&link_a), shown(&link_b), &mut changes);
                    let files = in_a.kind == EntryKind::File && in_b.kind == EntryKind::File;
                    if files && (link_a.is_none() || link_a != link_b) {
                        let contents = ((a.content(path, in_a)?, in_a.size), (b.content(path, in_b)?, in_b.size));
                        let change = content::compare(contents.0, contents.1);
                        changes.extend(change.map_err(|error| a.fail(error))?);
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
            self.differences.extend(found);
        }
        Ok(())
    }
}

fn only(side: Side, volume: &Volume, path: &TreePath, entry: &Entry) -> Change {
    let what = match &entry.kind {
        EntryKind::File => format!("file of {} bytes", entry.size),
        EntryKind::Symlink(target) => format!("symbolic link to {}", String::from_utf8_lossy(target)),
        other => other.name().to_owned(),
    };
    Change::Only { side, what, below: volume.listing.below(path).count() }
}

/// Kind, mode, owner, time and extended attributes.
fn attributes(a: &Entry, b: &Entry, changes: &mut Vec<Change>) {
    let mut each = |name: &str, of: &dyn Fn(&Entry) -> Option<String>| attribute(name, of(a), of(b), changes);
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
        _ => value.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}

/// Whose byte it is, and of which bytes around it that holds. What is free in only one of the images is the other's.
fn owner(a: &Areas, b: &Areas, at: u64) -> (Range<u64>, Area) {
    // Owners that nobody knows change at sectors at most.
    let sector = at / SECTOR * SECTOR..(at / SECTOR + 1) * SECTOR;
    // Copies of the superblock, trees of extents, blocks of attributes.
    let unknown = Area::Records("the file system's own records");
    let [(range_a, area_a), (range_b, area_b)] = [a, b].map(|areas| areas.at(at).unwrap_or((sector.clone(), &unknown)));
    let range = range_a.start.max(range_b.start)..range_a.end.min(range_b.end);
    (range, if *area_a == Area::Free { area_b } else { area_a }.clone())
}

/// Counts bytes that differ, by owner.
#[derive(Debug, Default)]
struct Tally {
    bytes: u64,
    runs: u64,
    first: Option<u64>,
    end: u64,
    /// The owner of the last bytes with how many they are, not yet among the others.
    last: Option<(Area, u64)>,
    owners: BTreeMap<Area, u64>,
}

impl Tally {
    fn add(&mut self, run: Range<u64>, owner: Option<&Area>) {
        if run.is_empty() {
            return;
        }
        if self.first.is_none() || self.end != run.start {
            self.runs += 1;
        }
        let count = run.end - run.start;
        self.bytes += count;
        self.first = self.first.or(Some(run.start));
        self.end = run.end;
        match (owner, &mut self.last) {
            (Some(owner), Some((last, bytes))) if owner == last => *bytes += count,
            (Some(owner), _) => {
                self.settle();
                self.last = Some((owner.clone(), count));
            }
            (None, _) => {}
        }
    }

    fn settle(&mut self) {
        if let Some((owner, bytes)) = self.last.take() {
            *self.owners.entry(owner).or_default() += bytes;
        }
    }

    fn difference(mut self, partition: Option<usize>) -> Option<Difference> {
        let first = self.first?;
        self.settle();
        let mut owners: Vec<(Area, u64)> = self.owners.into_iter().collect();
        owners.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
        let rest: u64 = owners.iter().skip(SHARES).map(|(_, bytes)| bytes).sum();
        let others = owners.len().saturating_sub(SHARES);
        let mut shares: Vec<Share> =
            owners.iter().take(SHARES).map(|(area, bytes)| Share { owner: area.to_string(), bytes: *bytes }).collect();
        if others > 0 {
            shares.push(Share { owner: format!("{others} others"), bytes: rest });
        }
        Some(Difference::Bytes { partition, bytes: self.bytes, runs: self.runs, first, shares })
    }
}

/// A heading for each partition, its differences below; nothing when there are none.
impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut above = None;
        for difference in &self.differences {
            let here = difference.partition();
            if above != Some(here) {
                match here {
                    Some(number) => writeln!(f, "partition {number}:")?,
                    None => writeln!(f, "disk:")?,
                }
                above = Some(here);
            }
            for line in difference.to_string().lines() {
                writeln!(f, "  {line}")?;
            }
        }
        Ok(())
    }
}
