//! Redirections (POSIX.1-2024, XCU 2.7).

use std::rc::Rc;

use super::flow::Flow;
use super::interpreter::Shell;
use super::streams::{self, Open, Stream};
use super::syntax::{Redirection, RedirectionKind, Target};
use super::world::{FileKind, WorldError};

impl Shell<'_> {
    /// Makes the redirections of a command. Says whether all could be made; why not was written to standard error.
    pub(super) fn redirect(&mut self, redirections: &[Redirection]) -> Result<bool, Flow> {
        for redirection in redirections {
            let word = match &redirection.target {
                Target::HereDocument { body, .. } => {
                    let parts = body.get().map_or([].as_slice(), |word| &word.parts);
                    let text = match self.text(parts) {
                        // What cannot be expanded is a redirection that cannot be made.
                        Err(Flow::Exit(_)) => return Ok(false),
                        text => text?,
                    };
                    self.state.streams.0.insert(redirection.descriptor, streams::input(text));
                    continue;
                }
                Target::Word(word) => self.text(&word.parts)?,
            };
            match self.opened(redirection.kind, &word)? {
                Ok(Some(stream)) => self.state.streams.0.insert(redirection.descriptor, stream),
                Ok(None) => self.state.streams.0.remove(&redirection.descriptor),
                Err(reason) => {
                    self.complain(&reason)?;
                    return Ok(false);
                }
            };
        }
        Ok(true)
    }

    /// The stream that is meant, none for one that is to be closed; or why there is none.
    fn opened(&mut self, kind: RedirectionKind, word: &[u8]) -> Result<Result<Option<Stream>, String>, Flow> {
        let shown = String::from_utf8_lossy(word).into_owned();
        if matches!(kind, RedirectionKind::Duplicate { .. }) {
            if word == b"-" {
                return Ok(Ok(None));
            }
            let number = std::str::from_utf8(word).ok().and_then(|digits| digits.parse().ok());
            let Some(number) = number else { return self.fails(&format!("{shown}: Bad fd number")) };
            return Ok(match self.state.streams.get(number) {
                Some(stream) => Ok(Some(Rc::clone(stream))),
                None => Err(format!("{shown}: Bad file descriptor")),
            });
        }
        let of_descriptor = |number: u32| self.state.streams.get(number).cloned();
        match word {
            b"/dev/null" => return Ok(Ok(Some(streams::stream(Open::Nothing)))),
            b"/dev/stdin" | b"/dev/fd/0" => return Ok(Ok(of_descriptor(0))),
            b"/dev/stdout" | b"/dev/fd/1" => return Ok(Ok(of_descriptor(1))),
            b"/dev/stderr" | b"/dev/fd/2" => return Ok(Ok(of_descriptor(2))),
            _ => {}
        }
        let path = self.state.absolute(word);
        let made = match kind {
            RedirectionKind::Read => match self.world.read(&path) {
                Ok(content) => {
                    self.spend_bytes(content.len())?;
                    return Ok(Ok(Some(streams::input(content))));
                }
                Err(error) => Err(error),
            },
            RedirectionKind::Write { clobber } => {
                let stands = self.status(word, true)?.is_some_and(|status| status.kind == FileKind::File);
                if stands && self.state.options.noclobber && !clobber {
                    return Ok(Err(format!("cannot create {shown}: File exists")));
                }
                self.world.write(&path, b"", false, self.state.umask)
            }
            RedirectionKind::Append => self.world.write(&path, b"", true, self.state.umask),
            RedirectionKind::ReadWrite => return self.stop("`<>` is not understood"),
            RedirectionKind::Duplicate { .. } | RedirectionKind::HereDocument { .. } => return Ok(Ok(None)),
        };
        match made {
            Ok(()) => Ok(Ok(Some(streams::stream(Open::File(path))))),
            Err(WorldError::Failed(reason)) => {
                let verb = if kind == RedirectionKind::Read { "open" } else { "create" };
                Ok(Err(format!("cannot {verb} {shown}: {reason}")))
            }
            Err(WorldError::Refused(reason)) => self.stop(&reason),
        }
    }

    /// Writes to a descriptor. One that is closed takes nothing, and says so.
    pub(super) fn write(&mut self, descriptor: u32, bytes: &[u8]) -> Result<bool, Flow> {
        let Some(stream) = self.state.streams.get(descriptor).cloned() else { return Ok(false) };
        self.spend_bytes(bytes.len())?;
        let path = match &mut *stream.borrow_mut() {
            Open::Output(output) => {
                if output.len() + bytes.len() > self.limits.bytes {
                    return self.stop(&format!("the script writes more than {} bytes", self.limits.bytes));
                }
                output.extend_from_slice(bytes);
                return Ok(true);
            }
            Open::Nothing => return Ok(true),
            Open::Input { .. } => return Ok(false),
            Open::File(path) => path.clone(),
        };
        if bytes.is_empty() {
            return Ok(true);
        }
        match self.world.write(&path, bytes, true, self.state.umask) {
            Ok(()) => Ok(true),
            Err(WorldError::Failed(_)) => Ok(false),
            Err(WorldError::Refused(reason)) => self.stop(&reason),
        }
    }

    /// Writes a message to standard error.
    pub(super) fn complain(&mut self, reason: &str) -> Result<(), Flow> {
        let mut message = self.state.name.clone();
        message.extend_from_slice(format!(": {}: {reason}\n", self.state.line).as_bytes());
        self.write(2, &message)?;
        Ok(())
    }
}
