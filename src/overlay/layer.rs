//! One role over the tree.

use super::{OverlayError, Programs, folder};
use crate::config::{EnabledUnits, ModeRule, Role};
use crate::configure::accounts::{self, NewUser};
use crate::configure::{ConfigureError, units};
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
    set_units(tree, role, epoch)
}

fn set_units(tree: &mut Tree, role: &Role, epoch: i64) -> Result<(), OverlayError> {
    let EnabledUnits { enable, disable, mask } = &role.units;
    if let Some(unit) = enable.iter().find(|unit| disable.contains(unit) || mask.contains(unit)) {
        return Err(OverlayError::UnitOnAndOff { role: role.name.clone(), unit: unit.clone() });
    }
    let in_role = |source| OverlayError::Unit { role: role.name.clone(), source };
    for remark in in_vain(tree, &role.units).map_err(in_role)? {
        tracing::warn!("role `{}` {remark}", role.name);
    }
    for unit in enable {
        // A role below may have masked what no node needs unless a role says so.
        units::unmask(tree, unit).and_then(|()| units::enable(tree, unit, epoch)).map_err(in_role)?;
    }
    for unit in disable {
        if units::exists(tree, unit).map_err(in_role)? {
            units::disable(tree, unit).map_err(in_role)?;
        }
    }
    for unit in mask {
        units::mask(tree, unit, epoch).map_err(in_role)?;
    }
    Ok(())
}

/// What a role says of units and nothing comes of. A system need not have each unit that a role switches off, and systemctl
/// masks what is not there too; but a name may be misspelt.
fn in_vain(tree: &Tree, units: &EnabledUnits) -> Result<Vec<String>, ConfigureError> {
    let mut remarks = Vec::new();
    for (verb, list) in [("disables", &units.disable), ("masks", &units.mask)] {
        for unit in list {
            if !units::exists(tree, unit)? {
                remarks.push(format!("{verb} `{unit}`, and there is no such unit"));
            }
        }
    }
    for unit in &units.enable {
        if units::exists(tree, unit)? && !units::can_be_enabled(tree, unit)? {
            remarks.push(format!("enables `{unit}`, whose file has no `[Install]` section, so nothing starts it"));
        }
    }
    Ok(remarks)
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

    /// With the units `there.service`, which can be enabled, and `static.service`, which cannot.
    fn with_units(lines: &str) -> Result<(Tree, Vec<String>), String> {
        let role: Role = toml::from_str(&format!("description = \"t\"\n[units]\n{lines}")).expect("a role");
        let mut tree = Tree::new(Meta::directory(0));
        let folder = TreePath::new("usr/lib/systemd/system").expect("a path");
        tree.make_directories(&folder, Meta::directory(0)).expect("folders");
        for (name, text) in [("there.service", "[Install]\nWantedBy=a.target\n"), ("static.service", "[Service]\n")] {
            tree.write(&folder.join(name.as_bytes()), text, Meta::file(0)).expect("a fresh file");
        }
        let remarks = in_vain(&tree, &role.units).map_err(|error| error.to_string())?;
        let role = Role { name: "test".into(), ..role };
        apply(&mut tree, &role, &Programs::default(), 0).map_err(|error| error.to_string())?;
        Ok((tree, remarks))
    }

    #[test]
    fn a_unit_that_is_not_there_is_told() {
        let remarks = |lines: &str| with_units(lines).expect("a warning at most").1;
        assert_eq!(
            remarks("enable = [\"static.service\"]\ndisable = [\"their.timer\"]\nmask = [\"theer.service\"]\n"),
            [
                "disables `their.timer`, and there is no such unit",
                "masks `theer.service`, and there is no such unit",
                "enables `static.service`, whose file has no `[Install]` section, so nothing starts it",
            ]
        );
        assert_eq!(remarks("enable = [\"there.service\"]\nmask = [\"static.service\"]\n"), [""; 0]);
        assert_eq!(
            with_units("enable = [\"their.service\"]\n").map(|_| ()),
            Err("role `test`: unit `their.service` is in none of systemd's folders; add the package that brings it, or mend \
                 the name"
                .to_owned())
        );
    }

    #[test]
    fn no_role_switches_a_unit_on_and_off() {
        for off in ["disable", "mask"] {
            let told = with_units(&format!("enable = [\"there.service\"]\n{off} = [\"there.service\"]\n"));
            assert_eq!(
                told.map(|_| ()),
                Err("role `test` enables the unit `there.service`, and disables or masks it too; do one of it"
                    .to_owned())
            );
        }
        let (tree, _) = with_units("disable = [\"there.service\"]\nmask = [\"there.service\"]\n").expect("off is off");
        assert!(tree.contains(&TreePath::new("etc/systemd/system/there.service").expect("a path")));
    }

    #[test]
    fn what_is_to_go_goes() {
        let tree = laid("remove = [\"etc/keys\", \"etc/not-there\"]").expect("a warning at most");
        assert!(tree.get(&TreePath::new("etc/keys").expect("a path")).is_none());
    }
}
