//! Cells of a file that is opened in a spreadsheet, which takes some texts for formulas (OWASP: CSV injection).

use std::borrow::Cow;

fn is_formula(text: &str) -> bool {
    text.trim_start_matches(['"', '\'', ' '])
        .starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'])
}

/// A text that no spreadsheet takes for a formula.
pub(crate) fn guarded(text: &str) -> Cow<'_, str> {
    if is_formula(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text that was guarded.
pub(crate) fn unguarded(text: &str) -> &str {
    text.strip_prefix('\'').filter(|text| is_formula(text)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cells_are_no_formulas() {
        for bad in ["=1+1", "+1", "-1", "@x", " =1", "\"=1", "＝1"] {
            assert_eq!(guarded(bad), format!("'{bad}"));
        }
        assert_eq!(guarded("1 = 1"), "1 = 1");
        assert_eq!(unguarded("'tis"), "'tis");
    }

    proptest! {
        #[test]
        fn what_was_guarded_is_read_back(text in any::<String>(), signs in "['\"= a]{0,6}") {
            for text in [text, signs] {
                let cell = guarded(&text);
                prop_assert_eq!(unguarded(&cell), &text);
            }
        }
    }
}
