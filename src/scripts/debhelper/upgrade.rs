//! Blocks that are about earlier versions or about tools that run on the node: nothing in a fresh installation.

use super::form::Form;
use super::{CONFIGURE, nothing};

pub(super) const FORMS: &[Form] = &[
    // dpkg-maintscript-helper(1): every verb moves what an earlier version of the package left.
    Form {
        tool: "dh_installdeb",
        lines: &["dpkg-maintscript-helper <verb> <arguments...> -- \"$@\""],
        each_line: true,
        action: |words| match words.one("verb")?.as_str() {
            "rm_conffile" | "mv_conffile" | "symlink_to_dir" | "dir_to_symlink" => nothing(words),
            _ => None,
        },
    },
    // runit-helper steps back where /usr/sbin/policy-rc.d forbids starting services, as every builder of images does.
    Form {
        tool: "dh_runit",
        lines: &[
            "if [ ! -e /usr/lib/runit-helper/runit-helper ]; then",
            "echo \"warning: can't find runit-helper, postinst action skipped!\"",
            "echo \"warning: runit-helper: please report this bug\"",
            "fi",
            "if [ -z \"$DPKG_ROOT\" ] && [ -x /usr/lib/runit-helper/runit-helper ]; then",
            "NAME=<name> ENABLE=<enable> ONUPGRADE=<action> /usr/lib/runit-helper/runit-helper postinst \"$@\"",
            "fi",
        ],
        each_line: false,
        action: nothing,
    },
    Form {
        tool: "dh_runit",
        lines: &[
            "if [ -z \"$DPKG_ROOT\" ] && [ -x /usr/lib/runit-helper/runit-helper ]; then",
            "NAME=<name> ENABLE=<enable> ONUPGRADE=<action> /usr/lib/runit-helper/runit-helper postinst \"$@\"",
            "fi",
        ],
        each_line: false,
        action: nothing,
    },
    // Byte code: Python writes its own in memory where there is none on disk.
    Form {
        tool: "dh_python3",
        lines: &["if command -v py3compile >/dev/null 2>&1; then", "py3compile -p <arguments...>", "fi"],
        each_line: false,
        action: nothing,
    },
    // Caches of menus and icons: only where a desktop's tools are.
    Form {
        tool: "dh_icons",
        lines: &[
            CONFIGURE,
            "if command -v update-icon-caches >/dev/null; then",
            "update-icon-caches <directories...>",
            "fi",
            "fi",
        ],
        each_line: false,
        action: nothing,
    },
    // The menu of Debian's old menu package, which trixie no longer has.
    Form {
        tool: "dh_installmenu",
        lines: &[
            "if [ \"$1\" = \"configure\" ] && [ -x \"`command -v update-menus`\" ] && \
             [ -x \"$DPKG_ROOT`command -v update-menus`\" ]; then",
            "update-menus",
            "fi",
        ],
        each_line: false,
        action: nothing,
    },
];
