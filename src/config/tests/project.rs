//! Mistakes in the project's own files, shown in those files.

use super::{HEAD, NODE, Project, refuses_file};

#[test]
fn an_unknown_key_in_a_board() {
    let found = refuses_file(
        "board-configs/pi3.toml",
        r#"description = "Pi 3"
cpu = "armv9"
kernell = { arm64 = "linux-image-arm64" }
"#,
    );
    assert_eq!(
        found,
        r#"error: `armv9` is none of the values of this key
 --> board-configs/pi3.toml:2:7
  |
2 | cpu = "armv9"
  |       ^^^^^^^
  |
  = help: did you mean `armv5`?

error: unknown key `kernell`
 --> board-configs/pi3.toml:3:1
  |
3 | kernell = { arm64 = "linux-image-arm64" }
  | ^^^^^^^
  |
  = help: did you mean `kernels`?"#
    );
}

#[test]
fn a_board_that_contradicts_itself() {
    let found = refuses_file(
        "board-configs/pi3.toml",
        r#"description = "Pi 3"
cpu = "armv8"
memory = [1024]
partitions = "mbr"
kernels = { arm64 = "linux-image-arm64" }

[firmware]
files = ["start.elf"]
kernel = "kernel8.img"
device_trees = ["bcm2837-rpi-3-b.dtb"]

[serial]
device = "ttyS1"
baud = 115200

[modules]
init = ["ext4"]

[settings]
gpu_mem = { min = 16, max = 512 }
arm_freq = { min = 600, max = 1200 }

[overclock]
high = { arm_freq = 1300, core_freq = 500 }

[emulation]
program = "qemu-system-aarch64"
machine = "raspi3b"
device_tree = "bcm2710-rpi-3-b.dtb"
boot_seconds = 41
"#,
    );
    assert_eq!(
        found,
        r#"error: less than 32 MB for the GPU take the cut-down firmware, but no file of it is named
  --> board-configs/pi3.toml:20:11
   |
20 | gpu_mem = { min = 16, max = 512 }
   |           ^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: name `start_cd.elf` and its fixup file in `cut_down` of `[firmware]`

error: the overclock `high` passes the limits of `arm_freq`
  --> board-configs/pi3.toml:24:21
   |
21 | arm_freq = { min = 600, max = 1200 }
   |            ------------------------- the limits
...
24 | high = { arm_freq = 1300, core_freq = 500 }
   |                     ^^^^

error: the overclock `high` sets `core_freq`, which has no limits
  --> board-configs/pi3.toml:24:39
   |
24 | high = { arm_freq = 1300, core_freq = 500 }
   |                                       ^^^
   |
   = help: add `core_freq` to `[settings]`

error: the emulated board's device tree is not on the card
  --> board-configs/pi3.toml:29:15
   |
10 | device_trees = ["bcm2837-rpi-3-b.dtb"]
   |                ----------------------- these are
...
29 | device_tree = "bcm2710-rpi-3-b.dtb"
   |               ^^^^^^^^^^^^^^^^^^^^^"#
    );
}

#[test]
fn a_board_of_which_nothing_says_whether_it_is_emulated() {
    let pi2 = include_str!("../../../board-configs/pi2.toml");
    let (without, _) = pi2.split_once("[emulation]").expect("the Pi 2 is emulated");
    assert_eq!(
        refuses_file("board-configs/pi3.toml", without),
        r#"error: nothing says how this board is emulated, or why it is not
 --> board-configs/pi3.toml:3:15
  |
3 | description = "Raspberry Pi 2 Model B"
  |               ^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: add `[emulation]` with QEMU's machine, or `no_emulation` with the reason why there is none"#
    );
}

#[test]
fn a_board_that_is_emulated_and_is_not() {
    let found = refuses_file(
        "board-configs/pi3.toml",
        r#"description = "Pi 3"
cpu = "armv8"
memory = [1024, 512]
partitions = "mbr"
kernels = { arm64 = "linux-image-arm64" }
no_emulation = "nobody has written one"

[firmware]
files = []
kernel = "kernel8.img"
device_trees = ["bcm2837-rpi-3-b.dtb"]

[serial]
device = "ttyS1"
baud = 115200

[modules]
init = ["ext4"]

[emulation]
program = "qemu-system-aarch64"
machine = "raspi3b"
device_tree = "bcm2837-rpi-3-b.dtb"
boot_seconds = 41
"#,
    );
    assert_eq!(
        found,
        r#"error: no board has this memory
 --> board-configs/pi3.toml:3:10
  |
3 | memory = [1024, 512]
  |          ^^^^^^^^^^^
  |
  = help: list the MB of all models, the least first, like `[256, 512]`

error: this board is emulated and says why it is not
  --> board-configs/pi3.toml:6:16
   |
 6 | no_emulation = "nobody has written one"
   |                ^^^^^^^^^^^^^^^^^^^^^^^^
...
22 | machine = "raspi3b"
   |           --------- this is how
   |
   = help: take one of the two out"#
    );
}

#[test]
fn nodes_to_take_out_of_a_device_tree_that_nobody_names() {
    let virt = include_str!("../../../board-configs/virt-arm64.toml");
    let file = format!("{virt}missing = [\"/pcie\"]\n");
    let line = file.lines().count();
    assert_eq!(
        refuses_file("board-configs/pi3.toml", &file),
        format!(
            r#"error: there is no device tree to take nodes out of
  --> board-configs/pi3.toml:{line}:11
   |
{line} | missing = ["/pcie"]
   |           ^^^^^^^^^
   |
   = help: `device_tree` names it; where the machine makes its own, it knows what it lacks"#
        )
    );
}

#[test]
fn a_system_without_its_keyring() {
    let found = refuses_file(
        "rootfs/trixie.toml",
        r#"description = "Debian"
mirror = "http://mirror.invalid/debian"
snapshot = "http://snapshot.invalid/now"
keyring = "keyrings/lost.pgp"
architectures = ["armhf", "arm64"]
components = []
packages = []
suites = [{ name = "trixie" }]
"#,
    );
    assert_eq!(
        found,
        r#"error: the snapshot archive's address does not say where the time goes
 --> rootfs/trixie.toml:3:12
  |
3 | snapshot = "http://snapshot.invalid/now"
  |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write `{time}` there, like `http://snapshot.debian.org/archive/debian/{time}`

error: there is no keyring `keyrings/lost.pgp`
 --> rootfs/trixie.toml:4:11
  |
4 | keyring = "keyrings/lost.pgp"
  |           ^^^^^^^^^^^^^^^^^^^ relative to this file's folder

error: a system without components has no packages
 --> rootfs/trixie.toml:6:14
  |
6 | components = []
  |              ^^ this list is empty"#
    );
}

#[test]
fn roles_that_extend_each_other() {
    let found = refuses_file(
        "overlays/common/role.toml",
        r#"description = "Common"
extends = ["worker"]
"#,
    );
    assert_eq!(
        found,
        r#"error: the role `worker` extends itself
 --> overlays/common/role.toml:2:12
  |
2 | extends = ["worker"]
  |            ^^^^^^^^
  |
  = help: the way is `worker` → `common` → `worker`; take one step out"#
    );
}

#[test]
fn a_role_that_extends_an_unknown_one() {
    let found = refuses_file(
        "overlays/worker/role.toml",
        r#"description = "Worker"
extends = ["comon"]
site = "/srv/site"
"#,
    );
    assert_eq!(
        found,
        r#"error: unknown role `comon`
 --> overlays/worker/role.toml:2:12
  |
2 | extends = ["comon"]
  |            ^^^^^^^
  |
  = help: did you mean `common`?"#
    );
}

#[test]
fn a_role_with_wrong_modes_and_users() {
    let found = refuses_file(
        "overlays/worker/role.toml",
        r#"description = "Worker"
site = "/srv/site"

[[modes]]
path = "etc/secret"
mode = "0888"

[[users]]
name = "web"
id = 1000
home = "/srv"
"#,
    );
    assert_eq!(
        found,
        r#"error: `0888` is not a file mode
 --> overlays/worker/role.toml:6:8
  |
6 | mode = "0888"
  |        ^^^^^^
  |
  = help: write it in octal digits, like `0600`

error: the user `web` has the id 1000
  --> overlays/worker/role.toml:10:6
   |
10 | id = 1000
   |      ^^^^
   |
   = help: system accounts have 100 to 999"#
    );
}

#[test]
fn no_file_with_the_keys_of_config_txt() {
    let project = Project::new();
    std::fs::remove_file(project.folder.path().join("board-configs/shared/config-txt.toml")).expect("the file");
    let found = project.refuses(&format!("{HEAD}\n{NODE}"));
    assert!(
        found.starts_with(
            "error: cannot read `board-configs/shared/config-txt.toml`: No such file or directory (os error 2)\n |\n \
             = help: the repository has this file; copy it from there"
        ),
        "{found}"
    );
}

#[test]
fn a_board_with_settings_that_do_not_exist() {
    let pi2 = include_str!("../../../board-configs/pi2.toml");
    let (before, after) = pi2.split_once("[settings]\n").expect("the Pi 2 has settings");
    let text = format!(
        "{before}[[not_here]]\nkeys = [\"gpu_mem\", \"arm_bost\"]\nreason = \"a test\"\n[settings]\nwarp = {{ min = 1, \
         max = 9 }}\n{after}"
    );
    let found = refuses_file("board-configs/pi3.toml", &text);
    let titles: Vec<&str> = found.lines().filter(|line| line.starts_with("error") || line.contains("= help")).collect();
    assert_eq!(
        titles,
        [
            "error: `gpu_mem` is said to be here and not to be here",
            "error: no setting of config.txt is called `arm_bost`",
            "   = help: did you mean `arm_boost`?",
            "error: no setting of config.txt is called `warp`",
        ]
        .into_iter()
        .chain(titles.last().copied())
        .collect::<Vec<_>>()
    );
    assert!(found.ends_with("`v3d_freq`, `v3d_freq_min`"), "{found}");
}

#[test]
fn settings_of_config_txt_where_there_is_none() {
    let bananapi = include_str!("../../../board-configs/bananapi.toml");
    let found =
        refuses_file("board-configs/pi3.toml", &format!("{bananapi}\n[settings]\narm_freq = {{ min = 1, max = 2 }}\n"));
    assert!(found.starts_with("error: settings of config.txt for a board that has none\n"), "{found}");
}

#[test]
fn a_machine_that_stands_in_for_no_model() {
    let pi5 = include_str!("../../../board-configs/pi5.toml");
    let file = pi5.replace("device_tree = \"bcm2712-rpi-5-b.dtb\"\n", "");
    assert_ne!(file, pi5);
    let line = file.lines().position(|line| line.starts_with("stands_in")).expect("it stands in") + 1;
    assert_eq!(
        refuses_file("board-configs/pi3.toml", &file),
        format!(
            r#"error: nothing says as which model the board's firmware is played
   --> board-configs/pi3.toml:{line}:13
    |
{line} | stands_in = true
    |             ^^^^
    |
    = help: `device_tree` names that model's, among those of `[firmware]`"#
        )
    );
}
