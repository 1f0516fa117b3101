//! One role over the tree.

use super::{OverlayError, Programs, folder};
use crate::config::{ModeRule, Role};
use crate::configure::accounts::{self, NewUser};
use crate::configure::units;
use crate::tree::{Meta, Tree, TreePath};

/// The shell of accounts that are for services only.
const NO_LOGIN: &str = "/usr/sbin/nologin";

/// Lays one role down: accounts before files, because files may belong to them; units last, because a role enables the
/// units that it brings.
pub(super) fn apply(tree: &mut Tree, role: &Role, programs: &Programs, epoch: i64) -> Result<(), OverlayError> {
    for user in &role.users {
        let account = NewUser {
            name: &user.name,
            id: Some(user.id),
            group: None,
            gecos: "",
            home: &user.home,
            shell: NO_LOGIN,
            password: "!*",
        };
        accounts::add_user(tree, &account, epoch)?;
    }
    for path in &role.directories {
        tree.make_directories(&TreePath::new(path)?, Meta::directory(epoch))?;
    }
    for path in &role.remove {
        let path = tree.resolve_parent(&TreePath::new(path)?)?;
        tree.remove(&path);
    }
    let files = role.directory.join("files");
    if files.is_dir() {
        folder::lay(tree, &files, &TreePath::root(), epoch)?;
    }
    for (program, path) in &role.programs {
        let content = programs
            .get(program)
            .ok_or_else(|| OverlayError::MissingProgram { role: role.name.clone(), program: program.clone() })?;
        tree.write(&TreePath::new(path)?, content.clone(), Meta::file(epoch).with_mode(0o755))?;
    }
    for rule in &role.modes {
        set_mode(tree, role, rule)?;
    }
    for unit in &role.units.enable {
        // A role below may have masked what no node needs unless a role says so.
        units::unmask(tree, unit)?;
        units::enable(tree, unit, epoch)?;
    }
    for unit in &role.units.disable {
        units::disable(tree, unit)?;
    }
    for unit in &role.units.mask {
        units::mask(tree, unit, epoch)?;
    }
    Ok(())
}

fn set_mode(tree: &mut Tree, role: &Role, rule: &ModeRule) -> Result<(), OverlayError> {
    let mode = match rule.mode.len() {
        3 | 4 => u16::from_str_radix(&rule.mode, 8).ok(),
        _ => None,
    };
    let mode = mode.ok_or_else(|| OverlayError::Mode {
        role: role.name.clone(),
        path: rule.path.clone(),
        mode: rule.mode.clone(),
    })?;
    let unknown = |account: &str| OverlayError::UnknownAccount {
        role: role.name.clone(),
        path: rule.path.clone(),
        account: account.to_owned(),
    };
    let uid = match &rule.owner {
        Some(name) => accounts::uid(tree, name).map_err(|_| unknown(name))?,
        None => 0,
    };
    let gid = match &rule.group {
        Some(name) => accounts::gid(tree, name).map_err(|_| unknown(name))?,
        None => 0,
    };
    let path = tree.resolve(&TreePath::new(&rule.path)?)?;
    let node = tree
        .get_mut(&path)
        .ok_or_else(|| OverlayError::ModeOfNothing { role: role.name.clone(), path: rule.path.clone() })?;
    node.meta = Meta { mode, uid, gid, ..node.meta };
    Ok(())
}
