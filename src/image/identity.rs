//! Who a node is, as four files of its root file system.
//!
//! Each file has a fixed length, filled up with empty lines, which every reader of these files passes over. So one node
//! differs from the next in the bytes of these files alone: no length, block or checksum of the file system changes.

use std::fmt::Write;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::config::{Network, Node};

/// The files with their lengths in bytes: enough for a hostname of 63 characters in a domain of 190, and three DNS
/// servers. A length up to 4096 costs no more than a block, which an inode of mkext4 takes for a single byte too.
const FILES: [(&str, usize); 4] =
    [("etc/hostname", 64), ("etc/hosts", 512), ("etc/resolv.conf", 512), ("etc/systemd/network/10-eth0.network", 512)];

/// A node's identity, as files of fixed length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    contents: [Vec<u8>; 4],
}

/// A node that the files have no room for.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`/{path}` of node `{hostname}` takes {length} bytes and has room for {room}; shorten the hostname or the domain"
)]
pub struct IdentityError {
    pub path: &'static str,
    pub hostname: String,
    pub length: usize,
    pub room: usize,
}

impl Identity {
    /// The identity of `node` in `network`.
    pub fn of(network: &Network, node: &Node) -> Result<Self, IdentityError> {
        let contents = [
            format!("{}\n", node.hostname),
            hosts(Some((node.address, &names(network, node)))),
            resolver(network),
            interface(Some((network, node))),
        ];
        Self::pad(&node.hostname, contents)
    }

    /// The identity of a base, which is nobody: it has no address.
    pub fn neutral() -> Self {
        let contents = ["unnamed\n".to_owned(), hosts(None), "# no name server\n".to_owned(), interface(None)];
        Self::fill(contents)
    }

    /// The paths of the files, in the order in which they are to lie on the disk.
    pub fn paths() -> impl Iterator<Item = &'static str> {
        FILES.iter().map(|(path, _)| *path)
    }

    /// Paths and contents.
    pub fn files(&self) -> impl Iterator<Item = (&'static str, &[u8])> {
        Self::paths().zip(self.contents.iter().map(Vec::as_slice))
    }

    /// Fills the contents up to their rooms; what has none is an error about `hostname`.
    fn pad(hostname: &str, contents: [String; 4]) -> Result<Self, IdentityError> {
        for ((path, room), text) in FILES.iter().zip(&contents) {
            if text.len() > *room {
                return Err(IdentityError { path, hostname: hostname.to_owned(), length: text.len(), room: *room });
            }
        }
        Ok(Self::fill(contents))
    }

    fn fill(contents: [String; 4]) -> Self {
        let mut rooms = FILES.iter().map(|(_, room)| *room);
        Self {
            contents: contents.map(|text| {
                let mut content = text.into_bytes();
                content.resize(rooms.next().unwrap_or(content.len()), b'\n');
                content
            }),
        }
    }
}

/// The node's names as hosts(5) wants them, the full one first.
fn names(network: &Network, node: &Node) -> String {
    match &network.domain {
        Some(domain) => format!("{0}.{domain} {0}", node.hostname),
        None => node.hostname.clone(),
    }
}

fn hosts(node: Option<(Ipv4Addr, &str)>) -> String {
    let mut text = String::from(
        "127.0.0.1 localhost\n\
         ::1 localhost ip6-localhost ip6-loopback\n\
         ff02::1 ip6-allnodes\n\
         ff02::2 ip6-allrouters\n",
    );
    if let Some((address, names)) = node {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{address} {names}");
    }
    text
}

fn resolver(network: &Network) -> String {
    let search = network.domain.iter().map(|domain| format!("search {domain}\n"));
    search.chain(network.dns.iter().map(|server| format!("nameserver {server}\n"))).collect()
}

/// A file for systemd-networkd. Nothing is asked of the network: no DHCP, no router advertisements. The link-local
/// address stays, as the way to a node whose IPv4 address is wrong.
fn interface(node: Option<(&Network, &Node)>) -> String {
    let mut text = String::from(
        "[Match]\n\
         Name=eth0\n\n\
         [Link]\n\
         RequiredForOnline=yes\n\n\
         [Network]\n\
         DHCP=no\n\
         IPv6AcceptRA=no\n\
         LinkLocalAddressing=ipv6\n",
    );
    if let Some((network, node)) = node {
        let prefix = network.subnet.prefix_len();
        // The plan's prefix is one that an address can have; a host route would be the harmless alternative.
        let address = Ipv4Net::new(node.address, prefix).unwrap_or(Ipv4Net::from(node.address));
        let _ = writeln!(text, "Address={address}");
        if let Some(gateway) = network.gateway {
            let _ = writeln!(text, "Gateway={gateway}");
        }
        for server in &network.dns {
            let _ = writeln!(text, "DNS={server}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(domain: Option<&str>, dns: usize) -> Network {
        Network {
            subnet: "192.168.1.0/24".parse().expect("a network"),
            gateway: Some(Ipv4Addr::new(192, 168, 1, 1)),
            dns: vec![Ipv4Addr::new(192, 168, 1, 1); dns],
            domain: domain.map(str::to_owned),
        }
    }

    fn node(hostname: &str) -> Node {
        Node { hostname: hostname.to_owned(), address: Ipv4Addr::new(192, 168, 1, 13), base: 0 }
    }

    fn text(identity: &Identity, path: &str) -> String {
        let (_, content) = identity.files().find(|(name, _)| *name == path).expect("an identity file");
        String::from_utf8_lossy(content).trim_end_matches('\n').to_owned()
    }

    #[test]
    fn a_node_is_told_by_four_files() {
        let identity = Identity::of(&network(Some("home.arpa"), 2), &node("node3")).expect("it fits");
        assert_eq!(text(&identity, "etc/hostname"), "node3");
        assert_eq!(
            text(&identity, "etc/hosts"),
            "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\nff02::1 ip6-allnodes\n\
             ff02::2 ip6-allrouters\n192.168.1.13 node3.home.arpa node3"
        );
        assert_eq!(
            text(&identity, "etc/resolv.conf"),
            "search home.arpa\nnameserver 192.168.1.1\nnameserver 192.168.1.1"
        );
        assert_eq!(
            text(&identity, "etc/systemd/network/10-eth0.network"),
            "[Match]\nName=eth0\n\n[Link]\nRequiredForOnline=yes\n\n[Network]\nDHCP=no\nIPv6AcceptRA=no\n\
             LinkLocalAddressing=ipv6\nAddress=192.168.1.13/24\nGateway=192.168.1.1\nDNS=192.168.1.1\nDNS=192.168.1.1"
        );
    }

    #[test]
    fn lengths_are_those_of_the_base_whoever_the_node_is() {
        let lengths = |identity: &Identity| identity.files().map(|(_, content)| content.len()).collect::<Vec<_>>();
        let longest = Node { address: Ipv4Addr::new(192, 168, 111, 113), ..node(&"n".repeat(63)) };
        let domain = "d".repeat(190);
        let mut wide = network(Some(&domain), 0);
        wide.dns = vec![Ipv4Addr::new(255, 255, 255, 255); 3];
        wide.gateway = Some(Ipv4Addr::new(192, 168, 111, 254));
        let longest = Identity::of(&wide, &longest).expect("it fits");
        assert_eq!(lengths(&longest), lengths(&Identity::neutral()));
        assert_eq!(lengths(&longest), [64, 512, 512, 512]);
    }

    #[test]
    fn what_has_no_room_is_named() {
        let error = Identity::of(&network(Some(&"d".repeat(500)), 0), &node("node3")).expect_err("too long");
        assert_eq!(
            error.to_string(),
            "`/etc/hosts` of node `node3` takes 631 bytes and has room for 512; shorten the hostname or the domain"
        );
    }
}
