//! sysusers.d(5) files and what systemd-sysusers(8) makes of them: the accounts of services.
//!
//! The order of allocation is systemd's (`src/sysusers/sysusers.c` of systemd 257), because the ids follow from it:
//! within one run every group line comes before every user line, ids are tried from the highest down (999, or as `r` lines
//! say, wherever they stand), the search goes on where it last stopped, and a user that brings its group wants one id for
//! both. Not for it: ids read from the owner of a file, `%` specifiers other than `%%`; none occurs in Debian's base, and each
//! is refused.

use std::collections::BTreeSet;

use crate::configure::{ConfigureError, Context, fields};
use crate::tree::{Tree, TreePath};

use super::database::exhausted;
use super::id_ranges::IdRanges;
use super::{Accounts, NOLOGIN, User};

/// The folders of the files, the most important first.
const FOLDERS: [&str; 3] = ["etc/sysusers.d", "usr/local/lib/sysusers.d", "usr/lib/sysusers.d"];

/// A `g` or `u` line.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Item {
    name: String,
    uid: Option<u32>,
    gid: Option<u32>,
    /// The primary group by name, where it is not the user's own.
    group: Option<String>,
    gecos: String,
    home: String,
    shell: String,
    /// `u!`: the account is expired besides having no password.
    locked: bool,
}

/// What the lines of one run ask for, in their order.
#[derive(Debug, Default)]
struct Wanted {
    groups: Vec<Item>,
    users: Vec<Item>,
    /// (group, user)
    members: Vec<(String, String)>,
    /// Where ids come from that no line names.
    ranges: IdRanges,
}

/// `systemd-sysusers <files>`: adds the users, groups and memberships of the named files, all in one run. Without names,
/// of every file in the tree's folders, by name.
pub fn sysusers(context: &mut Context<'_>, files: &[String]) -> Result<(), ConfigureError> {
    run(context.tree, files, context.options.epoch)
}

fn run(tree: &mut Tree, files: &[String], epoch: i64) -> Result<(), ConfigureError> {
    let all: Vec<String> = if files.is_empty() { all_files(tree)?.into_iter().collect() } else { Vec::new() };
    let mut wanted = Wanted::default();
    for name in files.iter().chain(&all) {
        let path = find(tree, name)?;
        let text = String::from_utf8_lossy(&tree.read(&path)?).into_owned();
        for (index, line) in text.lines().enumerate() {
            wanted.parse(line).map_err(|problem| ConfigureError::Malformed {
                path: format!("/{path}"),
                what: format!("line {}: {problem}", index + 1),
            })?;
        }
    }
    wanted.imply();
    let mut accounts = Accounts::read(tree)?;
    Run { accounts: &mut accounts, ranges: &wanted.ranges, last: u32::MAX, epoch }.process(&wanted)?;
    accounts.write(tree, epoch)
}

/// The names of all files, each once though several folders may have it.
fn all_files(tree: &Tree) -> Result<BTreeSet<String>, ConfigureError> {
    let mut names = BTreeSet::new();
    for folder in FOLDERS {
        let folder = TreePath::new(folder)?;
        let files = tree.children(&folder).filter_map(|(path, _)| path.name());
        names.extend(
            files.map(|name| String::from_utf8_lossy(name).into_owned()).filter(|name| name.ends_with(".conf")),
        );
    }
    Ok(names)
}

fn find(tree: &Tree, name: &str) -> Result<TreePath, ConfigureError> {
    for folder in FOLDERS {
        let path = TreePath::new(folder)?.join(name.as_bytes());
        if tree.contains(&path) {
            return Ok(path);
        }
    }
    Err(ConfigureError::Malformed {
        path: format!("/usr/lib/sysusers.d/{name}"),
        what: "is missing though a package asks for it; add the package that brings it".to_owned(),
    })
}

impl Wanted {
    fn parse(&mut self, line: &str) -> Result<(), String> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        let mut fields = split(line)?.into_iter();
        let kind = fields.next().unwrap_or_default();
        let mut field = || fields.next().filter(|field| field != "-" && !field.is_empty());
        let (name, id, gecos, home, shell) = (field(), field(), field(), field(), field());
        if kind == "r" {
            if name.or(gecos).or(home).or(shell).is_some() {
                return Err("says more than a range, like `r - 500-900`".to_owned());
            }
            return self.ranges.add(&id.ok_or("names no range")?);
        }
        let name = name.ok_or("names nobody")?;
        match kind.as_str() {
            "m" => {
                let group = id.ok_or("names no group")?;
                if !self.members.contains(&(group.clone(), name.clone())) {
                    self.members.push((group, name));
                }
            }
            "g" => {
                let gid = id.as_deref().map(number).transpose()?;
                add(&mut self.groups, Item { gid, ..Item::named(&name) });
            }
            "u" | "u!" => {
                let (uid, gid, group) = match id.as_deref().map(|id| id.split_once(':').ok_or(id)) {
                    None => (None, None, None),
                    Some(Err(id)) => (Some(number(id)?), None, None),
                    Some(Ok((uid, group))) => {
                        let uid = if uid == "-" { None } else { Some(number(uid)?) };
                        match group.parse() {
                            Ok(gid) => (uid, Some(gid), None),
                            Err(_) => (uid, None, Some(group.to_owned())),
                        }
                    }
                };
                let home = home.unwrap_or_else(|| "/".to_owned());
                let shell = shell.unwrap_or_else(|| if uid == Some(0) { "/bin/sh" } else { NOLOGIN }.to_owned());
                let (gecos, locked) = (gecos.unwrap_or_default(), kind == "u!");
                add(&mut self.users, Item { name, uid, gid, group, gecos, home, shell, locked });
            }
            _ => return Err(format!("type `{kind}` is not understood")),
        }
        Ok(())
    }

    /// The users and groups that only `m` lines name.
    fn imply(&mut self) {
        for (group, user) in &self.members {
            add(&mut self.users, Item::named(user));
            if self.users.iter().all(|item| item.name != *group) {
                add(&mut self.groups, Item::named(group));
            }
        }
    }
}

impl Item {
    fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            uid: None,
            gid: None,
            group: None,
            gecos: String::new(),
            home: "/".to_owned(),
            shell: NOLOGIN.to_owned(),
            locked: false,
        }
    }
}

/// The first of two lines for one name counts.
fn add(items: &mut Vec<Item>, item: Item) {
    if items.iter().all(|known| known.name != item.name) {
        items.push(item);
    }
}

fn number(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| format!("`{text}` is not a number"))
}

/// The fields of a line, with `%%` as `%`.
fn split(line: &str) -> Result<Vec<String>, String> {
    let mut fields = fields::split(line).ok_or("has a quote that is not closed")?;
    for field in &mut fields {
        if field.replace("%%", "").contains('%') {
            return Err(format!("`{field}` has a specifier that is not understood"));
        }
        *field = field.replace("%%", "%");
    }
    Ok(fields)
}

/// One run over the accounts.
#[derive(Debug)]
struct Run<'a> {
    accounts: &'a mut Accounts,
    ranges: &'a IdRanges,
    /// The id that was tried last.
    last: u32,
    epoch: i64,
}

impl Run<'_> {
    fn process(mut self, wanted: &Wanted) -> Result<(), ConfigureError> {
        for group in &wanted.groups {
            self.add_group(group)?;
        }
        for user in &wanted.users {
            let gid = self.primary_group(user)?;
            self.add_user(user, gid)?;
        }
        for (group, user) in &wanted.members {
            self.accounts.add_member(user, group)?;
            // systemd sorts the members of a group that it adds to.
            if let Some(group) = self.accounts.groups.iter_mut().find(|record| record.name == *group) {
                group.members.sort();
            }
        }
        Ok(())
    }

    /// The id of a user's primary group, which is made when it is the user's own.
    fn primary_group(&mut self, user: &Item) -> Result<u32, ConfigureError> {
        if let Some(name) = &user.group {
            let group = self.accounts.group(name);
            return group.map(|group| group.gid).ok_or_else(|| ConfigureError::UnknownGroup(name.clone()));
        }
        match user.gid {
            // `uid:gid` names a group that is there; no group of the user's own is made.
            Some(gid) if self.accounts.groups.iter().any(|group| group.gid == gid) => Ok(gid),
            Some(gid) => Err(ConfigureError::UnknownGroup(gid.to_string())),
            None => self.add_group(user),
        }
    }

    fn add_group(&mut self, item: &Item) -> Result<u32, ConfigureError> {
        if let Some(group) = self.accounts.group(&item.name) {
            return Ok(group.gid);
        }
        let wanted = item.gid.filter(|&gid| self.gid_is_free(gid, &item.name, false));
        let same = item.uid.filter(|&uid| self.gid_is_free(uid, &item.name, true));
        let gid = match wanted.or(same) {
            Some(gid) => gid,
            None => self.search("etc/group", &item.name, Self::gid_is_free)?,
        };
        self.accounts.push_group(&item.name, gid, "!*");
        Ok(gid)
    }

    fn add_user(&mut self, item: &Item, gid: u32) -> Result<(), ConfigureError> {
        if self.accounts.user(&item.name).is_some() {
            return Ok(());
        }
        let strict = item.gid.is_some() || item.group.is_some();
        let wanted = item.uid.filter(|&uid| self.uid_is_free(uid, &item.name, !strict));
        let same = Some(gid).filter(|&gid| self.uid_is_free(gid, &item.name, true));
        let uid = match wanted.or(same) {
            Some(uid) => uid,
            None => self.search("etc/passwd", &item.name, Self::uid_is_free)?,
        };
        let user = User {
            name: item.name.clone(),
            password: "x".to_owned(),
            uid,
            gid,
            gecos: item.gecos.clone(),
            home: item.home.clone(),
            shell: item.shell.clone(),
        };
        self.accounts.push_user(user, "!*", self.epoch, item.locked);
        Ok(())
    }

    /// The next lower id that is free for `name`, as user and as group.
    fn search(
        &mut self,
        file: &str,
        name: &str,
        is_free: impl Fn(&Self, u32, &str, bool) -> bool,
    ) -> Result<u32, ConfigureError> {
        while let Some(id) = self.ranges.next_below(self.last) {
            self.last = id;
            if is_free(self, id, name, true) {
                return Ok(id);
            }
        }
        Err(exhausted(file, name))
    }

    /// Whether a group `name` may have the id; with `both`, no user of another name has it either.
    fn gid_is_free(&self, id: u32, name: &str, both: bool) -> bool {
        self.accounts.groups.iter().all(|group| group.gid != id)
            && !(both && self.accounts.users.iter().any(|user| user.uid == id && user.name != name))
    }

    /// Whether a user `name` may have the id; with `both`, no group of another name has it either.
    fn uid_is_free(&self, id: u32, name: &str, both: bool) -> bool {
        self.accounts.users.iter().all(|user| user.uid != id)
            && !(both && self.accounts.groups.iter().any(|group| group.gid == id && group.name != name))
    }
}

#[cfg(test)]
mod tests;
