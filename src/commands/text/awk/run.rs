//! Running a program of awk.

use std::collections::{BTreeMap, HashMap};

use crate::commands::answer::refused;
use crate::commands::text::pattern::{Form, Pattern as Regex};
use crate::shell::{Outcome, Text, WorldError};

use super::syntax::{Expression, Operator, Pattern, Program, Rule, Statement};
use super::value::{Value, general};

/// Statements that a program may run before it is taken for one that never ends.
const STEPS: usize = 5_000_000;
const BYTES: usize = 64 << 20;

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
    variables: BTreeMap<String, Value>,
    /// Their keys are in the order of bytes, which programs must not rely on.
    arrays: BTreeMap<String, BTreeMap<String, Value>>,
    /// `$0`, then the fields.
    fields: Vec<String>,
    ranges: Vec<bool>,
    patterns: HashMap<String, std::rc::Rc<Regex>>,
    output: Text,
    steps: usize,
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

    fn text_of(&self, name: &str) -> String {
        self.variables.get(name).map(Value::text).unwrap_or_default()
    }

    fn number_of(&self, name: &str) -> f64 {
        self.variables.get(name).map_or(0.0, Value::number)
    }

    fn set_record(&mut self, record: String) -> Result<(), WorldError> {
        let parts = self.split(&record, None)?;
        self.fields = std::iter::once(record).chain(parts).collect();
        self.count_fields();
        Ok(())
    }

    fn count_fields(&mut self) {
        let count = self.fields.len() - 1;
        self.variables.insert("NF".to_owned(), Value::Number(count_number(count)));
    }

    /// Parts of a text by a separator: `FS` where none is given.
    fn split(&mut self, text: &str, separator: Option<&str>) -> Result<Vec<String>, WorldError> {
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

    fn pattern(&mut self, pattern: &str) -> Result<std::rc::Rc<Regex>, WorldError> {
        if let Some(known) = self.patterns.get(pattern) {
            return Ok(std::rc::Rc::clone(known));
        }
        let form = Form { extended: true, ..Form::default() };
        let compiled = std::rc::Rc::new(Regex::new(pattern.as_bytes(), form)?);
        self.patterns.insert(pattern.to_owned(), std::rc::Rc::clone(&compiled));
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

    fn step(&mut self) -> Result<(), WorldError> {
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

    fn key(&mut self, index: &'p [Expression]) -> Result<String, WorldError> {
        let parts =
            index.iter().map(|part| self.value(part).map(|value| value.text())).collect::<Result<Vec<_>, _>>()?;
        Ok(parts.join(&self.text_of("SUBSEP")))
    }

    fn field(&self, index: f64) -> Value {
        let field = usize::try_from(whole(index)).ok().and_then(|index| self.fields.get(index));
        field.map_or(Value::None, |field| Value::Input(field.clone()))
    }

    fn value(&mut self, expression: &'p Expression) -> Result<Value, WorldError> {
        self.step()?;
        Ok(match expression {
            Expression::Number(number) => Value::Number(*number),
            Expression::Text(text) => Value::Text(text.clone()),
            Expression::Pattern(pattern) => {
                let pattern = self.pattern(pattern)?;
                truth(pattern.is_in(self.fields[0].as_bytes()))
            }
            Expression::Variable(name) => self.variables.get(name).cloned().unwrap_or(Value::None),
            Expression::Field(index) => {
                let index = self.value(index)?.number();
                self.field(index)
            }
            Expression::Element(array, index) => {
                let key = self.key(index)?;
                // To ask for an element makes it.
                self.arrays.entry(array.clone()).or_default().entry(key).or_insert(Value::None).clone()
            }
            Expression::Assign(place, operator, value) => {
                let mut value = self.value(value)?;
                if let Some(operator) = operator {
                    let old = self.value(place)?.number();
                    value = Value::Number(calculated(*operator, old, value.number())?);
                }
                self.put(place, value.clone())?;
                value
            }
            Expression::Step(place, before, step) => {
                let old = self.value(place)?.number();
                self.put(place, Value::Number(old + step))?;
                Value::Number(if *before { old + step } else { old })
            }
            Expression::Not(value) => truth(!self.value(value)?.is_true()),
            Expression::Negative(value) => Value::Number(-self.value(value)?.number()),
            Expression::Positive(value) => Value::Number(self.value(value)?.number()),
            Expression::Binary(operator, left, right) => return self.binary(*operator, left, right),
            Expression::Match(wanted, text, pattern) => {
                let text = self.value(text)?.text();
                let pattern = self.pattern_of(pattern)?;
                truth(pattern.is_in(text.as_bytes()) == *wanted)
            }
            Expression::In(index, array) => {
                let key = self.key(index)?;
                truth(self.arrays.get(array).is_some_and(|array| array.contains_key(&key)))
            }
            Expression::Choice(condition, one, other) => {
                let chosen = if self.value(condition)?.is_true() { one } else { other };
                self.value(chosen)?
            }
            Expression::Call(name, arguments) => return self.call(name, arguments),
        })
    }

    fn pattern_of(&mut self, expression: &'p Expression) -> Result<std::rc::Rc<Regex>, WorldError> {
        match expression {
            Expression::Pattern(pattern) => self.pattern(pattern),
            other => {
                let pattern = self.value(other)?.text();
                self.pattern(&pattern)
            }
        }
    }

    fn put(&mut self, place: &'p Expression, value: Value) -> Result<(), WorldError> {
        match place {
            Expression::Variable(name) => {
                let fields = (name == "NF").then(|| usize::try_from(whole(value.number())).unwrap_or(0));
                self.variables.insert(name.clone(), value);
                if let Some(count) = fields {
                    if count > 10_000 {
                        return refused("a program of awk makes more than 10000 fields");
                    }
                    self.fields.resize(count + 1, String::new());
                    self.fields[0] = self.fields[1..].join(&self.text_of("OFS"));
                }
            }
            Expression::Element(array, index) => {
                let key = self.key(index)?;
                self.arrays.entry(array.clone()).or_default().insert(key, value);
            }
            Expression::Field(index) => {
                let index = whole(self.value(index)?.number());
                let Ok(index) = usize::try_from(index) else {
                    return refused("a program of awk gives a value to a field below 0");
                };
                if index > 10_000 {
                    return refused("a program of awk makes more than 10000 fields");
                }
                if index == 0 {
                    return self.set_record(value.text());
                }
                if self.fields.len() <= index {
                    self.fields.resize(index + 1, String::new());
                }
                self.fields[index] = value.text();
                self.fields[0] = self.fields[1..].join(&self.text_of("OFS"));
                self.count_fields();
            }
            _ => {}
        }
        Ok(())
    }

    fn binary(&mut self, operator: Operator, left: &'p Expression, right: &'p Expression) -> Result<Value, WorldError> {
        let one = self.value(left)?;
        match operator {
            Operator::And => return Ok(truth(one.is_true() && self.value(right)?.is_true())),
            Operator::Or => return Ok(truth(one.is_true() || self.value(right)?.is_true())),
            _ => {}
        }
        let other = self.value(right)?;
        let number = |sign| calculated(sign, one.number(), other.number()).map(Value::Number);
        match operator {
            Operator::Add => number('+'),
            Operator::Subtract => number('-'),
            Operator::Multiply => number('*'),
            Operator::Divide => number('/'),
            Operator::Remainder => number('%'),
            Operator::Power => number('^'),
            Operator::Join => {
                let text = one.text() + &other.text();
                if text.len() > BYTES {
                    return refused("a text of awk has more than 64 MiB");
                }
                Ok(Value::Text(text))
            }
            Operator::Less => Ok(truth(one.compare(&other).is_lt())),
            Operator::LessOrEqual => Ok(truth(one.compare(&other).is_le())),
            Operator::Equal => Ok(truth(one.compare(&other).is_eq())),
            Operator::NotEqual => Ok(truth(one.compare(&other).is_ne())),
            Operator::Greater => Ok(truth(one.compare(&other).is_gt())),
            Operator::GreaterOrEqual => Ok(truth(one.compare(&other).is_ge())),
            Operator::And | Operator::Or => Ok(Value::None),
        }
    }

    fn call(&mut self, name: &str, arguments: &'p [Expression]) -> Result<Value, WorldError> {
        let text = |run: &mut Self, index: usize| match arguments.get(index) {
            Some(argument) => run.value(argument).map(|value| value.text()),
            None => Ok(String::new()),
        };
        Ok(match (name, arguments) {
            ("length", []) => Value::Number(count_number(self.fields[0].len())),
            ("length", [Expression::Variable(array)]) if self.arrays.contains_key(array) => {
                Value::Number(count_number(self.arrays[array].len()))
            }
            ("length", [_]) => Value::Number(count_number(text(self, 0)?.len())),
            ("tolower", [_]) => Value::Text(text(self, 0)?.to_ascii_lowercase()),
            ("toupper", [_]) => Value::Text(text(self, 0)?.to_ascii_uppercase()),
            ("int", [value]) => Value::Number(self.value(value)?.number().trunc()),
            ("index", [_, _]) => {
                let (whole, part) = (text(self, 0)?, text(self, 1)?);
                Value::Number(whole.find(&part).map_or(0.0, |at| count_number(at + 1)))
            }
            ("substr", [_, start, rest @ ..]) => {
                let whole_text = text(self, 0)?;
                let start = self.value(start)?.number().round();
                let length = match rest.first() {
                    Some(length) => self.value(length)?.number().round(),
                    None => f64::INFINITY,
                };
                let kept = whole_text.bytes().enumerate().filter(|(at, _)| {
                    let place = count_number(at + 1);
                    place >= start && place < start + length
                });
                let bytes: Vec<u8> = kept.map(|(_, byte)| byte).collect();
                Value::Text(String::from_utf8_lossy(&bytes).into_owned())
            }
            ("split", [_, Expression::Variable(array), rest @ ..]) => {
                let whole_text = text(self, 0)?;
                let separator = match rest.first() {
                    Some(Expression::Pattern(pattern)) => Some(pattern.clone()),
                    Some(separator) => Some(self.value(separator)?.text()),
                    None => None,
                };
                let parts = self.split(&whole_text, separator.as_deref())?;
                let count = parts.len();
                let elements =
                    parts.into_iter().enumerate().map(|(at, part)| ((at + 1).to_string(), Value::Input(part)));
                self.arrays.insert(array.clone(), elements.collect());
                Value::Number(count_number(count))
            }
            ("sprintf", _) => Value::Text(self.formatted(arguments)?),
            ("match", [_, pattern]) => {
                let whole_text = text(self, 0)?;
                let pattern = self.pattern_of(pattern)?;
                let found =
                    pattern.find(whole_text.as_bytes(), 0)?.and_then(|groups| groups.first().copied().flatten());
                let (start, length) =
                    found.map_or((0.0, -1.0), |(from, to)| (count_number(from + 1), count_number(to - from)));
                self.variables.insert("RSTART".to_owned(), Value::Number(start));
                self.variables.insert("RLENGTH".to_owned(), Value::Number(length));
                Value::Number(start)
            }
            ("sub" | "gsub", [pattern, with, rest @ ..]) => {
                let pattern = self.pattern_of(pattern)?;
                let with = self.value(with)?.text();
                let old = match rest.first() {
                    Some(place) => self.value(place)?.text(),
                    None => self.fields[0].clone(),
                };
                let (new, count) = replaced(&pattern, &with, &old, name == "gsub")?;
                if count > 0 {
                    match rest.first() {
                        Some(place) => self.put(place, Value::Text(new))?,
                        None => self.set_record(new)?,
                    }
                }
                Value::Number(count_number(count))
            }
            _ => return refused(format!("`{name}` of awk is not done here")),
        })
    }

    fn formatted(&mut self, values: &'p [Expression]) -> Result<String, WorldError> {
        let values = values.iter().map(|value| self.value(value)).collect::<Result<Vec<_>, _>>()?;
        let Some((format, values)) = values.split_first() else { return refused("`printf` of awk lacks its format") };
        let format = format.text();
        let mut values = values.iter();
        let mut output = String::new();
        let mut letters = format.chars().peekable();
        while let Some(letter) = letters.next() {
            if letter != '%' {
                output.push(letter);
                continue;
            }
            let mut form = String::new();
            while let Some(next) = letters.next_if(|next| "-+ 0#.123456789".contains(*next)) {
                form.push(next);
            }
            let left = form.contains('-');
            let zero = form.trim_start_matches(['-', '+', ' ', '#']).starts_with('0') && !left;
            let body = form.trim_start_matches(['-', '+', ' ', '#', '0']);
            let (width, precision) =
                body.split_once('.').map_or((body, None), |(width, precision)| (width, Some(precision)));
            let width: usize = width.parse().unwrap_or(0).min(10_000);
            let precision: Option<usize> = precision.map(|digits| digits.parse().unwrap_or(0).min(1000));
            let mut value = || values.next().cloned().unwrap_or(Value::None);
            let text = match letters.next() {
                Some('%') => {
                    output.push('%');
                    continue;
                }
                Some('d' | 'i') => {
                    let number = value().number().trunc();
                    format!("{:.0}", if number == 0.0 { 0.0 } else { number })
                }
                Some('s') => {
                    let text = value().text();
                    match precision {
                        Some(most) => text.chars().take(most).collect(),
                        None => text,
                    }
                }
                Some('c') => match value() {
                    Value::Number(number) => char::from(u8::try_from(whole(number)).unwrap_or(0)).to_string(),
                    other => other.text().chars().take(1).collect(),
                },
                Some('f') => format!("{:.*}", precision.unwrap_or(6), value().number()),
                Some('g') => general(value().number(), precision.unwrap_or(6)),
                Some('x') => format!("{:x}", whole(value().number())),
                Some('X') => format!("{:X}", whole(value().number())),
                Some('o') => format!("{:o}", whole(value().number())),
                other => return refused(format!("`%{}` of awk is not done here", other.unwrap_or_default())),
            };
            output.push_str(&match (left, zero) {
                (true, _) => format!("{text:<width$}"),
                (false, true) if text.starts_with('-') => format!("-{:0>1$}", &text[1..], width.saturating_sub(1)),
                (false, true) => format!("{text:0>width$}"),
                (false, false) => format!("{text:>width$}"),
            });
        }
        Ok(output)
    }
}

fn truth(so: bool) -> Value {
    Value::Number(if so { 1.0 } else { 0.0 })
}

fn calculated(operator: char, one: f64, other: f64) -> Result<f64, WorldError> {
    Ok(match operator {
        '+' => one + other,
        '-' => one - other,
        '*' => one * other,
        '/' | '%' if other == 0.0 => return refused("a program of awk divides by zero"),
        '/' => one / other,
        '%' => one % other,
        _ => one.powf(other),
    })
}

/// A whole number, as far as 32 bits reach.
fn whole(number: f64) -> i32 {
    let bounded = number.trunc().clamp(f64::from(i32::MIN), f64::from(i32::MAX));
    format!("{bounded:.0}").parse().unwrap_or(0)
}

fn count_number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

/// `sub` and `gsub`: `&` is the match, `\&` a plain `&`.
fn replaced(pattern: &Regex, with: &str, old: &str, all: bool) -> Result<(String, usize), WorldError> {
    let bytes = old.as_bytes();
    let (mut output, mut at, mut count, mut behind) = (Text::new(), 0, 0, None);
    while at <= bytes.len() {
        let Some((from, to)) = pattern.find(bytes, at)?.and_then(|groups| groups.first().copied().flatten()) else {
            break;
        };
        output.extend_from_slice(&bytes[at..from]);
        if !(from == to && behind == Some(from)) {
            count += 1;
            let mut letters = with.bytes().peekable();
            while let Some(letter) = letters.next() {
                match letter {
                    b'\\' if matches!(letters.peek(), Some(b'&' | b'\\')) => output.extend(letters.next()),
                    b'&' => output.extend_from_slice(&bytes[from..to]),
                    letter => output.push(letter),
                }
            }
        }
        behind = Some(to);
        at = to;
        if from == to {
            output.extend(bytes.get(from));
            at += 1;
        }
        if !all {
            break;
        }
    }
    output.extend_from_slice(bytes.get(at..).unwrap_or_default());
    Ok((String::from_utf8_lossy(&output).into_owned(), count))
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
