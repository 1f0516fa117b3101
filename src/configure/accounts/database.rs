//! The four account files together, in the order of their lines.

use crate::configure::ConfigureError;
use crate::tree::{Meta, Tree, TreePath};

use super::{NewUser, file};

const PASSWD: &str = "etc/passwd";
const GROUP: &str = "etc/group";
const SHADOW: &str = "etc/shadow";
const GSHADOW: &str = "etc/gshadow";

/// The password field of a record whose password stands in the shadow file.
const IN_SHADOW: &str = "x";

/// The ids that `adduser` and `addgroup --system` choose from, lowest first (`FIRST_SYSTEM_GID`, `LAST_SYSTEM_GID` of adduser.conf).
const ADDGROUP_IDS: std::ops::RangeInclusive<u32> = 100..=999;

/// The ids that systemd-sysusers chooses from, highest first (`SYS_UID_MAX` of login.defs).
pub(super) const SYSUSERS_IDS: std::ops::RangeInclusive<u32> = 1..=999;

/// A line of passwd(5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub name: String,
    /// `x` when the password stands in shadow(5).
    pub password: String,
    pub uid: u32,
    pub gid: u32,
    pub gecos: String,
    pub home: String,
    pub shell: String,
}

/// A line of group(5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub name: String,
    /// `x` when the password stands in gshadow(5).
    pub password: String,
    pub gid: u32,
    pub members: Vec<String>,
}

/// A line of shadow(5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    pub name: String,
    pub password: String,
    /// Days since 1970-01-01 when the password was last changed, and the ages after it, as they stand in the file.
    pub ages: [String; 6],
    pub reserved: String,
}

/// A line of gshadow(5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GroupSecret {
    name: String,
    password: String,
    administrators: String,
    members: Vec<String>,
}

/// All users and groups of a tree. `shadow` and `gshadow` are none until there are such files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accounts {
    pub users: Vec<User>,
    pub groups: Vec<Group>,
    pub(super) shadow: Option<Vec<Secret>>,
    pub(super) gshadow: Option<Vec<GroupSecret>>,
}

/// The day of an instant, as shadow(5) counts: `epoch` in seconds since 1970-01-01 UTC.
fn day(epoch: i64) -> String {
    epoch.div_euclid(24 * 60 * 60).to_string()
}

fn taken(file: &str, id: u32, holder: &str, name: &str) -> ConfigureError {
    file::malformed(file, format!("has id {id} for `{holder}`, so `{name}` cannot have it; choose a free one"))
}

fn differs(file: &str, name: &str, id: u32, wanted: u32) -> ConfigureError {
    file::malformed(file, format!("has `{name}` with id {id} already, where id {wanted} is wanted; choose {id}"))
}

pub(super) fn exhausted(file: &str, name: &str) -> ConfigureError {
    file::malformed(file, format!("has no free id left for `{name}` among the system's"))
}

fn split_members(field: &str) -> Vec<String> {
    field.split(',').filter(|member| !member.is_empty()).map(str::to_owned).collect()
}

impl Accounts {
    /// Reads the files of `tree`; a missing one has no records.
    pub fn read(tree: &Tree) -> Result<Self, ConfigureError> {
        let mut accounts = Self::default();
        for (index, [name, password, uid, gid, gecos, home, shell]) in
            file::read(tree, PASSWD)?.unwrap_or_default().into_iter().enumerate()
        {
            let (uid, gid) = (file::number(PASSWD, index, &uid)?, file::number(PASSWD, index, &gid)?);
            accounts.users.push(User { name, password, uid, gid, gecos, home, shell });
        }
        for (index, [name, password, gid, members]) in
            file::read(tree, GROUP)?.unwrap_or_default().into_iter().enumerate()
        {
            let gid = file::number(GROUP, index, &gid)?;
            accounts.groups.push(Group { name, password, gid, members: split_members(&members) });
        }
        accounts.shadow = file::read(tree, SHADOW)?.map(|records| {
            let secret = |[name, password, a, b, c, d, e, f, reserved]: [String; 9]| Secret {
                name,
                password,
                ages: [a, b, c, d, e, f],
                reserved,
            };
            records.into_iter().map(secret).collect()
        });
        accounts.gshadow = file::read(tree, GSHADOW)?.map(|records| {
            let secret = |[name, password, administrators, members]: [String; 4]| GroupSecret {
                name,
                password,
                administrators,
                members: split_members(&members),
            };
            records.into_iter().map(secret).collect()
        });
        Ok(accounts)
    }

    /// Writes the files: `passwd` and `group` for everybody to read, `shadow` and `gshadow` for root and the group
    /// `shadow` only.
    pub fn write(&self, tree: &mut Tree, epoch: i64) -> Result<(), ConfigureError> {
        let users = self.users.iter().cloned().map(|user| {
            let User { name, password, uid, gid, gecos, home, shell } = user;
            [name, password, uid.to_string(), gid.to_string(), gecos, home, shell]
        });
        let groups = self
            .groups
            .iter()
            .cloned()
            .map(|Group { name, password, gid, members }| [name, password, gid.to_string(), members.join(",")]);
        let mut files = vec![(PASSWD, file::format(PASSWD, users)?), (GROUP, file::format(GROUP, groups)?)];
        if let Some(shadow) = &self.shadow {
            let secrets =
                shadow.iter().cloned().map(|Secret { name, password, ages: [a, b, c, d, e, f], reserved }| {
                    [name, password, a, b, c, d, e, f, reserved]
                });
            files.push((SHADOW, file::format(SHADOW, secrets)?));
        }
        if let Some(gshadow) = &self.gshadow {
            let secrets = gshadow.iter().cloned().map(|GroupSecret { name, password, administrators, members }| {
                [name, password, administrators, members.join(",")]
            });
            files.push((GSHADOW, file::format(GSHADOW, secrets)?));
        }
        let readers = self.group("shadow").map_or(0, |group| group.gid);
        for (name, text) in files {
            let secret = name == SHADOW || name == GSHADOW;
            let meta =
                if secret { Meta::file(epoch).with_mode(0o640).with_owner(0, readers) } else { Meta::file(epoch) };
            tree.write(&TreePath::new(name)?, text, meta)?;
        }
        Ok(())
    }

    pub fn user(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| user.name == name)
    }

    pub fn group(&self, name: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.name == name)
    }

    /// As [`super::add_group`].
    pub fn add_group(&mut self, name: &str, id: Option<u32>) -> Result<u32, ConfigureError> {
        if let Some(group) = self.group(name) {
            return match id {
                Some(id) if id != group.gid => Err(differs(GROUP, name, group.gid, id)),
                _ => Ok(group.gid),
            };
        }
        let gid = match id {
            Some(id) => match self.groups.iter().find(|group| group.gid == id) {
                Some(holder) => return Err(taken(GROUP, id, &holder.name, name)),
                None => id,
            },
            None => ADDGROUP_IDS
                .clone()
                .find(|&id| self.groups.iter().all(|group| group.gid != id))
                .ok_or_else(|| exhausted(GROUP, name))?,
        };
        self.push_group(name, gid, "!");
        Ok(gid)
    }

    /// As [`super::add_user`].
    pub fn add_user(&mut self, new: &NewUser<'_>, epoch: i64) -> Result<(u32, u32), ConfigureError> {
        if let Some(user) = self.user(new.name) {
            return match new.id {
                Some(id) if id != user.uid => Err(differs(PASSWD, new.name, user.uid, id)),
                _ => Ok((user.uid, user.gid)),
            };
        }
        let uid = match new.id {
            Some(id) => id,
            None => SYSUSERS_IDS
                .rev()
                .find(|&id| {
                    self.users.iter().all(|user| user.uid != id) && self.groups.iter().all(|group| group.gid != id)
                })
                .ok_or_else(|| exhausted(PASSWD, new.name))?,
        };
        if let Some(holder) = self.users.iter().find(|user| user.uid == uid) {
            return Err(taken(PASSWD, uid, &holder.name, new.name));
        }
        let gid = match new.group {
            Some(name) => self.group(name).ok_or_else(|| ConfigureError::UnknownGroup(name.to_owned()))?.gid,
            None => self.add_group(new.name, Some(uid))?,
        };
        let user = User {
            name: new.name.to_owned(),
            password: IN_SHADOW.to_owned(),
            uid,
            gid,
            gecos: new.gecos.to_owned(),
            home: new.home.to_owned(),
            shell: new.shell.to_owned(),
        };
        self.push_user(user, new.password, epoch, false);
        Ok((uid, gid))
    }

    /// The lowest of adduser's system ids that neither a user nor a group has.
    pub fn lowest_free(&self, name: &str) -> Result<u32, ConfigureError> {
        let is_free = |id: &u32| {
            self.users.iter().all(|user| user.uid != *id) && self.groups.iter().all(|group| group.gid != *id)
        };
        ADDGROUP_IDS.clone().find(is_free).ok_or_else(|| exhausted(PASSWD, name))
    }

    /// Makes `user` a member of `group`, last in its list.
    pub fn add_member(&mut self, user: &str, group: &str) -> Result<(), ConfigureError> {
        let add = |members: &mut Vec<String>| {
            if members.iter().all(|member| member != user) {
                members.push(user.to_owned());
            }
        };
        let record = self.groups.iter_mut().find(|record| record.name == group);
        add(&mut record.ok_or_else(|| ConfigureError::UnknownGroup(group.to_owned()))?.members);
        if let Some(secret) = self.gshadow.iter_mut().flatten().find(|record| record.name == group) {
            add(&mut secret.members);
        }
        Ok(())
    }

    /// Takes `user` out of `group`'s list of members, if it is there.
    pub fn remove_member(&mut self, user: &str, group: &str) {
        for record in self.groups.iter_mut().filter(|record| record.name == group) {
            record.members.retain(|member| member != user);
        }
        for secret in self.gshadow.iter_mut().flatten().filter(|record| record.name == group) {
            secret.members.retain(|member| member != user);
        }
    }

    /// As [`super::shadow_passwords`].
    pub fn shadow_passwords(&mut self, epoch: i64) {
        let shadow = self.shadow.get_or_insert_default();
        shadow.retain(|secret| self.users.iter().any(|user| user.name == secret.name));
        for user in &mut self.users {
            let password = std::mem::replace(&mut user.password, IN_SHADOW.to_owned());
            match shadow.iter_mut().find(|secret| secret.name == user.name) {
                Some(_) if password == IN_SHADOW => {}
                Some(secret) => {
                    secret.password = password;
                    secret.ages[0] = day(epoch);
                }
                None => shadow.push(Secret {
                    name: user.name.clone(),
                    password,
                    // The ages that login.defs(5) sets for Debian: PASS_MIN_DAYS, PASS_MAX_DAYS, PASS_WARN_AGE.
                    ages: [&day(epoch), "0", "99999", "7", "", ""].map(str::to_owned),
                    reserved: String::new(),
                }),
            }
        }
        let gshadow = self.gshadow.get_or_insert_default();
        gshadow.retain(|secret| self.groups.iter().any(|group| group.name == secret.name));
        for group in &mut self.groups {
            let password = std::mem::replace(&mut group.password, IN_SHADOW.to_owned());
            match gshadow.iter_mut().find(|secret| secret.name == group.name) {
                Some(secret) => {
                    if password != IN_SHADOW {
                        secret.password = password;
                    }
                    secret.members.clone_from(&group.members);
                }
                None => gshadow.push(GroupSecret {
                    name: group.name.clone(),
                    password,
                    administrators: String::new(),
                    members: group.members.clone(),
                }),
            }
        }
    }

    /// Appends a user whose password hash is `password`. A locked one is expired besides, so that no key lets it in.
    pub fn push_user(&mut self, user: User, password: &str, epoch: i64, locked: bool) {
        let expiry = if locked { "1" } else { "" };
        self.shadow.get_or_insert_default().push(Secret {
            name: user.name.clone(),
            password: password.to_owned(),
            ages: [&day(epoch), "", "", "", "", expiry].map(str::to_owned),
            reserved: String::new(),
        });
        self.users.push(user);
    }

    /// Appends a group whose password is `password`.
    pub fn push_group(&mut self, name: &str, gid: u32, password: &str) {
        self.gshadow.get_or_insert_default().push(GroupSecret {
            name: name.to_owned(),
            password: password.to_owned(),
            administrators: String::new(),
            members: Vec::new(),
        });
        self.groups.push(Group { name: name.to_owned(), password: IN_SHADOW.to_owned(), gid, members: Vec::new() });
    }
}
