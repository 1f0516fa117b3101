//! One line of a tmpfiles.d file: `type path mode user group age argument` (tmpfiles.d(5)).

use crate::tree::TreePath;

use super::super::{ConfigureError, fields};

/// A line that concerns a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) kind: char,
    pub(super) path: TreePath,
    /// `+`: what is there gives way.
    pub(super) replace: bool,
    /// `?`: links only to what is there.
    pub(super) only_if_source: bool,
    pub(super) mode: Option<Value<u16>>,
    /// `~` in front of the mode.
    pub(super) mask_mode: bool,
    pub(super) user: Option<Value<String>>,
    pub(super) group: Option<Value<String>>,
    pub(super) argument: Option<String>,
}

/// A field's value, and whether a `:` before it confines it to what is newly made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value<T> {
    pub(super) value: T,
    pub(super) only_new: bool,
}

impl Line {
    /// Whether the line changes what is there and makes nothing.
    pub(super) fn is_adjustment(&self) -> bool {
        matches!(self.kind, 'z' | 'Z' | 'm' | 'e')
    }
}

/// The lines of a file that a build applies; the module page of `tmpfiles` says which are passed over.
pub(super) fn lines(file: &str, text: &str) -> Result<Vec<Line>, ConfigureError> {
    let mut found = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let malformed = |what: &str| ConfigureError::Malformed {
            path: file.to_owned(),
            what: format!("has {what} in line `{line}`"),
        };
        let fields = fields::split(line).ok_or_else(|| malformed("an open quotation"))?;
        let field = |at: usize| fields.get(at).map(String::as_str).filter(|value| *value != "-");
        let mut types = fields[0].chars();
        let kind = types.next().unwrap_or_default();
        let modifiers: String = types.collect();
        if modifiers.contains(['!', '^']) || !"dDevqQfpLCzZm".contains(kind) {
            if "dDevqQfpLCzZmwrRxXhHtTaAcb".contains(kind) {
                continue;
            }
            return Err(malformed("an unknown type"));
        }
        let path = fields.get(1).ok_or_else(|| malformed("no path"))?;
        let argument = fields.get(6).map(|_| fields[6..].join(" ")).filter(|argument| argument != "-");
        let (Some(path), Some(argument)) = (expand(path), argument.as_deref().map_or(Some(String::new()), expand))
        else {
            continue;
        };
        let mode = field(2).map(|mode| {
            let (digits, only_new) = flagged(mode.trim_start_matches('~'));
            let value = u16::from_str_radix(digits.trim_start_matches('~'), 8).map_err(|_| malformed("an odd mode"))?;
            Ok::<_, ConfigureError>(Value { value, only_new })
        });
        let name = |value: &str| {
            let (name, only_new) = flagged(value);
            Value { value: name.to_owned(), only_new }
        };
        found.push(Line {
            kind,
            path: TreePath::new(path)?,
            replace: modifiers.contains('+'),
            only_if_source: modifiers.contains('?'),
            mode: mode.transpose()?,
            mask_mode: field(2).is_some_and(|mode| mode.contains('~')),
            user: field(3).map(name),
            group: field(4).map(name),
            argument: Some(argument).filter(|argument| !argument.is_empty()),
        });
    }
    Ok(found)
}

fn flagged(value: &str) -> (&str, bool) {
    value.strip_prefix(':').map_or((value, false), |value| (value, true))
}

/// Replaces specifiers that are the same on every machine. None when there is one that is not.
fn expand(text: &str) -> Option<String> {
    let mut expanded = String::new();
    let mut rest = text.chars();
    while let Some(letter) = rest.next() {
        if letter != '%' {
            expanded.push(letter);
            continue;
        }
        expanded.push_str(match rest.next()? {
            '%' => "%",
            'C' => "/var/cache",
            'L' => "/var/log",
            'S' => "/var/lib",
            't' => "/run",
            'T' => "/tmp",
            'V' => "/var/tmp",
            'h' => "/root",
            _ => return None,
        });
    }
    Some(expanded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_with_their_modifiers() {
        let read = lines("x.conf", "# c\nd- /root :0700 root :root -\nL+ /etc/mtab - - - - ../proc/self/mounts\n")
            .expect("valid");
        assert_eq!(read[0].mode, Some(Value { value: 0o700, only_new: true }));
        assert_eq!(read[0].user, Some(Value { value: "root".into(), only_new: false }));
        assert_eq!(read[0].group, Some(Value { value: "root".into(), only_new: true }));
        assert!(read[1].replace);
        assert_eq!(read[1].argument.as_deref(), Some("../proc/self/mounts"));
    }

    #[test]
    fn what_belongs_to_a_boot_or_a_machine_is_passed_over() {
        let text =
            "r! /forcefsck\nD! /tmp/.X11-unix 1777\nf^ /etc/hosts - - - - network.hosts\nz /var/log/journal/%m 2755\n";
        assert_eq!(lines("x.conf", text), Ok(vec![]));
    }

    #[test]
    fn faults_name_file_and_line() {
        let message = |text| lines("x.conf", text).expect_err("faulty").to_string();
        assert_eq!(message("y /a\n"), "`x.conf` has an unknown type in line `y /a`");
        assert_eq!(message("d /a 09\n"), "`x.conf` has an odd mode in line `d /a 09`");
        assert_eq!(message("d \"/a\n"), "`x.conf` has an open quotation in line `d \"/a`");
    }
}
