//! JPEG (ITU-T T.81 annex B): segments, and between them what was encoded.

/// The picture, the frame, tables, scans; and of what programs write only the colours.
pub(super) fn strip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut rest = bytes.strip_prefix(&[0xff, 0xd8])?;
    let mut out = vec![0xff, 0xd8];
    let mut turned = None;
    let mut begun = out.len();
    loop {
        // Any number of fill bytes may stand before a mark.
        let marks = rest.iter().position(|byte| *byte != 0xff).filter(|marks| *marks > 0)?;
        let mark = rest[marks];
        rest = &rest[marks + 1..];
        match mark {
            0xd9 => {
                out.extend([0xff, 0xd9]);
                if let Some(turned) = turned {
                    out.splice(begun..begun, orientation(turned));
                }
                return Some(out);
            }
            // Marks without a length: none stands outside of a scan.
            0x00 | 0x01 | 0xd0..=0xd8 => return None,
            _ => {}
        }
        let length = usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?]));
        let body = rest.get(2..length)?;
        let kept = match mark {
            0xe0 => body.starts_with(b"JFIF\0") || body.starts_with(b"JFXX\0"),
            0xe1 => {
                let said = body.strip_prefix(b"Exif\0\0").and_then(said_orientation);
                turned = turned.or(said);
                false
            }
            0xe2 => body.starts_with(b"ICC_PROFILE\0"),
            0xee => body.starts_with(b"Adobe"),
            0xe3..=0xef | 0xfe => false,
            _ => true,
        };
        if kept {
            out.extend([0xff, mark]);
            out.extend(&rest[..length]);
            if mark == 0xe0 && body.starts_with(b"JFIF\0") {
                // What turns it stands behind this one.
                begun = out.len();
            }
        }
        rest = &rest[length..];
        if mark == 0xda {
            // What was encoded, up to the next mark that is none of its own.
            let end = rest
                .windows(2)
                .position(|pair| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7 | 0xff))?;
            out.extend(&rest[..end]);
            rest = &rest[end..];
        }
    }
}

/// How EXIF says that a picture is to be turned (EXIF 2.32 §4.6.4), unless not at all.
pub(super) fn said_orientation(exif: &[u8]) -> Option<u8> {
    let big = match exif.get(..4)? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let number = |at: usize, bytes: usize| -> Option<usize> {
        let bytes = exif.get(at..at.checked_add(bytes)?)?;
        let add = |number: usize, byte: &u8| (number << 8) | usize::from(*byte);
        Some(if big { bytes.iter().fold(0, add) } else { bytes.iter().rev().fold(0, add) })
    };
    let directory = number(4, 4)?;
    let count = number(directory, 2)?;
    let entry =
        (0..count.min(64)).map(|n| directory + 2 + n * 12).find(|at| number(*at, 2) == Some(0x112))?;
    let turned = number(entry + 8, 2).filter(|turned| (2..=8).contains(turned))?;
    u8::try_from(turned).ok()
}

/// EXIF that says nothing else.
pub(super) fn only_orientation(turned: u8) -> Vec<u8> {
    let mut exif = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([turned, 0, 0, 0, 0, 0, 0]);
    exif
}

fn orientation(turned: u8) -> Vec<u8> {
    let exif = only_orientation(turned);
    let length = u16::try_from(exif.len() + 8).unwrap_or_default().to_be_bytes();
    [&[0xff, 0xe1], length.as_slice(), b"Exif\0\0", &exif].concat()
}
