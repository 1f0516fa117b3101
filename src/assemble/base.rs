//! A base image: found if one of the same recipe lies ready, built if not.

use std::fs;
use std::path::PathBuf;

use super::packages::{self, PackageSource};
use super::{BuildError, Recipe, Workspace, programs, ready, root};
use crate::archive::Lock;
use crate::config::{BaseSpec, Plan};
use crate::disk::{Ids, Names};
use crate::firmware;
use crate::image::{BaseContents, BaseImage, ImageError, Layout, Origin, PartitionRole};

/// A base image with what it was made of.
#[derive(Debug)]
pub struct BuiltBase {
    pub image: BaseImage,
    /// Its name, and what it was made of.
    pub origin: Origin,
    /// Whether it was there before.
    pub ready: bool,
}

/// The base image of `base`, a base of `plan`.
pub fn base(
    workspace: &Workspace,
    plan: &Plan,
    base: &BaseSpec,
    source: &PackageSource<'_>,
) -> Result<BuiltBase, BuildError> {
    let programs = programs::read(workspace, base.architecture)?;
    let mut recipe = Recipe::new(workspace, plan, base, &programs)?;
    if let Some(ready) = find(workspace, base, &recipe)? {
        return Ok(ready);
    }
    let lock_path = workspace.lock(&base.system.name, base.architecture);
    let packages = packages::fetch(workspace, base, &Lock::read(&lock_path)?, source)?;
    // Fetching may have written a new lock, and then this is another recipe.
    if recipe.lock_is_another(workspace, base)?
        && let Some(ready) = find(workspace, base, &recipe)?
    {
        return Ok(ready);
    }
    let epoch = Lock::read(&lock_path)?.epoch;

    tracing::info!("{}: configuring {} packages of {}", base.name, packages.len(), base.system.description);
    let folder = workspace.bases();
    fs::create_dir_all(&folder).map_err(|source| BuildError::Folder { path: folder.clone(), source })?;
    let (mut tree, _) = root::configured(base, &packages, &folder, epoch)?;
    let ids = Ids::derive(&Names::new(&[&plan.name, &base.name]));
    let layout = Layout::default();
    let (release, initramfs) = root::root(&mut tree, base, &packages, &programs, (&layout, &ids), epoch)?;
    let boot = firmware::boot_files(&tree, base, &release, initramfs, &layout.partuuid(&ids, PartitionRole::Root)?)?;

    let loader = firmware::boot_loader(&tree, base)?;

    // What was read is what was hashed, or nobody could say what the base is made of.
    let changed = recipe.changes(&Recipe::new(workspace, plan, base, &programs)?);
    if !changed.is_empty() {
        return Err(BuildError::Changed { base: base.name.clone(), inputs: changed });
    }

    tracing::info!("{}: writing the base image", base.name);
    let path = place(workspace, base, &recipe)?;
    let made_of = BaseContents {
        loader: loader.as_ref().map(|(offset, content)| (*offset, content.as_ref())),
        boot: &boot,
        tree: &tree,
        ids,
        epoch,
        layout,
        host_keys: plan.secret.is_some(),
    };
    let image = BaseImage::write(&path, &made_of)?;
    Ok(BuiltBase { image, origin: origin(base, recipe), ready: false })
}

/// The base image of this recipe, if it was built before.
fn find(workspace: &Workspace, base: &BaseSpec, recipe: &Recipe) -> Result<Option<BuiltBase>, BuildError> {
    let path = place(workspace, base, recipe)?;
    match BaseImage::open(&path) {
        Ok(None) => Ok(None),
        Ok(Some(image)) if image.is_intact()? => {
            ready::used(&path);
            Ok(Some(BuiltBase { image, origin: origin(base, recipe.clone()), ready: true }))
        }
        Ok(Some(_)) | Err(ImageError::Sidecar { .. } | ImageError::OtherBase { .. }) => {
            tracing::warn!("`{}` is no longer what was written there; it is built anew", path.display());
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

fn origin(base: &BaseSpec, recipe: Recipe) -> Origin {
    let second_stage = base.second_stage().into_iter().map(|(package, _)| package).collect();
    Origin { base: base.name.clone(), inputs: recipe.inputs, second_stage }
}

fn place(workspace: &Workspace, base: &BaseSpec, recipe: &Recipe) -> Result<PathBuf, BuildError> {
    Ok(workspace.bases().join(format!("{}.{}.img", base.name, &recipe.digest()?[..16])))
}
