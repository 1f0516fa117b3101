//! Why a build stopped. Most of it is told by the room it stopped in.

use std::path::PathBuf;

use super::debs::PackageError;
use crate::archive::mirror::MirrorError;
use crate::archive::{ArchiveError, LockError};
use crate::configure::ConfigureError;
use crate::firmware::FirmwareError;
use crate::image::ImageError;
use crate::kernel::KernelError;
use crate::overlay::OverlayError;
use crate::scripts::ScriptsError;
use crate::tree::{PathError, TreeError};
use crate::unpack::UnpackError;

#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("cannot read `{}`: {source}", .path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("cannot make the folder `{}`: {source}", .path.display())]
    Folder { path: PathBuf, source: std::io::Error },
    #[error("cannot remove `{}`: {source}", .path.display())]
    Remove { path: PathBuf, source: std::io::Error },
    #[error(
        "the worker and init are not compiled for {target}: `{}` is not there; `make payload` compiles them", .folder.display()
    )]
    NoPayload { folder: PathBuf, target: &'static str },
    #[error("the program `{0}` is not compiled; `make payload` does that")]
    NoProgram(&'static str),
    #[error("{} of `{base}` changed while it was built; build it again when nothing writes there", quoted(.inputs))]
    Changed { base: String, inputs: Vec<String> },
    #[error("`{}` is the cluster's secret, and would be on every card; take it out of that folder", .path.display())]
    SecretInFolder { path: PathBuf },
    #[error("the images would be written into the site `{}`, and be part of the next ones; choose another --out than `{}`", .site.display(), .out.display())]
    OutInSite { out: PathBuf, site: PathBuf },
    #[error(
        "a role brings `etc/fstab`, which is written for every node; bring a unit for each mount instead \
         (`etc/systemd/system/srv-data.mount`)"
    )]
    OwnFstab,
    #[error("cannot write down what the base is made of: {0}")]
    Recipe(serde_json::Error),
    #[error(transparent)]
    Package(#[from] PackageError),
    #[error("there is no room for the files of package {package} in `{}`; free some space or choose another --out", .folder.display())]
    NoSpace { package: String, folder: PathBuf },
    #[error(
        "a node and a base are both called `{0}`, and so would be their images; rename the node or write no patches"
    )]
    NodeLikeBase(String),
    #[error("`{}` is the image of `{hostname}`, and no node of this cluster file is called so; name the right one with --cluster", .path.display())]
    NotInCluster { path: PathBuf, hostname: String },
    #[error(transparent)]
    Mirror(#[from] MirrorError),
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error(transparent)]
    Unpack(#[from] UnpackError),
    #[error(transparent)]
    Configure(#[from] ConfigureError),
    #[error(transparent)]
    Scripts(#[from] ScriptsError),
    #[error(transparent)]
    Overlay(#[from] OverlayError),
    #[error(transparent)]
    Kernel(#[from] KernelError),
    #[error(transparent)]
    Firmware(#[from] FirmwareError),
    #[error(transparent)]
    Image(#[from] ImageError),
    #[error(transparent)]
    Tree(#[from] TreeError),
    #[error(transparent)]
    Path(#[from] PathError),
}

/// "`site`, `overlay worker`"
fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
