//! The bill of materials in SPDX 2.3's JSON form. Licences are not asserted.
//!
//! Source: the SPDX specification 2.3, clauses 6 (document), 7 (package) and 11 (relationships), and its JSON schema.

use serde_json::{Value, json};
use uuid::Uuid;

use super::Report;
use super::packages::InstalledPackage;
use crate::archive::time::rfc3339;
use crate::disk::Names;

/// The document. It depends on what is on the image alone: its time is the root file system's last change, its
/// namespace a hash.
pub fn spdx(report: &Report) -> Value {
    let subject = Subject::of(report);
    let mut packages = vec![json!({
        "SPDXID": "SPDXRef-System",
        "name": subject.name,
        "versionInfo": subject.version,
        "primaryPackagePurpose": "OPERATING-SYSTEM",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": false,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
    })];
    let mut relationships = vec![relationship("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-System")];
    for package in subject.packages {
        let id = identifier(package);
        relationships.push(relationship("SPDXRef-System", "CONTAINS", &id));
        packages.push(json!({
            "SPDXID": id,
            "name": package.name,
            "versionInfo": package.version,
            "sourceInfo": format!("built from source package {} {}", package.source, package.source_version),
            "downloadLocation": "NOASSERTION",
            "filesAnalyzed": false,
            "licenseConcluded": "NOASSERTION",
            "licenseDeclared": "NOASSERTION",
            "copyrightText": "NOASSERTION",
            "externalRefs": [{
                "referenceCategory": "PACKAGE-MANAGER",
                "referenceType": "purl",
                "referenceLocator": package_url(&subject.system, package),
            }],
        }));
    }
    json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": subject.title,
        "documentNamespace": format!("urn:uuid:{}", subject.uuid("spdx")),
        "creationInfo": {
            "created": rfc3339(subject.time),
            "creators": [concat!("Tool: bramble-", env!("CARGO_PKG_VERSION"))],
        },
        "packages": packages,
        "relationships": relationships,
    })
}

fn relationship(from: &str, kind: &str, to: &str) -> Value {
    json!({ "spdxElementId": from, "relationshipType": kind, "relatedSpdxElement": to })
}

/// SPDX ids are made of letters, digits, points and hyphens; `+` becomes `.plus.`, which no package name has.
fn identifier(package: &InstalledPackage) -> String {
    format!("SPDXRef-Package-{}-{}", package.name.replace('+', ".plus."), package.architecture)
}

/// What a bill of materials is about, whatever its form.
pub(super) struct Subject<'a> {
    /// `ID` of os-release.
    pub(super) system: String,
    /// The system's name and version.
    pub(super) name: String,
    pub(super) version: String,
    /// The document's name.
    pub(super) title: String,
    /// Seconds since 1970-01-01 UTC.
    pub(super) time: i64,
    pub(super) packages: &'a [InstalledPackage],
    ids: Names,
}

impl<'a> Subject<'a> {
    pub(super) fn of(report: &'a Report) -> Self {
        let system = report.system.as_ref();
        let name = system.map_or_else(|| "unknown system".to_owned(), |system| system.name.clone());
        let version = system.and_then(|system| system.version.clone()).unwrap_or_else(|| "unknown".to_owned());
        let hostname = system.and_then(|system| system.hostname.clone()).unwrap_or_else(|| "unnamed".to_owned());
        let packages = report.packages.as_ref().map_or(&[][..], |packages| &packages.installed);
        let root = report.root_file_system();
        let uuid = root.map(|root| root.uuid.clone()).unwrap_or_default();
        let time = root.map_or(0, |root| root.written);
        let list: String = packages.iter().map(|p| format!("{} {} {}\n", p.name, p.version, p.architecture)).collect();
        let ids = Names::new(&[report.disk_identity(), &uuid, &hostname, &name, &time.to_string(), &list]);
        let system = system.map_or_else(|| "linux".to_owned(), |system| system.id.clone());
        Self { system, title: format!("{hostname}: {name}"), name, version, time, packages, ids }
    }

    pub(super) fn uuid(&self, label: &str) -> String {
        Uuid::from_bytes(self.ids.uuid(label)).to_string()
    }
}

/// The package URL (the purl specification, type `deb`): `pkg:deb/debian/bash@5.2.37-2?arch=armhf`.
pub(super) fn package_url(system: &str, package: &InstalledPackage) -> String {
    let InstalledPackage { name, version, architecture, .. } = package;
    format!("pkg:deb/{}/{}@{}?arch={architecture}", escaped(system), escaped(name), escaped(version))
}

/// Percent-encodes what a package URL does not take as it is.
fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'~' | b':');
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plus_signs_and_epochs_in_package_urls() {
        let package = InstalledPackage {
            name: "libstdc++6".into(),
            architecture: "armhf".into(),
            version: "1:14.2.0-19+b1~deb13u1".into(),
            source: "gcc-14".into(),
            source_version: "14.2.0-19".into(),
            size: 0,
        };
        assert_eq!(
            package_url("debian", &package),
            "pkg:deb/debian/libstdc%2B%2B6@1:14.2.0-19%2Bb1~deb13u1?arch=armhf"
        );
        assert_eq!(identifier(&package), "SPDXRef-Package-libstdc.plus..plus.6-armhf");
    }
}
