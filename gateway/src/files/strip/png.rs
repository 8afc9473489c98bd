//! PNG (W3C PNG, third edition, §5): chunks.

use super::jpeg::{only_orientation, said_orientation};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// What a picture is made of, its colours, its size, and how it moves.
const KEPT: &[&[u8; 4]] = &[
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP",
    b"mDCV", b"cLLI", b"bKGD", b"hIST", b"pHYs", b"sPLT", b"acTL", b"fcTL", b"fdAT",
];

pub(super) fn strip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut rest = bytes.strip_prefix(SIGNATURE)?;
    let mut out = SIGNATURE.to_vec();
    loop {
        let length = u32::from_be_bytes(rest.get(..4)?.try_into().ok()?);
        let whole = usize::try_from(length).ok()?.checked_add(12)?;
        let chunk = rest.get(..whole)?;
        let kind = chunk.get(4..8)?;
        if KEPT.iter().any(|kept| kept.as_slice() == kind) {
            out.extend(chunk);
        } else if kind == b"eXIf" {
            let turned = said_orientation(chunk.get(8..whole - 4)?);
            out.extend(turned.map(orientation).unwrap_or_default());
        }
        if kind == b"IEND" {
            return Some(out);
        }
        rest = &rest[whole..];
    }
}

fn orientation(turned: u8) -> Vec<u8> {
    let body = [b"eXIf".as_slice(), &only_orientation(turned)].concat();
    let length = u32::try_from(body.len() - 4).unwrap_or_default().to_be_bytes();
    let sum = crc(&body).to_be_bytes();
    [length.as_slice(), &body, &sum].concat()
}

/// The sum at a chunk's end (§5.5).
fn crc(bytes: &[u8]) -> u32 {
    let step = |sum: u32, byte: &u8| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
    };
    !bytes.iter().fold(u32::MAX, step)
}
