//! The partitions of an image: what each is for, how large it is and what it is called.

use super::ImageError;
use crate::disk::{Ids, MIB};

/// What a partition is for. Who needs a partition asks for it by this, never by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartitionRole {
    /// What the board's boot code reads: a FAT file system, the one partition that is marked active.
    Boot,
    /// The root file system, ext4, with the files of identity in it.
    Root,
}

/// A partition that an image is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartitionPlan {
    Boot {
        /// Length in bytes, a multiple of 1 MiB.
        size: u64,
        /// Up to 11 capitals, digits, `-` or `_`.
        label: String,
    },
    /// As large as its content.
    Root {
        /// Bytes left free. The file system grows to the card's end when a node first starts.
        spare: u64,
        /// Up to 16 bytes.
        label: String,
    },
}

/// The partitions of an image in the order of their numbers, which is that of their places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    pub partitions: Vec<PartitionPlan>,
}

impl PartitionPlan {
    pub fn role(&self) -> PartitionRole {
        match self {
            Self::Boot { .. } => PartitionRole::Boot,
            Self::Root { .. } => PartitionRole::Root,
        }
    }
}

impl Layout {
    /// What the kernel calls the partition of `role` on the disk of `ids`, known before there is an image:
    /// `root=PARTUUID=<this>`.
    pub fn partuuid(&self, ids: &Ids, role: PartitionRole) -> Result<String, ImageError> {
        self.number(role).map(|number| ids.partuuid(number))
    }

    /// The number of the partition of `role`, counted from 1 as Linux does.
    pub fn number(&self, role: PartitionRole) -> Result<u8, ImageError> {
        let mut numbered = (1..).zip(&self.partitions);
        let found = numbered.find(|(_, plan)| plan.role() == role);
        found.map(|(number, _)| number).ok_or(ImageError::NoPartition(role))
    }
}

impl Default for Layout {
    /// Free space lies behind the identity, so each node has to be hashed to its end: what is spared here is most of what
    /// a node costs. It has to last only until the first boot has made the file system larger.
    fn default() -> Self {
        Self {
            partitions: vec![
                PartitionPlan::Boot { size: 256 * MIB, label: "BOOT".into() },
                PartitionPlan::Root { spare: 16 * MIB, label: "rootfs".into() },
            ],
        }
    }
}

impl std::fmt::Display for PartitionRole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Boot => "boot",
            Self::Root => "root",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Names;

    #[test]
    fn partitions_are_known_by_what_they_are_for() {
        let ids = Ids::derive(&Names::new(&["home", "worker-pi2"]));
        let mut layout = Layout::default();
        let partuuid = |layout: &Layout, role| layout.partuuid(&ids, role).map_err(|error| error.to_string());
        assert_eq!(partuuid(&layout, PartitionRole::Boot), Ok("485a3781-01".into()));
        assert_eq!(partuuid(&layout, PartitionRole::Root), Ok("485a3781-02".into()));
        layout.partitions.remove(0);
        assert_eq!(partuuid(&layout, PartitionRole::Root), Ok("485a3781-01".into()));
        assert_eq!(partuuid(&layout, PartitionRole::Boot), Err("the layout of the image has no boot partition".into()));
    }
}
