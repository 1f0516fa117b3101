//! What needs `force_turbo`, and what ends the warranty.

use super::wrong;

wrong! {
    more_than_6_steps_without_turbo:
        r#"board = "pi1"
settings = { over_voltage = 7 }"# =>
"error: `over_voltage = 7` needs `force_turbo = 1`
 --> cluster.toml:9:29
  |
9 | settings = { over_voltage = 7 }
  |                             ^
  |
  = help: stay at 6 or below: the firmware takes more of `over_voltage` only with `force_turbo = 1`, and the two together set the warranty bit"

    more_than_6_steps_with_turbo_switched_off:
        r#"board = "pi4"
settings = { over_voltage = 8, force_turbo = 0 }"# =>
"error: `over_voltage = 8` needs `force_turbo = 1`
 --> cluster.toml:9:29
  |
9 | settings = { over_voltage = 8, force_turbo = 0 }
  |                             ^                - beside it this counts
  |
  = help: stay at 6 or below: the firmware takes more of `over_voltage` only with `force_turbo = 1`, and the two together set the warranty bit"

    turbo_with_more_voltage:
        r#"board = "pi2"
settings = { force_turbo = 1, over_voltage = 1 }"# =>
"error: `force_turbo = 1` with `over_voltage = 1` sets the warranty bit of pi2
 --> cluster.toml:9:28
  |
9 | settings = { force_turbo = 1, over_voltage = 1 }
  |                            ^                 -
  |
  = help: nothing takes the bit back: leave `force_turbo` out, or write `i_accept_the_warranty_bit = true` for these nodes"

    turbo_with_more_than_6_steps:
        r#"board = "pi1"
settings = { force_turbo = 1, over_voltage = 8 }"# =>
"error: `force_turbo = 1` with `over_voltage = 8` sets the warranty bit of pi1
 --> cluster.toml:9:28
  |
9 | settings = { force_turbo = 1, over_voltage = 8 }
  |                            ^                 -
  |
  = help: nothing takes the bit back: leave `force_turbo` out, or write `i_accept_the_warranty_bit = true` for these nodes"

    turbo_with_the_voltage_of_a_preset:
        r#"board = "pi1"
overclock = "turbo"
settings = { force_turbo = 1 }"# =>
r#"error: `force_turbo = 1` with `over_voltage = 6` sets the warranty bit of pi1
  --> cluster.toml:10:28
   |
 9 | overclock = "turbo"
   |             -------
10 | settings = { force_turbo = 1 }
   |                            ^
   |
   = help: nothing takes the bit back: leave `force_turbo` out, or write `i_accept_the_warranty_bit = true` for these nodes"#

    turbo_with_more_voltage_for_the_memory:
        r#"board = "pi3"
settings = { force_turbo = 1, over_voltage_sdram_p = 2 }"# =>
"error: `force_turbo = 1` with `over_voltage_sdram_p = 2` sets the warranty bit of pi3
 --> cluster.toml:9:28
  |
9 | settings = { force_turbo = 1, over_voltage_sdram_p = 2 }
  |                            ^                         -
  |
  = help: nothing takes the bit back: leave `force_turbo` out, or write `i_accept_the_warranty_bit = true` for these nodes"

    turbo_with_more_voltage_when_idle:
        r#"board = "zerow"
settings = { force_turbo = 1, over_voltage_min = 1 }"# =>
"error: `force_turbo = 1` with `over_voltage_min = 1` sets the warranty bit of zerow
 --> cluster.toml:9:28
  |
9 | settings = { force_turbo = 1, over_voltage_min = 1 }
  |                            ^                     -
  |
  = help: nothing takes the bit back: leave `force_turbo` out, or write `i_accept_the_warranty_bit = true` for these nodes"

    turbo_with_a_delta:
        r#"board = "pi5"
settings = { force_turbo = 1, over_voltage_delta = 50000 }"# =>
"error: `force_turbo = 1` with `over_voltage_delta = 50000` sets the warranty bit of pi5
 --> cluster.toml:9:28
  |
9 | settings = { force_turbo = 1, over_voltage_delta = 50000 }
  |                            ^                       -----
  |
  = help: nothing takes the bit back: leave `force_turbo` out, or write `i_accept_the_warranty_bit = true` for these nodes"

    leave_that_is_refused:
        r#"board = "pi2"
settings = { force_turbo = 1, over_voltage = 2 }
i_accept_the_warranty_bit = false"# =>
"error: `force_turbo = 1` with `over_voltage = 2` sets the warranty bit of pi2
 --> cluster.toml:9:28
  |
9 | settings = { force_turbo = 1, over_voltage = 2 }
  |                            ^                 -
  |
  = help: nothing takes the bit back: leave `force_turbo` out, or write `i_accept_the_warranty_bit = true` for these nodes"

    turbo_in_an_extra_line:
        r#"board = "pi2"
overclock = "high"
extra = ["force_turbo=1"]"# =>
r#"error: `force_turbo = 1` with `over_voltage = 2` sets the warranty bit of pi2
  --> cluster.toml:10:23
   |
 9 | overclock = "high"
   |             ------
10 | extra = ["force_turbo=1"]
   |                       ^
   |
   = help: nothing takes the bit back: leave `force_turbo` out, or write `i_accept_the_warranty_bit = true` for these nodes"#

    turbo_and_voltage_in_sections:
        r#"board = "pi3"
extra = ["[pi3+]", "force_turbo=1", "[all]", "over_voltage=2"]"# =>
r#"error: `force_turbo = 1` with `over_voltage = 2` sets the warranty bit of pi3
 --> cluster.toml:9:33
  |
9 | extra = ["[pi3+]", "force_turbo=1", "[all]", "over_voltage=2"]
  |                                 ^                          -
  |
  = help: nothing takes the bit back: leave `force_turbo` out, or write `i_accept_the_warranty_bit = true` for these nodes"#

    more_than_6_steps_in_a_section_and_turbo_in_another:
        r#"board = "pi2"
extra = ["[0x12345678]", "over_voltage=8", "[0x9abcdef0]", "force_turbo=1"]
i_accept_the_warranty_bit = true"# =>
r#"error: `over_voltage = 8` needs `force_turbo = 1`
 --> cluster.toml:9:40
  |
9 | extra = ["[0x12345678]", "over_voltage=8", "[0x9abcdef0]", "force_turbo=1"]
  |                                        ^
  |
  = help: stay at 6 or below: the firmware takes more of `over_voltage` only with `force_turbo = 1`, and the two together set the warranty bit"#

    more_than_6_steps_where_turbo_is_switched_off_again:
        r#"board = "pi2"
settings = { force_turbo = 1 }
extra = ["[0x12345678]", "over_voltage=8", "force_turbo=0"]
i_accept_the_warranty_bit = true"# =>
r#"error: `over_voltage = 8` needs `force_turbo = 1`
  --> cluster.toml:10:40
   |
10 | extra = ["[0x12345678]", "over_voltage=8", "force_turbo=0"]
   |                                        ^                - beside it this counts
   |
   = help: stay at 6 or below: the firmware takes more of `over_voltage` only with `force_turbo = 1`, and the two together set the warranty bit"#

    turbo_that_a_later_section_switches_off_for_one_model:
        r#"board = "pi3"
extra = ["force_turbo=1", "over_voltage=8", "[pi3+]", "force_turbo=0"]
i_accept_the_warranty_bit = true"# =>
r#"error: `over_voltage = 8` needs `force_turbo = 1`
 --> cluster.toml:9:41
  |
9 | extra = ["force_turbo=1", "over_voltage=8", "[pi3+]", "force_turbo=0"]
  |                                         ^                          - beside it this counts
  |
  = help: stay at 6 or below: the firmware takes more of `over_voltage` only with `force_turbo = 1`, and the two together set the warranty bit"#

    turbo_while_a_pin_is_high_and_voltage_while_another_is:
        r#"board = "pi2"
extra = ["[gpio4=1]", "force_turbo=1", "[all]", "[gpio5=1]", "over_voltage=2"]"# =>
r#"error: `force_turbo = 1` with `over_voltage = 2` sets the warranty bit of pi2
 --> cluster.toml:9:36
  |
9 | extra = ["[gpio4=1]", "force_turbo=1", "[all]", "[gpio5=1]", "over_voltage=2"]
  |                                    ^                                       -
  |
  = help: nothing takes the bit back: leave `force_turbo` out, or write `i_accept_the_warranty_bit = true` for these nodes"#
}
