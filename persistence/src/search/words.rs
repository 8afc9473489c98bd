//! Words as they are compared: without case, accents, and the many forms of one letter. Pure, and the same for both
//! engines, which are handed nothing but such words.

use std::ops::Range;

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// Of a longer word only so much counts.
const WORD_CHARS: usize = 40;
/// Digits that may be a phone number.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
/// What people write between the digits of one number, at most.
const PHONE_GAP: usize = 3;

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// As it is compared.
    pub(crate) folded: String,
    /// Where it stands, in bytes.
    pub(crate) at: Range<usize>,
}

/// Digits that may be a phone number, without zeros in front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Number {
    pub(crate) digits: String,
    pub(crate) at: Range<usize>,
}

fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// Languages that are written without spaces: every letter is a word, and words are phrases of them.
fn stands_alone(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

/// Adds what counts of a letter.
fn fold(c: char, folded: &mut String) {
    if c.is_ascii() {
        folded.push(c.to_ascii_lowercase());
        return;
    }
    decompose_compatible(c, |part| {
        for c in part.to_lowercase() {
            match c {
                'đ' | 'ð' => folded.push('d'),
                'ł' => folded.push('l'),
                'ø' => folded.push('o'),
                'ı' => folded.push('i'),
                'ħ' => folded.push('h'),
                'ŧ' => folded.push('t'),
                'ς' => folded.push('σ'),
                'ß' => folded.push_str("ss"),
                'æ' => folded.push_str("ae"),
                'œ' => folded.push_str("oe"),
                'þ' => folded.push_str("th"),
                c if is_part(c) && !is_accent(c) => folded.push(c),
                _ => {}
            }
        }
    });
}

/// The words of a text, in order.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut folded = String::new();
    let mut from = 0;
    let mut end = |folded: &mut String, at: Range<usize>| {
        if !folded.is_empty() {
            if let Some((cut, _)) = folded.char_indices().nth(WORD_CHARS) {
                folded.truncate(cut);
            }
            words.push(Word { folded: std::mem::take(folded), at });
        }
    };
    for (at, c) in text.char_indices() {
        if stands_alone(c) || !is_part(c) {
            end(&mut folded, from..at);
        }
        if !is_part(c) {
            continue;
        }
        if folded.is_empty() {
            from = at;
        }
        fold(c, &mut folded);
        if stands_alone(c) {
            end(&mut folded, from..at + c.len_utf8());
        }
    }
    end(&mut folded, from..text.len());
    words
}

/// Only the digits of a number, without what stands in front of them at home.
pub(crate) fn digits(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits.trim_start_matches('0').to_owned()
}

/// What may be phone numbers in a text, however they are written.
pub(crate) fn numbers(text: &str, words: &[Word]) -> Vec<Number> {
    let is_digits = |word: &Word| word.folded.bytes().all(|byte| byte.is_ascii_digit());
    let continues = |before: &Word, next: &Word| {
        let gap = &text[before.at.end..next.at.start];
        gap.chars().count() <= PHONE_GAP
            && gap.chars().all(|c| matches!(c, ' ' | '-' | '.' | '/' | '(' | ')' | '\u{a0}'))
    };
    let mut numbers = Vec::new();
    let mut rest = words;
    while let Some(first) = rest.iter().position(is_digits) {
        rest = &rest[first..];
        let mut length = 1;
        while rest.get(length).is_some_and(|next| is_digits(next) && continues(&rest[length - 1], next)) {
            length += 1;
        }
        let (run, behind) = rest.split_at(length);
        rest = behind;
        let whole: usize = run.iter().map(|word| word.folded.len()).sum();
        // Two numbers side by side are no number.
        let parts = if whole > *PHONE_DIGITS.end() { run.chunks(1) } else { run.chunks(length) };
        for part in parts {
            let written: String = part.iter().map(|word| word.folded.as_str()).collect();
            if let [first, ..] = part
                && let [.., last] = part
                && PHONE_DIGITS.contains(&written.len())
            {
                numbers.push(Number { digits: digits(&written), at: first.at.start..last.at.end });
            }
        }
    }
    numbers
}

/// The word under which a number is found by its end.
pub(crate) fn by_end(digits: &str) -> String {
    let mut word = String::from("tel");
    word.extend(digits.chars().rev());
    word
}

/// The word under which a number is found by its beginning.
pub(crate) fn by_start(digits: &str) -> String {
    format!("dial{digits}")
}

/// What an entry is found by.
pub(crate) fn index_words(text: &str) -> Vec<String> {
    let words = words(text);
    let numbers = numbers(text, &words);
    let mut found: Vec<String> = words.into_iter().map(|word| word.folded).collect();
    found.extend(numbers.iter().map(|number| by_end(&number.digits)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.folded).collect()
    }

    #[test]
    fn words_are_compared_without_accents_and_case() {
        for (text, expected) in [
            ("Nguyễn Văn Đức", vec!["nguyen", "van", "duc"]),
            ("Straße, CAFÉ; naïve", vec!["strasse", "cafe", "naive"]),
            ("ana@example.com", vec!["ana", "example", "com"]),
            ("İstanbul ısı", vec!["istanbul", "isi"]),
            ("東京タワー", vec!["東", "京", "タ", "ワ", "ー"]),
            ("ｆｕｌｌ width ﬁne", vec!["full", "width", "fine"]),
            ("Ёлка й ΟΔΟΣ", vec!["елка", "и", "οδοσ"]),
            ("हिन्दी", vec!["हिन्दी"]),
            ("👍 !!! \0 --", vec![]),
        ] {
            assert_eq!(folded(text), expected, "{text}");
        }
        assert_eq!(folded(&"x".repeat(100)), ["x".repeat(WORD_CHARS)]);
    }

    #[test]
    fn numbers_are_found_however_they_are_written() {
        for (text, expected) in [
            ("call 0912 345 678 now", vec!["912345678"]),
            ("+84 912-345-678", vec!["84912345678"]),
            ("(020) 7946.0018 or 020 7946 0019", vec!["2079460018", "2079460019"]),
            ("order 12345", vec![]),
            ("0912345678 0912345679", vec!["912345678", "912345679"]),
            ("1 2 3", vec![]),
        ] {
            let numbers = numbers(text, &words(text));
            assert_eq!(numbers.iter().map(|n| n.digits.as_str()).collect::<Vec<_>>(), expected, "{text}");
        }
    }
}
