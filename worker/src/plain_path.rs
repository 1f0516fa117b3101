//! The path that one with empty, `.` and `..` components means (RFC 3986, 5.2.4), for a redirect to it.

/// Writes `path` without such components. `%2e` is a dot, and no way leads above the root.
///
/// The result begins with one slash. A backslash in it is encoded, because browsers take `/\` for `//`, which names
/// another host.
pub fn of(path: &str) -> String {
    let mut plain: Vec<&str> = Vec::new();
    let mut is_directory = false;
    for component in path.split('/').skip(1) {
        is_directory = true;
        match dots(component) {
            Some(0 | 1) => {}
            Some(2) => drop(plain.pop()),
            _ => {
                plain.push(component);
                is_directory = false;
            }
        }
    }
    let mut text = String::with_capacity(path.len() + 1);
    for component in &plain {
        text.push('/');
        text.push_str(&component.replace('\\', "%5C"));
    }
    if is_directory || plain.is_empty() {
        text.push('/');
    }
    text
}

/// How many dots the component is, if it is nothing else.
fn dots(component: &str) -> Option<usize> {
    let (mut rest, mut number) = (component, 0);
    while !rest.is_empty() {
        let first = rest.strip_prefix('.').or_else(|| rest.strip_prefix("%2e")).or_else(|| rest.strip_prefix("%2E"));
        rest = first?;
        number += 1;
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_paths_mean_plain_ones() {
        for (path, plain) in [
            ("//", "/"),
            ("//a", "/a"),
            ("/a//b/", "/a/b/"),
            ("/x/../a", "/a"),
            ("/x/%2e%2E/a", "/a"),
            ("/../../a", "/a"),
            ("/a/.", "/a/"),
            ("/a/b/..", "/a/"),
            ("/..", "/"),
            ("/./...", "/..."),
            ("//\\example.org/", "/%5Cexample.org/"),
            ("/a/./%2f", "/a/%2f"),
        ] {
            assert_eq!(of(path), plain, "{path}");
        }
    }
}
