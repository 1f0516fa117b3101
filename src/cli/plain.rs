//! Text from images, which may be anybody's, on this terminal.

use std::io::{self, Write};

/// Prints `text` without control characters, which could make a terminal do anything. A reader that wants no more of
/// it, such as `head`, is no failure.
pub(super) fn print_text(text: &str) -> io::Result<()> {
    let harmless = |c: char| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c };
    let text: String = text.chars().map(harmless).collect();
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
