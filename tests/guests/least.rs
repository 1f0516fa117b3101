//! What a newcomer writes first: clusters that say no more than they must. Whatever is left out, a node comes up whole.

use std::time::Instant;

use bramble::config::Plan;
use bramble::emulate::{Guest, GuestOptions};
use libtest_mimic::Trial;

use crate::booted::{PATIENCE, ask, log_in, must};
use crate::cluster::{Cluster, project};
use crate::judge::ask_for_verdict;

const BOARD: &str = "virt-arm64";
const NODE: &str = "node1";

pub(crate) fn test() -> Trial {
    Trial::test("least", || {
        let begun = Instant::now();
        roles().iter().for_each(|role| comes_up(role));
        eprintln!("seconds: {:.1} guests::least", begun.elapsed().as_secs_f64());
        Ok(())
    })
}

/// Every role that there is a file for.
fn roles() -> Vec<String> {
    let folders = std::fs::read_dir(project().join("overlays")).expect("the repository's roles").flatten();
    let roles = folders.filter(|folder| folder.path().join("role.toml").is_file());
    roles.map(|folder| folder.file_name().into_string().expect("a name in UTF-8")).collect()
}

/// Boots a node of the role, without a site and without a key.
fn comes_up(role: &str) {
    let cluster = Cluster::new(|_| {
        format!(
            "name = \"least\"\nsystem = \"trixie\"\nnetwork = {{ subnet = \"192.168.1.0/24\" }}\n[[nodes]]\n\
             name = \"{NODE}\"\naddress = \"192.168.1.11\"\nboard = \"{BOARD}\"\nrole = \"{role}\"\nconsole = \"shell\"\n"
        )
    });
    cluster.build(&[NODE]);
    let plan = Plan::read(&cluster.path().join("cluster.toml"), project()).expect("the tests' own cluster");
    let node = plan.node(NODE).expect("a node of the cluster");
    let transcript = Some(cluster.path().join("least.log"));
    let options = GuestOptions { isolated: true, transcript, ..GuestOptions::default() };
    let board = &plan.bases[node.base].board;
    let mut guest = must(Guest::boot(&cluster.image(NODE), board, node.address, &plan.network, &options));
    log_in(&mut guest, NODE, PATIENCE);
    let state = ask(&mut guest, "systemctl is-system-running --wait || systemctl --failed --no-legend", PATIENCE);
    assert_eq!(state.trim(), "running", "role {role}");
    if plan.bases[node.base].roles.iter().any(|role| role.site.is_some()) {
        must(guest.wait_http(PATIENCE));
        let url = format!("http://127.0.0.1:{}", guest.http_port());
        let status = ["--silent", "--max-time", "60", "-o", "/dev/null", "-w", "%{http_code}"];
        let asked = |path: &str| ask_for_verdict("curl", &[&status[..], &[&format!("{url}{path}")]].concat()).1;
        assert_eq!((asked("/").as_str(), asked("/healthz").as_str()), ("404", "200"));
    }
    must(guest.shutdown(PATIENCE));
}
