//! update-alternatives(1): links such as `/usr/bin/awk` that several packages offer a file for.
//!
//! A link leads to `/etc/alternatives/<name>`, which leads to the choice with the highest priority; of equal ones the first
//! that was offered stays. Slaves of the choice follow it, and what only another choice has is no link. The file
//! `/var/lib/dpkg/alternatives/<name>` lists the choices in update-alternatives' own form, so that the program goes on
//! from there on the node. Groups are always in automatic mode: nobody has chosen by hand in an image.

use std::collections::BTreeSet;

use crate::tree::TreePath;

use super::{ConfigureError, Context};

/// One offer of an alternative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The generic name: "/usr/bin/awk".
    pub link: String,
    /// The name of the group: "awk".
    pub name: String,
    /// The file on offer: "/usr/bin/mawk".
    pub path: String,
    pub priority: i32,
    /// Link, name and path of each file that follows the choice, manual pages mostly.
    pub slaves: Vec<(String, String, String)>,
}

/// A file in `/var/lib/dpkg/alternatives`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Record {
    link: String,
    /// (name, link), sorted by name.
    slaves: Vec<(String, String)>,
    /// Sorted by path.
    choices: Vec<Offer>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Offer {
    path: String,
    priority: i32,
    /// One for each of the record's slaves; empty where this choice has none.
    slaves: Vec<String>,
}

impl Record {
    /// Reads the form of `alternative_save` in dpkg's `update-alternatives.c`: the status, the link, a pair of lines for
    /// each slave, an empty line; then for each choice its path, priority and slave paths; an empty line.
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let mut record = Self::default();
        lines.next().filter(|&status| status == "auto")?;
        record.link = lines.next()?.to_owned();
        loop {
            match lines.next()? {
                "" => break,
                name => record.slaves.push((name.to_owned(), lines.next()?.to_owned())),
            }
        }
        loop {
            match lines.next()? {
                "" => return Some(record),
                path => {
                    let priority = lines.next()?.parse().ok()?;
                    let slaves: Vec<String> = lines.by_ref().take(record.slaves.len()).map(str::to_owned).collect();
                    record.choices.push(Offer { path: path.to_owned(), priority, slaves });
                }
            }
        }
    }

    fn format(&self) -> String {
        let mut lines = vec!["auto", &self.link];
        lines.extend(self.slaves.iter().flat_map(|(name, link)| [name.as_str(), link.as_str()]));
        lines.push("");
        let priorities: Vec<String> = self.choices.iter().map(|choice| choice.priority.to_string()).collect();
        for (choice, priority) in self.choices.iter().zip(&priorities) {
            lines.extend([choice.path.as_str(), priority.as_str()]);
            lines.extend(choice.slaves.iter().map(String::as_str));
        }
        lines.push("");
        lines.push("");
        lines.join("\n")
    }

    /// The generic names of the group and its slaves.
    fn links(&self) -> BTreeSet<String> {
        self.slaves.iter().map(|(_, link)| link).chain([&self.link]).filter(|link| !link.is_empty()).cloned().collect()
    }

    /// Puts in a choice, in place of an earlier one for the same path. Slaves that no choice has any more stay until
    /// [`Record::forget_unused_slaves`].
    fn add(&mut self, new: &Choice) {
        let old = self.slaves.clone();
        self.link.clone_from(&new.link);
        for (link, slave, _) in &new.slaves {
            self.slaves.retain(|(name, _)| name != slave);
            self.slaves.push((slave.clone(), link.clone()));
        }
        self.slaves.sort();
        for choice in &mut self.choices {
            let path = |name: &String| {
                let index = old.iter().position(|(known, _)| known == name);
                index.and_then(|index| choice.slaves.get(index)).cloned().unwrap_or_default()
            };
            choice.slaves = self.slaves.iter().map(|(name, _)| path(name)).collect();
        }
        let path =
            |name: &String| new.slaves.iter().find(|(_, slave, _)| slave == name).map(|(_, _, path)| path.clone());
        let slaves = self.slaves.iter().map(|(name, _)| path(name).unwrap_or_default()).collect();
        self.choices.retain(|choice| choice.path != new.path);
        self.choices.push(Offer { path: new.path.clone(), priority: new.priority, slaves });
        self.choices.sort_by(|one, other| one.path.cmp(&other.path));
    }

    fn forget_unused_slaves(&mut self) {
        let choices = &self.choices;
        let used: Vec<bool> = (0..self.slaves.len())
            .map(|at| choices.iter().any(|choice| choice.slaves.get(at).is_some_and(|path| !path.is_empty())))
            .collect();
        keep(&mut self.slaves, &used);
        for choice in &mut self.choices {
            keep(&mut choice.slaves, &used);
        }
    }

    /// The choice of automatic mode (`alternative_get_best`): only a higher priority takes the place of `current`.
    fn best(&self, current: Option<&str>) -> Option<&Offer> {
        let current = self.choices.iter().find(|choice| Some(choice.path.as_str()) == current);
        let first = current.or(self.choices.first())?;
        Some(
            self.choices.iter().fold(first, |best, choice| if choice.priority > best.priority { choice } else { best }),
        )
    }
}

/// The items whose place says so.
fn keep<T>(items: &mut Vec<T>, places: &[bool]) {
    let mut places = places.iter();
    items.retain(|_| places.next().copied().unwrap_or_default());
}

/// `update-alternatives --install`. Nothing happens when the offered file is not in the tree, which is so for manual
/// pages in a tree without them: the program refuses such a path, and scripts that offer one let it.
pub fn install(context: &mut Context<'_>, new: &Choice) -> Result<(), ConfigureError> {
    if !context.exists(&new.path)? {
        return Ok(());
    }
    let file = format!("var/lib/dpkg/alternatives/{}", new.name);
    let mut record = if context.tree.contains(&TreePath::new(&file)?) {
        let malformed = || ConfigureError::Malformed {
            path: format!("/{file}"),
            what: "is no record of update-alternatives in automatic mode".to_owned(),
        };
        Record::parse(&context.read(&file)?).ok_or_else(malformed)?
    } else {
        Record::default()
    };
    let before = record.links();
    record.add(new);
    let after = record.links();
    for link in before.difference(&after) {
        // The group calls it otherwise from now on.
        remove_link(context, link)?;
    }
    put_links(context, &record, &new.name)?;
    record.forget_unused_slaves();
    context.write(&file, record.format(), context.file())
}

/// The paths that a group offers; none where there is no such group.
pub fn paths(context: &Context<'_>, name: &str) -> Result<Vec<String>, ConfigureError> {
    let file = format!("var/lib/dpkg/alternatives/{name}");
    if !context.exists(&file)? {
        return Ok(Vec::new());
    }
    let record = Record::parse(&context.read(&file)?).unwrap_or_default();
    Ok(record.choices.into_iter().map(|choice| choice.path).collect())
}

/// What `update-alternatives --query` says of a group that is there.
pub fn query(context: &Context<'_>, name: &str) -> Result<String, ConfigureError> {
    let record = Record::parse(&context.read(&format!("var/lib/dpkg/alternatives/{name}"))?).unwrap_or_default();
    let slaves = |paths: &[String]| {
        let all = record.slaves.iter().zip(paths).filter(|(_, path)| !path.is_empty());
        let lines: String = all.map(|((name, _), path)| format!(" {name} {path}\n")).collect();
        if lines.is_empty() { lines } else { format!("Slaves:\n{lines}") }
    };
    let links: Vec<String> = record.slaves.iter().map(|(_, link)| link.clone()).collect();
    let value = link_target(context, &place(name))?.unwrap_or_else(|| "none".to_owned());
    let best = record.best(Some(&value)).map_or("none", |offer| offer.path.as_str());
    let mut text =
        format!("Name: {name}\nLink: {}\n{}Status: auto\nBest: {best}\nValue: {value}\n", record.link, slaves(&links));
    for Offer { path, priority, slaves: paths } in &record.choices {
        text.push_str(&format!("\nAlternative: {path}\nPriority: {priority}\n{}", slaves(paths)));
    }
    Ok(text)
}

/// Makes the links of the best choice, and takes away those of slaves that it has not (`alternative_prepare_install`).
fn put_links(context: &mut Context<'_>, record: &Record, name: &str) -> Result<(), ConfigureError> {
    let current = link_target(context, &place(name))?;
    let Some(best) = record.best(current.as_deref()) else { return Ok(()) };
    put_link(context, &record.link, name, &best.path)?;
    for ((name, link), path) in record.slaves.iter().zip(&best.slaves) {
        // A slave whose file is not there has no link, as in the program.
        if !path.is_empty() && context.exists(path)? {
            put_link(context, link, name, path)?;
        } else {
            remove_link(context, link)?;
            remove_link(context, &place(name))?;
        }
    }
    Ok(())
}

/// Where the choice of a group, or of a slave, is a link.
fn place(name: &str) -> String {
    format!("/etc/alternatives/{name}")
}

/// Leads `link` through `/etc/alternatives` to `path`. A file that is there in place of the link stays, as in the program.
fn put_link(context: &mut Context<'_>, link: &str, name: &str, path: &str) -> Result<(), ConfigureError> {
    context.symlink(&place(name), path)?;
    let there = context.tree.resolve_parent(&TreePath::new(link)?)?;
    if context.tree.get(&there).is_some_and(|node| node.target().is_none()) {
        tracing::warn!("`{link}` is a file of a package, so it is no link to the alternative `{name}`");
        return Ok(());
    }
    context.symlink(link, &place(name))
}

/// Takes a link away; what is none stays.
fn remove_link(context: &mut Context<'_>, link: &str) -> Result<(), ConfigureError> {
    let there = context.tree.resolve_parent(&TreePath::new(link)?)?;
    if link_target(context, link)?.is_some() {
        context.tree.remove(&there);
    }
    Ok(())
}

fn link_target(context: &Context<'_>, link: &str) -> Result<Option<String>, ConfigureError> {
    let there = context.tree.resolve_parent(&TreePath::new(link)?)?;
    let target = context.tree.get(&there).and_then(|node| node.target());
    Ok(target.map(|target| String::from_utf8_lossy(target).into_owned()))
}

#[cfg(test)]
mod tests;
