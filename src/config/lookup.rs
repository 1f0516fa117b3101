//! `NODE=3` and `NODE=node3`: which node is meant.

use thiserror::Error;

use super::nearest::suggestion;
use super::range::expand;
use super::{Node, Plan};

/// No node, or more than one, is meant.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NodeError {
    #[error("no node is called `{wanted}`; {suggestion}")]
    UnknownName { wanted: String, suggestion: String },
    #[error("no node's hostname ends in the number {wanted}; there are {hostnames}")]
    UnknownNumber { wanted: String, hostnames: String },
    #[error("`{wanted}` is no range of nodes: {reason}")]
    Range { wanted: String, reason: String },
    #[error("the number {wanted} may be {hostnames}; say the hostname")]
    Ambiguous { wanted: String, hostnames: String },
}

impl Plan {
    /// The nodes that are meant: one by its hostname or number, or several by a range of either ("2-4", "node[2-4]").
    pub fn nodes_called(&self, wanted: &str) -> Result<Vec<&Node>, NodeError> {
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let range = wanted.split_once('-').filter(|(first, last)| is_number(first) && is_number(last));
        let is_hostname = self.nodes.iter().any(|node| node.hostname == wanted);
        let pattern = match range {
            Some((first, last)) if !is_hostname => format!("[{first}-{last}]"),
            None if wanted.contains('[') => wanted.to_owned(),
            _ => return Ok(vec![self.node(wanted)?]),
        };
        let names =
            expand(&pattern).map_err(|bad| NodeError::Range { wanted: wanted.to_owned(), reason: bad.reason })?;
        names.iter().map(|name| self.node(name)).collect()
    }

    /// The node of this hostname, or the only one whose hostname ends in this number (3 is node3, node03 and web-3, but
    /// not node13). There is no counting of lines: a card for the wrong node would look just like the right one.
    pub fn node(&self, wanted: &str) -> Result<&Node, NodeError> {
        if let Some(node) = self.nodes.iter().find(|node| node.hostname == wanted) {
            return Ok(node);
        }
        let all = || self.nodes.iter().map(|node| node.hostname.as_str());
        let Ok(number) = wanted.parse::<u64>() else {
            let suggestion = suggestion(wanted, all());
            return Err(NodeError::UnknownName { wanted: wanted.to_owned(), suggestion });
        };
        let matching: Vec<&Node> =
            self.nodes.iter().filter(|node| trailing_number(&node.hostname) == Some(number)).collect();
        let wanted = wanted.to_owned();
        match matching.as_slice() {
            [node] => Ok(*node),
            [] => Err(NodeError::UnknownNumber { wanted, hostnames: list(all(), "and") }),
            several => {
                let hostnames = list(several.iter().map(|node| node.hostname.as_str()), "or");
                Err(NodeError::Ambiguous { wanted, hostnames })
            }
        }
    }
}

fn trailing_number(hostname: &str) -> Option<u64> {
    let stem = hostname.trim_end_matches(|letter: char| letter.is_ascii_digit());
    hostname.get(stem.len()..)?.parse().ok()
}

/// "`a`, `b` and `c`"
pub(super) fn list<'a>(names: impl Iterator<Item = &'a str>, word: &str) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        None => "none".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} {word} {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::super::{Network, Node, Plan};

    fn plan(hostnames: &[&str]) -> Plan {
        let nodes = hostnames
            .iter()
            .map(|hostname| Node { hostname: (*hostname).to_owned(), address: Ipv4Addr::LOCALHOST, base: 0 })
            .collect();
        let subnet = "192.168.1.0/24".parse().expect("a subnet");
        let network = Network { subnet, gateway: None, dns: Vec::new(), domain: None };
        Plan { name: "test".to_owned(), network, bases: Vec::new(), nodes, secret: None, remarks: Vec::new() }
    }

    fn found(hostnames: &[&str], wanted: &str) -> String {
        match plan(hostnames).node(wanted) {
            Ok(node) => node.hostname.clone(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_hostname_is_that_node() {
        assert_eq!(found(&["node1", "node13"], "node13"), "node13");
    }

    #[test]
    fn a_number_is_the_end_of_a_hostname() {
        assert_eq!(found(&["node1", "node2", "node12"], "2"), "node2");
        assert_eq!(found(&["node01", "node02"], "2"), "node02");
        assert_eq!(found(&["web-1", "2web"], "1"), "web-1");
    }

    #[test]
    fn a_range_is_several_nodes() {
        let plan = plan(&["node1", "node2", "node3", "8-9"]);
        let called = |wanted: &str| match plan.nodes_called(wanted) {
            Ok(nodes) => nodes.iter().map(|node| node.hostname.as_str()).collect::<Vec<_>>().join(" "),
            Err(error) => error.to_string(),
        };
        assert_eq!(called("2-3"), "node2 node3");
        assert_eq!(called("node[1-3]"), "node1 node2 node3");
        assert_eq!(called("node2"), "node2");
        assert_eq!(called("8-9"), "8-9", "a hostname is that node");
        assert_eq!(called("3-2"), "`3-2` is no range of nodes: this range runs backwards");
        assert_eq!(called("node[2-4]"), "no node is called `node4`; did you mean `node1`?");
        assert_eq!(called("-"), "no node is called `-`; there are `node1`, `node2`, `node3`, `8-9`");
    }

    #[test]
    fn what_is_not_clear_is_asked() {
        assert_eq!(found(&["web1", "db1", "db2"], "1"), "the number 1 may be `web1` or `db1`; say the hostname");
        assert_eq!(
            found(&["node1", "node2", "node3"], "9"),
            "no node's hostname ends in the number 9; there are `node1`, `node2` and `node3`"
        );
        assert_eq!(found(&["node1", "balancer"], "balancr"), "no node is called `balancr`; did you mean `balancer`?");
        assert_eq!(found(&["node1", "web"], "printer"), "no node is called `printer`; there are `node1`, `web`");
    }
}
