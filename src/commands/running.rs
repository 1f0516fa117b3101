//! Programs that ask what runs and what is mounted, and those that run others with other rights. Nothing runs in a build, and
//! of file systems only those are mounted that a system brings up before any package (`/proc`, `/sys`, `/dev`, `/run`).

use crate::shell::{Call, Text};

use super::answer::{Answer, done, refused, says, shown, status};
use super::arguments::{parse, parse_leading};
use super::session::Session;
use super::table::Run;

pub(super) const COMMANDS: &[(&str, Run)] = &[
    ("aa-enabled", finds_none),
    ("aa-status", finds_none),
    ("df", df),
    ("findmnt", finds_none),
    ("gzip", gzip),
    ("mountpoint", mountpoint),
    ("perl", perl),
    ("pgrep", finds_none),
    ("pidof", finds_none),
    ("python3", python),
    ("python3.13", python),
    ("setpriv", setpriv),
    ("tput", finds_none),
    ("uname", uname),
];

/// What is looked for is not there.
fn finds_none(_: &mut Session<'_, '_>, _: &mut Call<'_>) -> Answer {
    status(1)
}

/// `mountpoint [-q] FOLDER`
fn mountpoint(_: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["q|quiet"])?;
    let [folder] = given.operands.as_slice() else { return refused("`mountpoint` takes one folder") };
    let path = Session::absolute(call.folder, folder);
    let path = path.strip_suffix(b"/").unwrap_or(&path);
    status(if matches!(path, b"" | b"/proc" | b"/sys" | b"/dev" | b"/run") { 0 } else { 32 })
}

/// `uname [-m|-s]`: of the board's processor and Linux. Its release is that of a kernel that does not run yet.
fn uname(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["m|machine", "s|kernel-name", "o|operating-system"])?;
    let machine = match session.context.options.architecture.name() {
        "arm64" => "aarch64",
        "armhf" => "armv7l",
        _ => "armv6l",
    };
    match given.options.as_slice() {
        [] | [("s", _)] => says("Linux\n"),
        [("m", _)] => says(format!("{machine}\n")),
        [("o", _)] => says("GNU/Linux\n"),
        _ => refused("`uname` tells one thing at once here"),
    }
}

/// Python with its own compiler, which only makes the first start of a program faster.
fn python(_: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let mut words =
        call.arguments.iter().filter(|word| !matches!(word.as_slice(), b"-E" | b"-S" | b"-I" | b"-B" | b"-s"));
    match words.next() {
        Some(script) if script.ends_with(b"/py_compile.py") || script.ends_with(b"/compileall.py") => done(),
        _ => refused(format!("`{}` runs a program in Python, which no build does", shown(call.name))),
    }
}

/// `perl -e ""`, by which scripts ask whether there is Perl.
fn perl(_: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    match call.arguments {
        [option, program] if option == b"-e" && matches!(program.as_slice(), b"" | b"1" | b"exit") => done(),
        _ => refused(format!("`{}` runs a program in Perl, which no build does", shown(call.name))),
    }
}

/// `df --output=avail FOLDER`: the root file system grows to the card at the first boot, and has a GiB free on any card of today.
fn df(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    const FREE_KIB: u32 = 1 << 20;
    let given = parse(call, &["output=", "P|portability", "k"])?;
    let [folder] = given.operands.as_slice() else { return refused("`df` takes one folder here") };
    if given.value("output") != Some(b"avail") {
        return refused("`df` tells only what is free here (`--output=avail`)");
    }
    session.place(&Session::absolute(call.folder, folder), true)?;
    says(format!("{:>7}\n{FREE_KIB:>7}\n", "Avail"))
}

/// `setpriv … PROGRAM`, for programs that leave nothing behind.
fn setpriv(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse_leading(call, &["reuid=", "regid=", "init-groups", "clear-groups", "inh-caps=", "no-new-privs"])?;
    let program = given.operands.first().and_then(|name| session.find_program(name, call.folder));
    match program.is_some_and(|path| super::table::leaves_nothing(&path)) {
        true => done(),
        false => refused("`setpriv` runs programs with other rights, whose files would have another owner"),
    }
}

/// `gzip -d [-c] [FILE]`
fn gzip(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["d|decompress", "c|stdout", "q|quiet", "f|force"])?;
    if !given.has("d") || !(given.has("c") || given.operands.is_empty()) || given.operands.len() > 1 {
        return refused("`gzip` only unpacks to its output here");
    }
    let packed = match given.operands.first() {
        Some(file) if file != b"-" => session.bytes(&Session::absolute(call.folder, file))?,
        _ => (call.input)(),
    };
    let mut content = Text::new();
    // A small file may hold more than there is room for.
    let limit = 64 << 20;
    let mut reader = std::io::Read::take(flate2::read::MultiGzDecoder::new(packed.as_slice()), limit + 1);
    match std::io::Read::read_to_end(&mut reader, &mut content) {
        Ok(read) if u64::try_from(read).is_ok_and(|read| read > limit) => refused("`gzip` unpacks more than 64 MiB"),
        Ok(_) => says(content),
        Err(_) => super::answer::failed("not in gzip format"),
    }
}
