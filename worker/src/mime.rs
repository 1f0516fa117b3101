//! Media types by a file name's extension: what web sites are made of, from IANA's registry.

/// What a file without a known extension is: bytes that no browser may guess about.
pub const UNKNOWN: &str = "application/octet-stream";

/// Extensions in lower case, in alphabetical order. Text types say UTF-8, which is what sites are written in.
const TYPES: &[(&str, &str)] = &[
    ("atom", "application/atom+xml"),
    ("avif", "image/avif"),
    ("bmp", "image/bmp"),
    ("css", "text/css; charset=utf-8"),
    ("csv", "text/csv; charset=utf-8"),
    ("flac", "audio/flac"),
    ("gif", "image/gif"),
    ("gz", "application/gzip"),
    ("htm", "text/html; charset=utf-8"),
    ("html", "text/html; charset=utf-8"),
    ("ico", "image/vnd.microsoft.icon"),
    ("ics", "text/calendar; charset=utf-8"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("js", "text/javascript; charset=utf-8"),
    ("json", "application/json"),
    ("jsonld", "application/ld+json"),
    ("m4a", "audio/mp4"),
    ("map", "application/json"),
    ("md", "text/markdown; charset=utf-8"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("oga", "audio/ogg"),
    ("ogg", "audio/ogg"),
    ("ogv", "video/ogg"),
    ("opus", "audio/ogg"),
    ("otf", "font/otf"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("rss", "application/rss+xml"),
    ("svg", "image/svg+xml"),
    ("tar", "application/x-tar"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("ttf", "font/ttf"),
    ("txt", "text/plain; charset=utf-8"),
    ("vtt", "text/vtt; charset=utf-8"),
    ("wasm", "application/wasm"),
    ("wav", "audio/wav"),
    ("webm", "video/webm"),
    ("webmanifest", "application/manifest+json"),
    ("webp", "image/webp"),
    ("woff", "font/woff"),
    ("woff2", "font/woff2"),
    ("xhtml", "application/xhtml+xml"),
    ("xml", "application/xml"),
    ("zip", "application/zip"),
];

/// The longest extension in the table.
const LONGEST: usize = 11;

/// The media type of a file by its name or path.
pub fn type_of(name: &[u8]) -> &'static str {
    let Some(dot) = name.iter().rposition(|byte| *byte == b'.') else { return UNKNOWN };
    let extension = &name[dot + 1..];
    let mut lower = [0; LONGEST];
    let Some(lower) = lower.get_mut(..extension.len()) else { return UNKNOWN };
    lower.copy_from_slice(extension);
    lower.make_ascii_lowercase();
    match TYPES.binary_search_by(|(known, _)| known.as_bytes().cmp(lower)) {
        Ok(at) => TYPES[at].1,
        Err(_) => UNKNOWN,
    }
}

/// Whether coding such a file makes it smaller: text and its like.
pub fn is_compressible(media_type: &str) -> bool {
    media_type.starts_with("text/")
        || ["json", "xml", "wasm", "icon", "font/otf", "font/ttf", "x-tar"].iter().any(|part| media_type.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_can_be_searched() {
        assert!(TYPES.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(TYPES.iter().map(|(extension, _)| extension.len()).max(), Some(LONGEST));
        for (extension, media_type) in TYPES {
            assert_eq!(type_of(format!("a/b.{extension}").as_bytes()), *media_type);
        }
    }

    #[test]
    fn text_is_compressible_and_pictures_are_not() {
        for name in ["a.html", "a.css", "a.js", "a.svg", "a.json", "a.webmanifest", "a.wasm", "a.rss"] {
            assert!(is_compressible(type_of(name.as_bytes())), "{name}");
        }
        for name in ["a.png", "a.jpg", "a.woff2", "a.zip", "a.gz", "a.mp4", "a"] {
            assert!(!is_compressible(type_of(name.as_bytes())), "{name}");
        }
    }

    #[test]
    fn case_does_not_matter_and_the_rest_is_bytes() {
        assert_eq!(type_of(b"INDEX.HTML"), "text/html; charset=utf-8");
        assert_eq!(type_of(b"archive.tar.gz"), "application/gzip");
        for name in ["", "README", "a.", "a.unknown", "a.farlongerthanany", "v1.2/file"] {
            assert_eq!(type_of(name.as_bytes()), UNKNOWN, "{name}");
        }
    }
}
