//! Lines of `extra` that are right, and those on a board that reads none.

use super::{HEAD, NODE, Project};

/// What the lines come to, and what is said about them besides that there is no key.
fn accepted(lines: &str) -> (Vec<String>, Vec<String>) {
    let mut plan = Project::new().accepts(&format!("{HEAD}{NODE}{lines}\n"));
    plan.remarks.pop();
    (plan.bases.remove(0).settings.extra, plan.remarks)
}

#[test]
fn a_section_ends_with_the_lines() {
    let (lines, remarks) =
        accepted(r##"extra = ["  disable_splash=1 ", "", "# why", "[pi3+]", "temp_soft_limit=65"]"##);
    assert_eq!(lines, ["disable_splash=1", "", "# why", "[pi3+]", "temp_soft_limit=65", "[all]"]);
    assert_eq!(remarks, Vec::<String>::new());
}

#[test]
fn a_line_of_98_bytes_is_the_longest() {
    let line = format!("cec_osd_name={}", "n".repeat(85));
    assert_eq!(accepted(&format!("extra = [\"{line}\"]")).0, [line]);
}

#[test]
fn a_section_may_say_otherwise_than_the_settings() {
    let (lines, remarks) = accepted(
        "settings = { temp_limit = 80 }\nextra = [\"[pi3+]\", \"temp_limit=75\", \"[0x1234]\", \"temp_limit=70\"]",
    );
    assert_eq!(lines, ["[pi3+]", "temp_limit=75", "[0x1234]", "temp_limit=70", "[all]"]);
    assert_eq!(remarks, Vec::<String>::new());
}

#[test]
fn what_is_set_together_is_judged_for_each_model_and_moment() {
    let allowed = "\ni_accept_the_warranty_bit = true";
    for lines in [
        r#""[pi3]", "force_turbo=1", "[all]", "[pi3]", "over_voltage=8""#,
        r#""force_turbo=0", "over_voltage=8", "[pi3]", "force_turbo=1""#,
        r#""[HDMI:1]", "force_turbo=1", "[pi3]", "over_voltage=8""#,
        r#""[0x12]", "force_turbo=1", "[0x34]", "force_turbo=1", "[0x12]", "over_voltage=8""#,
        r#""[gpio4=1]", "force_turbo=1", "[tryboot]", "over_voltage=8""#,
    ] {
        accepted(&format!("extra = [{lines}]{allowed}"));
    }
    // Never together: the bit stays as it is, and nothing has to be accepted.
    accepted(r#"extra = ["[gpio4=1]", "force_turbo=1", "[gpio4=0]", "over_voltage=6"]"#);
    accepted(r#"extra = ["[0x12]", "force_turbo=1", "[0x34]", "over_voltage=6"]"#);
    accepted(r#"extra = ["force_turbo=1", "over_voltage=6", "[pi3]", "force_turbo=0"]"#);
}

#[test]
fn more_conditions_than_can_be_gone_through_are_an_error() {
    let pins: Vec<String> = (2..28).map(|pin| format!("\"[gpio{pin}=1]\", \"over_voltage={}\"", pin % 6)).collect();
    let found = Project::new().refuses(&format!("{HEAD}{NODE}extra = [{}]\n", pins.join(", ")));
    assert!(
        found.starts_with("error: settings below `[gpio13=1]` depend on too many conditions to be checked\n"),
        "{found}"
    );
}

#[test]
fn lines_that_add_up_may_stand_twice() {
    let (lines, _) = accepted(r#"extra = ["gpio=4=op,dh", "gpio=5=ip", "hdmi_mode:0=4", "hdmi_mode:1=16"]"#);
    assert_eq!(lines.len(), 4);
}

#[test]
fn unknown_keys_are_told() {
    let (lines, remarks) = accepted(r#"extra = ["disable_splsh=1", "warp=9"]"#);
    assert_eq!(lines, ["disable_splsh=1", "warp=9"]);
    assert_eq!(
        remarks,
        [
            "`disable_splsh` of `extra` is no key that bramble knows; did you mean `disable_splash`? (`node1`)",
            "`warp` of `extra` is no key that bramble knows (`node1`)",
        ]
    );
}

#[test]
fn lines_of_a_node_stand_in_place_of_the_defaults() {
    let head = HEAD.replace("site = \"site\"\n", "site = \"site\"\nextra = [\"disable_splash=1\"]\n");
    let nodes = "[[nodes]]\nname = \"node2\"\naddress = \"10.0.0.12\"\nextra = []\n";
    let plan = Project::new().accepts(&format!("{head}{NODE}{nodes}"));
    let lines: Vec<&[String]> = plan.bases.iter().map(|base| base.settings.extra.as_slice()).collect();
    assert_eq!(lines, [&["disable_splash=1".to_owned()][..], &[]]);
}

#[test]
fn what_ends_the_warranty_is_told_of_every_node_that_accepts_it() {
    let more = "settings = { force_turbo = 1, over_voltage = 7 }\ni_accept_the_warranty_bit = true\n";
    let nodes = format!("{NODE}{more}[[nodes]]\nname = \"node2\"\naddress = \"10.0.0.12\"\n{more}");
    let plan = Project::new().accepts(&format!("{HEAD}{nodes}"));
    assert_eq!(
        plan.remarks[0],
        "`force_turbo = 1` with `over_voltage = 7` sets the warranty bit of `node1` and `node2` for good, as \
         `i_accept_the_warranty_bit` allows"
    );
}

#[test]
fn a_board_of_another_maker_has_no_lines() {
    let project = Project::with_all_boards();
    let found = project.refuses(&format!("{HEAD}{NODE}board = \"bananapi\"\nextra = [\"disable_splash=1\"]\n"));
    assert_eq!(
        found,
        r#"error: bananapi has no config.txt
  --> cluster.toml:14:10
   |
14 | extra = ["disable_splash=1"]
   |          ^^^^^^^^^^^^^^^^^^
   |
   = help: take `extra` out: its firmware reads another file"#
    );
}

#[test]
fn what_is_written_once_needs_leave() {
    let lines = "extra = [\"program_usb_boot_mode=1\", \"program_gpio_bootmode=0\"]";
    assert_eq!(
        Project::new().refuses(&format!("{HEAD}{NODE}{lines}\n")),
        "error: `program_usb_boot_mode` lets the board boot from USB, for good
  --> cluster.toml:13:11
   |
13 | extra = [\"program_usb_boot_mode=1\", \"program_gpio_bootmode=0\"]
   |           ^^^^^^^^^^^^^^^^^^^^^
   |
   = help: it is written to one-time programmable memory, and nothing takes it back: leave it out, or write \
         `i_accept_one_time_programming = true` for these nodes"
    );
    let (_, remarks) = accepted(&format!("i_accept_one_time_programming = true\n{lines}"));
    assert_eq!(
        remarks,
        [
            "`program_usb_boot_mode=1` lets the board boot from USB, for good, as `i_accept_one_time_programming` allows \
          (`node1`)"
        ]
    );
}
