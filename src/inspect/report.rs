//! Everything there is to say about an image.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::partitions::Ext4Contents;
use super::{Access, Boot, Card, Contents, InspectError, Packages, PartitionReport, System, Unread, Volume};
use crate::disk::size::shown;
use crate::disk::{PartitionKind, PartitionTable};

/// What is on an image or card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Length in bytes.
    pub length: u64,
    /// Whether it is a card, not an image of one.
    pub device: bool,
    /// An MBR's, in eight hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk_signature: Option<String>,
    /// A GUID partition table's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk_guid: Option<String>,
    /// What is not right with the partition table, though it can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table_warning: Option<String>,
    pub partitions: Vec<PartitionReport>,
    /// What the first FAT partition says to boards.
    pub boot: Option<Boot>,
    /// The partition with the system that the rest is about.
    pub root: Option<usize>,
    pub system: Option<System>,
    pub access: Option<Access>,
    pub packages: Option<Packages>,
    /// What could not be read; the rest is told without it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Unread>,
}

/// How much of what could not be read is shown to a person.
const SHOWN_UNREAD: usize = 20;

/// Looks at all of `card`. `board` names the model whose view of `config.txt` is wanted; without it every model counts
/// that the boot partition has a device tree for. A file system that cannot be read is told in its partition's place.
pub fn report(card: &Card, board: Option<&str>) -> Result<Report, InspectError> {
    let mut partitions = Vec::new();
    let mut volumes: Vec<Volume> = Vec::new();
    for partition in &card.table.partitions {
        let volume = card.volume(partition);
        let found = match &volume {
            Ok(volume) => Ok(volume.as_ref()),
            Err(error) => Err(error.to_string()),
        };
        partitions.push(PartitionReport::of(card, partition, found));
        volumes.extend(volume.ok().flatten());
    }

    let boot_volume = volumes.iter().find(|volume| volume.is_fat());
    let mut boot = match boot_volume {
        Some(volume) => Boot::of(volume, board)?,
        None => None,
    };
    let mut menu = None;
    if boot.is_none() {
        menu = volumes.iter().find_map(|volume| Some((volume, Boot::of_menu(volume)?)));
    }
    let boot_volume = menu.as_ref().map(|(volume, _)| *volume).or(boot_volume);
    boot = boot.or(menu.map(|(_, boot)| boot));
    if let Some(boot) = &mut boot {
        boot.find_root(&names(&card.table, &partitions));
    }

    let named = boot.as_ref().and_then(|boot| boot.root_partition);
    let mut roots: Vec<&Volume> = volumes.iter().filter(|volume| !volume.is_fat()).collect();
    roots.sort_by_key(|volume| Some(volume.partition.number) != named);
    let mut found = None;
    for volume in roots {
        if let Some(system) = System::of(volume) {
            found = Some((volume, system));
            break;
        }
    }
    let (root, system) = found.unzip();
    let (access, packages) = match root {
        Some(root) => (Some(Access::of(root, boot_volume.zip(boot.as_ref()))), Packages::of(root)),
        None => (None, None),
    };
    Ok(Report {
        length: card.length,
        device: card.device,
        disk_signature: card.disk_signature(),
        disk_guid: card.disk_guid(),
        table_warning: card.table.damaged_copy.map(|copy| copy.to_string()),
        partitions,
        boot,
        root: root.map(|volume| volume.partition.number),
        system,
        access,
        packages,
        unread: volumes.iter().flat_map(Volume::unread).collect(),
    })
}

/// What `root=` may call each partition.
fn names(table: &PartitionTable, reports: &[PartitionReport]) -> BTreeMap<String, usize> {
    let mut names = BTreeMap::new();
    for partition in &table.partitions {
        names.insert(format!("PARTUUID={}", table.partuuid(partition)), partition.number);
        if let PartitionKind::Gpt { name, .. } = &partition.kind {
            names.insert(format!("PARTLABEL={name}"), partition.number);
        }
    }
    for partition in reports {
        if let Contents::Ext4(Ext4Contents { label, uuid, .. }) = &partition.contents {
            names.insert(format!("UUID={uuid}"), partition.number);
            names.insert(format!("LABEL={label}"), partition.number);
        }
    }
    names
}

impl Report {
    /// What the partition table calls the disk.
    pub(super) fn disk_identity(&self) -> &str {
        self.disk_signature.as_ref().or(self.disk_guid.as_ref()).map_or("", String::as_str)
    }

    /// The root file system's description.
    pub(super) fn root_file_system(&self) -> Option<&Ext4Contents> {
        let root = self.partitions.iter().find(|partition| Some(partition.number) == self.root)?;
        match &root.contents {
            Contents::Ext4(ext4) => Some(ext4),
            _ => None,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.device { "card" } else { "image" };
        let identity = if self.disk_guid.is_some() { "GUID" } else { "signature" };
        let (length, bytes) = (shown(self.length), self.length);
        writeln!(f, "{what} of {length} ({bytes} bytes), disk {identity} {}", self.disk_identity())?;
        self.table_warning.iter().try_for_each(|warning| writeln!(f, "warning: {warning}"))?;
        self.partitions.iter().try_for_each(|partition| write!(f, "{partition}"))?;
        self.unread.iter().take(SHOWN_UNREAD).try_for_each(|unread| writeln!(f, "warning: {unread}"))?;
        if self.unread.len() > SHOWN_UNREAD {
            writeln!(f, "warning: {} more paths cannot be read", self.unread.len() - SHOWN_UNREAD)?;
        }
        if let Some(boot) = &self.boot {
            write!(f, "\n{boot}")?;
        }
        if let Some(system) = &self.system {
            write!(f, "\n{system}")?;
        }
        if let Some(access) = &self.access {
            write!(f, "{access}")?;
        }
        if let Some(packages) = &self.packages {
            write!(f, "\n{packages}")?;
        }
        Ok(())
    }
}
