//! The line format that passwd(5), group(5), shadow(5) and gshadow(5) share: records on lines, fields between colons.
//!
//! Not for it: NIS lines (`+user`), which no fresh system has; they are refused for their number of fields.

use crate::tree::{Kind, Tree, TreePath};

use crate::configure::ConfigureError;

/// The fields of every line of `file`; none when there is no such file. Empty lines mean nothing.
pub(super) fn read<const N: usize>(
    tree: &Tree,
    file: &'static str,
) -> Result<Option<Vec<[String; N]>>, ConfigureError> {
    let path = TreePath::new(file)?;
    if !matches!(tree.get(&path).map(|node| &node.kind), Some(Kind::File(_))) {
        return Ok(None);
    }
    let content = tree.read(&path)?;
    let text = std::str::from_utf8(&content).map_err(|_| malformed(file, "is no UTF-8 text".to_owned()))?;
    let mut records = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
        let fields: Vec<String> = line.split(':').map(str::to_owned).collect();
        let found = fields.len();
        let wrong = || malformed(file, format!("line {} has {found} fields where {N} belong", index + 1));
        records.push(fields.try_into().map_err(|_| wrong())?);
    }
    Ok(Some(records))
}

/// The number in a field of the record with index `record`.
pub(super) fn number(file: &'static str, record: usize, text: &str) -> Result<u32, ConfigureError> {
    text.parse().map_err(|_| malformed(file, format!("record {} has `{text}` where a number belongs", record + 1)))
}

/// The file with these records.
pub(super) fn format<const N: usize>(
    file: &'static str,
    records: impl Iterator<Item = [String; N]>,
) -> Result<String, ConfigureError> {
    let mut text = String::new();
    for record in records {
        if let Some(field) = record.iter().find(|field| field.contains([':', '\n'])) {
            return Err(malformed(file, format!("cannot hold `{field}`: a field has no `:` and no line break")));
        }
        text.push_str(&record.join(":"));
        text.push('\n');
    }
    Ok(text)
}

/// That `file` is not as it should be.
pub(super) fn malformed(file: &str, what: String) -> ConfigureError {
    ConfigureError::Malformed { path: format!("/{file}"), what }
}
