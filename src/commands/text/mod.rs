//! Programs that read text and write text: grep, sed and awk, and those of coreutils.
//!
//! Letters are bytes and sorted as bytes, as in the locale `C`.

mod awk;
mod columns;
mod compare;
mod expr;
mod grep;
mod names;
mod pattern;
mod sed;
mod sed_script;
mod sort;
mod sums;
#[cfg(test)]
mod tests;
mod whole;

use crate::shell::{Call, Text, WorldError};

use super::session::Session;
use super::table::Run;

pub(super) const COMMANDS: &[(&str, Run)] = &[
    ("awk", awk::awk),
    ("base64", whole::base64),
    ("basename", names::basename),
    ("cmp", compare::cmp),
    ("comm", compare::comm),
    ("cut", columns::cut),
    ("date", names::date),
    ("diff", compare::diff),
    ("dirname", names::dirname),
    ("expr", expr::expr),
    ("fgrep", grep::grep),
    ("grep", grep::grep),
    ("head", whole::head),
    ("mawk", awk::awk),
    ("md5sum", sums::md5sum),
    ("paste", columns::paste),
    ("sed", sed::sed),
    ("seq", names::seq),
    ("sha1sum", sums::sha1sum),
    ("sha256sum", sums::sha256sum),
    ("sha512sum", sums::sha512sum),
    ("sort", sort::sort),
    ("tac", whole::tac),
    ("tail", whole::tail),
    ("tee", whole::tee),
    ("tr", columns::tr),
    ("uniq", sort::uniq),
    ("wc", whole::wc),
];

/// The content of all files joined; of standard input, where there is none.
fn joined(session: &Session<'_, '_>, call: &mut Call<'_>, operands: &[Text]) -> Result<Text, WorldError> {
    if operands.is_empty() {
        return Ok((call.input)());
    }
    let mut content = Text::new();
    for operand in operands {
        content.extend(one(session, call, operand)?);
    }
    Ok(content)
}

/// The content of a file, or of standard input for `-`.
fn one(session: &Session<'_, '_>, call: &mut Call<'_>, operand: &[u8]) -> Result<Text, WorldError> {
    if operand == b"-" { Ok((call.input)()) } else { session.bytes(&Session::absolute(call.folder, operand)) }
}
