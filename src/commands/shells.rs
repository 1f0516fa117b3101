//! Programs that run other programs: sh (dash), env.

use crate::shell::Call;

use super::answer::{Answer, refused, shown};
use super::arguments::parse_leading;
use super::session::Session;
use super::table::Run;

pub(super) const COMMANDS: &[(&str, Run)] = &[("sh", sh), ("dash", sh), ("env", env)];

/// `sh [-eu] -c TEXT [NAME [ARGUMENT…]]` and `sh [-eu] FILE [ARGUMENT…]`.
fn sh(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse_leading(call, &["c", "e", "u", "x"])?;
    let options: String = ["e", "u"].into_iter().filter(|option| given.has(option)).collect();
    let set = if options.is_empty() { String::new() } else { format!("set -{options}; ") };
    let (first, rest) = match given.operands.split_first() {
        Some((first, rest)) => (first.clone(), rest.to_vec()),
        None => {
            let script = (call.input)();
            return session.run_text([set.as_bytes(), &script].concat(), b"sh", Vec::new(), call);
        }
    };
    if given.has("c") {
        let script = [set.as_bytes(), &first].concat();
        return match rest.split_first() {
            Some((name, arguments)) => session.run_text(script, name, arguments.to_vec(), call),
            None => session.run_text(script, b"sh", Vec::new(), call),
        };
    }
    let path = Session::absolute(call.folder, &first);
    let script = [set.as_bytes(), &session.bytes(&path)?].concat();
    session.run_text(script, &first, rest, call)
}

/// `env [-i] [-u NAME] [NAME=VALUE…] [PROGRAM [ARGUMENT…]]`
fn env(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse_leading(call, &["i|ignore-environment", "u|unset="])?;
    let mut environment = if given.has("i") { Default::default() } else { call.environment.clone() };
    for (_, name) in given.options.iter().filter(|(option, _)| *option == "u") {
        environment.remove(name.as_deref().unwrap_or_default());
    }
    let mut rest = given.operands.as_slice();
    while let Some((first, behind)) = rest.split_first() {
        let Some(at) = first.iter().position(|byte| *byte == b'=') else { break };
        environment.insert(first[..at].to_vec(), first[at + 1..].to_vec());
        rest = behind;
    }
    let Some((name, arguments)) = rest.split_first() else {
        return refused(format!(
            "`{}` without a program prints what differs from one machine to another",
            shown(call.name)
        ));
    };
    session.call(name, arguments, environment, call)
}
