//! Clocks beyond what a board's file allows.

use super::wrong;

wrong! {
    a_pi_1_faster_than_turbo:
        r#"board = "pi1"
settings = { arm_freq = 1001 }"# =>
"error: `arm_freq` is out of bounds for pi1
 --> cluster.toml:9:25
  |
9 | settings = { arm_freq = 1001 }
  |                         ^^^^
  |
  = help: from 700 to 1000 MHz, without the key it is 700"

    a_zero_faster_than_delivered:
        r#"board = "zero"
settings = { arm_freq = 1100 }"# =>
"error: `arm_freq` is out of bounds for zero
 --> cluster.toml:9:25
  |
9 | settings = { arm_freq = 1100 }
  |                         ^^^^
  |
  = help: from 700 to 1000 MHz, without the key it is 1000"

    a_zero_w_slower_than_its_table:
        r#"board = "zerow"
settings = { arm_freq = 600 }"# =>
"error: `arm_freq` is out of bounds for zerow
 --> cluster.toml:9:25
  |
9 | settings = { arm_freq = 600 }
  |                         ^^^
  |
  = help: from 700 to 1000 MHz, without the key it is 1000"

    a_pi_2_faster_than_high:
        r#"board = "pi2"
settings = { arm_freq = 1050 }"# =>
"error: `arm_freq` is out of bounds for pi2
 --> cluster.toml:9:25
  |
9 | settings = { arm_freq = 1050 }
  |                         ^^^^
  |
  = help: from 600 to 1000 MHz, without the key it is 900"

    a_zero_2_w_faster_than_delivered:
        r#"board = "zero2w"
settings = { arm_freq = 1200 }"# =>
"error: `arm_freq` is out of bounds for zero2w
 --> cluster.toml:9:25
  |
9 | settings = { arm_freq = 1200 }
  |                         ^^^^
  |
  = help: from 600 to 1000 MHz, without the key it is 1000"

    a_pi_3_at_the_clock_of_a_b_plus:
        r#"board = "pi3"
settings = { arm_freq = 1400 }"# =>
"error: `arm_freq` is out of bounds for pi3
 --> cluster.toml:9:25
  |
9 | settings = { arm_freq = 1400 }
  |                         ^^^^
  |
  = help: from 600 to 1200 MHz; without the key it is 1200 on the B and 1400 on the B+"

    a_pi_3_a_plus_beyond_its_clock:
        r#"board = "pi3a"
settings = { arm_freq = 1500 }"# =>
"error: `arm_freq` is out of bounds for pi3a
 --> cluster.toml:9:25
  |
9 | settings = { arm_freq = 1500 }
  |                         ^^^^
  |
  = help: from 600 to 1400 MHz, without the key it is 1400"

    a_pi_4_beyond_the_clock_of_a_400:
        r#"board = "pi4"
settings = { arm_freq = 2000 }"# =>
"error: `arm_freq` is out of bounds for pi4
 --> cluster.toml:9:25
  |
9 | settings = { arm_freq = 2000 }
  |                         ^^^^
  |
  = help: from 600 to 1800 MHz; without the key it is 1500, and 1800 on the 400 or with `arm_boost = 1`"

    a_pi_5_beyond_its_clock:
        r#"board = "pi5"
settings = { arm_freq = 3000 }"# =>
"error: `arm_freq` is out of bounds for pi5
 --> cluster.toml:9:25
  |
9 | settings = { arm_freq = 3000 }
  |                         ^^^^
  |
  = help: from 1500 to 2400 MHz, without the key it is 2400"

    an_idle_clock_below_what_is_supported:
        r#"board = "pi2"
settings = { arm_freq_min = 300 }"# =>
"error: `arm_freq_min` is out of bounds for pi2
 --> cluster.toml:9:29
  |
9 | settings = { arm_freq_min = 300 }
  |                             ^^^
  |
  = help: from 600 to 1000 MHz, without the key it is 600"

    a_core_faster_than_turbo:
        r#"board = "pi1"
settings = { core_freq = 600 }"# =>
"error: `core_freq` is out of bounds for pi1
 --> cluster.toml:9:26
  |
9 | settings = { core_freq = 600 }
  |                          ^^^
  |
  = help: from 250 to 500 MHz, without the key it is 250"

    memory_faster_than_turbo:
        r#"board = "pi1"
settings = { sdram_freq = 650 }"# =>
"error: `sdram_freq` is out of bounds for pi1
 --> cluster.toml:9:27
  |
9 | settings = { sdram_freq = 650 }
  |                           ^^^
  |
  = help: from 400 to 600 MHz, without the key it is 400"

    memory_slower_than_a_pi_3_has_it:
        r#"board = "pi3"
settings = { sdram_freq = 333 }"# =>
"error: `sdram_freq` is out of bounds for pi3
 --> cluster.toml:9:27
  |
9 | settings = { sdram_freq = 333 }
  |                           ^^^
  |
  = help: from 400 to 450 MHz; without the key it is 450 on the B and 500 on the B+"

    a_3d_block_faster_than_a_pi_4_has_it:
        r#"board = "pi4"
settings = { v3d_freq = 600 }"# =>
"error: `v3d_freq` is out of bounds for pi4
 --> cluster.toml:9:25
  |
9 | settings = { v3d_freq = 600 }
  |                         ^^^
  |
  = help: from 250 to 500 MHz, without the key it is 500"

    a_clock_of_qemus_own_machine:
        r#"board = "virt-arm64"
settings = { arm_freq = 1000 }"# =>
r#"error: virt-arm64 has no setting `arm_freq`
 --> cluster.toml:9:14
  |
9 | settings = { arm_freq = 1000 }
  |              ^^^^^^^^
  |
  = help: its firmware reads no config.txt"#
}
