//! What the board tells of itself. Every number comes from a file that some boards or kernels do not have; then the
//! metric is not there, which is how Prometheus says "unknown".

use std::fs;
use std::path::PathBuf;
use std::str::FromStr;

use super::text::{Text, decimal};

/// A machine's `/sys` and `/proc`.
#[derive(Debug)]
pub(super) struct Board {
    sys: PathBuf,
    proc: PathBuf,
}

/// A sector of `/sys/block/*/stat`, whatever the card's own are.
const SECTOR: u64 = 512;

/// C's numbers are of other widths on other boards.
fn wide(number: impl TryInto<u64>) -> u64 {
    number.try_into().unwrap_or(u64::MAX)
}

impl Board {
    pub(super) fn of_this_machine() -> Board {
        Board { sys: PathBuf::from("/sys"), proc: PathBuf::from("/proc") }
    }

    /// Adds what there is to the page.
    pub(super) fn write(&self, text: &mut Text) {
        self.processor(text);
        self.memory(text);
        self.card(text);
    }

    fn processor(&self, text: &mut Text) {
        if let Some(celsius) = self.number::<i64>("class/thermal/thermal_zone0/temp") {
            text.family("bramble_cpu_celsius", "gauge", "Temperature of the processor.");
            let sign = if celsius < 0 { "-" } else { "" };
            text.suffixed("", &[], &format!("{sign}{}", decimal(celsius.unsigned_abs(), 3)));
        }
        for (file, kind) in [("scaling_cur_freq", "now"), ("scaling_max_freq", "most")] {
            if let Some(kilohertz) = self.number::<u64>(&format!("devices/system/cpu/cpu0/cpufreq/{file}")) {
                if kind == "now" {
                    text.family("bramble_cpu_hertz", "gauge", "Clock of the first core: now, and the most it may be.");
                }
                text.number(&[("kind", kind)], kilohertz.saturating_mul(1000));
            }
        }
        // The Raspberry Pi kernel's own file: bits as of `vcgencmd get_throttled`.
        let throttled = self.text("devices/platform/soc/soc:firmware/get_throttled");
        if let Some(bits) = throttled.and_then(|hexadecimal| u64::from_str_radix(&hexadecimal, 16).ok()) {
            text.family(
                "bramble_throttled",
                "gauge",
                "Whether the firmware holds the board back, and since its start.",
            );
            for (bit, kind) in
                [(0, "under_voltage"), (1, "frequency_capped"), (2, "throttled"), (3, "soft_temperature")]
            {
                text.number(&[("kind", kind), ("when", "now")], (bits >> bit) & 1);
                text.number(&[("kind", kind), ("when", "ever")], (bits >> (bit + 16)) & 1);
            }
        } else if let Some(alarm) = self.under_voltage() {
            text.family("bramble_under_voltage", "gauge", "1 while the firmware sees too low a voltage.");
            text.number(&[], alarm);
        }
    }

    /// Mainline's `raspberrypi-hwmon`, which knows of the voltage only.
    fn under_voltage(&self) -> Option<u64> {
        (0..16).find_map(|number| {
            let folder = format!("class/hwmon/hwmon{number}");
            self.text(&format!("{folder}/name")).filter(|name| name == "rpi_volt")?;
            self.number(&format!("{folder}/in0_lcrit_alarm"))
        })
    }

    fn memory(&self, text: &mut Text) {
        let machine = rustix::system::sysinfo();
        let unit = wide(machine.mem_unit).max(1);
        let bytes = |units: rustix::ffi::c_ulong| wide(units).saturating_mul(unit);
        text.family(
            "bramble_memory_bytes",
            "gauge",
            "Memory of the board; available is what a new process could have.",
        );
        text.number(&[("kind", "total")], bytes(machine.totalram));
        text.number(&[("kind", "free")], bytes(machine.freeram));
        // Hidden where the unit's sandbox hides all of /proc but processes.
        if let Some(kilobytes) = fs::read_to_string(self.proc.join("meminfo")).ok().and_then(|text| available(&text)) {
            text.number(&[("kind", "available")], kilobytes.saturating_mul(1024));
        }
        let own = fs::read_to_string(self.proc.join("self/statm")).ok();
        if let Some(pages) = own.and_then(|line| line.split(' ').nth(1)?.parse::<u64>().ok()) {
            text.family("process_resident_memory_bytes", "gauge", "Memory of the server itself.");
            text.number(&[], pages.saturating_mul(wide(rustix::param::page_size())));
        }
    }

    /// Wear: what was written since start, and for eMMC (SD cards tell nothing) how much of its life is used.
    fn card(&self, text: &mut Text) {
        let card = "block/mmcblk0";
        let fields = self.text(&format!("{card}/stat"));
        if let Some(sectors) = fields.and_then(|line| line.split_ascii_whitespace().nth(6)?.parse::<u64>().ok()) {
            text.family(
                "bramble_card_written_bytes_total",
                "counter",
                "Bytes written to the card since the board started.",
            );
            text.number(&[], sectors.saturating_mul(SECTOR));
        }
        let life = self.text(&format!("{card}/device/life_time"));
        let tenths: Vec<u64> = life
            .unwrap_or_default()
            .split_ascii_whitespace()
            .filter_map(|word| u64::from_str_radix(word.trim_start_matches("0x"), 16).ok())
            .collect();
        // JEDEC's steps of a tenth: 1 is "up to 10 % used", 0 is "not told".
        if let Some(most) = tenths.iter().max().filter(|tenths| (1..=11).contains(*tenths)) {
            text.family(
                "bramble_card_life_used_ratio",
                "gauge",
                "Used life of the eMMC, at most; above 1 is past its end.",
            );
            text.suffixed("", &[], &decimal(*most, 1));
        }
    }

    fn text(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.sys.join(name)).ok().map(|text| text.trim().to_owned())
    }

    fn number<T: FromStr>(&self, name: &str) -> Option<T> {
        self.text(name)?.parse().ok()
    }
}

fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(files: &[(&str, &str)]) -> String {
        let dir = tempfile::tempdir().expect("a temporary directory");
        for (name, content) in files {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
            fs::write(path, content).expect("a file");
        }
        let mut text = Text::default();
        Board { sys: dir.path().join("sys"), proc: dir.path().join("proc") }.write(&mut text);
        text.finish().lines().filter(|line| !line.starts_with('#')).map(|line| line.to_owned() + "\n").collect()
    }

    #[test]
    fn a_board_that_tells_all() {
        let page = page(&[
            ("sys/class/thermal/thermal_zone0/temp", "45123\n"),
            ("sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "700000\n"),
            ("sys/devices/system/cpu/cpu0/cpufreq/scaling_max_freq", "1000000\n"),
            ("sys/devices/platform/soc/soc:firmware/get_throttled", "50005\n"),
            ("sys/block/mmcblk0/stat", "  1 2 3 4 5 6 700 8 9 10 11\n"),
            ("sys/block/mmcblk0/device/life_time", "0x01 0x03\n"),
            ("proc/meminfo", "MemTotal: 10 kB\nMemAvailable:      7 kB\n"),
            ("proc/self/statm", "100 3 1 1 0 1 0\n"),
        ]);
        for line in [
            "bramble_cpu_celsius 45.123\n",
            "bramble_cpu_hertz{kind=\"now\"} 700000000\n",
            "bramble_cpu_hertz{kind=\"most\"} 1000000000\n",
            "bramble_throttled{kind=\"under_voltage\",when=\"now\"} 1\n",
            "bramble_throttled{kind=\"frequency_capped\",when=\"now\"} 0\n",
            "bramble_throttled{kind=\"throttled\",when=\"ever\"} 1\n",
            "bramble_card_written_bytes_total 358400\n",
            "bramble_card_life_used_ratio 0.3\n",
            "bramble_memory_bytes{kind=\"available\"} 7168\n",
        ] {
            assert!(page.contains(line), "{line}{page}");
        }
    }

    #[test]
    fn a_board_that_tells_nothing_has_no_such_metrics() {
        let silent = page(&[]);
        assert_eq!(silent.lines().count(), 2, "{silent}");
        assert!(silent.lines().all(|line| line.starts_with("bramble_memory_bytes{kind=")));
        let mainline = page(&[
            ("sys/class/hwmon/hwmon0/name", "cpu_thermal\n"),
            ("sys/class/hwmon/hwmon1/name", "rpi_volt\n"),
            ("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n"),
            ("sys/block/mmcblk0/device/life_time", "0x00 0x00\n"),
        ]);
        assert!(mainline.contains("bramble_under_voltage 1\n"));
        assert!(!mainline.contains("life"));
    }
}
