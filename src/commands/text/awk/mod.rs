//! awk(1) as POSIX has it and mawk runs it: patterns and actions, fields, variables, arrays, and the functions for texts. Left
//! out: functions of one's own, `getline`, files and programs to write to, and randomness.

mod expression;
mod functions;
mod lexer;
mod parser;
mod run;
mod syntax;
mod value;

use crate::commands::answer::{Answer, refused};
use crate::commands::arguments::{parse_leading, text};
use crate::commands::session::Session;
use crate::shell::{Call, Text};

/// `awk [-F LETTERS] [-v NAME=VALUE]… [-f FILE | PROGRAM] [FILE…]`
pub(super) fn awk(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse_leading(call, &["F=", "v=", "f="])?;
    let mut operands = given.operands.clone();
    let program = match given.value("f") {
        Some(file) => session.bytes(&Session::absolute(call.folder, file))?,
        None if operands.is_empty() => return refused("`awk` lacks its program"),
        None => operands.remove(0),
    };
    let program = parser::read(&text(&program)?)?;
    let mut run = run::Run::new(&program, call.environment.clone());
    if let Some(separator) = given.text("F")? {
        run.assign("FS", &if separator == "t" { "\t".to_owned() } else { run::unescaped(&separator) });
    }
    for (_, value) in given.options.iter().filter(|(option, _)| *option == "v") {
        let value = text(value.as_deref().unwrap_or_default())?;
        let Some((name, value)) = value.split_once('=') else { return refused("`awk -v` takes a name and a value") };
        run.assign(name, &run::unescaped(value));
    }
    run.begin()?;
    if !run.is_over() && program.reads() {
        let mut inputs: Vec<Text> = Vec::new();
        for operand in &operands {
            let is_name = |name: &[u8]| name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
            if operand.iter().position(|byte| *byte == b'=').is_some_and(|at| is_name(&operand[..at])) {
                return refused("`awk` with assignments among its files is not done here");
            }
            inputs.push(super::one(session, call, operand)?);
        }
        if operands.is_empty() {
            inputs.push((call.input)());
        }
        for input in inputs {
            run.records(&input)?;
        }
    }
    run.end()
}
