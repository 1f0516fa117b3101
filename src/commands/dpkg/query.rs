//! dpkg(1), dpkg-query(1) and dpkg-trigger(1).

use crate::commands::answer::{Answer, done, failed, refused, says, shown, status, whether};
use crate::commands::arguments::{parse, text};
use crate::commands::session::Session;
use crate::shell::{Call, Outcome, Text, WorldError};
use crate::tree::pattern::{Backslash, matches};
use crate::unpack::Package;

use super::versions;

/// What dpkg is asked for.
const QUERIES: [&str; 8] = ["L", "l", "s", "S", "W", "print-architecture", "compare-versions", "control-path"];

pub(super) fn dpkg(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let words: Vec<Text> = call.arguments.iter().filter(|word| word.as_slice() != b"--").cloned().collect();
    let first = words.first().map(Vec::as_slice).unwrap_or_default();
    match (first, words.as_slice()) {
        (b"--compare-versions", [_, one, relation, other]) => {
            let (one, relation, other) = (text(one)?, text(relation)?, text(other)?);
            match versions::compare(&one, &relation, &other) {
                Some(holds) => whether(holds),
                None => refused(format!("`dpkg --compare-versions` has no relation `{relation}`")),
            }
        }
        (b"--compare-versions", [_, one, relation]) => {
            let relation = text(relation)?;
            match versions::compare(&text(one)?, &relation, "") {
                Some(holds) => whether(holds),
                None => refused(format!("`dpkg --compare-versions` has no relation `{relation}`")),
            }
        }
        (b"--print-architecture", [_]) => says(format!("{}\n", session.context.options.architecture)),
        (b"--print-foreign-architectures", [_]) => done(),
        (assertion, [_]) if assertion.starts_with(b"--assert-") => done(),
        (kind, [_, _]) if kind.starts_with(b"--validate-") => done(),
        _ => dpkg_query(session, call),
    }
}

/// `dpkg-query -W [-f FORMAT] [PATTERN…]`, `-L PACKAGE…`, `-s PACKAGE…`, `-S PATTERN…`, `-l PATTERN…`
pub(super) fn dpkg_query(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let known = [
        "W|show",
        "L|listfiles",
        "s|status",
        "S|search",
        "l|list",
        "control-path|c",
        "f|showformat=",
        "no-pager",
        "admindir=",
        "root=",
    ];
    let given = parse(call, &known)?;
    let asked = QUERIES.iter().find(|query| given.has(query)).copied();
    let names: Vec<String> = given.operands.iter().map(|name| text(name)).collect::<Result<_, _>>()?;
    match asked {
        Some("W") => {
            let format = given.text("f")?.unwrap_or_else(|| "${binary:Package}\\t${Version}\\n".to_owned());
            show(session, &names, &format)
        }
        Some("L") => list_files(session, &names),
        Some("s") => tell_status(session, &names),
        Some("S") => search(session, &names),
        Some("l") => list(session, &names),
        Some("control-path") => control_path(session, &names),
        _ => refused(format!("`{}` is asked for nothing that is answered here", shown(call.name))),
    }
}

/// "install ok installed"
fn state(session: &Session<'_, '_>, package: &Package) -> &'static str {
    if session.configured.contains(package.name()) {
        "install ok installed"
    } else if session.package.name() == package.name() && !session.unpacks {
        "install ok half-configured"
    } else if session.package.name() == package.name() {
        "install reinstreq half-installed"
    } else {
        "install ok unpacked"
    }
}

fn find<'a>(session: &Session<'_, 'a>, pattern: &str) -> Vec<&'a Package> {
    let name = pattern.split(':').next().unwrap_or(pattern);
    let is_meant = |package: &&Package| matches(name.as_bytes(), package.name().as_bytes(), Backslash::Escapes);
    session.context.packages.iter().filter(is_meant).collect()
}

fn show(session: &Session<'_, '_>, patterns: &[String], format: &str) -> Answer {
    let mut outcome = Outcome::default();
    let all = ["*".to_owned()];
    let patterns = if patterns.is_empty() { &all } else { patterns };
    for pattern in patterns {
        let packages = find(session, pattern);
        if packages.is_empty() {
            outcome.errors.extend(format!("dpkg-query: no packages found matching {pattern}\n").into_bytes());
            outcome.status = 1;
        }
        for package in packages {
            outcome.output.extend(formatted(session, package, format)?);
        }
    }
    Ok(outcome)
}

/// A format of dpkg-query(1): `${field;width}` and backslashes.
fn formatted(session: &Session<'_, '_>, package: &Package, format: &str) -> Result<Text, WorldError> {
    let mut output = String::new();
    let mut rest = format;
    while let Some(letter) = rest.chars().next() {
        if let Some(field) = rest.strip_prefix("${") {
            let Some(end) = field.find('}') else { return refused(format!("`{format}` lacks a `}}`")) };
            let (name, width) =
                field[..end].split_once(';').map_or((&field[..end], None), |(name, width)| (name, Some(width)));
            let value = field_value(session, package, name)?;
            match width.map(str::parse::<isize>) {
                None => output.push_str(&value),
                Some(Ok(width)) if width < 0 => output.push_str(&format!("{value:<0$.0$}", width.unsigned_abs())),
                Some(Ok(width)) => output.push_str(&format!("{value:>0$.0$}", width.unsigned_abs())),
                Some(Err(_)) => return refused(format!("`{format}` has a width that is no number")),
            }
            rest = &field[end + 1..];
            continue;
        }
        let (letter, length) = match rest.as_bytes() {
            [b'\\', b'n', ..] => ('\n', 2),
            [b'\\', b't', ..] => ('\t', 2),
            [b'\\', b'\\', ..] => ('\\', 2),
            _ => (letter, letter.len_utf8()),
        };
        output.push(letter);
        rest = &rest[length..];
    }
    Ok(output.into_bytes())
}

fn field_value(session: &Session<'_, '_>, package: &Package, name: &str) -> Result<String, WorldError> {
    let state = state(session, package);
    let mut words = state.split(' ');
    Ok(match name.to_ascii_lowercase().as_str() {
        "status" => state.to_owned(),
        "db:status-want" => words.next().unwrap_or_default().to_owned(),
        "db:status-eflag" => words.nth(1).unwrap_or_default().to_owned(),
        "db:status-status" => words.nth(2).unwrap_or_default().to_owned(),
        "db:status-abbrev" => {
            if state.ends_with(" installed") {
                "ii ".to_owned()
            } else {
                "iU ".to_owned()
            }
        }
        "binary:package" => package.info_name(),
        "binary:summary" => {
            package.control.get("Description").unwrap_or_default().lines().next().unwrap_or_default().to_owned()
        }
        "source:package" => {
            let source = package.control.get("Source").and_then(|source| source.split(' ').next());
            source.unwrap_or(package.name()).to_owned()
        }
        "source:version" => package.version().to_owned(),
        "conffiles" => package.conffiles().iter().map(|conffile| format!("\n {conffile}")).collect(),
        field if field.contains(':') => return refused(format!("dpkg-query's `${{{name}}}` is not known here")),
        // A field that a package does not have is empty.
        _ => package.control.get(name).unwrap_or_default().to_owned(),
    })
}

fn list_files(session: &Session<'_, '_>, names: &[String]) -> Answer {
    let mut outcome = Outcome::default();
    for name in names {
        let packages = find(session, name);
        if packages.is_empty() {
            outcome.errors.extend(format!("dpkg-query: package '{name}' is not installed\n").into_bytes());
            outcome.status = 1;
        }
        packages.iter().for_each(|package| outcome.output.extend(package.list()));
    }
    Ok(outcome)
}

fn tell_status(session: &Session<'_, '_>, names: &[String]) -> Answer {
    let mut outcome = Outcome::default();
    for name in names {
        let packages = find(session, name);
        if packages.is_empty() {
            let error = format!("dpkg-query: package '{name}' is not installed and no information is available\n");
            outcome.errors.extend(error.into_bytes());
            outcome.status = 1;
        }
        for package in packages {
            let mut text = format!("Package: {}\nStatus: {}\n", package.name(), state(session, package));
            for (field, value) in package.control.iter().filter(|(field, _)| *field != "Package") {
                text.push_str(&format!("{field}: {value}\n"));
            }
            text.push('\n');
            outcome.output.extend(text.into_bytes());
        }
    }
    Ok(outcome)
}

/// Which packages have a file: by its path, or by a pattern or a part of it.
fn search(session: &Session<'_, '_>, patterns: &[String]) -> Answer {
    let mut outcome = Outcome::default();
    for pattern in patterns {
        let wildcard = pattern.contains(['*', '?', '[']);
        let pattern_text =
            if pattern.starts_with(['/', '*', '?', '[']) { pattern.clone() } else { format!("*{pattern}*") };
        let exact = pattern.starts_with('/') && !wildcard;
        let mut found: Vec<(String, Vec<&str>)> = Vec::new();
        for package in session.context.packages {
            for path in &package.files {
                let path = format!("/{path}");
                let is_meant = match exact {
                    true => path == *pattern,
                    false => matches(pattern_text.as_bytes(), path.as_bytes(), Backslash::Escapes),
                };
                if is_meant {
                    match found.iter_mut().find(|(known, _)| *known == path) {
                        Some((_, owners)) => owners.push(package.name()),
                        None => found.push((path, vec![package.name()])),
                    }
                }
            }
        }
        if found.is_empty() {
            outcome.errors.extend(format!("dpkg-query: no path found matching pattern {pattern}\n").into_bytes());
            outcome.status = 1;
        }
        for (path, owners) in found {
            outcome.output.extend(format!("{}: {path}\n", owners.join(", ")).into_bytes());
        }
    }
    Ok(outcome)
}

/// The lines of `dpkg -l` that scripts look at: state, name, version, architecture.
fn list(session: &Session<'_, '_>, patterns: &[String]) -> Answer {
    let mut outcome = Outcome::default();
    for pattern in patterns {
        let packages = find(session, pattern);
        if packages.is_empty() {
            outcome.errors.extend(format!("dpkg-query: no packages found matching {pattern}\n").into_bytes());
            outcome.status = 1;
        }
        for package in packages {
            let state = if state(session, package).ends_with(" installed") { "ii" } else { "iU" };
            let summary = field_value(session, package, "binary:summary")?;
            let line = format!(
                "{state}  {} {} {} {summary}\n",
                package.info_name(),
                package.version(),
                package.architecture()
            );
            outcome.output.extend(line.into_bytes());
        }
    }
    Ok(outcome)
}

fn control_path(session: &Session<'_, '_>, words: &[String]) -> Answer {
    let Some((name, kinds)) = words.split_first() else { return refused("`--control-path` takes a package") };
    let Some(package) = find(session, name).into_iter().next() else {
        return failed(format!("package '{name}' is not installed"));
    };
    let mut output = String::new();
    for kind in package.control_files.keys().filter(|kind| kinds.is_empty() || kinds.contains(kind)) {
        output.push_str(&format!("/var/lib/dpkg/info/{}.{kind}\n", package.info_name()));
    }
    says(output)
}

/// `dpkg-trigger [--no-await] [--by-package=PACKAGE] TRIGGER`, `dpkg-trigger --check-supported`
pub(super) fn trigger(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["no-await", "await", "by-package=", "check-supported", "no-act", "admindir="])?;
    if given.has("check-supported") {
        return status(0);
    }
    let [trigger] = given.operands.as_slice() else { return refused("`dpkg-trigger` takes one trigger") };
    if !given.has("no-act") {
        session.activated.push(text(trigger)?);
    }
    done()
}

/// `dpkg-realpath FILE`: where a path leads to inside of the system.
pub(super) fn dpkg_realpath(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["z|zero", "root="])?;
    let [file] = given.operands.as_slice() else { return refused("`dpkg-realpath` takes one file") };
    let place = session.new_place(&Session::absolute(call.folder, file), true)?;
    says(format!("/{place}{}", if given.has("z") { '\0' } else { '\n' }))
}
