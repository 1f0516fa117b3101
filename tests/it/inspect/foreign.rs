//! A card that we did not make.

use std::fs;
use std::path::PathBuf;

use crate::cluster::shown;
use crate::judge::ask;

/// A card as another image builder makes it: FAT16, an ext4 with 64-bit block numbers, an operating system of six
/// files. The parts are kept as files of their own too, since e2fsprogs and mtools want them so.
pub(super) struct Foreign {
    pub(super) folder: tempfile::TempDir,
}

/// First sectors and lengths of its partitions, in sectors.
pub(super) const BOOT: (u64, u64) = (8192, 40960);
pub(super) const ROOT: (u64, u64) = (49152, 131_072);

impl Foreign {
    pub(super) fn new() -> Self {
        let foreign = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        let tree = foreign.path("tree");
        let files = [
            ("etc/os-release", "PRETTY_NAME=\"Raspbian GNU/Linux 12 (bookworm)\"\nID=raspbian\nVERSION_ID=\"12\"\n"),
            ("etc/hostname", "raspberrypi\n"),
            ("etc/passwd", "root:x:0:0:root:/root:/bin/bash\nsync:x:4:65534:sync:/bin:/bin/sync\n"),
            ("etc/shadow", "root:$y$hash:1::::::\nsync:*:1::::::\n"),
            ("etc/dhcpcd.conf", "interface eth0\nstatic ip_address=10.1.2.3/8\nstatic routers=10.0.0.1\n"),
            (
                "var/lib/dpkg/status",
                "Package: hello\nStatus: install ok installed\nArchitecture: armhf\nVersion: 1:2.10-3+b1\n\
                 Source: greetings (1:2.10-3)\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n\
                 Architecture: all\n",
            ),
            ("var/lib/dpkg/info/hello.list", "/.\n/bin\n/bin/hello\n"),
            ("usr/bin/hello", "#!/bin/sh\necho hello\n"),
            ("lib/modules/6.1.21-v7+/modules.dep", ""),
        ];
        for (path, content) in files {
            let path = tree.join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a fresh folder");
            fs::write(path, content).expect("a fresh file");
        }
        std::os::unix::fs::symlink("usr/bin", tree.join("bin")).expect("a fresh link");
        let (boot, root) = (shown(&foreign.path("boot")), shown(&foreign.path("root")));
        let kilobytes = |sectors: u64| (sectors / 2).to_string();
        ask("mkfs.fat", &["-F", "16", "-n", "bootfs", "-C", &boot, &kilobytes(BOOT.1)]);
        ask(
            "mke2fs",
            &["-q", "-t", "ext4", "-b", "4096", "-O", "64bit,metadata_csum", "-L", "rootfs", "-d"]
                .iter()
                .copied()
                .chain([shown(&tree).as_str(), &root, &format!("{}k", kilobytes(ROOT.1))])
                .collect::<Vec<_>>(),
        );
        foreign.put("config.txt", "[pi4]\narm_64bit=1\n[all]\ngpu_mem=16\n");
        foreign.put("cmdline.txt", "console=serial0,115200 root=PARTUUID=12345678-02 rootwait\n");
        foreign.put("bcm2709-rpi-2-b.dtb", "tree");
        foreign
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file onto the boot partition.
    pub(super) fn put(&self, name: &str, content: &str) {
        let (file, boot) = (self.path("file"), self.path("boot"));
        fs::write(&file, content).expect("a fresh file");
        ask("mcopy", &["-D", "o", "-m", "-i", &shown(&boot), &shown(&file), &format!("::{name}")]);
    }

    /// Changes the root partition.
    pub(super) fn debugfs(&self, command: &str) {
        ask("debugfs", &["-w", "-R", command, &shown(&self.path("root"))]);
    }

    /// The card as it is now.
    pub(super) fn card(&self, name: &str) -> PathBuf {
        let script = format!(
            "label: dos\nlabel-id: 0x12345678\nstart={}, size={}, type=c\nstart={}, size={}, type=83\n",
            BOOT.0, BOOT.1, ROOT.0, ROOT.1
        );
        self.partitioned(name, 0, &script)
    }

    /// The card as it is now with a GUID partition table, whose copy takes the last MiB.
    pub(super) fn gpt_card(&self, name: &str) -> PathBuf {
        let script = format!(
            "label: gpt\nlabel-id: 11111111-2222-4333-8444-555555555555\n\
             start={}, size={}, type=U, uuid=AAAAAAAA-0000-4000-8000-000000000001, name=boot\n\
             start={}, size={}, type=L, uuid=AAAAAAAA-0000-4000-8000-000000000002\n",
            BOOT.0, BOOT.1, ROOT.0, ROOT.1
        );
        self.partitioned(name, 2048, &script)
    }

    /// The partitions, `spare` sectors behind them, and the table that sfdisk makes of `script`.
    fn partitioned(&self, name: &str, spare: u64, script: &str) -> PathBuf {
        let image = self.path(name);
        let mut card = vec![0; usize::try_from((ROOT.0 + ROOT.1 + spare) * 512).expect("it fits into memory")];
        for ((start, length), part) in [(BOOT, "boot"), (ROOT, "root")] {
            let content = fs::read(self.path(part)).expect("a partition");
            let start = usize::try_from(start * 512).expect("it fits into memory");
            assert!(u64::try_from(content.len()).expect("a length") <= length * 512);
            card[start..start + content.len()].copy_from_slice(&content);
        }
        fs::write(&image, card).expect("enough space");
        let file = self.path("script");
        fs::write(&file, script).expect("a fresh file");
        ask("sh", &["-c", "sfdisk -q \"$1\" < \"$2\"", "sh", &shown(&image), &shown(&file)]);
        image
    }
}
