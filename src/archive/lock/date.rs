//! A time in a lock: seconds since 1970, written as `2026-09-12T07:55:41Z`.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};

use super::super::time;

#[allow(clippy::trivially_copy_pass_by_ref)]
pub(super) fn serialize<S: Serializer>(seconds: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&time::rfc3339(*seconds))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let text = String::deserialize(deserializer)?;
    time::parse_rfc3339(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is no time like 2026-09-12T07:55:41Z")))
}
