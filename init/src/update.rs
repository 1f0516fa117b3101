//! `bramble-init initramfs RELEASE FILE`: the initramfs of another kernel, made on the node itself.
//!
//! When apt brings a kernel, the one thing on a node that knows how its initramfs looks is the program that runs in it.
//! Which modules the board needs stands in `/etc/bramble/initramfs-modules`; what those need, depmod has written down.
//! The kernel unpacks them itself, so nothing else has to be installed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What the initramfs must load, one name a line.
const WANTED: &str = "/etc/bramble/initramfs-modules";

/// Why there is no new initramfs.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpdateError {
    #[error("usage: bramble-init initramfs RELEASE FILE")]
    Usage,
    #[error("cannot read {}: {source}", .path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot write {}: {source}", .path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("kernel {release} has no module {name}, which {WANTED} names")]
    NoModule { release: String, name: String },
    #[error(transparent)]
    Form(#[from] bramble_init::CpioError),
}

/// Runs the command with these arguments.
pub(crate) fn run(arguments: &[String]) -> Result<(), UpdateError> {
    let [command, release, file] = arguments else { return Err(UpdateError::Usage) };
    if command != "initramfs" {
        return Err(UpdateError::Usage);
    }
    let own = read(Path::new("/proc/self/exe"))?;
    let wanted = text(Path::new(WANTED))?;
    let modules = Modules::read(&Path::new("/lib/modules").join(release), release)?;
    let mut loaded = Vec::new();
    for path in modules.load_order(wanted.lines().map(str::trim).filter(|line| !line.is_empty()))? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        loaded.push((name, read(&path)?));
    }
    write_whole(Path::new(file), &bramble_init::initramfs(&own, loaded, 0)?)
}

/// depmod's knowledge of one kernel.
struct Modules {
    directory: PathBuf,
    release: String,
    /// Name to file and what it needs, the nearest first; paths below `directory`.
    needs: BTreeMap<String, Vec<String>>,
    builtin: BTreeSet<String>,
}

impl Modules {
    fn read(directory: &Path, release: &str) -> Result<Self, UpdateError> {
        let dependencies = text(&directory.join("modules.dep"))?;
        let needs = dependencies.lines().filter_map(|line| line.split_once(':')).map(|(file, needed)| {
            let needed = needed.split_whitespace().map(str::to_owned);
            (name(file), std::iter::once(file.to_owned()).chain(needed).collect())
        });
        let builtin = text(&directory.join("modules.builtin"))?;
        Ok(Self {
            directory: directory.to_owned(),
            release: release.to_owned(),
            needs: needs.collect(),
            builtin: builtin.lines().map(name).collect(),
        })
    }

    /// Files of the wanted modules, each behind what it needs.
    fn load_order<'a>(&self, wanted: impl Iterator<Item = &'a str>) -> Result<Vec<PathBuf>, UpdateError> {
        let mut order: Vec<&String> = Vec::new();
        for wanted in wanted {
            let (wanted, needed) = bramble_init::wanted_module(wanted);
            let module = name(wanted);
            match self.needs.get(&module) {
                // depmod lists what is to be loaded first last.
                Some(files) => {
                    for file in files.iter().rev() {
                        if !order.contains(&file) {
                            order.push(file);
                        }
                    }
                }
                None if self.builtin.contains(&module) || !needed => {}
                None => return Err(UpdateError::NoModule { release: self.release.clone(), name: module }),
            }
        }
        Ok(order.into_iter().map(|file| self.directory.join(file)).collect())
    }
}

/// A module's name from its file's: up to the first dot, with `_` for `-`.
fn name(file: &str) -> String {
    let base = file.rsplit('/').next().unwrap_or(file);
    base.split('.').next().unwrap_or(base).replace('-', "_")
}

fn read(path: &Path) -> Result<Vec<u8>, UpdateError> {
    fs::read(path).map_err(|source| UpdateError::Read { path: path.to_owned(), source })
}

fn text(path: &Path) -> Result<String, UpdateError> {
    fs::read_to_string(path).map_err(|source| UpdateError::Read { path: path.to_owned(), source })
}

/// A power cut leaves the old file or the new one.
fn write_whole(path: &Path, content: &[u8]) -> Result<(), UpdateError> {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let new = PathBuf::from(new);
    let write = || {
        let mut file = fs::File::create(&new)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&new, path)
    };
    write().map_err(|source| UpdateError::Write { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modules() -> (tempfile::TempDir, Modules) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a fresh file");
        write(
            "modules.dep",
            "kernel/fs/ext4/ext4.ko.xz: kernel/fs/mbcache.ko.xz kernel/fs/jbd2/jbd2.ko.xz kernel/lib/crc16.ko.xz\n\
             kernel/fs/mbcache.ko.xz:\nkernel/fs/jbd2/jbd2.ko.xz: kernel/lib/crc16.ko.xz\nkernel/lib/crc16.ko.xz:\n\
             kernel/drivers/mmc/host/sdhci-iproc.ko.xz:\n",
        );
        write("modules.builtin", "kernel/drivers/mmc/core/mmc_block.ko\n");
        let modules = Modules::read(folder.path(), "6.12").expect("depmod's files");
        (folder, modules)
    }

    #[test]
    fn what_a_module_needs_comes_before_it_and_once() {
        let (folder, modules) = modules();
        let order = modules.load_order(["sdhci_iproc", "jbd2", "mmc-block", "ext4"].into_iter()).expect("all known");
        let names: Vec<String> = order.iter().map(|path| name(&path.display().to_string())).collect();
        assert_eq!(names, ["sdhci_iproc", "crc16", "jbd2", "mbcache", "ext4"]);
        assert_eq!(order[1], folder.path().join("kernel/lib/crc16.ko.xz"));
    }

    #[test]
    fn a_module_that_the_new_kernel_lacks_is_named() {
        let (_folder, modules) = modules();
        let error = modules.load_order(["bcm2835"].into_iter()).expect_err("no such module");
        let expected = "kernel 6.12 has no module bcm2835, which /etc/bramble/initramfs-modules names";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn a_module_that_some_kernels_do_without_may_be_missing() {
        let (_folder, modules) = modules();
        let order = modules.load_order(["crc32c_generic?", "jbd2?"].into_iter()).expect("none is needed");
        let names: Vec<String> = order.iter().map(|path| name(&path.display().to_string())).collect();
        assert_eq!(names, ["crc16", "jbd2"]);
    }

    #[test]
    fn a_file_is_replaced_whole() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("initrd.img");
        write_whole(&path, b"one").expect("a fresh file");
        write_whole(&path, b"two").expect("over the old one");
        assert_eq!(fs::read(&path).expect("the file"), b"two");
        assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 1);
        let error = write_whole(Path::new("/nowhere/initrd.img"), b"").expect_err("no such folder");
        assert_eq!(error.to_string(), "cannot write /nowhere/initrd.img: No such file or directory (os error 2)");
    }
}
