//! Which bytes of a file are asked for (RFC 9110 §14).

use std::ops::Range;

/// What to answer with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Whole,
    Part(Range<u64>),
    /// There are no such bytes.
    Nothing,
}

/// What a `Range` header asks for of so many bytes. What is no range of bytes, or several, is answered with the whole.
pub(crate) fn asked(header: Option<&str>, size: u64) -> Asked {
    let one = |header: &str| -> Option<Asked> {
        let (unit, set) = header.split_once('=')?;
        let (first, last) = set.trim().split_once('-').filter(|_| !set.contains(','))?;
        if !unit.trim().eq_ignore_ascii_case("bytes") {
            return None;
        }
        let number = |text: &str| -> Option<u64> {
            text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().unwrap_or(u64::MAX))
        };
        Some(match (first.trim(), last.trim()) {
            ("", "") => return None,
            ("", count) => match number(count)? {
                0 => Asked::Nothing,
                count => part(size.saturating_sub(count)..size),
            },
            (first, "") => part(number(first)?..size),
            (first, last) => {
                let (first, last) = (number(first)?, number(last)?);
                if last < first {
                    return None;
                }
                part(first..last.saturating_add(1).min(size))
            }
        })
    };
    header.and_then(one).unwrap_or(Asked::Whole)
}

fn part(range: Range<u64>) -> Asked {
    if range.start < range.end { Asked::Part(range) } else { Asked::Nothing }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_those_of_the_standard() {
        for (header, expected) in [
            ("bytes=0-0", Asked::Part(0..1)),
            ("bytes=2-4", Asked::Part(2..5)),
            ("bytes=2-", Asked::Part(2..10)),
            ("bytes=-3", Asked::Part(7..10)),
            ("bytes=-99", Asked::Part(0..10)),
            ("bytes=9-99999999999999999999", Asked::Part(9..10)),
            ("BYTES = 1-1", Asked::Part(1..2)),
            ("bytes=10-", Asked::Nothing),
            ("bytes=10-12", Asked::Nothing),
            ("bytes=99999999999999999999-", Asked::Nothing),
            ("bytes=-0", Asked::Nothing),
            ("bytes=4-2", Asked::Whole),
            ("bytes=0-1,3-4", Asked::Whole),
            ("bytes=a-b", Asked::Whole),
            ("bytes=+1-2", Asked::Whole),
            ("bytes=-", Asked::Whole),
            ("bytes", Asked::Whole),
            ("lines=0-1", Asked::Whole),
        ] {
            assert_eq!(asked(Some(header), 10), expected, "{header}");
        }
        assert_eq!(asked(None, 10), Asked::Whole);
        assert_eq!(asked(Some("bytes=-5"), 0), Asked::Nothing);
    }
}
