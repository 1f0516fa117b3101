//! A script written down again from what was understood of it.

use super::syntax::{
    Assignment, Command, CommandKind, Connector, Item, List, Pipeline, Redirection, RedirectionKind, Target, Text, Word,
};

impl List {
    /// The commands, a line each, as a shell reads them.
    pub fn source_text(&self) -> Text {
        let mut writer = Writer::default();
        writer.list(self);
        writer.text
    }
}

#[derive(Default)]
struct Writer {
    text: Text,
    /// Here-documents of the line.
    awaited: Vec<(Text, Text)>,
}

impl Writer {
    fn put(&mut self, text: &[u8]) {
        self.text.extend_from_slice(text);
    }

    fn newline(&mut self) {
        self.text.push(b'\n');
        for (body, delimiter) in std::mem::take(&mut self.awaited) {
            self.put(&body);
            self.put(&delimiter);
            self.text.push(b'\n');
        }
    }

    fn line(&mut self, text: &[u8]) {
        self.put(text);
        self.newline();
    }

    fn list(&mut self, list: &List) {
        for item in &list.0 {
            self.item(item);
            self.newline();
        }
    }

    fn item(&mut self, item: &Item) {
        self.pipeline(&item.first);
        for (connector, pipeline) in &item.rest {
            self.put(match connector {
                Connector::And => b" && ",
                Connector::Or => b" || ",
            });
            self.pipeline(pipeline);
        }
        if item.background {
            self.put(b" &");
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline) {
        if pipeline.negated {
            self.put(b"! ");
        }
        for (index, command) in pipeline.commands.iter().enumerate() {
            if index > 0 {
                self.put(b" | ");
            }
            self.command(command);
        }
    }

    fn command(&mut self, command: &Command) {
        match &command.kind {
            CommandKind::Simple { assignments, words } => {
                let assignments = assignments
                    .iter()
                    .map(|Assignment { name, value }| [name.as_slice(), b"=", value.source.as_slice()].concat());
                let words: Vec<Text> = assignments.chain(words.iter().map(|word| word.source.clone())).collect();
                self.put(&words.join(&b' '));
            }
            CommandKind::Group(list) => {
                self.line(b"{");
                self.list(list);
                self.put(b"}");
            }
            CommandKind::Subshell(list) => {
                self.line(b"(");
                self.list(list);
                self.put(b")");
            }
            CommandKind::If { branches, otherwise } => {
                for (index, (condition, body)) in branches.iter().enumerate() {
                    self.line(if index == 0 { b"if" } else { b"elif" });
                    self.list(condition);
                    self.line(b"then");
                    self.list(body);
                }
                if let Some(body) = otherwise {
                    self.line(b"else");
                    self.list(body);
                }
                self.put(b"fi");
            }
            CommandKind::For { name, words, body } => {
                self.put(b"for ");
                self.put(name);
                if let Some(words) = words {
                    self.put(b" in");
                    self.words(words);
                }
                self.newline();
                self.body(body);
            }
            CommandKind::While { until, condition, body } => {
                self.line(if *until { b"until" } else { b"while" });
                self.list(condition);
                self.body(body);
            }
            CommandKind::Case { word, arms } => {
                self.put(b"case ");
                self.put(&word.source);
                self.line(b" in");
                for (patterns, body) in arms {
                    let patterns: Vec<Text> = patterns.iter().map(|pattern| pattern.source.clone()).collect();
                    self.put(b"(");
                    self.put(&patterns.join(b" | ".as_slice()));
                    self.line(b")");
                    self.list(body);
                    self.line(b";;");
                }
                self.put(b"esac");
            }
            CommandKind::Function { name, body } => {
                self.put(name);
                self.line(b"()");
                self.command(body);
            }
        }
        command.redirections.iter().for_each(|redirection| self.redirection(redirection));
    }

    fn body(&mut self, body: &List) {
        self.line(b"do");
        self.list(body);
        self.put(b"done");
    }

    fn words(&mut self, words: &[Word]) {
        for word in words {
            self.put(b" ");
            self.put(&word.source);
        }
    }

    fn redirection(&mut self, redirection: &Redirection) {
        let (operator, usual) = match redirection.kind {
            RedirectionKind::Read => ("<", 0),
            RedirectionKind::Write { clobber: false } => (">", 1),
            RedirectionKind::Write { clobber: true } => (">|", 1),
            RedirectionKind::Append => (">>", 1),
            RedirectionKind::ReadWrite => ("<>", 0),
            RedirectionKind::Duplicate { output: false } => ("<&", 0),
            RedirectionKind::Duplicate { output: true } => (">&", 1),
            RedirectionKind::HereDocument { strip: false } => ("<<", 0),
            RedirectionKind::HereDocument { strip: true } => ("<<-", 0),
        };
        self.put(b" ");
        if redirection.descriptor != usual {
            self.put(redirection.descriptor.to_string().as_bytes());
        }
        self.put(operator.as_bytes());
        match &redirection.target {
            Target::Word(word) => self.put(&word.source),
            Target::HereDocument { delimiter, body } => {
                self.put(delimiter);
                let body = body.get().map(|word| word.source.clone()).unwrap_or_default();
                let end = delimiter.iter().copied().filter(|byte| !b"'\"\\".contains(byte)).collect();
                self.awaited.push((body, end));
            }
        }
    }
}
