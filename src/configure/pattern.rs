//! Shell patterns with `*` and `?`, which is all that presets and tmpfiles.d use of them.

/// Whether the whole of `name` is of the form `pattern`.
pub(super) fn matches(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern.split_first(), name.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => (0..=name.len()).any(|at| matches(rest, &name[at..])),
        (Some((wanted, pattern)), Some((found, name))) if *wanted == b'?' || wanted == found => matches(pattern, name),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_a_shell() {
        assert!(matches(b"systemd-*.service", b"systemd-a.service"));
        assert!(matches(b"*", b""));
        assert!(matches(b"a?c", b"abc"));
        assert!(!matches(b"a*c", b"abd"));
        assert!(!matches(b"abc", b"ab"));
    }
}
