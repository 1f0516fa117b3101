//! Sections of `extra` that never hold, and what stands in them.

use super::wrong;

wrong! {
    a_section_of_another_board:
        r#"board = "pi3"
extra = ["[pi4]", "disable_splash=1"]"# =>
r#"error: `[pi4]` never holds on pi3
 --> cluster.toml:9:10
  |
9 | extra = ["[pi4]", "disable_splash=1"]
  |          ^^^^^^^
  |
  = help: on pi3 there may hold `[pi3]` and `[pi3+]`"#

    a_section_of_a_model_that_the_card_is_not_for:
        r#"board = "pi3a"
extra = ["[pi4]", "disable_splash=1", "[all]"]"# =>
r#"error: `[pi4]` never holds on pi3a
 --> cluster.toml:9:10
  |
9 | extra = ["[pi4]", "disable_splash=1", "[all]"]
  |          ^^^^^^^
  |
  = help: on pi3a there may hold `[pi3+]` and `[pi3]`"#

    a_section_of_the_wrong_zero:
        r#"board = "zero"
extra = ["[pi0w]", "disable_splash=1"]"# =>
r#"error: `[pi0w]` never holds on zero
 --> cluster.toml:9:10
  |
9 | extra = ["[pi0w]", "disable_splash=1"]
  |          ^^^^^^^^
  |
  = help: on zero there may hold `[pi0]`"#

    a_mistyped_section:
        r#"board = "pi1"
extra = ["[pl1]", "disable_splash=1"]"# =>
r#"error: `[pl1]` is no section that the firmware knows
 --> cluster.toml:9:10
  |
9 | extra = ["[pl1]", "disable_splash=1"]
  |          ^^^^^^^
  |
  = help: did you mean `[pi1]`?"#

    a_section_that_no_firmware_knows:
        r#"board = "pi4"
extra = ["[raspberry]", "disable_splash=1"]"# =>
r#"error: `[raspberry]` is no section that the firmware knows
 --> cluster.toml:9:10
  |
9 | extra = ["[raspberry]", "disable_splash=1"]
  |          ^^^^^^^^^^^^^
  |
  = help: on pi4 there may hold `[pi4]`, `[pi400]` and `[cm4]`"#

    a_board_type_of_another_board:
        r#"board = "pi5"
extra = ["[board-type=0x11]", "disable_splash=1"]"# =>
r#"error: `[board-type=0x11]` never holds on pi5
 --> cluster.toml:9:10
  |
9 | extra = ["[board-type=0x11]", "disable_splash=1"]
  |          ^^^^^^^^^^^^^^^^^^^
  |
  = help: on pi5 there may hold `[pi5]`"#

    sections_that_never_hold_both:
        r#"board = "pi3"
extra = ["[pi3+]", "[board-type=0x08]", "disable_splash=1"]"# =>
r#"error: `[board-type=0x8]` never holds together with `[pi3+]`
 --> cluster.toml:9:20
  |
9 | extra = ["[pi3+]", "[board-type=0x08]", "disable_splash=1"]
  |                    ^^^^^^^^^^^^^^^^^^^
  |
  = help: sections of different kinds must hold both; `[all]` between them ends the first"#

    a_section_for_nobody:
        r#"board = "pi2"
extra = ["[none]", "disable_splash=1"]"# =>
r#"error: nothing below `[none]` ever holds
 --> cluster.toml:9:10
  |
9 | extra = ["[none]", "disable_splash=1"]
  |          ^^^^^^^^
  |
  = help: take these lines out, or put `#` before each"#

    a_section_that_is_not_closed:
        r#"board = "pi3"
extra = ["[pi3", "disable_splash=1"]"# =>
r#"error: the board would not read this line as it stands
 --> cluster.toml:9:10
  |
9 | extra = ["[pi3", "disable_splash=1"]
  |          ^^^^^^ the section has no `]`
  |
  = help: close it"#

    a_setting_behind_its_section:
        r#"board = "pi3"
extra = ["[pi3+] temp_soft_limit=65"]"# =>
r#"error: the board would not read this line as it stands
 --> cluster.toml:9:10
  |
9 | extra = ["[pi3+] temp_soft_limit=65"]
  |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^ the firmware reads nothing behind the `]`
  |
  = help: write what follows as a line of its own"#

    a_setting_out_of_bounds_in_its_section:
        r#"board = "pi3"
extra = ["[pi3+]", "arm_freq=1400"]"# =>
r#"error: `arm_freq` is out of bounds for pi3
 --> cluster.toml:9:30
  |
9 | extra = ["[pi3+]", "arm_freq=1400"]
  |                              ^^^^
  |
  = help: from 600 to 1200 MHz; without the key it is 1200 on the B and 1400 on the B+"#
}
