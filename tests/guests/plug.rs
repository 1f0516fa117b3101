//! Pulled plugs: whenever the power goes, a node comes back whole, with ssh.
//!
//! One guest is recorded through its first boot, an idle while and a kernel update. Then the card is made what it was at
//! moments in between, with what was flushed and a part of what was not, and booted.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bramble::config::Plan;
use bramble::emulate::{Guest, GuestOptions};
use libtest_mimic::Trial;
use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};

use crate::booted::{PATIENCE, ask, log_in, must};
use crate::cluster::{Cluster, project, shown};
use crate::login::lets_the_key_in_and_no_password;
use crate::write_log::WriteLog;
use crate::{judge, update};

/// Its machine takes down what it writes, and boots soonest.
const BOARD: &str = "virt-arm64";
const NODE: &str = "node1";

/// How often the plug is pulled, unless `PULLS` says otherwise. `SKIP=100` takes other moments.
const PULLS: usize = 4;

/// How long the guest is left alone between its first boot and the update.
const IDLE: Duration = Duration::from_secs(10);

/// The moments are always the same ones, as far as two boots are.
const SEED: [u8; 32] = *b"a plug is pulled when it pleases";

pub(crate) fn test() -> Trial {
    Trial::test("pulled-plugs", || {
        let begun = Instant::now();
        a_node_comes_back_whenever_the_power_goes();
        eprintln!("seconds: {:.1} guests::pulled-plugs", begun.elapsed().as_secs_f64());
        Ok(())
    })
}

fn a_node_comes_back_whenever_the_power_goes() {
    let pulls = std::env::var("PULLS").map_or(PULLS, |pulls| pulls.parse().expect("PULLS is a number"));
    let cluster = Cluster::of_board_with_access(BOARD);
    cluster.build(&[NODE]);
    let recorded = Recorded::new(&cluster);
    let mut chance = TestRng::from_seed(RngAlgorithm::ChaCha, &SEED);
    let skipped: u64 = std::env::var("SKIP").map_or(0, |skip| skip.parse().expect("SKIP is a number"));
    for _ in 0..skipped {
        chance.next_u64();
    }
    for pull in 0..pulls {
        // The first boot writes most and is had once by every node; an idle node writes next to nothing.
        let (when, moments) = &recorded.phases[[0, 2, 0, 1][pull % 4]];
        let many = u64::try_from(moments.len()).expect("a number").max(1);
        let moment = moments.start + usize::try_from(chance.next_u64() % many).expect("less than the length");
        let card = cluster.path().join("pulled.img");
        judge::ask("cp", &["--sparse=always", &shown(&cluster.image(NODE)), &shown(&card)]);
        recorded.log.cut(&card, moment, || chance.next_u32().is_multiple_of(2)).expect("a card");
        eprintln!("pulled plug {pull}: {when}, request {moment} of {}", recorded.phases[2].1.end);
        comes_back(&cluster, &card);
        fs::remove_file(&card).expect("a card of ours");
    }
}

/// What a guest wrote, and when.
struct Recorded {
    log: WriteLog,
    /// Requests, counted.
    phases: [(&'static str, Range<usize>); 3],
}

impl Recorded {
    fn new(cluster: &Cluster) -> Self {
        let path = cluster.path().join("writes");
        fs::write(&path, "").expect("a fresh file");
        let so_far = || fs::metadata(&path).expect("the log").len();
        let mut guest = boot(cluster, &cluster.image(NODE), "recorded", Some(path.clone()));
        is_whole(&mut guest, cluster);
        let booted = so_far();
        std::thread::sleep(IDLE);
        let idle = so_far();
        update::run_hooks(&mut guest);
        let updated = so_far();
        drop(guest);

        let log = WriteLog::read(&path).expect("a log of writes");
        let [booted, idle, updated] = [booted, idle, updated].map(|length| log.count(length));
        assert!(0 < booted && booted <= idle && idle < updated, "{booted} {idle} {updated}");
        Self { log, phases: [("first boot", 0..booted), ("idle", booted..idle), ("kernel update", idle..updated)] }
    }
}

fn boot(cluster: &Cluster, image: &Path, name: &str, write_log: Option<PathBuf>) -> Guest {
    let plan = Plan::read(&cluster.path().join("cluster.toml"), project()).expect("the tests' own cluster");
    let node = plan.node(NODE).expect("a node of the cluster");
    let transcript = Some(cluster.path().join(format!("{name}.log")));
    let options = GuestOptions { isolated: true, transcript, write_log, ..GuestOptions::default() };
    must(Guest::boot(image, &plan.bases[node.base].board, node.address, &plan.network, &options))
}

fn comes_back(cluster: &Cluster, card: &Path) {
    let mut guest = boot(cluster, card, "pulled", None);
    is_whole(&mut guest, cluster);
    // What the cut left half made was made anew.
    let left = ask(&mut guest, "find /etc/ssh /var/lib/bramble -name '*.new*' -o -empty -type f", PATIENCE);
    assert_eq!(left.trim(), "");
}

/// It serves, lets the key in, has no failed unit and has grown to its card.
fn is_whole(guest: &mut Guest, cluster: &Cluster) {
    let plan = Plan::read(&cluster.path().join("cluster.toml"), project()).expect("the tests' own cluster");
    let node = plan.node(NODE).expect("a node of the cluster");
    must(guest.wait_http(3 * guest.deadline()));
    log_in(guest, NODE, PATIENCE);
    let state = ask(guest, "systemctl is-system-running --wait || systemctl --failed --no-legend", PATIENCE);
    assert_eq!(state.trim(), "running");
    lets_the_key_in_and_no_password(guest.ssh_port(), node, &cluster.key());
    let size: u64 = ask(guest, "df --block-size=1M --output=size / | tail -n 1", PATIENCE).trim().parse().expect("MiB");
    assert!(size > 650, "the root file system has {size} MiB");
}
