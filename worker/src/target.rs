//! From a request target to a name inside the site.
//!
//! Nothing is resolved or repaired here: a path that a browser would not have sent names nothing. So there is no
//! `..` to get wrong, no second decoding, and no two ways to write one file. The kernel checks once more when the
//! name is opened (see [`crate::files`]).

use crate::status::Status;

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// The health of this server.
    Health,
    /// A name in the site: decoded, without slashes at its ends; empty for the site's root.
    Name {
        /// Whether the path ended with a slash, which asks for a directory.
        directory: bool,
        /// The path as the client wrote it, for redirects.
        path: &'a str,
        /// The query with its `?`, or nothing.
        query: &'a str,
    },
}

/// Reads a request target and writes the decoded name into `name`.
///
/// # Errors
///
/// The status of the answer: 400 for what is no path at all, 404 for a path that can name nothing in a site: with
/// empty, `.` or `..` components, with hidden ones, with a NUL or an encoded slash.
pub fn read<'a>(target: &'a str, name: &mut Vec<u8>) -> Result<Target<'a>, Status> {
    let target = origin_form(target)?;
    let (path, query) = target.split_at(target.find('?').unwrap_or(target.len()));
    if path == "/healthz" {
        return Ok(Target::Health);
    }
    if path.contains('#') {
        return Err(Status::BadRequest);
    }
    let inner = path.strip_prefix('/').ok_or(Status::BadRequest)?;
    let directory = inner.is_empty() || inner.ends_with('/');
    let inner = inner.strip_suffix('/').unwrap_or(inner);

    name.clear();
    if inner.is_empty() {
        // "//" is not the root: it would be a redirect's way to another host.
        return if path == "/" { Ok(Target::Name { directory, path, query }) } else { Err(Status::NotFound) };
    }
    for component in inner.split('/') {
        if !name.is_empty() {
            name.push(b'/');
        }
        let start = name.len();
        decode(component.as_bytes(), name)?;
        let decoded = &name[start..];
        if decoded.is_empty() || decoded[0] == b'.' || decoded.iter().any(|byte| *byte == b'/' || *byte == 0) {
            return Err(Status::NotFound);
        }
    }
    Ok(Target::Name { directory, path, query })
}

/// The host in a target of the absolute form, which then counts instead of `Host` (RFC 9112, 3.2.2).
pub fn authority(target: &str) -> Option<&str> {
    let rest = target.get(7..).filter(|_| target[..7].eq_ignore_ascii_case("http://"))?;
    Some(&rest[..rest.find(['/', '?']).unwrap_or(rest.len())])
}

/// The path and query of a target; servers must accept the absolute form too (RFC 9112, 3.2.2).
fn origin_form(target: &str) -> Result<&str, Status> {
    if target.starts_with('/') {
        return Ok(target);
    }
    let scheme = target.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("http://"));
    let rest = &target[scheme.ok_or(Status::BadRequest)?.len()..];
    let authority = rest.find(['/', '?']).unwrap_or(rest.len());
    match &rest[authority..] {
        "" => Ok("/"),
        path if path.starts_with('/') => Ok(path),
        _ => Err(Status::BadRequest),
    }
}

/// Undoes percent-encoding, once.
fn decode(component: &[u8], name: &mut Vec<u8>) -> Result<(), Status> {
    let mut bytes = component.iter();
    while let Some(byte) = bytes.next() {
        name.push(if *byte == b'%' {
            let mut digit = || bytes.next().and_then(|digit| hexadecimal(*digit)).ok_or(Status::BadRequest);
            (digit()? << 4) | digit()?
        } else {
            *byte
        });
    }
    Ok(())
}

fn hexadecimal(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(target: &str) -> Result<(String, bool), Status> {
        let mut name = Vec::new();
        match read(target, &mut name)? {
            Target::Health => Ok(("healthz!".to_owned(), false)),
            Target::Name { directory, .. } => Ok((String::from_utf8_lossy(&name).into_owned(), directory)),
        }
    }

    #[test]
    fn paths_become_names() {
        for (target, expected, directory) in [
            ("/", "", true),
            ("/?a=b", "", true),
            ("/a.html", "a.html", false),
            ("/a/b/", "a/b", true),
            ("/a%20b/%C3%a9.txt?x/../y", "a b/é.txt", false),
            ("/a%2520", "a%20", false),
            ("/a..b/c...", "a..b/c...", false),
            ("/a\\..\\b", "a\\..\\b", false),
            ("http://node3/a", "a", false),
            ("HTTP://node3", "", true),
        ] {
            assert_eq!(name(target), Ok((expected.to_owned(), directory)), "{target}");
        }
    }

    #[test]
    fn paths_that_can_name_nothing_are_not_found() {
        for target in [
            "//",
            "//etc/passwd",
            "/a//b",
            "/a//",
            "/.",
            "/..",
            "/../etc/passwd",
            "/a/../b",
            "/a/..",
            "/a/./b",
            "/%2e%2e/etc/passwd",
            "/%2E./a",
            "/.%2e/a",
            "/a%2f..%2fb",
            "/%2fetc%2fpasswd",
            "/a%00.html",
            "/%00",
            "/.git/config",
            "/a/.htaccess",
            "/%2ehidden",
            "/..%c0%af..",
            "///",
        ] {
            assert_eq!(name(target), Err(Status::NotFound), "{target}");
        }
    }

    #[test]
    fn what_is_no_path_is_a_bad_request() {
        for target in ["", "*", "a", "/%", "/%2", "/%zz", "/a%", "/a#b", "https://x/", "http://x?y", "node3:80", "/%é"]
        {
            assert_eq!(name(target), Err(Status::BadRequest), "{target}");
        }
    }

    #[test]
    fn redirects_get_the_path_as_written() {
        let mut name = Vec::new();
        let target = read("http://x/a%20b?c", &mut name).expect("a path");
        assert_eq!(target, Target::Name { directory: false, path: "/a%20b", query: "?c" });
    }

    #[test]
    fn the_absolute_form_names_a_host() {
        assert_eq!(authority("http://example.org:80/a"), Some("example.org:80"));
        assert_eq!(authority("HTTP://example.org"), Some("example.org"));
        for target in ["/", "*", "http:/", "/http://a/", "éééé"] {
            assert_eq!(authority(target), None, "{target}");
        }
    }

    #[test]
    fn health_is_one_path_only() {
        assert_eq!(name("/healthz"), Ok(("healthz!".to_owned(), false)));
        assert_eq!(name("/healthz?verbose"), Ok(("healthz!".to_owned(), false)));
        assert_eq!(name("/healthz/"), Ok(("healthz".to_owned(), true)));
    }
}
