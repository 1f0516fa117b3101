//! `$((…))`: the expressions of C over 64-bit numbers (POSIX.1-2024, XCU 2.6.4), as dash has them: without `++` and `--`.

use super::syntax::Text;

/// Where names have their values.
pub(super) trait Numbers {
    fn get(&self, name: &[u8]) -> Option<Text>;
    fn set(&mut self, name: &[u8], value: i64) -> Result<(), String>;
}

/// Binary operators, the loosest first; those of one row bind alike.
const BINARY: [&[&str]; 10] = [
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

const ASSIGNMENTS: [&str; 11] = ["=", "*=", "/=", "%=", "+=", "-=", "<<=", ">>=", "&=", "^=", "|="];

/// Parentheses and conditions inside of each other.
const DEEPEST: usize = 64;

/// The value of an expression.
pub(super) fn evaluate(text: &[u8], numbers: &mut dyn Numbers) -> Result<i64, String> {
    let mut evaluator = Evaluator { text, at: 0, depth: 0, numbers };
    let value = evaluator.assignment(true)?;
    evaluator.blanks();
    if evaluator.at < text.len() {
        return Err("the arithmetic expression goes on where it should end".to_owned());
    }
    Ok(value)
}

/// A number as the shell reads it: decimal, `0…` octal or `0x…`.
pub(super) fn number(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(digits) => (16, digits),
        None if digits.len() > 1 && digits.starts_with('0') => (8, &digits[1..]),
        None => (10, digits),
    };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    // What is too large is the largest, as strtoimax has it.
    let value = i64::from_str_radix(digits, radix).unwrap_or(i64::MAX);
    Some(if negative { value.wrapping_neg() } else { value })
}

struct Evaluator<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
    numbers: &'a mut dyn Numbers,
}

impl Evaluator<'_> {
    fn blanks(&mut self) {
        while matches!(self.text.get(self.at), Some(b' ' | b'\t' | b'\n')) {
            self.at += 1;
        }
    }

    fn rest(&self) -> &[u8] {
        &self.text[self.at..]
    }

    fn take(&mut self, operator: &str) -> bool {
        self.blanks();
        let found = self.rest().starts_with(operator.as_bytes());
        if found {
            self.at += operator.len();
        }
        found
    }

    fn name(&mut self) -> Option<Text> {
        self.blanks();
        if !self.rest().first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_') {
            return None;
        }
        let length = self.rest().iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        let name = self.rest()[..length].to_vec();
        self.at += length;
        Some(name)
    }

    /// `counts` is false for what is read and not evaluated.
    fn assignment(&mut self, counts: bool) -> Result<i64, String> {
        let start = self.at;
        if let Some(name) = self.name() {
            self.blanks();
            let operator = ASSIGNMENTS.iter().find(|operator| self.rest().starts_with(operator.as_bytes()));
            if let Some(operator) = operator.filter(|operator| **operator != "=" || !self.rest().starts_with(b"==")) {
                self.at += operator.len();
                let right = self.assignment(counts)?;
                let value = match operator.strip_suffix('=') {
                    Some("") | None => right,
                    Some(binary) => apply(binary, self.variable(&name)?, right, counts)?,
                };
                if counts {
                    self.numbers.set(&name, value)?;
                }
                return Ok(value);
            }
            self.at = start;
        }
        self.conditional(counts)
    }

    fn conditional(&mut self, counts: bool) -> Result<i64, String> {
        let condition = self.binary(0, counts)?;
        if !self.take("?") {
            return Ok(condition);
        }
        self.deeper(|evaluator| {
            let yes = evaluator.assignment(counts && condition != 0)?;
            if !evaluator.take(":") {
                return Err("the arithmetic expression has `?` without `:`".to_owned());
            }
            let no = evaluator.conditional(counts && condition == 0)?;
            Ok(if condition == 0 { no } else { yes })
        })
    }

    fn binary(&mut self, row: usize, counts: bool) -> Result<i64, String> {
        let Some(operators) = BINARY.get(row) else { return self.unary(counts) };
        let mut left = self.binary(row + 1, counts)?;
        loop {
            self.blanks();
            let found = operators.iter().find(|operator| self.is_next(operator));
            let Some(operator) = found else { return Ok(left) };
            self.at += operator.len();
            let decided = match *operator {
                "&&" => left == 0,
                "||" => left != 0,
                _ => false,
            };
            let right = self.binary(row + 1, counts && !decided)?;
            left = apply(operator, left, right, counts && !decided)?;
        }
    }

    /// Whether this operator comes next, and not a longer one.
    fn is_next(&self, operator: &str) -> bool {
        let rest = self.rest();
        rest.starts_with(operator.as_bytes())
            && !matches!(
                (operator, rest.get(operator.len())),
                ("|", Some(b'|' | b'='))
                    | ("&", Some(b'&' | b'='))
                    | ("<", Some(b'<'))
                    | (">", Some(b'>'))
                    | ("^" | "+" | "-" | "*" | "/" | "%" | "<<" | ">>", Some(b'='))
            )
    }

    fn unary(&mut self, counts: bool) -> Result<i64, String> {
        self.deeper(|evaluator| {
            evaluator.blanks();
            match evaluator.rest().first() {
                Some(b'-') => {
                    evaluator.at += 1;
                    Ok(evaluator.unary(counts)?.wrapping_neg())
                }
                Some(b'+') => {
                    evaluator.at += 1;
                    evaluator.unary(counts)
                }
                Some(b'!') => {
                    evaluator.at += 1;
                    Ok(i64::from(evaluator.unary(counts)? == 0))
                }
                Some(b'~') => {
                    evaluator.at += 1;
                    Ok(!evaluator.unary(counts)?)
                }
                Some(b'(') => {
                    evaluator.at += 1;
                    let value = evaluator.assignment(counts)?;
                    if evaluator.take(")") {
                        Ok(value)
                    } else {
                        Err("the arithmetic expression lacks a `)`".to_owned())
                    }
                }
                Some(byte) if byte.is_ascii_digit() => {
                    let length = evaluator.rest().iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
                    let digits = evaluator.rest()[..length].to_vec();
                    evaluator.at += length;
                    number(&digits).ok_or_else(|| format!("`{}` is no number", String::from_utf8_lossy(&digits)))
                }
                _ => match evaluator.name() {
                    Some(name) => evaluator.variable(&name),
                    None => Err("the arithmetic expression lacks a number".to_owned()),
                },
            }
        })
    }

    fn variable(&self, name: &[u8]) -> Result<i64, String> {
        match self.numbers.get(name) {
            Some(value) if !value.is_empty() => {
                number(&value).ok_or_else(|| format!("`{}` is no number", String::from_utf8_lossy(&value)))
            }
            _ => Ok(0),
        }
    }

    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T, String>) -> Result<T, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("the arithmetic expression is too deep".to_owned());
        }
        let result = inner(self);
        self.depth -= 1;
        result
    }
}

fn apply(operator: &str, left: i64, right: i64, counts: bool) -> Result<i64, String> {
    // As C does it for 64 bits; a shift beyond them is undefined there, and x86 takes the lower bits.
    let shift = u32::try_from(right & 63).unwrap_or(0);
    Ok(match operator {
        "||" => i64::from(left != 0 || right != 0),
        "&&" => i64::from(left != 0 && right != 0),
        "|" => left | right,
        "^" => left ^ right,
        "&" => left & right,
        "==" => i64::from(left == right),
        "!=" => i64::from(left != right),
        "<=" => i64::from(left <= right),
        ">=" => i64::from(left >= right),
        "<" => i64::from(left < right),
        ">" => i64::from(left > right),
        "<<" => left.wrapping_shl(shift),
        ">>" => left.wrapping_shr(shift),
        "+" => left.wrapping_add(right),
        "-" => left.wrapping_sub(right),
        "*" => left.wrapping_mul(right),
        _ if right == 0 && counts => return Err("division by zero".to_owned()),
        _ if right == 0 => 0,
        "/" => left.wrapping_div(right),
        _ => left.wrapping_rem(right),
    })
}
