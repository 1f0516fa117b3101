//! update-alternatives(1) of dpkg.

use crate::configure::alternatives::{self, Choice};
use crate::shell::{Call, Outcome, Text};

use super::answer::{Answer, done, refused, says, shown};
use super::arguments::text;
use super::session::Session;
use super::table::Run;

pub(super) const COMMANDS: &[(&str, Run)] = &[("update-alternatives", update)];

/// `update-alternatives [--quiet|--force|…] --install LINK NAME PATH PRIORITY [--slave LINK NAME PATH]…`, `--auto NAME`,
/// `--remove NAME PATH`, `--remove-all NAME`, `--list NAME`, `--query NAME`, `--display NAME`. A choice by hand (`--set`) is
/// for an administrator, and refused.
fn update(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let mut words = call.arguments.iter().map(Vec::as_slice);
    loop {
        match words.next() {
            Some(b"--quiet" | b"--verbose" | b"--skip-auto" | b"--force") => {}
            Some(b"--install") => return install(session, &words.map(<[u8]>::to_vec).collect::<Vec<_>>()),
            Some(action @ (b"--auto" | b"--list" | b"--display" | b"--query" | b"--remove-all" | b"--remove")) => {
                let name = text(words.next().unwrap_or_default())?;
                let known = session.place_if_there(format!("/var/lib/dpkg/alternatives/{name}").as_bytes(), true)?;
                return match (action, known) {
                    // What is not there need not be taken away.
                    (b"--remove", None) => done(),
                    (_, None) => error(&format!("no alternatives for {name}")),
                    // All are in automatic mode.
                    (b"--auto" | b"--display", Some(_)) => done(),
                    (b"--list", Some(_)) => {
                        let paths = alternatives::paths(session.context, &name);
                        let paths = paths.or_else(|error| refused(error.to_string()))?;
                        says(paths.iter().map(|path| format!("{path}\n")).collect::<String>())
                    }
                    (b"--query", Some(_)) => {
                        says(alternatives::query(session.context, &name).or_else(|error| refused(error.to_string()))?)
                    }
                    _ => refused(format!("`update-alternatives {}` is not done here", shown(action))),
                };
            }
            other => {
                return refused(format!("`update-alternatives` has no `{}` here", shown(other.unwrap_or_default())));
            }
        }
    }
}

fn install(session: &mut Session<'_, '_>, words: &[Text]) -> Answer {
    let words = words.iter().map(|word| text(word)).collect::<Result<Vec<_>, _>>()?;
    let [link, name, path, priority, rest @ ..] = words.as_slice() else {
        return refused("`update-alternatives --install` takes link, name, path and priority");
    };
    let mut slaves = Vec::new();
    for slave in rest.chunks(4) {
        match slave {
            [option, link, name, path] if option == "--slave" => {
                slaves.push((link.clone(), name.clone(), path.clone()));
            }
            other => return refused(format!("`update-alternatives --install` has no `{}` here", other.join(" "))),
        }
    }
    let Ok(priority) = priority.trim().parse() else { return error("priority must be an integer") };
    if session.place_if_there(path.as_bytes(), true)?.is_none() {
        return error(&format!("alternative path {path} doesn't exist"));
    }
    let choice = Choice { link: link.clone(), name: name.clone(), path: path.clone(), priority, slaves };
    alternatives::install(session.context, &choice).or_else(|error| refused(error.to_string()))?;
    done()
}

fn error(reason: &str) -> Answer {
    let errors = format!("update-alternatives: error: {reason}\n").into_bytes();
    Ok(Outcome { status: 2, errors, ..Outcome::default() })
}
