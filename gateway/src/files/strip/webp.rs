//! WebP (RFC 9649 §2): chunks in a RIFF file.

use super::jpeg::{only_orientation, said_orientation};

/// What says that there is EXIF, and XMP.
const EXIF: u8 = 0x08;
const XMP: u8 = 0x04;

pub(super) fn strip(bytes: &[u8]) -> Option<Vec<u8>> {
    let size = usize::try_from(u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?)).ok()?;
    if !bytes.starts_with(b"RIFF") || bytes.get(8..12)? != b"WEBP" {
        return None;
    }
    let mut rest = bytes.get(12..size.checked_add(8)?)?;
    let mut out = b"RIFF\0\0\0\0WEBP".to_vec();
    let (mut flags, mut turned) = (None, None);
    while !rest.is_empty() {
        let length = usize::try_from(u32::from_le_bytes(rest.get(4..8)?.try_into().ok()?)).ok()?;
        let body = rest.get(8..length.checked_add(8)?)?;
        // An odd one has a byte behind it, which the last one may lack.
        let whole = (8 + length + length % 2).min(rest.len());
        match rest.get(..4)? {
            b"VP8X" => {
                flags = Some(out.len() + 8);
                out.extend(&rest[..whole]);
            }
            b"VP8 " | b"VP8L" | b"ALPH" | b"ANIM" | b"ANMF" | b"ICCP" => out.extend(&rest[..whole]),
            b"EXIF" => {
                turned = said_orientation(body.strip_prefix(b"Exif\0\0").unwrap_or(body));
            }
            _ => {}
        }
        rest = &rest[whole..];
    }
    if let Some(flags) = flags.and_then(|at| out.get_mut(at)) {
        *flags &= !(EXIF | XMP);
        if let Some(turned) = turned {
            *flags |= EXIF;
            let exif = only_orientation(turned);
            let length = u32::try_from(exif.len()).unwrap_or_default().to_le_bytes();
            out.extend([b"EXIF".as_slice(), &length, &exif].concat());
        }
    }
    let size = u32::try_from(out.len() - 8).ok()?.to_le_bytes();
    out[4..8].copy_from_slice(&size);
    Some(out)
}
