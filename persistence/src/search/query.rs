//! What was asked for, and whether a text has it. Words stand for themselves: all of them must be there; quoted ones in a
//! row; the last, and whichever ends with a star, is the beginning of one. Nothing else means anything.

use std::{collections::HashMap, ops::Range};

use protocol::{Invalid, limits, rest::MatchField};

use super::{
    head::Head,
    typos,
    words::{Word, by_end, by_start, digits, numbers, words},
};

/// Digits from which on they may be the end of a phone number.
const PHONE_LEAST: usize = 4;
/// Where a number may begin, if one leaves away the country's code.
pub(super) const COUNTRY_CODE: std::ops::RangeInclusive<usize> = 0..=3;

/// A search, as it was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchQuery {
    pub(super) terms: Vec<Term>,
    /// It may be a phone number, written this way or that.
    pub(super) phone: Option<String>,
    /// It may be the number of a session.
    pub(super) number: Option<i64>,
    /// Only in sessions whose customer has this phone number.
    pub(super) of: Option<String>,
}

/// Words in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) words: Vec<String>,
    /// The last is the beginning of a word.
    pub(super) prefix: bool,
}

/// Names that are nearly one of the words, by word.
pub(super) type Near = HashMap<String, Vec<String>>;

impl SearchQuery {
    /// Understands what was typed. A text without words finds nothing.
    ///
    /// # Errors
    /// It is over a limit; the message names it.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let chars = text.chars().count();
        if chars > limits::FIND_CHARS {
            return Err(Invalid(format!("has {chars} characters; the limit is {}", limits::FIND_CHARS)));
        }
        let mut terms: Vec<Term> = Vec::new();
        let mut add = |words: Vec<String>, prefix| {
            let term = Term { words, prefix };
            if !term.words.is_empty() && !terms.contains(&term) {
                terms.push(term);
            }
        };
        let folded = |part: &str| words(part).into_iter().map(|word| word.folded).collect::<Vec<_>>();
        let mut parts = text.split(['"', '“', '”', '„']).enumerate().peekable();
        while let Some((n, part)) = parts.next() {
            if n % 2 == 1 {
                add(folded(part), false);
                continue;
            }
            let last = parts.peek().is_none() && !part.ends_with(char::is_whitespace);
            let mut chunks = part.split_whitespace().peekable();
            while let Some(chunk) = chunks.next() {
                let prefix = chunk.ends_with('*') || (last && chunks.peek().is_none());
                add(folded(chunk), prefix);
            }
        }
        let count: usize = terms.iter().map(|term| term.words.len()).sum();
        if count > limits::FIND_WORDS {
            return Err(Invalid(format!("has {count} words; the limit is {}", limits::FIND_WORDS)));
        }
        let trimmed = text.trim();
        let like_phone = trimmed
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, ' ' | '+' | '-' | '.' | '(' | ')' | '/' | '\u{a0}'));
        let phone = Some(digits(trimmed)).filter(|digits| like_phone && digits.len() >= PHONE_LEAST);
        let number = trimmed.strip_prefix('#').unwrap_or(trimmed);
        let number =
            Some(number).filter(|n| n.bytes().all(|byte| byte.is_ascii_digit())).and_then(|n| n.parse().ok());
        Ok(Self { terms, phone, number, of: None })
    }

    /// The sessions of whoever has this number, however it is written.
    ///
    /// # Errors
    /// It has other characters than a phone number, or too few digits.
    pub fn phone(text: &str) -> Result<Self, Invalid> {
        let phone = Self::parse(text)?.phone;
        if phone.is_none() {
            return Err(Invalid(format!(
                "must be a phone number, or the last digits of one, at least {PHONE_LEAST}"
            )));
        }
        Ok(Self { terms: Vec::new(), phone, number: None, of: None })
    }

    /// The same, but only in the sessions of whoever has this number.
    ///
    /// # Errors
    /// As [`SearchQuery::phone`].
    pub fn of_phone(self, text: &str) -> Result<Self, Invalid> {
        Ok(Self { of: Self::phone(text)?.phone, ..self })
    }

    /// Whether the session is one of those in which is searched.
    pub(super) fn is_of(&self, head: &Head) -> bool {
        self.of.as_deref().is_none_or(|phone| {
            head.fields().iter().any(|(field, text)| *field == MatchField::Phone && has_phone(text, phone))
        })
    }

    /// It has nothing that could be found.
    pub(super) fn is_empty(&self) -> bool {
        self.terms.is_empty() && self.phone.is_none()
    }

    /// It may be in what was said.
    pub(super) fn may_be_said(&self) -> bool {
        !self.terms.is_empty()
    }

    /// Where a text has it: `None` if it has not.
    pub(super) fn in_text(&self, text: &str) -> Option<Vec<Range<usize>>> {
        if !self.may_be_said() {
            return None;
        }
        let found = words(text);
        let mut hits = Vec::new();
        let all = self.terms.iter().all(|term| {
            let before = hits.len();
            term.hits(&found, &mut hits);
            hits.len() > before
        });
        if let (false, Some(phone)) = (all, &self.phone) {
            hits.clear();
            let ends = numbers(text, &found).into_iter().filter(|number| number.digits.ends_with(phone));
            hits.extend(ends.map(|number| number.at));
        } else if !all {
            return None;
        }
        (!hits.is_empty()).then(|| merged(hits))
    }

    /// Which field of what is noted of a session has it, whether whole, and where; with `near`, also where a name nearly
    /// has it.
    pub(super) fn in_head(
        &self,
        head: &Head,
        near: Option<&Near>,
    ) -> Option<(usize, bool, Vec<Range<usize>>)> {
        if self.is_empty() {
            return None;
        }
        let fields: Vec<_> = head.fields().iter().map(|(field, text)| (*field, text, words(text))).collect();
        let mut hits: Vec<Vec<Range<usize>>> = vec![Vec::new(); fields.len()];
        let all = !self.terms.is_empty()
            && self.terms.iter().all(|term| {
                let mut any = false;
                for ((field, _, found), hits) in fields.iter().zip(&mut hits) {
                    let before = hits.len();
                    term.hits(found, hits);
                    if *field == MatchField::Name {
                        term.near_hits(found, near, hits);
                    }
                    any |= hits.len() > before;
                }
                any
            });
        if !all {
            let phone = self.phone.as_deref()?;
            for ((field, text, _), hits) in fields.iter().zip(&mut hits) {
                hits.clear();
                if *field == MatchField::Phone && has_phone(text, phone) {
                    hits.push(0..text.len());
                }
            }
        }
        let at = hits.iter().position(|hits| !hits.is_empty())?;
        let whole = fields.iter().zip(&hits).any(|((_, text, found), hits)| {
            let covered: usize = merged(hits.clone()).iter().map(|hit| hit.len()).sum();
            let words: usize = found.iter().map(|word| word.at.len()).sum();
            !hits.is_empty() && covered >= words.min(text.len())
        });
        Some((at, whole, merged(std::mem::take(&mut hits[at]))))
    }

    /// Words of which names may be near.
    pub(super) fn typed_names(&self) -> impl Iterator<Item = &str> {
        self.terms.iter().filter_map(|term| match term.words.as_slice() {
            [word] if word.chars().count() >= typos::LEAST && word.chars().all(char::is_alphabetic) => {
                Some(word.as_str())
            }
            _ => None,
        })
    }
}

impl Term {
    fn fits(&self, found: &[Word]) -> bool {
        let last = self.words.len() - 1;
        found.len() > last
            && self.words.iter().zip(found).enumerate().all(|(n, (word, found))| {
                found.folded == *word || (n == last && self.prefix && found.folded.starts_with(word))
            })
    }

    fn hits(&self, found: &[Word], hits: &mut Vec<Range<usize>>) {
        for at in 0..found.len() {
            if self.fits(&found[at..]) {
                hits.push(found[at].at.start..found[at + self.words.len() - 1].at.end);
            }
        }
    }

    fn near_hits(&self, found: &[Word], near: Option<&Near>, hits: &mut Vec<Range<usize>>) {
        let [word] = self.words.as_slice() else { return };
        let Some(near) = near.and_then(|near| near.get(word)) else { return };
        hits.extend(found.iter().filter(|found| near.contains(&found.folded)).map(|found| found.at.clone()));
    }
}

/// Whether it ends with these digits, or begins with them, maybe behind the country's code.
fn has_phone(text: &str, phone: &str) -> bool {
    let whole = digits(text);
    let begins = |at| whole.get(at..).is_some_and(|rest: &str| rest.starts_with(phone));
    whole.ends_with(phone) || COUNTRY_CODE.into_iter().any(begins)
}

/// In order, and what overlaps as one.
fn merged(mut hits: Vec<Range<usize>>) -> Vec<Range<usize>> {
    hits.sort_unstable_by_key(|hit| hit.start);
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(hits.len());
    for hit in hits {
        match merged.last_mut() {
            Some(last) if hit.start < last.end => last.end = last.end.max(hit.end),
            _ => merged.push(hit),
        }
    }
    merged
}

/// Words in a row, as an index is asked for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Phrase {
    pub(super) words: Vec<String>,
    pub(super) prefix: bool,
}

/// Any of these, of each: all of it.
pub(super) type AllOf = Vec<Vec<Phrase>>;

impl SearchQuery {
    /// What the index is asked for: any of these.
    pub(super) fn wanted(&self, of_heads: bool, near: Option<&Near>) -> Vec<AllOf> {
        let term = |term: &Term| {
            let mut any = vec![Phrase { words: term.words.clone(), prefix: term.prefix }];
            if let ([word], Some(near)) = (term.words.as_slice(), near) {
                let names = near.get(word).into_iter().flatten();
                any.extend(names.map(|name| Phrase { words: vec![name.clone()], prefix: false }));
            }
            any
        };
        let mut wanted = vec![self.terms.iter().map(term).collect::<AllOf>()];
        wanted.retain(|all| !all.is_empty());
        if let Some(phone) = &self.phone {
            let mut any = vec![Phrase { words: vec![by_end(phone)], prefix: true }];
            if of_heads {
                any.push(Phrase { words: vec![by_start(phone)], prefix: true });
            }
            wanted.push(vec![any]);
        }
        wanted
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str) -> SearchQuery {
        SearchQuery::parse(text).unwrap()
    }

    fn found(query: &str, text: &str) -> Option<Vec<String>> {
        Some(parsed(query).in_text(text)?.into_iter().map(|hit| text[hit].to_owned()).collect())
    }

    #[test]
    fn all_words_must_be_there() {
        for (query, text, hits) in [
            ("late parcel", "My PARCEL is too late!", Some(vec!["PARCEL", "late"])),
            ("late parc", "My parcel is too late!", Some(vec!["parcel", "late"])),
            ("parc late", "My parcel is too late!", None),
            ("parc* late", "My parcel is too late!", Some(vec!["parcel", "late"])),
            ("\"too late\"", "My parcel is too late!", Some(vec!["too late"])),
            ("\"late too\"", "My parcel is too late!", None),
            ("\"too late", "My parcel is too late!", Some(vec!["too late"])),
            ("ca phe", "một ly cà phê sữa", Some(vec!["cà", "phê"])),
            ("東京", "私は東京に住む", Some(vec!["東京"])),
            ("京東", "私は東京に住む", None),
            ("e-mail", "by e-mail, please", Some(vec!["e-mail"])),
            ("NOT AND (a OR b) NEAR/2", "a", None),
            ("0912 345 678", "call +84 912-345-678", Some(vec!["84 912-345-678"])),
            ("+84912345678", "call +84 912-345-678", Some(vec!["84 912-345-678"])),
            ("!!!", "what?!!!", None),
            ("", "what", None),
        ] {
            let hits = hits.map(|hits| hits.into_iter().map(str::to_owned).collect::<Vec<_>>());
            let found = found(query, text).map(|mut found| {
                found.sort_by_key(|hit| text.find(hit.as_str()));
                found
            });
            assert_eq!(found, hits, "{query} in {text}");
        }
    }

    #[test]
    fn limits_are_named() {
        assert!(SearchQuery::parse(&"x".repeat(201)).unwrap_err().0.contains("200"));
        assert!(SearchQuery::parse(&"x y ".repeat(10)).is_ok(), "the same again is once");
        let many = (0..13).map(|n| format!("w{n} ")).collect::<String>();
        assert!(SearchQuery::parse(&many).unwrap_err().0.contains("12"));
    }

    #[test]
    fn numbers_are_known_as_such() {
        assert_eq!(parsed(" #123 ").number, Some(123));
        assert_eq!((parsed("123").number, parsed("123").phone), (Some(123), None));
        assert_eq!(parsed("0044 (7700) 900-118").phone.as_deref(), Some("447700900118"));
        assert_eq!(parsed("12 a").number, None);
    }

    proptest! {
        #[test]
        fn anything_is_text(query in "\\PC{0,60}", text in "\\PC{0,60}") {
            if let Ok(query) = SearchQuery::parse(&query) {
                for hit in query.in_text(&text).unwrap_or_default() {
                    prop_assert!(text.get(hit).is_some_and(|hit| !hit.is_empty()));
                }
            }
        }

        #[test]
        fn a_text_is_found_by_each_of_its_words(text in "(\\w{1,12} ?){1,8}", at in 0..8_usize) {
            let all = words(&text);
            prop_assume!(!all.is_empty());
            let word = &all[at % all.len()];
            let query = SearchQuery::parse(&text[word.at.clone()]).unwrap();
            prop_assert!(query.in_text(&text).is_some());
        }
    }
}
