//! Reading `Host`: a name in the form sites are looked up by.

/// Writes the host of `field` into `name`: lower case, without port and without the dot of the root. An address in
/// brackets and names that no folder can have give an empty name, which is the default site's.
///
/// `false` when the field is no host at all, which makes the request a bad one (RFC 9112, 3.2).
pub fn read(field: &[u8], name: &mut Vec<u8>) -> bool {
    name.clear();
    if field.first() == Some(&b'[') {
        let Some(end) = field.iter().position(|byte| *byte == b']') else { return false };
        let inside = &field[1..end];
        return is_port(&field[end + 1..])
            && inside.iter().all(|byte| byte.is_ascii_alphanumeric() || b":.".contains(byte));
    }
    let colon = field.iter().position(|byte| *byte == b':').unwrap_or(field.len());
    let (host, port) = field.split_at(colon);
    if !is_port(port) || !host.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=%".contains(byte)) {
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
        for field in
            ["a b", "a/b", "a@b", "a:b", "a:80:80", "[::1", "[a/b]", "[::1]x", "a?b", "a#b", "a\\b", "é", "a,b/"]
        {
            assert_eq!(name(field), None, "{field}");
        }
    }
}
