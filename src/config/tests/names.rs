//! Boards, roles and systems by name.

use super::{HEAD, NODE, Project, refuses_head, refuses_nodes};

#[test]
fn an_unknown_board() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node1"
address = "10.0.0.11"
board = "pi33"
"#,
    );
    assert_eq!(
        found,
        r#"error: unknown board `pi33`
  --> cluster.toml:14:9
   |
14 | board = "pi33"
   |         ^^^^^^
   |
   = help: did you mean `pi3`?"#
    );
}

#[test]
fn a_board_nowhere_near() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node1"
address = "10.0.0.11"
board = "toaster"
"#,
    );
    assert_eq!(
        found,
        r#"error: unknown board `toaster`
  --> cluster.toml:14:9
   |
14 | board = "toaster"
   |         ^^^^^^^^^
   |
   = help: there are `pi1`, `pi2`, `pi3`"#
    );
}

#[test]
fn an_unknown_role() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node1"
address = "10.0.0.11"
role = "wroker"
"#,
    );
    assert_eq!(
        found,
        r#"error: unknown role `wroker`
  --> cluster.toml:14:8
   |
14 | role = "wroker"
   |        ^^^^^^^^
   |
   = help: did you mean `worker`?"#
    );
}

#[test]
fn an_unknown_system() {
    let found = refuses_head(r#"system = "trixie""#, r#"system = "trixy""#);
    assert_eq!(
        found,
        r#"error: unknown system `trixy`
 --> cluster.toml:2:10
  |
2 | system = "trixy"
  |          ^^^^^^^
  |
  = help: did you mean `trixie`?"#
    );
}

#[test]
fn no_board_at_all() {
    let found = refuses_head("board = \"pi3\"\n", "");
    assert_eq!(
        found,
        r#"error: `node1` has no board
  --> cluster.toml:11:8
   |
11 | name = "node1"
   |        ^^^^^^^
   |
   = help: add `board = "pi3"` here, or to `[defaults]` for all nodes"#
    );
}

#[test]
fn no_role_at_all() {
    let found = refuses_head("role = \"worker\"\n", "");
    assert_eq!(
        found,
        r#"error: `node1` has no role
  --> cluster.toml:11:8
   |
11 | name = "node1"
   |        ^^^^^^^
   |
   = help: add `role = "worker"` here, or to `[defaults]` for all nodes"#
    );
}

#[test]
fn a_board_that_the_system_does_not_run_on() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node1"
address = "10.0.0.11"
board = "pi1"
"#,
    );
    assert_eq!(
        found,
        r#"error: Debian has nothing that runs on Pi 1
  --> cluster.toml:14:9
   |
 2 | system = "trixie"
   |          -------- this system has armhf for ARMv7, arm64 for ARMv8
...
14 | board = "pi1"
   |         ^^^^^ this board has an ARMv6 and kernels for `armel`"#
    );
}

#[test]
fn a_cluster_s_name_with_a_space() {
    let found = refuses_head(r#"name = "test""#, r#"name = "my cluster""#);
    assert_eq!(
        found,
        r#"error: `my cluster` cannot be a cluster's name
 --> cluster.toml:1:11
  |
1 | name = "my cluster"
  |           ^ only letters a to z, digits and `-` may stand here"#
    );
}

#[test]
fn no_nodes() {
    let found = refuses_nodes("");
    assert_eq!(
        found,
        r#"error: this cluster has no nodes
 --> cluster.toml:1:8
  |
1 | name = "test"
  |        ^^^^^^
  |
  = help: add `[[nodes]]` with `name = "node[1-4]"`, `address = "192.168.1.[11-14]"` and a `board`"#
    );
}

#[test]
fn a_board_by_the_name_that_people_have_for_it() {
    for (typed, board) in [("3b+", "pi3"), ("CM4", "pi4"), ("pi400", "pi4"), ("zero2", "zero2w"), ("pi0", "zero")] {
        let project = Project::with_all_boards();
        let found = project.refuses(&format!("{HEAD}{NODE}board = \"{typed}\"\n"));
        assert!(found.starts_with(&format!("error: unknown board `{typed}`\n")), "{found}");
        assert!(found.contains(&format!("= help: write `{board}`: that file is for it")), "{found}");
    }
}

#[test]
fn an_unknown_board_hides_no_other_mistake() {
    let project = Project::with_all_boards();
    let settings = "gpu_mem = 9\nsettings = { arm_frq = 900, temp_limit = 90 }\naddress = \"10.9.9.9\"\n";
    let nodes = |board: &str| format!("{HEAD}[[nodes]]\nname = \"node1\"\nboard = \"{board}\"\n{settings}");
    let titles = |found: &str| -> Vec<String> {
        found.lines().filter_map(|line| line.strip_prefix("error: ").map(str::to_owned)).collect()
    };
    assert_eq!(
        titles(&project.refuses(&nodes("3b"))),
        [
            "unknown board `3b`",
            "`gpu_mem` is out of bounds for pi3",
            "pi3 has no setting `arm_frq`",
            "`temp_limit` is out of bounds for pi3",
            "`node1` has the address 10.9.9.9, which is outside the subnet 10.0.0.0/24",
        ],
        "by the name that people have for it, its limits are known"
    );
    assert_eq!(
        titles(&project.refuses(&nodes("toaster"))),
        [
            "unknown board `toaster`",
            "no setting of config.txt is called `arm_frq`",
            "`node1` has the address 10.9.9.9, which is outside the subnet 10.0.0.0/24",
        ]
    );
}
