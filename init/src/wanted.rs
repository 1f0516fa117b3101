//! The names of modules that a board wants loaded, as its file and `/etc/bramble/initramfs-modules` have them.

/// The module's name, and whether the board needs it: a `?` behind a name says that some kernels do without.
pub fn wanted_module(text: &str) -> (&str, bool) {
    text.strip_suffix('?').map_or((text, true), |name| (name, false))
}

#[cfg(test)]
mod tests {
    use super::wanted_module;

    #[test]
    fn a_question_mark_is_no_part_of_the_name() {
        assert_eq!(wanted_module("ext4"), ("ext4", true));
        assert_eq!(wanted_module("crc32c_generic?"), ("crc32c_generic", false));
    }
}
