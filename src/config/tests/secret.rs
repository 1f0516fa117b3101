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

#[test]
fn a_site_that_would_give_everything_away() {
    let project = Project::new();
    project.write("cluster.secret", "thirty-two bytes, and one more.\n\n");
    let head = HEAD.replace("site = \"site\"", "site = \".\"");
    assert_eq!(
        project.refuses(&format!("{head}\n{NODE}\n{IDENTITY}")),
        r#"error: the site holds this cluster file, `cluster.toml`, and every node would serve it
 --> cluster.toml:9:8
  |
9 | site = "."
  |        ^^^
  |
  = help: make a folder for the files of the site alone, and name that"#
    );
    // By another name, and through a link.
    project.write("site/keys/cluster.secret", "thirty-two bytes, and one more.\n\n");
    project.link("site/keys/cluster.secret", "elsewhere");
    let identity = IDENTITY.replace("cluster.secret", "elsewhere");
    let found = project.refuses(&format!("{HEAD}\n{NODE}\n{identity}"));
    assert!(found.starts_with("error: the site holds the cluster's secret, `elsewhere`, and every node"), "{found}");
}

#[test]
fn a_secret_that_others_can_read_is_told() {
    let project = Project::new();
    project.write("cluster.secret", "thirty-two bytes, and one more.\n\n");
    let cluster = format!("{HEAD}\n{NODE}\n{IDENTITY}");
    let told = |mode: u32| {
        project.set_mode("cluster.secret", mode);
        let remarks = project.accepts(&cluster).remarks;
        remarks.into_iter().filter(|remark| remark.contains("secret")).collect::<Vec<_>>()
    };
    assert_eq!(told(0o600), Vec::<String>::new());
    let [remark] = &told(0o644)[..] else { panic!("a remark") };
    assert!(remark.ends_with("cluster.secret`; `chmod 600` keeps it to yourself"), "{remark}");
}
