//! Which of a file's codings a client gets (RFC 9110, 12.5.3).

/// A content coding; a site holds it beside the plain file, under the same name with a suffix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// Brotli.
    Brotli,
    /// Zstandard.
    Zstandard,
    /// gzip.
    Gzip,
}

impl Coding {
    /// In the order of preference among those a client likes equally: what is usually smallest first.
    pub const ALL: [Coding; 3] = [Coding::Brotli, Coding::Zstandard, Coding::Gzip];

    /// The name in `Accept-Encoding` and `Content-Encoding`.
    pub const fn token(self) -> &'static str {
        match self {
            Coding::Brotli => "br",
            Coding::Zstandard => "zstd",
            Coding::Gzip => "gzip",
        }
    }

    /// The end of the coded file's name.
    pub const fn suffix(self) -> &'static [u8] {
        match self {
            Coding::Brotli => b".br",
            Coding::Zstandard => b".zst",
            Coding::Gzip => b".gz",
        }
    }
}

/// The place in `offered` of the coding to send, or `None` for the plain file. A client that refuses everything there
/// is gets the plain file too: bytes serve it better than a refusal.
pub fn choose(accept: Option<&[u8]>, offered: impl Iterator<Item = Coding>) -> Option<usize> {
    let accept = accept?;
    let mut best: Option<(u16, usize)> = None;
    for (place, coding) in offered.enumerate() {
        let weight = weight_of(accept, coding.token()).unwrap_or(0);
        if weight > best.map_or(0, |(weight, _)| weight) {
            best = Some((weight, place));
        }
    }
    let (weight, place) = best?;
    // Only a client that says so likes the plain file better.
    let plain = weight_of(accept, "identity").unwrap_or(0);
    let said = list(accept).any(|(name, _)| name.eq_ignore_ascii_case(b"identity"));
    (!said || weight >= plain).then_some(place)
}

/// The weight of a coding in thousandths, when the field says one.
fn weight_of(accept: &[u8], token: &str) -> Option<u16> {
    let mut any = None;
    for (name, weight) in list(accept) {
        if name.eq_ignore_ascii_case(token.as_bytes()) || (token == "gzip" && name.eq_ignore_ascii_case(b"x-gzip")) {
            return Some(weight);
        }
        if name == b"*" {
            any = Some(weight);
        }
    }
    any
}

/// The field's members with their weights.
fn list(accept: &[u8]) -> impl Iterator<Item = (&[u8], u16)> {
    accept.split(|byte| *byte == b',').map(|member| {
        let mut parts = member.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
        let name = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| part.strip_prefix(b"q=").or_else(|| part.strip_prefix(b"Q=")));
        (name, weight.map_or(1000, thousandths))
    })
}

/// `0`, `1` or a decimal with up to three digits; anything else is taken for a refusal.
fn thousandths(text: &[u8]) -> u16 {
    let (whole, digits) = match text {
        [b'0'] => (0, &[][..]),
        [b'1'] => (1000, &[][..]),
        [b'0', b'.', digits @ ..] => (0, digits),
        [b'1', b'.', digits @ ..] if digits.iter().all(|digit| *digit == b'0') => (1000, digits),
        _ => return 0,
    };
    if digits.len() > 3 || !digits.iter().all(u8::is_ascii_digit) {
        return 0;
    }
    let fraction = digits.iter().zip([100, 10, 1]).map(|(digit, place)| u16::from(digit - b'0') * place).sum::<u16>();
    whole + fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(accept: &str) -> Option<Coding> {
        choose(Some(accept.as_bytes()), Coding::ALL.into_iter()).map(|place| Coding::ALL[place])
    }

    #[test]
    fn the_client_s_weights_decide_then_the_order() {
        assert_eq!(chosen("gzip, deflate, br, zstd"), Some(Coding::Brotli));
        assert_eq!(chosen("gzip;q=1.0, br;q=0.5"), Some(Coding::Gzip));
        assert_eq!(chosen("gzip;q=0.2,ZSTD;q=0.201"), Some(Coding::Zstandard));
        assert_eq!(chosen("*"), Some(Coding::Brotli));
        assert_eq!(chosen("*;q=0.1, br;q=0"), Some(Coding::Zstandard));
        assert_eq!(chosen("x-gzip"), Some(Coding::Gzip));
    }

    #[test]
    fn the_plain_file_is_for_those_who_want_or_know_nothing_else() {
        assert_eq!(choose(None, Coding::ALL.into_iter()), None);
        for accept in ["", "deflate", "identity", "br;q=0", "*;q=0", "identity;q=1, gzip;q=0.5", "gzip;q=2", "gzip;q=a"]
        {
            assert_eq!(chosen(accept), None, "{accept}");
        }
        assert_eq!(chosen("identity;q=0, gzip"), Some(Coding::Gzip));
        assert_eq!(choose(Some(b"br, gzip"), [Coding::Gzip].into_iter()), Some(0));
        assert_eq!(choose(Some(b"br"), std::iter::empty()), None);
    }
}
