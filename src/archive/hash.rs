//! SHA-256 as the archive and the lock write it: 64 lower-case hexadecimal digits.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::Digest;

/// A SHA-256 sum.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Sha256([u8; 32]);

/// A text that is no SHA-256 sum.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no SHA-256 sum of 64 hexadecimal digits")]
pub struct NotSha256(pub String);

impl Sha256 {
    /// The sum of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha2::Sha256::digest(bytes).into())
    }
}

/// Sums up bytes as they come.
#[derive(Clone, Default)]
pub(super) struct Summing(sha2::Sha256);

impl Summing {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(super) fn finish(self) -> Sha256 {
        Sha256(self.0.finalize().into())
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Sha256 {
    type Err = NotSha256;

    fn from_str(text: &str) -> Result<Self, NotSha256> {
        let mut sum = [0; 32];
        hex::decode_to_slice(text, &mut sum).map_err(|_| NotSha256(text.to_owned()))?;
        Ok(Self(sum))
    }
}

impl From<Sha256> for String {
    fn from(sum: Sha256) -> Self {
        sum.to_string()
    }
}

impl TryFrom<String> for Sha256 {
    type Error = NotSha256;

    fn try_from(text: String) -> Result<Self, NotSha256> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Sha256::of(b"").to_string(), empty);
        assert_eq!(empty.parse(), Ok(Sha256::of(b"")));
        let mut summing = Summing::default();
        summing.update(b"a");
        summing.update(b"bc");
        assert_eq!(summing.finish(), Sha256::of(b"abc"));
    }

    #[test]
    fn other_texts_are_refused() {
        let message = |text: &str| text.parse::<Sha256>().expect_err("not a sum").to_string();
        assert_eq!(message("abc"), "`abc` is no SHA-256 sum of 64 hexadecimal digits");
        let signs = "+1".repeat(32);
        assert_eq!(message(&signs), format!("`{signs}` is no SHA-256 sum of 64 hexadecimal digits"));
    }
}
