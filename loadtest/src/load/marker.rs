//! What a message carries: who said it, the how-manieth of theirs it is, and when it was to be said.

use std::fmt::Write as _;

/// Stands at both ends; nothing else that is said has it.
const FENCE: u8 = b'~';

/// Identifies a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marker {
    /// The sender's place in its session.
    pub(super) member: u32,
    /// Counted from 0 for each sender.
    pub(super) number: u32,
    /// When it was to be said: microseconds of the worker's clock.
    pub(super) due: u64,
}

impl Marker {
    /// Appends it and so much padding that a message of `chars` characters results.
    pub(super) fn write(self, text: &mut String, chars: u32) {
        let start = text.len();
        let Self { member, number, due } = self;
        // Writing to a String cannot fail.
        let _ = write!(text, "~{member}.{number}.{due}~");
        let padding = (chars as usize).saturating_sub(text.len() - start);
        text.extend(PADDING.chars().cycle().take(padding));
    }

    /// All markers of a text, in their order.
    pub(super) fn all(text: &[u8]) -> impl Iterator<Item = Self> {
        let mut rest = text;
        std::iter::from_fn(move || {
            loop {
                let start = memchr::memchr(FENCE, rest)? + 1;
                rest = &rest[start..];
                let end = memchr::memchr(FENCE, rest)?;
                match Self::read(&rest[..end]) {
                    Some(marker) => {
                        rest = &rest[end + 1..];
                        return Some(marker);
                    }
                    // That fence was no beginning; the next one may be.
                    None => continue,
                }
            }
        })
    }

    fn read(text: &[u8]) -> Option<Self> {
        let mut parts = std::str::from_utf8(text).ok()?.split('.');
        let marker = Self {
            member: parts.next()?.parse().ok()?,
            number: parts.next()?.parse().ok()?,
            due: parts.next()?.parse().ok()?,
        };
        parts.next().is_none().then_some(marker)
    }
}

/// Words as people write them: a repeated letter would compress too well, wherever something compresses.
const PADDING: &str =
    " hello, is my order on its way? it was to come on tuesday and the shop says it left long ago;";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_found_again() {
        let one = Marker { member: 1, number: 0, due: 12 };
        let two = Marker { member: 499, number: 70_000, due: 1_234_567_890 };
        let mut text = String::from("{\"body\":\"");
        one.write(&mut text, 120);
        assert_eq!(text.len(), 9 + 120);
        text.push_str("\",~1.2~,\"x~\":\"");
        two.write(&mut text, 10);
        assert_eq!(Marker::all(text.as_bytes()).collect::<Vec<_>>(), [one, two]);
        assert_eq!(Marker::all(b"~~ ~1.2.3").count(), 0);
    }
}
