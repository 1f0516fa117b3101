//! What keeps the first boot of a node short and free of questions.
//!
//! - `/etc/machine-id` is there and empty: systemd makes an id of its own without taking this for a first boot, which
//!   would run every preset and ask at the console (machine-id(5)).
//! - `/etc/.updated` and `/var/.updated` carry the time of `/usr`: units with ConditionNeedsUpdate, which rebuild the
//!   caches of an updated system, find nothing to do (systemd-update-done.service(8)).

use super::{ConfigureError, Context};

pub fn settle(context: &mut Context<'_>) -> Result<(), ConfigureError> {
    let meta = context.file();
    if !context.exists("usr/lib/systemd/systemd")? {
        return Ok(());
    }
    // 0444 as systemd itself makes it.
    context.write("etc/machine-id", "", meta.with_mode(0o444))?;
    let stamp = format!(
        "# This file was created by systemd-update-done. The timestamp below is the\n\
         # modification time of /usr/ for which the most recent updates of {{}} have\n\
         # been applied. See man:systemd-update-done.service(8) for details.\n\
         TIMESTAMP_NSEC={}\n",
        i128::from(context.options.epoch) * 1_000_000_000
    );
    for folder in ["/etc", "/var"] {
        context.write(&format!("{folder}/.updated"), stamp.replace("{}", &format!("{folder}/")), meta)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{EPOCH, options, tree};
    use super::*;

    #[test]
    fn a_system_without_systemd_is_left_alone() {
        let (mut tree, options) = (tree(), options());
        let mut context = Context::new(&mut tree, &[], &options);
        settle(&mut context).expect("nothing to do");
        assert_eq!(context.exists("etc/machine-id"), Ok(false));
    }

    #[test]
    fn the_stamps_carry_the_builds_time() {
        let (mut tree, options) = (tree(), options());
        let mut context = Context::new(&mut tree, &[], &options);
        context.write("usr/lib/systemd/systemd", "", context.file()).expect("fresh");
        settle(&mut context).expect("written");
        assert_eq!(context.read("etc/machine-id"), Ok(String::new()));
        let stamp = context.read("var/.updated").expect("written");
        assert!(stamp.ends_with(&format!("\nTIMESTAMP_NSEC={EPOCH}000000000\n")), "{stamp}");
    }
}
