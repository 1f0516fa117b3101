//! Packages from suites on request, word for word.

use super::super::Pins;
use super::{HEAD, NODE, Project};

/// A project with another system, which has a suite of its own on request.
fn project() -> Project {
    let project = Project::new();
    project.write("rootfs/forky.toml", &super::TRIXIE.replace("trixie", "forky"));
    project
}

fn role(from: &str) -> String {
    format!("description = \"Web server\"\nextends = [\"common\"]\nsite = \"/srv/site\"\n[from]\n{from}\n")
}

fn node(from: &str) -> String {
    format!("{HEAD}\n{NODE}from = {{ {from} }}\n")
}

fn pins(pairs: &[(&str, &str)]) -> Pins {
    pairs.iter().copied().collect()
}

#[test]
fn what_is_said_nearest_to_the_node_counts() {
    let project = project();
    project
        .write("overlays/worker/role.toml", &role("trixie-backports = [\"haproxy\"]\nforky-backports = [\"nginx\"]"));
    let base = &project.accepts(&node("trixie-backports = [\"linux-image-arm64\"]")).bases[0];
    assert_eq!(
        base.pins(),
        pins(&[("trixie-backports", "haproxy"), ("trixie-backports", "linux-image-arm64")]),
        "the other system's suite says nothing here"
    );
    assert_eq!(project.accepts(&format!("{HEAD}\n{NODE}")).bases[0].pins(), pins(&[("trixie-backports", "haproxy")]));
}

#[test]
fn nodes_that_want_other_suites_do_not_share_a_base() {
    let other = NODE.replace("node1", "node2").replace(".11", ".12");
    let plan = project().accepts(&format!("{}{other}", node("trixie-backports = [\"linux-image-arm64\"]")));
    let names: Vec<&str> = plan.bases.iter().map(|base| base.name.as_str()).collect();
    assert_eq!(names.len(), 2);
    assert_ne!(names[0], names[1]);
}

#[test]
fn a_suite_that_there_is_not() {
    assert_eq!(
        project().refuses(&node("trixie-backport = [\"haproxy\"]")),
        r#"error: Debian has no suite `trixie-backport` to take packages from
  --> cluster.toml:14:28
   |
14 | from = { trixie-backport = ["haproxy"] }
   |                            ^^^^^^^^^^^
   |
   = help: did you mean `trixie-backports`?"#
    );
    let project = project();
    project.write("overlays/worker/role.toml", &role("sid = [\"haproxy\"]"));
    assert_eq!(
        project.refuses(&format!("{HEAD}\n{NODE}")).replace(&project.folder.path().display().to_string(), ""),
        r#"error: Debian has no suite `sid` to take packages from
 --> overlays/worker/role.toml:5:7
  |
5 | sid = ["haproxy"]
  |       ^^^^^^^^^^^
  |
  = help: there are `trixie-backports`"#
    );
}

#[test]
fn another_systems_suite_in_the_cluster_file() {
    assert_eq!(
        project().refuses(&node("forky-backports = [\"haproxy\"]")),
        r#"error: Debian has no suite `forky-backports` to take packages from
  --> cluster.toml:14:28
   |
14 | from = { forky-backports = ["haproxy"] }
   |                            ^^^^^^^^^^^
   |
   = help: there are `trixie-backports`"#
    );
}

#[test]
fn a_suite_of_which_nobody_need_ask() {
    assert_eq!(
        project().refuses(&node("trixie = [\"haproxy\"]")),
        r#"error: Debian takes packages of `trixie` without being asked
  --> cluster.toml:14:19
   |
14 | from = { trixie = ["haproxy"] }
   |                   ^^^^^^^^^^^
   |
   = help: take the line out, or give the suite `on_request = true` in the system's file"#
    );
}

#[test]
fn a_package_that_the_suite_has_not_is_told_where_it_is_named() {
    let project = project();
    project.write("overlays/worker/role.toml", &role("trixie-backports = [\"nginx\", \"haproxi\"]"));
    let cluster = node("trixie-backports = [\"haproxi\"]");
    project.accepts(&cluster);
    let folder = project.folder.path();
    let told = super::super::unknown_package(&folder.join("cluster.toml"), folder, "trixie-backports", "haproxi");
    assert_eq!(
        told.to_string().replace(&format!("{}/", folder.display()), ""),
        r#"error: suite `trixie-backports` has no package `haproxi`
  --> cluster.toml:14:30
   |
14 | from = { trixie-backports = ["haproxi"] }
   |                              ^^^^^^^^^
   |
   = help: check its spelling, or take it out

error: suite `trixie-backports` has no package `haproxi`
 --> overlays/worker/role.toml:5:30
  |
5 | trixie-backports = ["nginx", "haproxi"]
  |                              ^^^^^^^^^
  |
  = help: check its spelling, or take it out"#
    );
}

#[test]
fn one_package_from_two_suites() {
    let project = project();
    project
        .write("overlays/worker/role.toml", &role("forky-backports = [\"haproxy\"]\ntrixie-backports = [\"haproxy\"]"));
    let told = project.refuses(&format!("{HEAD}\n{NODE}"));
    assert!(
        told.starts_with("error: `haproxy` cannot come from two suites\n --> overlays/worker/role.toml:6:20\n"),
        "{told}"
    );
}
