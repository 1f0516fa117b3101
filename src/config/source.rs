//! A text that a person wrote, and places in it that a message can point at.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use serde_spanned::Spanned;

/// Which file could not be read, and what the system answered.
#[derive(Debug, thiserror::Error)]
#[error("cannot read `{path}`: {error}")]
pub(super) struct Unreadable {
    path: String,
    error: std::io::Error,
}

/// One file that was read, kept for as long as messages may quote it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SourceFile {
    /// As the user named it.
    pub(super) path: String,
    pub(super) text: String,
}

impl SourceFile {
    /// Reads a file whole.
    pub(super) fn read(path: &Path) -> Result<Arc<Self>, Unreadable> {
        let shown = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(Arc::new(Self { path: shown, text })),
            Err(error) => Err(Unreadable { path: shown, error }),
        }
    }
}

/// A stretch of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) source: Arc<SourceFile>,
    /// In bytes.
    pub(super) span: Range<usize>,
}

impl Place {
    pub(super) fn new(source: &Arc<SourceFile>, span: Range<usize>) -> Self {
        Self { source: Arc::clone(source), span }
    }

    /// Where a value was typed.
    pub(super) fn of<T>(source: &Arc<SourceFile>, value: &Spanned<T>) -> Self {
        Self::new(source, value.span())
    }

    /// A part of a string, given in bytes of the string's value. The whole string when it was typed with escapes or in
    /// another form than `"…"` or `'…'`, because then the value's offsets are not those of the text.
    pub(super) fn inside(&self, value: &str, part: Range<usize>) -> Self {
        let typed = self.source.text.get(self.span.clone()).unwrap_or_default();
        let plain = typed.len() == value.len() + 2 && typed.get(1..=value.len()) == Some(value);
        if !plain {
            return self.clone();
        }
        let start = self.span.start + 1;
        Self::new(&self.source, start + part.start..start + part.end)
    }
}
