//! debconf's verbs (debconf-devel(7)), asked by nobody and answered with what the system's file and the templates say, as its
//! frontend `noninteractive` does.
//!
//! Left out: progress bars, titles and blocks, which are for a person to look at; escaped answers.

use crate::configure::debconf;
use crate::shell::{Call, Outcome, WorldError};

use super::answer::{Answer, refused};
use super::arguments::text;
use super::session::Session;
use super::table::Run;

/// What a script has of debconf, in the stead of the file that hands it over to a program.
pub(super) const CONFMODULE: &[u8] = include_bytes!("confmodule.sh");

pub(super) const COMMANDS: &[(&str, Run)] = &[("/usr/share/debconf/frontend", verb)];

/// What debconf replies to a verb: a status and a text; without one a program is told the status alone.
type Reply = (i32, Option<String>);

/// The status of a question that is not there.
const NO_SUCH_QUESTION: i32 = 10;
/// The status of a verb that is used wrongly.
const SYNTAX: i32 = 20;
/// The status of an `INPUT` that nobody is asked.
const NOT_ASKED: i32 = 30;

/// One verb with its words. What it says is what `RET` becomes.
fn verb(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let line = text(&call.arguments.join(b" ".as_slice()))?;
    let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
    let (status, reply) = session.reply(&verb.to_ascii_uppercase(), rest)?;
    // confmodule takes a status of one digit off a reply, and leaves a longer one in front of it.
    let output = match reply {
        Some(text) if status < 10 => text,
        Some(text) => format!("{status} {text}"),
        None => status.to_string(),
    };
    Ok(Outcome { status, output: output.into_bytes(), ..Outcome::default() })
}

/// The rest of a line behind so many words and one blank, as it stands.
fn behind(line: &str, words: usize) -> String {
    let mut rest = line.trim_start();
    for _ in 0..words {
        let end = rest.find(' ').unwrap_or(rest.len());
        rest = &rest[end..];
        rest = rest.trim_start();
    }
    rest.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

impl Session<'_, '_> {
    fn reply(&mut self, verb: &str, line: &str) -> Result<Reply, WorldError> {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let said = |text: &str| Ok((0, Some(text.to_owned())));
        match (verb, words.as_slice()) {
            ("VERSION", _) => return said("2.0"),
            ("CAPB", _) => return said("multiselect escape "),
            ("GO", []) => {
                self.settle_asked();
                return said("ok");
            }
            (
                "STOP" | "CLEAR" | "TITLE" | "SETTITLE" | "INFO" | "BEGINBLOCK" | "ENDBLOCK" | "PROGRESS" | "X_PING",
                _,
            ) => {
                return Ok((0, None));
            }
            ("PURGE", []) => {
                let package = self.package;
                for question in debconf::names(package) {
                    self.forget(&question);
                }
                return Ok((0, None));
            }
            ("REGISTER", [template, question]) => {
                if !debconf::is_template(self.context.packages, template) {
                    return Ok((NO_SUCH_QUESTION, Some(format!("No such template, \"{template}\""))));
                }
                self.context.debconf.gone.remove(*question);
                self.context.debconf.registered.insert((*question).to_owned(), (*template).to_owned());
                return Ok((0, None));
            }
            _ => {}
        }
        let (question, quoted) = match (verb, words.as_slice()) {
            ("INPUT", [_, question]) => (*question, true),
            ("GET" | "RESET" | "UNREGISTER", [question]) | ("FGET" | "METAGET", [question, _]) => (*question, false),
            ("SET", [question, ..]) | ("SUBST", [question, _, ..]) | ("FSET", [question, _, _]) => (*question, false),
            (
                "INPUT" | "GET" | "SET" | "RESET" | "FGET" | "FSET" | "SUBST" | "METAGET" | "REGISTER" | "UNREGISTER"
                | "GO" | "PURGE",
                _,
            ) => return Ok((SYNTAX, Some("Incorrect number of arguments".to_owned()))),
            _ => return refused(format!("debconf's `{verb}` is not known here")),
        };
        if !self.is_question(question) {
            let name = if quoted { format!("\"{question}\"") } else { question.to_owned() };
            return Ok((NO_SUCH_QUESTION, Some(format!("{name} doesn't exist"))));
        }
        let key = question.to_owned();
        let answers = &mut self.context.debconf;
        Ok(match verb {
            "INPUT" => {
                self.asked.push(key);
                (NOT_ASKED, Some("question skipped".to_owned()))
            }
            "GET" => (0, Some(self.context.answer(question).unwrap_or_default())),
            "SET" => {
                answers.values.insert(key, behind(line, 1));
                (0, Some("value set".to_owned()))
            }
            "RESET" => {
                answers.flags.insert((key.clone(), "seen".to_owned()), "false".to_owned());
                let default = debconf::default(self.context.packages, self.context.debconf.template_of(question));
                self.context.debconf.values.insert(key, default.unwrap_or_default());
                (0, None)
            }
            "UNREGISTER" => {
                self.forget(question);
                (0, None)
            }
            "FGET" => (0, Some(self.flag(question, words[1]))),
            "FSET" => {
                answers.flags.insert((key, words[1].to_owned()), words[2].to_owned());
                (0, Some(words[2].to_owned()))
            }
            "SUBST" => {
                answers.variables.entry(key).or_default().insert(words[1].to_owned(), behind(line, 2));
                (0, None)
            }
            _ => self.meta(question, &words[1].to_ascii_lowercase()),
        })
    }

    /// What debconf does with questions that are asked of nobody: each has the value that it had, a choice that is not among
    /// the choices becomes the first of them, and what is only told has none (`Debconf::Element::Noninteractive`).
    fn settle_asked(&mut self) {
        for question in std::mem::take(&mut self.asked) {
            let value = self.context.answer(&question).unwrap_or_default();
            let template = self.context.debconf.template_of(&question);
            let kind = debconf::field(self.context.packages, template, "type").unwrap_or_default();
            let value = match kind.as_str() {
                "select" => {
                    let choices = debconf::choices(self.context.packages, &self.context.debconf, &question);
                    let known = choices.contains(&value);
                    if known { value } else { choices.into_iter().next().unwrap_or_default() }
                }
                "error" | "text" => String::new(),
                _ => value,
            };
            self.context.debconf.values.insert(question, value);
        }
    }

    fn forget(&mut self, question: &str) {
        self.context.debconf.registered.remove(question);
        self.context.debconf.gone.insert(question.to_owned());
    }
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

    /// A field of a question or of its template, with the question's variables in it.
    fn meta(&self, question: &str, field: &str) -> Reply {
        let template = self.context.debconf.template_of(question);
        let of_template = |field: &str| debconf::field(self.context.packages, template, field);
        let text = match field {
            "owners" => Some(debconf::owners(self.context.packages, template)),
            "value" => self.context.answer(question),
            field => of_template(field),
        };
        // A field that no template has is empty.
        (0, Some(self.context.debconf.substituted(question, &text.unwrap_or_default())))
    }
}

#[cfg(test)]
mod tests;
