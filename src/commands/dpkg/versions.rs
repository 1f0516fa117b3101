//! `dpkg --compare-versions`.

use std::cmp::Ordering;

use crate::archive::version;

/// Whether a relation holds; none where it is no relation. A version that is missing is earlier than any, and with the
/// relations on `-nl` later.
pub(super) fn compare(one: &str, relation: &str, other: &str) -> Option<bool> {
    let (name, missing_is_later) = relation.strip_suffix("-nl").map_or((relation, false), |name| (name, true));
    let missing = if missing_is_later { Ordering::Greater } else { Ordering::Less };
    let order = match (one.is_empty(), other.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) => missing,
        (false, true) => missing.reverse(),
        (false, false) => version::compare(one, other),
    };
    Some(match name {
        "lt" | "<<" => order.is_lt(),
        // The form with one sign is old, and means this.
        "le" | "<=" | "<" => order.is_le(),
        "eq" | "=" => order.is_eq(),
        "ne" => order.is_ne(),
        "ge" | ">=" | ">" => order.is_ge(),
        "gt" | ">>" => order.is_gt(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relations_are_those_of_dpkg() {
        let versions = ["", "1", "1.0~rc1", "1.0-1", "1.0-1+b1", "2:0.1"];
        for relation in
            ["lt", "le", "eq", "ne", "ge", "gt", "lt-nl", "le-nl", "ge-nl", "gt-nl", "<<", "<=", "=", ">=", ">>"]
        {
            for one in versions {
                for other in versions {
                    let status = std::process::Command::new("dpkg")
                        .args(["--compare-versions", one, relation, other])
                        .stderr(std::process::Stdio::null())
                        .status()
                        .expect("dpkg is on every Debian");
                    assert_eq!(compare(one, relation, other), Some(status.success()), "{one} {relation} {other}");
                }
            }
        }
        assert_eq!(compare("1", "is", "2"), None);
    }
}
