//! Right cluster files and the plans they make.

use std::net::Ipv4Addr;

use super::super::{Architecture, BaseSpec, Console};
use super::{HEAD, KEY, NODE, Project};

fn names(bases: &[BaseSpec]) -> Vec<&str> {
    bases.iter().map(|base| base.name.as_str()).collect()
}

#[test]
fn the_example_of_the_repository() {
    let project = Project::new();
    let plan = project.accepts(include_str!("../../../cluster.toml"));
    assert_eq!(plan.name, "bramble");
    assert_eq!(names(&plan.bases), ["worker-pi2", "worker-pi3"]);
    let nodes: Vec<(&str, u8, usize)> =
        plan.nodes.iter().map(|node| (node.hostname.as_str(), node.address.octets()[3], node.base)).collect();
    assert_eq!(nodes[..5], [("node1", 11, 0), ("node2", 12, 0), ("node3", 13, 0), ("node4", 14, 0), ("node5", 15, 1)]);
    assert_eq!(nodes.len(), 8);
    assert_eq!(plan.bases[0].architecture, Architecture::Armhf);
    assert_eq!(plan.bases[1].architecture, Architecture::Arm64);
    for base in &plan.bases {
        assert_eq!(base.settings.gpu_mem, Some(16));
        assert_eq!(base.settings.keys, []);
        assert_eq!(base.authorized_keys, Vec::<String>::new());
        assert_eq!(base.console, Console::Login);
        assert_eq!(base.site.as_deref(), Some(project.folder.path().join("site").as_path()));
        let roles: Vec<&str> = base.roles.iter().map(|role| role.name.as_str()).collect();
        assert_eq!(roles, ["common", "worker"]);
        assert_eq!(base.roles[1].directory, project.folder.path().join("overlays/worker"));
    }
    assert_eq!(plan.node("3").expect("node3").address, Ipv4Addr::new(192, 168, 1, 13));
}

#[test]
fn what_the_example_does_not_do_is_said() {
    let plan = Project::new().accepts(include_str!("../../../cluster.toml"));
    assert_eq!(
        plan.remarks,
        [
            "`overclock = \"modest\"` changes nothing on pi2 (`node1`, `node2`, `node3` and `node4`): raspi-config has \
             `modest`, `medium` and `turbo` for the Pi 1 only; here it has `none` (900 MHz, as delivered) and `high` \
             (1000 MHz)",
            "`overclock = \"modest\"` changes nothing on pi3 (`node5`, `node6`, `node7` and `node8`): raspi-config \
             offers no overclock from the Pi 3 on; the firmware already raises the clock to 1200 MHz (1400 on the B+) \
             as load and temperature allow",
            "no SSH key: sshd stays off; to get in, name your public key in cluster.toml: `[ssh]` \
             `authorized_keys = [\"~/.ssh/id_ed25519.pub\"]`",
        ]
    );
}

#[test]
fn a_preset_is_spelled_out_and_a_key_of_its_own_beats_it() {
    let nodes = format!("{NODE}board = \"pi2\"\noverclock = \"high\"\nsettings = {{ over_voltage = 0 }}\n");
    let plan = Project::new().accepts(&format!("{HEAD}{nodes}"));
    let keys: Vec<(&str, i64)> =
        plan.bases[0].settings.keys.iter().map(|(key, value)| (key.as_str(), *value)).collect();
    assert_eq!(keys, [("arm_freq", 1000), ("core_freq", 500), ("over_voltage", 0), ("sdram_freq", 500)]);
}

#[test]
fn no_overclock_is_no_remark() {
    let plan = Project::new().accepts(&format!("{HEAD}{NODE}overclock = \"none\"\n"));
    assert_eq!(plan.bases[0].settings.keys, []);
    assert_eq!(plan.remarks.len(), 1, "only the missing key is said: {:?}", plan.remarks);
}

#[test]
fn nodes_that_are_alike_share_a_base() {
    let entry = |number: u8, more: &str| {
        format!("[[nodes]]\nname = \"node{number}\"\naddress = \"10.0.0.{}\"\n{more}\n", 10 + number)
    };
    let nodes = [
        entry(1, ""),
        entry(2, "gpu_mem = 32"),
        entry(3, "board = \"pi2\""),
        entry(4, "console = \"login\""),
        entry(5, "console = \"shell\""),
        entry(6, "role = \"common\""),
    ];
    let plan = Project::new().accepts(&format!("{HEAD}{}", nodes.concat()));
    let names = names(&plan.bases);
    // Images have ids that come of these names.
    assert_eq!(names, ["worker-pi3-c3ae66", "worker-pi3-667e42", "worker-pi2", "worker-pi3-dd02f9", "common-pi3"]);
    let bases: Vec<usize> = plan.nodes.iter().map(|node| node.base).collect();
    assert_eq!(bases, [0, 1, 2, 0, 3, 4]);
    assert_eq!(plan.bases[3].console, Console::Shell);
    assert_eq!(plan.bases[4].site, None, "the default site is for roles that serve one");

    let turned: String = nodes.into_iter().rev().collect();
    let turned = Project::new().accepts(&format!("{HEAD}{turned}"));
    let mut expected = names.clone();
    expected.sort_unstable();
    let mut found = self::names(&turned.bases);
    found.sort_unstable();
    assert_eq!(found, expected, "the order of the file says nothing");
}

#[test]
fn keys_come_from_files_and_lines_each_once() {
    let project = Project::new();
    let other = KEY.replace("me@desk", "other@desk");
    project.write("home/.ssh/id_ed25519.pub", &format!("# a comment\n\n{KEY}\r\n"));
    project.write("team.pub", &format!("{other}\n{KEY}\n"));
    let ssh = format!("[ssh]\nauthorized_keys = [\"~/.ssh/id_ed25519.pub\", \"team.pub\", \"{KEY}\"]\n");
    let plan = project.accepts(&format!("{HEAD}{NODE}{ssh}"));
    assert_eq!(plan.bases[0].authorized_keys, [KEY.to_owned(), other]);
    assert_eq!(plan.remarks, Vec::<String>::new());
}

#[test]
fn a_worker_without_a_site_is_said() {
    let plan = Project::new().accepts(&format!("{}{NODE}", HEAD.replace("site = \"site\"\n", "")));
    assert_eq!(plan.bases[0].site, None);
    assert_eq!(plan.remarks[0], "no site for `node1`: they serve an empty folder; name one with `site = \"…\"`");
}

#[test]
fn the_network_is_taken_over() {
    let head = HEAD.replace("[defaults]", "dns = [\"10.0.0.2\", \"9.9.9.9\"]\ndomain = \"cluster.lan\"\n[defaults]");
    let network = Project::new().accepts(&format!("{head}{NODE}")).network;
    assert_eq!(network.subnet.to_string(), "10.0.0.0/24");
    assert_eq!(network.gateway, Some(Ipv4Addr::new(10, 0, 0, 1)));
    assert_eq!(network.dns, [Ipv4Addr::new(10, 0, 0, 2), Ipv4Addr::new(9, 9, 9, 9)]);
    assert_eq!(network.domain.as_deref(), Some("cluster.lan"));
}

#[test]
fn the_repository_s_own_system_reads() {
    let project = Project::new();
    project.write("rootfs/trixie.toml", include_str!("../../../rootfs/trixie.toml"));
    project.write("rootfs/keyrings/debian-archive.pgp", "");
    let plan = project.accepts(&format!("{HEAD}{NODE}"));
    let system = &plan.bases[0].system;
    assert_eq!(system.name, "trixie");
    assert!(system.packages.is_sorted(), "sorted lists merge well");
    assert_eq!(system.suites.iter().filter(|suite| suite.optional).count(), 3);
    assert!(system.on_request("trixie-backports"));
}

#[test]
fn no_cut_of_the_example_breaks_the_reader() {
    let example = include_str!("../../../cluster.toml");
    let project = Project::new();
    for end in (0..example.len()).step_by(9) {
        if let Err(found) = project.read(&example[..end]) {
            assert!(found.to_string().starts_with("error: "), "cut at {end}");
        }
    }
    for left_out in 0..example.lines().count() {
        let lines = example.lines().enumerate().filter(|(number, _)| *number != left_out);
        let text: String = lines.map(|(_, line)| format!("{line}\n")).collect();
        if let Err(found) = project.read(&text) {
            assert!(found.to_string().starts_with("error: "), "without line {}", left_out + 1);
        }
    }
}
