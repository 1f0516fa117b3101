//! A shell: what it is started with, what it may use up, and the shells inside of it.

use std::collections::BTreeMap;

use super::flow::{Flow, Limits, Stop};
use super::parser::Lines;
use super::state::State;
use super::streams::{self, Streams};
use super::syntax::Text;
use super::world::{Outcome, Status, World, WorldError};

/// A script and what it is started with.
#[derive(Debug, Clone, Default)]
pub struct Invocation {
    pub script: Text,
    /// `$0`
    pub name: Text,
    /// `$1` and on.
    pub arguments: Vec<Text>,
    pub environment: BTreeMap<Text, Text>,
    /// Standard input.
    pub input: Text,
    pub limits: Limits,
    /// How many shells there are around it.
    pub depth: usize,
}

/// Runs a script to its end. A mistake in its grammar ends it with status 2, as in dash.
pub fn run(world: &mut dyn World, invocation: Invocation) -> Result<Outcome, Stop> {
    let Invocation { script, name, arguments, environment, input, limits, depth } = invocation;
    let (streams, output, errors) = Streams::new(input);
    let state = State::new(&name, arguments, environment, streams);
    let mut shell = Shell { world, state, limits, steps: 0, depth, substituted: None };
    let status = shell.finished(|shell| shell.source(&script, 1, false))?;
    Ok(Outcome { status, output: streams::taken(&output), errors: streams::taken(&errors) })
}

pub(super) struct Shell<'w> {
    pub(super) world: &'w mut dyn World,
    pub(super) state: State,
    pub(super) limits: Limits,
    steps: u64,
    pub(super) depth: usize,
    /// The status of the last command substitution, while words are expanded.
    pub(super) substituted: Option<i32>,
}

impl Shell<'_> {
    // What is used up.

    pub(super) fn step(&mut self) -> Result<(), Flow> {
        self.spend(1)
    }

    /// Counts bytes that an expansion made or a command moved.
    pub(super) fn spend_bytes(&mut self, bytes: usize) -> Result<(), Flow> {
        if bytes > self.limits.bytes {
            return self.stop(&format!("a text has more than {} bytes", self.limits.bytes));
        }
        self.spend(u64::try_from(bytes / 64).unwrap_or(u64::MAX))
    }

    fn spend(&mut self, steps: u64) -> Result<(), Flow> {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > self.limits.steps {
            return self.stop(&format!("the script goes on after {} steps", self.limits.steps));
        }
        Ok(())
    }

    /// Runs `inner` one level deeper.
    pub(super) fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T, Flow>) -> Result<T, Flow> {
        if self.depth >= self.limits.depth {
            return self.stop(&format!("more than {} functions and shells inside of each other", self.limits.depth));
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    /// Stops the script for good.
    pub(super) fn stop<T>(&self, reason: &str) -> Result<T, Flow> {
        Err(Flow::Stop(Stop { line: self.state.line, reason: reason.to_owned() }))
    }

    /// Ends the shell, as an error of its own does, with a message.
    pub(super) fn fails<T>(&mut self, reason: &str) -> Result<T, Flow> {
        self.complain(reason)?;
        Err(Flow::Exit(2))
    }

    // The world.

    pub(super) fn status(&mut self, path: &[u8], follow: bool) -> Result<Option<Status>, Flow> {
        let path = self.state.absolute(path);
        self.world.status(&path, follow).or_else(|error| self.missing(error, None))
    }

    pub(super) fn names(&mut self, folder: &[u8]) -> Result<Vec<Text>, Flow> {
        self.world.names(folder).or_else(|error| self.missing(error, Vec::new()))
    }

    fn missing<T>(&self, error: WorldError, none: T) -> Result<T, Flow> {
        match error {
            WorldError::Failed(_) => Ok(none),
            WorldError::Refused(reason) => self.stop(&reason),
        }
    }

    // Shells inside of it.

    /// Runs `inner` in a subshell and gives its status: what it changes of the shell's own is forgotten.
    pub(super) fn subshell(&mut self, inner: impl FnOnce(&mut Self) -> Result<i32, Flow>) -> Result<i32, Flow> {
        let outer = self.state.clone();
        self.state.at_exit = None;
        let result = self.deeper(|shell| shell.finished(inner).map_err(Flow::Stop));
        self.state = outer;
        result
    }

    /// Runs `inner`, and after it what was to be run at the end.
    fn finished(&mut self, inner: impl FnOnce(&mut Self) -> Result<i32, Flow>) -> Result<i32, Stop> {
        let status = match inner(self) {
            Ok(status) | Err(Flow::Exit(status) | Flow::Return(status)) => status,
            Err(Flow::Break(_) | Flow::Continue(_)) => 0,
            Err(Flow::Stop(stop)) => return Err(stop),
        };
        let Some(action) = self.state.at_exit.take() else { return Ok(status) };
        self.state.status = status;
        match self.source(&action, self.state.line, false) {
            Err(Flow::Exit(status)) => Ok(status),
            Err(Flow::Stop(stop)) => Err(stop),
            _ => Ok(status),
        }
    }

    /// Runs a text as commands, each line when it is read: what stands before a mistake in the grammar was run.
    pub(super) fn source(&mut self, text: &[u8], line: u32, tested: bool) -> Result<i32, Flow> {
        let mut lines = Lines::new(text, line);
        let mut status = 0;
        loop {
            match lines.next() {
                Ok(Some(list)) => status = self.list(&list, tested)?,
                Ok(None) => return Ok(status),
                Err(error) => {
                    self.state.line = error.line;
                    return self.fails(&format!("Syntax error: {}", error.reason));
                }
            }
        }
    }
}
