//! What the firmware takes only together, and what sets the bit that ends a board's warranty.

use super::diagnostic::{Diagnostic, Diagnostics};
use super::keys::{Requires, Warranty};
use super::setting::{Asked, Context};

/// Notes combinations that the board takes back, and those that set the bit without leave. With leave: what sets it.
pub(super) fn check(context: Context<'_>, asked: &[Asked], accepted: bool, found: &mut Diagnostics) -> Option<String> {
    for rule in &context.keys.requires {
        for one in asked.iter().filter(|one| one.key == rule.setting && one.value > rule.above) {
            // In a section counts what stands there, else what holds whatever may be.
            let needed = |section| asked.iter().find(|other| other.key == rule.needs && other.section == section);
            if needed(one.section).or_else(|| needed(None)).is_none_or(|other| other.value != rule.is) {
                found.push(alone(rule, one));
            }
        }
    }
    // Of sections that may hold together or not, the worst is assumed.
    let mut sets = None;
    for rule in &context.keys.warranty {
        let cause = asked.iter().find(|one| one.key == rule.setting && one.value == rule.is);
        let raised = asked.iter().find(|one| rule.above_zero.contains(&one.key) && one.value > 0);
        let (Some(cause), Some(raised)) = (cause, raised) else { continue };
        if accepted {
            sets = Some(format!("`{}` with `{}`", shown(cause), shown(raised)));
        } else {
            found.push(bit(context, rule, cause, raised));
        }
    }
    sets
}

fn shown(asked: &Asked) -> String {
    format!("{} = {}", asked.key, asked.value)
}

fn alone(rule: &Requires, one: &Asked) -> Diagnostic {
    let Requires { setting, above, needs, is } = rule;
    Diagnostic::new(format!("`{}` needs `{needs} = {is}`", shown(one))).at(&one.place, "").help(format!(
        "stay at {above} or below: the firmware takes more of `{setting}` only with `{needs} = {is}`, and the two \
         together set the warranty bit"
    ))
}

fn bit(context: Context<'_>, rule: &Warranty, cause: &Asked, raised: &Asked) -> Diagnostic {
    let title = format!("`{}` with `{}` sets the warranty bit of {}", shown(cause), shown(raised), context.board.name);
    let diagnostic = Diagnostic::new(title).at(&cause.place, "").help(format!(
        "nothing takes the bit back: leave `{}` out, or write `i_accept_the_warranty_bit = true` for these nodes",
        rule.setting
    ));
    if cause.place == raised.place { diagnostic } else { diagnostic.at(&raised.place, "") }
}
