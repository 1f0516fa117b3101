//! The same key twice.

use super::wrong;

wrong! {
    the_same_in_the_settings:
        r#"board = "pi2"
settings = { arm_freq = 1000 }
extra = ["arm_freq=900"]"# =>
r#"error: `arm_freq` is set twice
  --> cluster.toml:10:11
   |
 9 | settings = { arm_freq = 1000 }
   |                         ---- first here
10 | extra = ["arm_freq=900"]
   |           ^^^^^^^^ a second time
   |
   = help: keep one of them; the board would take the last"#

    the_same_in_the_overclock:
        r#"board = "pi2"
overclock = "high"
extra = ["sdram_freq=450"]"# =>
r#"error: `sdram_freq` is set twice
  --> cluster.toml:10:11
   |
 9 | overclock = "high"
   |             ------ first here
10 | extra = ["sdram_freq=450"]
   |           ^^^^^^^^^^ a second time
   |
   = help: keep one of them; the board would take the last"#

    the_same_line_twice:
        r#"board = "pi3"
extra = ["hdmi_mode=4", "hdmi_group=1", "hdmi_mode=16"]"# =>
r#"error: `hdmi_mode` is set twice
 --> cluster.toml:9:42
  |
9 | extra = ["hdmi_mode=4", "hdmi_group=1", "hdmi_mode=16"]
  |           --------- first here           ^^^^^^^^^ a second time
  |
  = help: keep one of them; the board would take the last"#

    a_setting_twice_in_its_section:
        r#"board = "pi3"
extra = ["[pi3+]", "temp_soft_limit=65", "temp_soft_limit=70"]"# =>
r#"error: `temp_soft_limit` is set twice
 --> cluster.toml:9:43
  |
9 | extra = ["[pi3+]", "temp_soft_limit=65", "temp_soft_limit=70"]
  |                     ---------------       ^^^^^^^^^^^^^^^ a second time
  |                     |
  |                     first here
  |
  = help: keep one of them; the board would take the last"#

    the_same_in_two_sections_that_hold_alike:
        r#"board = "pi3"
extra = ["[pi3+]", "temp_soft_limit=65", "[all]", "[pi3+]", "temp_soft_limit=70"]"# =>
r#"error: `temp_soft_limit` is set twice
 --> cluster.toml:9:62
  |
9 | extra = ["[pi3+]", "temp_soft_limit=65", "[all]", "[pi3+]", "temp_soft_limit=70"]
  |                     --------------- first here               ^^^^^^^^^^^^^^^ a second time
  |
  = help: keep one of them; the board would take the last"#

    the_same_setting_twice:
        r#"board = "pi2"
settings = { arm_freq = 900, arm_freq = 1000 }"# =>
"error: this is not TOML
 --> cluster.toml:9:30
  |
9 | settings = { arm_freq = 900, arm_freq = 1000 }
  |                              ^^^^^^^^ duplicate key"
}
