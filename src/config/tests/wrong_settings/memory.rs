//! `gpu_mem` and `total_mem`, by key and by line.

use super::wrong;

wrong! {
    too_little_memory_for_the_gpu_of_a_pi_1:
        r#"board = "pi1"
gpu_mem = 15"# =>
"error: `gpu_mem` is out of bounds for pi1
 --> cluster.toml:9:11
  |
9 | gpu_mem = 15
  |           ^^
  |
  = help: from 16 to 128 MB, without the key it is 64"

    more_memory_for_the_gpu_than_the_smallest_pi_1_can_spare:
        r#"board = "pi1"
gpu_mem = 129"# =>
"error: `gpu_mem` is out of bounds for pi1
 --> cluster.toml:9:11
  |
9 | gpu_mem = 129
  |           ^^^
  |
  = help: from 16 to 128 MB, without the key it is 64"

    more_memory_for_the_gpu_than_a_zero_can_spare:
        r#"board = "zero"
gpu_mem = 385"# =>
"error: `gpu_mem` is out of bounds for zero
 --> cluster.toml:9:11
  |
9 | gpu_mem = 385
  |           ^^^
  |
  = help: from 16 to 384 MB, without the key it is 64"

    more_memory_for_the_gpu_than_a_pi_2_can_spare:
        r#"board = "pi2"
gpu_mem = 513"# =>
"error: `gpu_mem` is out of bounds for pi2
 --> cluster.toml:9:11
  |
9 | gpu_mem = 513
  |           ^^^
  |
  = help: from 16 to 512 MB, without the key it is 76"

    more_memory_for_the_gpu_than_serves_a_pi_4:
        r#"board = "pi4"
gpu_mem = 128"# =>
"error: `gpu_mem` is out of bounds for pi4
 --> cluster.toml:9:11
  |
9 | gpu_mem = 128
  |           ^^^
  |
  = help: from 16 to 76 MB, without the key it is 76"

    the_memory_for_the_gpu_of_a_pi_5:
        r#"board = "pi5"
gpu_mem = 16"# =>
"error: pi5 has no setting `gpu_mem`
 --> cluster.toml:9:11
  |
9 | gpu_mem = 16
  |           ^^
  |
  = help: the Pi 5 sets no memory aside for the GPU: Linux gives it what it asks for, and the firmware is in the board's EEPROM"

    more_memory_than_a_zero_2_w_has:
        r#"board = "zero2w"
settings = { total_mem = 1024 }"# =>
"error: `total_mem` is out of bounds for zero2w
 --> cluster.toml:9:26
  |
9 | settings = { total_mem = 1024 }
  |                          ^^^^
  |
  = help: from 128 to 512 MB"

    all_memory_for_the_gpu:
        r#"board = "pi3"
gpu_mem = 448
settings = { total_mem = 512 }"# =>
"error: of 512 MB the GPU takes 448, and Linux has 64 left
  --> cluster.toml:10:26
   |
10 | settings = { total_mem = 512 }
   |                          ^^^
   |
   = help: leave it 96 at least: raise `total_mem` or lower `gpu_mem`"

    gpu_mem_among_the_settings:
        r#"board = "pi3"
settings = { gpu_mem = 16 }"# =>
"error: `gpu_mem` has a key of its own
 --> cluster.toml:9:14
  |
9 | settings = { gpu_mem = 16 }
  |              ^^^^^^^
  |
  = help: write it beside `settings`, not in it"

    memory_with_its_unit:
        r#"board = "pi2"
gpu_mem = "16M""# =>
r#"error: expected a whole number
 --> cluster.toml:9:11
  |
9 | gpu_mem = "16M"
  |           ^^^^^ this is a string"#

    gpu_mem_as_a_line:
        r#"board = "pi3"
extra = ["gpu_mem=16"]"# =>
r#"error: `gpu_mem` has a key of its own
 --> cluster.toml:9:11
  |
9 | extra = ["gpu_mem=16"]
  |           ^^^^^^^
  |
  = help: write it beside `extra`, not in it"#

    gpu_mem_by_memory:
        r#"board = "pi1"
extra = ["gpu_mem_256=16"]"# =>
r#"error: `gpu_mem_256` is not for a cluster file to set
 --> cluster.toml:9:11
  |
9 | extra = ["gpu_mem_256=16"]
  |           ^^^^^^^^^^^
  |
  = help: write `gpu_mem` beside `extra`: which board it is for is known"#

    less_memory_for_the_gpu_than_a_3_a_plus_needs:
        r#"board = "pi3a"
gpu_mem = 0"# =>
"error: `gpu_mem` is out of bounds for pi3a
 --> cluster.toml:9:11
  |
9 | gpu_mem = 0
  |           ^
  |
  = help: from 16 to 384 MB, without the key it is 64"

    less_memory_for_the_gpu_than_nothing:
        r#"board = "zerow"
gpu_mem = -16"# =>
"error: `gpu_mem` is out of bounds for zerow
 --> cluster.toml:9:11
  |
9 | gpu_mem = -16
  |           ^^^
  |
  = help: from 16 to 384 MB, without the key it is 64"

    memory_that_a_pi_5_does_not_have_as_a_line:
        r#"board = "pi5"
extra = ["gpu_mem=76"]"# =>
r#"error: pi5 has no setting `gpu_mem`
 --> cluster.toml:9:11
  |
9 | extra = ["gpu_mem=76"]
  |           ^^^^^^^
  |
  = help: the Pi 5 sets no memory aside for the GPU: Linux gives it what it asks for, and the firmware is in the board's EEPROM"#

    memory_for_the_gpu_of_a_board_of_another_maker:
        r#"board = "bananapi"
gpu_mem = 16"# =>
r#"error: bananapi has no setting `gpu_mem`
 --> cluster.toml:9:11
  |
9 | gpu_mem = 16
  |           ^^
  |
  = help: its firmware reads no config.txt"#
}
