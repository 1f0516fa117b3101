//! debconf itself as the judge: what it says to a script, and the database that it writes.

use std::process::{Command, Stdio};

use crate::commands::{Script, Session};
use crate::configure::testing::{options, package, tree};
use crate::configure::{Context, debconf};

const TEMPLATES: &str = "\
Template: a/one
Type: boolean
Default: true
Description: One?

Template: a/two
Type: string
Description: Two ${who}?
 Long.

Template: a/three
Type: select
Choices: x, y, z
Default: y
Description: Three?

Template: a/four
Type: select
Choices: ${list}
Description: Four?

Template: a/note
Type: error
Description: Wrong.

Template: a/many
Type: multiselect
Choices: p, q
Default: q
Description: Many?
";

/// Each line is a verb with its words.
const VERBS: &str = "\
version 2.0
capb backup
title Hello there
get a/one
get a/none
set a/two hello  wide   world
get a/two
set a/none x
fget a/one seen
fset a/one seen true
fget a/one seen
input high a/one
input high a/none
input low a/three
input medium a/many
go
subst a/two who you and  me
metaget a/two description
metaget a/two extended_description
metaget a/two type
metaget a/three choices
metaget a/three default
metaget a/two default
metaget a/none type
metaget a/one owners
metaget a/one nonsense
subst a/four list p, q r, s
metaget a/four choices
input medium a/four
go
get a/four
register a/two a/five
get a/five
set a/five 5
get a/five
register a/none a/six
reset a/two
get a/two
unregister a/five
get a/five
set a/three w
input high a/three
get a/three
go
get a/three
register a/one a/seven
subst a/seven who me
fset a/seven seen true
fset a/seven own true
get
get a/one a/two
input a/one
beginblock
endblock
info a/one
";

/// Runs every verb and tells its status and answer.
fn script() -> String {
    let mut script = "#!/bin/sh\n. /usr/share/debconf/confmodule\n".to_owned();
    script.push_str("try() { s=0; \"$@\" || s=$?; echo \"$*: $s [$RET]\" >&2; }\n");
    for line in VERBS.lines() {
        script.push_str(&format!("try db_{line}\n"));
    }
    script
}

/// What debconf says, and its database.
fn theirs() -> (String, String) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let place = |name: &str| folder.path().join(name);
    let shown = folder.path().display();
    let settings = format!(
        "Config: config\nTemplates: templates\n\nName: config\nDriver: File\nFilename: {shown}/config.dat\n\n\
         Name: templates\nDriver: File\nFilename: {shown}/templates.dat\n"
    );
    std::fs::write(place("debconf.conf"), settings).expect("a fresh file");
    std::fs::write(place("templates"), TEMPLATES).expect("a fresh file");
    let loading = format!("db_x_loadtemplatefile {shown}/templates a\ntry() {{");
    std::fs::write(place("script"), script().replacen("try() {", &loading, 1)).expect("a fresh file");
    let output = Command::new("timeout")
        .args(["60", "/usr/share/debconf/frontend", "sh"])
        .arg(place("script"))
        .env("DEBCONF_SYSTEMRC", place("debconf.conf"))
        .envs([("DEBIAN_FRONTEND", "noninteractive"), ("DEBCONF_PACKAGE", "a"), ("LC_ALL", "C")])
        .stdin(Stdio::null())
        .output()
        .expect("debconf is on every Debian");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (said, std::fs::read_to_string(place("config.dat")).expect("its database"))
}

fn ours() -> (String, String) {
    let packages = [package("Package: a\nVersion: 1\nArchitecture: all\n", &[("templates", TEMPLATES)])];
    let (mut tree, options) = (tree(), options());
    let mut context = Context::new(&mut tree, &packages, &options);
    for program in ["usr/share/debconf/confmodule", "usr/share/debconf/frontend"] {
        context.write(program, "", context.file().with_mode(0o755)).expect("fresh");
    }
    let mut session = Session::new(&mut context, &packages[0]);
    let text = script();
    let script = Script { name: "postinst", text: text.as_bytes(), arguments: &[] };
    let outcome = session.run_script(&packages[0], script).expect("nothing is refused");
    debconf::write(&mut context).expect("written");
    let database = context.read("var/cache/debconf/config.dat").expect("written");
    (String::from_utf8(outcome.errors).expect("text"), database)
}

#[test]
fn debconf_says_and_keeps_the_same() {
    let (theirs, ours) = (theirs(), ours());
    assert_eq!(ours.0, theirs.0);
    // A template that nobody was asked about has no question in debconf's own database when it was loaded by hand.
    let database = |text: &str| {
        let mut records: Vec<String> = text.split("\n\n").map(|record| record.trim().to_owned()).collect();
        records.retain(|record| !record.is_empty());
        records.sort();
        records
    };
    assert_eq!(database(&ours.1), database(&theirs.1));
}
