//! `var/lib/dpkg/status`: what is installed, a paragraph for each package (dpkg's `lib/dpkg/parse.c`, `dump.c`).
//!
//! Fields stand in dpkg's own order, then those it does not know in the order of the package. Relations are written in
//! its normal form. Fields about the archive (`Filename`, `Size`, hashes) are not in a `.deb` and not here.

use std::fmt::Write as _;

use crate::archive::Paragraph;
use crate::unpack::Package;

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
pub(super) fn write(packages: &[Package]) -> String {
    packages.iter().fold(String::new(), |text, package| text + &paragraph(package).to_string() + "\n")
}

fn paragraph(package: &Package) -> Paragraph {
    let mut status = Paragraph::default();
    let conffiles = package.conffiles().iter().fold(String::new(), |mut text, conffile| {
        let _ = write!(text, "\n {conffile}");
        text
    });
    for name in ORDER {
        match name {
            "Status" => status.set(name, "install ok installed"),
            "Conffiles" if conffiles.is_empty() => {}
            "Conffiles" => status.set(name, &conffiles),
            _ => {
                if let Some(value) = package.control.get(name) {
                    let relation = RELATIONS.contains(&name);
                    status.set(name, &if relation { relations(value) } else { value.to_owned() });
                }
            }
        }
    }
    for (name, value) in package.control.iter() {
        if !ORDER.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            status.set(name, value);
        }
    }
    status
}

/// `a (>= 1) | b, c`: one blank where there may be any number, and none inside the brackets' edges.
fn relations(value: &str) -> String {
    let clauses = value.split(',').map(str::trim).filter(|clause| !clause.is_empty());
    let clauses = clauses.map(|clause| clause.split('|').map(relation).collect::<Vec<_>>().join(" | "));
    clauses.collect::<Vec<_>>().join(", ")
}

fn relation(text: &str) -> String {
    let Some((name, bound)) = text.split_once('(') else { return text.trim().to_owned() };
    let bound = bound.trim_end().trim_end_matches(')').trim();
    let version = bound.trim_start_matches(['<', '=', '>']);
    // A single `<` or `>` is an old spelling of `<=` and `>=`.
    let operator = match &bound[..bound.len() - version.len()] {
        "<" => "<=",
        ">" => ">=",
        "" => "=",
        known => known,
    };
    format!("{} ({operator} {})", name.trim(), version.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relations_have_one_form() {
        assert_eq!(relations("a(>=1)|b ,c:any (<< 2~ ),\n d"), "a (>= 1) | b, c:any (<< 2~), d");
        assert_eq!(relations("a (= 1), b (< 2)"), "a (= 1), b (<= 2)");
    }
}
