//! Order of Debian versions, as deb-version(7) defines it and dpkg's `lib/dpkg/version.c` computes it.

use std::cmp::Ordering;

/// Compares `[epoch:]upstream[-revision]`.
pub fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (split(a), split(b));
    compare_numbers(a.epoch, b.epoch)
        .then_with(|| compare_part(a.upstream, b.upstream))
        .then_with(|| compare_part(a.revision, b.revision))
}

struct Parts<'a> {
    epoch: &'a str,
    upstream: &'a str,
    revision: &'a str,
}

fn split(version: &str) -> Parts<'_> {
    let (epoch, rest) = version.split_once(':').unwrap_or(("0", version));
    let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, ""));
    Parts { epoch, upstream, revision }
}

/// Compares stretches of non-digits and of digits by turns.
fn compare_part(mut a: &str, mut b: &str) -> Ordering {
    while !a.is_empty() || !b.is_empty() {
        let (text_a, rest_a) = split_at_first(a, |byte| byte.is_ascii_digit());
        let (text_b, rest_b) = split_at_first(b, |byte| byte.is_ascii_digit());
        let (number_a, rest_a) = split_at_first(rest_a, |byte| !byte.is_ascii_digit());
        let (number_b, rest_b) = split_at_first(rest_b, |byte| !byte.is_ascii_digit());
        let order = compare_texts(text_a, text_b).then_with(|| compare_numbers(number_a, number_b));
        if order.is_ne() {
            return order;
        }
        (a, b) = (rest_a, rest_b);
    }
    Ordering::Equal
}

/// Splits before the first byte that `stops`; versions are ASCII, and other text splits at its ends only.
fn split_at_first(text: &str, stops: impl Fn(u8) -> bool) -> (&str, &str) {
    let at = text.bytes().position(stops).unwrap_or(text.len());
    text.split_at_checked(at).unwrap_or((text, ""))
}

/// Byte by byte: `~` before the end, the end before letters, letters before all else.
fn compare_texts(a: &str, b: &str) -> Ordering {
    let weight = |byte: Option<u8>| match byte {
        Some(b'~') => -1,
        None => 0,
        Some(letter) if letter.is_ascii_alphabetic() => i32::from(letter),
        Some(other) => i32::from(other) + 256,
    };
    let (mut a, mut b) = (a.bytes(), b.bytes());
    loop {
        let (left, right) = (a.next(), b.next());
        let order = weight(left).cmp(&weight(right));
        if order.is_ne() || (left.is_none() && right.is_none()) {
            return order;
        }
    }
}

/// Numbers of any length: without leading zeros the longer one is greater.
fn compare_numbers(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, order: Ordering, b: &str) {
        assert_eq!(compare(a, b), order, "{a} {b}");
        assert_eq!(compare(b, a), order.reverse(), "{b} {a}");
    }

    /// From dpkg's `lib/dpkg/t/t-version.c`.
    #[test]
    fn dpkgs_own_vectors() {
        use Ordering::{Equal, Less};
        for (a, b) in [
            ("0:0-0", "0:0-0"),
            ("0:0-0", "0:0-00"),
            ("1:2-3", "1:2-3"),
            ("0:a", "0:a"),
            ("0", "0:0-0"),
            ("0:00-00", "0:0-0"),
            ("0:0-0", "0"),
        ] {
            check(a, Equal, b);
        }
        for (a, b) in [
            ("0:0-0", "1:0-0"),
            ("0:0-0", "2:0-0"),
            ("1:0-0", "2:0-0"),
            ("0:0-0", "0:1-0"),
            ("0:0-0", "0:0-1"),
            ("0:a", "0:b"),
            ("0:0-a", "0:0-b"),
            ("0:a-0", "0:aa-0"),
            ("0:0-a", "0:0-aa"),
            ("0:0-0", "0:a-0"),
            ("0:0-0", "0:0-a"),
            ("0:1.0~rc1-1", "0:1.0-1"),
            ("0:a~-0", "0:a-0"),
            ("0:0-0~", "0:0-0"),
        ] {
            check(a, Less, b);
        }
    }

    /// From the examples of Debian policy 5.6.12 and from versions that the archive holds.
    #[test]
    fn tildes_letters_and_long_numbers() {
        use Ordering::Less;
        for pair in ["~~", "~~a", "~", "", "a"].windows(2) {
            check(&format!("1{}", pair[0]), Less, &format!("1{}", pair[1]));
        }
        check("257.7-1~deb13u1", Less, "257.7-1");
        check("257.9-1~deb13u1", Less, "257.13-1~deb13u1");
        check("1:1.3.dfsg+really1.3.1-1", Less, "1:1.3.dfsg+really1.3.1-1+b1");
        check("1.2.3", Less, "1.2.3a");
        check("1.2.3a", Less, "1.2.3+a");
        check("20240101", Less, "99999999999999999999999999");
        check("2.10", Ordering::Equal, "2.0010");
        check("6.12.9-1", Less, "6.12.107-1");
    }
}
