//! sed(1) as GNU has it. Left out: files that a script writes to, commands that it runs, and `l`.

use crate::commands::answer::{Answer, refused, shown};
use crate::commands::arguments::parse;
use crate::commands::session::Session;
use crate::shell::{Call, Outcome, Text, WorldError};
use crate::tree::{Kind, Node};

use super::pattern::{Pattern, push_line};
use super::sed_script::{Action, Address, Command, Jump, Piece, read};

/// Commands that a script may run before it is taken for one that never ends.
const STEPS: usize = 5_000_000;

/// `sed [-nEsz] [-i[SUFFIX]] [-e SCRIPT]… [-f FILE]… [SCRIPT] [FILE…]`
pub(super) fn sed(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let known = [
        "n|quiet|silent",
        "E|r|regexp-extended",
        "s|separate",
        "u|unbuffered",
        "posix",
        "follow-symlinks",
        "i|in-place=?",
        "e|expression=",
        "f|file=",
        "sandbox",
        "debug",
    ];
    let given = parse(call, &known)?;
    let mut script = Text::new();
    let mut operands = given.operands.clone();
    for (option, value) in &given.options {
        match (*option, value) {
            ("e", Some(text)) => push_line(&mut script, text),
            ("f", Some(file)) => script.extend(session.bytes(&Session::absolute(call.folder, file))?),
            _ => {}
        }
    }
    if !given.has("e") && !given.has("f") {
        if operands.is_empty() {
            return Ok(Outcome { status: 1, errors: b"sed: no script specified\n".to_vec(), ..Outcome::default() });
        }
        script = operands.remove(0);
    }
    let commands = read(&script, given.has("E"))?;
    let quiet = given.has("n") || script.starts_with(b"#n\n");
    let mut outcome = Outcome::default();
    if given.has("i") {
        for operand in &operands {
            let path = Session::absolute(call.folder, operand);
            let content = match in_place(session, &path, operand)? {
                Ok(content) => content,
                Err(error) => {
                    outcome.errors.extend(error.into_bytes());
                    outcome.status = 4;
                    continue;
                }
            };
            let suffix = given.value("i").unwrap_or_default();
            let place = session.place(&path, given.has("follow-symlinks"))?;
            let old = session.node(&session.place(&path, true)?)?.clone();
            if !suffix.is_empty() {
                if suffix.contains(&b'*') || suffix.contains(&b'/') {
                    return refused("`sed -i` with a pattern for the backup's name is not done here");
                }
                let backup = [path.as_slice(), suffix].concat();
                let to = session.new_place(&backup, false)?;
                session.make(&backup, to, old.clone())?;
            }
            let mut run = Run::new(session, call.folder, &commands, quiet);
            run.lines(&content)?;
            let (output, status) = (run.output, run.status);
            // A new file takes the place of the old one, with its owner and mode.
            let mut meta = old.meta;
            meta.mtime = session.context.options.epoch;
            session.context.tree.remove(&place);
            session.make(&path, place.clone(), Node::new(Kind::File(output.into()), meta))?;
            session.node_mut(&place)?.meta = meta;
            if let Some(status) = status {
                outcome.status = status;
                break;
            }
        }
        return Ok(outcome);
    }
    let mut content = Text::new();
    if operands.is_empty() {
        content = (call.input)();
    }
    for operand in &operands {
        let more = if operand == b"-" {
            (call.input)()
        } else {
            match in_place(session, &Session::absolute(call.folder, operand), operand)? {
                Ok(content) => content,
                Err(error) => {
                    outcome.errors.extend(error.into_bytes());
                    outcome.status = 2;
                    continue;
                }
            }
        };
        // Only the last file may end without a line end.
        if !content.is_empty() && !content.ends_with(b"\n") && !more.is_empty() {
            content.push(b'\n');
        }
        content.extend(more);
    }
    let mut run = Run::new(session, call.folder, &commands, quiet);
    run.lines(&content)?;
    outcome.output = run.output;
    outcome.status = run.status.unwrap_or(outcome.status);
    Ok(outcome)
}

/// The content of a file, or what sed says where there is none.
fn in_place(session: &Session<'_, '_>, path: &[u8], operand: &[u8]) -> Result<Result<Text, String>, WorldError> {
    if session.is_folder(path)? {
        return Ok(Err(format!("sed: couldn't edit {}: not a regular file\n", shown(operand))));
    }
    match session.bytes(path) {
        Ok(content) => Ok(Ok(content)),
        Err(WorldError::Failed(_)) => {
            Ok(Err(format!("sed: can't read {}: No such file or directory\n", shown(operand))))
        }
        Err(error) => Err(error),
    }
}

struct Run<'r, 'c, 'a> {
    session: &'r Session<'c, 'a>,
    folder: &'r [u8],
    commands: &'r [Command],
    quiet: bool,
    lines: Vec<Text>,
    /// The line that comes next.
    at: usize,
    /// Whether the last line of the input has its end.
    ended: bool,
    space: Text,
    hold: Text,
    /// What comes behind the line.
    queue: Vec<Text>,
    /// For each command the line at which its range ends, where it is in one.
    ranges: Vec<Option<usize>>,
    last: Option<&'r Pattern>,
    replaced: bool,
    steps: usize,
    output: Text,
    /// Set when the script ended by itself.
    status: Option<i32>,
}

/// How a turn over the commands ends.
enum End {
    Line,
    /// Without the line's output.
    Deleted,
    /// The same once more without a new line.
    Again,
    Quit,
}

impl<'r, 'c, 'a> Run<'r, 'c, 'a> {
    fn new(session: &'r Session<'c, 'a>, folder: &'r [u8], commands: &'r [Command], quiet: bool) -> Self {
        Self {
            session,
            folder,
            commands,
            quiet,
            lines: Vec::new(),
            at: 0,
            ended: true,
            space: Text::new(),
            hold: Text::new(),
            queue: Vec::new(),
            ranges: vec![None; commands.len()],
            last: None,
            replaced: false,
            steps: 0,
            output: Text::new(),
            status: None,
        }
    }

    fn lines(&mut self, content: &[u8]) -> Result<(), WorldError> {
        self.ended = content.is_empty() || content.ends_with(b"\n");
        self.lines = super::pattern::lines(content).map(<[u8]>::to_vec).collect();
        if content == b"\n" {
            self.lines = vec![Text::new()];
        }
        let mut again = false;
        while again || self.next_line() {
            again = false;
            match self.turn()? {
                End::Line => self.finish(true)?,
                End::Deleted => self.finish(false)?,
                End::Again => {
                    self.finish(false)?;
                    again = true;
                }
                End::Quit => break,
            }
        }
        Ok(())
    }

    fn next_line(&mut self) -> bool {
        let Some(line) = self.lines.get(self.at) else { return false };
        self.space.clone_from(line);
        self.at += 1;
        true
    }

    fn is_last(&self) -> bool {
        self.at >= self.lines.len()
    }

    fn print(&mut self, text: &[u8]) {
        self.output.extend_from_slice(text);
        // The last line is as the input has it.
        if !self.is_last() || self.ended {
            self.output.push(b'\n');
        }
    }

    /// What is put out at the end of a turn.
    fn finish(&mut self, print: bool) -> Result<(), WorldError> {
        if print && !self.quiet {
            let space = self.space.clone();
            self.print(&space);
        }
        for text in std::mem::take(&mut self.queue) {
            if !self.output.is_empty() && !self.output.ends_with(b"\n") {
                self.output.push(b'\n');
            }
            self.output.extend(text);
        }
        if self.output.len() > 64 << 20 {
            return refused("`sed` puts out more than 64 MiB");
        }
        Ok(())
    }

    fn turn(&mut self) -> Result<End, WorldError> {
        let commands = self.commands;
        let mut at = 0;
        while let Some(command) = commands.get(at) {
            self.steps += 1;
            if self.steps > STEPS {
                return refused("a script of sed does not come to an end");
            }
            let is_meant = self.is_meant(at, command)? != command.negated;
            at += 1;
            if !is_meant {
                if let Action::Begin(end) = command.action {
                    at = end;
                }
                continue;
            }
            match &command.action {
                Action::Begin(_) | Action::Nothing => {}
                Action::Append(text) => self.queue.push(text.clone()),
                Action::Insert(text) => self.output.extend_from_slice(text),
                Action::Change(text) => {
                    let in_range = command.to.is_some() && self.ranges[at - 1].is_some() && !command.negated;
                    if !in_range {
                        self.output.extend_from_slice(text);
                    }
                    return Ok(End::Deleted);
                }
                Action::Branch(jump, _, to) => {
                    let jumps = match jump {
                        Jump::Always => true,
                        Jump::IfReplaced => std::mem::take(&mut self.replaced),
                        Jump::IfNotReplaced => !std::mem::take(&mut self.replaced),
                    };
                    if jumps {
                        at = *to;
                    }
                }
                Action::Delete => return Ok(End::Deleted),
                Action::DeleteFirst => match self.space.iter().position(|byte| *byte == b'\n') {
                    Some(end) => {
                        self.space.drain(..=end);
                        return Ok(End::Again);
                    }
                    None => return Ok(End::Deleted),
                },
                Action::Hold { append } => {
                    if *append {
                        self.hold.push(b'\n');
                        self.hold.extend_from_slice(&self.space);
                    } else {
                        self.hold.clone_from(&self.space);
                    }
                }
                Action::Get { append } => {
                    if *append {
                        self.space.push(b'\n');
                        self.space.extend_from_slice(&self.hold);
                    } else {
                        self.space.clone_from(&self.hold);
                    }
                }
                Action::Exchange => std::mem::swap(&mut self.space, &mut self.hold),
                Action::Next { append } => {
                    if self.is_last() {
                        // GNU prints the line where there is no next one.
                        self.finish(true)?;
                        return Ok(End::Quit);
                    }
                    if *append {
                        let before = std::mem::take(&mut self.space);
                        self.next_line();
                        self.space = [before.as_slice(), b"\n", &self.space].concat();
                        self.finish(false)?;
                    } else {
                        self.finish(true)?;
                        self.next_line();
                    }
                }
                Action::Print { first } => {
                    let end = self.space.iter().position(|byte| *byte == b'\n').filter(|_| *first);
                    let text = self.space[..end.unwrap_or(self.space.len())].to_vec();
                    if end.is_some() { push_line(&mut self.output, &text) } else { self.print(&text) }
                }
                Action::Quit { print, status } => {
                    self.status = Some(*status);
                    if *print {
                        self.finish(true)?;
                    }
                    return Ok(End::Quit);
                }
                Action::Read(file) => {
                    let content = self.session.bytes(&Session::absolute(self.folder, file));
                    match content {
                        Ok(content) => self.queue.push(content),
                        Err(WorldError::Failed(_)) => {}
                        Err(error) => return Err(error),
                    }
                }
                Action::LineNumber => push_line(&mut self.output, self.at.to_string().as_bytes()),
                Action::Substitute { pattern, with, number, all, print } => {
                    let pattern = self.used(pattern.as_deref())?;
                    if self.substitute(pattern, with, *number, *all)? {
                        self.replaced = true;
                        if *print {
                            let space = self.space.clone();
                            self.print(&space);
                        }
                    }
                }
                Action::Translate(table) => self.space.iter_mut().for_each(|byte| *byte = table[usize::from(*byte)]),
            }
        }
        self.replaced = false;
        Ok(End::Line)
    }

    /// The pattern, or the one that was used last.
    fn used(&mut self, pattern: Option<&'r Pattern>) -> Result<&'r Pattern, WorldError> {
        match pattern.or(self.last) {
            Some(pattern) => {
                self.last = Some(pattern);
                Ok(pattern)
            }
            None => refused("`sed` has no earlier pattern"),
        }
    }

    fn is_meant(&mut self, index: usize, command: &'r Command) -> Result<bool, WorldError> {
        let Some(from) = &command.from else { return Ok(true) };
        let Some(to) = &command.to else { return self.meets(from) };
        if let Some(end) = self.ranges[index] {
            let (meant, over) = match to {
                Address::Match(_) => (true, self.meets(to)?),
                // A line that is over already ends the range before it.
                _ if end < self.at => (false, true),
                _ => (true, end == self.at),
            };
            if over {
                self.ranges[index] = None;
            }
            if meant {
                return Ok(true);
            }
        }
        // `0,/x/` may end at the first line.
        let zero = matches!(from, Address::Line(0));
        let begins = if zero { self.at == 1 } else { self.meets(from)? };
        if !begins {
            return Ok(false);
        }
        let end = match to {
            Address::Line(line) => *line,
            Address::More(more) => self.at.saturating_add(*more),
            Address::Last => self.lines.len(),
            Address::Step(_, multiple) if *multiple > 0 => self.at.div_ceil(*multiple) * multiple,
            Address::Step(..) => self.at,
            Address::Match(_) => usize::MAX,
        };
        let one_line = match to {
            Address::Match(_) => zero && self.meets(to)?,
            _ => end <= self.at,
        };
        self.ranges[index] = if one_line { None } else { Some(end) };
        Ok(true)
    }

    fn meets(&mut self, address: &'r Address) -> Result<bool, WorldError> {
        Ok(match address {
            Address::Line(line) => self.at == *line,
            Address::Last => self.is_last(),
            Address::Match(pattern) => {
                let pattern = self.used(pattern.as_deref())?;
                pattern.is_in(&self.space)
            }
            Address::Step(first, 0) => self.at == *first,
            Address::Step(first, step) => self.at >= *first && (self.at - first).is_multiple_of(*step),
            Address::More(_) => false,
        })
    }

    fn substitute(&mut self, pattern: &Pattern, with: &[Piece], number: usize, all: bool) -> Result<bool, WorldError> {
        let space = std::mem::take(&mut self.space);
        let mut output = Text::new();
        let (mut at, mut count, mut replaced) = (0, 0, false);
        // Where the last match ended: an empty one right behind it does not count.
        let mut behind = None;
        while at <= space.len() {
            let Some(groups) = pattern.find(&space, at)? else { break };
            let Some((from, to)) = groups.first().copied().flatten() else { break };
            output.extend_from_slice(&space[at..from]);
            if from == to && behind == Some(from) {
                output.extend(space.get(from));
                at = from + 1;
                continue;
            }
            count += 1;
            if count >= number {
                replaced = true;
                for piece in with {
                    match piece {
                        Piece::Text(text) => output.extend_from_slice(text),
                        Piece::Group(group) => match groups.get(*group) {
                            Some(Some((from, to))) => output.extend_from_slice(&space[*from..*to]),
                            Some(None) => {}
                            None => return refused(format!("`sed` has no group {group} in its pattern")),
                        },
                    }
                }
            } else {
                output.extend_from_slice(&space[from..to]);
            }
            behind = Some(to);
            at = to;
            if from == to {
                output.extend(space.get(from));
                at += 1;
            }
            if replaced && !all {
                break;
            }
        }
        output.extend_from_slice(space.get(at..).unwrap_or_default());
        self.space = output;
        Ok(replaced)
    }
}
