use loadtest::report::{scenarios, table};

use crate::example;

#[test]
fn a_table_fits_80_columns_and_says_what_is_wrong_first() {
    for run in [example::run(), example::wrecked()] {
        let text = table(&run, false);
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
        assert!(!text.contains('\u{1b}'), "nothing steers the terminal");
        assert!(!text.contains("NaN"), "{text}");
    }
    let text = table(&example::wrecked(), false);
    let places: Vec<_> =
        ["FAILED", "3 messages lost", "Budget broken: ack_p99_ms", "To be known", "Times in ms"]
            .map(|words| text.find(words).unwrap_or_else(|| panic!("{words} is missing:\n{text}")))
            .into();
    assert!(places.is_sorted(), "{text}");
    assert!(text.contains("not measured"));
    assert!(table(&example::run(), false).contains("PASSED"));
    assert!(table(&example::run(), true).contains("\u{1b}[32m"));
}

#[test]
fn scenarios_are_listed_in_80_columns() {
    let text = scenarios();
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    for name in ["steady", "support-day", "soak"] {
        assert!(text.lines().any(|line| line.starts_with(name)), "{text}");
    }
}
