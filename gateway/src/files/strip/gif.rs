//! GIF (GIF89a specification): blocks.

/// What says how often a picture is shown again, which is no part of the standard and in every moving one.
const LOOPS: [&[u8]; 2] = [b"NETSCAPE2.0", b"ANIMEXTS1.0"];

pub(super) fn strip(bytes: &[u8]) -> Option<Vec<u8>> {
    if !bytes.starts_with(b"GIF87a") && !bytes.starts_with(b"GIF89a") {
        return None;
    }
    let mut at = 13 + colours(*bytes.get(10)?);
    let mut out = bytes.get(..at)?.to_vec();
    loop {
        let begin = at;
        let kept = match *bytes.get(at)? {
            0x3b => {
                out.push(0x3b);
                return Some(out);
            }
            0x2c => {
                at += 10;
                at += colours(*bytes.get(at - 1)?) + 1;
                true
            }
            0x21 => {
                let kind = *bytes.get(at + 1)?;
                at += 2;
                let said = || bytes.get(at + 1..at + 12);
                kind == 0xf9 || (kind == 0xff && said().is_some_and(|said| LOOPS.contains(&said)))
            }
            _ => return None,
        };
        // The rest of any block is pieces, each behind its length.
        loop {
            let length = usize::from(*bytes.get(at)?);
            at += 1 + length;
            if length == 0 {
                break;
            }
        }
        if kept {
            out.extend(bytes.get(begin..at)?);
        }
    }
}

/// Bytes of a table of colours.
fn colours(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}
