//! The serial console in the hands of a program: wait for words, send lines, keep everything that was said.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{ChildStdin, ChildStdout};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Lines of the console that a failure shows.
const TAIL_LINES: usize = 40;

/// The console of a running guest.
#[derive(Debug)]
pub struct Console {
    input: ChildStdin,
    heard: Arc<Heard>,
    /// Bytes of what was heard that earlier waits are done with.
    position: usize,
}

/// Why a wait on the console came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    #[error("`{wanted}` did not appear on the console within {seconds} s; its last lines:\n{tail}")]
    Timeout { wanted: String, seconds: u64, tail: String },
    #[error("the guest ended before `{wanted}` appeared on the console; its last lines:\n{tail}")]
    Ended { wanted: String, tail: String },
    #[error("cannot send to the console: {0}")]
    Send(std::io::Error),
}

/// What the reading thread shares.
#[derive(Debug, Default)]
struct Heard {
    state: Mutex<State>,
    more: Condvar,
}

#[derive(Debug, Default)]
struct State {
    bytes: Vec<u8>,
    ended: bool,
}

impl Heard {
    /// A panic of the other side leaves nothing half done in a list of bytes.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Console {
    /// Starts to listen. Everything heard goes to `transcript` too, as it comes.
    pub(super) fn new(input: ChildStdin, output: ChildStdout, transcript: Option<File>) -> Self {
        let heard = Arc::new(Heard::default());
        let shared = Arc::clone(&heard);
        thread::spawn(move || listen(output, transcript, &shared));
        Self { input, heard, position: 0 }
    }

    /// Waits until `wanted` appears behind what earlier waits found, and gives the text before it.
    pub fn wait_for(&mut self, wanted: &str, limit: Duration) -> Result<String, ConsoleError> {
        let deadline = Instant::now() + limit;
        let mut state = self.heard.lock();
        loop {
            let fresh = &state.bytes[self.position..];
            if let Some(at) = fresh.windows(wanted.len().max(1)).position(|window| window == wanted.as_bytes()) {
                let before = String::from_utf8_lossy(&fresh[..at]).into_owned();
                self.position += at + wanted.len();
                return Ok(before);
            }
            let wanted = wanted.to_owned();
            if state.ended {
                return Err(ConsoleError::Ended { wanted, tail: tail(&state.bytes) });
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ConsoleError::Timeout { wanted, seconds: limit.as_secs(), tail: tail(&state.bytes) });
            }
            state = self.heard.more.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Types `line` and Enter.
    pub fn send(&mut self, line: &str) -> Result<(), ConsoleError> {
        self.input
            .write_all(format!("{line}\n").as_bytes())
            .and_then(|()| self.input.flush())
            .map_err(ConsoleError::Send)
    }

    /// Types `command` at a shell and gives what it prints and its exit status. The shell may echo or not: the marks
    /// around the output are put together by the shell, so the echo does not hold them.
    pub fn run(&mut self, command: &str, limit: Duration) -> Result<(String, i32), ConsoleError> {
        self.send(&format!("echo '==='begin; {command}; echo '==='end $?."))?;
        self.wait_for("===begin", limit)?;
        let output = self.wait_for("===end ", limit)?;
        let status = self.wait_for(".", limit)?;
        Ok((output.replace('\r', "").trim_matches('\n').to_owned(), status.trim().parse().unwrap_or(-1)))
    }

    /// Everything heard so far.
    pub fn transcript(&self) -> String {
        String::from_utf8_lossy(&self.heard.lock().bytes).into_owned()
    }

    /// The last lines heard.
    pub fn tail(&self) -> String {
        tail(&self.heard.lock().bytes)
    }

    /// Whether the guest is gone.
    pub(super) fn has_ended(&self) -> bool {
        self.heard.lock().ended
    }
}

fn listen(mut output: ChildStdout, mut transcript: Option<File>, heard: &Heard) {
    let mut buffer = [0; 4096];
    loop {
        let count = output.read(&mut buffer).unwrap_or(0);
        if count > 0
            && let Some(file) = &mut transcript
            && file.write_all(&buffer[..count]).is_err()
        {
            // A full disk must not stop the guest; the transcript in memory goes on.
            transcript = None;
        }
        let mut state = heard.lock();
        state.bytes.extend_from_slice(&buffer[..count]);
        state.ended = count == 0;
        heard.more.notify_all();
        if count == 0 {
            return;
        }
    }
}

fn tail(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use std::process::{Child, Command, Stdio};

    use super::*;

    const LIMIT: Duration = Duration::from_secs(20);

    /// A shell stands in for a guest.
    fn shell() -> (Child, Console) {
        let mut child =
            Command::new("sh").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("there is a shell");
        let (input, output) = (child.stdin.take().expect("piped"), child.stdout.take().expect("piped"));
        (child, Console::new(input, output, None))
    }

    #[test]
    fn waits_go_forward_through_the_output() {
        let (mut child, mut console) = shell();
        console.send("printf 'one two two'").expect("the shell listens");
        assert_eq!(console.wait_for("two", LIMIT).expect("printed"), "one ");
        assert_eq!(console.wait_for("two", LIMIT).expect("printed twice"), " ");
        assert_eq!(console.transcript(), "one two two");
        let error = console.wait_for("two", Duration::ZERO).expect_err("not a third time");
        let shown = "`two` did not appear on the console within 0 s; its last lines:\none two two";
        assert_eq!(error.to_string(), shown);
        console.send("exit").expect("the shell listens");
        assert!(matches!(console.wait_for("more", LIMIT), Err(ConsoleError::Ended { wanted, .. }) if wanted == "more"));
        child.wait().expect("the shell ends");
    }

    #[test]
    fn commands_give_output_and_status() {
        let (mut child, mut console) = shell();
        assert_eq!(console.run("echo a; echo b", LIMIT).expect("runs"), ("a\nb".to_owned(), 0));
        assert_eq!(console.run("false", LIMIT).expect("runs"), (String::new(), 1));
        console.send("exit").expect("the shell listens");
        child.wait().expect("the shell ends");
    }

    #[test]
    fn a_failure_shows_the_last_forty_lines() {
        let text: String = (0..100).map(|line| format!("{line}\r\n")).collect();
        let tail = tail(text.as_bytes());
        assert!(tail.starts_with("60\n61\n") && tail.ends_with("\n99"), "{tail}");
    }
}
