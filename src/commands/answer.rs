//! What a command gives back.

use crate::shell::{Outcome, Text, WorldError};

/// What came of a command. A [`WorldError::Failed`] becomes its message and status 1, a [`WorldError::Refused`] ends the build.
pub(super) type Answer = Result<Outcome, WorldError>;

/// Status 0, and nothing said.
pub(super) fn done() -> Answer {
    Ok(Outcome::default())
}

/// Status 0 and an output.
pub(super) fn says(output: impl Into<Text>) -> Answer {
    Ok(Outcome { output: output.into(), ..Outcome::default() })
}

/// A status, and nothing said.
pub(super) fn status(status: i32) -> Answer {
    Ok(Outcome { status, ..Outcome::default() })
}

/// Status 0 where it is so, 1 where it is not.
pub(super) fn whether(so: bool) -> Answer {
    status(i32::from(!so))
}

/// What a program says where it can't do what it is asked for; a script may well expect it.
pub(super) fn failed<T>(reason: impl Into<String>) -> Result<T, WorldError> {
    Err(WorldError::Failed(reason.into()))
}

/// Nobody knows what would be right here: the build ends with the reason.
pub(super) fn refused<T>(reason: impl Into<String>) -> Result<T, WorldError> {
    Err(WorldError::Refused(reason.into()))
}

/// Bytes for a message.
pub(super) fn shown(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}
