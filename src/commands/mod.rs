//! The programs that maintainer scripts call, done natively to the tree: no process runs.
//!
//! A [`Session`] is the system that a script finds itself in: its files are those of the tree, and a program is there when the
//! tree has it. What runs in its stead is looked up in [`table`], which has a file for each family of programs; a program that
//! is a shell script itself is read from the tree and run. Whatever else a script calls ends the build with its line, and so
//! does an option that a command does not know: nothing is guessed.
//!
//! Each family's file tells which programs it stands for and what it leaves out. Programs that leave nothing behind in an
//! image are a table with a reason each ([`nothing`]).

mod accounts;
mod alternatives;
mod answer;
mod arguments;
mod debconf;
pub mod dialect;
mod dpkg;
mod files;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod judge;
mod locales;
mod nothing;
mod places;
mod records;
mod running;
mod services;
mod session;
mod shells;
mod table;
#[cfg(test)]
mod testing;
mod text;

pub use session::{Script, Session};
