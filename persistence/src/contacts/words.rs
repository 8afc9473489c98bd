//! The words by which contacts are found: folded, so that `nguyen` finds `Nguyễn`. Found by the beginning of each.

use std::collections::BTreeSet;

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Words of one contact; a name or an address has no more worth finding.
const WORDS: usize = 30;
/// Words of one question.
const ASKED: usize = 8;
/// Digits from which a part of a phone number is worth finding.
const DIGITS: usize = 6;

/// Without marks, capitals, and what else people leave out when they type a name.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            'đ' | 'ð' => folded.push('d'),
            'ł' => folded.push('l'),
            'ø' => folded.push('o'),
            'ı' => folded.push('i'),
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            // What lower case has put on again, as of `İ`.
            c if is_combining_mark(c) => {}
            c => folded.push(c),
        }
    }
    folded
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// What a contact is found by, each with its kind in front: `n`ame, `e`-mail, `p`hone.
pub(crate) fn of(name: Option<&str>, email: Option<&str>, phone: Option<&str>) -> Vec<String> {
    let mut found = BTreeSet::new();
    let name = fold(name.unwrap_or_default());
    found.extend(words(&name).map(|word| format!("n{word}")));
    let email = fold(email.unwrap_or_default());
    found.extend(words(&email).map(|word| format!("e{word}")));
    if !email.is_empty() {
        found.insert(format!("e{email}"));
    }
    // As it is, and as it is written without the country's code, which has up to three digits.
    let digits = phone.unwrap_or_default().trim_start_matches('+');
    for cut in 0..=3 {
        if let Some(rest) = digits.get(cut..).filter(|rest| rest.len() >= DIGITS && !rest.starts_with('0')) {
            found.insert(format!("p{rest}"));
        }
    }
    found.into_iter().take(WORDS).collect()
}

/// What a word begins with, and of which kind it is, if that matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beginning {
    pub(super) kind: Option<&'static str>,
    pub(super) text: String,
}

impl Beginning {
    /// Words of a name.
    pub fn of_name(typed: &str) -> Vec<Self> {
        let folded = fold(typed);
        words(&folded).take(ASKED).map(|word| Self { kind: Some("n"), text: word.to_owned() }).collect()
    }

    /// Whatever somebody types to find a contact: a phone number, or words of which one may be an e-mail address.
    pub fn of_anything(typed: &str) -> Vec<Self> {
        let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
        let number = typed.chars().all(|c| c.is_ascii_digit() || " +-./()\u{a0}".contains(c));
        if number && !digits.is_empty() {
            let text = digits.trim_start_matches('0').to_owned();
            return vec![Self { kind: Some("p"), text }];
        }
        let folded = fold(typed);
        let mut found = Vec::new();
        for token in folded.split_whitespace() {
            if token.contains('@') && token.len() > 1 {
                found.push(Self { kind: Some("e"), text: token.to_owned() });
            } else {
                found.extend(words(token).map(|word| Self { kind: None, text: word.to_owned() }));
            }
        }
        found.truncate(ASKED);
        found
    }

    /// Behind all that begins so.
    pub(super) fn end(&self) -> String {
        format!("{}\u{10ffff}", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_folded() {
        for (name, folded) in [
            ("Nguyễn Thị Đào", "nguyen thi dao"),
            ("ÅSA Øst", "asa ost"),
            ("Łukasz Groß", "lukasz gross"),
            ("İpek", "ipek"),
            ("ﬁne", "fine"),
            ("Ελένη", "ελενη"),
        ] {
            assert_eq!(fold(name), folded);
            assert_eq!(fold(folded), folded, "folding twice is folding once");
        }
    }

    #[test]
    fn a_contact_is_found_by_its_words() {
        let found = of(Some("Ana Pérez-Gil"), Some("ana.p@shop.example"), Some("+447700900118"));
        for word in ["nana", "nperez", "ngil", "eana.p@shop.example", "eshop", "p447700900118", "p7700900118"]
        {
            assert!(found.iter().any(|one| one == word), "{word} in {found:?}");
        }
        assert!(of(None, None, None).is_empty());
        assert!(
            of(
                Some(&"a b c d e f g h i j k l m n o p q r s t u v w x y z 1 2 3 4 5 6 7".repeat(2)),
                None,
                None
            )
            .len()
                <= WORDS
        );
    }

    #[test]
    fn what_is_typed_is_a_number_or_words() {
        let texts = |typed: &str| -> Vec<_> {
            Beginning::of_anything(typed).into_iter().map(|one| (one.kind, one.text)).collect()
        };
        assert_eq!(texts("07700 900-118"), [(Some("p"), "7700900118".into())]);
        assert_eq!(texts("+44 7700"), [(Some("p"), "447700".into())]);
        assert_eq!(texts("Pérez an"), [(None, "perez".into()), (None, "an".into())]);
        assert_eq!(texts("Ana@Shop.ex"), [(Some("e"), "ana@shop.ex".into())]);
        assert!(texts("  ").is_empty() && texts("--").is_empty() && texts("@").is_empty());
        assert_eq!(texts("a b c d e f g h i j").len(), ASKED);
    }
}
