//! Diversions, which scripts register with `dpkg-divert`, and the file `var/lib/dpkg/diversions` that keeps them.
//!
//! They speak of packages to come: every package of a build is unpacked before a script can divert one of its files.

use crate::tree::TreePath;

/// A file `from` of any package but `package` goes to `to`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diversion {
    pub from: TreePath,
    pub to: TreePath,
    /// The package whose file stays at `from`; none for a diversion of the administrator's, which diverts every package's.
    pub package: Option<String>,
}

impl Diversion {
    /// The content of `var/lib/dpkg/diversions`: three lines each. dpkg writes them in the order of its hash table and
    /// reads any order; here they are sorted.
    pub fn write_all(diversions: &[Self]) -> Vec<u8> {
        let mut sorted: Vec<&Self> = diversions.iter().collect();
        sorted.sort();
        let mut text = Vec::new();
        for diversion in sorted {
            for path in [&diversion.from, &diversion.to] {
                text.push(b'/');
                text.extend_from_slice(path.as_bytes());
                text.push(b'\n');
            }
            text.extend_from_slice(diversion.package.as_deref().unwrap_or(":").as_bytes());
            text.push(b'\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> TreePath {
        TreePath::new(text).expect("a valid path")
    }

    #[test]
    fn the_file_has_three_lines_a_diversion() {
        let local = Diversion { from: path("usr/bin/b"), to: path("usr/bin/b.distrib"), package: None };
        let packaged =
            Diversion { from: path("lib64"), to: path(".lib64.usr-is-merged"), package: Some("base".into()) };
        assert_eq!(
            String::from_utf8(Diversion::write_all(&[local, packaged])).expect("text"),
            "/lib64\n/.lib64.usr-is-merged\nbase\n/usr/bin/b\n/usr/bin/b.distrib\n:\n"
        );
    }
}
