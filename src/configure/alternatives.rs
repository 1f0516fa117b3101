//! update-alternatives(1): links such as `/usr/bin/awk` that several packages offer a file for.
//!
//! A link leads to `/etc/alternatives/<name>`, which leads to the choice with the highest priority. The file
//! `/var/lib/dpkg/alternatives/<name>` lists the choices in update-alternatives' own form, so that the program goes on
//! from there on the node. Groups are always in automatic mode: nobody has chosen by hand in an image.

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

    /// Puts in a choice, in place of an earlier one for the same path.
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

    /// The choice of automatic mode: of equal priorities the first.
    fn best(&self) -> Option<&Offer> {
        self.choices.iter().reduce(|best, choice| if choice.priority > best.priority { choice } else { best })
    }
}

/// `update-alternatives --install`. Nothing happens when the offered file is not in the tree, which is so for manual
/// pages in a tree without them: the program refuses such a path, and scripts that offer one let it.
pub(super) fn install(context: &mut Context<'_>, new: &Choice) -> Result<(), ConfigureError> {
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
    record.add(new);
    context.write(&file, record.format(), context.file())?;
    let Some(best) = record.best() else { return Ok(()) };
    context.symlink(&record.link, &format!("/etc/alternatives/{}", new.name))?;
    context.symlink(&format!("etc/alternatives/{}", new.name), &best.path)?;
    for ((name, link), path) in record.slaves.iter().zip(&best.slaves) {
        // A slave whose file is not there has no link, as in the program.
        if !path.is_empty() && context.exists(path)? {
            context.symlink(link, &format!("/etc/alternatives/{name}"))?;
            context.symlink(&format!("etc/alternatives/{name}"), path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::config::Architecture;
    use crate::configure::ConfigureOptions;
    use crate::tree::{Meta, Node, Tree};

    fn mawk() -> Choice {
        let page = ("/usr/share/man/man1/awk.1.gz", "awk.1.gz", "/usr/share/man/man1/mawk.1.gz");
        offer("/usr/bin/mawk", 5, &[("/usr/bin/nawk", "nawk", "/usr/bin/mawk"), page])
    }

    fn offer(path: &str, priority: i32, slaves: &[(&str, &str, &str)]) -> Choice {
        let slaves = slaves.iter().map(|&(link, name, path)| (link.to_owned(), name.to_owned(), path.to_owned()));
        Choice {
            link: "/usr/bin/awk".to_owned(),
            name: "awk".to_owned(),
            path: path.to_owned(),
            priority,
            slaves: slaves.collect(),
        }
    }

    /// As update-alternatives of dpkg 1.22.22 wrote it.
    const RECORD: &str = "auto\n/usr/bin/awk\nawk.1.gz\n/usr/share/man/man1/awk.1.gz\nnawk\n/usr/bin/nawk\n\n\
                          /usr/bin/mawk\n5\n/usr/share/man/man1/mawk.1.gz\n/usr/bin/mawk\n\n";

    #[test]
    fn a_record_is_written_as_update_alternatives_writes_it() {
        let mut record = Record::default();
        record.add(&mawk());
        assert_eq!(record.format(), RECORD);
        assert_eq!(Record::parse(RECORD), Some(record));
    }

    #[test]
    fn the_highest_priority_is_chosen_and_its_slaves_fill_in() {
        let mut record = Record::parse(RECORD).expect("a sound record");
        let page = ("/usr/share/man/man1/a.1.gz", "a", "/usr/share/man/man1/g.1.gz");
        record.add(&offer("/usr/bin/gawk", 10, &[page]));
        assert_eq!(record.best().map(|choice| choice.path.as_str()), Some("/usr/bin/gawk"));
        assert_eq!(record.choices[0].slaves, ["/usr/share/man/man1/g.1.gz", "", ""]);
        assert_eq!(record.choices[1].slaves, ["", "/usr/share/man/man1/mawk.1.gz", "/usr/bin/mawk"]);
    }

    #[test]
    fn manual_mode_and_cut_records_are_refused() {
        assert_eq!(Record::parse("manual\n/usr/bin/awk\n\n\n"), None);
        assert_eq!(Record::parse(&RECORD[..60]), None);
    }

    #[test]
    fn links_lead_through_etc_and_missing_slaves_have_none() {
        let options = ConfigureOptions { architecture: Architecture::Armhf, epoch: 1, debconf: BTreeMap::new() };
        let mut tree = Tree::new(Meta::directory(0));
        let mut context = Context::new(&mut tree, &[], &options);
        install(&mut context, &mawk()).expect("nothing to do");
        assert!(!context.exists("etc/alternatives").expect("a sound path"), "mawk is not in the tree");
        context.write("usr/bin/mawk", "", Meta::file(0)).expect("a fresh file");
        install(&mut context, &mawk()).expect("a fresh record");
        assert_eq!(context.read("var/lib/dpkg/alternatives/awk").as_deref(), Ok(RECORD));
        let target = |path: &str| {
            let path = TreePath::new(path).expect("valid");
            tree.get(&path).and_then(Node::target).map(|target| String::from_utf8_lossy(target).into_owned())
        };
        assert_eq!(target("usr/bin/nawk").as_deref(), Some("/etc/alternatives/nawk"));
        assert_eq!(target("etc/alternatives/nawk").as_deref(), Some("/usr/bin/mawk"));
        assert_eq!(target("etc/alternatives/awk.1.gz"), None);
    }
}
