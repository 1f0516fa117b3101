//! debconf's database in `/var/cache/debconf`: which questions there are, and their answers.
//!
//! Every template of every package is registered, as loading it does: programs such as ucf ask their questions long
//! after their package was configured. Answers are those that
//! scripts set and those of the system's definition, the latter flagged as seen so that nobody is asked again.
//! Left out: translations of templates, which debconf loads anew from `/var/lib/dpkg/info` when it is run for a
//! package, and the backups (`*-old`).

mod answers;
mod check;
mod template;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::unpack::Package;

use super::{ConfigureError, Context};
pub use answers::{Answer, Answers};
pub use check::check;
use template::Template;

const FOLDER: &str = "var/cache/debconf";

/// The default that a package's template gives `question`, when one does.
pub fn default(packages: &[Package], question: &str) -> Option<String> {
    field(packages, question, "default")
}

/// A field of the template of this name, by its name in lower case.
pub fn field(packages: &[Package], template: &str, field: &str) -> Option<String> {
    let template = packages.iter().flat_map(templates).find(|known| known.name == template)?;
    template.fields.get(field).cloned()
}

/// The packages that bring a template, parted by commas.
pub fn owners(packages: &[Package], template: &str) -> String {
    let brings = |package: &&Package| templates(package).iter().any(|known| known.name == template);
    packages.iter().filter(brings).map(Package::info_name).collect::<Vec<_>>().join(", ")
}

/// The names of a package's templates.
pub fn names(package: &Package) -> Vec<String> {
    templates(package).into_iter().map(|template| template.name).collect()
}

/// The choices of a question, untranslated, with its variables in them; none where its template has no choices.
pub fn choices(packages: &[Package], answers: &Answers, question: &str) -> Vec<String> {
    let of_template = |name| field(packages, answers.template_of(question), name);
    let choices = of_template("choices-c").or_else(|| of_template("choices")).unwrap_or_default();
    answers::split(&answers.substituted(question, &choices))
}

/// Whether a package brings a template of this name.
pub fn is_template(packages: &[Package], template: &str) -> bool {
    packages.iter().flat_map(templates).any(|known| known.name == template)
}

/// Writes the database, where debconf is installed.
pub fn write(context: &mut Context<'_>) -> Result<(), ConfigureError> {
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
    for (name, (template, _)) in &known {
        let _ = writeln!(templates, "Name: {name}");
        for (field, value) in &template.fields {
            let _ = writeln!(templates, "{}: {}", capital(field), escaped(value));
        }
        // What owns a template is the question that is made from it.
        let _ = writeln!(templates, "Owners: {name}\n");
    }
    let Answers { registered, gone, .. } = &context.debconf;
    let mut all: BTreeMap<&str, &str> = known.keys().map(|name| (name.as_str(), name.as_str())).collect();
    all.extend(registered.iter().map(|(question, template)| (question.as_str(), template.as_str())));
    all.retain(|question, template| !gone.contains(*question) && known.contains_key(*template));
    for (question, template) in all {
        let owners = known[template].1.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        questions.push_str(&record(context, question, template, &owners));
    }
    let meta = context.file();
    context.write(&format!("{FOLDER}/config.dat"), questions, meta)?;
    context.write(&format!("{FOLDER}/templates.dat"), templates, meta)?;
    context.write(&format!("{FOLDER}/passwords.dat"), "", meta.with_mode(0o600))
}

/// A question in `config.dat`.
fn record(context: &Context<'_>, question: &str, template: &str, owners: &str) -> String {
    let given = context.options.debconf.get(question).map(|answer| &answer.value);
    let mut text = format!("Name: {question}\nTemplate: {template}\n");
    if let Some(value) = context.debconf.values.get(question).or(given) {
        let _ = writeln!(text, "Value: {}", escaped(value));
    }
    let _ = writeln!(text, "Owners: {owners}");
    let mut flags: Vec<&str> = Vec::new();
    if given.is_some() {
        flags.push("seen");
    }
    let set = context.debconf.flags.iter().filter(|((of, _), value)| of == question && *value == "true");
    flags.extend(set.map(|((_, flag), _)| flag.as_str()).filter(|flag| given.is_none() || *flag != "seen"));
    if !flags.is_empty() {
        let _ = writeln!(text, "Flags: {}", flags.join(", "));
    }
    if let Some(variables) = context.debconf.variables.get(question) {
        text.push_str("Variables:\n");
        for (name, value) in variables {
            let _ = writeln!(text, " {name} = {}", escaped(value));
        }
    }
    text.push('\n');
    text
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
        options.debconf.insert("a/two".to_owned(), Answer::new("x\ny", "a file"));
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
