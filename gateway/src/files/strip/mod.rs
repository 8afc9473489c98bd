//! Takes out of a picture what a camera and its programs write into it (where, when, by whom), and what stands behind
//! its end; not one pixel is encoded anew. How it is to be turned and which colours it means are kept.

mod gif;
mod jpeg;
mod png;
mod webp;

/// The picture without its metadata; `None`: it is not whole, or none of this type.
pub(crate) fn strip(mime: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    match mime {
        "image/jpeg" => jpeg::strip(bytes),
        "image/png" => png::strip(bytes),
        "image/webp" => webp::strip(bytes),
        "image/gif" => gif::strip(bytes),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{DynamicImage, ImageFormat, RgbImage};
    use proptest::prelude::*;

    use super::*;

    fn picture() -> DynamicImage {
        RgbImage::from_fn(9, 7, |x, y| image::Rgb([x as u8 * 20, y as u8 * 30, 99])).into()
    }

    fn encoded(format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture().write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// EXIF with a place in it, that turns the picture.
    fn exif(orientation: u8) -> Vec<u8> {
        let mut exif = b"MM\0*\0\0\0\x08\0\x02\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        exif.push(orientation);
        exif.extend(b"\0\0\x88\x25\0\x04\0\0\0\x01\0\0\0\x26\0\0\0\0GPS 52.52 13.40");
        exif
    }

    const FORMATS: [(&str, ImageFormat); 4] = [
        ("image/jpeg", ImageFormat::Jpeg),
        ("image/png", ImageFormat::Png),
        ("image/webp", ImageFormat::WebP),
        ("image/gif", ImageFormat::Gif),
    ];

    fn with_metadata(format: ImageFormat) -> Vec<u8> {
        let mut bytes = encoded(format);
        match format {
            ImageFormat::Jpeg => {
                let segment = |mark: u8, body: &[u8]| {
                    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
                    [&[0xff, mark], length.as_slice(), body].concat()
                };
                let exif = segment(0xe1, &[b"Exif\0\0".as_slice(), &exif(6)].concat());
                let xmp = segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x>GPS</x>");
                let said = segment(0xfe, b"GPS comment");
                bytes.splice(2..2, [exif, xmp, said].concat());
            }
            ImageFormat::Png => {
                let chunk = |kind: &[u8], body: &[u8]| {
                    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
                    [length.as_slice(), kind, body, &[0; 4]].concat()
                };
                let text = chunk(b"tEXt", b"Comment\0GPS");
                let exif = chunk(b"eXIf", &exif(6));
                bytes.splice(33..33, [text, exif].concat());
            }
            ImageFormat::WebP => {
                let body = exif(6);
                let pad = body.len() % 2;
                let (canvas_width, canvas_height) = ([8, 0, 0], [6, 0, 0]);
                let head = [b"VP8X\x0a\0\0\0\x0c\0\0\0".as_slice(), &canvas_width, &canvas_height].concat();
                let length = u32::try_from(body.len()).unwrap().to_le_bytes();
                bytes.splice(12..12, head);
                bytes.extend([b"EXIF".as_slice(), &length, &body, &vec![0; pad]].concat());
                let size = u32::try_from(bytes.len() - 8).unwrap().to_le_bytes();
                bytes[4..8].copy_from_slice(&size);
            }
            _ => {
                let end = bytes.len() - 1;
                bytes.splice(end..end, *b"\x21\xfe\x0bGPS comment\0");
            }
        }
        // A second file behind it.
        bytes.extend(b"PK\x03\x04 GPS <script>");
        bytes
    }

    #[test]
    fn metadata_is_gone_and_the_picture_is_the_same() {
        for (mime, format) in FORMATS {
            let full = with_metadata(format);
            assert!(full.windows(3).any(|window| window == b"GPS"));
            let bare = strip(mime, &full).unwrap_or_else(|| panic!("{mime}"));
            for word in [b"GPS".as_slice(), b"script", b"PK\x03\x04", b"xap"] {
                assert!(!bare.windows(word.len()).any(|window| window == word), "{mime} {word:?}");
            }
            let read = |bytes: &[u8]| image::load_from_memory_with_format(bytes, format).unwrap();
            assert_eq!(read(&bare), read(&encoded(format)), "{mime}");
            assert_eq!(strip(mime, &bare).unwrap(), bare, "{mime}: nothing more to take");
            assert!(strip(mime, b"nothing").is_none());
            assert!(strip(mime, &bare[..bare.len() / 2]).is_none(), "{mime}: half of it");
        }
    }

    #[test]
    fn how_it_is_turned_is_kept() {
        for (mime, format) in &FORMATS[..3] {
            let bare = strip(mime, &with_metadata(*format)).unwrap();
            let reader = image::ImageReader::with_format(Cursor::new(bare), *format);
            let mut decoder = reader.into_decoder().unwrap();
            let turned = image::ImageDecoder::orientation(&mut decoder).unwrap();
            assert_eq!(turned, image::metadata::Orientation::Rotate90, "{mime}");
        }
    }

    proptest! {
        #[test]
        fn whatever_it_is_it_ends(
            which in 0_usize..4,
            flips in prop::collection::vec((0_usize..400, any::<u8>()), 0..6),
            cut in 0_usize..600,
        ) {
            let (mime, format) = FORMATS[which];
            let mut bytes = with_metadata(format);
            let length = bytes.len();
            for (at, byte) in flips {
                bytes[at % length] = byte;
            }
            bytes.truncate(cut);
            let stripped = strip(mime, &bytes);
            prop_assert!(stripped.is_none_or(|bare| bare.len() <= bytes.len() + 64));
        }
    }
}
