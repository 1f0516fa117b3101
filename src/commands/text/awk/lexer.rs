//! The words of a program of awk.

use crate::commands::answer::refused;
use crate::shell::WorldError;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Text(String),
    Pattern(String),
    Name(String),
    /// A name with a parenthesis right behind it.
    Function(String),
    Sign(&'static str),
    Line,
}

const SIGNS: [&str; 38] = [
    "+=", "-=", "*=", "/=", "%=", "^=", "==", "<=", ">=", "!=", "++", "--", "&&", "||", ">>", "{", "}", "(", ")", "[",
    "]", ";", ",", "+", "-", "*", "/", "%", "^", "!", ">", "<", "|", "?", ":", "~", "$", "=",
];

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, WorldError> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        match letter {
            ' ' | '\t' | '\r' => rest = &rest[1..],
            '\\' if rest.starts_with("\\\n") => rest = &rest[2..],
            '\n' => {
                tokens.push(Token::Line);
                rest = &rest[1..];
            }
            '#' => rest = &rest[rest.find('\n').unwrap_or(rest.len())..],
            '"' => {
                let (string, behind) = quoted(&rest[1..], '"')?;
                tokens.push(Token::Text(super::run::unescaped(string)));
                rest = behind;
            }
            '/' if pattern_may_begin(tokens.last()) => {
                let (pattern, behind) = quoted(&rest[1..], '/')?;
                tokens.push(Token::Pattern(pattern.replace("\\/", "/").replace("\\r", "\r")));
                rest = behind;
            }
            '0'..='9' | '.' if letter != '.' || rest[1..].starts_with(|next: char| next.is_ascii_digit()) => {
                let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(rest.len());
                match rest[..end].parse() {
                    Ok(number) => tokens.push(Token::Number(number)),
                    Err(_) => return refused(format!("`{}` is no number of awk", &rest[..end])),
                }
                rest = &rest[end..];
            }
            letter if letter.is_ascii_alphabetic() || letter == '_' => {
                let end =
                    rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(rest.len());
                let name = rest[..end].to_owned();
                rest = &rest[end..];
                tokens.push(if rest.starts_with('(') { Token::Function(name) } else { Token::Name(name) });
            }
            _ => match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
                Some(sign) => {
                    tokens.push(Token::Sign(sign));
                    rest = &rest[sign.len()..];
                }
                None => return refused(format!("`{letter}` means nothing in awk here")),
            },
        }
    }
    Ok(tokens)
}

/// A slash divides only behind a value.
fn pattern_may_begin(before: Option<&Token>) -> bool {
    !matches!(
        before,
        Some(Token::Number(_) | Token::Text(_) | Token::Name(_) | Token::Sign(")" | "]" | "$" | "++" | "--"))
    )
}

fn quoted(text: &str, end: char) -> Result<(&str, &str), WorldError> {
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => {
                letters.next();
            }
            '\n' => break,
            letter if letter == end => return Ok((&text[..at], &text[at + 1..])),
            _ => {}
        }
    }
    refused(format!("a text of awk lacks its `{end}`"))
}
