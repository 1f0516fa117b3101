//! debconf's database in `/var/cache/debconf`: which questions there are, and their answers.
//!
//! Every template of every package is registered, as loading it does: programs such as ucf ask their questions long
//! after their package was configured. Answers are those that
//! scripts set and those of the system's definition, the latter flagged as seen so that nobody is asked again.
//! Left out: translations of templates, which debconf loads anew from `/var/lib/dpkg/info` when it is run for a
//! package, the backups (`*-old`), and variables that scripts substitute into questions nobody is asked.

mod template;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::unpack::Package;

use super::{ConfigureError, Context};
use template::Template;

const FOLDER: &str = "var/cache/debconf";

/// The default that a package's template gives `question`, when one does.
pub fn default(packages: &[Package], question: &str) -> Option<String> {
    let template = packages.iter().flat_map(templates).find(|template| template.name == question)?;
    template.fields.get("default").cloned()
}

/// Writes the database, where debconf is installed.
pub(super) fn write(context: &mut Context<'_>) -> Result<(), ConfigureError> {
    if !context.exists("usr/share/debconf/confmodule")? {
        return Ok(());
    }
    let mut known: BTreeMap<String, (Template, BTreeSet<String>)> = BTreeMap::new();
    for package in context.packages {
        for template in templates(package) {
            let entry = known.entry(template.name.clone()).or_insert_with(|| (template, BTreeSet::new()));
            entry.1.insert(package.info_name());
        }
    }
    let (mut templates, mut questions) = (String::new(), String::new());
    for (name, (template, owners)) in &known {
        let owners = owners.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let _ = writeln!(templates, "Name: {name}");
        for (field, value) in &template.fields {
            let _ = writeln!(templates, "{}: {}", capital(field), escaped(value));
        }
        // What owns a template is the question that is made from it.
        let _ = writeln!(templates, "Owners: {name}\n");

        let given = context.options.debconf.get(name);
        let _ = writeln!(questions, "Name: {name}\nTemplate: {name}");
        if let Some(value) = context.debconf.get(name).or(given) {
            let _ = writeln!(questions, "Value: {}", escaped(value));
        }
        let _ = writeln!(questions, "Owners: {owners}");
        if given.is_some() {
            questions.push_str("Flags: seen\n");
        }
        questions.push('\n');
    }
    let meta = context.file();
    context.write(&format!("{FOLDER}/config.dat"), questions, meta)?;
    context.write(&format!("{FOLDER}/templates.dat"), templates, meta)?;
    context.write(&format!("{FOLDER}/passwords.dat"), "", meta.with_mode(0o600))
}

fn templates(package: &Package) -> Vec<Template> {
    let content = package.control_files.get("templates").map(Vec::as_slice).unwrap_or_default();
    Template::read_all(&String::from_utf8_lossy(content))
}

/// Debconf::Format::822 writes a record's line breaks as `\n`.
fn escaped(value: &str) -> String {
    value.replace('\n', "\\n")
}

/// Perl's `ucfirst`.
fn capital(field: &str) -> String {
    let mut letters = field.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{options, package, tree};
    use super::*;

    #[test]
    fn questions_carry_the_answers_of_the_system() {
        let templates = "Template: a/one\nType: boolean\nDefault: true\nDescription: One?\n\nTemplate: a/two\nType: string\nDescription: Two?\n";
        let packages = [package(
            "Package: a\nVersion: 1\nArchitecture: all\n",
            &[("templates", templates), ("config", "#!/bin/sh\n")],
        )];
        let (mut tree, mut options) = (tree(), options());
        options.debconf.insert("a/two".to_owned(), "x\ny".to_owned());
        let mut context = Context::new(&mut tree, &packages, &options);
        assert_eq!(context.answer("a/one").as_deref(), Some("true"));
        assert_eq!(context.answer("a/two").as_deref(), Some("x\ny"));
        context.write("usr/share/debconf/confmodule", "", context.file()).expect("fresh");
        write(&mut context).expect("written");
        assert_eq!(
            context.read("var/cache/debconf/config.dat").expect("written"),
            "Name: a/one\nTemplate: a/one\nOwners: a\n\n\
             Name: a/two\nTemplate: a/two\nValue: x\\ny\nOwners: a\nFlags: seen\n\n"
        );
        assert_eq!(
            context.read("var/cache/debconf/templates.dat").expect("written"),
            "Name: a/one\nDefault: true\nDescription: One?\nType: boolean\nOwners: a/one\n\n\
             Name: a/two\nDescription: Two?\nType: string\nOwners: a/two\n\n"
        );
    }
}
