//! The root file system of a base: packages unpacked and configured, roles laid over, kernel modules thinned out.

use std::path::Path;

use bytes::Bytes;

use super::debs::{self, PackageFile};
use super::programs::INIT;
use super::{BuildError, apt_pins, apt_sources};
use crate::config::BaseSpec;
use crate::configure::debconf::Answer;
use crate::disk::Ids;
use crate::image::{ImageError, Layout, PartitionRole};
use crate::kernel::{self, Modules};
use crate::overlay::{self, Programs};
use crate::tree::{Meta, Tree, TreePath};
use crate::unpack::{ExcludeRules, Package, Rule};
use crate::{configure, firmware, scripts};

/// Written here for every node.
const FSTAB: &str = "etc/fstab";

/// Where the first process has udev make links to the partitions of the root's disk, by number (`init/src/disk_links.rs`).
const DISK_LINKS: &str = "/dev/bramble/part";

/// Unpacks and configures `packages`, as a fresh installation of `system` would be before anybody touched it. What is large
/// in them lies in the folder `scratch` as long as the tree is there.
pub fn configured(
    base: &BaseSpec,
    packages: &[PackageFile],
    scratch: &Path,
    epoch: i64,
) -> Result<(Tree, Vec<Package>), BuildError> {
    let BaseSpec { system, board, architecture, .. } = base;
    let exclude = system.exclude.iter().chain(&board.exclude).map(|pattern| Rule::Exclude(pattern.clone()));
    let include = system.include.iter().chain(&board.include).map(|pattern| Rule::Include(pattern.clone()));
    let rules = exclude.chain(include).chain(firmware::of_other_boards(board));
    let exclude = ExcludeRules::new(rules.collect())?;
    let (mut tree, packages) = debs::unpack(packages, &exclude, scratch, epoch)?;
    let answers = base.debconf().into_iter();
    let debconf = answers.map(|(question, (value, file))| (question.to_owned(), Answer::new(value, &file))).collect();
    let options =
        configure::ConfigureOptions { architecture: *architecture, epoch, debconf, second_stage: base.second_stage() };
    for (package, why) in scripts::configure(&mut tree, &packages, &options)? {
        tracing::warn!("{}: the node configures {package} at its first boot ({why})", base.name);
    }
    Ok((tree, packages))
}

/// Makes the configured `tree` the root of `base`, and gives the kernel's release and the initramfs. `packages` are
/// those that the tree was made of, `layout`
/// and `ids` say what the kernel will call the partitions.
pub fn root(
    tree: &mut Tree,
    base: &BaseSpec,
    packages: &[PackageFile],
    programs: &Programs,
    (layout, ids): (&Layout, &Ids),
    epoch: i64,
) -> Result<(String, Bytes), BuildError> {
    overlay::apply(tree, base, programs, epoch)?;
    for (path, content) in firmware::node_files(&base.board) {
        write(tree, path, *content, Meta::file(epoch))?;
    }
    if tree.get(&TreePath::new(FSTAB)?).is_some() {
        return Err(BuildError::OwnFstab);
    }
    write(tree, FSTAB, fstab(layout, ids)?, Meta::file(epoch))?;
    if let Some(sources) = apt_sources::of(&base.system, &base.pins()) {
        write(tree, apt_sources::PATH, sources, Meta::file(epoch))?;
    }
    if let Some(pins) = apt_pins::of(base, packages) {
        write(tree, apt_pins::PATH, pins, Meta::file(epoch))?;
    }
    tree.make_directories(&TreePath::new("boot/firmware")?, Meta::directory(epoch))?;
    configure::ld_so_cache::write(tree, base.architecture, epoch)?;

    let init = programs.get(INIT).ok_or(BuildError::NoProgram(INIT))?;
    let release = kernel::release(tree)?;
    let modules = Modules::read(tree, &release)?;
    let first = modules.load_order(&base.board.modules.init)?;
    let initramfs = kernel::initramfs(tree, &first, init, epoch)?;
    if !base.board.modules.keep.is_empty() {
        let keep: Vec<&String> = base.board.modules.init.iter().chain(&base.board.modules.keep).collect();
        modules.prune(tree, &keep)?;
    }
    kernel::index(tree, &release, epoch)?;
    let initramfs = Bytes::from(initramfs);
    for_updates(tree, base, &release, &initramfs, init, epoch)?;
    Ok((release, initramfs))
}

/// Writes the files that the hooks of a kernel update read (`overlays/common`, `/etc/kernel`): the initramfs of this
/// kernel under the name that Debian gives it, the program that makes one for the next, and the modules it must load.
fn for_updates(
    tree: &mut Tree,
    base: &BaseSpec,
    release: &str,
    initramfs: &Bytes,
    init: &Bytes,
    epoch: i64,
) -> Result<(), BuildError> {
    write(tree, &format!("boot/initrd.img-{release}"), initramfs.clone(), Meta::file(epoch))?;
    write(tree, "usr/lib/bramble/init", init.clone(), Meta::file(epoch).with_mode(0o755))?;
    let modules: String = base.board.modules.init.iter().map(|module| format!("{module}\n")).collect();
    write(tree, "etc/bramble/initramfs-modules", modules, Meta::file(epoch))
}

/// The card wears with every write, so times of access are not recorded. A root file system with an error in it takes no
/// more writes, and still serves. The boot partition is mounted only while
/// somebody looks at it (a kernel update does): the boot waits for nothing, and a power cut finds it clean. It is the one
/// beside the root on the same disk, whose link is made by a rule of the first process: another card of the cluster has
/// partitions of the same ids.
fn fstab(layout: &Layout, ids: &Ids) -> Result<String, ImageError> {
    Ok(format!(
        "# <device>  <where>  <type>  <options>  <dump>  <fsck>\n\
         PARTUUID={root}  /               ext4  defaults,noatime,errors=remount-ro  0  1\n\
         {DISK_LINKS}{boot}  /boot/firmware  vfat  noauto,x-systemd.automount,x-systemd.idle-timeout=60,noatime,umask=0022  0  2\n",
        root = layout.partuuid(ids, PartitionRole::Root)?,
        boot = layout.number(PartitionRole::Boot)?,
    ))
}

fn write(tree: &mut Tree, path: &str, content: impl Into<Bytes>, meta: Meta) -> Result<(), BuildError> {
    let path = TreePath::new(path)?;
    if let Some(parent) = path.parent() {
        tree.make_directories(&parent, Meta::directory(meta.mtime))?;
    }
    Ok(tree.write(&path, content, meta)?)
}
