//! What scripts did with debconf's questions: values, flags, variables, and questions made from another one's template.

use std::collections::{BTreeMap, BTreeSet};

/// An answer that somebody wrote into a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub value: String,
    /// The file, as a message names it.
    pub file: String,
}

impl Answer {
    pub fn new(value: &str, file: &str) -> Self {
        Self { value: value.to_owned(), file: file.to_owned() }
    }
}

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

/// Choices are parted by commas; a backslash lets a comma or blank be part of one (Debconf::Question, `choices_split`).
pub(super) fn split(text: &str) -> Vec<String> {
    let mut choices = Vec::new();
    let mut choice = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if matches!(letters.peek(), Some(',' | ' ')) => choice.extend(letters.next()),
            ',' => {
                choices.push(std::mem::take(&mut choice));
                while letters.peek() == Some(&' ') {
                    letters.next();
                }
            }
            _ => choice.push(letter),
        }
    }
    if !choice.is_empty() {
        choices.push(choice);
    }
    choices
}
