//! Values of the wrong type, and overclocks that do not exist.

use super::wrong;

wrong! {
    a_setting_in_quotes:
        r#"board = "pi2"
settings = { arm_freq = "1000" }"# =>
r#"error: expected a whole number
 --> cluster.toml:9:25
  |
9 | settings = { arm_freq = "1000" }
  |                         ^^^^^^ this is a string"#

    a_setting_with_a_fraction:
        r#"board = "pi2"
settings = { over_voltage = 1.5 }"# =>
"error: expected a whole number
 --> cluster.toml:9:29
  |
9 | settings = { over_voltage = 1.5 }
  |                             ^^^ this is a floating point `1.5`"

    a_switch_as_a_word:
        r#"board = "pi2"
settings = { force_turbo = true }"# =>
"error: expected a whole number
 --> cluster.toml:9:28
  |
9 | settings = { force_turbo = true }
  |                            ^^^^ this is a boolean `true`"

    extra_that_is_no_list:
        r#"board = "pi2"
extra = "disable_splash=1""# =>
r#"error: expected a list
 --> cluster.toml:9:9
  |
9 | extra = "disable_splash=1"
  |         ^^^^^^^^^^^^^^^^^^ this is a string"#

    leave_that_is_no_switch:
        r#"board = "pi2"
i_accept_the_warranty_bit = "yes""# =>
r#"error: expected `true` or `false`
 --> cluster.toml:9:29
  |
9 | i_accept_the_warranty_bit = "yes"
  |                             ^^^^^ this is a string"#

    mistyped_leave:
        r#"board = "pi2"
i_accept_the_waranty_bit = true"# =>
"error: unknown key `i_accept_the_waranty_bit`
 --> cluster.toml:9:1
  |
9 | i_accept_the_waranty_bit = true
  | ^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: did you mean `i_accept_the_warranty_bit`?"

    a_mistyped_overclock:
        r#"board = "pi1"
overclock = "trubo""# =>
r#"error: unknown overclock `trubo`
 --> cluster.toml:9:13
  |
9 | overclock = "trubo"
  |             ^^^^^^^
  |
  = help: did you mean `turbo`?"#

    an_overclock_like_no_other:
        r#"board = "pi1"
overclock = "ludicrous""# =>
r#"error: unknown overclock `ludicrous`
 --> cluster.toml:9:13
  |
9 | overclock = "ludicrous"
  |             ^^^^^^^^^^^
  |
  = help: there are `none`, `modest`, `medium`, `high`, `turbo`"#

    an_overclock_in_capitals:
        r#"board = "pi2"
overclock = "High""# =>
r#"error: unknown overclock `High`
 --> cluster.toml:9:13
  |
9 | overclock = "High"
  |             ^^^^^^
  |
  = help: did you mean `high`?"#

    a_clock_instead_of_an_overclock:
        r#"board = "pi2"
overclock = 1000"# =>
"error: expected a string
 --> cluster.toml:9:13
  |
9 | overclock = 1000
  |             ^^^^ this is an integer `1000`"
}
