//! The partitions of a card and their file systems.

use std::fmt;

use serde::Serialize;
use uuid::Uuid;

use super::{Card, InspectError, Volume};
use crate::disk::size::shown;
use crate::disk::{EntryKind, FileSystem, Partition, PartitionKind};

/// An entry of the partition table, and what the partition holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartitionReport {
    /// Counted from 1.
    pub number: usize,
    pub kind: TypeCode,
    /// What only a GUID partition table has.
    #[serde(flatten)]
    pub gpt: Option<GptFacts>,
    pub active: bool,
    /// First byte and length in bytes, by the table.
    pub start: u64,
    pub length: u64,
    /// Bytes of it that lie behind the end of the image.
    pub missing: u64,
    pub contents: Contents,
}

/// What a table says that a partition is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum TypeCode {
    /// The type byte of an MBR.
    Byte(u8),
    /// The type's GUID in a GPT.
    Guid(String),
}

/// What a GUID partition table says of a partition besides place and type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GptFacts {
    /// The partition's own GUID.
    pub guid: String,
    pub name: String,
    pub attributes: u64,
}

/// What a partition holds. Sizes are in bytes, times in seconds since 1970-01-01 UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "file_system", rename_all = "lowercase")]
pub enum Contents {
    Fat {
        variant: &'static str,
        label: String,
        volume_id: String,
        size: u64,
        free: u64,
        files: usize,
    },
    Ext4(Ext4Contents),
    /// A file system that could not be read, and why.
    Unread {
        reason: String,
    },
    Unknown,
}

/// As [`Contents`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ext4Contents {
    pub label: String,
    pub uuid: String,
    pub size: u64,
    pub free: u64,
    pub inodes: u32,
    pub free_inodes: u32,
    pub made: i64,
    pub written: i64,
    pub mounts: u16,
    pub journal: bool,
}

impl PartitionReport {
    /// Describes `partition` of `card`, whose file system is `volume` or could not be opened.
    pub(super) fn of(card: &Card, partition: &Partition, volume: Result<Option<&Volume>, String>) -> Self {
        let contents = match volume {
            Err(reason) => Contents::Unread { reason },
            Ok(None) => Contents::Unknown,
            Ok(Some(volume)) => {
                Contents::of(volume).unwrap_or_else(|error| Contents::Unread { reason: error.to_string() })
            }
        };
        let (kind, gpt) = match &partition.kind {
            PartitionKind::Mbr(kind) => (TypeCode::Byte(*kind), None),
            PartitionKind::Gpt { type_guid, guid, name, attributes } => (
                TypeCode::Guid(type_guid.to_string()),
                Some(GptFacts { guid: guid.to_string(), name: name.clone(), attributes: *attributes }),
            ),
        };
        Self {
            number: partition.number,
            kind,
            gpt,
            active: partition.bootable,
            start: partition.start,
            length: partition.length,
            missing: partition.length - card.present(partition),
            contents,
        }
    }
}

impl Contents {
    fn of(volume: &Volume) -> Result<Self, InspectError> {
        Ok(match &volume.file_system {
            FileSystem::Fat(fat) => {
                let facts = fat.facts().map_err(|error| volume.wrong(error.into()))?;
                let (high, low) = (facts.volume_id >> 16, facts.volume_id & 0xffff);
                Self::Fat {
                    variant: facts.kind,
                    label: facts.label,
                    volume_id: format!("{high:04X}-{low:04X}"),
                    size: facts.size,
                    free: facts.free,
                    files: volume.listing.iter().filter(|(_, entry)| entry.kind == EntryKind::File).count(),
                }
            }
            FileSystem::Ext4(ext4) => {
                let facts = ext4.facts();
                Self::Ext4(Ext4Contents {
                    label: facts.label,
                    uuid: Uuid::from_bytes(facts.uuid).to_string(),
                    size: facts.size,
                    free: facts.free,
                    inodes: facts.inodes,
                    free_inodes: facts.free_inodes,
                    made: facts.made,
                    written: facts.written,
                    mounts: facts.mounts,
                    journal: facts.journal,
                })
            }
        })
    }
}

impl fmt::Display for PartitionReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let active = if self.active { ", active" } else { "" };
        let (length, start) = (shown(self.length), shown(self.start));
        writeln!(f, "partition {}: type {}{active}, {length} from {start}", self.number, self.kind)?;
        if let Some(GptFacts { guid, name, .. }) = &self.gpt {
            writeln!(f, "  GUID {guid}, {}", named(name))?;
        }
        if self.missing > 0 {
            writeln!(f, "  warning: its last {} lie behind the end of the image", shown(self.missing))?;
        }
        writeln!(f, "  {}", self.contents)
    }
}

impl fmt::Display for TypeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Byte(kind) => write!(f, "0x{kind:02x}"),
            Self::Guid(guid) => f.write_str(guid),
        }
    }
}

fn named(name: &str) -> String {
    if name.is_empty() { "without a name".to_owned() } else { format!("named `{name}`") }
}

impl fmt::Display for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label = |label: &str| if label.is_empty() { "without a label".to_owned() } else { format!("`{label}`") };
        match self {
            Self::Fat { variant, label: name, volume_id, size, free, files } => {
                let (size, free) = (shown(*size), shown(*free));
                write!(f, "{variant} {}, volume id {volume_id}: {files} files, {free} of {size} free", label(name))
            }
            Self::Ext4(ext4) => {
                let used = ext4.inodes.saturating_sub(ext4.free_inodes);
                let (size, free) = (shown(ext4.size), shown(ext4.free));
                let journal = if ext4.journal { "" } else { ", no journal" };
                write!(f, "ext4 {}, UUID {}{journal}: ", label(&ext4.label), ext4.uuid)?;
                write!(f, "{used} of {} inodes used, {free} of {size} free", ext4.inodes)
            }
            Self::Unread { reason } => write!(f, "warning: {reason}"),
            Self::Unknown => f.write_str("no FAT or ext4 file system"),
        }
    }
}
