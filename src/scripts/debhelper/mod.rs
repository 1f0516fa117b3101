//! What debhelper's tools write into maintainer scripts, understood by form.
//!
//! A generated block begins with `# Automatically added by <tool>/<version>` and ends with
//! `# End automatically added section`. Its text is one of a few forms, each with a meaning in a fresh installation
//! ([`Action`]). The version is not looked at: a form is what it is, whichever version wrote it. There is one file
//! for each family of tools. Source: `/usr/share/debhelper/autoscripts` and the tools themselves.

mod accounts;
mod alternatives;
mod apparmor;
mod form;
mod init;
mod systemd;
mod ucf;
mod upgrade;

use form::{Form, Words};

use crate::configure::alternatives::{self as choices, Choice};
use crate::configure::units::{self, Manager};
use crate::configure::{ConfigureError, Context, accounts as sysusers, rc, tmpfiles, ucf as records};

/// How every block begins that is for `postinst configure`.
const CONFIGURE: &str = "if [ \"$1\" = \"configure\" ] || [ \"$1\" = \"abort-upgrade\" ] || \
                         [ \"$1\" = \"abort-deconfigure\" ] || [ \"$1\" = \"abort-remove\" ]; then";

/// What a block does in a fresh installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    Nothing,
    /// `deb-systemd-helper enable`
    Enable {
        unit: String,
        manager: Manager,
    },
    /// `deb-systemd-helper update-state`, for units that are not enabled by default.
    Record {
        unit: String,
        manager: Manager,
    },
    /// `systemd-sysusers <files>`
    Sysusers(Vec<String>),
    /// `systemd-tmpfiles --create <files>`
    Tmpfiles(Vec<String>),
    /// `update-rc.d <name> defaults` or `defaults-disabled`
    InitScript {
        name: String,
        enabled: bool,
    },
    /// An empty file for the administrator's part of an AppArmor profile, where the profile is.
    LocalProfile {
        profile: String,
        local: String,
    },
    /// `update-alternatives --install`
    Alternative(Choice),
    /// `ucf` and `ucfr`
    Ucf {
        source: String,
        destination: String,
        package: String,
    },
}

impl Action {
    /// Does in the tree what the block would do on the node.
    pub(super) fn run(&self, context: &mut Context<'_>) -> Result<(), ConfigureError> {
        match self {
            Self::Nothing => Ok(()),
            Self::Enable { unit, manager } => {
                units::helper::enable(context.tree, unit, *manager, context.options.epoch)
            }
            Self::Record { unit, manager } => {
                units::helper::record(context.tree, unit, *manager, context.options.epoch)
            }
            Self::Sysusers(files) => sysusers::sysusers(context, files),
            Self::Tmpfiles(files) => tmpfiles::create(context, files),
            Self::InitScript { name, enabled } => rc::defaults(context, name, *enabled),
            Self::LocalProfile { profile, local } => {
                if context.exists(profile)? && !context.exists(local)? {
                    context.write(local, "", context.file())?;
                }
                Ok(())
            }
            Self::Alternative(choice) => choices::install(context, choice),
            Self::Ucf { source, destination, package } => records::install(context, source, destination, package),
        }
    }
}

/// A generated block: which tool wrote it, and its text without the marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// "dh_installsystemd"
    pub tool: String,
    pub text: String,
}

impl Block {
    /// What the block does, when its form is known.
    pub fn actions(&self) -> Option<Vec<Action>> {
        // Both spellings of an unset DPKG_ROOT mean the same.
        let text = self.text.replace("${DPKG_ROOT:-}", "$DPKG_ROOT");
        let lines = form::normal_lines(&text);
        forms()
            .filter(|form| form.tool == self.tool || is_old_name(&self.tool, form.tool))
            .find_map(|form| form.read(&lines))
    }
}

/// Takes a script apart into its generated blocks and the rest of its text.
pub fn split(script: &str) -> (Vec<Block>, String) {
    let mut blocks = Vec::new();
    let mut rest = String::new();
    let mut open: Option<Block> = None;
    for line in script.lines() {
        match &mut open {
            None => match line.trim().strip_prefix("# Automatically added by ") {
                Some(tool) => {
                    let tool = tool.split('/').next().unwrap_or(tool).to_owned();
                    open = Some(Block { tool, text: String::new() });
                }
                None => {
                    rest.push_str(line);
                    rest.push('\n');
                }
            },
            Some(block) => {
                if line.trim() == "# End automatically added section" {
                    blocks.extend(open.take());
                } else {
                    block.text.push_str(line);
                    block.text.push('\n');
                }
            }
        }
    }
    // A block without an end is no block: its text is for a person to read.
    if let Some(block) = open {
        rest.push_str(&block.text);
    }
    (blocks, rest)
}

fn forms() -> impl Iterator<Item = &'static Form> {
    [systemd::FORMS, init::FORMS, accounts::FORMS, alternatives::FORMS, apparmor::FORMS, ucf::FORMS, upgrade::FORMS]
        .into_iter()
        .flatten()
}

/// dh_installsystemd was two tools until debhelper 11.
fn is_old_name(tool: &str, form: &str) -> bool {
    form == "dh_installsystemd" && matches!(tool, "dh_systemd_enable" | "dh_systemd_start")
}

/// The meaning of blocks that do nothing in a fresh installation.
fn nothing(_: &Words) -> Option<Action> {
    Some(Action::Nothing)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIGURE_LAID_OUT: &str = "if [ \"$1\" = \"configure\" ] || [ \"$1\" = \"abort-upgrade\" ] || \
                                      [ \"$1\" = \"abort-deconfigure\" ] || [ \"$1\" = \"abort-remove\" ] ; then";

    fn block(tool: &str, text: &str) -> Block {
        Block { tool: tool.to_owned(), text: format!("{CONFIGURE_LAID_OUT}\n{text}\nfi\n") }
    }

    #[test]
    fn scripts_are_split_into_blocks_and_the_rest() {
        let script = "#!/bin/sh\nset -e\n# Automatically added by dh_installinit/13.24.2\nblock\n\
                      # End automatically added section\nby hand\n";
        let (blocks, rest) = split(script);
        assert_eq!(blocks, [Block { tool: "dh_installinit".into(), text: "block\n".into() }]);
        assert_eq!(rest, "#!/bin/sh\nset -e\nby hand\n");
        assert_eq!(split("# Automatically added by dh_x/1\nlost\n").1, "lost\n");
    }

    #[test]
    fn units_are_enabled_or_only_recorded() {
        let enable = "\t# The following line should be removed in trixie or trixie+1\n\
                      \tdeb-systemd-helper unmask 'a.timer' >/dev/null || true\n\
                      \tif deb-systemd-helper --quiet was-enabled 'a.timer'; then\n\
                      \t\tdeb-systemd-helper enable 'a.timer' >/dev/null || true\n\telse\n\
                      \t\tdeb-systemd-helper update-state 'a.timer' >/dev/null || true\n\tfi";
        let enabled = Action::Enable { unit: "a.timer".into(), manager: Manager::System };
        assert_eq!(block("dh_installsystemd", enable).actions(), Some(vec![enabled.clone()]));
        assert_eq!(block("dh_systemd_enable", enable).actions(), Some(vec![enabled]));
        // Another tool's block, another unit in the middle: not this form.
        assert_eq!(block("dh_installinit", enable).actions(), None);
        assert_eq!(block("dh_installsystemd", &enable.replacen("a.timer", "b.timer", 1)).actions(), None);
    }

    #[test]
    fn alternatives_bring_their_slaves() {
        let text = "        update-alternatives --install /usr/bin/awk awk /usr/bin/mawk 5 \\\n            \
                    --slave /usr/bin/nawk nawk /usr/bin/mawk";
        let choice = Choice {
            link: "/usr/bin/awk".into(),
            name: "awk".into(),
            path: "/usr/bin/mawk".into(),
            priority: 5,
            slaves: vec![("/usr/bin/nawk".into(), "nawk".into(), "/usr/bin/mawk".into())],
        };
        assert_eq!(block("dh_installalternatives", text).actions(), Some(vec![Action::Alternative(choice)]));
        assert_eq!(block("dh_installalternatives", "update-alternatives --remove awk /usr/bin/mawk").actions(), None);
    }

    #[test]
    fn init_scripts_get_links_whatever_becomes_of_starting() {
        let text = "\tif [ -z \"${DPKG_ROOT:-}\" ] && [ -x \"/etc/init.d/dbus\" ]; then\n\
                    \t\tupdate-rc.d dbus defaults >/dev/null\n\
                    \t\tinvoke-rc.d --skip-systemd-native dbus start || exit 1\n\tfi";
        let action = Action::InitScript { name: "dbus".into(), enabled: true };
        assert_eq!(block("dh_installinit", text).actions(), Some(vec![action]));
    }

    #[test]
    fn moves_of_earlier_versions_files_are_nothing() {
        let text = "dpkg-maintscript-helper rm_conffile /etc/a 1.2.4\\~ -- \"$@\"\n\
                    dpkg-maintscript-helper mv_conffile /etc/a /etc/b -- \"$@\"\n";
        let block = Block { tool: "dh_installdeb".into(), text: text.into() };
        assert_eq!(block.actions(), Some(vec![Action::Nothing, Action::Nothing]));
        let unknown = Block { tool: "dh_installdeb".into(), text: text.replace("rm_conffile", "make_coffee") };
        assert_eq!(unknown.actions(), None);
    }

    #[test]
    fn old_levels_and_files_of_services_are_understood() {
        let levels = "\tif [ -x \"/etc/init.d/clock\" ]; then\n\
                      \t\tupdate-rc.d clock start 02 S . stop 02 0 1 6 . >/dev/null || exit 1\n\tfi";
        let links = Action::InitScript { name: "clock".into(), enabled: true };
        assert_eq!(block("dh_installinit", levels).actions(), Some(vec![links]));
        let files = "\tif [ -x \"$(command -v systemd-tmpfiles)\" ]; then\n\
                     \t\tsystemd-tmpfiles ${DPKG_ROOT:+--root=\"$DPKG_ROOT\"} --create a.conf b.conf || true\n\tfi";
        let made = Action::Tmpfiles(vec!["a.conf".into(), "b.conf".into()]);
        assert_eq!(block("dh_installsystemd", files).actions(), Some(vec![made.clone()]));
        assert_eq!(block("dh_installtmpfiles", files).actions(), Some(vec![made]));
    }
}
