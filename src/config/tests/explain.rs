//! What `bramble explain` says, word for word.

use super::super::{explain_board, explain_boards};
use super::{Project, golden};

#[test]
fn every_board_of_the_repository() {
    let project = Project::with_all_boards();
    for name in project.boards() {
        match explain_board(project.folder.path(), &name) {
            // The oldest, the one with the most that is not there, and the newest stand for all.
            Ok(text) if ["pi1", "pi4", "pi5"].contains(&name.as_str()) => golden(&format!("explain/{name}.txt"), &text),
            Ok(text) => assert!(text.starts_with(&format!("{name}: ")), "{text}"),
            Err(found) => panic!("{name} cannot be explained:\n{found}"),
        }
    }
}

#[test]
fn all_boards_in_a_line_each() {
    let project = Project::with_all_boards();
    let text = explain_boards(project.folder.path()).expect("good boards");
    assert_eq!(text.lines().count(), project.boards().len());
    let wanted = [
        "bananapi-m2-ultra  Banana Pi M2 Ultra",
        "pi1                Raspberry Pi 1 Model A, B, A+ and B+",
        "pi2                Raspberry Pi 2 Model B",
    ];
    let told: Vec<&str> = text.lines().filter(|line| wanted.contains(line)).collect();
    assert_eq!(told, wanted, "{text}");
}

#[test]
fn a_board_that_is_not_there() {
    let project = Project::new();
    let found = explain_board(project.folder.path(), "pi33").expect_err("no such board");
    assert_eq!(found.to_string(), "error: unknown board `pi33`\n |\n = help: did you mean `pi3`?");
}
