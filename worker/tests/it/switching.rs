//! The site is switched while many are served: nobody is failed, and every answer is wholly old or wholly new.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::server::Server;

/// Clients at a time; `tools/soak` does the same with siege and 800.
const CLIENTS: usize = 50;

/// How long: ten switches.
const TIME: Duration = Duration::from_secs(10);

/// Names and sizes: from memory, by sendfile, in many turns.
const FILES: [(&str, usize); 3] = [("small.txt", 1000), ("medium.txt", 100_000), ("large.txt", 3_000_000)];

/// A site all bytes of which are one letter.
fn write_site(folder: &Path, letter: u8) {
    fs::create_dir(folder).expect("a folder");
    for (name, size) in FILES {
        fs::write(folder.join(name), vec![letter; size]).expect("a file");
    }
}

fn switch(link: &Path, to: &str) {
    let new = link.with_extension("new");
    symlink(to, &new).expect("a link");
    fs::rename(&new, link).expect("renamed over the old one");
}

#[test]
fn every_answer_is_wholly_old_or_wholly_new() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let link = dir.path().join("current");
    write_site(&dir.path().join("a"), b'a');
    write_site(&dir.path().join("b"), b'b');
    switch(&link, "a");
    let server = Server::start_with(&[], |command| {
        command.arg("--root").arg(&link);
    });
    let end = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let (end, address) = (Arc::clone(&end), server.address);
            thread::spawn(move || {
                let mut client = Client::connect(address);
                let mut seen = [0_usize; 2];
                for turn in number.. {
                    if end.load(Ordering::Relaxed) {
                        break;
                    }
                    let (name, size) = FILES[turn % FILES.len()];
                    let fields = if turn % 7 == 0 { "Connection: close\r\n" } else { "" };
                    let answer = client.ask("GET", &format!("/{name}"), fields);
                    assert_eq!((answer.status, answer.body.len()), (200, size));
                    let letter = answer.body[0];
                    assert!(answer.body.iter().all(|byte| *byte == letter), "an answer of two sites");
                    seen[usize::from(letter - b'a')] += 1;
                    if !fields.is_empty() {
                        client = Client::connect(address);
                    }
                }
                seen
            })
        })
        .collect();
    let start = Instant::now();
    for to in ["b", "a"].into_iter().cycle() {
        if start.elapsed() >= TIME {
            break;
        }
        thread::sleep(Duration::from_secs(1));
        switch(&link, to);
    }
    end.store(true, Ordering::Relaxed);
    let mut seen = [0; 2];
    for client in clients {
        let of_client = client.join().expect("every answer was right");
        seen = [seen[0] + of_client[0], seen[1] + of_client[1]];
    }
    assert!(seen.iter().all(|number| *number > CLIENTS), "both sites were seen: {seen:?}");
}
