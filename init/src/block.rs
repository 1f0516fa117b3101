//! Block devices as sysfs shows them, and the one that `root=` means.
//!
//! `PARTUUID=` here is the form of a disk with a master boot record: the 32-bit signature at byte 440 of the disk, a
//! dash, the partition's number, both in hexadecimal (`block/partitions/msdos.c` of the kernel). sysfs does not show
//! the signature, so the first sector is read.

use std::fmt;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

const SECTOR: usize = 512;
const SIGNATURE_AT: usize = 440;
const BOOT_MARK_AT: usize = 510;
const BOOT_MARK: [u8; 2] = [0x55, 0xaa];

/// The device `root=` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RootDevice {
    /// A partition by its disk's signature and its number.
    Partition { signature: u32, number: u32 },
    /// A device node by its path.
    Node(PathBuf),
}

impl RootDevice {
    /// Reads the value of `root=`.
    ///
    /// # Errors
    ///
    /// When there is none, or it is in a form this program does not know (labels and UUIDs of file systems, numbers).
    pub(crate) fn parse(root: Option<&str>) -> Result<RootDevice, Failure> {
        let root = root.ok_or(Failure::NoRoot)?;
        let unknown = || Failure::UnknownRoot(root.to_owned());
        if root.starts_with("/dev/") {
            return Ok(RootDevice::Node(PathBuf::from(root)));
        }
        let (signature, number) =
            root.strip_prefix("PARTUUID=").and_then(|id| id.split_once('-')).ok_or_else(unknown)?;
        if signature.len() != 8 {
            return Err(unknown());
        }
        Ok(RootDevice::Partition {
            signature: u32::from_str_radix(signature, 16).map_err(|_| unknown())?,
            number: u32::from_str_radix(number, 16).map_err(|_| unknown())?,
        })
    }
}

impl fmt::Display for RootDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RootDevice::Partition { signature, number } => write!(f, "PARTUUID={signature:08x}-{number:02x}"),
            RootDevice::Node(path) => path.display().fmt(f),
        }
    }
}

/// The block devices of a machine: `/sys/class/block` beside `/dev`.
#[derive(Debug)]
pub(crate) struct Devices {
    class: PathBuf,
    nodes: PathBuf,
}

/// One block device with a size.
#[derive(Debug, PartialEq, Eq)]
struct Device {
    name: String,
    /// 512-byte sectors, as sysfs counts whatever the disk's own sector is.
    sectors: u64,
    /// For a partition: its disk and its number on it.
    partition: Option<(String, u32)>,
}

impl Devices {
    pub(crate) fn of_this_machine() -> Devices {
        Devices { class: PathBuf::from("/sys/class/block"), nodes: PathBuf::from("/dev") }
    }

    /// The device node `root` means, once it is there.
    pub(crate) fn find(&self, root: &RootDevice) -> Option<PathBuf> {
        match root {
            RootDevice::Node(path) => path.exists().then(|| path.clone()),
            RootDevice::Partition { signature, number } => {
                let device = self.list().into_iter().find(|device| {
                    device.partition.as_ref().is_some_and(|(disk, partition)| {
                        partition == number && self.signature(disk) == Some(*signature)
                    })
                })?;
                Some(self.node(&device.name)).filter(|node| node.exists())
            }
        }
    }

    /// The disk that the partition with this node is on; none for a whole disk.
    pub(crate) fn disk_of(&self, node: &Path) -> Option<String> {
        let device = self.list().into_iter().find(|device| self.node(&device.name) == node)?;
        device.partition.map(|(disk, _)| disk)
    }

    /// All devices in one line for a person: names, sizes and, for partitions, what `root=` would have to say.
    pub(crate) fn summary(&self) -> String {
        let devices: Vec<String> = self.list().iter().map(|device| self.describe(device)).collect();
        if devices.is_empty() { "none".to_owned() } else { devices.join(", ") }
    }

    fn describe(&self, device: &Device) -> String {
        let size = device.sectors / 2048;
        let id = device.partition.as_ref().and_then(|(disk, number)| {
            self.signature(disk).map(|signature| format!(" PARTUUID={signature:08x}-{number:02x}"))
        });
        format!("{} ({size} MiB{})", device.name, id.unwrap_or_default())
    }

    /// Every device that has a size, by name; the empty loop and ram devices say nothing to anybody.
    fn list(&self) -> Vec<Device> {
        let Ok(entries) = fs::read_dir(&self.class) else { return Vec::new() };
        let mut devices: Vec<Device> = entries.flatten().filter_map(|entry| device(&entry.path())).collect();
        devices.sort_by(|a, b| a.name.cmp(&b.name));
        devices
    }

    /// The signature in a disk's first sector, when there is a master boot record.
    fn signature(&self, disk: &str) -> Option<u32> {
        let mut sector = [0; SECTOR];
        File::open(self.node(disk)).ok()?.read_exact(&mut sector).ok()?;
        let signature = sector.get(SIGNATURE_AT..)?.first_chunk()?;
        (sector.get(BOOT_MARK_AT..)? == BOOT_MARK).then(|| u32::from_le_bytes(*signature))
    }

    /// The node of a device; sysfs writes the `/` of names like `cciss/c0d0` as `!`.
    fn node(&self, name: &str) -> PathBuf {
        self.nodes.join(name.replace('!', "/"))
    }
}

fn device(entry: &Path) -> Option<Device> {
    let sectors = number(&entry.join("size"))?;
    if sectors == 0 {
        return None;
    }
    let name = entry.file_name()?.to_str()?.to_owned();
    let partition = match number(&entry.join("partition")) {
        None => None,
        // A partition's folder lies inside its disk's; the entry in the class is a link to it.
        Some(number) => {
            let folder = fs::canonicalize(entry).ok()?;
            let disk = folder.parent()?.file_name()?.to_str()?.to_owned();
            Some((disk, u32::try_from(number).ok()?))
        }
    };
    Some(Device { name, sectors, partition })
}

fn number(path: &Path) -> Option<u64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;

    use super::*;

    /// A sysfs with a card of two partitions and an empty loop device, and a `/dev` with the card's first sector.
    fn machine(signature: u32) -> (TempDir, Devices) {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let devices = Devices { class: dir.path().join("sys/class/block"), nodes: dir.path().join("dev") };
        fs::create_dir_all(&devices.class).expect("class");
        fs::create_dir_all(&devices.nodes).expect("dev");
        for (folder, size, partition) in [
            ("mmc0/block/mmcblk0", "4194304\n", None),
            ("mmc0/block/mmcblk0/mmcblk0p1", "524288\n", Some("1\n")),
            ("mmc0/block/mmcblk0/mmcblk0p2", "3661824\n", Some("2\n")),
            ("virtual/block/loop0", "0\n", None),
        ] {
            let path = dir.path().join("sys/devices").join(folder);
            fs::create_dir_all(&path).expect("device folder");
            fs::write(path.join("size"), size).expect("size");
            if let Some(number) = partition {
                fs::write(path.join("partition"), number).expect("partition");
            }
            let name = path.file_name().expect("named above");
            symlink(&path, devices.class.join(name)).expect("class link");
            fs::write(devices.nodes.join(name), "").expect("node");
        }
        let mut sector = [0; SECTOR];
        sector[SIGNATURE_AT..][..4].copy_from_slice(&signature.to_le_bytes());
        sector[BOOT_MARK_AT..].copy_from_slice(&BOOT_MARK);
        fs::write(devices.nodes.join("mmcblk0"), sector).expect("first sector");
        (dir, devices)
    }

    fn root(text: &str) -> RootDevice {
        RootDevice::parse(Some(text)).expect("a known form")
    }

    #[test]
    fn finds_the_partition_by_the_disk_s_signature() {
        let (dir, devices) = machine(0x1a2b_3c4d);
        assert_eq!(devices.find(&root("PARTUUID=1a2b3c4d-02")), Some(dir.path().join("dev/mmcblk0p2")));
        assert_eq!(devices.find(&root("PARTUUID=1a2b3c4d-03")), None);
        assert_eq!(devices.find(&root("PARTUUID=1a2b3c4e-02")), None);
        assert_eq!(devices.disk_of(&dir.path().join("dev/mmcblk0p2")).as_deref(), Some("mmcblk0"));
        assert_eq!(devices.disk_of(&dir.path().join("dev/mmcblk0")), None);
    }

    #[test]
    fn a_disk_without_boot_mark_has_no_signature() {
        let (_dir, devices) = machine(7);
        fs::write(devices.nodes.join("mmcblk0"), [0; SECTOR]).expect("first sector");
        assert_eq!(devices.find(&root("PARTUUID=00000007-02")), None);
        assert_eq!(devices.summary(), "mmcblk0 (2048 MiB), mmcblk0p1 (256 MiB), mmcblk0p2 (1788 MiB)");
    }

    #[test]
    fn the_summary_names_what_root_would_have_to_say() {
        let (_dir, devices) = machine(0x1a2b_3c4d);
        assert_eq!(
            devices.summary(),
            "mmcblk0 (2048 MiB), mmcblk0p1 (256 MiB PARTUUID=1a2b3c4d-01), mmcblk0p2 (1788 MiB PARTUUID=1a2b3c4d-02)"
        );
    }

    #[test]
    fn a_machine_without_devices_says_none() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let devices = Devices { class: dir.path().join("nowhere"), nodes: dir.path().to_path_buf() };
        assert_eq!(devices.summary(), "none");
    }

    #[test]
    fn root_is_a_partition_or_a_node() {
        assert_eq!(root("PARTUUID=0000ABCD-0a"), RootDevice::Partition { signature: 0xabcd, number: 10 });
        assert_eq!(root("PARTUUID=0000ABCD-0a").to_string(), "PARTUUID=0000abcd-0a");
        assert_eq!(root("/dev/vda2"), RootDevice::Node(PathBuf::from("/dev/vda2")));
        for text in ["LABEL=root", "UUID=1234", "179:2", "PARTUUID=abcd-02", "PARTUUID=1a2b3c4d", "PARTUUID=1a2b3c4d-"]
        {
            let error = RootDevice::parse(Some(text)).expect_err("not a known form");
            assert!(matches!(error, Failure::UnknownRoot(value) if value == text));
        }
        assert!(matches!(RootDevice::parse(None), Err(Failure::NoRoot)));
    }
}
