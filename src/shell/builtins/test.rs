//! `test` and `[` (POSIX.1-2024, XCU test; `-a`, `-o` and parentheses as dash has them).

use super::super::flow::Flow;
use super::super::interpreter::Shell;
use super::super::syntax::Text;
use super::super::world::{FileKind, Status};

pub(super) fn bracket(shell: &mut Shell<'_>, arguments: &[Text], tested: bool) -> Result<i32, Flow> {
    match arguments.split_last() {
        Some((last, rest)) if last == b"]" => test(shell, rest, tested),
        _ => {
            shell.complain("[: missing ]")?;
            Ok(2)
        }
    }
}

pub(super) fn test(shell: &mut Shell<'_>, arguments: &[Text], _: bool) -> Result<i32, Flow> {
    let mut test = Test { arguments, at: 0, depth: 0 };
    let result = match arguments {
        [] => Ok(Ok(false)),
        [not, rest @ ..] if not == b"!" && rest.len() == 3 && is_binary(&rest[1]) => {
            test.at = 1;
            test.primary(shell).map(|found| found.map(|found| !found))
        }
        [_, operator, _] if is_binary(operator) => test.primary(shell),
        [open, inner, close] if open == b"(" && close == b")" => Ok(Ok(!inner.is_empty())),
        [open, .., close] if arguments.len() == 4 && open == b"(" && close == b")" => {
            let inner = &arguments[1..3];
            let mut test = Test { arguments: inner, at: 0, depth: 0 };
            test.any(shell)
        }
        _ => test.whole(shell),
    };
    match result? {
        Ok(found) => Ok(i32::from(!found)),
        Err(reason) => {
            shell.complain(&reason)?;
            Ok(2)
        }
    }
}

/// What is true; or why it cannot be told.
type Told = Result<Result<bool, String>, Flow>;

struct Test<'a> {
    arguments: &'a [Text],
    at: usize,
    depth: usize,
}

/// Gives the reason on, as `?` does with errors of the shell.
macro_rules! told {
    ($result:expr) => {
        match $result? {
            Ok(value) => value,
            Err(reason) => return Ok(Err(reason)),
        }
    };
}

impl Test<'_> {
    fn peek(&self, ahead: usize) -> Option<&[u8]> {
        self.arguments.get(self.at + ahead).map(Vec::as_slice)
    }

    fn whole(&mut self, shell: &mut Shell<'_>) -> Told {
        let found = told!(self.any(shell));
        if self.at < self.arguments.len() {
            let rest = String::from_utf8_lossy(&self.arguments[self.at]).into_owned();
            return Ok(Err(format!("test: {rest}: unexpected operator")));
        }
        Ok(Ok(found))
    }

    fn any(&mut self, shell: &mut Shell<'_>) -> Told {
        let mut found = told!(self.all(shell));
        while self.peek(0) == Some(b"-o") {
            self.at += 1;
            found |= told!(self.all(shell));
        }
        Ok(Ok(found))
    }

    fn all(&mut self, shell: &mut Shell<'_>) -> Told {
        let mut found = told!(self.not(shell));
        while self.peek(0) == Some(b"-a") {
            self.at += 1;
            found &= told!(self.not(shell));
        }
        Ok(Ok(found))
    }

    fn not(&mut self, shell: &mut Shell<'_>) -> Told {
        let mut negated = false;
        while self.peek(0) == Some(b"!") && self.peek(1).is_some() {
            self.at += 1;
            negated = !negated;
        }
        let found = told!(self.primary(shell));
        Ok(Ok(found != negated))
    }

    fn primary(&mut self, shell: &mut Shell<'_>) -> Told {
        let Some(first) = self.arguments.get(self.at) else { return Ok(Err("test: argument expected".to_owned())) };
        if let (Some(operator), Some(right)) = (self.arguments.get(self.at + 1), self.arguments.get(self.at + 2))
            && is_binary(operator)
        {
            self.at += 3;
            return binary(shell, first, operator, right);
        }
        if first == b"(" && self.peek(1).is_some() {
            self.depth += 1;
            if self.depth > 64 {
                return Ok(Err("test: too many parentheses".to_owned()));
            }
            self.at += 1;
            let found = told!(self.any(shell));
            if self.peek(0) != Some(b")") {
                return Ok(Err("test: closing paren expected".to_owned()));
            }
            self.at += 1;
            self.depth -= 1;
            return Ok(Ok(found));
        }
        if let ([b'-', letter], Some(operand)) = (first.as_slice(), self.arguments.get(self.at + 1))
            && b"bcdefghknprstuwxzGLOS".contains(letter)
        {
            self.at += 2;
            return unary(shell, *letter, operand).map(Ok);
        }
        self.at += 1;
        Ok(Ok(!first.is_empty()))
    }
}

fn is_binary(operator: &[u8]) -> bool {
    const BINARY: [&str; 13] = ["=", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"];
    BINARY.iter().any(|known| known.as_bytes() == operator)
}

fn binary(shell: &mut Shell<'_>, left: &[u8], operator: &[u8], right: &[u8]) -> Told {
    let found = match operator {
        b"=" => left == right,
        b"!=" => left != right,
        b"<" => left < right,
        b">" => left > right,
        b"-nt" | b"-ot" | b"-ef" => {
            let both = (shell.status(left, true)?, shell.status(right, true)?);
            match (both, operator) {
                ((Some(one), Some(other)), b"-nt") => one.modified > other.modified,
                ((Some(one), Some(other)), b"-ot") => one.modified < other.modified,
                ((Some(one), Some(other)), _) => one.identity == other.identity,
                ((Some(_), None), b"-nt") | ((None, Some(_)), b"-ot") => true,
                _ => false,
            }
        }
        _ => {
            let (Some(one), Some(other)) = (decimal(left), decimal(right)) else {
                let wrong = if decimal(left).is_none() { left } else { right };
                return Ok(Err(format!("test: Illegal number: {}", String::from_utf8_lossy(wrong))));
            };
            match operator {
                b"-eq" => one == other,
                b"-ne" => one != other,
                b"-lt" => one < other,
                b"-le" => one <= other,
                b"-gt" => one > other,
                _ => one >= other,
            }
        }
    };
    Ok(Ok(found))
}

/// A decimal number, with blanks around it.
fn decimal(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text.trim_ascii()).ok()?;
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    // What is too large is the largest, as strtoimax has it.
    let largest = if text.starts_with('-') { i64::MIN } else { i64::MAX };
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(largest))
}

fn unary(shell: &mut Shell<'_>, letter: u8, operand: &[u8]) -> Result<bool, Flow> {
    match letter {
        b'n' => return Ok(!operand.is_empty()),
        b'z' => return Ok(operand.is_empty()),
        // No descriptor is a terminal.
        b't' => return Ok(false),
        _ if operand.is_empty() => return Ok(false),
        _ => {}
    }
    let follow = !matches!(letter, b'h' | b'L');
    let Some(Status { kind, mode, size, uid, gid, .. }) = shell.status(operand, follow)? else { return Ok(false) };
    Ok(match letter {
        b'b' => kind == FileKind::BlockDevice,
        b'c' => kind == FileKind::CharDevice,
        b'd' => kind == FileKind::Folder,
        b'f' => kind == FileKind::File,
        b'h' | b'L' => kind == FileKind::Link,
        b'p' => kind == FileKind::Fifo,
        b'S' => kind == FileKind::Socket,
        b'g' => mode & 0o2000 != 0,
        b'k' => mode & 0o1000 != 0,
        b'u' => mode & 0o4000 != 0,
        b's' => size > 0,
        // The scripts are root's, who may read and write everything, and run what anybody may.
        b'x' => mode & 0o111 != 0 || kind == FileKind::Folder,
        b'G' => gid == 0,
        b'O' => uid == 0,
        _ => true,
    })
}
