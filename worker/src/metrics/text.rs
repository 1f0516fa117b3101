//! Prometheus' text format, version 0.0.4.

use std::fmt::Write;

/// A page in the making.
#[derive(Debug, Default)]
pub(super) struct Text {
    out: String,
    name: &'static str,
}

impl Text {
    /// Begins a family of metrics.
    pub(super) fn family(&mut self, name: &'static str, kind: &str, help: &str) {
        self.name = name;
        // Writing to a string cannot fail.
        let _ = write!(self.out, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    /// A metric of the family.
    pub(super) fn number(&mut self, labels: &[(&str, &str)], number: u64) {
        self.suffixed("", labels, &number.to_string());
    }

    /// A metric of the family, of which histograms have several.
    pub(super) fn suffixed(&mut self, suffix: &str, labels: &[(&str, &str)], value: &str) {
        self.out.push_str(self.name);
        self.out.push_str(suffix);
        let mut begin = '{';
        for (name, text) in labels {
            let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(self.out, "{begin}{name}=\"{text}\"");
            begin = ',';
        }
        let end = if labels.is_empty() { "" } else { "}" };
        let _ = writeln!(self.out, "{end} {value}");
    }

    /// The page.
    pub(super) fn finish(self) -> String {
        self.out
    }
}

/// A number of units of ten to the minus `places`, as `0.0003`.
pub(super) fn decimal(number: u64, places: u32) -> String {
    let unit = 10_u64.pow(places);
    let width = usize::try_from(places).unwrap_or_default();
    let text = format!("{}.{:0width$}", number / unit, number % unit);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_prometheus() {
        let mut text = Text::default();
        text.family("a_total", "counter", "Some.");
        text.number(&[], 1);
        text.number(&[("site", "x\"\\\n"), ("code", "200")], 2);
        assert_eq!(
            text.finish(),
            "# HELP a_total Some.\n# TYPE a_total counter\na_total 1\na_total{site=\"x\\\"\\\\\\n\",code=\"200\"} 2\n"
        );
    }

    #[test]
    fn fractions_are_written_shortly() {
        for (number, places, expected) in
            [(0, 6, "0"), (100, 6, "0.0001"), (1_000_000, 6, "1"), (45_123, 3, "45.123"), (10_000_000, 6, "10")]
        {
            assert_eq!(decimal(number, places), expected);
        }
    }
}
