//! The card for a Pi 5, for which QEMU has no machine: what its device trees ask for, on the way to the card's socket and to
//! the Ethernet, has a driver in the kernel, the initramfs or the root.
//!
//! kmod is the judge: it says which module the kernel loads for each device of the tree (`modprobe --resolve-alias`), and what
//! that needs (`modules.dep`), by the kernel's own packages and its own depmod.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use bramble::archive::{Cache, LockedPackage};
use bramble::disk::BootPartition;
use dtoolkit::fdt::Fdt;
use dtoolkit::{Node, Property};

use crate::cluster::{cache, shown};
use crate::judge::{ask, ask_for_verdict};
use crate::own_project::OwnProject;

/// A node's properties by name.
type Device = BTreeMap<String, Vec<u8>>;

/// The nodes of a device tree by path, and which of them a phandle means.
struct Devices {
    nodes: BTreeMap<String, Device>,
    handles: BTreeMap<u32, String>,
}

impl Devices {
    fn read(tree: &[u8]) -> Self {
        let fdt = Fdt::new(tree).expect("a device tree");
        let mut nodes = BTreeMap::new();
        let mut rest = vec![(String::new(), fdt.root())];
        while let Some((path, node)) = rest.pop() {
            let properties =
                node.properties().map(|property| (property.name().to_owned(), property.value().to_owned()));
            nodes.insert(path.clone(), properties.collect());
            rest.extend(node.children().map(|child| (format!("{path}/{}", child.name()), child)));
        }
        let handle = |(path, device): (&String, &Device)| Some((*cells(device.get("phandle")?).first()?, path.clone()));
        let handles = nodes.iter().filter_map(handle).collect();
        Self { nodes, handles }
    }

    /// The nodes of that kind that are in use and have the property.
    fn with(&self, compatible: &str, property: &str) -> BTreeSet<String> {
        let used = |device: &Device| device.get("status").is_none_or(|status| status.starts_with(b"ok"));
        let right = |device: &Device| texts(device.get("compatible")).iter().any(|known| known == compatible);
        let found =
            self.nodes.iter().filter(|(_, device)| used(device) && right(device) && device.contains_key(property));
        found.map(|(path, _)| path.clone()).collect()
    }

    /// The nodes without which none of `start` works: what they are in, what they point to, and so on.
    fn needed(&self, start: BTreeSet<String>) -> BTreeSet<String> {
        let mut rest: Vec<String> = start.into_iter().collect();
        let mut needed = BTreeSet::new();
        while let Some(path) = rest.pop() {
            let device = &self.nodes[&path];
            rest.extend(path.rsplit_once('/').map(|(parent, _)| parent.to_owned()));
            for (name, value) in device {
                rest.extend(self.meant(name, &cells(value)));
            }
            if needed.insert(path) {
                rest.retain(|path| !needed.contains(path));
            }
        }
        needed
    }

    /// The nodes that a property points to (Devicetree Specification 0.4 and Linux' bindings).
    fn meant(&self, property: &str, value: &[u32]) -> Vec<String> {
        let count = match property {
            "clocks" | "assigned-clocks" => "#clock-cells",
            "resets" => "#reset-cells",
            "power-domains" => "#power-domain-cells",
            "phys" => "#phy-cells",
            "dmas" => "#dma-cells",
            "mboxes" => "#mbox-cells",
            "interrupts-extended" => "#interrupt-cells",
            "gpio" | "gpios" => "#gpio-cells",
            _ if property.ends_with("-gpio") || property.ends_with("-gpios") => "#gpio-cells",
            "interrupt-parent" | "phy-handle" | "msi-parent" => "",
            _ if property.ends_with("-supply") => "",
            _ if property.strip_prefix("pinctrl-").is_some_and(|rest| rest.parse::<u32>().is_ok()) => "",
            _ => return Vec::new(),
        };
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(handle) = value.get(at) {
            // A 0 stands for a place that is left free.
            let path = (*handle != 0).then(|| &self.handles[handle]);
            let more = path.and_then(|path| self.nodes[path].get(count)).and_then(|cell| cells(cell).first().copied());
            at += 1 + usize::try_from(more.unwrap_or(0)).expect("a few");
            found.extend(path.cloned());
        }
        found
    }

    /// What the kernel asks modprobe for when it finds the node.
    fn alias(&self, path: &str) -> Option<String> {
        let device = &self.nodes[path];
        let compatible = texts(device.get("compatible"));
        let name = path.rsplit('/').next()?.split('@').next()?;
        let kind = texts(device.get("device_type")).first().cloned().unwrap_or_else(|| "(null)".to_owned());
        let compatible: String = compatible.iter().map(|name| format!("C{name}")).collect();
        (!compatible.is_empty()).then(|| format!("of:N{name}T{kind}{compatible}"))
    }
}

fn cells(value: &[u8]) -> Vec<u32> {
    value.chunks_exact(4).map(|cell| u32::from_be_bytes(cell.try_into().expect("four"))).collect()
}

fn texts(value: Option<&Vec<u8>>) -> Vec<String> {
    let text = String::from_utf8_lossy(value.map_or(&[][..], Vec::as_slice)).into_owned();
    text.split('\0').filter(|text| !text.is_empty()).map(str::to_owned).collect()
}

/// The kernel's modules as its packages bring them, in a folder with kmod's own indices.
struct Kernel {
    folder: tempfile::TempDir,
    release: String,
}

impl Kernel {
    fn unpack(packages: &[LockedPackage]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut release = None;
        for package in packages.iter().filter(|package| package.suite == "trixie-backports") {
            let deb = shown(&Cache::new(cache()).path(package.sha256));
            if let Some(rest) = package
                .name
                .strip_prefix("linux-modules-")
                .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
            {
                release = Some(rest.to_owned());
            }
            ask("dpkg-deb", &["-x", &deb, &shown(folder.path())]);
        }
        let release = release.expect("a kernel in parts");
        std::os::unix::fs::symlink("usr/lib", folder.path().join("lib")).expect("a fresh link");
        ask("depmod", &["-b", &shown(folder.path()), &release]);
        Self { folder, release }
    }

    /// The modules for what the kernel asks for, with all that they need. None where the kernel has it built in, or nobody
    /// drives it.
    fn modules(&self, alias: &str) -> BTreeSet<String> {
        let root = shown(self.folder.path());
        let (known, said) = ask_for_verdict("modprobe", &["-d", &root, "-S", &self.release, "--resolve-alias", alias]);
        if !known {
            return BTreeSet::new();
        }
        let dependencies =
            ask("modprobe", &["-d", &root, "-S", &self.release, "--show-depends", "--ignore-install", alias]);
        let files = dependencies.lines().filter_map(|line| line.strip_prefix("insmod "));
        let found: BTreeSet<String> = files.map(|file| module(Path::new(file.trim()))).collect();
        let built_in = dependencies.lines().all(|line| line.starts_with("builtin "));
        assert!(!found.is_empty() || built_in, "{alias}: {said}{dependencies}");
        found
    }
}

/// The name of the module in a file: "clk_rp1" of "…/clk-rp1.ko.xz".
fn module(file: &Path) -> String {
    let name = file.file_name().and_then(|name| name.to_str()).expect("a name");
    name.split(".ko").next().unwrap_or_default().replace('-', "_")
}

/// The modules in the initramfs, by cpio's word.
fn in_initramfs(initramfs: &[u8], folder: &Path) -> BTreeSet<String> {
    let file = folder.join("initramfs");
    fs::write(&file, initramfs).expect("a fresh file");
    let input = fs::File::open(&file).expect("just written");
    let output =
        Command::new("cpio").args(["--list", "--quiet"]).stdin(input).output().expect("cpio; `make setup` installs it");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8(output.stdout).expect("names");
    names.lines().filter(|name| name.ends_with(".ko")).map(|name| module(Path::new(name))).collect()
}

/// The modules in the root, by e2fsprogs' word.
fn in_root(root: &Path, folder: &Path) -> BTreeSet<String> {
    let to = folder.join("root");
    fs::create_dir(&to).expect("a fresh folder");
    ask("debugfs", &["-R", &format!("rdump /usr/lib/modules {}", shown(&to)), &shown(root)]);
    let mut found = BTreeSet::new();
    let mut rest = vec![to];
    while let Some(path) = rest.pop() {
        if path.is_dir() {
            rest.extend(fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else if path.to_string_lossy().contains(".ko") {
            found.insert(module(&path));
        }
    }
    found
}

#[test]
fn a_card_for_a_pi_5_has_every_driver_of_its_socket_and_its_ethernet() {
    let node = "[[nodes]]\nname = \"node1\"\naddress = \"192.168.1.11\"\nboard = \"pi5\"\nrole = \"worker\"\n";
    let own = OwnProject::new("trixie", node);
    own.build_well(&["node1"]);
    let files = BootPartition::open(&own.path().join("out/node1.img")).expect("a boot partition");
    let read = |name: &str| files.read(name).unwrap_or_else(|error| panic!("{error}"));
    let kernel = Kernel::unpack(&own.lock("arm64").packages);

    let first = in_initramfs(&read("a/initramfs.img"), own.path());
    let later = in_root(&own.root("node1"), own.path());
    let has = |modules: &BTreeSet<String>, names: &[&str]| names.iter().all(|name| modules.contains(*name));
    for tree in ["bcm2712-rpi-5-b.dtb", "bcm2712-d-rpi-5-b.dtb"] {
        let devices = Devices::read(&read(&format!("a/{tree}")));
        let modules = |start: BTreeSet<String>, others: &[String]| -> BTreeSet<String> {
            assert_eq!(start.len(), 1, "{tree}: {start:?}");
            let needed = devices.needed(start);
            let aliases = needed.iter().filter_map(|path| devices.alias(path)).chain(others.iter().cloned());
            aliases.flat_map(|alias| kernel.modules(&alias)).collect()
        };
        // The other host of that kind has the radio.
        let card =
            modules(devices.with("brcm,bcm2712-sdhci", "cd-gpios"), &["mmc:block".to_owned(), "fs-ext4".to_owned()]);
        assert!(
            has(&card, &["sdhci_brcmstb", "sdhci_pltfm", "pinctrl_brcmstb_bcm2712", "gpio_brcmstb", "ext4"]),
            "{card:?}"
        );
        assert_eq!(card.difference(&first).collect::<Vec<_>>(), [""; 0], "{tree}: not in the initramfs");

        // PCI and MDIO find by number what is on them: the RP1, and the BCM54213PE behind its Ethernet.
        let found =
            ["pci:v00001DE4d00000001sv00000000sd00000000bc02sc00i00".to_owned(), format!("mdio:{:032b}", 0x600d_84a2)];
        let ethernet = modules(devices.with("raspberrypi,rp1-gem", "phy-handle"), &found);
        assert!(
            has(&ethernet, &["irq_bcm2712_mip", "rp1_pci", "clk_rp1", "macb", "phylink", "broadcom"]),
            "{ethernet:?}"
        );
        let there = first.union(&later).cloned().collect();
        assert_eq!(ethernet.difference(&there).collect::<Vec<_>>(), [""; 0], "{tree}: not on the card");
        assert!(there.contains("pinctrl_rp1"), "what hangs on the header has no pins");
    }
}
