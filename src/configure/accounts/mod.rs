//! Users and groups: `/etc/passwd`, `group`, `shadow` and `gshadow`, changed as the programs of a Debian system change
//! them.
//!
//! [`Accounts`] holds the four files and knows their forms; [`sysusers`] does what systemd-sysusers(8) does with the
//! `sysusers.d` files of the packages. The functions here are for everybody else: a maintainer script that calls
//! `addgroup`, a role that brings a user. Each reads the files, changes them and writes them back, so the tree is
//! always whole.
//!
//! No backups (`/etc/passwd-`) are written: they are the history of a running system, and an image has none.

mod database;
mod file;
mod id_ranges;
mod sysusers;

use crate::tree::Tree;

use super::ConfigureError;

pub use database::{Accounts, Group, Secret, User};
pub use sysusers::sysusers;

/// The shell of an account nobody logs in to.
pub const NOLOGIN: &str = "/usr/sbin/nologin";

/// A user to be added with [`add_user`].
#[derive(Debug, Clone, Copy)]
pub struct NewUser<'a> {
    pub name: &'a str,
    /// The user id; none for the highest free one below 1000, as systemd-sysusers chooses.
    pub id: Option<u32>,
    /// The primary group, which must exist; none for a group of the user's own name and id.
    pub group: Option<&'a str>,
    /// The full name or purpose.
    pub gecos: &'a str,
    /// Only recorded; making the folder is the caller's.
    pub home: &'a str,
    pub shell: &'a str,
    /// The hash in `/etc/shadow`: `!*` locks the password of a system account, `*` forbids only passwords.
    pub password: &'a str,
}

/// The id of the group `name`.
pub fn gid(tree: &Tree, name: &str) -> Result<u32, ConfigureError> {
    let accounts = Accounts::read(tree)?;
    accounts.group(name).map(|group| group.gid).ok_or_else(|| ConfigureError::UnknownGroup(name.to_owned()))
}

/// The id of the user `name`.
pub fn uid(tree: &Tree, name: &str) -> Result<u32, ConfigureError> {
    let accounts = Accounts::read(tree)?;
    accounts.user(name).map(|user| user.uid).ok_or_else(|| ConfigureError::UnknownUser(name.to_owned()))
}

/// Adds a group and says its id: `id`, or the lowest free one from 100 up as `addgroup --system` chooses. A group that
/// exists stays as it is; with another id than the wanted one it is an error.
pub fn add_group(tree: &mut Tree, name: &str, id: Option<u32>, epoch: i64) -> Result<u32, ConfigureError> {
    let mut accounts = Accounts::read(tree)?;
    let gid = accounts.add_group(name, id)?;
    accounts.write(tree, epoch)?;
    Ok(gid)
}

/// Adds a user, and its group when it names none, and says both ids. A user that exists stays as it is; with another
/// id than the wanted one it is an error.
pub fn add_user(tree: &mut Tree, user: &NewUser<'_>, epoch: i64) -> Result<(u32, u32), ConfigureError> {
    let mut accounts = Accounts::read(tree)?;
    let ids = accounts.add_user(user, epoch)?;
    accounts.write(tree, epoch)?;
    Ok(ids)
}

/// `adduser --system --group`: a user without a password whose own group has the same id, the lowest from 100 up that is
/// free for both.
pub fn adduser_system(tree: &mut Tree, name: &str, home: &str, epoch: i64) -> Result<(), ConfigureError> {
    let mut accounts = Accounts::read(tree)?;
    if accounts.user(name).is_none() {
        let id = Some(accounts.lowest_free(name)?);
        let user = NewUser { name, id, group: None, gecos: "", home, shell: NOLOGIN, password: "!" };
        accounts.add_user(&user, epoch)?;
        accounts.write(tree, epoch)?;
    }
    Ok(())
}

/// Moves every password out of `passwd` and `group` into `shadow` and `gshadow`, as pwconv(8) and grpconv(8) do.
pub fn shadow_passwords(tree: &mut Tree, epoch: i64) -> Result<(), ConfigureError> {
    let mut accounts = Accounts::read(tree)?;
    accounts.shadow_passwords(epoch);
    accounts.write(tree, epoch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{Meta, TreePath};

    /// 2026-11-21, day 20778.
    const EPOCH: i64 = 1_795_256_000;

    fn path(text: &str) -> TreePath {
        TreePath::new(text).expect("a valid path")
    }

    pub(super) fn tree(passwd: &str, group: &str) -> Tree {
        let mut tree = Tree::new(Meta::directory(0));
        tree.make_directories(&path("etc"), Meta::directory(0)).expect("a fresh directory");
        tree.write(&path("etc/passwd"), passwd.to_owned(), Meta::file(0)).expect("the parent is there");
        tree.write(&path("etc/group"), group.to_owned(), Meta::file(0)).expect("the parent is there");
        tree
    }

    pub(super) fn text(tree: &Tree, file: &str) -> String {
        String::from_utf8(tree.read(&path(file)).expect("the file").to_vec()).expect("text")
    }

    const PASSWD: &str = "root:*:0:0:root:/root:/bin/bash\n_apt:*:42:65534::/nonexistent:/usr/sbin/nologin\n";
    const GROUP: &str = "root:*:0:\nshadow:*:42:\nusers:*:100:\nnogroup:*:65534:\n";

    #[test]
    fn pwconv_moves_the_passwords_and_leaves_an_x() {
        let mut tree = tree(PASSWD, GROUP);
        shadow_passwords(&mut tree, EPOCH).expect("sound files");
        assert_eq!(
            text(&tree, "etc/passwd"),
            "root:x:0:0:root:/root:/bin/bash\n_apt:x:42:65534::/nonexistent:/usr/sbin/nologin\n"
        );
        assert_eq!(text(&tree, "etc/shadow"), "root:*:20778:0:99999:7:::\n_apt:*:20778:0:99999:7:::\n");
        assert_eq!(text(&tree, "etc/group"), "root:x:0:\nshadow:x:42:\nusers:x:100:\nnogroup:x:65534:\n");
        assert_eq!(text(&tree, "etc/gshadow"), "root:*::\nshadow:*::\nusers:*::\nnogroup:*::\n");
        let meta = tree.get(&path("etc/shadow")).expect("written").meta;
        assert_eq!((meta.mode, meta.uid, meta.gid), (0o640, 0, 42));
    }

    #[test]
    fn addgroup_takes_the_lowest_free_system_id() {
        let mut tree = tree(PASSWD, GROUP);
        shadow_passwords(&mut tree, EPOCH).expect("sound files");
        assert_eq!(add_group(&mut tree, "_ssh", None, EPOCH), Ok(101));
        assert_eq!(add_group(&mut tree, "_ssh", None, EPOCH), Ok(101), "a second call changes nothing");
        assert!(text(&tree, "etc/group").ends_with("nogroup:x:65534:\n_ssh:x:101:\n"));
        assert!(text(&tree, "etc/gshadow").ends_with("nogroup:*::\n_ssh:!::\n"));
        assert_eq!(gid(&tree, "_ssh"), Ok(101));
    }

    #[test]
    fn a_user_brings_its_group() {
        let mut tree = tree(PASSWD, GROUP);
        shadow_passwords(&mut tree, EPOCH).expect("sound files");
        let user = NewUser {
            name: "bramble",
            id: Some(900),
            group: None,
            gecos: "",
            home: "/var/lib/bramble",
            shell: NOLOGIN,
            password: "!*",
        };
        assert_eq!(add_user(&mut tree, &user, EPOCH), Ok((900, 900)));
        assert!(text(&tree, "etc/passwd").ends_with("bramble:x:900:900::/var/lib/bramble:/usr/sbin/nologin\n"));
        assert!(text(&tree, "etc/shadow").ends_with("bramble:!*:20778::::::\n"));
        assert_eq!(uid(&tree, "bramble"), Ok(900));
    }

    #[test]
    fn adduser_wants_one_id_for_user_and_group() {
        let mut tree = tree(PASSWD, &format!("{GROUP}_ssh:x:101:\n"));
        adduser_system(&mut tree, "haproxy", "/var/lib/haproxy", EPOCH).expect("sound files");
        assert!(text(&tree, "etc/passwd").ends_with("haproxy:x:102:102::/var/lib/haproxy:/usr/sbin/nologin\n"));
        assert!(text(&tree, "etc/group").ends_with("haproxy:x:102:\n"));
        assert!(text(&tree, "etc/shadow").ends_with("haproxy:!:20778::::::\n"));
    }

    #[test]
    fn refusals_say_how_to_mend_them() {
        let mut tree = tree(PASSWD, GROUP);
        let message = |error: ConfigureError| error.to_string();
        assert_eq!(
            add_group(&mut tree, "mine", Some(42), EPOCH).map_err(message),
            Err("`/etc/group` has id 42 for `shadow`, so `mine` cannot have it; choose a free one".to_owned())
        );
        tree.write(&path("etc/passwd"), "root:x:0\n", Meta::file(0)).expect("the parent is there");
        assert_eq!(
            uid(&tree, "root").map_err(message),
            Err("`/etc/passwd` line 1 has 3 fields where 7 belong".to_owned())
        );
    }
}
