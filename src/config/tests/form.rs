//! TOML that is none, or of another form than asked for.

use super::{Project, refuses_nodes};

#[test]
fn an_unknown_key() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node1"
address = "10.0.0.11"
gpumem = 16
"#,
    );
    assert_eq!(
        found,
        "error: unknown key `gpumem`
  --> cluster.toml:14:1
   |
14 | gpumem = 16
   | ^^^^^^
   |
   = help: did you mean `gpu_mem`?"
    );
}

#[test]
fn unknown_keys_and_wrong_values_together() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node1"
address = "10.0.0.11"
adress = "10.0.0.12"
gpu_mem = "16"
console = "shel"

[[nodes]]
name = "node2"
address = "10.0.1.12"
"#,
    );
    assert_eq!(
        found,
        r#"error: unknown key `adress`
  --> cluster.toml:14:1
   |
14 | adress = "10.0.0.12"
   | ^^^^^^
   |
   = help: did you mean `address`?

error: expected a whole number
  --> cluster.toml:15:11
   |
15 | gpu_mem = "16"
   |           ^^^^ this is a string

error: `shel` is none of the values of this key
  --> cluster.toml:16:11
   |
16 | console = "shel"
   |           ^^^^^^
   |
   = help: did you mean `shell`?

error: `node2` has the address 10.0.1.12, which is outside the subnet 10.0.0.0/24
  --> cluster.toml:20:11
   |
 4 | subnet = "10.0.0.0/24"
   |          ------------- the subnet
...
20 | address = "10.0.1.12"
   |           ^^^^^^^^^^^
   |
   = help: 10.0.0.1 to 10.0.0.254 may be used"#
    );
}

#[test]
fn an_unknown_table() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node1"
address = "10.0.0.11"

[[node]]
name = "node2"
"#,
    );
    assert_eq!(
        found,
        "error: unknown key `node`
  --> cluster.toml:15:3
   |
15 | [[node]]
   |   ^^^^
   |
   = help: did you mean `nodes`?"
    );
}

#[test]
fn a_key_that_is_missing() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node1"
"#,
    );
    assert_eq!(
        found,
        "error: the key `address` is missing
  --> cluster.toml:11:1
   |
11 | [[nodes]]
   | ^^^^^^^^^ it belongs here"
    );
}

#[test]
fn a_list_where_a_string_belongs() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = ["node1", "node2"]
address = "10.0.0.11"
"#,
    );
    assert_eq!(
        found,
        r#"error: expected a string
  --> cluster.toml:12:8
   |
12 | name = ["node1", "node2"]
   |        ^^^^^^^^^^^^^^^^^^ this is a list"#
    );
}

#[test]
fn a_table_where_a_list_belongs() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node1"
address = "10.0.0.11"

[ssh]
authorized_keys = { file = "key.pub" }
"#,
    );
    assert_eq!(
        found,
        r#"error: expected a list
  --> cluster.toml:16:19
   |
16 | authorized_keys = { file = "key.pub" }
   |                   ^^^^^^^^^^^^^^^^^^^^ this is a table"#
    );
}

#[test]
fn a_quote_that_is_not_closed() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node1
address = "10.0.0.11"
"#,
    );
    assert_eq!(
        found,
        r#"error: this is not TOML
  --> cluster.toml:12:14
   |
12 | name = "node1
   |              ^ invalid basic string, expected `"`"#
    );
}

#[test]
fn a_key_given_twice() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node1"
address = "10.0.0.11"
name = "node2"
"#,
    );
    assert_eq!(
        found,
        r#"error: this is not TOML
  --> cluster.toml:14:1
   |
14 | name = "node2"
   | ^^^^ duplicate key"#
    );
}

#[test]
fn a_required_key_that_is_mistyped_is_told_once() {
    let found = refuses_nodes(
        r#"[[nodes]]
nmae = "node1"
address = "10.0.0.11"
"#,
    );
    assert_eq!(
        found,
        r#"error: unknown key `nmae`
  --> cluster.toml:12:1
   |
12 | nmae = "node1"
   | ^^^^
   |
   = help: did you mean `name`?"#
    );
}

#[test]
fn a_wrong_default_is_told_once_and_also_when_no_node_takes_it() {
    let found = Project::new().refuses(
        r#"name = "test"
system = "trixie"
network = { subnet = "10.0.0.0/24" }
[defaults]
board = 3
role = "worker"
settings = { over_voltage = "2" }
site = "site"
[[nodes]]
name = "node[1-2]"
address = "10.0.0.[11-12]"
board = "pi2"
[[nodes]]
name = "node3"
address = "10.0.0.13"
board = "pi2"
"#,
    );
    assert_eq!(
        found,
        r#"error: expected a string
 --> cluster.toml:5:9
  |
5 | board = 3
  |         ^ this is an integer `3`

error: expected a whole number
 --> cluster.toml:7:29
  |
7 | settings = { over_voltage = "2" }
  |                             ^^^ this is a string"#
    );
}

#[test]
fn a_name_for_all_nodes_at_once() {
    let found = Project::new().refuses(
        r#"name = "test"
system = "trixie"
network = { subnet = "10.0.0.0/24" }
[defaults]
board = "pi3"
role = "worker"
site = "site"
name = "node1"
[[nodes]]
address = "10.0.0.11"
board = "pi33"
"#,
    );
    assert_eq!(
        found,
        r#"error: `name` is not for all nodes at once
 --> cluster.toml:8:8
  |
8 | name = "node1"
  |        ^^^^^^^
  |
  = help: write it in each `[[nodes]]`

error: the key `name` is missing
 --> cluster.toml:9:1
  |
9 | [[nodes]]
  | ^^^^^^^^^ it belongs here

error: unknown board `pi33`
  --> cluster.toml:11:9
   |
11 | board = "pi33"
   |         ^^^^^^
   |
   = help: did you mean `pi3`?"#
    );
}
