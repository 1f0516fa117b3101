//! ucf: configuration files that a package copies from a share file instead of shipping them as conffiles.
//!
//! Its records in `/var/lib/ucf`: `hashfile` (MD5 of the share file, two blanks, path), `registry` (package, blank,
//! tab, blank, path) and `cache/<path with : for />`, from which an upgrade on the node tells an edited file.

use md5::{Digest, Md5};

use super::{ConfigureError, Context};

/// `ucf <source> <destination>; ucfr <package> <destination>` where the destination is not there yet; one that is
/// there stays, as an administrator's would.
pub fn install(
    context: &mut Context<'_>,
    source: &str,
    destination: &str,
    package: &str,
) -> Result<(), ConfigureError> {
    let content = context.tree.read(&Context::path(source)?)?;
    register(context, &content, destination, package)?;
    if !context.exists(destination)? {
        let meta = context.file();
        context.write(destination, content, meta)?;
    }
    Ok(())
}

/// The records alone: `content` is what the package brought for `destination`.
pub fn register(
    context: &mut Context<'_>,
    content: &[u8],
    destination: &str,
    package: &str,
) -> Result<(), ConfigureError> {
    record_content(context, content, destination)?;
    record_owner(context, destination, package)
}

/// `ucfr <package> <destination>`
pub fn record_owner(context: &mut Context<'_>, destination: &str, package: &str) -> Result<(), ConfigureError> {
    if owner(context, destination)?.is_some() {
        return Ok(());
    }
    add_line(context, "var/lib/ucf/registry", &format!("{package} \t {destination}"))
}

/// The package that `destination` is registered for.
pub fn owner(context: &Context<'_>, destination: &str) -> Result<Option<String>, ConfigureError> {
    if !context.exists("var/lib/ucf/registry")? {
        return Ok(None);
    }
    let registry = context.read("var/lib/ucf/registry")?;
    let mut lines = registry.lines().map(|line| line.split_ascii_whitespace().collect::<Vec<_>>());
    let line = lines.find(|words| words.get(1) == Some(&destination));
    Ok(line.and_then(|words| words.first().map(|package| (*package).to_owned())))
}

/// What ucf notes of the file that a package brought for `destination`.
pub fn record_content(context: &mut Context<'_>, content: &[u8], destination: &str) -> Result<(), ConfigureError> {
    let md5 = hex::encode(Md5::digest(content));
    add_line(context, "var/lib/ucf/hashfile", &format!("{md5}  {destination}"))?;
    let meta = context.file();
    context.write(&format!("var/lib/ucf/cache/{}", destination.replace('/', ":")), content.to_vec(), meta)
}

fn add_line(context: &mut Context<'_>, path: &str, line: &str) -> Result<(), ConfigureError> {
    let mut text = if context.exists(path)? { context.read(path)? } else { String::new() };
    text.push_str(line);
    text.push('\n');
    let meta = context.file();
    context.write(path, text, meta)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{options, tree};
    use super::*;

    #[test]
    fn a_file_is_copied_and_recorded_as_ucf_does() {
        let (mut tree, options) = (tree(), options());
        let mut context = Context::new(&mut tree, &[], &options);
        context.write("usr/share/ssh/sshd_config", "Port 22\n", context.file()).expect("fresh");
        install(&mut context, "/usr/share/ssh/sshd_config", "/etc/ssh/sshd_config", "ssh").expect("copied");
        let read = |path: &str| context.read(path).expect("written");
        assert_eq!(read("etc/ssh/sshd_config"), "Port 22\n");
        // md5sum of the file, from coreutils.
        assert_eq!(read("var/lib/ucf/hashfile"), "4cffd1d0d47522d5db7cd2e3b5fdf40e  /etc/ssh/sshd_config\n");
        assert_eq!(read("var/lib/ucf/registry"), "ssh \t /etc/ssh/sshd_config\n");
        assert_eq!(read("var/lib/ucf/cache/:etc:ssh:sshd_config"), "Port 22\n");
    }
}
