//! Sizes as people read them.

/// `bytes` in the largest unit that leaves a digit before the point: "1.2 GiB", "512 MiB", "70 bytes".
pub fn shown(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    for (unit, size) in UNITS {
        if bytes >= size {
            let tenths = bytes.saturating_mul(10) / size;
            return match (tenths / 10, tenths % 10) {
                (whole, 0) => format!("{whole} {unit}"),
                (whole, tenth) => format!("{whole}.{tenth} {unit}"),
            };
        }
    }
    format!("{bytes} bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_fits_the_size() {
        assert_eq!(shown(70), "70 bytes");
        assert_eq!(shown(512 << 20), "512 MiB");
        assert_eq!(shown((1 << 30) + (1 << 28)), "1.2 GiB");
    }
}
