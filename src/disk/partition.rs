//! One partition of a disk, as every form of partition table tells it.

use uuid::Uuid;

/// One partition; places and lengths in bytes, as the table has them. An MBR's partition may end behind the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    /// Counted from 1 as Linux does.
    pub number: usize,
    pub start: u64,
    pub length: u64,
    pub kind: PartitionKind,
    /// Marked as the one that a BIOS boots from.
    pub bootable: bool,
}

/// What a partition is for, and what else only one form of table says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartitionKind {
    /// The type byte.
    Mbr(u8),
    Gpt {
        type_guid: Uuid,
        /// The partition's own GUID.
        guid: Uuid,
        name: String,
        attributes: u64,
    },
}

/// The type byte (`0x0c`) or the type's GUID.
impl std::fmt::Display for PartitionKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Mbr(kind) => write!(f, "0x{kind:02x}"),
            Self::Gpt { type_guid, .. } => type_guid.fmt(f),
        }
    }
}
