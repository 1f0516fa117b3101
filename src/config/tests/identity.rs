//! Hostnames and addresses that cannot be, or are there twice.

use super::refuses_nodes;

#[test]
fn a_hostname_given_twice() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node1"
address = "10.0.0.11"

[[nodes]]
name = "node1"
address = "10.0.0.12"
"#,
    );
    assert_eq!(
        found,
        r#"error: the hostname `node1` is given twice
  --> cluster.toml:16:8
   |
12 | name = "node1"
   |        ------- first here
...
16 | name = "node1"
   |        ^^^^^^^ a second time"#
    );
}

#[test]
fn a_hostname_that_a_range_has_too() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node[1-4]"
address = "10.0.0.[11-14]"

[[nodes]]
name = "node3"
address = "10.0.0.20"
"#,
    );
    assert_eq!(
        found,
        r#"error: the hostname `node3` is given twice
  --> cluster.toml:16:8
   |
12 | name = "node[1-4]"
   |        ----------- first here
...
16 | name = "node3"
   |        ^^^^^^^ a second time"#
    );
}

#[test]
fn an_address_given_twice() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node1"
address = "10.0.0.11"

[[nodes]]
name = "node2"
address = "10.0.0.11"
"#,
    );
    assert_eq!(
        found,
        r#"error: `node1` and `node2` have the same address 10.0.0.11
  --> cluster.toml:17:11
   |
13 | address = "10.0.0.11"
   |           ----------- `node1`
...
17 | address = "10.0.0.11"
   |           ^^^^^^^^^^^ `node2`"#
    );
}

#[test]
fn an_address_that_a_range_has_too() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node[1-4]"
address = "10.0.0.[11-14]"

[[nodes]]
name = "attic"
address = "10.0.0.14"
"#,
    );
    assert_eq!(
        found,
        r#"error: `node4` and `attic` have the same address 10.0.0.14
  --> cluster.toml:17:11
   |
13 | address = "10.0.0.[11-14]"
   |           ---------------- `node4`
...
17 | address = "10.0.0.14"
   |           ^^^^^^^^^^^ `attic`"#
    );
}

#[test]
fn a_hostname_with_an_underscore() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node_1"
address = "10.0.0.11"
"#,
    );
    assert_eq!(
        found,
        r#"error: `node_1` is not a hostname
  --> cluster.toml:12:13
   |
12 | name = "node_1"
   |             ^ only letters a to z, digits and `-` may stand here
   |
   = help: write `node-1`"#
    );
}

#[test]
fn a_hostname_with_capitals() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "Node1"
address = "10.0.0.11"
"#,
    );
    assert_eq!(
        found,
        r#"error: `Node1` is not a hostname
  --> cluster.toml:12:9
   |
12 | name = "Node1"
   |         ^ capital letters are the same as small ones here, so only small ones are used
   |
   = help: write `node1`"#
    );
}

#[test]
fn a_hostname_with_its_domain() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node1.lan"
address = "10.0.0.11"
"#,
    );
    assert_eq!(
        found,
        r#"error: `node1.lan` is not a hostname
  --> cluster.toml:12:14
   |
12 | name = "node1.lan"
   |              ^ a dot separates labels, and this is to be one label
   |
   = help: the part after the dot goes into `domain` of `[network]`"#
    );
}

#[test]
fn a_hostname_that_ends_in_a_hyphen() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node-"
address = "10.0.0.11"
"#,
    );
    assert_eq!(
        found,
        r#"error: `node-` is not a hostname
  --> cluster.toml:12:13
   |
12 | name = "node-"
   |             ^ it may not end with `-`"#
    );
}

#[test]
fn a_hostname_that_is_empty() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = ""
address = "10.0.0.11"
"#,
    );
    assert_eq!(
        found,
        r#"error: `` is not a hostname
  --> cluster.toml:12:9
   |
12 | name = ""
   |         ^ it is empty"#
    );
}

#[test]
fn a_hostname_that_is_too_long() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
address = "10.0.0.11"
"#,
    );
    assert_eq!(
        found,
        r#"error: `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa` is not a hostname
  --> cluster.toml:12:9
   |
12 | name = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
   |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ it has 64 letters, 63 are the most"#
    );
}

#[test]
fn a_hostname_that_is_a_number() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "11"
address = "10.0.0.11"
"#,
    );
    assert_eq!(
        found,
        r#"error: `11` is not a hostname
  --> cluster.toml:12:9
   |
12 | name = "11"
   |         ^^ digits alone are read as an address by many programs"#
    );
}

#[test]
fn localhost() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "localhost"
address = "10.0.0.11"
"#,
    );
    assert_eq!(
        found,
        r#"error: `localhost` is not a hostname
  --> cluster.toml:12:9
   |
12 | name = "localhost"
   |         ^^^^^^^^^ every machine calls itself that"#
    );
}

#[test]
fn a_bad_hostname_in_a_range() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node [1-2]"
address = "10.0.0.[11-12]"
"#,
    );
    assert_eq!(
        found,
        r#"error: `node 1` is not a hostname
  --> cluster.toml:12:13
   |
12 | name = "node [1-2]"
   |             ^ only letters a to z, digits and `-` may stand here"#
    );
}
