//! `node[1-4]` and its mistakes.

use super::refuses_nodes;

#[test]
fn more_names_than_addresses() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node[1-4]"
address = "10.0.0.[11-13]"
"#,
    );
    assert_eq!(
        found,
        r#"error: a different number of names and addresses
  --> cluster.toml:13:11
   |
12 | name = "node[1-4]"
   |        ----------- these are 4 names
13 | address = "10.0.0.[11-13]"
   |           ^^^^^^^^^^^^^^^^ these are 3 addresses"#
    );
}

#[test]
fn a_range_of_names_for_one_address() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node[1-4]"
address = "10.0.0.11"
"#,
    );
    assert_eq!(
        found,
        r#"error: a different number of names and addresses
  --> cluster.toml:13:11
   |
12 | name = "node[1-4]"
   |        ----------- these are 4 names
13 | address = "10.0.0.11"
   |           ^^^^^^^^^^^ this is one address"#
    );
}

#[test]
fn a_bracket_that_is_not_closed() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node[1-4"
address = "10.0.0.[11-14]"
"#,
    );
    assert_eq!(
        found,
        r#"error: `node[1-4` is not a range
  --> cluster.toml:12:13
   |
12 | name = "node[1-4"
   |             ^ this `[` is not closed"#
    );
}

#[test]
fn a_range_that_runs_backwards() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node[1-4]"
address = "10.0.0.[14-11]"
"#,
    );
    assert_eq!(
        found,
        r#"error: `10.0.0.[14-11]` is not a range
  --> cluster.toml:13:19
   |
13 | address = "10.0.0.[14-11]"
   |                   ^^^^^^^ this range runs backwards"#
    );
}

#[test]
fn a_list_for_a_range() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node[1,2]"
address = "10.0.0.[11-12]"
"#,
    );
    assert_eq!(
        found,
        r#"error: `node[1,2]` is not a range
  --> cluster.toml:12:13
   |
12 | name = "node[1,2]"
   |             ^^^^^ a range is two numbers, like `[1-4]`"#
    );
}

#[test]
fn a_range_without_brackets() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node[1-4]"
address = "10.0.0.11-14"
"#,
    );
    assert_eq!(
        found,
        r#"error: `10.0.0.11-14` is not an IPv4 address
  --> cluster.toml:13:11
   |
13 | address = "10.0.0.11-14"
   |           ^^^^^^^^^^^^^^
   |
   = help: write a range as `10.0.0.[11-14]`"#
    );
}
