//! What a file is called: cleaned of all that is no name, and told to browsers so that each understands it.

use std::fmt::Write as _;

use protocol::limits::ATTACHMENT_NAME_BYTES;

/// Longer endings are none.
const ENDING: usize = 16;

/// Names that mean devices on Windows, with any ending.
const DEVICES: &[&str] = &[
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
    "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// Characters that turn the direction of what is written, or that nobody sees.
const fn unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
    )
}

/// A name that is safe to keep, to show and to save under; never empty.
pub(crate) fn clean(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let seen: String = last.chars().filter(|c| !c.is_control() && !unseen(*c)).collect();
    let trimmed = seen.trim_matches(|c: char| c.is_whitespace() || c == '.');
    let stem = trimmed.split('.').next().unwrap_or_default().trim_end();
    let device = DEVICES.iter().any(|name| name.eq_ignore_ascii_case(stem));
    let name = match trimmed {
        "" => "file".to_owned(),
        name if device => format!("_{name}"),
        name => name.to_owned(),
    };
    cut(&name, ATTACHMENT_NAME_BYTES)
}

/// Cut to so many bytes, with its ending.
fn cut(name: &str, bytes: usize) -> String {
    if name.len() <= bytes {
        return name.to_owned();
    }
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if ending.len() <= ENDING => (stem, format!(".{ending}")),
        _ => (name, String::new()),
    };
    let end = stem.floor_char_boundary(bytes - ending.len());
    format!("{}{ending}", stem[..end].trim_end_matches(|c: char| c.is_whitespace() || c == '.'))
}

/// The ending of a name, in lower case.
pub(crate) fn ending(name: &str) -> Option<String> {
    let (stem, ending) = name.rsplit_once('.')?;
    let is_one = !stem.is_empty()
        && (1..=ENDING).contains(&ending.len())
        && ending.bytes().all(|b| b.is_ascii_alphanumeric());
    is_one.then(|| ending.to_ascii_lowercase())
}

/// The same name with another ending behind it.
pub(crate) fn with_ending(name: &str, ending: &str) -> String {
    format!("{}.{ending}", cut(name, ATTACHMENT_NAME_BYTES - ending.len() - 1))
}

/// `Content-Disposition` of a file of this name (RFC 6266): what every browser reads, and what all of today's read.
pub(crate) fn disposition(inline: bool, name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_graphic() && !"\"\\%".contains(c) || c == ' ' { c } else { '_' })
        .collect();
    let mut value = format!("{}; filename=\"{plain}\"", if inline { "inline" } else { "attachment" });
    if plain != name {
        value.push_str("; filename*=UTF-8''");
        for byte in name.bytes() {
            // RFC 8187 §3.2.1.
            if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
                value.push(char::from(byte));
            } else {
                // A string takes all.
                let _ = write!(value, "%{byte:02X}");
            }
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_cleaned() {
        for (given, name) in [
            ("photo.png", "photo.png"),
            ("../../etc/passwd", "passwd"),
            ("C:\\fakepath\\photo.png", "photo.png"),
            ("a\0b.png", "ab.png"),
            ("photo\u{202e}gnp.exe", "photognp.exe"),
            ("\u{2066}a\u{2069}.txt", "a.txt"),
            (" .hidden. ", "hidden"),
            ("", "file"),
            ("..", "file"),
            ("/", "file"),
            ("con.txt", "_con.txt"),
            ("NUL", "_NUL"),
            ("console.txt", "console.txt"),
            ("línea\n1.txt", "línea1.txt"),
            ("名前.pdf", "名前.pdf"),
        ] {
            assert_eq!(clean(given), name, "{given:?}");
        }
        let long = clean(&format!("{}.jpeg", "é".repeat(200)));
        assert!(long.len() <= 255 && long.len() > 250 && long.ends_with("é.jpeg"), "{long}");
        assert_eq!(with_ending(&"x".repeat(255), "png").len(), 255);
    }

    #[test]
    fn endings_are_what_follows_the_last_dot() {
        for (name, found) in
            [("a.PNG", Some("png")), ("a.tar.gz", Some("gz")), ("a", None), (".png", None), ("a.b c", None)]
        {
            assert_eq!(ending(name).as_deref(), found, "{name}");
        }
    }

    #[test]
    fn every_browser_is_told_the_name() {
        assert_eq!(disposition(true, "a b.png"), "inline; filename=\"a b.png\"");
        assert_eq!(
            disposition(false, "é\"\\%.txt"),
            "attachment; filename=\"____.txt\"; filename*=UTF-8''%C3%A9%22%5C%25.txt"
        );
    }

    proptest! {
        #[test]
        fn no_name_is_dangerous(given in ".{0,400}") {
            let name = clean(&given);
            prop_assert!(!name.is_empty() && name.len() <= ATTACHMENT_NAME_BYTES);
            prop_assert!(!name.contains(['/', '\\']) && !name.chars().any(char::is_control), "{name:?}");
            prop_assert!(!name.starts_with('.') && !name.ends_with('.'), "{name:?}");
            let header = disposition(false, &name);
            prop_assert!(header.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{header:?}");
            prop_assert_eq!(header.matches('"').count(), 2);
        }
    }
}
