//! What the firmware takes only together, and what sets the bit that ends a board's warranty.

use super::diagnostic::{Diagnostic, Diagnostics};
use super::keys::{Requires, Warranty};
use super::setting::{Asked, Context};
use super::situations::{self, counts};

/// Notes combinations that the board takes back, and those that set the bit without leave. With leave: what sets it.
pub(super) fn check(context: Context<'_>, asked: &[Asked], accepted: bool, found: &mut Diagnostics) -> Option<String> {
    let Context { board, keys, .. } = context;
    let combined = |key: &str| {
        keys.requires.iter().any(|rule| rule.setting == key || rule.needs == key)
            || keys.warranty.iter().any(|rule| rule.setting == key || rule.above_zero.iter().any(|other| other == key))
    };
    let asked: Vec<Asked> = asked.iter().filter(|one| combined(&one.key)).cloned().collect();
    let mut sets = None;
    for situation in situations::of(board, &asked, found) {
        let counts = |key: &str| counts(&asked, key, &situation);
        for rule in &keys.requires {
            let Some(one) = counts(&rule.setting).filter(|one| one.value > rule.above) else { continue };
            let needed = counts(&rule.needs);
            if needed.is_none_or(|needed| needed.value != rule.is) {
                found.push(alone(rule, one, needed));
            }
        }
        for rule in &keys.warranty {
            let cause = counts(&rule.setting).filter(|one| one.value == rule.is);
            let raised = rule.above_zero.iter().find_map(|key| counts(key).filter(|one| one.value > 0));
            let (Some(cause), Some(raised)) = (cause, raised) else { continue };
            if accepted {
                sets = Some(format!("`{}` with `{}`", shown(cause), shown(raised)));
            } else {
                found.push(bit(context, rule, cause, raised));
            }
        }
    }
    sets
}

fn shown(asked: &Asked) -> String {
    format!("{} = {}", asked.key, asked.value)
}

/// `instead` is what counts of the setting that is needed, where anything does.
fn alone(rule: &Requires, one: &Asked, instead: Option<&Asked>) -> Diagnostic {
    let Requires { setting, above, needs, is } = rule;
    let diagnostic =
        Diagnostic::new(format!("`{}` needs `{needs} = {is}`", shown(one))).at(&one.place, "").help(format!(
            "stay at {above} or below: the firmware takes more of `{setting}` only with `{needs} = {is}`, and the two \
         together set the warranty bit"
        ));
    match instead {
        Some(instead) => diagnostic.at(&instead.place, "beside it this counts"),
        None => diagnostic,
    }
}

fn bit(context: Context<'_>, rule: &Warranty, cause: &Asked, raised: &Asked) -> Diagnostic {
    let title = format!("`{}` with `{}` sets the warranty bit of {}", shown(cause), shown(raised), context.board.name);
    let diagnostic = Diagnostic::new(title).at(&cause.place, "").help(format!(
        "nothing takes the bit back: leave `{}` out, or write `i_accept_the_warranty_bit = true` for these nodes",
        rule.setting
    ));
    if cause.place == raised.place { diagnostic } else { diagnostic.at(&raised.place, "") }
}
