//! Small steps that many scripts take with files, and texts that scripts carry inside them.

use bytes::Bytes;

use crate::configure::{ConfigureError, Context};
use crate::scripts::ScriptKind;
use crate::tree::{Meta, Node, TreeError};
use crate::unpack::Package;

/// `[ -e to ] || cp -p from to`
pub(super) fn copy_missing(context: &mut Context<'_>, from: &str, to: &str) -> Result<(), ConfigureError> {
    if context.exists(to)? {
        return Ok(());
    }
    let resolved = context.tree.resolve(&Context::path(from)?)?;
    let missing = || TreeError::Missing(resolved.clone());
    let (content, meta) =
        context.tree.get(&resolved).and_then(|node| Some((node.content()?.clone(), node.meta))).ok_or_else(missing)?;
    context.write(to, content, meta)
}

/// `[ -e path ] || : > path`, with this owner and mode.
pub(super) fn touch(context: &mut Context<'_>, path: &str, meta: Meta) -> Result<(), ConfigureError> {
    write_missing(context, path, Bytes::new(), meta)
}

/// Writes a file that is not there yet.
pub(super) fn write_missing(
    context: &mut Context<'_>,
    path: &str,
    content: impl Into<Bytes>,
    meta: Meta,
) -> Result<(), ConfigureError> {
    if context.exists(path)? { Ok(()) } else { context.write(path, content, meta) }
}

/// Whether `path` itself is there and is a symbolic link (`test -L`).
pub(super) fn is_link(context: &Context<'_>, path: &str) -> Result<bool, ConfigureError> {
    let path = context.tree.resolve_parent(&Context::path(path)?)?;
    Ok(context.tree.get(&path).and_then(Node::target).is_some())
}

/// Whether `path` leads to a directory (`test -d`).
pub(super) fn is_directory(context: &Context<'_>, path: &str) -> Result<bool, ConfigureError> {
    let path = context.tree.resolve(&Context::path(path)?)?;
    Ok(context.tree.get(&path).is_some_and(Node::is_directory))
}

/// The here-document that a script writes to `file`: the script is the only place where its package keeps the text.
pub(super) fn here_document(package: &Package, script: ScriptKind, file: &str) -> Result<String, ConfigureError> {
    let content = package.control_files.get(script.name()).map(|content| String::from_utf8_lossy(content));
    content.as_deref().and_then(|text| document(text, file)).ok_or_else(|| ConfigureError::Malformed {
        path: format!("{}.{script}", package.name()),
        what: format!("has no here-document for `{file}`"),
    })
}

/// The text between `> file <<WORD` and `WORD`; `<<-` takes the tabs before each line away.
fn document(script: &str, file: &str) -> Option<String> {
    let mut lines = script.lines();
    let opening = lines.by_ref().find(|line| {
        let writes = line.split_once("> ").map(|(_, to)| to.split_whitespace().next().unwrap_or_default());
        line.contains("<<") && writes.map(|to| to.trim_matches('"').trim_start_matches("$DPKG_ROOT")) == Some(file)
    })?;
    let word = opening.split_once("<<")?.1;
    let indented = word.starts_with('-');
    let word: String = word.chars().skip_while(|c| !c.is_alphanumeric()).take_while(|c| c.is_alphanumeric()).collect();
    let mut text = String::new();
    for line in lines {
        let line = if indented { line.trim_start_matches('\t') } else { line };
        if line == word {
            return Some(text);
        }
        text.push_str(line);
        text.push('\n');
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn here_documents_are_found_by_the_file_they_are_written_to() {
        let script = "  cat > /etc/hosts <<-EOF\n\t127.0.0.1\tlocalhost\n\nEOF\ncat <<END > /etc/modules\n\t# none\nEND\n\
                      cat > \"$DPKG_ROOT/etc/passwd\" <<'EOF'\nroot:*:0\nEOF\n";
        assert_eq!(document(script, "/etc/hosts").as_deref(), Some("127.0.0.1\tlocalhost\n\n"));
        assert_eq!(document(script, "/etc/modules").as_deref(), Some("\t# none\n"));
        assert_eq!(document(script, "/etc/passwd").as_deref(), Some("root:*:0\n"));
        assert_eq!(document(script, "/etc/host"), None);
        assert_eq!(document("cat > /a <<E\nb\n", "/a"), None, "never closed");
    }
}
