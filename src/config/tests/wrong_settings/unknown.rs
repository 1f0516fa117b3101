//! Settings that the board does not have, or nobody.

use super::wrong;

wrong! {
    a_mistyped_setting:
        r#"board = "pi1"
settings = { arm_frq = 800 }"# =>
"error: pi1 has no setting `arm_frq`
 --> cluster.toml:9:14
  |
9 | settings = { arm_frq = 800 }
  |              ^^^^^^^
  |
  = help: did you mean `arm_freq`?"

    a_setting_that_is_like_no_other:
        r#"board = "pi5"
settings = { warp = 9 }"# =>
"error: pi5 has no setting `warp`
 --> cluster.toml:9:14
  |
9 | settings = { warp = 9 }
  |              ^^^^
  |
  = help: there are `arm_freq`, `arm_freq_min`, `core_freq`, `core_freq_min`, `force_turbo`, `gpu_freq`, `gpu_freq_min`, `initial_turbo`, `isp_freq`, `isp_freq_min`, `over_voltage`, `over_voltage_delta`, `temp_limit`, `total_mem`, `usb_max_current_enable`, `v3d_freq`, `v3d_freq_min`"

    a_setting_of_the_pi_4_on_a_pi_3:
        r#"board = "pi3"
settings = { arm_boost = 1 }"# =>
"error: pi3 has no setting `arm_boost`
 --> cluster.toml:9:14
  |
9 | settings = { arm_boost = 1 }
  |              ^^^^^^^^^
  |
  = help: other boards have it; `bramble explain board pi3` tells what this one has"

    a_setting_of_the_3_a_plus_on_a_pi_2:
        r#"board = "pi2"
settings = { temp_soft_limit = 65 }"# =>
"error: pi2 has no setting `temp_soft_limit`
 --> cluster.toml:9:14
  |
9 | settings = { temp_soft_limit = 65 }
  |              ^^^^^^^^^^^^^^^
  |
  = help: other boards have it; `bramble explain board pi2` tells what this one has"

    the_core_where_the_console_hangs_on_it:
        r#"board = "pi3a"
settings = { core_freq = 300 }"# =>
"error: pi3a has no setting `core_freq`
 --> cluster.toml:9:14
  |
9 | settings = { core_freq = 300 }
  |              ^^^^^^^^^
  |
  = help: the serial console hangs on the core's clock: with another one it would show gibberish"

    the_whole_gpu_where_the_console_hangs_on_it:
        r#"board = "zero2w"
settings = { gpu_freq = 300 }"# =>
"error: zero2w has no setting `gpu_freq`
 --> cluster.toml:9:14
  |
9 | settings = { gpu_freq = 300 }
  |              ^^^^^^^^
  |
  = help: the serial console hangs on the core's clock: with another one it would show gibberish"

    the_memory_of_a_pi_4:
        r#"board = "pi4"
settings = { sdram_freq = 3200 }"# =>
"error: pi4 has no setting `sdram_freq`
 --> cluster.toml:9:14
  |
9 | settings = { sdram_freq = 3200 }
  |              ^^^^^^^^^^
  |
  = help: the memory of a Pi 4 has one clock and one voltage, which nothing changes"

    the_voltage_of_a_pi_5s_memory:
        r#"board = "pi5"
settings = { over_voltage_sdram = 1 }"# =>
"error: pi5 has no setting `over_voltage_sdram`
 --> cluster.toml:9:14
  |
9 | settings = { over_voltage_sdram = 1 }
  |              ^^^^^^^^^^^^^^^^^^
  |
  = help: the memory of a Pi 5 has one clock and one voltage, which nothing changes"

    the_idle_voltage_of_a_pi_4:
        r#"board = "pi4"
settings = { over_voltage_min = 1 }"# =>
"error: pi4 has no setting `over_voltage_min`
 --> cluster.toml:9:14
  |
9 | settings = { over_voltage_min = 1 }
  |              ^^^^^^^^^^^^^^^^
  |
  = help: it is outdated here; `over_voltage_delta` moves the voltage"

    the_decoder_that_a_pi_5_does_not_have:
        r#"board = "pi5"
settings = { h264_freq = 500 }"# =>
"error: pi5 has no setting `h264_freq`
 --> cluster.toml:9:14
  |
9 | settings = { h264_freq = 500 }
  |              ^^^^^^^^^
  |
  = help: the Pi 5 has no such decoder"

    the_decoder_that_only_a_pi_4_sets:
        r#"board = "pi5"
settings = { hevc_freq = 500 }"# =>
"error: pi5 has no setting `hevc_freq`
 --> cluster.toml:9:14
  |
9 | settings = { hevc_freq = 500 }
  |              ^^^^^^^^^
  |
  = help: the documentation has it for the Pi 4 only"

    a_voltage_delta_on_a_pi_2:
        r#"board = "pi2"
settings = { over_voltage_delta = 50000 }"# =>
"error: pi2 has no setting `over_voltage_delta`
 --> cluster.toml:9:14
  |
9 | settings = { over_voltage_delta = 50000 }
  |              ^^^^^^^^^^^^^^^^^^
  |
  = help: other boards have it; `bramble explain board pi2` tells what this one has"

    a_setting_in_capitals:
        r#"board = "pi2"
settings = { ARM_FREQ = 900 }"# =>
"error: pi2 has no setting `ARM_FREQ`
 --> cluster.toml:9:14
  |
9 | settings = { ARM_FREQ = 900 }
  |              ^^^^^^^^
  |
  = help: did you mean `arm_freq`?"
}
