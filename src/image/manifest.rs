//! What an image is and what it was made of, as a JSON file beside it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::net::Ipv4Addr;
use std::path::Path;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use super::{ImageError, with_suffix};
use crate::config::{Network, Node};
use crate::disk::FileError;

/// The manifest of one image. It names no time, host, user or path, so it is as reproducible as the image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// File name of the image.
    pub image: String,
    /// Length in bytes, holes included.
    pub size: u64,
    /// Bytes that must reach a card; the rest is free space.
    pub mapped: u64,
    /// In hexadecimal digits.
    pub sha256: String,
    #[serde(flatten)]
    pub origin: Origin,
    /// Whose image it is; nobody's when it is a base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<Owner>,
}

/// What all images of a base were made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Name of the base.
    pub base: String,
    /// Every input by name ("lock", "board", "tool"), with its hash or version.
    pub inputs: BTreeMap<String, String>,
    /// Packages that the node configures at its first boot, as roles name them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub second_stage: Vec<String>,
}

/// The node an image is for, with everything that its identity files say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    pub hostname: String,
    /// With the length of the network's prefix.
    pub address: Ipv4Net,
    pub gateway: Option<Ipv4Addr>,
    pub dns: Vec<Ipv4Addr>,
    pub domain: Option<String>,
}

impl Manifest {
    /// The manifest beside `image`.
    pub fn beside(image: &Path) -> Result<Self, ImageError> {
        let path = with_suffix(image, ".json");
        let json = fs::read(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound if image.exists() => ImageError::NoManifest(image.to_owned()),
            _ => FileError::new("read", &path, 0, error).into(),
        })?;
        serde_json::from_slice(&json).map_err(|error| ImageError::Manifest { path, reason: error.to_string() })
    }

    /// The file, keys in a fixed order.
    pub fn render(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self).map(|json| json + "\n")
    }
}

impl Owner {
    pub fn new(network: &Network, node: &Node) -> Self {
        Self {
            hostname: node.hostname.clone(),
            address: super::identity::interface_address(network, node),
            gateway: network.gateway,
            dns: network.dns.clone(),
            domain: network.domain.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let inputs = [("tool", "bramble 0.1.0"), ("lock", "ab12")].map(|(name, value)| (name.into(), value.into()));
        let origin = Origin { base: "worker-pi2".into(), inputs: inputs.into(), second_stage: Vec::new() };
        Manifest { image: "node3.img".into(), size: 7, mapped: 5, sha256: "ff".into(), origin, node: None }
    }

    #[test]
    fn inputs_are_sorted() {
        assert_eq!(
            manifest().render().expect("JSON"),
            "{\n  \"image\": \"node3.img\",\n  \"size\": 7,\n  \"mapped\": 5,\n  \"sha256\": \"ff\",\n  \
             \"base\": \"worker-pi2\",\n  \"inputs\": {\n    \"lock\": \"ab12\",\n    \
             \"tool\": \"bramble 0.1.0\"\n  }\n}\n"
        );
    }

    #[test]
    fn what_was_written_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let image = folder.path().join("node3.img");
        let owner = Owner {
            hostname: "node3".into(),
            address: "192.168.1.13/24".parse().expect("an address"),
            gateway: None,
            dns: vec![Ipv4Addr::new(192, 168, 1, 1)],
            domain: Some("lan".into()),
        };
        let manifest = Manifest { node: Some(owner), ..manifest() };
        fs::write(folder.path().join("node3.img.json"), manifest.render().expect("JSON")).expect("written");
        assert_eq!(Manifest::beside(&image).expect("a manifest"), manifest);
        fs::write(folder.path().join("node3.img.json"), "{").expect("written");
        assert_eq!(
            Manifest::beside(&image).expect_err("no manifest").to_string(),
            format!(
                "`{}.json` is no manifest of an image (EOF while parsing an object at line 1 column 1); \
                 `bramble image` writes it with the image",
                image.display()
            )
        );
    }
}
