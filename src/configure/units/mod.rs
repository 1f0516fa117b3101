//! Enabling, disabling and masking systemd units, as `systemctl --root` does: by links in `/etc/systemd`.
//!
//! The `[Install]` section of a unit says which links ([`install`]); presets say which units a distribution wants
//! enabled ([`preset`]); Debian's scripts go through deb-systemd-helper, which keeps records besides ([`helper`]).
//! Not here: `[Install]` in drop-in files, generators, init scripts (`super::rc`).

pub mod helper;
mod install;
mod preset;

use crate::tree::{Kind, Meta, Tree, TreeError, TreePath};

use super::ConfigureError;
use install::Install;

/// Which systemd a unit is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manager {
    System,
    /// The manager of each logged-in user.
    User,
}

impl Manager {
    /// The folder's name below `/etc/systemd` and `/usr/lib/systemd`.
    const fn folder(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
        }
    }
}

/// A link that enabling makes: its place below `/etc/systemd/<manager>` and the unit file it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Link {
    place: String,
    target: String,
}

/// Whether a system unit is there; an instance is where its template is.
pub fn exists(tree: &Tree, unit: &str) -> Result<bool, ConfigureError> {
    Ok(read(tree, unit, Manager::System)?.is_some())
}

/// Whether enabling a system unit that is there makes any link: its file has an `[Install]` section that says which.
pub fn can_be_enabled(tree: &Tree, unit: &str) -> Result<bool, ConfigureError> {
    Ok(!closure(tree, unit, Manager::System)?.is_empty())
}

/// `systemctl enable <unit>`: a system unit by its full name, an instance of a template too ("getty@tty1.service").
/// Units named by `Also=` are enabled along; those of them that are not there are passed over, as systemd does.
/// A link that is there already and leads elsewhere gives way.
///
/// # Errors
///
/// When the unit is not there, is masked, or is a template that needs an instance.
pub fn enable(tree: &mut Tree, unit: &str, epoch: i64) -> Result<(), ConfigureError> {
    enable_for(tree, unit, Manager::System, epoch)
}

fn enable_for(tree: &mut Tree, unit: &str, manager: Manager, epoch: i64) -> Result<(), ConfigureError> {
    if is_masked(tree, unit, manager)? {
        return Err(malformed(unit, "is masked; unmask it, or do not enable it"));
    }
    for link in closure(tree, unit, manager)? {
        let place = place(manager, &link.place)?;
        make_link(tree, &place, &link.target, epoch)?;
    }
    Ok(())
}

/// `systemctl disable <unit>`: takes away every link in `/etc/systemd/system` that leads to the unit (for a template,
/// to its instances too) and every link by its name, and the same for the units of its `Also=`.
///
/// # Errors
///
/// When the unit is not there.
pub fn disable(tree: &mut Tree, unit: &str) -> Result<(), ConfigureError> {
    let manager = Manager::System;
    let mut todo = vec![unit.to_owned()];
    let mut done: Vec<String> = Vec::new();
    while let Some(unit) = todo.pop() {
        let Some((_, install)) = read(tree, &unit, manager)? else {
            if done.is_empty() {
                return Err(ConfigureError::UnknownUnit(unit));
            }
            continue;
        };
        let root = TreePath::new(format!("etc/systemd/{}", manager.folder()))?;
        let is_unit = |name: &[u8]| {
            let name = String::from_utf8_lossy(name);
            name == unit || (template_of(&name).as_deref() == Some(unit.as_str()))
        };
        let doomed: Vec<TreePath> = tree
            .below(&root)
            .filter(|(path, node)| {
                let target = node.target().filter(|target| *target != b"/dev/null");
                let leads = target.and_then(|target| target.rsplit(|&byte| byte == b'/').next());
                // The link of an instance leads to the template's file, so only its name tells it from its siblings.
                let instance = template_of(&unit).is_some_and(|template| template != unit);
                target.is_some() && (path.name().is_some_and(is_unit) || (!instance && leads.is_some_and(is_unit)))
            })
            .map(|(path, _)| path.clone())
            .collect();
        for path in doomed {
            tree.remove(&path);
            if let Some(folder) = path.parent().filter(|folder| *folder != root)
                && tree.children(&folder).next().is_none()
            {
                tree.remove(&folder);
            }
        }
        done.push(unit);
        todo.extend(install.also.into_iter().filter(|also| !done.contains(also)));
    }
    Ok(())
}

/// `systemctl mask <unit>`: links the system unit's name to `/dev/null`. The unit need not be there.
///
/// # Errors
///
/// When `/etc/systemd/system` holds a unit file of that name, which a mask would destroy.
pub fn mask(tree: &mut Tree, unit: &str, epoch: i64) -> Result<(), ConfigureError> {
    let place = place(Manager::System, unit)?;
    if tree.get(&place).is_some_and(|node| node.target().is_none()) {
        return Err(malformed(&format!("/{place}"), "is a unit file of its own; remove it to mask the unit"));
    }
    make_link(tree, &place, "/dev/null", epoch)
}

/// `systemctl unmask <unit>`: takes the link to `/dev/null` away. A unit that is not masked stays as it is.
pub fn unmask(tree: &mut Tree, unit: &str) -> Result<(), ConfigureError> {
    if is_masked(tree, unit, Manager::System)? {
        tree.remove(&place(Manager::System, unit)?);
    }
    Ok(())
}

/// Every link that enabling `unit` makes, `Also=` included: aliases, then the units it names, then who wants it, which
/// is the order in which deb-systemd-helper writes them down.
fn closure(tree: &Tree, unit: &str, manager: Manager) -> Result<Vec<Link>, ConfigureError> {
    let mut visited = vec![unit.to_owned()];
    let links = closure_of(tree, unit, manager, &mut visited)?;
    links.ok_or_else(|| ConfigureError::UnknownUnit(unit.to_owned()))
}

fn closure_of(
    tree: &Tree,
    unit: &str,
    manager: Manager,
    visited: &mut Vec<String>,
) -> Result<Option<Vec<Link>>, ConfigureError> {
    let Some((file, install)) = read(tree, unit, manager)? else { return Ok(None) };
    let mut links: Vec<Link> =
        install.aliases(unit).into_iter().map(|place| Link { place, target: file.clone() }).collect();
    for also in &install.also {
        if !visited.contains(also) {
            visited.push(also.clone());
            links.extend(closure_of(tree, also, manager, visited)?.unwrap_or_default());
        }
    }
    let wanted = install
        .wanted(unit)
        .ok_or_else(|| malformed(unit, "is a template; name an instance of it (`name@instance`)"))?;
    links.extend(wanted.into_iter().map(|place| Link { place, target: file.clone() }));
    Ok(Some(links))
}

/// The path (with leading slash) and the `[Install]` section of a unit's file; of its template's for an instance.
fn read(tree: &Tree, unit: &str, manager: Manager) -> Result<Option<(String, Install)>, ConfigureError> {
    for name in [Some(unit.to_owned()), template_of(unit)].into_iter().flatten() {
        for folder in ["etc/systemd", "usr/local/lib/systemd", "usr/lib/systemd"] {
            let path = TreePath::new(format!("{folder}/{}/{name}", manager.folder()))?;
            // A link in /etc is an alias or a mask; the unit itself is a file, or a link that a package ships.
            if folder == "etc/systemd" && tree.get(&path).is_some_and(|node| node.target().is_some()) {
                continue;
            }
            match tree.read(&path) {
                Ok(content) => {
                    let file = format!("/{}", tree.resolve(&path)?);
                    return Ok(Some((file, Install::read(&String::from_utf8_lossy(&content)))));
                }
                Err(TreeError::Missing(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(None)
}

fn is_masked(tree: &Tree, unit: &str, manager: Manager) -> Result<bool, ConfigureError> {
    Ok(tree.get(&place(manager, unit)?).is_some_and(|node| node.target() == Some(b"/dev/null")))
}

fn place(manager: Manager, name: &str) -> Result<TreePath, ConfigureError> {
    Ok(TreePath::new(format!("etc/systemd/{}/{name}", manager.folder()))?)
}

/// Makes a link, and the folders above it. One that leads there already is left alone.
fn make_link(tree: &mut Tree, place: &TreePath, target: &str, epoch: i64) -> Result<(), ConfigureError> {
    if tree.get(place).is_some_and(|node| matches!(&node.kind, Kind::Symlink(to) if to == target.as_bytes())) {
        return Ok(());
    }
    if let Some(folder) = place.parent() {
        tree.make_directories(&folder, Meta::directory(epoch))?;
    }
    Ok(tree.symlink(place, target, Meta::file(epoch))?)
}

/// The template that `unit` is an instance of: "getty@.service" for "getty@tty1.service" and for itself.
fn template_of(unit: &str) -> Option<String> {
    let (prefix, rest) = unit.split_once('@')?;
    let (_, suffix) = rest.rsplit_once('.')?;
    Some(format!("{prefix}@.{suffix}"))
}

fn malformed(path: &str, what: &str) -> ConfigureError {
    ConfigureError::Malformed { path: path.to_owned(), what: what.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EPOCH: i64 = 1000;

    pub(super) fn tree(units: &[(&str, &str)]) -> Tree {
        let mut tree = Tree::new(Meta::directory(EPOCH));
        for (name, content) in units {
            let path = TreePath::new(format!("usr/lib/systemd/system/{name}")).expect("valid");
            tree.make_directories(&path.parent().expect("has one"), Meta::directory(EPOCH)).expect("fresh");
            tree.write(&path, content.to_string(), Meta::file(EPOCH)).expect("fresh");
        }
        tree
    }

    pub(super) fn links(tree: &Tree) -> Vec<String> {
        let links = tree.iter().filter_map(|(path, _, node)| {
            let target = String::from_utf8_lossy(node.target()?).into_owned();
            let path = path.to_string();
            Some(format!("{} -> {target}", path.strip_prefix("etc/systemd/system/").unwrap_or(&path)))
        });
        links.collect()
    }

    #[test]
    fn enabling_makes_every_link_of_the_install_section() {
        let mut tree = tree(&[
            (
                "a.service",
                "[Unit]\nWantedBy=no\n[Install]\nWantedBy=multi-user.target b.target\nRequiredBy=c.target\nUpheldBy=d.target\nAlias=a2.service\nAlso=a.socket gone.socket\n",
            ),
            ("a.socket", "[Install]\nWantedBy=sockets.target\nAlso=a.service\n"),
        ]);
        enable(&mut tree, "a.service", EPOCH).expect("the unit is there");
        let service = "/usr/lib/systemd/system/a.service";
        assert_eq!(
            links(&tree),
            [
                format!("a2.service -> {service}"),
                format!("b.target.wants/a.service -> {service}"),
                format!("c.target.requires/a.service -> {service}"),
                format!("d.target.upholds/a.service -> {service}"),
                format!("multi-user.target.wants/a.service -> {service}"),
                "sockets.target.wants/a.socket -> /usr/lib/systemd/system/a.socket".to_owned(),
            ]
        );
        disable(&mut tree, "a.service").expect("the unit is there");
        assert_eq!(links(&tree), [""; 0]);
        assert!(!tree.contains(&TreePath::new("etc/systemd/system/b.target.wants").expect("valid")));
    }

    #[test]
    fn templates_are_enabled_by_instance() {
        let getty = "[Install]\nWantedBy=getty.target\nDefaultInstance=tty1\n";
        let mut tree = tree(&[("getty@.service", getty), ("bare@.service", "[Install]\nWantedBy=x.target\n")]);
        enable(&mut tree, "getty@ttyS0.service", EPOCH).expect("the template is there");
        enable(&mut tree, "getty@.service", EPOCH).expect("it has a default instance");
        assert_eq!(
            links(&tree),
            [
                "getty.target.wants/getty@tty1.service -> /usr/lib/systemd/system/getty@.service",
                "getty.target.wants/getty@ttyS0.service -> /usr/lib/systemd/system/getty@.service",
            ]
        );
        let error = enable(&mut tree, "bare@.service", EPOCH).expect_err("no instance").to_string();
        assert_eq!(error, "`bare@.service` is a template; name an instance of it (`name@instance`)");
        disable(&mut tree, "getty@tty1.service").expect("the template is there");
        assert_eq!(links(&tree).len(), 1);
        disable(&mut tree, "getty@.service").expect("the template is there");
        assert_eq!(links(&tree), [""; 0]);
    }

    #[test]
    fn unmasking_takes_a_mask_away_and_nothing_else() {
        let mut tree = tree(&[("a.service", "[Install]\nWantedBy=multi-user.target\n")]);
        unmask(&mut tree, "a.service").expect("nothing to do");
        mask(&mut tree, "a.service", EPOCH).expect("no unit file in /etc");
        unmask(&mut tree, "a.service").expect("a mask");
        enable(&mut tree, "a.service", EPOCH).expect("no mask any more");
        unmask(&mut tree, "a.service").expect("nothing to do");
        assert_eq!(links(&tree), ["multi-user.target.wants/a.service -> /usr/lib/systemd/system/a.service"]);
    }

    #[test]
    fn masking_wins_over_enabling() {
        let mut tree = tree(&[("a.service", "[Install]\nWantedBy=b.target\n")]);
        mask(&mut tree, "a.service", EPOCH).expect("no unit file in /etc");
        assert_eq!(links(&tree), ["a.service -> /dev/null"]);
        let error = enable(&mut tree, "a.service", EPOCH).expect_err("masked").to_string();
        assert_eq!(error, "`a.service` is masked; unmask it, or do not enable it");
        let error = enable(&mut tree, "none.service", EPOCH).expect_err("missing").to_string();
        assert_eq!(
            error,
            "unit `none.service` is in none of systemd's folders; add the package that brings it, or mend the name"
        );
    }
}
