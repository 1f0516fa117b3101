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
        let place = tree.resolve_parent(&TreePath::new(path)?)?;
        if !tree.remove(&place) {
            tracing::warn!("role `{}` takes `{path}` away, and it is not there", role.name);
        }
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
    let mode = rule.bits().ok_or_else(|| OverlayError::Mode {
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
    if path == TreePath::root() && mode & 0o111 != 0o111 {
        return Err(OverlayError::ClosedRoot { role: role.name.clone(), mode: rule.mode.clone() });
    }
    let node = tree
        .get_mut(&path)
        .ok_or_else(|| OverlayError::ModeOfNothing { role: role.name.clone(), path: rule.path.clone() })?;
    node.meta = Meta { mode, uid, gid, ..node.meta };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid(lines: &str) -> Result<Tree, String> {
        let mut role: Role =
            toml::from_str(&format!("description = \"a role of the tests\"\n{lines}")).expect("a role");
        role.name = "test".into();
        let mut tree = Tree::new(Meta::directory(0));
        tree.make_directories(&TreePath::new("etc/keys").expect("a path"), Meta::directory(0)).expect("folders");
        apply(&mut tree, &role, &Programs::default(), 0).map(|()| tree).map_err(|error| error.to_string())
    }

    #[test]
    fn modes_are_octal_digits_and_leave_the_root_open() {
        let mode = |path: &str, mode: &str| laid(&format!("[[modes]]\npath = \"{path}\"\nmode = \"{mode}\"\n"));
        let tree = mode("/etc/keys", "0700").expect("a mode");
        assert_eq!(tree.get(&TreePath::new("etc/keys").expect("a path")).expect("a folder").meta.mode, 0o700);
        for wrong in ["+644", "64", "07777x", "0788"] {
            let told = mode("/etc/keys", wrong).expect_err("no mode");
            assert!(told.ends_with(&format!("the mode `{wrong}`, which is not three or four octal digits")), "{told}");
        }
        for closed in ["000", "0700", "0644"] {
            let told = mode("/", closed).expect_err("a closed root");
            assert_eq!(
                told,
                format!("role `test` gives `/` the mode `{closed}`: no program of the node could open a file then")
            );
        }
    }

    #[test]
    fn what_is_to_go_goes() {
        let tree = laid("remove = [\"etc/keys\", \"etc/not-there\"]").expect("a warning at most");
        assert!(tree.get(&TreePath::new("etc/keys").expect("a path")).is_none());
    }
}
