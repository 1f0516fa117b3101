//! The kernel modules of the initramfs: `/modules.list` names one file a line, in load order.
//!
//! The builder has resolved every dependency, so there is no `modules.dep` here and no probing. A module that will not
//! load is remembered and the rest go on: a missing network module must not keep a node from its root.

use std::ffi::CString;
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use rustix::io::Errno;

use crate::cmdline::Cmdline;
use crate::console;
use crate::failure::Failure;

const LIST: &str = "/modules.list";

/// `MODULE_INIT_COMPRESSED_FILE` of the kernel's `include/uapi/linux/module.h`: it decompresses the file itself.
const COMPRESSED: i32 = 4;

/// A module that did not load, and why.
#[derive(Debug)]
pub(crate) struct FailedModule {
    path: String,
    error: io::Error,
}

impl fmt::Display for FailedModule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.error)
    }
}

/// Reads `/modules.list`. A missing list is an empty one: a kernel with everything built in needs no modules.
///
/// # Errors
///
/// When the list is there and cannot be read.
pub(crate) fn read_list() -> Result<Vec<String>, Failure> {
    match fs::read_to_string(LIST) {
        Ok(text) => Ok(parse_list(&text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(Failure::Read { path: LIST, source }),
    }
}

/// Loads the modules in order with their parameters from the command line; failures are shown and collected.
pub(crate) fn load_all(list: &[String], cmdline: &Cmdline, failed: &mut Vec<FailedModule>) {
    for path in list {
        if let Err(error) = load(path, &cmdline.parameters_of(&module_name(path))) {
            let module = FailedModule { path: path.clone(), error };
            console::alarm(&format!("module not loaded: {module}"));
            failed.push(module);
        }
    }
}

fn load(path: &str, parameters: &str) -> io::Result<()> {
    let file = File::open(path)?;
    let parameters = CString::new(parameters)?;
    let flags = if path.ends_with(".ko") { 0 } else { COMPRESSED };
    match rustix::system::finit_module(file, &parameters, flags) {
        // Already loaded, or built into this kernel.
        Ok(()) | Err(Errno::EXIST) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The lines of a list; blank ones and `#` comments are skipped, a relative path is from the root.
fn parse_list(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| if line.starts_with('/') { line.to_owned() } else { format!("/{line}") }).collect()
}

/// A module's name: its file name up to the first dot, with `_` for `-` as the kernel writes it.
fn module_name(path: &str) -> String {
    let file = Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or(path);
    file.split('.').next().unwrap_or(file).replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_keeps_its_order() {
        let text = "# load order\nlib/modules/6.12/crc16.ko\n\n/lib/modules/6.12/ext4.ko\n";
        assert_eq!(parse_list(text), ["/lib/modules/6.12/crc16.ko", "/lib/modules/6.12/ext4.ko"]);
    }

    #[test]
    fn names_are_as_the_kernel_writes_them() {
        assert_eq!(module_name("/lib/modules/6.12/kernel/drivers/mmc/host/sdhci-iproc.ko"), "sdhci_iproc");
        assert_eq!(module_name("/lib/ext4.ko.xz"), "ext4");
    }

    #[test]
    fn a_missing_file_is_named() {
        let path = "/nowhere/ext4.ko".to_owned();
        let error = load(&path, "").expect_err("no such file");
        let failed = FailedModule { path, error };
        assert_eq!(failed.to_string(), "/nowhere/ext4.ko: No such file or directory (os error 2)");
    }
}
