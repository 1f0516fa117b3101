//! Commands that the shell has itself.

mod control;
mod lookup;
mod options;
mod print;
mod read;
mod test;
mod variables;

use super::flow::Flow;
use super::interpreter::Shell;
use super::syntax::Text;

/// A command of the shell's own: its arguments, and whether somebody looks at its status.
pub(super) type Run = fn(&mut Shell<'_>, &[Text], bool) -> Result<i32, Flow>;

#[derive(Clone, Copy)]
pub(super) struct Builtin {
    name: &'static str,
    /// Special: assignments before it stay, a mistake ends the shell, and no function takes its place (XCU 2.15).
    pub(super) special: bool,
    pub(super) run: Run,
}

const fn special(name: &'static str, run: Run) -> Builtin {
    Builtin { name, special: true, run }
}

const fn regular(name: &'static str, run: Run) -> Builtin {
    Builtin { name, special: false, run }
}

const BUILTINS: [Builtin; 37] = [
    special(".", control::dot),
    special(":", |_, _, _| Ok(0)),
    special("break", control::leave_loop),
    special("continue", control::go_on),
    special("eval", control::eval),
    special("exec", control::exec),
    special("exit", control::exit),
    special("export", variables::export),
    special("readonly", variables::readonly),
    special("return", control::leave),
    special("set", options::set),
    special("shift", variables::shift),
    special("times", |shell, _, _| shell.stop("`times` has no clock here")),
    special("trap", control::trap),
    special("unset", variables::unset),
    regular("[", test::bracket),
    regular("alias", |shell, _, _| shell.stop("`alias` changes how the rest of the script is read")),
    regular("bg", no_jobs),
    regular("cd", lookup::cd),
    regular("command", lookup::command),
    regular("echo", print::echo),
    regular("false", |_, _, _| Ok(1)),
    regular("fg", no_jobs),
    regular("getopts", options::getopts),
    regular("hash", |_, _, _| Ok(0)),
    regular("jobs", no_jobs),
    regular("local", variables::local),
    regular("printf", print::printf),
    regular("pwd", lookup::pwd),
    regular("read", read::read),
    regular("test", test::test),
    regular("true", |_, _, _| Ok(0)),
    regular("type", lookup::tell),
    regular("ulimit", |shell, _, _| shell.stop("`ulimit` has no process to limit")),
    regular("umask", options::umask),
    regular("unalias", |_, _, _| Ok(0)),
    regular("wait", |_, _, _| Ok(0)),
];

fn no_jobs(shell: &mut Shell<'_>, _: &[Text], _: bool) -> Result<i32, Flow> {
    shell.stop("nothing runs beside the script")
}

pub(super) fn find(name: &[u8]) -> Option<Builtin> {
    BUILTINS.iter().find(|builtin| builtin.name.as_bytes() == name).copied()
}

/// A whole number as an argument.
fn number(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.trim().parse().ok()
}
