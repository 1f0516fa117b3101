//! find(1): a walk through folders in the order of names, which real folders do not have.
//!
//! Left out: times (`-mtime` and its like), as what is old depends on the day; regular expressions; `-ls`.

use crate::commands::answer::{Answer, refused, shown};
use crate::commands::arguments::text;
use crate::commands::session::Session;
use crate::shell::{Call, FileKind, Outcome, Status, Text, WorldError};

use super::find_test::{Depths, Reader, Test, is_met};
use super::{at, joined, last_part};

/// `find [-L] [PATH…] [EXPRESSION]`
pub(super) fn find(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let mut arguments = call.arguments;
    let mut follow = false;
    while let Some((first @ (b"-L" | b"-H" | b"-P"), rest)) =
        arguments.split_first().map(|(first, rest)| (first.as_slice(), rest))
    {
        follow = first == b"-L";
        arguments = rest;
    }
    let starts = arguments.iter().take_while(|word| !is_expression(word)).count();
    let (paths, expression) = arguments.split_at(starts);
    follow |= expression.iter().any(|word| word == b"-follow");
    let here = [b".".to_vec()];
    let paths = if paths.is_empty() { &here } else { paths };
    let depths = Depths { least: 0, most: usize::MAX, first_below: false };
    let mut reader = Reader { session, folder: call.folder, words: expression.iter(), depths };
    let mut test = reader.any()?;
    if reader.words.next().is_some() {
        return refused("`find` has a `)` too many");
    }
    let depths = reader.depths;
    if !test.acts() {
        test = Test::All(vec![test, Test::Print(b"\n")]);
    }
    if follow && test.deletes() {
        return refused("`find -L -delete` is not done here");
    }
    let mut walk =
        Walk { session, call, depths, follow, outcome: Outcome::default(), together: Vec::new(), quit: false };
    for path in paths {
        let absolute = at(walk.call, path);
        if walk.session.tells(&absolute, false)?.is_none() {
            let error = format!("find: ‘{}’: No such file or directory\n", shown(path));
            walk.outcome.errors.extend(error.into_bytes());
            walk.outcome.status = 1;
            continue;
        }
        walk.visit(path, &absolute, path, 0, &test)?;
    }
    walk.run_together()?;
    Ok(walk.outcome)
}

fn is_expression(word: &[u8]) -> bool {
    (word.starts_with(b"-") && word.len() > 1) || matches!(word, b"(" | b"!" | b")" | b",")
}

struct Walk<'w, 'c, 'a, 'l> {
    session: &'w mut Session<'c, 'a>,
    call: &'w mut Call<'l>,
    depths: Depths,
    follow: bool,
    outcome: Outcome,
    /// Commands that are run once for all files, with their files.
    together: Vec<(Vec<Text>, Vec<Text>)>,
    quit: bool,
}

impl Walk<'_, '_, '_, '_> {
    fn visit(
        &mut self,
        path: &[u8],
        absolute: &[u8],
        start: &[u8],
        depth: usize,
        test: &Test,
    ) -> Result<(), WorldError> {
        if depth > 1000 {
            return refused("`find` goes deeper than 1000 folders");
        }
        let status = match self.session.tells(absolute, self.follow)? {
            Some(status) => Some(status),
            None => self.session.tells(absolute, false)?,
        };
        // What an earlier file's command took away is no longer there.
        let Some(status) = status else { return Ok(()) };
        let judged = depth >= self.depths.least;
        let mut pruned = false;
        if judged && !self.depths.first_below {
            self.judge(test, path, absolute, start, &status, &mut pruned)?;
        }
        if status.kind == FileKind::Folder && depth < self.depths.most && !pruned && !self.quit {
            for name in self.session.names_in(absolute)? {
                self.visit(&joined(path, &name), &joined(absolute, &name), start, depth + 1, test)?;
                if self.quit {
                    return Ok(());
                }
            }
        }
        if judged && self.depths.first_below && !self.quit {
            self.judge(test, path, absolute, start, &status, &mut pruned)?;
        }
        Ok(())
    }

    fn judge(
        &mut self,
        test: &Test,
        path: &[u8],
        absolute: &[u8],
        start: &[u8],
        status: &Status,
        pruned: &mut bool,
    ) -> Result<bool, WorldError> {
        match test {
            Test::All(tests) => {
                for test in tests {
                    if self.quit || !self.judge(test, path, absolute, start, status, pruned)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Test::Any(tests) => {
                for test in tests {
                    if self.judge(test, path, absolute, start, status, pruned)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Test::Not(test) => Ok(!self.judge(test, path, absolute, start, status, pruned)?),
            Test::Prune => {
                *pruned = true;
                Ok(true)
            }
            Test::Quit => {
                self.quit = true;
                Ok(true)
            }
            Test::Print(end) => {
                self.outcome.output.extend_from_slice(path);
                self.outcome.output.extend_from_slice(end);
                Ok(true)
            }
            Test::Formatted(format) => {
                let line = formatted(format, path, start, status)?;
                self.outcome.output.extend(line);
                Ok(true)
            }
            Test::Delete => self.delete(path, absolute),
            Test::Run(words, true) => {
                match self.together.iter_mut().find(|(known, _)| known == words) {
                    Some((_, files)) => files.push(path.to_vec()),
                    None => self.together.push((words.clone(), vec![path.to_vec()])),
                }
                Ok(true)
            }
            Test::Run(words, false) => {
                let words: Vec<Text> = words.iter().map(|word| replaced(word, path)).collect();
                Ok(self.run(&words)? == 0)
            }
            test => is_met(self.session, test, path, absolute, status),
        }
    }

    fn delete(&mut self, path: &[u8], absolute: &[u8]) -> Result<bool, WorldError> {
        if last_part(path) == b"." {
            return Ok(true);
        }
        let place = self.session.place(absolute, false)?;
        if self.session.context.tree.children(&place).next().is_some() {
            let error = format!("find: cannot delete ‘{}’: Directory not empty\n", shown(path));
            self.outcome.errors.extend(error.into_bytes());
            self.outcome.status = 1;
            return Ok(false);
        }
        self.session.context.tree.remove(&place);
        Ok(true)
    }

    fn run_together(&mut self) -> Result<(), WorldError> {
        for (mut words, files) in std::mem::take(&mut self.together) {
            words.extend(files);
            if self.run(&words)? != 0 {
                self.outcome.status = 1;
            }
        }
        Ok(())
    }

    fn run(&mut self, words: &[Text]) -> Result<i32, WorldError> {
        let Some((name, arguments)) = words.split_first() else { return refused("`find -exec` runs nothing") };
        let Outcome { status, output, errors } =
            self.session.call(name, arguments, self.call.environment.clone(), self.call)?;
        self.outcome.output.extend(output);
        self.outcome.errors.extend(errors);
        Ok(status)
    }
}

/// A word with `{}` replaced by a file's name wherever it stands.
fn replaced(word: &[u8], path: &[u8]) -> Text {
    let mut text = Text::new();
    let mut rest = word;
    while let Some(at) = rest.windows(2).position(|pair| pair == b"{}") {
        text.extend_from_slice(&rest[..at]);
        text.extend_from_slice(path);
        rest = &rest[at + 2..];
    }
    text.extend_from_slice(rest);
    text
}

/// `-printf`: the directives that do not depend on the machine.
fn formatted(format: &[u8], path: &[u8], start: &[u8], status: &Status) -> Result<Text, WorldError> {
    let mut output = Text::new();
    let mut letters = text(format)?.into_bytes().into_iter();
    while let Some(letter) = letters.next() {
        match letter {
            b'\\' => match letters.next() {
                Some(b'n') => output.push(b'\n'),
                Some(b't') => output.push(b'\t'),
                Some(b'0') => output.push(0),
                Some(b'\\') => output.push(b'\\'),
                _ => return refused("`find -printf` knows only `\\n`, `\\t`, `\\0` and `\\\\` here"),
            },
            b'%' => match letters.next() {
                Some(b'p') => output.extend_from_slice(path),
                Some(b'f') => output.extend_from_slice(last_part(path)),
                Some(b'P') => {
                    let below = path.strip_prefix(start).unwrap_or(path);
                    output.extend_from_slice(below.strip_prefix(b"/").unwrap_or(below));
                }
                Some(b'h') => {
                    let end = path.len() - last_part(path).len();
                    let folder = path[..end].strip_suffix(b"/").unwrap_or(&path[..end]);
                    output.extend_from_slice(if folder.is_empty() { b"." } else { folder });
                }
                Some(b'm') => output.extend(format!("{:o}", status.mode).into_bytes()),
                Some(b's') => output.extend(status.size.to_string().into_bytes()),
                Some(b'U') => output.extend(status.uid.to_string().into_bytes()),
                Some(b'G') => output.extend(status.gid.to_string().into_bytes()),
                Some(b'%') => output.push(b'%'),
                other => {
                    return refused(format!("`find -printf` has no `%{}` here", char::from(other.unwrap_or(b' '))));
                }
            },
            letter => output.push(letter),
        }
    }
    Ok(output)
}
