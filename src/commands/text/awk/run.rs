//! Running a program of awk.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use crate::commands::answer::refused;
use crate::commands::text::pattern::{Form, Pattern as Regex};
use crate::shell::{Outcome, Text, WorldError};

use super::expression::{count_number, whole};
use super::syntax::{Expression, Pattern, Program, Rule, Statement};
use super::value::Value;

/// Statements that a program may run before it is taken for one that never ends.
const STEPS: usize = 5_000_000;
pub(super) const BYTES: usize = 64 << 20;

/// How a list of statements is left.
enum Left {
    AtItsEnd,
    Break,
    Continue,
    Next,
    Exit,
}

pub(super) struct Run<'p> {
    program: &'p Program,
    pub(super) variables: BTreeMap<String, Value>,
    /// Their keys are in the order of bytes, which programs must not rely on.
    pub(super) arrays: BTreeMap<String, BTreeMap<String, Value>>,
    /// `$0`, then the fields.
    pub(super) fields: Vec<String>,
    ranges: Vec<bool>,
    pub(super) patterns: HashMap<String, Rc<Regex>>,
    output: Text,
    pub(super) steps: usize,
    status: i32,
    over: bool,
}

impl<'p> Run<'p> {
    pub(super) fn new(program: &'p Program, environment: BTreeMap<Text, Text>) -> Self {
        let variables =
            [("FS", " "), ("OFS", " "), ("RS", "\n"), ("ORS", "\n"), ("SUBSEP", "\u{1c}"), ("CONVFMT", "%.6g")];
        let lossy = |text: Text| String::from_utf8_lossy(&text).into_owned();
        let environment =
            environment.into_iter().map(|(name, value)| (lossy(name), Value::Input(lossy(value)))).collect();
        Self {
            program,
            variables: variables.map(|(name, value)| (name.to_owned(), Value::Text(value.to_owned()))).into(),
            arrays: [("ENVIRON".to_owned(), environment)].into(),
            fields: vec![String::new()],
            ranges: vec![false; program.rules.len()],
            patterns: HashMap::new(),
            output: Text::new(),
            steps: 0,
            status: 0,
            over: false,
        }
    }

    pub(super) fn assign(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), Value::Input(value.to_owned()));
    }

    pub(super) const fn is_over(&self) -> bool {
        self.over
    }

    pub(super) fn begin(&mut self) -> Result<(), WorldError> {
        self.rules(|pattern| matches!(pattern, Pattern::Begin))
    }

    pub(super) fn end(mut self) -> Result<Outcome, WorldError> {
        // `exit` goes to the end's rules, and from there out.
        self.over = false;
        self.rules(|pattern| matches!(pattern, Pattern::End))?;
        Ok(Outcome { status: self.status, output: self.output, ..Outcome::default() })
    }

    fn rules(&mut self, is_meant: impl Fn(&Pattern) -> bool) -> Result<(), WorldError> {
        let program = self.program;
        for rule in program.rules.iter().filter(|rule| is_meant(&rule.pattern)) {
            if let Some(action) = &rule.action
                && matches!(self.list(action)?, Left::Exit)
            {
                self.over = true;
                break;
            }
        }
        Ok(())
    }

    /// Each record of an input.
    pub(super) fn records(&mut self, input: &[u8]) -> Result<(), WorldError> {
        let input = String::from_utf8_lossy(input).into_owned();
        let separator = self.text_of("RS");
        let records: Vec<String> = match separator.as_str() {
            "" => input
                .trim_matches('\n')
                .split("\n\n")
                .filter(|part| !part.is_empty())
                .map(|part| part.trim_matches('\n').to_owned())
                .collect(),
            one if one.chars().count() == 1 => {
                let trimmed = input.strip_suffix(one).unwrap_or(&input);
                if input.is_empty() { Vec::new() } else { trimmed.split(one).map(str::to_owned).collect() }
            }
            _ => return refused("`RS` of awk is one letter here"),
        };
        for record in records {
            if self.over {
                break;
            }
            let number = self.number_of("NR") + 1.0;
            self.variables.insert("NR".to_owned(), Value::Number(number));
            self.variables.insert("FNR".to_owned(), Value::Number(number));
            self.set_record(record)?;
            self.record()?;
        }
        Ok(())
    }

    fn record(&mut self) -> Result<(), WorldError> {
        let program = self.program;
        for rule in &program.rules {
            if !self.is_meant(rule)? {
                continue;
            }
            match &rule.action {
                None => self.print(&[])?,
                Some(action) => match self.list(action)? {
                    Left::Next => break,
                    Left::Exit => {
                        self.over = true;
                        break;
                    }
                    _ => {}
                },
            }
        }
        Ok(())
    }

    fn is_meant(&mut self, rule: &'p Rule) -> Result<bool, WorldError> {
        Ok(match &rule.pattern {
            Pattern::Begin | Pattern::End => false,
            Pattern::Always => true,
            Pattern::When(condition) => self.value(condition)?.is_true(),
            Pattern::Range(first, last, index) => {
                if !self.ranges[*index] && !self.value(first)?.is_true() {
                    return Ok(false);
                }
                self.ranges[*index] = !self.value(last)?.is_true();
                true
            }
        })
    }

    pub(super) fn text_of(&self, name: &str) -> String {
        self.variables.get(name).map(Value::text).unwrap_or_default()
    }

    pub(super) fn number_of(&self, name: &str) -> f64 {
        self.variables.get(name).map_or(0.0, Value::number)
    }

    pub(super) fn set_record(&mut self, record: String) -> Result<(), WorldError> {
        let parts = self.split(&record, None)?;
        self.fields = std::iter::once(record).chain(parts).collect();
        self.count_fields();
        Ok(())
    }

    pub(super) fn count_fields(&mut self) {
        let count = self.fields.len() - 1;
        self.variables.insert("NF".to_owned(), Value::Number(count_number(count)));
    }

    /// Parts of a text by a separator: `FS` where none is given.
    pub(super) fn split(&mut self, text: &str, separator: Option<&str>) -> Result<Vec<String>, WorldError> {
        let own = self.text_of("FS");
        let separator = separator.unwrap_or(&own);
        if separator == " " {
            let blank = |letter: char| matches!(letter, ' ' | '\t' | '\n');
            return Ok(text.split(blank).filter(|part| !part.is_empty()).map(str::to_owned).collect());
        }
        if text.is_empty() {
            return Ok(Vec::new());
        }
        if separator.is_empty() {
            return Ok(text.chars().map(String::from).collect());
        }
        if separator.chars().count() == 1 && !matches!(separator, "\\") {
            return Ok(text.split(separator).map(str::to_owned).collect());
        }
        let pattern = self.pattern(separator)?;
        let (mut parts, mut start, mut at) = (Vec::new(), 0, 0);
        let bytes = text.as_bytes();
        while at <= bytes.len() {
            let Some((from, to)) = pattern.find(bytes, at)?.and_then(|groups| groups.first().copied().flatten()) else {
                break;
            };
            if to > from {
                parts.push(String::from_utf8_lossy(&bytes[start..from]).into_owned());
                start = to;
                at = to;
            } else {
                at = to + 1;
            }
        }
        parts.push(String::from_utf8_lossy(&bytes[start..]).into_owned());
        Ok(parts)
    }

    pub(super) fn pattern(&mut self, pattern: &str) -> Result<Rc<Regex>, WorldError> {
        if let Some(known) = self.patterns.get(pattern) {
            return Ok(Rc::clone(known));
        }
        let form = Form { extended: true, ..Form::default() };
        let compiled = Rc::new(Regex::new(pattern.as_bytes(), form)?);
        self.patterns.insert(pattern.to_owned(), Rc::clone(&compiled));
        Ok(compiled)
    }

    fn list(&mut self, statements: &'p [Statement]) -> Result<Left, WorldError> {
        for statement in statements {
            match self.statement(statement)? {
                Left::AtItsEnd => {}
                left => return Ok(left),
            }
        }
        Ok(Left::AtItsEnd)
    }

    pub(super) fn step(&mut self) -> Result<(), WorldError> {
        self.steps += 1;
        if self.steps > STEPS || self.output.len() > BYTES {
            return refused("a program of awk does not come to an end");
        }
        Ok(())
    }

    fn statement(&mut self, statement: &'p Statement) -> Result<Left, WorldError> {
        self.step()?;
        match statement {
            Statement::Expression(expression) => {
                self.value(expression)?;
            }
            Statement::Print(values) => self.print(values)?,
            Statement::Printf(values) => {
                let text = self.formatted(values)?;
                self.output.extend(text.into_bytes());
            }
            Statement::Block(list) => return self.list(list),
            Statement::If(condition, one, other) => {
                let list = if self.value(condition)?.is_true() { one } else { other };
                return self.list(list);
            }
            Statement::While(condition, body) => {
                while self.value(condition)?.is_true() {
                    self.step()?;
                    match self.list(body)? {
                        Left::Break => break,
                        Left::AtItsEnd | Left::Continue => {}
                        left => return Ok(left),
                    }
                }
            }
            Statement::DoWhile(body, condition) => loop {
                self.step()?;
                match self.list(body)? {
                    Left::Break => break,
                    Left::AtItsEnd | Left::Continue => {}
                    left => return Ok(left),
                }
                if !self.value(condition)?.is_true() {
                    break;
                }
            },
            Statement::For(first, condition, step, body) => {
                if let Some(first) = first {
                    self.statement(first)?;
                }
                loop {
                    self.step()?;
                    if let Some(condition) = condition
                        && !self.value(condition)?.is_true()
                    {
                        break;
                    }
                    match self.list(body)? {
                        Left::Break => break,
                        Left::AtItsEnd | Left::Continue => {}
                        left => return Ok(left),
                    }
                    if let Some(step) = step {
                        self.statement(step)?;
                    }
                }
            }
            Statement::ForIn(name, array, body) => {
                let keys: Vec<String> = self.arrays.entry(array.clone()).or_default().keys().cloned().collect();
                for key in keys {
                    self.step()?;
                    self.variables.insert(name.clone(), Value::Input(key));
                    match self.list(body)? {
                        Left::Break => break,
                        Left::AtItsEnd | Left::Continue => {}
                        left => return Ok(left),
                    }
                }
            }
            Statement::Delete(array, index) => {
                let key = index.as_ref().map(|index| self.key(index)).transpose()?;
                let array = self.arrays.entry(array.clone()).or_default();
                match key {
                    Some(key) => drop(array.remove(&key)),
                    None => array.clear(),
                }
            }
            Statement::Next => return Ok(Left::Next),
            Statement::Break => return Ok(Left::Break),
            Statement::Continue => return Ok(Left::Continue),
            Statement::Exit(status) => {
                if let Some(status) = status {
                    self.status = whole(self.value(status)?.number()) & 255;
                }
                return Ok(Left::Exit);
            }
        }
        Ok(Left::AtItsEnd)
    }

    fn print(&mut self, values: &'p [Expression]) -> Result<(), WorldError> {
        let line = if values.is_empty() {
            self.fields[0].clone()
        } else {
            let texts = values
                .iter()
                .map(|value| self.value(value).map(|value| value.text()))
                .collect::<Result<Vec<_>, _>>()?;
            texts.join(&self.text_of("OFS"))
        };
        self.output.extend(line.into_bytes());
        self.output.extend(self.text_of("ORS").into_bytes());
        Ok(())
    }

    pub(super) fn key(&mut self, index: &'p [Expression]) -> Result<String, WorldError> {
        let parts =
            index.iter().map(|part| self.value(part).map(|value| value.text())).collect::<Result<Vec<_>, _>>()?;
        Ok(parts.join(&self.text_of("SUBSEP")))
    }

    pub(super) fn field(&self, index: f64) -> Value {
        let field = usize::try_from(whole(index)).ok().and_then(|index| self.fields.get(index));
        field.map_or(Value::None, |field| Value::Input(field.clone()))
    }
}

/// A text of a program with its backslashes done.
pub(super) fn unescaped(text: &str) -> String {
    let mut output = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            output.push(letter);
            continue;
        }
        match letters.next() {
            Some('n') => output.push('\n'),
            Some('t') => output.push('\t'),
            Some('r') => output.push('\r'),
            Some('a') => output.push('\u{7}'),
            Some(plain @ ('"' | '\\' | '/')) => output.push(plain),
            Some(other) => output.extend(['\\', other]),
            None => output.push('\\'),
        }
    }
    output
}
