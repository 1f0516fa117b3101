//! From a request target to a name inside the site.
//!
//! Nothing is resolved or repaired here: a path with empty, `.` or `..` components names nothing, and the client is sent
//! to the path that it means. So there is no second decoding, and there are no two ways to write one file. The kernel
//! checks once more when the name is opened (see [`crate::files`]).

use crate::plain_path;
use crate::status::Status;

/// The path of health.
const HEALTH: &str = "/healthz";

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// The health of this server.
    Health,
    /// Nothing: the client means this path and query.
    Elsewhere(String),
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
/// The status of the answer: 400 for what is no path at all, 404 for a path that can name nothing in a site: with hidden
/// components (but `/.well-known`, RFC 8615), with a NUL or an encoded slash.
pub fn read<'a>(target: &'a str, name: &mut Vec<u8>) -> Result<Target<'a>, Status> {
    let (path, query) = path_and_query(target)?;
    if path == HEALTH {
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
        return Ok(if path == "/" { Target::Name { directory, path, query } } else { elsewhere(path, query) });
    }
    for component in inner.split('/') {
        if !name.is_empty() {
            name.push(b'/');
        }
        let start = name.len();
        decode(component.as_bytes(), name)?;
        let decoded = &name[start..];
        if decoded.is_empty() || decoded == b"." || decoded == b".." {
            return Ok(elsewhere(path, query));
        }
        let is_hidden = decoded[0] == b'.' && (start > 0 || decoded != b".well-known");
        if is_hidden || decoded.iter().any(|byte| *byte == b'/' || *byte == 0) {
            return Err(Status::NotFound);
        }
    }
    Ok(Target::Name { directory, path, query })
}

/// Whether that asks for the health of this server.
pub fn is_health(target: &str) -> bool {
    target.strip_prefix(HEALTH).is_some_and(|rest| rest.is_empty() || rest.starts_with('?'))
}

/// The host in a target of the absolute form, which then counts instead of `Host` (RFC 9112, 3.2.2).
pub fn authority(target: &str) -> Option<&str> {
    let rest = target.get(7..).filter(|_| target[..7].eq_ignore_ascii_case("http://"))?;
    Some(&rest[..rest.find(['/', '?']).unwrap_or(rest.len())])
}

fn elsewhere<'a>(path: &str, query: &str) -> Target<'a> {
    let mut plain = plain_path::of(path);
    plain.push_str(query);
    Target::Elsewhere(plain)
}

/// The path and query of a target; servers must accept the absolute form too (RFC 9112, 3.2.2), in which the path may be
/// missing and the host may not (RFC 9110, 4.2.1).
fn path_and_query(target: &str) -> Result<(&str, &str), Status> {
    if target.starts_with('/') {
        return Ok(target.split_at(target.find('?').unwrap_or(target.len())));
    }
    let scheme = target.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("http://"));
    let rest = &target[scheme.ok_or(Status::BadRequest)?.len()..];
    let authority = rest.find(['/', '?']).unwrap_or(rest.len());
    if authority == 0 {
        return Err(Status::BadRequest);
    }
    let rest = &rest[authority..];
    let (path, query) = rest.split_at(rest.find('?').unwrap_or(rest.len()));
    Ok((if path.is_empty() { "/" } else { path }, query))
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
            Target::Elsewhere(path) => Ok((format!("-> {path}"), false)),
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
            ("http://node3?a/b", "", true),
            ("/.well-known/security.txt", ".well-known/security.txt", false),
            ("//", "-> /", false),
            ("//etc/passwd?x", "-> /etc/passwd?x", false),
            ("/a//b", "-> /a/b", false),
            ("/a//", "-> /a/", false),
            ("/.", "-> /", false),
            ("/../etc/passwd", "-> /etc/passwd", false),
            ("/a/../b", "-> /b", false),
            ("/a/..", "-> /", false),
            ("/%2e%2e/etc/passwd", "-> /etc/passwd", false),
            ("http://x///", "-> /", false),
        ] {
            assert_eq!(name(target), Ok((expected.to_owned(), directory)), "{target}");
        }
    }

    #[test]
    fn paths_that_can_name_nothing_are_not_found() {
        for target in [
            "/a%2f..%2fb",
            "/%2fetc%2fpasswd",
            "/a%00.html",
            "/%00",
            "/.git/config",
            "/a/.htaccess",
            "/%2ehidden",
            "/..%c0%af..",
            "/a/.well-known/b",
            "/.well-known/.b",
        ] {
            assert_eq!(name(target), Err(Status::NotFound), "{target}");
        }
    }

    #[test]
    fn what_is_no_path_is_a_bad_request() {
        for target in
            ["", "*", "a", "/%", "/%2", "/%zz", "/a%", "/a#b", "https://x/", "http:///", "http://?y", "node3:80", "/%é"]
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
