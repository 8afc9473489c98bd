//! Names that are nearly what was typed: one letter missing, too many, wrong, or two changed about.
//!
//! Two words that are one change apart have a key in common: what is left of the one, or of both, when one letter is
//! taken out. The keys of the beginnings of every name that there is are stored, so that asking for a few keys finds
//! all that are near (Garbe, SymSpell).

use std::collections::BTreeSet;

/// Beginnings of names that have keys: this many letters.
const BEGINNINGS: std::ops::RangeInclusive<usize> = 3..=8;
/// Of what was typed, the first letters have keys. With one more or less they are still a [`BEGINNINGS`].
const TYPED: usize = 7;
/// Shorter ones are near to too many.
pub(crate) const LEAST: usize = 4;

/// The word, and the word without each of its letters.
fn neighbours(word: &[char], keys: &mut BTreeSet<String>) {
    keys.insert(word.iter().collect());
    for out in 0..word.len() {
        keys.insert(word[..out].iter().chain(&word[out + 1..]).collect());
    }
}

/// Under what a name is stored.
pub(crate) fn keys_of_name(name: &str) -> BTreeSet<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut keys = BTreeSet::new();
    for length in BEGINNINGS {
        if let Some(beginning) = letters.get(..length) {
            neighbours(beginning, &mut keys);
        }
    }
    keys
}

/// Under what names are looked for that begin nearly like this.
pub(crate) fn keys_of_typed(typed: &str) -> BTreeSet<String> {
    let letters: Vec<char> = typed.chars().take(TYPED).collect();
    let mut keys = BTreeSet::new();
    neighbours(&letters, &mut keys);
    keys
}

/// Whether the name begins with what was typed, but for one change.
pub(crate) fn begins_nearly(name: &str, typed: &str) -> bool {
    let (name, typed): (Vec<char>, Vec<char>) = (name.chars().collect(), typed.chars().collect());
    let same = name.iter().zip(&typed).take_while(|(a, b)| a == b).count();
    let (name, typed) = (&name[same..], &typed[same..]);
    match typed {
        [] => true,
        [wrong, rest @ ..] => {
            name.starts_with(rest)
                || name.get(1..).is_some_and(|behind| behind.starts_with(rest) || behind.starts_with(typed))
                || matches!((name, rest), ([a, b, behind @ ..], [c, rest @ ..]) if a == c && b == wrong && behind.starts_with(rest))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_change_is_forgiven() {
        for (name, typed) in [
            ("nguyen", "nguyn"),
            ("nguyen", "ngyuen"),
            ("nguyen", "nguuyen"),
            ("nguyen", "mguyen"),
            ("margarethe", "margarete"),
            ("smith", "smiht"),
        ] {
            assert!(begins_nearly(name, typed), "{typed}");
        }
        for (name, typed) in [("nguyen", "ngyn"), ("smith", "jones"), ("ana", "anton")] {
            assert!(!begins_nearly(name, typed), "{typed}");
        }
    }

    proptest! {
        #[test]
        fn whoever_is_near_has_a_key_in_common(
            name in "[a-c]{3,12}", cut in 3_usize..12, at in 0_usize..12, by in "[a-d]", how in 0..4,
        ) {
            let letters: Vec<char> = name.chars().collect();
            let mut typed = letters[..cut.min(letters.len())].to_vec();
            let at = at.min(typed.len() - 1);
            let by = by.chars().next().unwrap();
            match how {
                0 => drop(typed.remove(at)),
                1 => typed.insert(at, by),
                2 => typed[at] = by,
                _ if at + 1 < typed.len() => typed.swap(at, at + 1),
                _ => {}
            }
            let typed: String = typed.into_iter().collect();
            prop_assume!(typed.chars().count() >= LEAST);
            prop_assert!(begins_nearly(&name, &typed), "{} {}", name, typed);
            prop_assert!(!keys_of_name(&name).is_disjoint(&keys_of_typed(&typed)), "{} {}", name, typed);
        }
    }
}
