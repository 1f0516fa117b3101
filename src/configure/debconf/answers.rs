//! What scripts did with debconf's questions: values, flags, variables, and questions made from another one's template.

use std::collections::{BTreeMap, BTreeSet};

/// Questions as the scripts of the packages left them. What stands in none of the maps is as its template says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    pub values: BTreeMap<String, String>,
    /// Flags by question: what `FSET` set, `true` or `false`.
    pub flags: BTreeMap<(String, String), String>,
    /// `SUBST`: variables of a question's texts.
    pub variables: BTreeMap<String, BTreeMap<String, String>>,
    /// `REGISTER`: questions with the template that they are made from.
    pub registered: BTreeMap<String, String>,
    /// `UNREGISTER`: questions that are gone.
    pub gone: BTreeSet<String>,
}

impl Answers {
    /// The name of the template of a question.
    pub fn template_of<'a>(&'a self, question: &'a str) -> &'a str {
        self.registered.get(question).map_or(question, String::as_str)
    }

    /// A text of a template with the variables of a question in it: `${name}`.
    pub fn substituted(&self, question: &str, text: &str) -> String {
        let Some(variables) = self.variables.get(question) else { return text.to_owned() };
        let mut text = text.to_owned();
        for (name, value) in variables {
            text = text.replace(&format!("${{{name}}}"), value);
        }
        text
    }
}
