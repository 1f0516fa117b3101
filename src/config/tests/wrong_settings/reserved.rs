//! Keys that no cluster file sets.

use super::wrong;

wrong! {
    a_line_among_the_settings:
        r#"board = "pi3"
settings = { disable_splash = 1 }"# =>
r#"error: `disable_splash` is not among the settings that are checked
 --> cluster.toml:9:14
  |
9 | settings = { disable_splash = 1 }
  |              ^^^^^^^^^^^^^^
  |
  = help: write it as a line of its own: `extra = ["disable_splash=…"]`"#

    the_width_among_the_settings:
        r#"board = "pi3"
settings = { arm_64bit = 0 }"# =>
"error: `arm_64bit` is not for a cluster file to set
 --> cluster.toml:9:14
  |
9 | settings = { arm_64bit = 0 }
  |              ^^^^^^^^^
  |
  = help: bramble writes it as `architecture` wants it"

    another_file:
        r#"board = "pi3"
extra = ["include more.txt"]"# =>
r#"error: `include` is not for a cluster file to set
 --> cluster.toml:9:11
  |
9 | extra = ["include more.txt"]
  |           ^^^^^^^
  |
  = help: not all of the boot code follows it; write the lines themselves"#

    another_initramfs:
        r#"board = "pi3"
extra = ["initramfs other.img followkernel"]"# =>
r#"error: `initramfs` is not for a cluster file to set
 --> cluster.toml:9:11
  |
9 | extra = ["initramfs other.img followkernel"]
  |           ^^^^^^^^^
  |
  = help: bramble names its own"#

    another_kernel:
        r#"board = "pi3"
extra = ["kernel=kernel7.img"]"# =>
r#"error: `kernel` is not for a cluster file to set
 --> cluster.toml:9:11
  |
9 | extra = ["kernel=kernel7.img"]
  |           ^^^^^^
  |
  = help: bramble names the kernel; it stands in `[firmware]` of the board file"#

    another_command_line:
        r#"board = "zero"
extra = ["cmdline=other.txt"]"# =>
r#"error: `cmdline` is not for a cluster file to set
 --> cluster.toml:9:11
  |
9 | extra = ["cmdline=other.txt"]
  |           ^^^^^^^
  |
  = help: bramble writes cmdline.txt"#

    another_device_tree:
        r#"board = "pi4"
extra = ["device_tree=bcm2711-rpi-400.dtb"]"# =>
r#"error: `device_tree` is not for a cluster file to set
 --> cluster.toml:9:11
  |
9 | extra = ["device_tree=bcm2711-rpi-400.dtb"]
  |           ^^^^^^^^^^^
  |
  = help: the firmware takes the model's own; they stand in `device_trees` of the board file"#

    a_folder_for_everything:
        r#"board = "pi4"
extra = ["os_prefix=new/"]"# =>
r#"error: `os_prefix` is not for a cluster file to set
 --> cluster.toml:9:11
  |
9 | extra = ["os_prefix=new/"]
  |           ^^^^^^^^^
  |
  = help: bramble writes it; a kernel update changes it"#

    another_form_of_the_firmware:
        r#"board = "pi1"
extra = ["start_x=1"]"# =>
r#"error: `start_x` is not for a cluster file to set
 --> cluster.toml:9:11
  |
9 | extra = ["start_x=1"]
  |           ^^^^^^^
  |
  = help: that form of the firmware is not on the card; it is for cameras"#

    a_pi_3_in_32_bits:
        r#"board = "pi3"
extra = ["arm_64bit=0"]"# =>
r#"error: `arm_64bit` is not for a cluster file to set
 --> cluster.toml:9:11
  |
9 | extra = ["arm_64bit=0"]
  |           ^^^^^^^^^
  |
  = help: bramble writes it as `architecture` wants it"#

    no_serial_console:
        r#"board = "zerow"
extra = ["enable_uart=0"]"# =>
r#"error: `enable_uart` is not for a cluster file to set
 --> cluster.toml:9:11
  |
9 | extra = ["enable_uart=0"]
  |           ^^^^^^^^^^^
  |
  = help: bramble switches the serial console on, on every board"#

    an_overlay:
        r#"board = "pi3"
extra = ["dtoverlay=disable-bt"]"# =>
r#"error: `dtoverlay` is not for a cluster file to set
 --> cluster.toml:9:11
  |
9 | extra = ["dtoverlay=disable-bt"]
  |           ^^^^^^^^^
  |
  = help: no overlay is on the card, and the board would skip the line"#

    a_parameter_of_the_device_tree:
        r#"board = "pi2"
extra = ["dtparam=act_led_trigger=heartbeat"]"# =>
r#"error: `dtparam` is not for a cluster file to set
 --> cluster.toml:9:11
  |
9 | extra = ["dtparam=act_led_trigger=heartbeat"]
  |           ^^^^^^^
  |
  = help: the device trees of Debian's kernels have no parameters, and the board would skip the line"#
}
