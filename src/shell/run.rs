//! Running commands, in the order and with the tests for errors that dash has (`eval.c`).

use std::rc::Rc;

use super::builtins;
use super::flow::Flow;
use super::interpreter::Shell;
use super::state::Variable;
use super::streams::{self, Open};
use super::syntax::{
    Assignment, Command, CommandKind, Connector, Item, List, Part, Pipeline, Redirection, Text, Word, is_name,
};
use super::world::{Call, Outcome, WorldError};
use crate::tree::pattern::{Backslash, matches};

impl Shell<'_> {
    // Commands. `tested`: somebody looks at the status, and `set -e` does not.

    pub(super) fn list(&mut self, list: &List, tested: bool) -> Result<i32, Flow> {
        let mut status = 0;
        for item in &list.0 {
            status = self.item(item, tested)?;
        }
        Ok(status)
    }

    fn item(&mut self, item: &Item, tested: bool) -> Result<i32, Flow> {
        if item.background {
            return self.stop("`&` starts a command beside the script, which nobody waits for here");
        }
        let mut status = self.pipeline(&item.first, tested || !item.rest.is_empty())?;
        for (index, (connector, pipeline)) in item.rest.iter().enumerate() {
            let wanted = match connector {
                Connector::And => status == 0,
                Connector::Or => status != 0,
            };
            if wanted {
                status = self.pipeline(pipeline, tested || index + 1 < item.rest.len())?;
            }
        }
        Ok(status)
    }

    fn pipeline(&mut self, pipeline: &Pipeline, tested: bool) -> Result<i32, Flow> {
        let inner = tested || pipeline.negated;
        let mut status = match pipeline.commands.as_slice() {
            [only] => self.command(only, inner)?,
            commands => {
                let status = self.piped(commands, inner)?;
                self.state.status = status;
                self.check(status, inner)?;
                status
            }
        };
        if pipeline.negated {
            status = i32::from(status == 0);
            self.state.status = status;
        }
        Ok(status)
    }

    /// One command after the other, each reading what the one before wrote.
    fn piped(&mut self, commands: &[Command], tested: bool) -> Result<i32, Flow> {
        let mut status = 0;
        let mut input = None;
        for (index, command) in commands.iter().enumerate() {
            let last = index + 1 == commands.len();
            let output = streams::stream(Open::Output(Text::new()));
            status = self.subshell(|shell| {
                if let Some(bytes) = input.take() {
                    shell.state.streams.0.insert(0, streams::input(bytes));
                }
                if !last {
                    shell.state.streams.0.insert(1, Rc::clone(&output));
                }
                shell.command(command, tested)
            })?;
            input = Some(streams::taken(&output));
        }
        Ok(status)
    }

    /// With `set -e`, ends the shell for a failure that nobody looks at.
    fn check(&self, status: i32, tested: bool) -> Result<(), Flow> {
        if self.state.options.errexit && status != 0 && !tested { Err(Flow::Exit(status)) } else { Ok(()) }
    }

    pub(super) fn command(&mut self, command: &Command, tested: bool) -> Result<i32, Flow> {
        self.step()?;
        self.state.line = command.line;
        if let CommandKind::Simple { assignments, words } = &command.kind {
            let status = self.simple(assignments, words, &command.redirections, tested)?;
            self.state.status = status;
            self.check(status, tested)?;
            return Ok(status);
        }
        let status = if command.redirections.is_empty() {
            self.compound(&command.kind, tested)?
        } else {
            let before = self.state.streams.clone();
            let result = match self.redirect(&command.redirections) {
                Ok(true) => self.compound(&command.kind, tested),
                Ok(false) => Ok(2),
                Err(flow) => Err(flow),
            };
            self.state.streams = before;
            result?
        };
        self.state.status = status;
        if matches!(command.kind, CommandKind::Subshell(_)) {
            self.check(status, tested)?;
        }
        Ok(status)
    }

    fn compound(&mut self, kind: &CommandKind, tested: bool) -> Result<i32, Flow> {
        match kind {
            CommandKind::Simple { .. } => Ok(0),
            CommandKind::Group(list) => self.list(list, tested),
            CommandKind::Subshell(list) => self.subshell(|shell| shell.list(list, tested)),
            CommandKind::If { branches, otherwise } => {
                for (condition, body) in branches {
                    if self.list(condition, true)? == 0 {
                        return self.list(body, tested);
                    }
                }
                otherwise.as_ref().map_or(Ok(0), |body| self.list(body, tested))
            }
            CommandKind::For { name, words, body } => {
                let values = match words {
                    Some(words) => self.fields(words)?,
                    None => self.state.arguments.clone(),
                };
                let mut values = values.into_iter();
                self.repeat(|shell| {
                    let Some(value) = values.next() else { return Ok(None) };
                    shell.assign(name, value)?;
                    shell.list(body, tested).map(Some)
                })
            }
            CommandKind::While { until, condition, body } => self.repeat(|shell| {
                if (shell.list(condition, true)? == 0) == *until {
                    return Ok(None);
                }
                shell.list(body, tested).map(Some)
            }),
            CommandKind::Case { word, arms } => {
                let text = self.text(&word.parts)?;
                for (patterns, body) in arms {
                    for pattern in patterns {
                        let pattern = self.pattern(&pattern.parts)?;
                        self.spend_bytes(text.len())?;
                        if matches(&pattern, &text, Backslash::Escapes) {
                            return self.list(body, tested);
                        }
                    }
                }
                Ok(0)
            }
            CommandKind::Function { name, body } => {
                self.state.functions.insert(name.clone(), Rc::clone(body));
                Ok(0)
            }
        }
    }

    /// Turns of a loop, until one gives none.
    fn repeat(&mut self, mut turn: impl FnMut(&mut Self) -> Result<Option<i32>, Flow>) -> Result<i32, Flow> {
        let mut status = 0;
        self.state.loops += 1;
        let result = loop {
            if let Err(flow) = self.step() {
                break Err(flow);
            }
            match turn(self) {
                Ok(Some(of_turn)) => status = of_turn,
                Ok(None) => break Ok(status),
                Err(Flow::Break(1)) => break Ok(0),
                Err(Flow::Break(outer)) => break Err(Flow::Break(outer - 1)),
                Err(Flow::Continue(1)) => status = 0,
                Err(Flow::Continue(outer)) => break Err(Flow::Continue(outer - 1)),
                Err(flow) => break Err(flow),
            }
        };
        self.state.loops = self.state.loops.saturating_sub(1);
        result
    }

    fn simple(
        &mut self,
        assignments: &[Assignment],
        words: &[Word],
        redirections: &[Redirection],
        tested: bool,
    ) -> Result<i32, Flow> {
        self.substituted = None;
        let fields = self.command_fields(words)?;
        let Some((name, arguments)) = fields.split_first() else {
            return self.without_command(assignments, redirections);
        };
        let builtin = builtins::find(name);
        let special = builtin.is_some_and(|builtin| builtin.special);
        let streams = self.state.streams.clone();
        match self.redirect(redirections) {
            Ok(true) => {}
            Ok(false) => {
                self.state.streams = streams;
                return if special { Err(Flow::Exit(2)) } else { Ok(2) };
            }
            Err(flow) => {
                self.state.streams = streams;
                return Err(flow);
            }
        }
        // Redirections of `exec` without a command stay.
        let stay = name == b"exec" && arguments.is_empty();
        let result = self.with_assignments(assignments, special, |shell| {
            shell.step()?;
            match (builtin, shell.state.functions.get(name).cloned()) {
                (Some(builtin), None) => (builtin.run)(shell, arguments, tested),
                (Some(builtin), _) if builtin.special => (builtin.run)(shell, arguments, tested),
                (_, Some(body)) => shell.function(&body, arguments, tested),
                (None, None) => shell.program(name, arguments),
            }
        });
        if !stay {
            self.state.streams = streams;
        }
        result
    }

    /// The fields of a simple command. What is assigned behind `export`, `readonly` and `local` is not split.
    fn command_fields(&mut self, words: &[Word]) -> Result<Vec<Text>, Flow> {
        let declares =
            words.first().and_then(Word::plain).is_some_and(|name| matches!(name, b"export" | b"readonly" | b"local"));
        if !declares {
            return self.fields(words);
        }
        let mut fields = Vec::new();
        for word in words {
            if is_assignment(word) {
                fields.push(self.text(&word.parts)?);
            } else {
                fields.extend(self.fields(std::slice::from_ref(word))?);
            }
        }
        Ok(fields)
    }

    fn without_command(&mut self, assignments: &[Assignment], redirections: &[Redirection]) -> Result<i32, Flow> {
        let streams = self.state.streams.clone();
        let made = self.redirect(redirections);
        self.state.streams = streams;
        if !made? {
            return Ok(2);
        }
        for assignment in assignments {
            let value = self.text(&assignment.value.parts)?;
            self.assign(&assignment.name, value)?;
        }
        Ok(self.substituted.unwrap_or(0))
    }

    /// Runs `inner` with variables set; afterwards they are what they were, unless they are to `stay`.
    fn with_assignments(
        &mut self,
        assignments: &[Assignment],
        stay: bool,
        inner: impl FnOnce(&mut Self) -> Result<i32, Flow>,
    ) -> Result<i32, Flow> {
        let mut before: Vec<(Text, Option<Variable>)> = Vec::new();
        for Assignment { name, value } in assignments {
            let value = self.text(&value.parts)?;
            if !stay {
                before.push((name.clone(), self.state.variables.get(name).cloned()));
            }
            self.assign(name, value)?;
            if let Some(variable) = self.state.variables.get_mut(name).filter(|_| !stay) {
                variable.exported = true;
            }
        }
        let result = inner(self);
        self.restore(before);
        result
    }

    fn restore(&mut self, before: Vec<(Text, Option<Variable>)>) {
        for (name, variable) in before.into_iter().rev() {
            match variable {
                Some(variable) => self.state.variables.insert(name, variable),
                None => self.state.variables.remove(&name),
            };
        }
    }

    fn function(&mut self, body: &Rc<Command>, arguments: &[Text], tested: bool) -> Result<i32, Flow> {
        let outer = std::mem::replace(&mut self.state.arguments, arguments.to_vec());
        let loops = std::mem::take(&mut self.state.loops);
        self.state.locals.push(Vec::new());
        let result = self.deeper(|shell| shell.command(body, tested));
        let before = self.state.locals.pop().unwrap_or_default();
        self.restore(before);
        self.state.loops = loops;
        self.state.arguments = outer;
        match result {
            Err(Flow::Return(status)) => Ok(status),
            other => other,
        }
    }

    pub(super) fn program(&mut self, name: &[u8], arguments: &[Text]) -> Result<i32, Flow> {
        let stream = self.state.streams.get(0).cloned();
        let call = Call {
            name,
            arguments,
            environment: self.state.environment(),
            folder: &self.state.folder,
            umask: self.state.umask,
            input: &mut || streams::rest(stream.as_ref()),
            line: self.state.line,
            depth: self.depth + 1,
        };
        match self.world.run(call) {
            Ok(Outcome { status, output, errors }) => {
                self.write(2, &errors)?;
                self.write(1, &output)?;
                Ok(status)
            }
            Err(WorldError::Failed(reason)) => {
                self.complain(&format!("{}: {reason}", String::from_utf8_lossy(name)))?;
                Ok(127)
            }
            Err(WorldError::Refused(reason)) => self.stop(&reason),
        }
    }

    /// Gives a variable a value.
    pub(super) fn assign(&mut self, name: &[u8], value: Text) -> Result<(), Flow> {
        self.spend_bytes(value.len())?;
        let allexport = self.state.options.allexport;
        let variable = self.state.variables.entry(name.to_vec()).or_default();
        if variable.readonly {
            return self.fails(&format!("{}: is read only", String::from_utf8_lossy(name)));
        }
        variable.value = Some(value);
        variable.exported |= allexport;
        if name == b"OPTIND" {
            self.state.option_at = 0;
        }
        Ok(())
    }
}

/// Whether a word is a name, `=` and a value, as it stands.
fn is_assignment(word: &Word) -> bool {
    let Some(Part::Literal(first)) = word.parts.first() else { return false };
    first.iter().position(|byte| *byte == b'=').is_some_and(|equals| is_name(&first[..equals]))
}
