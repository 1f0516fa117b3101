//! Diversions: files that go to another place than their package says, as `dpkg-divert` arranges it, and the file
//! `var/lib/dpkg/diversions` that remembers them.

use crate::tree::TreePath;

/// Whoever but `package` ships `from` gets it put at `to`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diversion {
    pub from: TreePath,
    pub to: TreePath,
    /// The package whose file stays at `from`; none for a diversion of the administrator's, which diverts everyone's.
    pub package: Option<String>,
}

impl Diversion {
    /// Where `package` gets its file `path` put, under `diversions`.
    pub(super) fn place<'a>(diversions: &'a [Self], package: &str, path: &'a TreePath) -> &'a TreePath {
        let holds = |diversion: &&Self| diversion.from == *path && diversion.package.as_deref() != Some(package);
        diversions.iter().find(holds).map_or(path, |diversion| &diversion.to)
    }

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

    #[test]
    fn the_diverting_package_keeps_its_place() {
        let diversions = [Diversion { from: path("a"), to: path("a.other"), package: Some("mine".into()) }];
        assert_eq!(Diversion::place(&diversions, "mine", &path("a")), &path("a"));
        assert_eq!(Diversion::place(&diversions, "yours", &path("a")), &path("a.other"));
        assert_eq!(Diversion::place(&diversions, "yours", &path("b")), &path("b"));
    }
}
