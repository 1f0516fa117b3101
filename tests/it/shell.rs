//! The scripts of real packages, read by us as other shells read them.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use bramble::archive::{Cache, Deb, Lock};
use bramble::config::Plan;
use bramble::{assemble, shell};

use crate::cluster::{built, cache, project};

/// What dpkg runs of a package.
const SCRIPTS: [&str; 5] = ["config", "preinst", "postinst", "prerm", "postrm"];

/// Every shell script of the packages of the tests' bases, by package and name.
fn scripts() -> BTreeMap<String, Vec<u8>> {
    let plan = Plan::read(&built().path().join("cluster.toml"), project()).expect("the tests' own cluster");
    let (cache, scratch) = (Cache::new(cache()), tempfile::tempdir().expect("a temporary folder"));
    let mut scripts = BTreeMap::new();
    for base in &plan.bases {
        let lock = project().join(format!("rootfs/{}.{}.lock", base.system.name, base.architecture));
        let lock = Lock::read(&lock).expect("the committed lock");
        for package in lock.closure(&assemble::roots(base)).expect("a lock for this base") {
            let file = std::fs::read(cache.path(package.sha256)).expect("a package of a base that was built");
            let deb = Deb::read(&file.into(), scratch.path()).expect("a package of Debian");
            for (name, content) in deb.control_files {
                let line = content.split(|byte| *byte == b'\n').next().unwrap_or_default().to_vec();
                let is_shell = String::from_utf8_lossy(&line).trim_start_matches("#!").trim().starts_with("/bin/sh");
                if SCRIPTS.contains(&name.as_str()) && is_shell {
                    scripts.insert(format!("{}.{name}", package.name), content);
                }
            }
        }
    }
    scripts
}

fn accepts(program: &[&str], script: &[u8]) -> bool {
    let mut command = Command::new(program[0]);
    let mut child = command.args(&program[1..]).stdin(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a shell");
    child.stdin.take().expect("piped").write_all(script).expect("it reads");
    child.wait().expect("it ends").success()
}

/// What bash understood of a script, written down by itself (`declare -f`).
fn understood(script: &[u8]) -> String {
    let function = [b"bramble_script() {\n:\n".as_slice(), script, b"\n}\n"].concat();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("function");
    std::fs::write(&file, function).expect("a fresh file");
    let output = Command::new("bash")
        .args(["--posix", "-c", ". \"$1\" && declare -f bramble_script", "bash"])
        .arg(&file)
        .output();
    let output = output.expect("bash is essential in Debian");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn scripts_of_real_packages_are_read_as_dash_and_bash_read_them() {
    let scripts = scripts();
    assert!(scripts.len() > 150, "{} scripts", scripts.len());
    for (name, script) in &scripts {
        assert!(accepts(&["dash", "-n"], script), "{name}: dash does not accept it");
        let list = shell::parse(script).unwrap_or_else(|error| panic!("{name}: {error}"));
        let again = list.source_text();
        assert_eq!(
            understood(script),
            understood(&again),
            "{name}, as bash understands it, and as we wrote it down again"
        );
        // Cut off anywhere, it is a script for both or for neither.
        for part in 1..4 {
            let cut = &script[..script.len() * part / 4];
            let dash = accepts(&["dash", "-n"], cut);
            assert_eq!(
                shell::parse(cut).is_ok(),
                dash,
                "{name}, the first {} bytes:\n{}",
                cut.len(),
                String::from_utf8_lossy(cut)
            );
        }
    }
    println!("{} scripts", scripts.len());
}
