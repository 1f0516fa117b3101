//! Scripts that nobody wrote, over every command there is: none panics, none goes on for ever, none reaches outside of the tree.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use super::judge::prepare;
use super::{Script, Session, table};
use crate::configure::Context;
use crate::configure::testing::{options, package};
use crate::tree::{Meta, Tree};

/// How many, unless `SCRIPTS` says otherwise; `SEED` chooses others.
const SCRIPTS: u32 = 3000;

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn word() -> impl Strategy<Value = String> {
    let known = [
        "-n",
        "-e",
        "-i",
        "-r",
        "-R",
        "-f",
        "-p",
        "-d",
        "-s",
        "-c",
        "-u",
        "-m",
        "-t",
        "-T",
        "-a",
        "-A",
        "-E",
        "-F:",
        "-k2",
        "-L",
        "-l",
        "-v",
        "-w",
        "-x",
        "-z",
        "-0",
        "-1",
        "-S",
        "-W",
        "--",
        "-",
        "--system",
        "--group",
        "--add",
        "--list",
        "--install",
        "--remove",
        "--rename",
        "--quiet",
        "a",
        "b",
        "f",
        "d",
        "d/e",
        "/",
        ".",
        "..",
        "l",
        "/etc/passwd",
        "/dev/null",
        "none",
        "''",
        "x=1",
        "1",
        "+1",
        "0",
        "644",
        "u+x,g-w",
        "root:root",
        "'s/a/b/g'",
        "'s/\\(a*\\)b/\\1/'",
        "'/a/,/b/d'",
        "'$!N;P;D'",
        "':a;ba'",
        "'{print $1}'",
        "'BEGIN{while(1)x=x \"a\"}'",
        "'{gsub(/a*/,\"&&\")}1'",
        "'[[:alpha:]]*'",
        "'\\('",
        "'a{2,1}'",
        "'[z-a]'",
        "'[^'",
        "a-z",
        "A-Z",
        "'[:upper:]'",
        "'%s\\n'",
        "'%d'",
        "'${Package}'",
        "{}",
        "\\;",
        "+",
        "-exec",
        "-name",
        "'*'",
        "-type",
        "-delete",
        "-perm",
        "-print",
        "-maxdepth",
        "enable",
        "is-enabled",
        "configure",
        "99999999999999999999",
        "2~3",
        "$(seq 9)",
        ">g",
        "<f",
        "2>&1",
    ];
    prop_oneof![30 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => "[ -~]{0,9}"]
}

fn script() -> impl Strategy<Value = String> {
    let names: Vec<&'static str> = table::names().filter(|name| !name.contains('*')).collect();
    let line = (prop::sample::select(names), prop::collection::vec(word(), 0..6));
    let line = line.prop_map(|(name, words)| format!("{name} {}", words.join(" ")));
    let joined = prop::sample::select(vec!["\n", " | ", " && ", " || ", "; "]);
    prop::collection::vec((line, joined), 1..4).prop_map(|lines| {
        let text: String = lines.iter().map(|(line, joined)| format!("{line}{joined}")).collect();
        text.trim_end_matches([' ', '|', '&', ';']).to_owned()
    })
}

#[test]
fn no_script_breaks_anything() {
    let cases = u32::try_from(number("SCRIPTS", SCRIPTS.into())).unwrap_or(u32::MAX);
    let config =
        Config { cases, rng_seed: RngSeed::Fixed(number("SEED", 1)), failure_persistence: None, ..Config::default() };
    let options = options();
    let packages = [package("Package: a\nVersion: 1\nArchitecture: all\n", &[])];
    let mut fresh = Tree::new(Meta::directory(0));
    let mut context = Context::new(&mut fresh, &packages, &options);
    prepare(&mut context).expect("a fresh tree");
    let ended = std::cell::Cell::new(0_u32);
    TestRunner::new(config)
        .run(&script(), |script| {
            let mut tree = fresh.clone();
            let mut context = Context::new(&mut tree, &packages, &options);
            let mut session = Session::new(&mut context, &packages[0]);
            let start = "cd /w; mkdir d d/e; echo a b >f; printf 'b\\na\\n' >a; ln -s a l\n";
            let text = format!("{start}{script}\n");
            let script = Script { name: "postinst", text: text.as_bytes(), arguments: &[] };
            // Whatever comes of it: it comes to an end.
            let outcome = session.run_script(&packages[0], script);
            ended.set(ended.get() + u32::from(outcome.is_ok()));
            for (path, _, _) in tree.iter() {
                let inside = path.components().all(|part| part != b".." && part != b"." && !part.is_empty());
                prop_assert!(inside, "{path}");
            }
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(ended.get() > cases / 10, "only {ended:?} of {cases} scripts are not refused");
}
