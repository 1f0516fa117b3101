//! What a kernel file is, by its first bytes, and whether a board or an emulator can start it.
//!
//! Sources: Linux, `Documentation/arch/arm64/booting.rst` (Image header), `arch/arm/boot/compressed/head.S` (zImage
//! magic), `drivers/firmware/efi/libstub/zboot-header.S`. Only recognition and the outer gzip layer; no loading.

use std::io::Read;

use bytes::Bytes;
use flate2::read::GzDecoder;

/// The forms that kernels of Raspberry Pis come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KernelImage {
    /// 32 bits, unpacks itself.
    ZImage,
    /// 64 bits, plain.
    Image,
    /// Gzip around one of the others. The firmware unpacks it for 64 bits.
    Gzip,
}

/// A file that the firmware would jump into and be lost.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum KernelImageError {
    #[error("an EFI zboot image, which only UEFI firmware can start; use the kernel's plain Image")]
    Zboot,
    #[error("neither an ARM zImage, an arm64 Image nor gzip")]
    Unknown,
    #[error("gzip that does not unpack: {0}")]
    Gzip(String),
}

impl KernelImage {
    pub fn recognise(content: &[u8]) -> Result<Self, KernelImageError> {
        let at = |offset: usize, magic: &[u8]| content.get(offset..).is_some_and(|rest| rest.starts_with(magic));
        // zboot is also a PE file ("MZ"), as an Image with an EFI stub is; its own mark tells it from both.
        if at(4, b"zimg") {
            Err(KernelImageError::Zboot)
        } else if at(0x38, b"ARM\x64") {
            Ok(Self::Image)
        } else if at(0x24, &0x016f_2818_u32.to_le_bytes()) {
            Ok(Self::ZImage)
        } else if at(0, &[0x1f, 0x8b]) {
            Ok(Self::Gzip)
        } else {
            Err(KernelImageError::Unknown)
        }
    }

    /// The kernel without gzip around it, and its form then. QEMU starts a compressed one without a word and is lost.
    pub fn unpack(content: &Bytes) -> Result<(Self, Bytes), KernelImageError> {
        match Self::recognise(content)? {
            Self::Gzip => {
                let mut plain = Vec::new();
                let read = GzDecoder::new(content.as_ref()).read_to_end(&mut plain);
                read.map_err(|error| KernelImageError::Gzip(error.to_string()))?;
                match Self::recognise(&plain)? {
                    Self::Gzip => Err(KernelImageError::Unknown),
                    form => Ok((form, plain.into())),
                }
            }
            form => Ok((form, content.clone())),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Write;

    use super::*;

    /// The least that is recognised as an arm64 kernel.
    pub(crate) fn image() -> Bytes {
        let mut image = vec![0; 64];
        image[0x38..0x3c].copy_from_slice(b"ARM\x64");
        image.into()
    }

    /// The least that is recognised as a 32-bit kernel.
    pub(crate) fn zimage() -> Bytes {
        let mut image = vec![0; 64];
        image[0x24..0x28].copy_from_slice(&0x016f_2818_u32.to_le_bytes());
        image.into()
    }

    #[test]
    fn forms_are_told_by_their_magic() {
        assert_eq!(KernelImage::recognise(&image()), Ok(KernelImage::Image));
        assert_eq!(KernelImage::recognise(&zimage()), Ok(KernelImage::ZImage));
        assert_eq!(KernelImage::recognise(b"MZ\0\0zimg"), Err(KernelImageError::Zboot));
        assert_eq!(KernelImage::recognise(b"\x7fELF"), Err(KernelImageError::Unknown));
    }

    #[test]
    fn gzip_is_taken_off() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(&image()).expect("writes into memory");
        let packed = Bytes::from(packed.finish().expect("writes into memory"));
        assert_eq!(KernelImage::unpack(&packed), Ok((KernelImage::Image, image())));
        assert!(matches!(KernelImage::unpack(&packed.slice(..20)), Err(KernelImageError::Gzip(_))));
    }
}
