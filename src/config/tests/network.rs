//! Addresses and the subnet they stand in.

use super::{HEAD, NODE, Project, refuses_head, refuses_nodes};

#[test]
fn an_address_outside_the_subnet() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node1"
address = "10.0.1.11"
"#,
    );
    assert_eq!(
        found,
        r#"error: `node1` has the address 10.0.1.11, which is outside the subnet 10.0.0.0/24
  --> cluster.toml:13:11
   |
 4 | subnet = "10.0.0.0/24"
   |          ------------- the subnet
...
13 | address = "10.0.1.11"
   |           ^^^^^^^^^^^
   |
   = help: 10.0.0.1 to 10.0.0.254 may be used"#
    );
}

#[test]
fn a_range_that_reaches_the_broadcast_address() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node[1-3]"
address = "10.0.0.[253-255]"
"#,
    );
    assert_eq!(
        found,
        r#"error: `node3` has the address 10.0.0.255, which is the subnet's broadcast address
  --> cluster.toml:13:11
   |
 4 | subnet = "10.0.0.0/24"
   |          ------------- the subnet
...
13 | address = "10.0.0.[253-255]"
   |           ^^^^^^^^^^^^^^^^^^
   |
   = help: 10.0.0.1 to 10.0.0.254 may be used"#
    );
}

#[test]
fn the_subnet_s_own_address() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node1"
address = "10.0.0.0"
"#,
    );
    assert_eq!(
        found,
        r#"error: `node1` has the address 10.0.0.0, which is the subnet's own
  --> cluster.toml:13:11
   |
 4 | subnet = "10.0.0.0/24"
   |          ------------- the subnet
...
13 | address = "10.0.0.0"
   |           ^^^^^^^^^^
   |
   = help: 10.0.0.1 to 10.0.0.254 may be used"#
    );
}

#[test]
fn the_gateway_s_address() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node1"
address = "10.0.0.1"
"#,
    );
    assert_eq!(
        found,
        r#"error: `node1` has the gateway's address 10.0.0.1
  --> cluster.toml:13:11
   |
 5 | gateway = "10.0.0.1"
   |           ---------- the gateway
...
13 | address = "10.0.0.1"
   |           ^^^^^^^^^^
   |
   = help: `gateway` is the router through which nodes reach other networks, and none of the nodes: name that, or take `gateway` out where there is none; or give the node another address"#
    );
}

#[test]
fn addresses_that_people_write_have_their_own_advice() {
    for (typed, first, help) in [
        ("10.0.0.[01-03]", "10.0.0.01", "write `10.0.0.[1-3]`: in an address no number begins with a zero"),
        ("10.0.000.[1-3]", "10.0.000.1", "write `10.0.0.[1-3]`: in an address no number begins with a zero"),
        ("10.0.0.11-13", "10.0.0.11-13", "write a range as `10.0.0.[11-13]`"),
        ("dhcp", "dhcp", "each node has an address of its own that stays: write one that"),
        ("DHCP", "DHCP", "each node has an address of its own that stays: write one that"),
    ] {
        let found = refuses_nodes(&format!("[[nodes]]\nname = \"node[1-3]\"\naddress = \"{typed}\"\n"));
        assert!(found.starts_with(&format!("error: `{first}` is not an IPv4 address\n")), "{found}");
        assert!(found.contains(&format!("help: {help}")), "{found}");
    }
}

#[test]
fn a_number_above_255() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node[1-3]"
address = "10.0.0.[254-256]"
"#,
    );
    assert_eq!(
        found,
        r#"error: `10.0.0.256` is not an IPv4 address
  --> cluster.toml:13:11
   |
13 | address = "10.0.0.[254-256]"
   |           ^^^^^^^^^^^^^^^^^^"#
    );
}

#[test]
fn an_address_with_its_prefix() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node1"
address = "10.0.0.11/24"
"#,
    );
    assert_eq!(
        found,
        r#"error: `10.0.0.11/24` is not an IPv4 address
  --> cluster.toml:13:11
   |
13 | address = "10.0.0.11/24"
   |           ^^^^^^^^^^^^^^
   |
   = help: write `10.0.0.11`; the prefix length comes from `subnet` of `[network]`"#
    );
}

#[test]
fn a_gateway_outside_the_subnet() {
    let found = refuses_head(r#"gateway = "10.0.0.1""#, r#"gateway = "10.0.1.1""#);
    assert_eq!(
        found,
        r#"error: the gateway has the address 10.0.1.1, which is outside the subnet 10.0.0.0/24
 --> cluster.toml:5:11
  |
4 | subnet = "10.0.0.0/24"
  |          ------------- the subnet
5 | gateway = "10.0.1.1"
  |           ^^^^^^^^^^
  |
  = help: 10.0.0.1 to 10.0.0.254 may be used"#
    );
}

#[test]
fn a_gateway_that_is_no_address() {
    let found = refuses_head(r#"gateway = "10.0.0.1""#, r#"gateway = "router""#);
    assert_eq!(
        found,
        r#"error: `router` is not the IPv4 address of a gateway
 --> cluster.toml:5:11
  |
5 | gateway = "router"
  |           ^^^^^^^^
  |
  = help: write an address of one machine, like `192.168.1.1`"#
    );
}

#[test]
fn an_address_for_the_subnet() {
    let found = refuses_head(r#""10.0.0.0/24""#, r#""10.0.0.1/24""#);
    assert_eq!(
        found,
        r#"error: `10.0.0.1/24` is an address in a network, not the network
 --> cluster.toml:4:10
  |
4 | subnet = "10.0.0.1/24"
  |          ^^^^^^^^^^^^^
  |
  = help: write `10.0.0.0/24`"#
    );
}

#[test]
fn a_subnet_without_its_prefix() {
    let found = refuses_head(r#""10.0.0.0/24""#, r#""10.0.0.0""#);
    assert_eq!(
        found,
        r#"error: `10.0.0.0` is not an IPv4 network
 --> cluster.toml:4:10
  |
4 | subnet = "10.0.0.0"
  |          ^^^^^^^^^^
  |
  = help: write the network's address and the length of its prefix, like `192.168.1.0/24`"#
    );
}

#[test]
fn a_subnet_that_is_too_small() {
    let found = refuses_head(r#""10.0.0.0/24""#, r#""10.0.0.10/31""#);
    assert_eq!(
        found,
        r#"error: a network with the prefix length 31 cannot hold a cluster
 --> cluster.toml:4:10
  |
4 | subnet = "10.0.0.10/31"
  |          ^^^^^^^^^^^^^^
  |
  = help: 8 to 30 is possible; a home network mostly has 24"#
    );
}

#[test]
fn a_subnet_of_loopback_addresses() {
    let found = refuses_head(r#""10.0.0.0/24""#, r#""127.0.0.0/24""#);
    assert_eq!(
        found,
        r#"error: machines cannot have addresses in 127.0.0.0/24
 --> cluster.toml:4:10
  |
4 | subnet = "127.0.0.0/24"
  |          ^^^^^^^^^^^^^^
  |
  = help: take the network of your router, mostly `192.168.1.0/24` or `192.168.0.0/24`"#
    );
}

#[test]
fn four_dns_servers() {
    let found = refuses_head(
        "gateway = \"10.0.0.1\"\n",
        "gateway = \"10.0.0.1\"\ndns = [\"10.0.0.1\", \"10.0.0.2\", \"10.0.0.3\", \"10.0.0.4\"]\n",
    );
    assert_eq!(
        found,
        r#"error: 4 DNS servers, but a resolver asks 3 at most
 --> cluster.toml:6:44
  |
6 | dns = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"]
  |                                            ^^^^^^^^^^ this one would never be asked
  |
  = help: keep the 3 best"#
    );
}

#[test]
fn a_dns_server_by_name() {
    let found = refuses_head("gateway = \"10.0.0.1\"\n", "gateway = \"10.0.0.1\"\ndns = [\"10.0.0.1\", \"dns.lan\"]\n");
    assert_eq!(
        found,
        r#"error: `dns.lan` is not the IPv4 address of a DNS server
 --> cluster.toml:6:20
  |
6 | dns = ["10.0.0.1", "dns.lan"]
  |                    ^^^^^^^^^
  |
  = help: write an address of one machine, like `192.168.1.1`"#
    );
}

#[test]
fn a_domain_with_a_space() {
    let found = refuses_head("gateway = \"10.0.0.1\"\n", "gateway = \"10.0.0.1\"\ndomain = \"my lan\"\n");
    assert_eq!(
        found,
        r#"error: `my lan` is not a domain
 --> cluster.toml:6:13
  |
6 | domain = "my lan"
  |             ^ only letters a to z, digits and `-` may stand here
  |
  = help: write labels with dots between them, like `lan` or `cluster.example.org`"#
    );
}

#[test]
fn networks_and_servers_that_no_machine_is() {
    let project = Project::new();
    for subnet in ["255.255.255.0/24", "240.0.0.0/8", "0.1.0.0/16", "224.0.0.0/8", "127.0.0.0/8"] {
        let head = HEAD.replace("10.0.0.0/24", subnet).replace("gateway = \"10.0.0.1\"\n", "");
        let found = project.refuses(&format!("{head}{NODE}"));
        assert!(found.starts_with(&format!("error: machines cannot have addresses in {subnet}\n")), "{found}");
    }
    for server in ["255.255.255.255", "224.0.0.1", "0.0.0.0", "240.1.2.3"] {
        let head = HEAD.replace("[defaults]", &format!("dns = [\"{server}\"]\n[defaults]"));
        let found = project.refuses(&format!("{head}{NODE}"));
        assert!(found.starts_with(&format!("error: `{server}` is not the IPv4 address of a DNS server\n")), "{found}");
    }
}
