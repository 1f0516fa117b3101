//! Who a node is, as a few files of its root file system.
//!
//! Each file has a fixed length, filled up with empty lines, which every reader of these files passes over. So one node
//! differs from the next in the bytes of these files alone: no length, block or checksum of the file system changes.

use std::fmt::Write;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::host_keys::{self, HostKeys};
use crate::config::{Network, Node, Secret};

/// The files with their modes and lengths in bytes: enough for a hostname of 63 characters in a domain of 190, and
/// three DNS servers. A length up to 4096 costs no more than a block, which an inode of mkext4 takes for a single byte
/// too.
const FILES: [Form; 4] = [
    Form { path: "etc/hostname", mode: 0o644, length: 64 },
    Form { path: "etc/hosts", mode: 0o644, length: 512 },
    Form { path: "etc/resolv.conf", mode: 0o644, length: 512 },
    Form { path: "etc/systemd/network/10-eth0.network", mode: 0o644, length: 512 },
];

/// What else there is where a cluster's secret makes the nodes' keys. Modes are those that ssh-keygen and systemd give.
const KEY_FILES: [Form; 3] = [
    Form { path: "etc/machine-id", mode: 0o444, length: 33 },
    Form { path: "etc/ssh/ssh_host_ed25519_key", mode: 0o600, length: host_keys::PRIVATE_LENGTH },
    Form { path: "etc/ssh/ssh_host_ed25519_key.pub", mode: 0o644, length: host_keys::PUBLIC_LENGTH },
];

/// Whether an identity file is for root alone on the node, so that an image with it is for its owner alone.
pub(super) fn is_private(path: &str) -> bool {
    KEY_FILES.iter().any(|form| form.path == path && form.mode & 0o077 == 0)
}

/// An identity file without its content.
#[derive(Debug, Clone, Copy)]
struct Form {
    path: &'static str,
    mode: u16,
    length: usize,
}

/// A node's identity, as files of fixed length, in the order in which they are to lie on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    files: Vec<IdentityFile>,
}

/// One file of an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityFile {
    /// Without a leading slash.
    pub path: &'static str,
    pub mode: u16,
    pub content: Vec<u8>,
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
    /// The identity of `node` in `network`, with its host keys where a cluster has a `secret` to make them of.
    pub fn of(network: &Network, node: &Node, secret: Option<&Secret>) -> Result<Self, IdentityError> {
        let mut texts = vec![
            format!("{}\n", node.hostname),
            hosts(Some((node.address, &names(network, node)))),
            resolver(network),
            interface(Some((network, node))),
        ];
        if let Some(secret) = secret {
            let keys = HostKeys::derive(secret, &node.hostname);
            texts.extend([format!("{}\n", keys.machine_id), keys.private.clone(), format!("{}\n", keys.public)]);
        }
        for (form, text) in forms().zip(&texts) {
            if text.len() > form.length {
                let hostname = node.hostname.clone();
                return Err(IdentityError { path: form.path, hostname, length: text.len(), room: form.length });
            }
        }
        Ok(Self::fill(texts))
    }

    /// The identity of a base, which is nobody: it has no address, and no keys in the files for them.
    pub fn neutral(host_keys: bool) -> Self {
        let mut texts = vec!["unnamed\n".to_owned(), hosts(None), "# no name server\n".to_owned(), interface(None)];
        if host_keys {
            texts.extend(["uninitialized\n".to_owned(), String::new(), String::new()]);
        }
        Self::fill(texts)
    }

    pub fn files(&self) -> impl Iterator<Item = &IdentityFile> {
        self.files.iter()
    }

    /// Whether it holds what only its owner may read.
    pub(super) fn is_private(&self) -> bool {
        self.files.iter().any(|file| is_private(file.path) && file.content.iter().any(|&byte| byte != b'\n'))
    }

    /// The bytes of the file `path`.
    pub(super) fn content(&self, path: &str) -> Option<&[u8]> {
        self.files.iter().find(|file| file.path == path).map(|file| file.content.as_slice())
    }

    fn fill(texts: Vec<String>) -> Self {
        let filled = |(form, text): (Form, String)| {
            let mut content = text.into_bytes();
            content.resize(form.length, b'\n');
            IdentityFile { path: form.path, mode: form.mode, content }
        };
        Self { files: forms().zip(texts).map(filled).collect() }
    }
}

fn forms() -> impl Iterator<Item = Form> {
    FILES.into_iter().chain(KEY_FILES)
}

/// The node's address with the length of the network's prefix.
pub(super) fn interface_address(network: &Network, node: &Node) -> Ipv4Net {
    // The plan's prefix is one that an address can have; a host route would be the harmless alternative.
    Ipv4Net::new(node.address, network.subnet.prefix_len()).unwrap_or(Ipv4Net::from(node.address))
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
        let address = interface_address(network, node);
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
        let content = identity.content(path).expect("an identity file");
        String::from_utf8_lossy(content).trim_end_matches('\n').to_owned()
    }

    #[test]
    fn a_node_is_told_by_four_files() {
        let identity = Identity::of(&network(Some("home.arpa"), 2), &node("node3"), None).expect("it fits");
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
        let lengths = |identity: &Identity| identity.files().map(|file| file.content.len()).collect::<Vec<_>>();
        let longest = Node { address: Ipv4Addr::new(192, 168, 111, 113), ..node(&"n".repeat(63)) };
        let domain = "d".repeat(190);
        let mut wide = network(Some(&domain), 0);
        wide.dns = vec![Ipv4Addr::new(255, 255, 255, 255); 3];
        wide.gateway = Some(Ipv4Addr::new(192, 168, 111, 254));
        let longest = Identity::of(&wide, &longest, None).expect("it fits");
        assert_eq!(lengths(&longest), lengths(&Identity::neutral(false)));
        assert_eq!(lengths(&longest), [64, 512, 512, 512]);
    }

    #[test]
    fn keys_have_files_of_their_own_where_there_is_a_secret() {
        let secret = Secret::new(b"a secret of more than thirty-two bytes".to_vec(), "secret".into());
        let identity = Identity::of(&network(None, 1), &node("node3"), Some(&secret)).expect("it fits");
        let shapes = |identity: &Identity| {
            identity.files().map(|file| (file.path, file.mode, file.content.len())).collect::<Vec<_>>()
        };
        assert_eq!(shapes(&identity), shapes(&Identity::neutral(true)));
        assert_eq!(
            shapes(&identity)[4..],
            [
                ("etc/machine-id", 0o444, 33),
                ("etc/ssh/ssh_host_ed25519_key", 0o600, 387),
                ("etc/ssh/ssh_host_ed25519_key.pub", 0o644, 81)
            ]
        );
        assert!(text(&identity, "etc/ssh/ssh_host_ed25519_key").ends_with("-----END OPENSSH PRIVATE KEY-----"));
    }

    #[test]
    fn what_has_no_room_is_named() {
        let error = Identity::of(&network(Some(&"d".repeat(500)), 0), &node("node3"), None).expect_err("too long");
        assert_eq!(
            error.to_string(),
            "`/etc/hosts` of node `node3` takes 631 bytes and has room for 512; shorten the hostname or the domain"
        );
    }
}
