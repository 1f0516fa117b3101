//! Lines that the board would not read as they stand, or pass over.

use super::wrong;

wrong! {
    a_line_of_99_bytes:
        r#"board = "pi3"
extra = ["cec_osd_name=nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"]"# =>
r#"error: the board would not read this line as it stands
 --> cluster.toml:9:10
  |
9 | extra = ["cec_osd_name=nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"]
  |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ it has 99 bytes, and the firmware reads only the first 98
  |
  = help: shorten it"#

    a_comment_of_99_bytes:
        r##"board = "pi3"
extra = ["# ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"]"## =>
r##"error: the board would not read this line as it stands
 --> cluster.toml:9:10
  |
9 | extra = ["# ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"]
  |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ it has 99 bytes, and the firmware reads only the first 98
  |
  = help: shorten it"##

    a_line_that_letters_of_several_bytes_make_too_long:
        r#"board = "pi3"
extra = ["cec_osd_name=äääääääääääääääääääääääääääääääääääääääääää"]"# =>
r#"error: the board would not read this line as it stands
 --> cluster.toml:9:10
  |
9 | extra = ["cec_osd_name=äääääääääääääääääääääääääääääääääääääääääää"]
  |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ it has 99 bytes, and the firmware reads only the first 98
  |
  = help: shorten it"#

    two_lines_in_one:
        r#"board = "pi3"
extra = ["disable_splash=1\nboot_delay=0"]"# =>
r#"error: the board would not read this line as it stands
 --> cluster.toml:9:10
  |
9 | extra = ["disable_splash=1\nboot_delay=0"]
  |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ it holds a control character
  |
  = help: write one line in each string"#

    a_tab:
        r#"board = "pi3"
extra = ["disable_splash=1\t# no rainbow"]"# =>
r#"error: the board would not read this line as it stands
 --> cluster.toml:9:10
  |
9 | extra = ["disable_splash=1\t# no rainbow"]
  |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ it holds a control character
  |
  = help: write one line in each string"#

    a_line_without_a_value:
        r#"board = "pi3"
extra = ["disable_splash"]"# =>
r#"error: the board would not read this line as it stands
 --> cluster.toml:9:10
  |
9 | extra = ["disable_splash"]
  |          ^^^^^^^^^^^^^^^^ it has no `=`
  |
  = help: write `key=value`"#

    a_line_with_nothing_behind_the_equals_sign:
        r#"board = "pi3"
extra = ["disable_splash="]"# =>
r#"error: the board would not read this line as it stands
 --> cluster.toml:9:10
  |
9 | extra = ["disable_splash="]
  |          ^^^^^^^^^^^^^^^^^ it has no value behind the `=`
  |
  = help: write `key=value`"#

    a_line_with_nothing_before_the_equals_sign:
        r#"board = "pi3"
extra = ["=1"]"# =>
r#"error: the board would not read this line as it stands
 --> cluster.toml:9:10
  |
9 | extra = ["=1"]
  |          ^^^^ it has no key before the `=`
  |
  = help: write `key=value`"#

    spaces_beside_the_equals_sign:
        r#"board = "pi3"
extra = ["disable_splash = 1"]"# =>
r#"error: the board would not read this line as it stands
 --> cluster.toml:9:10
  |
9 | extra = ["disable_splash = 1"]
  |          ^^^^^^^^^^^^^^^^^^^^ there is a space beside the `=`
  |
  = help: write `key=value`, without spaces"#

    a_key_with_a_dot:
        r#"board = "pi3"
extra = ["disable.splash=1"]"# =>
r#"error: the board would not read this line as it stands
 --> cluster.toml:9:10
  |
9 | extra = ["disable.splash=1"]
  |          ^^^^^^^^^^^^^^^^^^ a key has only letters, digits, `_`, `-` and `:`
  |
  = help: write `key=value`"#

    a_setting_out_of_bounds_as_a_line:
        r#"board = "zero2w"
extra = ["temp_limit=95"]"# =>
r#"error: `temp_limit` is out of bounds for zero2w
 --> cluster.toml:9:22
  |
9 | extra = ["temp_limit=95"]
  |                      ^^
  |
  = help: from 40 to 85 °C, without the key it is 85"#

    a_setting_that_is_no_number_as_a_line:
        r#"board = "pi4"
extra = ["arm_boost=on"]"# =>
r#"error: `arm_boost` takes a whole number
 --> cluster.toml:9:21
  |
9 | extra = ["arm_boost=on"]
  |                     ^^
  |
  = help: 0 or 1"#

    a_setting_of_another_board_as_a_line:
        r#"board = "pi2"
extra = ["arm_boost=1"]"# =>
r#"error: pi2 has no setting `arm_boost`
 --> cluster.toml:9:11
  |
9 | extra = ["arm_boost=1"]
  |           ^^^^^^^^^
  |
  = help: other boards have it; `bramble explain board pi2` tells what this one has"#

    a_line_that_a_pi_4_passes_over:
        r#"board = "pi4"
extra = ["config_hdmi_boost=7"]"# =>
r#"error: pi4 has no setting `config_hdmi_boost`
 --> cluster.toml:9:11
  |
9 | extra = ["config_hdmi_boost=7"]
  |           ^^^^^^^^^^^^^^^^^
  |
  = help: the Pi 4 passes over it"#

    a_line_for_boot_code_that_a_pi_5_does_not_read:
        r#"board = "pi5"
extra = ["bootcode_delay=1"]"# =>
r#"error: pi5 has no setting `bootcode_delay`
 --> cluster.toml:9:11
  |
9 | extra = ["bootcode_delay=1"]
  |           ^^^^^^^^^^^^^^
  |
  = help: the Pi 5 has its boot code in an EEPROM and reads no bootcode.bin"#
}
