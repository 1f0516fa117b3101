//! Two images, or a card and an image: everything in which they differ.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use serde::Serialize;

use super::disk_bytes::{Span, differing};
use super::partitions::{Contents, GptFacts, PartitionReport};
use super::tally::{Tally, owner};
use super::{Card, Difference, InspectError, Volume, paths};
use crate::archive::time::rfc3339;
use crate::disk::{Area, FileSystem, Partition, SECTOR};

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompareOptions {
    /// Whether bytes count that belong to nobody: free blocks, what is behind the last partition, the length.
    pub free_space: bool,
}

/// All differences, in the order of the disk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Comparison {
    pub differences: Vec<Difference>,
    /// What cannot be read as what it is, so that its bytes alone are compared.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub notes: BTreeSet<String>,
}

/// Compares two images or cards.
pub fn compare(a: &Card, b: &Card, options: CompareOptions) -> Result<Comparison, InspectError> {
    let mut comparison = Comparison::default();
    if options.free_space {
        comparison.property(None, "length in bytes", a.length, b.length);
    }
    comparison.optional(None, "disk signature", a.disk_signature(), b.disk_signature());
    comparison.optional(None, "disk GUID", a.disk_guid(), b.disk_guid());
    comparison.outside(a, b, options)?;
    let numbers = [a, b].into_iter().flat_map(|card| &card.table.partitions).map(|partition| partition.number);
    for number in numbers.collect::<BTreeSet<_>>() {
        let [in_a, in_b] = [a, b].map(|card| card.table.partitions.iter().find(|partition| partition.number == number));
        match (in_a, in_b) {
            (Some(in_a), Some(in_b)) => comparison.partition((a, in_a), (b, in_b), options)?,
            (in_a, in_b) => comparison.optional(Some(number), "partition", in_a.map(described), in_b.map(described)),
        }
    }
    Ok(comparison)
}

fn described(partition: &Partition) -> String {
    let [length, start] = [partition.length, partition.start].map(|bytes| bytes / SECTOR);
    format!("type {}, {length} sectors from {start}", partition.kind)
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
    fn outside(&mut self, a: &Card, b: &Card, options: CompareOptions) -> Result<(), InspectError> {
        let mut taken: Vec<Range<u64>> = [a, b]
            .into_iter()
            .flat_map(|card| card.table.partitions.iter().map(move |partition| (card, partition)))
            .map(|(card, partition)| partition.start..partition.start + card.present(partition))
            .collect();
        // The signature has been told already, the records are with their partitions. A GPT says more than is told.
        if [a, b].iter().all(|card| card.disk_signature().is_some()) {
            taken.push(440..444);
            taken.push(446..SECTOR);
        }
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
        (card_a, a): (&Card, &Partition),
        (card_b, b): (&Card, &Partition),
        options: CompareOptions,
    ) -> Result<(), InspectError> {
        let number = Some(a.number);
        self.property(number, "type", a.kind.to_string(), b.kind.to_string());
        self.property(number, "active", a.bootable, b.bootable);
        self.property(number, "first sector", a.start / SECTOR, b.start / SECTOR);
        self.property(number, "sectors", a.length / SECTOR, b.length / SECTOR);
        let (volume_a, volume_b) = (card_a.volume(a), card_b.volume(b));
        let facts = |card, partition, volume: &Result<Option<Volume>, InspectError>| {
            let volume = volume.as_ref().map(Option::as_ref).map_err(ToString::to_string);
            PartitionReport::of(card, partition, volume)
        };
        let (report_a, report_b) = (facts(card_a, a, &volume_a), facts(card_b, b, &volume_b));
        self.gpt(a.number, report_a.gpt.as_ref(), report_b.gpt.as_ref());
        self.contents(a.number, &report_a.contents, &report_b.contents);
        let volume_a = volume_a.unwrap_or_else(|error| self.bytes_alone(&error));
        let volume_b = volume_b.unwrap_or_else(|error| self.bytes_alone(&error));
        let mut areas = None;
        if let (Some(volume_a), Some(volume_b)) = (&volume_a, &volume_b) {
            if let (FileSystem::Ext4(a), FileSystem::Ext4(b)) = (&volume_a.file_system, &volume_b.file_system) {
                let seed = |seed: [u32; 4]| seed.map(|word| format!("{word:08x}")).join("-");
                self.property(number, "hash seed", seed(a.facts().hash_seed), seed(b.facts().hash_seed));
            }
            if volume_a.is_fat() == volume_b.is_fat() {
                self.differences.extend(paths::compare(volume_a, volume_b));
                areas = match (volume_a.areas(), volume_b.areas()) {
                    (Ok(a), Ok(b)) => Some((a, b)),
                    (a, b) => {
                        let wrong = [a.err().zip(Some(volume_a)), b.err().zip(Some(volume_b))].into_iter().flatten();
                        wrong.for_each(|(error, volume)| _ = self.bytes_alone(&volume.wrong(error)));
                        None
                    }
                };
            }
            for unread in [volume_a, volume_b].into_iter().flat_map(Volume::unread) {
                self.notes.insert(format!("{unread}; its bytes alone are compared"));
            }
        }

        let mut tally = Tally::default();
        let spans = [(card_a, a), (card_b, b)].map(|(card, partition)| Span { card, start: partition.start });
        let mut here = (0..0, Area::Free);
        let compared = differing(spans[0], spans[1], card_a.present(a).min(card_b.present(b)), |run| {
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

    /// Notes that a partition is compared by its bytes alone.
    fn bytes_alone(&mut self, error: &InspectError) -> Option<Volume> {
        self.notes.insert(format!("{error}; its bytes alone are compared"));
        None
    }

    /// What only GUID partition tables say of a partition.
    fn gpt(&mut self, number: usize, a: Option<&GptFacts>, b: Option<&GptFacts>) {
        let number = Some(number);
        self.optional(number, "GUID", a.map(|gpt| &gpt.guid), b.map(|gpt| &gpt.guid));
        self.optional(number, "name", a.map(|gpt| &gpt.name), b.map(|gpt| &gpt.name));
        let attributes = |gpt: &GptFacts| format!("{:#x}", gpt.attributes);
        self.optional(number, "attributes", a.map(attributes), b.map(attributes));
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
