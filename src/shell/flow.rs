//! How a script leaves the straight way, and what stops it for good.

/// Why commands are not gone on with one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Flow {
    /// Out of so many loops.
    Break(usize),
    /// On with the so many-th loop around.
    Continue(usize),
    /// Out of a function or a file that is read by `.`.
    Return(i32),
    /// Out of the shell.
    Exit(i32),
    Stop(Stop),
}

/// Why a script was not run to its end: nobody can say what it would do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct Stop {
    /// Of the script, counted from 1.
    pub line: u32,
    pub reason: String,
}

/// What a script may use up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Commands, turns of loops, and each 64 bytes that an expansion makes.
    pub steps: u64,
    /// Functions, substitutions and shells inside of each other.
    pub depth: usize,
    /// Bytes of one value, and of what one command writes.
    pub bytes: usize,
}

impl Default for Limits {
    /// A hundred times what the longest script of Debian uses.
    fn default() -> Self {
        Self { steps: 10_000_000, depth: 64, bytes: 64 << 20 }
    }
}
