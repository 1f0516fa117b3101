//! deb-systemd-helper, through which Debian's scripts enable units (package init-system-helpers).
//!
//! Besides the links it keeps records below `/var/lib/systemd/deb-systemd-helper-enabled`: `<unit>.dsh-also` lists the
//! links of a unit, and an empty file at each link's place says that it was made once. From them an upgrade on the
//! node tells a unit that the administrator disabled from one that is new. A unit that is enabled for the first time
//! goes through the presets (`systemctl --preset-mode=enable-only preset`).

use crate::tree::{Meta, Tree, TreePath};

use super::preset::{self, Policy};
use super::{ConfigureError, Manager, closure, enable_for, template_of};

/// `systemctl preset`: links as the presets say, without a record.
pub fn preset(tree: &mut Tree, unit: &str, manager: Manager, epoch: i64) -> Result<(), ConfigureError> {
    if let Policy::Enable(instances) = preset::policy(tree, unit, manager)? {
        if instances.is_empty() {
            enable_for(tree, unit, manager, epoch)?;
        }
        for instance in instances {
            enable_for(tree, &instance_of(unit, &instance), manager, epoch)?;
        }
    }
    Ok(())
}

/// `deb-systemd-helper debian-installed`: whether it has a record of the unit.
pub fn is_recorded(tree: &Tree, unit: &str, manager: Manager) -> Result<bool, ConfigureError> {
    Ok(tree.contains(&state(manager, &format!("{unit}.dsh-also"))?))
}

/// `deb-systemd-helper was-enabled`: whether each link that the record names was made once. So it is of a unit that has no
/// record yet.
pub fn was_enabled(tree: &Tree, unit: &str, manager: Manager) -> Result<bool, ConfigureError> {
    let list = tree.read_if_there(&state(manager, &format!("{unit}.dsh-also"))?)?.unwrap_or_default();
    let root = format!("/etc/systemd/{}/", manager.folder());
    for line in String::from_utf8_lossy(&list).lines() {
        let place = line.strip_prefix(&root).unwrap_or(line);
        if !tree.contains(&state(manager, place)?) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// `deb-systemd-helper is-enabled`: whether each link of the unit is there, if it has any.
pub fn is_enabled(tree: &Tree, unit: &str, manager: Manager) -> Result<bool, ConfigureError> {
    let places = match places(tree, unit, manager) {
        Err(ConfigureError::UnknownUnit(_)) => return Ok(false),
        places => places?,
    };
    let mut all = !places.is_empty();
    for place in places {
        all &= tree.contains(&TreePath::new(format!("etc/systemd/{}/{place}", manager.folder()))?);
    }
    Ok(all)
}

/// `deb-systemd-helper enable`: links as the presets say, and the records.
pub fn enable(tree: &mut Tree, unit: &str, manager: Manager, epoch: i64) -> Result<(), ConfigureError> {
    preset(tree, unit, manager, epoch)?;
    let places = places(tree, unit, manager)?;
    if !places.is_empty() {
        write_list(tree, unit, manager, &places, epoch)?;
    }
    for place in places {
        let path = state(manager, &place)?;
        write(tree, &path, String::new(), epoch)?;
    }
    Ok(())
}

/// `deb-systemd-helper update-state`: the list of links of a unit that is not enabled by default.
pub fn record(tree: &mut Tree, unit: &str, manager: Manager, epoch: i64) -> Result<(), ConfigureError> {
    let places = places(tree, unit, manager)?;
    write_list(tree, unit, manager, &places, epoch)
}

/// The places of a unit's links below `/etc/systemd/<manager>`.
fn places(tree: &Tree, unit: &str, manager: Manager) -> Result<Vec<String>, ConfigureError> {
    Ok(closure(tree, unit, manager)?.into_iter().map(|link| link.place).collect())
}

fn write_list(
    tree: &mut Tree,
    unit: &str,
    manager: Manager,
    places: &[String],
    epoch: i64,
) -> Result<(), ConfigureError> {
    let list: String = places.iter().map(|place| format!("/etc/systemd/{}/{place}\n", manager.folder())).collect();
    let path = state(manager, &format!("{unit}.dsh-also"))?;
    write(tree, &path, list, epoch)
}

fn state(manager: Manager, name: &str) -> Result<TreePath, ConfigureError> {
    let folder = match manager {
        Manager::System => "deb-systemd-helper-enabled",
        Manager::User => "deb-systemd-user-helper-enabled",
    };
    Ok(TreePath::new(format!("var/lib/systemd/{folder}/{name}"))?)
}

fn write(tree: &mut Tree, path: &TreePath, content: String, epoch: i64) -> Result<(), ConfigureError> {
    if let Some(folder) = path.parent() {
        tree.make_directories(&folder, Meta::directory(epoch))?;
    }
    Ok(tree.write(path, content, Meta::file(epoch))?)
}

/// "getty@tty1.service" for the template "getty@.service" and "tty1".
fn instance_of(unit: &str, instance: &str) -> String {
    match template_of(unit) {
        Some(template) => template.replacen("@.", &format!("@{instance}."), 1),
        None => unit.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{links, tree};
    use super::*;

    fn read(tree: &Tree, path: &str) -> String {
        let path = TreePath::new(format!("var/lib/systemd/deb-systemd-helper-enabled/{path}")).expect("valid");
        String::from_utf8(tree.read(&path).expect("the record").to_vec()).expect("text")
    }

    #[test]
    fn links_are_recorded_in_the_helpers_order() {
        let mut tree = tree(&[("ssh.service", "[Install]\nWantedBy=multi-user.target\nAlias=sshd.service\n")]);
        enable(&mut tree, "ssh.service", Manager::System, 0).expect("the unit is there");
        assert_eq!(
            read(&tree, "ssh.service.dsh-also"),
            "/etc/systemd/system/sshd.service\n/etc/systemd/system/multi-user.target.wants/ssh.service\n"
        );
        assert_eq!(read(&tree, "sshd.service"), "");
        assert_eq!(read(&tree, "multi-user.target.wants/ssh.service"), "");
        assert_eq!(links(&tree).len(), 2);
    }

    #[test]
    fn a_recorded_unit_is_not_enabled() {
        let mut tree = tree(&[("ssh.socket", "[Install]\nWantedBy=sockets.target\n")]);
        record(&mut tree, "ssh.socket", Manager::System, 0).expect("the unit is there");
        assert_eq!(read(&tree, "ssh.socket.dsh-also"), "/etc/systemd/system/sockets.target.wants/ssh.socket\n");
        assert_eq!(links(&tree), [""; 0]);
    }
}
