//! Two roles whose packages refuse each other, on different nodes of one cluster.

use bramble::archive::{LockedPackage, LockedSet};

use crate::cluster::shown;
use crate::judge::ask;
use crate::own_project::OwnProject;

/// Of trixie for arm64: name, size and SHA-256. `busybox` says `Conflicts: busybox-static`.
const PAIR: [(&str, u64, &str); 2] = [
    ("busybox", 453_884, "38bc174119c9f1f07073d1dc28464b672eb0a1402fdee3022198e3138420e3a0"),
    ("busybox-static", 847_552, "c833be48abfa16bc19c4966ec93e289ff1ce5d2f1476cad3a57bd105378cd15c"),
];
const VERSION: &str = "1:1.37.0-6+b9";

fn locked((name, size, sha256): (&str, u64, &str)) -> LockedPackage {
    LockedPackage {
        name: name.to_owned(),
        version: VERSION.to_owned(),
        architecture: "arm64".to_owned(),
        suite: "trixie".to_owned(),
        filename: format!("pool/main/b/busybox/{name}_1.37.0-6+b9_arm64.deb"),
        size,
        sha256: sha256.parse().expect("a sum"),
        essential: false,
        depends: if name == "busybox" { vec!["libc6".to_owned()] } else { Vec::new() },
    }
}

/// A node for each of the roles `busybox` and `busybox-static`, and one with both.
fn project() -> OwnProject {
    let mut lines = String::new();
    for (address, role) in [(11, "busybox"), (12, "busybox-static"), (13, "both")] {
        lines += &format!(
            "[[nodes]]\nname = \"{role}\"\naddress = \"192.168.1.{address}\"\nboard = \"virt-arm64\"\nrole = \"{role}\"\n"
        );
    }
    let own = OwnProject::new("trixie", &lines);
    for (role, packages) in [
        ("busybox", "\"busybox\""),
        ("busybox-static", "\"busybox-static\""),
        ("both", "\"busybox\", \"busybox-static\""),
    ] {
        let text = format!("description = \"a role of the tests\"\nextends = [\"common\"]\npackages = [{packages}]\n");
        own.write(&format!("overlays/{role}/role.toml"), &text);
    }
    let mut lock = own.lock("arm64");
    lock.roots.retain(|root| root != "raspi-firmware");
    lock.packages.extend(PAIR.map(locked));
    lock.packages.sort_by(|one, other| one.name.cmp(&other.name));
    let set = |(name, ..): (&str, u64, &str)| LockedSet { roots: vec![name.to_owned()], ..LockedSet::default() };
    lock.sets.extend(PAIR.map(set));
    lock.write(&own.path().join("rootfs/trixie.arm64.lock")).expect("writable");
    own
}

#[test]
fn roles_that_refuse_each_other_build_from_one_lock() {
    let own = project();
    own.build_well(&["busybox", "busybox-static"]);
    for (node, other) in [("busybox", "busybox-static"), ("busybox-static", "busybox")] {
        let status = ask("debugfs", &["-R", "cat /var/lib/dpkg/status", &shown(&own.root(node))]);
        let has = |name: &str| status.contains(&format!("\nPackage: {name}\nStatus: install ok installed\n"));
        assert!(has(node) && has("libc6") && !has(other), "{node}");
    }
    let output = own.build(&["both"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("the lock for arm64 has no set of packages with `busybox` and `busybox-static` together"),
        "{said}"
    );
}
