//! Who may log in: the ssh keys of `cluster.toml` and what its serial console offers.

use super::OverlayError;
use crate::config::{BaseSpec, Console};
use crate::configure::units;
use crate::tree::{Meta, Tree, TreePath};

/// Units that listen for ssh; without a key none of them is of use to anybody but an attacker.
const SSH_UNITS: [&str; 2] = ["ssh.service", "ssh.socket"];

pub(super) fn apply(tree: &mut Tree, base: &BaseSpec, epoch: i64) -> Result<(), OverlayError> {
    if base.authorized_keys.is_empty() {
        for unit in SSH_UNITS {
            // A system may have no sshd at all. What overlays/common says to it is then read by nobody.
            if units::exists(tree, unit)? {
                units::disable(tree, unit)?;
            }
        }
    } else if !units::exists(tree, SSH_UNITS[0])? {
        return Err(OverlayError::NoSshServer { system: base.system.name.clone() });
    } else {
        let folder = TreePath::new("root/.ssh")?;
        tree.make_directories(&folder, Meta::directory(epoch).with_mode(0o700))?;
        let keys: String = base.authorized_keys.iter().flat_map(|key| [key, "\n"]).collect();
        tree.write(&folder.join(b"authorized_keys"), keys, Meta::file(epoch).with_mode(0o600))?;
    }
    if base.console == Console::Shell {
        open_console(tree, epoch)?;
    }
    Ok(())
}

/// A root shell on the serial console for whoever has the board in hand. The kernel's command line says which port that is.
fn open_console(tree: &mut Tree, epoch: i64) -> Result<(), OverlayError> {
    let folder = TreePath::new("etc/systemd/system/serial-getty@.service.d")?;
    tree.make_directories(&folder, Meta::directory(epoch))?;
    let drop_in = "\
# `console = \"shell\"` in cluster.toml
[Service]
ExecStart=
ExecStart=-/sbin/agetty --autologin root --noclear --keep-baud 115200,57600,38400,9600 - $TERM
";
    tree.write(&folder.join(b"10-bramble.conf"), drop_in, Meta::file(epoch))?;
    Ok(())
}
