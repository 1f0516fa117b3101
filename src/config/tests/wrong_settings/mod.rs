//! Wrong settings on the repository's own boards, and what each is answered, word for word.

mod clocks;
mod lines;
mod memory;
mod reserved;
mod sections;
mod twice;
mod types;
mod unknown;
mod voltages;
mod warranty;

use super::Project;

/// The lines before those of a case.
const HEAD: &str = r#"name = "test"
system = "forky"
network = { subnet = "10.0.0.0/24" }
defaults = { role = "worker", site = "site" }
[[nodes]]
name = "node1"
address = "10.0.0.11"
"#;

/// One test for each: the lines of the node, and what they are answered.
macro_rules! wrong {
    ($($name:ident: $lines:literal => $answer:literal)*) => {
        $(
            #[test]
            fn $name() {
                assert_eq!(super::answer($lines), $answer);
            }
        )*
    };
}
use wrong;

/// The answer to a cluster with these lines for its node.
fn answer(lines: &str) -> String {
    Project::with_all_boards().refuses(&format!("{HEAD}{lines}\n"))
}
