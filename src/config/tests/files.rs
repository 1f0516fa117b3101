//! The site and the SSH keys.

use super::{HEAD, KEY, NODE, Project, refuses_head, refuses_nodes};

#[test]
fn no_site_folder() {
    let found = refuses_head(r#"site = "site""#, r#"site = "sight""#);
    assert_eq!(
        found,
        r#"error: there is no folder `sight`
 --> cluster.toml:9:8
  |
9 | site = "sight"
  |        ^^^^^^^
  |
  = help: name the folder whose files the nodes serve, seen from this file's folder"#
    );
}

#[test]
fn a_file_for_a_site() {
    let found = refuses_head(r#"site = "site""#, r#"site = "cluster.toml""#);
    assert_eq!(
        found,
        r#"error: `cluster.toml` is not a folder
 --> cluster.toml:9:8
  |
9 | site = "cluster.toml"
  |        ^^^^^^^^^^^^^^
  |
  = help: name the folder whose files the nodes serve, seen from this file's folder"#
    );
}

#[test]
fn a_site_for_a_role_that_serves_none() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node1"
address = "10.0.0.11"
role = "common"
site = "site"
"#,
    );
    assert_eq!(
        found,
        r#"error: the role `common` serves no site
  --> cluster.toml:15:8
   |
15 | site = "site"
   |        ^^^^^^
   |
   = help: take this key out"#
    );
}

#[test]
fn no_key_file() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node1"
address = "10.0.0.11"

[ssh]
authorized_keys = ["id_ed25519.pub"]
"#,
    );
    assert_eq!(
        found,
        r#"error: there is no key file `id_ed25519.pub`
  --> cluster.toml:16:20
   |
16 | authorized_keys = ["id_ed25519.pub"]
   |                    ^^^^^^^^^^^^^^^^
   |
   = help: `ssh-keygen -t ed25519` makes a key; name its `.pub` file here, or put its line"#
    );
}

#[test]
fn no_key_file_at_home() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node1"
address = "10.0.0.11"

[ssh]
authorized_keys = ["~/.ssh/id_ed25519.pub"]
"#,
    );
    assert_eq!(
        found,
        r#"error: there is no key file `home/.ssh/id_ed25519.pub`
  --> cluster.toml:16:20
   |
16 | authorized_keys = ["~/.ssh/id_ed25519.pub"]
   |                    ^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: `ssh-keygen -t ed25519` makes a key; name its `.pub` file here, or put its line"#
    );
}

#[test]
fn a_private_key() {
    let project = Project::new();
    project.write("id_ed25519", "-----BEGIN OPENSSH PRIVATE KEY-----\nmine alone\n-----END OPENSSH PRIVATE KEY-----\n");
    let found = project.refuses(&format!(
        "{HEAD}\n{}",
        r#"[[nodes]]
name = "node1"
address = "10.0.0.11"

[ssh]
authorized_keys = ["id_ed25519"]
"#
    ));
    assert_eq!(
        found,
        r#"error: `id_ed25519` is a private key
  --> cluster.toml:16:20
   |
16 | authorized_keys = ["id_ed25519"]
   |                    ^^^^^^^^^^^^
   |
   = help: never give it away; name the public one, mostly `id_ed25519.pub`"#
    );
}

#[test]
fn a_key_file_cut_short() {
    let project = Project::new();
    project.write("keys.pub", &format!("# mine\n{KEY}\n{}\n", &KEY[..60]));
    let found = project.refuses(&format!(
        "{HEAD}\n{}",
        r#"[[nodes]]
name = "node1"
address = "10.0.0.11"

[ssh]
authorized_keys = ["keys.pub"]
"#
    ));
    assert_eq!(
        found,
        r#"error: line 3 of `keys.pub` is not a public SSH key: its end is missing
  --> cluster.toml:16:20
   |
16 | authorized_keys = ["keys.pub"]
   |                    ^^^^^^^^^^
   |
   = help: name a file that `ssh-keygen` wrote, ending in `.pub`"#
    );
}

#[test]
fn an_empty_key_file() {
    let project = Project::new();
    project.write("keys.pub", "\n");
    let found = project.refuses(&format!(
        "{HEAD}\n{}",
        r#"[[nodes]]
name = "node1"
address = "10.0.0.11"

[ssh]
authorized_keys = ["keys.pub"]
"#
    ));
    assert_eq!(
        found,
        r#"error: `keys.pub` holds no key
  --> cluster.toml:16:20
   |
16 | authorized_keys = ["keys.pub"]
   |                    ^^^^^^^^^^
   |
   = help: name a file that `ssh-keygen` wrote, ending in `.pub`"#
    );
}

#[test]
fn a_key_line_cut_short() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node1"
address = "10.0.0.11"

[ssh]
authorized_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgME me"]
"#,
    );
    assert_eq!(
        found,
        r#"error: this is not a public SSH key: its end is missing
  --> cluster.toml:16:20
   |
16 | authorized_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgME me"]
   |                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: copy the whole line of the `.pub` file"#
    );
}

#[test]
fn every_line_of_a_key_is_looked_at_and_nothing_is_fetched() {
    let with = |keys: &str| format!("{HEAD}{NODE}[ssh]\nauthorized_keys = {keys}\n");
    let other = KEY.replace("me@desk", "other@desk");
    let plan = Project::new().accepts(&with(&format!("[\"\"\"\n{KEY}\n# mine\n{other}\n\"\"\"]")));
    assert_eq!(plan.bases[0].authorized_keys, [KEY, &other]);
    let found = Project::new().refuses(&with(&format!("[\"\"\"{KEY}\n{}\"\"\"]", &KEY[..60])));
    assert!(found.starts_with("error: this is not a public SSH key: its end is missing\n"), "{found}");
    let found = Project::new().refuses(&with("[\"https://github.com/me.keys\"]"));
    assert!(
        found.ends_with("= help: keep it as a file, and name that: `curl https://github.com/me.keys >keys.pub`"),
        "{found}"
    );
}
