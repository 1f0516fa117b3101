//! The `ar` container of `.deb` files, read only: the common format of `ar(5)` with short names, as deb(5) limits it.

use bytes::Bytes;

const MAGIC: &[u8] = b"!<arch>\n";
const HEADER: usize = 60;

/// A file in the container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub name: String,
    pub content: Bytes,
}

/// Why bytes are no complete `ar` container.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArError {
    #[error("does not begin with `!<arch>`")]
    NotAr,
    #[error("broken member header at byte {offset}")]
    Header { offset: usize },
    #[error("member `{name}` is truncated: {expected} bytes announced, {found} there")]
    Truncated { name: String, expected: usize, found: usize },
}

/// All members in their order; contents share the memory of `file`.
pub fn members(file: &Bytes) -> Result<Vec<Member>, ArError> {
    if !file.starts_with(MAGIC) {
        return Err(ArError::NotAr);
    }
    let mut all = Vec::new();
    let mut offset = MAGIC.len();
    while offset < file.len() {
        let broken = || ArError::Header { offset };
        let header = file.get(offset..offset + HEADER).ok_or_else(broken)?;
        if header.get(58..60) != Some(b"`\n") {
            return Err(broken());
        }
        let text = str::from_utf8(header).map_err(|_| broken())?;
        // GNU ar ends names with a slash, dpkg-deb does not.
        let name = text.get(..16).ok_or_else(broken)?.trim_end_matches(' ').trim_end_matches('/').to_owned();
        let size: usize = text.get(48..58).and_then(|size| size.trim_end().parse().ok()).ok_or_else(broken)?;
        let begin = offset + HEADER;
        let found = file.len() - begin;
        if size > found {
            return Err(ArError::Truncated { name, expected: size, found });
        }
        all.push(Member { name, content: file.slice(begin..begin + size) });
        // Members begin at even offsets.
        offset = begin + size + size % 2;
    }
    Ok(all)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Packs members as dpkg-deb does.
    pub(in super::super) fn pack(members: &[(&str, &[u8])]) -> Bytes {
        let mut file = MAGIC.to_vec();
        for (name, content) in members {
            let header = format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", 0, 0, 0, "100644", content.len());
            file.extend_from_slice(header.as_bytes());
            file.extend_from_slice(content);
            if content.len() % 2 == 1 {
                file.push(b'\n');
            }
        }
        Bytes::from(file)
    }

    #[test]
    fn members_come_in_order() {
        let file = pack(&[("odd", b"abc"), ("even/", b"abcd"), ("empty", b"")]);
        let found = members(&file).expect("valid");
        let found: Vec<_> = found.iter().map(|member| (member.name.as_str(), &member.content[..])).collect();
        assert_eq!(found, [("odd", &b"abc"[..]), ("even", b"abcd"), ("empty", b"")]);
    }

    #[test]
    fn damage_is_named() {
        let message = |file: Bytes| members(&file).expect_err("damaged").to_string();
        assert_eq!(message(Bytes::from_static(b"PK")), "does not begin with `!<arch>`");
        let file = pack(&[("a", b"abcd"), ("data.tar.xz", b"0123456789")]);
        assert_eq!(
            message(file.slice(..file.len() - 3)),
            "member `data.tar.xz` is truncated: 10 bytes announced, 7 there"
        );
        assert_eq!(message(file.slice(..80)), "broken member header at byte 72");
    }
}
