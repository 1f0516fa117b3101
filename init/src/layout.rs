//! What lies where in an initramfs: the first process, the kernel modules it loads, and nothing else.
//!
//! It is not compressed: on a card it is a few megabytes that the firmware reads in a fraction of a second, unpacking
//! them costs the board's processor as long, and its bytes do not hang on a codec's version.

use crate::{Cpio, CpioError};

/// Empty directories of the archive: for modules, and for the first process to mount on.
const DIRECTORIES: [&str; 5] = ["dev", "modules", "proc", "run", "sys"];

/// The archive with `init` as `/init`, each of `modules` (file name and content) in `/modules`, and `/modules.list`, which
/// names them by their paths in the archive, one a line, in the given order. `mtime` is the time of everything in it, in
/// seconds since 1970-01-01 UTC.
pub fn initramfs<C: AsRef<[u8]>>(
    init: &[u8],
    modules: impl IntoIterator<Item = (String, C)>,
    mtime: u32,
) -> Result<Vec<u8>, CpioError> {
    let mut cpio = Cpio::new(mtime);
    for directory in DIRECTORIES {
        cpio.directory(directory, 0o755)?;
    }
    cpio.char_device("dev/console", 0o600, 5, 1)?;
    cpio.char_device("dev/null", 0o666, 1, 3)?;
    cpio.file("init", 0o755, init)?;
    let mut list = String::new();
    for (name, content) in modules {
        let file = format!("modules/{name}");
        cpio.file(&file, 0o644, content.as_ref())?;
        list.push('/');
        list.push_str(&file);
        list.push('\n');
    }
    cpio.file("modules.list", 0o644, list.as_bytes())?;
    cpio.finish()
}
