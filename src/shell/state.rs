//! What a shell remembers: variables, functions, options. A subshell has a copy.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::streams::Streams;
use super::syntax::{Command, Text};

#[derive(Debug, Clone, Default)]
pub(super) struct Variable {
    /// None: it is unset, but may be exported or readonly all the same.
    pub(super) value: Option<Text>,
    pub(super) exported: bool,
    pub(super) readonly: bool,
}

/// The options of `set` that make a difference here; `-x` and `-v` do not.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Options {
    /// `-e`
    pub(super) errexit: bool,
    /// `-u`
    pub(super) nounset: bool,
    /// `-f`
    pub(super) noglob: bool,
    /// `-a`
    pub(super) allexport: bool,
    /// `-C`
    pub(super) noclobber: bool,
}

#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) variables: BTreeMap<Text, Variable>,
    pub(super) functions: BTreeMap<Text, Rc<Command>>,
    /// `$1` and on.
    pub(super) arguments: Vec<Text>,
    /// `$0`
    pub(super) name: Text,
    pub(super) options: Options,
    pub(super) folder: Text,
    pub(super) umask: u16,
    pub(super) streams: Streams,
    /// What is to be run at the end.
    pub(super) at_exit: Option<Text>,
    /// `$?`
    pub(super) status: i32,
    /// For each function that runs, what variables were before it made them its own.
    pub(super) locals: Vec<Vec<(Text, Option<Variable>)>>,
    /// Loops around the command, in the same function.
    pub(super) loops: usize,
    pub(super) line: u32,
    /// Where getopts is in a word of several options.
    pub(super) option_at: usize,
}

impl State {
    pub(super) fn new(name: &[u8], arguments: Vec<Text>, environment: BTreeMap<Text, Text>, streams: Streams) -> Self {
        let mut variables: BTreeMap<Text, Variable> = environment
            .into_iter()
            .map(|(name, value)| (name, Variable { value: Some(value), exported: true, readonly: false }))
            .collect();
        let mut usual = |name: &str, value: &str| {
            variables.entry(name.into()).or_default().value.get_or_insert_with(|| value.into());
        };
        usual("OPTIND", "1");
        usual("PWD", "/");
        variables.entry(b"IFS".to_vec()).or_default().value = Some(b" \t\n".to_vec());
        Self {
            variables,
            functions: BTreeMap::new(),
            arguments,
            name: name.to_vec(),
            options: Options::default(),
            folder: b"/".to_vec(),
            umask: 0o022,
            streams,
            at_exit: None,
            status: 0,
            locals: Vec::new(),
            loops: 0,
            line: 1,
            option_at: 0,
        }
    }

    pub(super) fn value(&self, name: &[u8]) -> Option<&Text> {
        self.variables.get(name)?.value.as_ref()
    }

    /// What separates fields.
    pub(super) fn separators(&self) -> Text {
        self.value(b"IFS").cloned().unwrap_or_else(|| b" \t\n".to_vec())
    }

    /// The variables for programs.
    pub(super) fn environment(&self) -> BTreeMap<Text, Text> {
        let exported = self.variables.iter().filter(|(_, variable)| variable.exported);
        exported.filter_map(|(name, variable)| Some((name.clone(), variable.value.clone()?))).collect()
    }

    /// The letters of `$-`.
    pub(super) fn letters(&self) -> Text {
        let Options { errexit, nounset, noglob, allexport, noclobber } = self.options;
        let all = [(errexit, b'e'), (noglob, b'f'), (noclobber, b'C'), (allexport, b'a'), (nounset, b'u')];
        all.into_iter().filter_map(|(set, letter)| set.then_some(letter)).collect()
    }

    /// `path`, seen from the shell's folder.
    pub(super) fn absolute(&self, path: &[u8]) -> Text {
        if path.starts_with(b"/") {
            return path.to_vec();
        }
        let mut absolute = self.folder.clone();
        if !absolute.ends_with(b"/") {
            absolute.push(b'/');
        }
        absolute.extend_from_slice(path);
        absolute
    }
}
