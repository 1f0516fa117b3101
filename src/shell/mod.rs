//! A POSIX shell that runs scripts over a world which is given to it: no process, no file of the host, no clock.
//!
//! The language is that of dash 0.5.12, which runs Debian's maintainer scripts; dash is the judge in the tests. What a
//! script can use up is limited. Where nobody can say what a script would do (an unknown program, `&`, job control), it
//! stops with its line instead.
//!
//! Bytes are bytes: there is no locale but `C`.

mod arithmetic;
mod builtins;
mod expand;
mod fields;
mod flow;
mod grammar;
mod interpreter;
mod parser;
mod pathnames;
mod redirect;
mod run;
mod source_text;
mod state;
mod streams;
mod syntax;
#[cfg(test)]
mod tests;
mod words;
mod world;

pub use flow::{Limits, Stop};
pub use interpreter::{Invocation, run};
pub use parser::{SyntaxError, parse};
pub use syntax::{List, Text};
pub use world::{Call, FileKind, Outcome, Status, World, WorldError};
