//! What an image was made of, as a JSON file beside it.

use std::collections::BTreeMap;

use serde::Serialize;

/// The manifest of one image. It names no time, host, user or path, so it is as reproducible as the image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Manifest {
    /// File name of the image.
    pub image: String,
    /// Length in bytes.
    pub size: u64,
    /// In hexadecimal digits.
    pub sha256: String,
    /// Every input by name ("lock", "board", "tool"), with its hash or version.
    pub inputs: BTreeMap<String, String>,
}

impl Manifest {
    /// The file, keys in a fixed order.
    pub fn render(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self).map(|json| json + "\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_sorted() {
        let inputs = [("tool", "bramble 0.1.0"), ("lock", "ab12")].map(|(name, value)| (name.into(), value.into()));
        let manifest = Manifest { image: "node3.img".into(), size: 7, sha256: "ff".into(), inputs: inputs.into() };
        assert_eq!(
            manifest.render().expect("JSON"),
            "{\n  \"image\": \"node3.img\",\n  \"size\": 7,\n  \"sha256\": \"ff\",\n  \"inputs\": {\n    \
             \"lock\": \"ab12\",\n    \"tool\": \"bramble 0.1.0\"\n  }\n}\n"
        );
    }
}
