//! Pictures: how large they are, a small one of each, and nothing in them that their owner does not see.

use std::{
    fs::{self, File},
    io::{BufReader, BufWriter, Cursor, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use image::{
    DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits,
    codecs::{jpeg::JpegEncoder, png::PngEncoder},
    metadata::Orientation,
};
use protocol::limits::THUMBNAIL_PIXELS;

use super::strip::strip;

/// Pixels of a side: more have only pictures that are made to harm.
const SIDE: u32 = 30_000;
/// Pixels of a picture.
const PIXELS: u64 = 120_000_000;
/// Pixels of a picture that is decoded, to make a small one of it; larger ones have none.
const DECODED: u64 = 24_000_000;
/// Bytes that decoding may take.
const MEMORY: u64 = 128 * 1024 * 1024;
/// Bytes of a picture that is looked at: it is held whole in memory.
const BYTES: u64 = 32 * 1024 * 1024;
/// How much of a small picture's fineness is kept.
const QUALITY: u8 = 80;

/// What was found, and made.
#[derive(Debug)]
pub(crate) struct Picture {
    /// As it is to be shown.
    pub pixels: (u32, u32),
    /// The bytes of a small one.
    pub thumbnail: Option<Vec<u8>>,
}

/// Why a picture is not taken; in words.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("{0}")]
    Refused(String),
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

fn refused(why: impl Into<String>) -> Fault {
    Fault::Refused(why.into())
}

/// Looks at a picture, takes its metadata out of its file, and makes a small one.
///
/// # Errors
/// It is none, it is too large, or its file cannot be read or written.
pub(crate) fn prepare(path: &Path, mime: &str) -> Result<Picture, Fault> {
    let format =
        ImageFormat::from_mime_type(mime).ok_or_else(|| refused("is no picture that is known here"))?;
    let size = fs::metadata(path)?.len();
    if size > BYTES {
        return Err(refused(format!("is a picture of more than {} MiB, the limit of pictures", BYTES >> 20)));
    }
    let (width, height) = {
        let reader = ImageReader::with_format(BufReader::new(File::open(path)?), format);
        reader.into_dimensions().map_err(|_| refused("is a picture that cannot be read"))?
    };
    let all = u64::from(width) * u64::from(height);
    if width > SIDE || height > SIDE || all > PIXELS {
        return Err(refused(format!(
            "is a picture of {width}×{height} pixels: the limit is {SIDE} on a side, and {} million in all",
            PIXELS / 1_000_000
        )));
    }
    let bytes = strip(mime, &fs::read(path)?).ok_or_else(|| refused("is a picture that is not whole"))?;
    let mut file = BufWriter::new(File::create(path)?);
    file.write_all(&bytes)?;
    file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
    let (turned, small) = small(&bytes, format, all)?;
    let on_its_side = matches!(
        turned,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    );
    let pixels = if on_its_side { (height, width) } else { (width, height) };
    Ok(Picture { pixels, thumbnail: small })
}

/// How it is turned, and a small one, unless it is too large for that.
fn small(bytes: &[u8], format: ImageFormat, pixels: u64) -> Result<(Orientation, Option<Vec<u8>>), Fault> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MEMORY);
    (limits.max_image_width, limits.max_image_height) = (Some(SIDE), Some(SIDE));
    reader.limits(limits);
    let broken = |error: ImageError| match error {
        ImageError::Limits(_) => refused("is a picture that takes too much memory"),
        _ => refused("is a picture that cannot be read"),
    };
    let mut decoder = reader.into_decoder().map_err(broken)?;
    let turned = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    if pixels > DECODED {
        return Ok((turned, None));
    }
    let whole = DynamicImage::from_decoder(decoder).map_err(broken)?;
    let fits = whole.width() <= THUMBNAIL_PIXELS && whole.height() <= THUMBNAIL_PIXELS;
    let mut small = if fits { whole } else { whole.thumbnail(THUMBNAIL_PIXELS, THUMBNAIL_PIXELS) };
    small.apply_orientation(turned);
    let mut out = Cursor::new(Vec::new());
    let written = if small.color().has_alpha() {
        DynamicImage::from(small.to_rgba8()).write_with_encoder(PngEncoder::new(&mut out))
    } else {
        DynamicImage::from(small.to_rgb8())
            .write_with_encoder(JpegEncoder::new_with_quality(&mut out, QUALITY))
    };
    written.map_err(broken)?;
    out.seek(SeekFrom::Start(0))?;
    Ok((turned, Some(out.into_inner())))
}

/// The type of a small picture.
pub(crate) fn thumbnail_type(bytes: &[u8]) -> &'static str {
    if bytes.starts_with(b"\x89PNG") { "image/png" } else { "image/jpeg" }
}
