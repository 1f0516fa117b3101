//! The fields of a line in systemd's files for sysusers.d and tmpfiles.d (`extract_first_word` with `EXTRACT_UNQUOTE`).
//!
//! They are not a shell's words, for which there are crates: a `#` inside a line begins no comment. A backslash is kept
//! as it is.

/// The fields between blanks; in single or double quotes a field may hold blanks. None when a quotation does not end.
pub(super) fn split(line: &str) -> Option<Vec<String>> {
    let mut fields = Vec::new();
    let mut field: Option<String> = None;
    let mut quote = None;
    for letter in line.chars() {
        match quote {
            Some(open) if letter == open => quote = None,
            Some(_) => field.get_or_insert_default().push(letter),
            None if letter == '"' || letter == '\'' => {
                quote = Some(letter);
                field.get_or_insert_default();
            }
            None if letter.is_ascii_whitespace() => fields.extend(field.take()),
            None => field.get_or_insert_default().push(letter),
        }
    }
    fields.extend(field);
    quote.is_none().then_some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotations_keep_blanks_and_empty_fields() {
        let fields = split("u  web\t- \"the 'web' user\" '' a'b c'd #1 \\x").expect("no open quotation");
        assert_eq!(fields, ["u", "web", "-", "the 'web' user", "", "ab cd", "#1", "\\x"]);
        assert_eq!(split("d '/a"), None);
        assert_eq!(split("  "), Some(vec![]));
    }
}
