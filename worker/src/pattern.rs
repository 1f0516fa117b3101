//! Patterns of paths: `*` is any run of characters, slashes too; everything else is itself.

/// Whether `pattern` describes the whole of `name`.
pub fn matches(pattern: &[u8], name: &[u8]) -> bool {
    // After a mismatch only the last star can take one character more, so this ends in pattern times name steps.
    let (mut at, mut of, mut star) = (0, 0, None);
    while of < name.len() {
        if pattern.get(at) == Some(&b'*') {
            star = Some((at, of));
            at += 1;
        } else if pattern.get(at) == Some(&name[of]) {
            at += 1;
            of += 1;
        } else if let Some((star_at, taken)) = star {
            star = Some((star_at, taken + 1));
            at = star_at + 1;
            of = taken + 1;
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, name) in
            [("/*", "/"), ("/a/*", "/a/b/c"), ("*.css", "/x/y.css"), ("/*.*.js", "/a.12.js"), ("/a", "/a"), ("**", "")]
        {
            assert!(matches(pattern.as_bytes(), name.as_bytes()), "{pattern} {name}");
        }
        for (pattern, name) in [("/a", "/ab"), ("/a/*", "/a"), ("*.css", "/x.css.map"), ("", "/"), ("/*.*.js", "/a.js")]
        {
            assert!(!matches(pattern.as_bytes(), name.as_bytes()), "{pattern} {name}");
        }
    }
}
