//! Whether the answers that files give are ones that their questions can have.

use crate::config::nearest;
use crate::configure::{ConfigureError, Context};

use super::{answers, choices, field, names};

/// Checks each answer against its question's template. Scripts may make questions and choices, so this comes after them.
///
/// # Errors
///
/// [`ConfigureError::Answer`] for the first that is of no use: nobody has such a question, or no such answer.
pub fn check(context: &Context<'_>) -> Result<(), ConfigureError> {
    for (question, answer) in &context.options.debconf {
        let wrong = |what: String| ConfigureError::Answer {
            file: answer.file.clone(),
            question: question.clone(),
            value: answer.value.clone(),
            what,
        };
        let template = context.debconf.template_of(question);
        let Some(kind) = field(context.packages, template, "type") else {
            let known: Vec<String> = context.packages.iter().flat_map(names).collect();
            let near = nearest(question, known.iter().map(String::as_str));
            let advice = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "take it out, or add the package that asks it".to_owned(),
            };
            return Err(wrong(format!("and no package has such a question; {advice}")));
        };
        let choices = choices(context.packages, &context.debconf, question);
        // A script that was not run makes choices out of nothing.
        let open = choices.iter().any(|choice| choice.contains("${"));
        let one_of = |known: &[String]| format!("which is none of its choices; write one of {}", quoted(known));
        match kind.as_str() {
            "boolean" if !matches!(answer.value.as_str(), "true" | "false") => {
                return Err(wrong("and it is a question of yes or no; write `true` or `false`".to_owned()));
            }
            "select" if !open && !choices.contains(&answer.value) => return Err(wrong(one_of(&choices))),
            "multiselect" if !open && answers::split(&answer.value).iter().any(|one| !choices.contains(one)) => {
                return Err(wrong(one_of(&choices)));
            }
            _ => {}
        }
    }
    Ok(())
}

/// As many names as a line can show.
fn quoted(names: &[String]) -> String {
    const SHOWN: usize = 20;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > SHOWN { format!(" and {} more", names.len() - SHOWN) } else { String::new() };
    shown.join(", ") + &more
}

#[cfg(test)]
mod tests {
    use super::super::Answer;
    use super::*;
    use crate::configure::testing::{options, package, tree};

    const TEMPLATES: &str = "Template: a/yes\nType: boolean\nDescription: ?\n\nTemplate: a/one\nType: select\nChoices: x, y\n\
                             Description: ?\n\nTemplate: a/some\nType: multiselect\nChoices: x, y\nDescription: ?\n\n\
                             Template: a/made\nType: select\nChoices: ${made}\nDescription: ?\n\nTemplate: a/any\nType: string\n\
                             Description: ?\n";

    fn checked(question: &str, value: &str) -> Result<(), String> {
        let packages = [package("Package: a\nVersion: 1\nArchitecture: all\n", &[("templates", TEMPLATES)])];
        let (mut tree, mut options) = (tree(), options());
        options.debconf.insert(question.to_owned(), Answer::new(value, "overlays/web/role.toml"));
        let context = Context::new(&mut tree, &packages, &options);
        check(&context).map_err(|error| error.to_string())
    }

    #[test]
    fn answers_fit_their_questions() {
        for (question, value) in
            [("a/yes", "false"), ("a/one", "y"), ("a/some", ""), ("a/some", "y, x"), ("a/made", "z"), ("a/any", "z, z")]
        {
            assert_eq!(checked(question, value), Ok(()), "{question} {value}");
        }
        let told = |question: &str, value: &str| checked(question, value).expect_err("of no use");
        assert_eq!(
            told("a/yes", "yes"),
            "overlays/web/role.toml answers debconf's question `a/yes` with `yes`, and it is a question of yes or no; write \
             `true` or `false`"
        );
        assert_eq!(
            told("a/one", "z"),
            "overlays/web/role.toml answers debconf's question `a/one` with `z`, which is none of its choices; write one of \
             `x`, `y`"
        );
        assert!(told("a/some", "x, z").ends_with("which is none of its choices; write one of `x`, `y`"));
        assert!(told("a/onee", "x").ends_with("and no package has such a question; did you mean `a/one`?"));
        assert!(told("b/other", "x").ends_with("take it out, or add the package that asks it"));
    }
}
