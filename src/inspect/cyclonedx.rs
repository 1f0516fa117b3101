//! The bill of materials in CycloneDX 1.6's JSON form. Licences are not asserted.
//!
//! Source: the JSON schema `bom-1.6.schema.json` of the CycloneDX specification (ECMA-424).

use serde_json::{Value, json};

use super::Report;
use super::spdx::{Subject, package_url};
use crate::archive::time::rfc3339;

/// The document. It depends on what is on the image alone, as [`super::spdx`]'s does.
pub fn cyclonedx(report: &Report) -> Value {
    let subject = Subject::of(report);
    let component = |package| {
        let url = package_url(&subject.system, package);
        json!({
            "type": "library",
            "bom-ref": url,
            "name": package.name,
            "version": package.version,
            "purl": url,
            "properties": [
                { "name": "bramble:source", "value": format!("{} {}", package.source, package.source_version) },
                { "name": "bramble:size", "value": package.size.to_string() },
            ],
        })
    };
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": format!("urn:uuid:{}", subject.uuid("cyclonedx")),
        "version": 1,
        "metadata": {
            "timestamp": rfc3339(subject.time),
            "tools": { "components": [
                { "type": "application", "name": "bramble", "version": env!("CARGO_PKG_VERSION") }
            ] },
            "component": {
                "type": "operating-system",
                "bom-ref": "system",
                "name": subject.name,
                "version": subject.version,
                "description": subject.title,
            },
        },
        "components": subject.packages.iter().map(component).collect::<Vec<_>>(),
    })
}
