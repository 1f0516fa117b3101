//! debconf's verbs (debconf-devel(7)), asked by nobody and answered with what the system's file and the templates say, as its
//! frontend `noninteractive` does.
//!
//! Left out: progress bars, titles and blocks, which are for a person to look at; escaped answers.

use crate::configure::debconf;
use crate::shell::{Call, Outcome};

use super::answer::{Answer, refused};
use super::arguments::text;
use super::session::Session;
use super::table::Run;

/// What a script has of debconf, in the stead of the file that hands it over to a program.
pub(super) const CONFMODULE: &[u8] = include_bytes!("confmodule.sh");

pub(super) const COMMANDS: &[(&str, Run)] = &[("/usr/share/debconf/frontend", verb)];

/// The status of a question that is not there.
const NO_SUCH_QUESTION: i32 = 10;
/// The status of an `INPUT` that nobody is asked.
const NOT_ASKED: i32 = 30;
/// The status of a verb that is used wrongly.
const SYNTAX: i32 = 20;

/// One verb with its words in one argument.
fn verb(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let line = text(&call.arguments.join(b" ".as_slice()))?;
    let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
    let words: Vec<&str> = rest.split_ascii_whitespace().collect();
    let (status, answer) = match (verb.to_ascii_uppercase().as_str(), words.as_slice()) {
        ("VERSION", _) => (0, "2.1".to_owned()),
        ("CAPB", _) => (0, "multiselect escape".to_owned()),
        (
            "GO" | "STOP" | "CLEAR" | "TITLE" | "SETTITLE" | "INFO" | "BEGINBLOCK" | "ENDBLOCK" | "PROGRESS" | "X_PING",
            _,
        ) => (0, String::new()),
        ("INPUT", [_, question]) => question_input(session, question),
        ("GET", [question]) => match session.is_question(question) {
            true => (0, session.context.answer(question).unwrap_or_default()),
            false => missing(question),
        },
        ("SET", [question, ..]) => match session.is_question(question) {
            true => {
                // The value is the rest of the line as it stands.
                let value = rest.trim_start().strip_prefix(question).unwrap_or_default();
                let value = value.strip_prefix(' ').unwrap_or(value).to_owned();
                session.context.debconf.values.insert((*question).to_owned(), value);
                (0, "value set".to_owned())
            }
            false => missing(question),
        },
        ("RESET", [question]) => {
            session.context.debconf.values.remove(*question);
            session.context.debconf.flags.remove(&((*question).to_owned(), "seen".to_owned()));
            (0, String::new())
        }
        ("FGET", [question, flag]) => match session.is_question(question) {
            true => (0, session.flag(question, flag)),
            false => missing(question),
        },
        ("FSET", [question, flag, value]) => match session.is_question(question) {
            true => {
                let key = ((*question).to_owned(), (*flag).to_owned());
                session.context.debconf.flags.insert(key, (*value).to_owned());
                (0, (*value).to_owned())
            }
            false => missing(question),
        },
        ("SUBST", [question, name, ..]) => match session.is_question(question) {
            true => {
                let value = rest.trim_start().strip_prefix(question).unwrap_or_default().trim_start();
                let value = value.strip_prefix(name).unwrap_or_default();
                let value = value.strip_prefix(' ').unwrap_or(value).to_owned();
                let variables = session.context.debconf.variables.entry((*question).to_owned()).or_default();
                variables.insert((*name).to_owned(), value);
                (0, String::new())
            }
            false => missing(question),
        },
        ("METAGET", [question, field]) => session.meta(question, field),
        ("REGISTER", [template, question]) => {
            if !debconf::is_template(session.context.packages, template) {
                (NO_SUCH_QUESTION, format!("No such template, \"{template}\""))
            } else {
                session.context.debconf.gone.remove(*question);
                session.context.debconf.registered.insert((*question).to_owned(), (*template).to_owned());
                (0, String::new())
            }
        }
        ("UNREGISTER", [question]) => {
            session.context.debconf.registered.remove(*question);
            session.context.debconf.gone.insert((*question).to_owned());
            (0, String::new())
        }
        ("INPUT" | "GET" | "SET" | "RESET" | "FGET" | "FSET" | "SUBST" | "METAGET" | "REGISTER" | "UNREGISTER", _) => {
            (SYNTAX, "Incorrect number of arguments".to_owned())
        }
        (verb, _) => return refused(format!("debconf's `{verb}` is not known here")),
    };
    Ok(Outcome { status, output: answer.into_bytes(), ..Outcome::default() })
}

fn missing(question: &str) -> (i32, String) {
    (NO_SUCH_QUESTION, format!("{question} doesn't exist"))
}

/// Nobody is asked. A choice that is not among the choices becomes the first of them (Debconf::Element::Noninteractive::Select).
fn question_input(session: &mut Session<'_, '_>, question: &str) -> (i32, String) {
    if !session.is_question(question) {
        return missing(question);
    }
    let (_, kind) = session.meta(question, "type");
    if kind == "select" {
        let value = session.context.answer(question).unwrap_or_default();
        let choices = session.choices(question);
        if !choices.iter().any(|choice| *choice == value) {
            let first = choices.into_iter().next().unwrap_or_default();
            session.context.debconf.values.insert(question.to_owned(), first);
        }
    }
    (NOT_ASKED, "question skipped".to_owned())
}

impl Session<'_, '_> {
    fn is_question(&self, question: &str) -> bool {
        let answers = &self.context.debconf;
        !answers.gone.contains(question)
            && (answers.registered.contains_key(question) || debconf::is_template(self.context.packages, question))
    }

    fn flag(&self, question: &str, flag: &str) -> String {
        let set = self.context.debconf.flags.get(&(question.to_owned(), flag.to_owned()));
        let given = || (flag == "seen" && self.context.options.debconf.contains_key(question)).to_string();
        set.cloned().unwrap_or_else(given)
    }

    /// The choices of a question, untranslated, with its variables in them.
    fn choices(&self, question: &str) -> Vec<String> {
        let template = self.context.debconf.template_of(question);
        let field = |name| debconf::field(self.context.packages, template, name);
        let choices = field("choices-c").or_else(|| field("choices")).unwrap_or_default();
        split_choices(&self.context.debconf.substituted(question, &choices))
    }

    fn meta(&self, question: &str, field: &str) -> (i32, String) {
        if !self.is_question(question) {
            return missing(question);
        }
        let template = self.context.debconf.template_of(question);
        match debconf::field(self.context.packages, template, &field.to_ascii_lowercase()) {
            Some(text) => (0, self.context.debconf.substituted(question, &text)),
            None => (0, String::new()),
        }
    }
}

/// Choices are parted by commas; a backslash lets a comma or blank be part of one (Debconf::Question, `choices_split`).
fn split_choices(text: &str) -> Vec<String> {
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
