//! What people type, checked once at the edge: afterwards the type says that it is fit to store and show.

use std::{borrow::Cow, fmt};

use crate::limits;

/// Why a text cannot be taken; the message names the limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub String);

fn forbidden(c: char) -> bool {
    c.is_control() && c != '\n' && c != '\t'
}

/// Trims, turns CRLF into LF, and refuses what no person types: other control characters.
fn clean(text: &str, max: usize) -> Result<String, Invalid> {
    // Cheap first: a char is at most four bytes, so this cannot refuse what fits.
    if text.len() > max.saturating_mul(4).saturating_add(1024) && text.trim().chars().count() > max {
        return Err(Invalid(format!("is over the limit of {max} characters")));
    }
    let lines =
        if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n")) } else { Cow::Borrowed(text) };
    let text = lines.trim();
    if text.chars().any(forbidden) {
        return Err(Invalid("holds a control character other than newline and tab".into()));
    }
    // No text has more characters than bytes.
    if text.len() > max {
        let chars = text.chars().count();
        if chars > max {
            return Err(Invalid(format!("has {chars} characters; the limit is {max}")));
        }
    }
    Ok(text.to_owned())
}

/// Checks a one-line text, and trims it.
///
/// # Errors
/// Over `max` characters, more than a line, or with a control character.
pub fn one_line(text: &str, max: usize) -> Result<String, Invalid> {
    let text = clean(text, max)?;
    if text.contains(['\n', '\t']) {
        return Err(Invalid("must be one line".into()));
    }
    Ok(text)
}

macro_rules! text_type {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The text, owned.
            pub fn into_string(self) -> String {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

text_type! {
    /// The text of a message or note: trimmed, no control characters but newline and tab; empty only beside files.
    MessageBody;
    /// A person's or thing's name: one line, not empty, at most [`limits::NAME_CHARS`].
    Name;
    /// A phone number in E.164: `+` and 8 to 15 digits.
    Phone;
    /// An e-mail address, lower-cased, plausible at a glance; only a mail proves more.
    Email;
}

impl MessageBody {
    /// Checks a text of at most `max` characters after trimming.
    ///
    /// # Errors
    /// Empty, too long, or with a control character; the message says which.
    pub fn parse(text: &str, max: usize) -> Result<Self, Invalid> {
        let body = Self::parse_beside_files(text, max)?;
        if body.0.is_empty() {
            return Err(Invalid("must not be empty".into()));
        }
        Ok(body)
    }

    /// The same, where files may say it all.
    ///
    /// # Errors
    /// Too long, or with a control character.
    pub fn parse_beside_files(text: &str, max: usize) -> Result<Self, Invalid> {
        clean(text, max).map(Self)
    }
}

impl Name {
    /// Checks a name.
    ///
    /// # Errors
    /// Empty, too long, more than a line, or with a control character.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = one_line(text, limits::NAME_CHARS)?;
        if text.is_empty() {
            return Err(Invalid("must not be empty".into()));
        }
        Ok(Self(text))
    }
}

impl Phone {
    /// Normalises what people write (`+44 7700 900-118`, `0044…`) to E.164 (ITU-T E.164 §6).
    ///
    /// # Errors
    /// No country code, other characters than digits and separators, or too few or many digits.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = one_line(text, 40)?;
        let (international, rest) = match (text.strip_prefix('+'), text.strip_prefix("00")) {
            (Some(rest), _) | (None, Some(rest)) => (true, rest),
            (None, None) => (false, text.as_str()),
        };
        let mut digits = String::with_capacity(16);
        for c in rest.chars() {
            match c {
                '0'..='9' => digits.push(c),
                ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}' => {}
                _ => return Err(Invalid("may hold only digits, spaces and + - . ( ) /".into())),
            }
        }
        if !international || digits.starts_with('0') {
            return Err(Invalid("must begin with + and the country code".into()));
        }
        match digits.len() {
            0..8 => Err(Invalid("is too short for a phone number".into())),
            8..=15 => Ok(Self(format!("+{digits}"))),
            _ => Err(Invalid("has more than 15 digits".into())),
        }
    }
}

impl Email {
    /// Checks an address's shape.
    ///
    /// # Errors
    /// Too long, or not of the form `name@host`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = one_line(text, limits::EMAIL_CHARS)?;
        let plausible = text.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && !host.is_empty() && !host.contains('@') && !text.contains(char::is_whitespace)
        });
        if !plausible {
            return Err(Invalid("must be an e-mail address, like ana@example.com".into()));
        }
        Ok(Self(text.to_lowercase()))
    }
}

/// Checks an optional one-line text such as a page's title; empty becomes `None`.
///
/// # Errors
/// Over `max` characters, or with a control character.
pub fn optional_line(text: Option<&str>, max: usize) -> Result<Option<String>, Invalid> {
    match text {
        None => Ok(None),
        Some(text) => one_line(text, max).map(|text| (!text.is_empty()).then_some(text)),
    }
}

/// Checks the tag of a language (`pt`, `pt-BR`, `zh-Hant-TW`), and writes it as is usual: BCP 47 (RFC 5646 §2.1, §2.1.1),
/// as far as its shape goes. Whether there is such a language is not known here.
///
/// # Errors
/// Too long, or not of that shape.
pub fn language_tag(text: &str) -> Result<String, Invalid> {
    let wrong = || Invalid("must be a language tag like en, pt-BR or zh-Hant".into());
    let text = text.trim();
    if text.len() > limits::LANGUAGE_CHARS {
        return Err(Invalid(format!("is over the limit of {} characters", limits::LANGUAGE_CHARS)));
    }
    let mut usual: Vec<String> = Vec::new();
    for (at, part) in text.split('-').enumerate() {
        let alphabetic = part.bytes().all(|byte| byte.is_ascii_alphabetic());
        let fits = match at {
            0 => (2..=8).contains(&part.len()) && alphabetic,
            _ => (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        };
        if !fits {
            return Err(wrong());
        }
        let after_singleton = usual.last().is_some_and(|before| before.len() == 1);
        usual.push(match part.len() {
            2 if at > 0 && !after_singleton => part.to_ascii_uppercase(),
            4 if at > 0 && alphabetic && !after_singleton => {
                let (first, rest) = part.split_at(1);
                first.to_ascii_uppercase() + &rest.to_ascii_lowercase()
            }
            _ => part.to_ascii_lowercase(),
        });
    }
    // What a single letter announces must follow.
    if usual.last().is_some_and(|last| last.len() == 1) {
        return Err(wrong());
    }
    Ok(usual.join("-"))
}

/// The first characters of a text, on one line, for lists.
pub fn preview(body: &str) -> String {
    let mut preview = String::with_capacity(body.len().min(limits::PREVIEW_CHARS + '…'.len_utf8()));
    let mut room = limits::PREVIEW_CHARS;
    for word in body.split_whitespace() {
        if !preview.is_empty() {
            if room == 0 {
                preview.push('…');
                break;
            }
            preview.push(' ');
            room -= 1;
        }
        // Whole words at once: this is done for every message.
        if let Some((end, _)) = word.char_indices().nth(room) {
            preview.push_str(&word[..end]);
            preview.push('…');
            break;
        }
        preview.push_str(word);
        room -= word.chars().count();
    }
    preview
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_tags_are_written_as_is_usual() {
        for (given, usual) in [
            ("EN", "en"),
            (" pt-br ", "pt-BR"),
            ("zh-hant-tw", "zh-Hant-TW"),
            ("es-419", "es-419"),
            ("de-CH-1996", "de-CH-1996"),
            ("en-x-us", "en-x-us"),
        ] {
            assert_eq!(language_tag(given).unwrap(), usual);
        }
        let long = format!("en-{}", "abcdefgh-".repeat(5));
        for bad in
            ["", "e", "en_GB", "en-", "-en", "en--gb", "e1", "abcdefghi", "en-x", "en\0", "日本", &long]
        {
            assert!(language_tag(bad).is_err(), "{bad:?}");
        }
        assert!(language_tag(&long).unwrap_err().0.contains("35"));
    }

    #[test]
    fn bodies_are_trimmed_and_measured_in_characters() {
        assert_eq!(MessageBody::parse("  hi\r\nyou \n", 10).unwrap().as_str(), "hi\nyou");
        assert_eq!(MessageBody::parse(&"é".repeat(10), 10).unwrap().as_str().chars().count(), 10);
        assert!(MessageBody::parse(&"é".repeat(11), 10).unwrap_err().0.contains("limit is 10"));
        assert!(MessageBody::parse(&"x".repeat(100_000), 10).is_err());
        for bad in ["", " \n\t ", "a\0b", "a\rb", "a\u{1b}[0m", "a\u{85}b"] {
            assert!(MessageBody::parse(bad, 10).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn phones_become_e164() {
        for (given, e164) in [
            ("+44 7700 900-118", "+447700900118"),
            ("0044 (7700) 900118", "+447700900118"),
            ("+1.202.555.0143", "+12025550143"),
        ] {
            assert_eq!(Phone::parse(given).unwrap().as_str(), e164);
        }
        for bad in [
            "",
            "07700 900118",
            "+0 7700 900118",
            "+44 77",
            "+44x7700900118",
            "+1234567890123456",
            "+４４７７００９００１１８",
        ] {
            assert!(Phone::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn emails_look_like_emails() {
        assert_eq!(Email::parse(" Ana@Example.COM ").unwrap().as_str(), "ana@example.com");
        assert_eq!(Email::parse("admin@localhost").unwrap().as_str(), "admin@localhost");
        for bad in ["", "ana", "@x", "x@", "a@b@c", "a b@c"] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
    }
}
