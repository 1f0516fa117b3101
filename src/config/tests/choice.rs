//! Boards and systems that do not go together, with the repository's own files of both.

use super::super::{Architecture, DeviceTrees, Suite};
use super::{HEAD, NODE, Project};

/// A project with the repository's own boards and systems.
fn project() -> Project {
    let project = Project::new();
    for (name, text) in [
        ("pi1", include_str!("../../../board-configs/pi1.toml")),
        ("pi4", include_str!("../../../board-configs/pi4.toml")),
        ("pi5", include_str!("../../../board-configs/pi5.toml")),
    ] {
        project.write(&format!("board-configs/{name}.toml"), text);
    }
    project.write("rootfs/trixie.toml", include_str!("../../../rootfs/trixie.toml"));
    project.write("rootfs/forky.toml", include_str!("../../../rootfs/forky.toml"));
    project.write("rootfs/raspbian.toml", include_str!("../../../rootfs/raspbian.toml"));
    project.write("rootfs/keyrings/debian-archive.pgp", "");
    project
}

fn cluster(system: &str, node: &str) -> String {
    format!("{}\n{NODE}{node}", HEAD.replace("trixie", system))
}

#[test]
fn a_board_gets_what_it_can_run() {
    let runs = |system: &str, board: &str| {
        let plan = project().accepts(&cluster(system, &format!("board = \"{board}\"\n")));
        format!("{} {}", plan.bases[0].architecture, plan.bases[0].kernel)
    };
    assert_eq!(runs("trixie", "pi1"), "armel linux-image-rpi");
    assert_eq!(runs("trixie", "pi2"), "armhf linux-image-armmp");
    assert_eq!(runs("trixie", "pi4"), "arm64 linux-image-arm64");
    assert_eq!(runs("trixie", "pi5"), "arm64 linux-image-arm64");
    assert_eq!(runs("forky", "pi5"), "arm64 linux-image-arm64");
}

#[test]
fn debian_s_armhf_on_a_pi_1() {
    assert_eq!(
        project().refuses(&cluster("trixie", "board = \"pi1\"\narchitecture = \"armhf\"\n")),
        r#"error: armhf of Debian 13 (trixie) does not run on Raspberry Pi 1 Model A, B, A+ and B+
  --> cluster.toml:15:16
   |
14 | board = "pi1"
   |         ----- this board has an ARMv6
15 | architecture = "armhf"
   |                ^^^^^^^ made for ARMv7 processors and above
   |
   = help: take the line out: armel runs on it"#
    );
}

#[test]
fn arm64_on_a_pi_2() {
    assert_eq!(
        project().refuses(&cluster("trixie", "board = \"pi2\"\narchitecture = \"arm64\"\n")),
        r#"error: arm64 of Debian 13 (trixie) does not run on Raspberry Pi 2 Model B
  --> cluster.toml:15:16
   |
14 | board = "pi2"
   |         ----- this board has an ARMv7
15 | architecture = "arm64"
   |                ^^^^^^^ made for ARMv8 processors and above
   |
   = help: take the line out: armhf runs on it"#
    );
}

#[test]
fn forky_on_a_pi_1() {
    assert_eq!(
        project().refuses(&cluster("forky", "board = \"pi1\"\n")),
        r#"error: Debian 14 (forky) has nothing that runs on Raspberry Pi 1 Model A, B, A+ and B+
  --> cluster.toml:14:9
   |
 2 | system = "forky"
   |          ------- this system has arm64 for ARMv8
...
14 | board = "pi1"
   |         ^^^^^ this board has an ARMv6 and kernels for `armel`"#
    );
}

#[test]
fn a_pi_5_has_its_kernel_from_another_suite_where_there_is_one() {
    let pins = |system: &str| project().accepts(&cluster(system, "board = \"pi5\"\n")).bases[0].pins();
    assert_eq!(pins("trixie").suite_of("linux-image-arm64"), Some("trixie-backports"));
    assert!(pins("forky").is_empty());
}

#[test]
fn a_system_whose_kernel_does_not_drive_the_board() {
    let project = project();
    let reason =
        "[refuses]\ntrixie = \"its kernel has no driver of this board's card; that of `forky` has\"\n[firmware]";
    let pi5 = include_str!("../../../board-configs/pi5.toml").replace("[firmware]", reason);
    project.write("board-configs/pi5.toml", &pi5);
    assert_eq!(
        project.refuses(&cluster("trixie", "board = \"pi5\"\n")),
        r#"error: Debian 13 (trixie) does not run on Raspberry Pi 5
  --> cluster.toml:14:9
   |
 2 | system = "trixie"
   |          --------
...
14 | board = "pi5"
   |         ^^^^^
   |
   = help: its kernel has no driver of this board's card; that of `forky` has"#
    );
}

#[test]
fn raspbian_has_a_kernel_and_device_trees_of_its_own() {
    let project = project();
    project.write("rootfs/keyrings/raspbian.pgp", "");
    for (board, kernel) in [("pi1", "linux-image-rpi-v6"), ("pi2", "linux-image-rpi-v7")] {
        let plan = project.accepts(&cluster("raspbian", &format!("board = \"{board}\"\n")));
        let base = &plan.bases[0];
        assert_eq!((base.architecture, base.kernel.as_str()), (Architecture::Armhf, kernel));
        assert_eq!(base.system.device_trees, DeviceTrees::Downstream);
        let dists: Vec<&str> = base.system.suites.iter().map(Suite::dist).collect();
        assert_eq!(dists, ["trixie", "trixie"]);
    }
}

#[test]
fn raspbian_on_a_pi_4() {
    let project = project();
    project.write("rootfs/keyrings/raspbian.pgp", "");
    assert_eq!(
        project.refuses(&cluster("raspbian", "board = \"pi4\"\n")),
        r#"error: Raspbian 13 (trixie) has nothing that runs on Raspberry Pi 4 Model B, 400 and Compute Module 4
  --> cluster.toml:14:9
   |
 2 | system = "raspbian"
   |          ---------- this system has armhf for ARMv6
...
14 | board = "pi4"
   |         ^^^^^ this board has an ARMv8 and kernels for `arm64`"#
    );
}

#[test]
fn raspbian_without_its_keyring() {
    assert_eq!(
        project().refuses(&cluster("raspbian", "board = \"pi1\"\n")),
        r#"error: there is no keyring `keyrings/raspbian.pgp`
  --> rootfs/raspbian.toml:10:11
   |
10 | keyring = "keyrings/raspbian.pgp"
   |           ^^^^^^^^^^^^^^^^^^^^^^^ relative to this file's folder
   |
   = help: it holds the keys of Raspbian and of Raspberry Pi's archive, which are not part of bramble; on a Raspberry Pi: `cat /usr/share/keyrings/raspbian-archive-keyring.gpg /usr/share/keyrings/raspberrypi-archive-keyring.gpg` into this file"#
    );
}
