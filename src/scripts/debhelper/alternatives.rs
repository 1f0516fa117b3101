//! dh_installalternatives and dh_installwm: one `update-alternatives --install` with its slaves.

use super::form::{Form, Words};
use super::{Action, CONFIGURE};
use crate::configure::alternatives::Choice;

fn install(words: &Words) -> Option<Action> {
    let all = words.all("options");
    let (master, slaves) = all.split_at_checked(5)?;
    let [install, link, name, path, priority] = master else { return None };
    if install != "--install" {
        return None;
    }
    let slaves = slaves.chunks(4).map(|slave| match slave {
        [option, link, name, path] if option == "--slave" => Some((link.clone(), name.clone(), path.clone())),
        _ => None,
    });
    Some(Action::Alternative(Choice {
        link: link.clone(),
        name: name.clone(),
        path: path.clone(),
        priority: priority.parse().ok()?,
        slaves: slaves.collect::<Option<_>>()?,
    }))
}

pub(super) const FORMS: &[Form] = &[
    Form {
        tool: "dh_installalternatives",
        lines: &[CONFIGURE, "update-alternatives <options...>", "fi"],
        each_line: false,
        action: install,
    },
    Form {
        tool: "dh_installwm",
        lines: &[CONFIGURE, "update-alternatives <options...>", "fi"],
        each_line: false,
        action: install,
    },
];
