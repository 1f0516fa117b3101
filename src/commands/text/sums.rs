//! md5sum, sha1sum, sha256sum and sha512sum.

use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use crate::commands::answer::{Answer, refused, shown};
use crate::commands::arguments::{Given, parse};
use crate::commands::session::Session;
use crate::shell::{Call, Outcome, WorldError};

use super::one;
use super::pattern::lines;

pub(super) fn md5sum(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    sums(session, call, |content| hex::encode(Md5::digest(content)))
}

pub(super) fn sha1sum(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    sums(session, call, |content| hex::encode(Sha1::digest(content)))
}

pub(super) fn sha256sum(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    sums(session, call, |content| hex::encode(Sha256::digest(content)))
}

pub(super) fn sha512sum(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    sums(session, call, |content| hex::encode(Sha512::digest(content)))
}

fn sums(session: &Session<'_, '_>, call: &mut Call<'_>, sum: fn(&[u8]) -> String) -> Answer {
    let given =
        parse(call, &["b|binary", "t|text", "c|check", "status", "quiet", "w|warn", "strict", "ignore-missing"])?;
    let operands = if given.operands.is_empty() { vec![b"-".to_vec()] } else { given.operands.clone() };
    let mut outcome = Outcome::default();
    for operand in &operands {
        let content = match one(session, call, operand) {
            Ok(content) => content,
            Err(WorldError::Failed(reason)) => {
                outcome.errors.extend(format!("{}: {reason}\n", shown(call.name)).into_bytes());
                outcome.status = 1;
                continue;
            }
            Err(error) => return Err(error),
        };
        if given.has("c") {
            check(session, call, &given, &content, sum, &mut outcome)?;
            continue;
        }
        let mark = if given.has("b") { '*' } else { ' ' };
        outcome.output.extend(format!("{} {mark}", sum(&content)).into_bytes());
        outcome.output.extend_from_slice(operand);
        outcome.output.push(b'\n');
    }
    Ok(outcome)
}

fn check(
    session: &Session<'_, '_>,
    call: &mut Call<'_>,
    given: &Given,
    list: &[u8],
    sum: fn(&[u8]) -> String,
    outcome: &mut Outcome,
) -> Result<(), WorldError> {
    for line in lines(list) {
        let Some(at) = line.iter().position(|byte| *byte == b' ').filter(|at| line.len() > at + 2) else {
            return refused(format!("`{}` is no line of sums", shown(line)));
        };
        let (wanted, file) = (shown(&line[..at]), &line[at + 2..]);
        let (word, good) = match one(session, call, file) {
            Ok(content) if sum(&content).eq_ignore_ascii_case(&wanted) => ("OK", true),
            Ok(_) => ("FAILED", false),
            Err(WorldError::Failed(_)) if given.has("ignore-missing") => continue,
            Err(WorldError::Failed(_)) => ("FAILED open or read", false),
            Err(error) => return Err(error),
        };
        if !good {
            outcome.status = 1;
        }
        if !(given.has("status") || given.has("quiet") && good) {
            outcome.output.extend_from_slice(file);
            outcome.output.extend(format!(": {word}\n").into_bytes());
        }
    }
    Ok(())
}
