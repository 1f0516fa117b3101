//! Names of files for patterns (POSIX.1-2024, XCU 2.14.3).

use super::flow::Flow;
use super::interpreter::Shell;
use super::syntax::Text;
use crate::tree::pattern::{Backslash, matches};

impl Shell<'_> {
    /// The names of what is there, in byte order; none when nothing matches.
    pub(super) fn pathnames(&mut self, pattern: &[u8]) -> Result<Vec<Text>, Flow> {
        let mut found: Vec<Text> = vec![Text::new()];
        let mut rest = pattern;
        while !rest.is_empty() {
            let slashes = rest.iter().take_while(|byte| **byte == b'/').count();
            found.iter_mut().for_each(|path| path.extend_from_slice(&rest[..slashes]));
            rest = &rest[slashes..];
            let length = rest.iter().position(|byte| *byte == b'/').unwrap_or(rest.len());
            let (component, behind) = rest.split_at(length);
            rest = behind;
            if component.is_empty() {
                continue;
            }
            let mut next = Vec::new();
            for path in found {
                self.step()?;
                if let Some(plain) = plain(component) {
                    let mut path = path;
                    path.extend_from_slice(&plain);
                    if self.status(&path, false)?.is_some() {
                        next.push(path);
                    }
                    continue;
                }
                let folder = if path.is_empty() { self.state.folder.clone() } else { self.state.absolute(&path) };
                let mut names = self.names(&folder)?;
                let hidden = component.starts_with(b".") || component.starts_with(b"\\.");
                names.extend([b".".to_vec(), b"..".to_vec()]);
                for name in names {
                    if (hidden || !name.starts_with(b".")) && matches(component, &name, Backslash::Escapes) {
                        let mut path = path.clone();
                        path.extend_from_slice(&name);
                        next.push(path);
                    }
                }
            }
            found = next;
        }
        found.retain(|path| !path.is_empty());
        found.sort();
        Ok(found)
    }
}

/// The text of a pattern that has no letters of patterns.
fn plain(pattern: &[u8]) -> Option<Text> {
    let mut text = Text::new();
    let mut bytes = pattern.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'*' | b'?' | b'[' => return None,
            b'\\' => text.extend(bytes.next()),
            _ => text.push(*byte),
        }
    }
    Some(text)
}
