//! Makes the tests of the board matrix (`tests/it/boards.rs`): one for each file in `board-configs`.

use std::path::Path;
use std::{env, fs, io};

/// Boards that every run of the tests boots; the others wait for `make test-boards`. Between them and the Pi 2 and Pi 3
/// of `tests/it/boot.rs` each processor, each architecture and both ways of starting are there.
const ALWAYS: &[&str] = &["pi1", "virt-arm64"];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=board-configs");
    let mut tests =
        format!("/// Boards that every run of the tests boots.\npub(crate) const ALWAYS: &[&str] = &{ALWAYS:?};\n\n");
    let mut names: Vec<String> = fs::read_dir("board-configs")?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok()?.strip_suffix(".toml").map(str::to_owned))
        .collect();
    names.sort();
    for name in names {
        // What QEMU has no machine for takes no time.
        let is_emulated = fs::read_to_string(format!("board-configs/{name}.toml"))?.contains("\n[emulation]\n");
        if is_emulated && !ALWAYS.contains(&name.as_str()) {
            tests += "#[ignore = \"`make test-boards` boots it\"]\n";
        }
        let function = name.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        tests += &format!("#[test]\nfn {function}() {{\n    boots_or_says_why_not({name:?});\n}}\n");
    }
    let folder = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    fs::write(Path::new(&folder).join("boards.rs"), tests)
}
