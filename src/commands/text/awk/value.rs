//! Values of awk: numbers, texts, and texts of the input that look like numbers.

use std::cmp::Ordering;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Number(f64),
    Text(String),
    /// Of the input: a number where it looks like one.
    Input(String),
    None,
}

impl Value {
    pub(super) fn number(&self) -> f64 {
        match self {
            Self::Number(number) => *number,
            Self::Text(text) | Self::Input(text) => leading_number(text).0,
            Self::None => 0.0,
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Number(number) => shown(*number),
            Self::Text(text) | Self::Input(text) => text.clone(),
            Self::None => String::new(),
        }
    }

    pub(super) fn is_true(&self) -> bool {
        match self {
            Self::Number(number) => *number != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::Input(text) => {
                if looks_like_number(text) {
                    leading_number(text).0 != 0.0
                } else {
                    !text.is_empty()
                }
            }
            Self::None => false,
        }
    }

    fn is_number(&self) -> bool {
        match self {
            Self::Number(_) | Self::None => true,
            Self::Text(_) => false,
            Self::Input(text) => looks_like_number(text),
        }
    }

    /// Numbers as numbers, else as texts.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        if self.is_number() && other.is_number() {
            return self.number().partial_cmp(&other.number()).unwrap_or(Ordering::Equal);
        }
        self.text().cmp(&other.text())
    }
}

/// `%.6g` of a number, and a whole one as it is.
fn shown(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e16 {
        // No `-0`.
        return format!("{:.0}", if number == 0.0 { 0.0 } else { number });
    }
    general(number, 6)
}

/// `%g`
pub(super) fn general(number: f64, precision: usize) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    let precision = precision.max(1);
    let scientific = format!("{number:.*e}", precision - 1);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trimmed = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    let limit = i32::try_from(precision).unwrap_or(i32::MAX);
    if exponent < -4 || exponent >= limit {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", trimmed(mantissa), exponent.abs());
    }
    let decimals = usize::try_from(limit - 1 - exponent).unwrap_or(0);
    trimmed(&format!("{number:.decimals$}"))
}

/// The number that a text begins with, and how many letters it takes.
fn leading_number(text: &str) -> (f64, usize) {
    let skipped = text.len() - text.trim_start().len();
    let body = &text[skipped..];
    let mut end = 0;
    let bytes = body.as_bytes();
    if matches!(bytes.first(), Some(b'+' | b'-')) {
        end = 1;
    }
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let whole = digits(end);
    end += whole;
    let mut fraction = 0;
    if bytes.get(end) == Some(&b'.') {
        fraction = digits(end + 1);
        if whole + fraction > 0 {
            end += 1 + fraction;
        }
    }
    if whole + fraction == 0 {
        return (0.0, 0);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent =
            bytes.get(end + 1 + sign..).map_or(0, |rest| rest.iter().take_while(|byte| byte.is_ascii_digit()).count());
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    (body[..end].parse().unwrap_or(0.0), skipped + end)
}

fn looks_like_number(text: &str) -> bool {
    let (_, end) = leading_number(text);
    end > 0 && text[end..].trim().is_empty()
}
