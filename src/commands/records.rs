//! Configuration files that packages keep by other means than dpkg's: ucf, ucfr and ucfq, pam-auth-update (libpam-runtime),
//! update-ca-certificates; and the capabilities of programs (setcap, libcap2-bin).

use crate::configure::{certificates, pam, ucf};
use crate::shell::{Call, Text, WorldError};

use super::answer::{Answer, done, failed, refused, shown};
use super::arguments::{parse, text};
use super::session::Session;
use super::table::Run;

pub(super) const COMMANDS: &[(&str, Run)] = &[
    ("getcap", getcap),
    ("pam-auth-update", pam_auth_update),
    ("setcap", setcap),
    ("ucf", install),
    ("ucfq", ask),
    ("ucfr", register),
    ("update-ca-certificates", update_ca_certificates),
];

/// `ucf [OPTION…] NEW DESTINATION`. A file that is there stays as it is, as nobody is asked.
fn install(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let known = [
        "three-way",
        "debconf-ok",
        "debug|d=?",
        "verbose|v",
        "p|purge",
        "n|no-action",
        "sum-file=",
        "s|sum-dir=",
        "src-dir=",
        "state-dir=",
        "Z",
    ];
    let given = parse(call, &known)?;
    let words = given.operands.iter().map(|word| text(word)).collect::<Result<Vec<_>, _>>()?;
    if given.has("p") {
        // What nobody has noted need not be forgotten.
        return done();
    }
    let [source, destination] = words.as_slice() else { return refused("`ucf` takes a new file and its destination") };
    let source = Session::absolute(call.folder, source.as_bytes());
    let place = session.place(&source, true)?;
    let (content, meta) = (session.bytes(&source)?, session.node(&place)?.meta);
    ucf::record_content(session.context, &content, destination).or_else(|error| refused(error.to_string()))?;
    if session.place_if_there(destination.as_bytes(), true)?.is_none() {
        session.put(destination.as_bytes(), content, meta.mode)?;
        let made = session.place(destination.as_bytes(), true)?;
        session.node_mut(&made)?.meta = meta;
    }
    done()
}

/// `ucfr [--force] PACKAGE DESTINATION`
fn register(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["f|force", "v|verbose", "d|debug=?", "n|no-action", "p|purge", "state-dir="])?;
    let words = given.operands.iter().map(|word| text(word)).collect::<Result<Vec<_>, _>>()?;
    if given.has("p") {
        return done();
    }
    let [package, destination] = words.as_slice() else { return refused("`ucfr` takes a package and a file") };
    ucf::record_owner(session.context, destination, package).or_else(|error| refused(error.to_string()))?;
    done()
}

/// `ucfq --with-colons FILE…`: `FILE:PACKAGE:exists:modified`.
fn ask(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["w|with-colons", "state-dir="])?;
    if !given.has("w") {
        return refused("`ucfq` without `--with-colons` is for a person to read");
    }
    let mut output = Text::new();
    for operand in &given.operands {
        let file = text(operand)?;
        let owner = ucf::owner(session.context, &file).or_else(|error| refused(error.to_string()))?;
        let there = session.place_if_there(operand, true)?.is_some();
        let there = if there { "Yes" } else { "No" };
        output.extend(format!("{file}:{}:{there}:No\n", owner.unwrap_or_default()).into_bytes());
    }
    super::answer::says(output)
}

/// `pam-auth-update [--package] [--force]`: the common files from the profiles that are there.
fn pam_auth_update(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["package", "force", "root="])?;
    if !given.operands.is_empty() {
        return refused("`pam-auth-update` takes no profiles here");
    }
    pam::update(session.context).or_else(|error| refused(error.to_string()))?;
    done()
}

/// `update-ca-certificates [--fresh]`
fn update_ca_certificates(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    parse(call, &["fresh|f", "verbose|v", "hooksdir=", "default"])?;
    certificates::update(session.context).or_else(|error| refused(error.to_string()))?;
    done()
}

/// `setcap [-q] CAPABILITIES FILE…`, with all capabilities permitted and effective alike (`cap_net_raw+ep`).
fn setcap(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &["q", "v"])?;
    if given.operands.is_empty() || !given.operands.len().is_multiple_of(2) {
        return refused("`setcap` takes capabilities and a file");
    }
    for pair in given.operands.chunks(2) {
        let path = Session::absolute(call.folder, &pair[1]);
        let place = session.place(&path, true)?;
        let value = raw(&text(&pair[0])?)?;
        let node = session.node_mut(&place)?;
        if node.content().is_none() {
            return failed(format!("{}: Invalid argument", shown(&pair[1])));
        }
        node.xattrs.insert("security.capability".to_owned(), value);
    }
    done()
}

/// `getcap FILE…`, where none has any.
fn getcap(session: &mut Session<'_, '_>, call: &mut Call<'_>) -> Answer {
    let given = parse(call, &[])?;
    for operand in &given.operands {
        let place = session.place_if_there(&Session::absolute(call.folder, operand), true)?;
        let node = place.and_then(|place| session.context.tree.get(&place));
        if node.is_some_and(|node| node.xattrs.contains_key("security.capability")) {
            return refused("`getcap` of a file with capabilities is not done here");
        }
    }
    done()
}

/// The names of capabilities by their numbers (`linux/capability.h`).
const NAMES: [&str; 41] = [
    "chown",
    "dac_override",
    "dac_read_search",
    "fowner",
    "fsetid",
    "kill",
    "setgid",
    "setuid",
    "setpcap",
    "linux_immutable",
    "net_bind_service",
    "net_broadcast",
    "net_admin",
    "net_raw",
    "ipc_lock",
    "ipc_owner",
    "sys_module",
    "sys_rawio",
    "sys_chroot",
    "sys_ptrace",
    "sys_pacct",
    "sys_admin",
    "sys_boot",
    "sys_nice",
    "sys_resource",
    "sys_time",
    "sys_tty_config",
    "mknod",
    "lease",
    "audit_write",
    "audit_control",
    "setfcap",
    "mac_override",
    "mac_admin",
    "syslog",
    "wake_alarm",
    "block_suspend",
    "audit_read",
    "perfmon",
    "bpf",
    "checkpoint_restore",
];

/// `struct vfs_cap_data` of revision 2, little endian.
fn raw(text: &str) -> Result<Text, WorldError> {
    const REVISION: u32 = 0x0200_0000;
    const EFFECTIVE: u32 = 1;
    let (mut permitted, mut inheritable, mut effective) = (0_u64, 0_u64, false);
    for clause in text.split_ascii_whitespace() {
        let Some(at) = clause.find(['=', '+', '-']) else {
            return refused(format!("`setcap {clause}` is not understood here"));
        };
        // `=+ep` sets none and then adds.
        let (names, flags) = (&clause[..at], clause[at..].trim_start_matches(['=', '+', '-']));
        if flags.is_empty() || !flags.bytes().all(|flag| b"eip".contains(&flag)) {
            return refused(format!("`setcap {clause}` is not understood here"));
        }
        for name in names.split(',') {
            let name = name.to_ascii_lowercase();
            let number = name.strip_prefix("cap_").and_then(|name| NAMES.iter().position(|known| *known == name));
            let Some(number) = number else { return refused(format!("`{name}` is no capability that is known here")) };
            // What was not set need not be taken away.
            if clause[at..].starts_with('-') {
                continue;
            }
            let bit = 1_u64 << number;
            permitted |= if flags.contains('p') { bit } else { 0 };
            inheritable |= if flags.contains('i') { bit } else { 0 };
            effective |= flags.contains('e');
        }
    }
    let mut value = (REVISION | if effective { EFFECTIVE } else { 0 }).to_le_bytes().to_vec();
    for shift in [0, 32] {
        let half = |set: u64| u32::try_from((set >> shift) & 0xffff_ffff).unwrap_or_default().to_le_bytes();
        value.extend(half(permitted));
        value.extend(half(inheritable));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_have_the_kernel_s_form() {
        // `setcap cap_net_raw+ep FILE; getfattr -e hex -n security.capability FILE` on Linux 6.1.
        let raw = |text: &str| hex::encode(raw(text).expect("capabilities"));
        assert_eq!(raw("cap_net_raw+ep"), "0100000200200000000000000000000000000000");
        assert_eq!(raw("cap_net_admin,cap_net_raw=eip"), "0100000200300000003000000000000000000000");
        assert_eq!(raw("cap_bpf=p"), "0000000200000000000000008000000000000000");
    }
}
