//! Voltages, temperatures and switches out of bounds.

use super::wrong;

wrong! {
    more_voltage_than_there_are_steps:
        r#"board = "pi1"
settings = { over_voltage = 9 }"# =>
"error: `over_voltage` is out of bounds for pi1
 --> cluster.toml:9:29
  |
9 | settings = { over_voltage = 9 }
  |                             ^
  |
  = help: from -16 to 8 steps of 25 mV, without the key it is 0"

    less_voltage_than_there_are_steps:
        r#"board = "pi4"
settings = { over_voltage = -17 }"# =>
"error: `over_voltage` is out of bounds for pi4
 --> cluster.toml:9:29
  |
9 | settings = { over_voltage = -17 }
  |                             ^^^
  |
  = help: from -16 to 8 steps of 25 mV, without the key it is 0; turns off that the voltage follows the clock"

    more_voltage_for_the_memory_than_there_are_steps:
        r#"board = "zero"
settings = { over_voltage_sdram = 9 }"# =>
"error: `over_voltage_sdram` is out of bounds for zero
 --> cluster.toml:9:35
  |
9 | settings = { over_voltage_sdram = 9 }
  |                                   ^
  |
  = help: from -16 to 8 steps of 25 mV, without the key it is 0"

    a_delta_in_the_wrong_unit:
        r#"board = "pi5"
settings = { over_voltage_delta = 500000 }"# =>
"error: `over_voltage_delta` is out of bounds for pi5
 --> cluster.toml:9:35
  |
9 | settings = { over_voltage_delta = 500000 }
  |                                   ^^^^^^
  |
  = help: from -400000 to 200000 µV, without the key it is 0"

    a_switch_with_a_third_position:
        r#"board = "pi3"
settings = { force_turbo = 2 }"# =>
"error: `force_turbo` is out of bounds for pi3
 --> cluster.toml:9:28
  |
9 | settings = { force_turbo = 2 }
  |                            ^
  |
  = help: 0 or 1, without the key it is 0"

    a_turbo_of_more_than_a_minute:
        r#"board = "pi2"
settings = { initial_turbo = 61 }"# =>
"error: `initial_turbo` is out of bounds for pi2
 --> cluster.toml:9:30
  |
9 | settings = { initial_turbo = 61 }
  |                              ^^
  |
  = help: from 0 to 60 s, without the key it is 0"

    a_temperature_that_the_firmware_would_clamp:
        r#"board = "pi3"
settings = { temp_limit = 90 }"# =>
"error: `temp_limit` is out of bounds for pi3
 --> cluster.toml:9:27
  |
9 | settings = { temp_limit = 90 }
  |                           ^^
  |
  = help: from 40 to 85 °C, without the key it is 85"

    a_soft_limit_beyond_70_degrees:
        r#"board = "pi3a"
settings = { temp_soft_limit = 75 }"# =>
"error: `temp_soft_limit` is out of bounds for pi3a
 --> cluster.toml:9:32
  |
9 | settings = { temp_soft_limit = 75 }
  |                                ^^
  |
  = help: from 60 to 70 °C, without the key it is 60"
}
