//! Waiting for the root device: drivers probe in the background, so the card comes some time after its module.

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use crate::block::{Devices, RootDevice};
use crate::console;
use crate::failure::Failure;

/// Between two looks: short beside a boot, long beside the work of a look.
const STEP: Duration = Duration::from_millis(20);

/// Between two lines on the console.
const WORD_EVERY: Duration = Duration::from_secs(5);

/// Waits until `root` is there and says every few seconds what is there instead.
///
/// # Errors
///
/// When it did not appear in time.
pub(crate) fn for_device(devices: &Devices, root: &RootDevice, patience: Duration) -> Result<PathBuf, Failure> {
    let start = Instant::now();
    let mut next_word = WORD_EVERY;
    loop {
        if let Some(node) = devices.find(root) {
            return Ok(node);
        }
        let waited = start.elapsed();
        if waited >= patience {
            return Err(Failure::NoDevice { root: root.to_string(), seconds: patience.as_secs() });
        }
        if waited >= next_word {
            let seconds = waited.as_secs();
            console::alarm(&format!("waiting for {root} ({seconds} s); block devices: {}", devices.summary()));
            next_word += WORD_EVERY;
        }
        thread::sleep(STEP);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_up_when_the_time_is_over() {
        let root = RootDevice::Node(PathBuf::from("/dev/no-such-card"));
        let error = for_device(&Devices::of_this_machine(), &root, Duration::ZERO).expect_err("never there");
        assert_eq!(error.to_string(), "the root device /dev/no-such-card did not appear within 0 s");
    }

    #[test]
    fn takes_what_is_there_at_once() {
        let root = RootDevice::Node(PathBuf::from("/dev/null"));
        let node = for_device(&Devices::of_this_machine(), &root, Duration::ZERO).expect("every machine has it");
        assert_eq!(node, PathBuf::from("/dev/null"));
    }
}
