//! Programs that run other programs, and those that a shell has itself: sh (dash), env, xargs, timeout, flock, run-parts, which
//! and getopt; echo, printf, test and their like.

mod getopt;
mod xargs;

use crate::shell::{Call, Outcome, Text};

use super::answer::{Answer, refused, shown};
use super::arguments::parse_leading;
use super::session::Session;
use super::table::Run;

pub(super) const COMMANDS: &[(&str, Run)] = &[
    ("[", own),
    ("dash", sh),
    ("echo", own),
    ("env", env),
    ("false", own),
    ("flock", flock),
    ("getopt", getopt::getopt),
    ("nice", prefixed),
    ("nohup", prefixed),
    ("printf", own),
    ("pwd", own),
    ("run-parts", run_parts),
    ("setsid", prefixed),
    ("sh", sh),
    ("test", own),
    ("timeout", timeout),
    ("true", own),
    ("xargs", xargs::xargs),
];

/// What the shell has itself does the same as a program.
fn own(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let name = call.name.rsplit(|byte| *byte == b'/').next().unwrap_or_default().to_vec();
    let script = [name.as_slice(), b" \"$@\""].concat();
    let arguments = call.arguments.to_vec();
    session.run_text(script, &name, arguments, call)
}

/// Programs that only change how another one runs.
fn prefixed(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse_leading(call, &["n=", "f|fork", "w|wait", "c|ctty"])?;
    match given.operands.split_first() {
        Some((name, arguments)) => session.call(name, arguments, call.environment.clone(), call),
        None => refused(format!("`{}` lacks its program", shown(call.name))),
    }
}

/// `timeout [OPTION…] DURATION PROGRAM [ARGUMENT…]`: here all is over at once.
fn timeout(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse_leading(call, &["k|kill-after=", "s|signal=", "preserve-status", "foreground", "v|verbose"])?;
    match given.operands.as_slice() {
        [_, name, arguments @ ..] => session.call(name, arguments, call.environment.clone(), call),
        _ => refused("`timeout` lacks its program"),
    }
}

/// `flock [-nxs] FILE PROGRAM [ARGUMENT…]`, `flock FILE -c TEXT`, `flock DESCRIPTOR`: nobody else holds a lock.
fn flock(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse_leading(call, &["n|nonblock", "x|e|exclusive", "s|shared", "w|wait=", "u|unlock"])?;
    if let Some(file) = given.operands.first().filter(|file| !file.iter().all(u8::is_ascii_digit)) {
        let path = Session::absolute(call.folder, file);
        if session.place_if_there(&path, true)?.is_none() {
            session.put(&path, Text::new(), 0o666 & !call.umask)?;
        }
    }
    match given.operands.as_slice() {
        [_, option, text] if option == b"-c" || option == b"--command" => {
            session.run_text(text.clone(), b"sh", Vec::new(), call)
        }
        [_, name, arguments @ ..] => session.call(name, arguments, call.environment.clone(), call),
        [_] => super::answer::done(),
        [] => refused("`flock` lacks its file"),
    }
}

/// `run-parts [--arg=ARGUMENT]… [--regex=…] FOLDER`: each program of a folder in the order of names.
fn run_parts(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = super::arguments::parse(
        call,
        &["a|arg=", "v|verbose", "report", "exit-on-error", "test", "list", "lsbsysinit"],
    )?;
    let [folder] = given.operands.as_slice() else { return refused("`run-parts` takes one folder") };
    let arguments: Vec<Text> =
        given.options.iter().filter(|(option, _)| *option == "a").filter_map(|(_, value)| value.clone()).collect();
    let path = Session::absolute(call.folder, folder);
    let mut outcome = Outcome::default();
    for name in session.names_in(&path)? {
        // The names that are taken: run-parts(8).
        if !name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
            continue;
        }
        let program = [path.as_slice(), b"/", &name].concat();
        if session.find_program(&program, b"/").is_none() {
            continue;
        }
        let done = session.call(&program, &arguments, call.environment.clone(), call)?;
        outcome.output.extend(done.output);
        outcome.errors.extend(done.errors);
        if done.status != 0 {
            outcome.status = 1;
            if given.has("exit-on-error") {
                break;
            }
        }
    }
    Ok(outcome)
}

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
