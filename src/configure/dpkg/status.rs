//! `var/lib/dpkg/status`: what is installed, a paragraph for each package (dpkg's `lib/dpkg/parse.c`, `dump.c`).
//!
//! Fields stand in dpkg's own order, then those it does not know in the order of the package. Relations are written in
//! its normal form. Fields about the archive (`Filename`, `Size`, hashes) are not in a `.deb` and not here.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::archive::{Paragraph, depends};
use crate::unpack::{Package, RelationsError, Shipped};

/// dpkg's `fieldinfos`, as far as a package or an installation has them.
const ORDER: [&str; 27] = [
    "Package",
    "Essential",
    "Protected",
    "Status",
    "Priority",
    "Section",
    "Installed-Size",
    "Origin",
    "Maintainer",
    "Bugs",
    "Architecture",
    "Multi-Arch",
    "Source",
    "Version",
    "Replaces",
    "Provides",
    "Depends",
    "Pre-Depends",
    "Recommends",
    "Suggests",
    "Breaks",
    "Conflicts",
    "Enhances",
    "Conffiles",
    "Description",
    "Triggers-Pending",
    "Triggers-Awaited",
];

const RELATIONS: [&str; 9] =
    ["Replaces", "Provides", "Depends", "Pre-Depends", "Recommends", "Suggests", "Breaks", "Conflicts", "Enhances"];

/// The whole file; `packages` in the order of their names.
pub(super) fn write(packages: &[Package], unpacked: &BTreeMap<String, String>) -> Result<String, RelationsError> {
    let installed = |package: &Package| !unpacked.contains_key(package.name());
    packages.iter().map(|package| Ok(format!("{}\n", paragraph(package, installed(package))?))).collect()
}

fn paragraph(package: &Package, installed: bool) -> Result<Paragraph, RelationsError> {
    let mut status = Paragraph::default();
    let conffiles = package.conffiles().iter().fold(String::new(), |mut text, conffile| {
        let _ = match &conffile.shipped {
            // dpkg notes the sum when it puts the file in its place.
            Shipped::Md5(_) if !installed => write!(text, "\n /{} newconffile", conffile.path),
            _ => write!(text, "\n {conffile}"),
        };
        text
    });
    for name in ORDER {
        match name {
            "Status" if installed => status.set(name, "install ok installed"),
            "Status" => status.set(name, "install ok unpacked"),
            "Conffiles" if conffiles.is_empty() => {}
            "Conffiles" => status.set(name, &conffiles),
            _ => {
                if let Some(value) = package.control.get(name) {
                    let relation = RELATIONS.contains(&name);
                    status.set(name, &if relation { relations(package, name)? } else { value.to_owned() });
                }
            }
        }
    }
    for (name, value) in package.control.iter() {
        if !ORDER.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            status.set(name, value);
        }
    }
    Ok(status)
}

/// `a (>= 1) | b, c`: one blank where there may be any number, and none inside the brackets' edges.
fn relations(package: &Package, field: &'static str) -> Result<String, RelationsError> {
    let clauses = package.relations(field)?;
    Ok(clauses.iter().map(|clause| depends::display(clause)).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::package;
    use super::*;

    #[test]
    fn relations_have_one_form() {
        let shown = |field: &str| {
            let package = package(&format!("Package: a\nVersion: 1\nArchitecture: all\nDepends: {field}\n"), &[]);
            relations(&package, "Depends").expect("sound relations")
        };
        assert_eq!(shown("a(>=1)|b ,c:any (<< 2~ ),\n d"), "a (>= 1) | b, c:any (<< 2~), d");
        assert_eq!(shown("a (= 1), b (< 2), c (3)"), "a (= 1), b (<= 2), c (= 3)");
    }
}
