//! `gpu_mem`, `overclock` and `settings`.

use super::{HEAD, Project, refuses_head, refuses_nodes};

/// A board of which nothing can be set.
const PI5: &str = r#"description = "Pi 5"
cpu = "armv8"
memory = [2048]
partitions = "mbr"
no_emulation = "a board of the tests"
kernels = { arm64 = "linux-image-arm64" }
[firmware]
files = []
kernel = "kernel8.img"
device_trees = []
[serial]
device = "ttyAMA10"
baud = 115200
[modules]
init = []
"#;

#[test]
fn too_little_memory_for_the_gpu() {
    let found = refuses_head("role = \"worker\"\n", "role = \"worker\"\ngpu_mem = 8\n");
    assert_eq!(
        found,
        "error: `gpu_mem` is out of bounds for pi3
 --> cluster.toml:9:11
  |
9 | gpu_mem = 8
  |           ^
  |
  = help: from 16 to 512 MB, without the key it is 76"
    );
}

#[test]
fn too_much_memory_for_the_gpu() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node1"
address = "10.0.0.11"
gpu_mem = 1024
"#,
    );
    assert_eq!(
        found,
        "error: `gpu_mem` is out of bounds for pi3
  --> cluster.toml:14:11
   |
14 | gpu_mem = 1024
   |           ^^^^
   |
   = help: from 16 to 512 MB, without the key it is 76"
    );
}

#[test]
fn an_unknown_overclock() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node1"
address = "10.0.0.11"
overclock = "modset"
"#,
    );
    assert_eq!(
        found,
        r#"error: unknown overclock `modset`
  --> cluster.toml:14:13
   |
14 | overclock = "modset"
   |             ^^^^^^^^
   |
   = help: did you mean `modest`?"#
    );
}

#[test]
fn an_unknown_setting() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node1"
address = "10.0.0.11"
board = "pi2"
settings = { armfreq = 900 }
"#,
    );
    assert_eq!(
        found,
        "error: pi2 has no setting `armfreq`
  --> cluster.toml:15:14
   |
15 | settings = { armfreq = 900 }
   |              ^^^^^^^
   |
   = help: did you mean `arm_freq`?"
    );
}

#[test]
fn a_setting_of_another_board() {
    let found = refuses_nodes(
        r#"[[nodes]]
name = "node1"
address = "10.0.0.11"
settings = { core_freq = 400 }
"#,
    );
    assert_eq!(
        found,
        "error: pi3 has no setting `core_freq`
  --> cluster.toml:14:14
   |
14 | settings = { core_freq = 400 }
   |              ^^^^^^^^^
   |
   = help: the serial console hangs on the core's clock: with another one it would show gibberish"
    );
}

#[test]
fn gpu_mem_where_there_is_none() {
    let project = Project::new();
    project.write("board-configs/pi5.toml", PI5);
    let found = project.refuses(&format!(
        "{HEAD}\n{}",
        r#"[[nodes]]
name = "node1"
address = "10.0.0.11"
board = "pi5"
gpu_mem = 16
"#
    ));
    assert_eq!(
        found,
        "error: pi5 has no setting `gpu_mem`
  --> cluster.toml:15:11
   |
15 | gpu_mem = 16
   |           ^^
   |
   = help: other boards have it; `bramble explain board pi5` tells what this one has"
    );
}

#[test]
fn an_overclock_where_nothing_is_said_about_it() {
    let project = Project::new();
    project.write("board-configs/pi5.toml", PI5);
    let found = project.refuses(&format!(
        "{HEAD}\n{}",
        r#"[[nodes]]
name = "node1"
address = "10.0.0.11"
board = "pi5"
overclock = "modest"
"#
    ));
    assert_eq!(
        found,
        r#"error: pi5 has no overclock `modest`
  --> cluster.toml:15:13
   |
15 | overclock = "modest"
   |             ^^^^^^^^
   |
   = help: it has none"#
    );
}

#[test]
fn gpu_mem_of_the_defaults_is_for_the_boards_that_have_it() {
    let head = HEAD.replace("role = \"worker\"\n", "role = \"worker\"\ngpu_mem = 32\n");
    let nodes = "[[nodes]]\nname = \"node1\"\naddress = \"10.0.0.11\"\nboard = \"virt-arm64\"\n[[nodes]]\n\
                 name = \"node2\"\naddress = \"10.0.0.12\"\nboard = \"pi3\"\n";
    let plan = Project::with_all_boards().accepts(&format!("{head}{nodes}"));
    let memory: Vec<Option<i64>> = plan.bases.iter().map(|base| base.settings.gpu_mem).collect();
    assert_eq!(memory, [None, Some(32)]);
    assert_eq!(plan.remarks[0], "`gpu_mem` of `[defaults]` is nothing for virt-arm64 (`node1`)");
}
