//! Reading `Host`: a name in the form sites are looked up by.

use std::net::Ipv6Addr;

/// Writes the host of `field` into `name`: lower case, without port and without the dot of the root. An address in
/// brackets and names that no folder can have give an empty name, which is the default site's.
///
/// `false` when the field is no host at all, which makes the request a bad one (RFC 9112, 3.2).
pub fn read(field: &[u8], name: &mut Vec<u8>) -> bool {
    name.clear();
    if field.first() == Some(&b'[') {
        let Some(end) = field.iter().position(|byte| *byte == b']') else { return false };
        return is_port(&field[end + 1..]) && is_address(&field[1..end]);
    }
    let colon = field.iter().position(|byte| *byte == b':').unwrap_or(field.len());
    let (host, port) = field.split_at(colon);
    if !is_port(port)
        || !is_encoded(host)
        || !host.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=%".contains(byte))
    {
        return false;
    }
    let host = host.strip_suffix(b".").unwrap_or(host);
    if is_name(host) {
        name.extend(host.iter().map(u8::to_ascii_lowercase));
    }
    true
}

/// Whether a site may have this name: labels of letters, digits, hyphens and underscores.
pub fn is_name(host: &[u8]) -> bool {
    host.len() <= 253
        && host.split(|byte| *byte == b'.').all(|label| {
            !label.is_empty() && label.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte))
        })
}

/// Whether that is an IPv6 address, or one of a later version (`v1.x`), without its brackets.
fn is_address(inside: &[u8]) -> bool {
    let Ok(inside) = std::str::from_utf8(inside) else { return false };
    match inside.strip_prefix(['v', 'V']).and_then(|later| later.split_once('.')) {
        Some((version, address)) => {
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:".contains(&byte);
            !version.is_empty()
                && version.bytes().all(|byte| byte.is_ascii_hexdigit())
                && !address.is_empty()
                && address.bytes().all(is_plain)
        }
        None => inside.parse::<Ipv6Addr>().is_ok(),
    }
}

/// Whether two hexadecimal digits follow on each percent sign.
fn is_encoded(host: &[u8]) -> bool {
    let mut pieces = host.split(|byte| *byte == b'%');
    pieces.next();
    pieces.all(|piece| piece.len() >= 2 && piece[..2].iter().all(u8::is_ascii_hexdigit))
}

fn is_port(text: &[u8]) -> bool {
    match text {
        [] => true,
        [b':', digits @ ..] => digits.len() <= 5 && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(field: &str) -> Option<String> {
        let mut name = Vec::new();
        read(field.as_bytes(), &mut name).then(|| String::from_utf8_lossy(&name).into_owned())
    }

    #[test]
    fn hosts_become_names() {
        for (field, expected) in [
            ("node3", "node3"),
            ("WWW.Example.org:8080", "www.example.org"),
            ("example.org.", "example.org"),
            ("example.org:", "example.org"),
            ("[::1]:80", ""),
            ("[::ffff:192.0.2.1]", ""),
            ("[v1.a:b]", ""),
            ("", ""),
            ("..", ""),
            ("a..b", ""),
            (".hidden", ""),
            ("a%2fb", ""),
        ] {
            assert_eq!(name(field).as_deref(), Some(expected), "{field}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for field in [
            "a b",
            "a/b",
            "a@b",
            "a:b",
            "a:80:80",
            "[::1",
            "[a/b]",
            "[::1]x",
            "a?b",
            "a#b",
            "a\\b",
            "é",
            "a,b/",
            "[]",
            "[ab..cd::1]",
            "[v.a]",
            "[v1.]",
            "a%zz",
            "a%",
            "a%2",
        ] {
            assert_eq!(name(field), None, "{field}");
        }
    }
}
