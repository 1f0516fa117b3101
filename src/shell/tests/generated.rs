//! Scripts that nobody wrote.

use std::time::Instant;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use super::{dash, ours};

/// How many, unless `SNIPPETS` says otherwise.
const SNIPPETS: u32 = 800;

fn choose(list: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(list).prop_map(str::to_owned)
}

/// What a word may be made of.
fn piece(depth: u32) -> BoxedStrategy<String> {
    let plain = choose(&[
        "a", "b", "foo", "1", "0", "12", "-n", "x=y", "a.txt", "*", "?", "[ab]*", "f*", ".", "'a  b'", "''", "'*'",
        "\\*", "\\$x", "'$x'", "\\ ", "a\\b", "~x", "#", "a#b", "{", "=", "%", "\"a b\"", "\"\"",
    ]);
    let parameters = choose(&[
        "$x",
        "$y",
        "${x}",
        "\"$x\"",
        "\"${y}\"",
        "$1",
        "$2",
        "$#",
        "$?",
        "\"$*\"",
        "$*",
        "${#x}",
        "${#1}",
        "\"a${x}b\"",
        "$0",
        "$9",
        "\"\\$x\\\"\\\\\\`\\a\"",
        "\"'$x'\"",
    ]);
    let operations = (
        choose(&["x", "y", "none", "1", "3"]),
        choose(&["-", ":-", "+", ":+", "%", "%%", "#", "##"]),
        choose(&["", "a", "*", "?", "a*", "*b", "'a b'", "a b", "\"$y\"", "$y", "[a-f]", "\\*"]),
        any::<bool>(),
    )
        .prop_map(|(name, operation, word, quoted)| {
            let text = format!("${{{name}{operation}{word}}}");
            if quoted { format!("\"{text}\"") } else { text }
        });
    let arithmetic = (
        choose(&["x", "1", "2", "07", "0x1F", "none", "-3", "(1+2)", "!0", "~2"]),
        choose(&["+", "-", "*", "<<", "<", "==", "&&", "||", "|", "&", "^", "?4:", ">=", "!="]),
        choose(&["2", "3", "0", "1", "(4-1)", "10"]),
    )
        .prop_map(|(left, operator, right)| format!("$(({left}{operator}{right}))"));
    let flat = prop_oneof![4 => plain, 4 => parameters, 3 => operations, 1 => arithmetic];
    if depth == 0 {
        return flat.boxed();
    }
    let substitution = (command(depth - 1), 0..3).prop_map(|(command, form)| match form {
        0 => format!("$({command})"),
        1 => format!("\"$({command})\""),
        // Backquotes inside of backquotes would need more backslashes.
        _ if command.contains(['`', '\\', '"']) => format!("$( {command} )"),
        _ => format!("`{command}`"),
    });
    prop_oneof![8 => flat, 1 => substitution].boxed()
}

fn word(depth: u32) -> BoxedStrategy<String> {
    prop::collection::vec(piece(depth), 1..3).prop_map(|pieces| pieces.concat()).boxed()
}

fn words(depth: u32) -> impl Strategy<Value = String> {
    // What follows `"$@"` in one word is not split by dash, which is a mistake of its own.
    let word = prop_oneof![12 => word(depth), 1 => choose(&["\"$@\"", "$@", "a\"$@\""])];
    prop::collection::vec(word, 0..4).prop_map(|words| words.join(" "))
}

fn simple(depth: u32) -> BoxedStrategy<String> {
    let with_words = (
        choose(&[
            "echo",
            "printf '[%s]'",
            "set --",
            "printf '%s|%5.2s\\n'",
            "echo -n",
            ": ",
            "cat 2>/dev/null --",
            "f",
            "eval echo",
        ]),
        words(depth),
        choose(&["", "", "", "", " >f1", " >>f1", " <f1", " 2>/dev/null", " >&2", " </dev/null"]),
    )
        .prop_map(|(name, words, redirection)| {
            // What cat reads must not be what it writes.
            let redirection = if name.starts_with("cat") { "" } else { &redirection };
            format!("{name} {words}{redirection}")
        });
    let assignment = (choose(&["x", "y", "z", "IFS"]), word(depth), choose(&["", "", " echo $x", " f a"])).prop_map(
        |(name, word, command)| format!("{name}={}{command}", if name == "IFS" { ":".to_owned() } else { word }),
    );
    let test = (word(depth), choose(&["=", "!=", "-eq", "-lt"]), word(depth), any::<bool>()).prop_map(
        |(left, operator, right, brackets)| {
            if brackets { format!("[ {left} {operator} {right} ]") } else { format!("test {left} {operator} {right}") }
        },
    );
    let fixed = choose(&[
        "true",
        "false",
        "shift",
        "unset x",
        "export y",
        "break",
        "continue",
        "break 2",
        "return",
        "return 3",
        "exit 5",
        "set -e",
        "set +e",
        "set -f",
        "set +f",
        "set -u",
        "read -r x y <f1",
        "read -r y",
        "unset IFS",
        "trap 'echo bye $x' EXIT",
        "trap - EXIT",
        "x=$y",
        "[ -e f1 ]",
        "[ -n \"$x\" ]",
        "[ -z $y ]",
        "eval 'x=e'",
        "command -v echo",
        "getopts ab: x",
        "umask",
        "readonly z",
        "cat f0 f1 2>/dev/null",
        ". ./f1",
    ]);
    prop_oneof![6 => with_words, 3 => assignment, 2 => test, 5 => fixed].boxed()
}

fn command(depth: u32) -> BoxedStrategy<String> {
    if depth == 0 {
        return simple(0);
    }
    let inner = || list(depth - 1);
    let compound = prop_oneof![
        (inner(), inner()).prop_map(|(condition, body)| format!("if {condition}; then {body}; fi")),
        (inner(), inner(), inner()).prop_map(|(one, two, three)| format!("if {one}; then {two}; else {three}; fi")),
        (words(1), inner()).prop_map(|(words, body)| format!("for i in {words}; do {body}; done")),
        inner().prop_map(|body| format!("for i; do {body}; done")),
        inner().prop_map(|body| format!("k=0; while [ $k -lt 3 ]; do k=$((k+1)); {body}; done")),
        inner().prop_map(|body| format!("k=0; until [ $k -ge 2 ]; do k=$((k+1)); {body}; done")),
        (word(1), word(0), inner(), inner())
            .prop_map(|(word, pattern, one, two)| format!("case {word} in {pattern}|q) {one};; *) {two};; esac")),
        inner().prop_map(|body| format!("{{ {body}; }}")),
        inner().prop_map(|body| format!("({body})")),
        // Both run at once under dash: what comes of both must not depend on who is first.
        (
            inner(),
            choose(&[
                "cat",
                "{ read -r x; echo \"[$x]\"; cat; }",
                "while read -r l; do echo \"[$l]\"; done",
                "{ cat; f; }"
            ])
        )
            .prop_map(|(one, two)| format!("{{ {one}; }} | {two}")),
        inner().prop_map(|body| format!("! {{ {body}; }}")),
        inner().prop_map(|body| format!("{{ {body}; }} >.f2 2>/dev/null")),
        inner().prop_map(|body| format!("while read -r l; do {body}; done <f0")),
        (inner(), words(0)).prop_map(|(body, words)| format!("cat <<E\n{words} $({body})\nE\n:")),
    ];
    let function = list(0).prop_map(|body| {
        format!("f() {{ local x; local y=l; {body}; }}").replace("f ", "echo ").replace("eval echo", "echo")
    });
    prop_oneof![4 => simple(depth), 4 => compound, 1 => function].boxed()
}

fn list(depth: u32) -> BoxedStrategy<String> {
    let connector = choose(&["; ", "; ", "; ", "\n", " && ", " || "]);
    (command(depth), prop::collection::vec((connector, command(depth)), 0..3))
        .prop_map(|(first, rest)| rest.into_iter().fold(first, |list, (connector, next)| list + &connector + &next))
        .boxed()
}

#[test]
fn dash_and_we_agree_on_scripts_that_nobody_wrote() {
    let cases = std::env::var("SNIPPETS").map_or(SNIPPETS, |number| number.parse().expect("SNIPPETS is a number"));
    let rng_seed =
        std::env::var("SEED").map_or(RngSeed::Fixed(7), |seed| RngSeed::Fixed(seed.parse().expect("SEED is a number")));
    let config = Config { cases, rng_seed, failure_persistence: None, max_shrink_iters: 400, ..Config::default() };
    let mut runner = TestRunner::new(config);
    let begun = Instant::now();
    let result = runner.run(&list(2), |script| {
        let script = format!("x='v w'; y=ab; echo 'l1 a\nl2' >f1; cat f1 >f0\n{script}\necho \"$? $x $y $#\"");
        let Some(judge) = dash(&script) else { return Ok(()) };
        prop_assert_eq!(ours(&script), Ok(judge), "ours and dash's, of:\n{}", script);
        Ok(())
    });
    println!("{cases} scripts in {:?}", begun.elapsed());
    if let Err(error) = result {
        panic!("{error}");
    }
}
