//! What a script finds outside of itself: files and programs, and whatever stands for them.

use std::collections::BTreeMap;

use super::syntax::Text;

/// The world that a script runs in. Paths are absolute; what is below the script's folder was put before the rest.
pub trait World {
    /// The path of the program of this name, as a search finds it.
    fn program(&self, name: &[u8]) -> Option<Text>;

    /// Runs a program to its end.
    fn run(&mut self, call: Call<'_>) -> Result<Outcome, WorldError>;

    /// The content of a file, links followed.
    fn read(&mut self, path: &[u8]) -> Result<Text, WorldError>;

    /// Makes a file that is not there, and gives it this content, or adds it at the end; links are followed.
    fn write(&mut self, path: &[u8], content: &[u8], append: bool, umask: u16) -> Result<(), WorldError>;

    /// What stands at a path, or where it leads to when links are followed.
    fn status(&mut self, path: &[u8], follow: bool) -> Result<Option<Status>, WorldError>;

    /// The names in a folder, in no order that matters; none when it is no folder.
    fn names(&mut self, folder: &[u8]) -> Result<Vec<Text>, WorldError>;
}

/// A program with all that it is given.
#[allow(missing_debug_implementations, reason = "what gives the input is a function")]
pub struct Call<'a> {
    pub name: &'a [u8],
    pub arguments: &'a [Text],
    /// The exported variables.
    pub environment: BTreeMap<Text, Text>,
    pub folder: &'a [u8],
    /// Permission bits that new files do not get.
    pub umask: u16,
    /// Standard input: what is left of it when this is asked for.
    pub input: &'a mut dyn FnMut() -> Text,
    /// The line of the script, counted from 1.
    pub line: u32,
    /// How many shells there are around it.
    pub depth: usize,
}

/// What came of a program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    pub status: i32,
    pub output: Text,
    pub errors: Text,
}

/// Why a world did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorldError {
    /// It cannot be, as a script may well expect: the message of a system ("No such file or directory").
    Failed(String),
    /// Nobody knows what would be right: the script must not go on.
    Refused(String),
}

/// What test(1) tells of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    pub kind: FileKind,
    /// Permission bits with setuid, setgid and sticky.
    pub mode: u16,
    /// In bytes.
    pub size: u64,
    pub uid: u32,
    pub gid: u32,
    /// Seconds since 1970-01-01 UTC.
    pub modified: i64,
    /// Equal for two names of one file.
    pub identity: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    File,
    Folder,
    Link,
    CharDevice,
    BlockDevice,
    Fifo,
    Socket,
}
