//! `[identity]`.

use super::{HEAD, NODE, Project};

const IDENTITY: &str = "[identity]\nsecret = \"cluster.secret\"\n";

fn refuses(project: &Project) -> String {
    project.refuses(&format!("{HEAD}\n{NODE}\n{IDENTITY}"))
}

#[test]
fn a_secret_is_read_whole_and_never_shown() {
    let project = Project::new();
    project.write("cluster.secret", "thirty-two bytes, and one more.\n\n");
    let plan = project.accepts(&format!("{HEAD}\n{NODE}\n{IDENTITY}"));
    let secret = plan.secret.as_ref().expect("a secret");
    assert_eq!(secret.bytes(), b"thirty-two bytes, and one more.\n\n");
    assert!(!format!("{plan:?}").contains("thirty-two"));
}

#[test]
fn without_the_table_there_is_none() {
    assert_eq!(Project::new().accepts(&format!("{HEAD}\n{NODE}")).secret, None);
}

#[test]
fn no_secret() {
    assert_eq!(
        refuses(&Project::new()),
        r#"error: there is no secret `cluster.secret`
  --> cluster.toml:16:10
   |
16 | secret = "cluster.secret"
   |          ^^^^^^^^^^^^^^^^
   |
   = help: `head -c 32 /dev/urandom >FILE` makes one; keep it, and keep it to yourself"#
    );
}

#[test]
fn a_secret_too_short() {
    let project = Project::new();
    project.write("cluster.secret", "password\n");
    assert_eq!(
        refuses(&project),
        r#"error: the secret `cluster.secret` has 9 bytes, 32 are the fewest
  --> cluster.toml:16:10
   |
16 | secret = "cluster.secret"
   |          ^^^^^^^^^^^^^^^^
   |
   = help: `head -c 32 /dev/urandom >FILE` makes one; keep it, and keep it to yourself"#
    );
}
