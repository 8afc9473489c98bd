//! Attributes that the workspace defines, of contacts and of sessions: their keys, types and values.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::LocalDate;
use crate::{Invalid, UtcMillis, limits, one_line, session::words};

words! {
    /// What has an attribute.
    AttributeOf {
        /// The customer as a person.
        Contact = "contact",
        /// One chat.
        Session = "session",
    }
}

words! {
    /// What an attribute's values are. On the wire they are texts, in one way of writing.
    AttributeKind {
        /// One line.
        Text = "text",
        /// A number: `12`, `-0.5`.
        Number = "number",
        /// `true` or `false`.
        Boolean = "boolean",
        /// A day: `2026-12-25`.
        Date = "date",
        /// An address of http or https.
        Url = "url",
        /// One of its choices.
        List = "list",
    }
}

impl AttributeKind {
    /// A value, in the one way in which it is written. Empty ones are for the caller to take as none.
    ///
    /// # Errors
    /// It is no value of this kind.
    pub fn checked(self, value: &str, choices: &[String]) -> Result<String, Invalid> {
        let value = one_line(value, limits::ATTRIBUTE_CHARS)?;
        let bad = |what: &str| Err(Invalid(format!("must be {what}")));
        match self {
            Self::Text => Ok(value),
            Self::Number => match value.parse::<f64>() {
                Ok(number) if number.is_finite() && plain(&value) => Ok(value),
                _ => bad("a number like 12 or -0.5"),
            },
            Self::Boolean => match value.to_ascii_lowercase().as_str() {
                word @ ("true" | "false") => Ok(word.to_owned()),
                _ => bad("true or false"),
            },
            Self::Date => match LocalDate::parse(&value) {
                Some(day) => Ok(day.to_string()),
                None => bad("a day like 2026-12-25"),
            },
            Self::Url => {
                let rest = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://"));
                let host = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#']));
                if host && !value.contains(char::is_whitespace) {
                    Ok(value)
                } else {
                    bad("an address of http or https")
                }
            }
            Self::List if choices.contains(&value) => Ok(value),
            Self::List => bad(&format!("one of {}", choices.join(", "))),
        }
    }
}

/// Digits, a sign before them and a point between them: not `inf`, nor `1e9`.
fn plain(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.ends_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// An attribute that the workspace has defined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Attribute {
    /// The definition.
    pub id: Uuid,
    /// What has it.
    pub of: AttributeOf,
    /// By what it is named in `attributes`.
    pub key: String,
    /// What people call it.
    pub label: String,
    /// What its values are.
    pub kind: AttributeKind,
    /// Of a list: what there is to choose.
    pub choices: Vec<String>,
    /// What it is for.
    pub about: Option<String>,
    /// When it was defined.
    pub created_at: UtcMillis,
}

/// POST `/attributes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct NewAttribute {
    /// What has it.
    pub of: AttributeOf,
    /// By what it is named: small letters, digits, `_` and `-`, unlike any other's of the same. It stays as it is.
    #[cfg_attr(test, schemars(length(min = 1, max = limits::ATTRIBUTE_NAME_CHARS)))]
    pub key: String,
    /// What people call it.
    #[cfg_attr(test, schemars(length(min = 1, max = limits::ATTRIBUTE_LABEL_CHARS)))]
    pub label: String,
    /// What its values are. It stays as it is.
    pub kind: AttributeKind,
    /// Of a list, and only of one: what there is to choose, at least one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<Vec<String>>"))]
    #[cfg_attr(test, schemars(length(max = limits::ATTRIBUTE_CHOICES)))]
    pub choices: Vec<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::ATTRIBUTE_ABOUT_CHARS)))]
    pub about: Option<String>,
}

/// PATCH `/attributes/{attribute}`: what is left out stays. Values that are there stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct EditAttribute {
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(min = 1, max = limits::ATTRIBUTE_LABEL_CHARS)))]
    pub label: Option<String>,
    /// Of a list: what there is to choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::ATTRIBUTE_CHOICES)))]
    pub choices: Option<Vec<String>>,
    /// What it is for; empty: nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::ATTRIBUTE_ABOUT_CHARS)))]
    pub about: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_of_their_kind() {
        use AttributeKind::{Boolean, Date, List, Number, Text, Url};
        let choices = ["gold".to_owned(), "silver".to_owned()];
        let good = [
            (Text, " a b ", "a b"),
            (Number, "12", "12"),
            (Number, "-0.50", "-0.50"),
            (Boolean, "TRUE", "true"),
            (Date, "2026-12-25", "2026-12-25"),
            (Url, "https://shop.example/o/1", "https://shop.example/o/1"),
            (List, "gold", "gold"),
        ];
        for (kind, value, written) in good {
            assert_eq!(kind.checked(value, &choices).as_deref(), Ok(written), "{value}");
        }
        let bad = [
            (Text, "a\nb"),
            (Number, "twelve"),
            (Number, "1e9"),
            (Number, "NaN"),
            (Number, "+1"),
            (Number, "1."),
            (Number, "1.2.3"),
            (Boolean, "yes"),
            (Date, "2026-02-30"),
            (Date, "25.12.2026"),
            (Url, "javascript:alert(1)"),
            (Url, "https:///x"),
            (Url, "https://a b"),
            (List, "lead"),
        ];
        for (kind, value) in bad {
            assert!(kind.checked(value, &choices).is_err(), "{value}");
        }
        assert!(Text.checked(&"x".repeat(501), &[]).is_err());
    }
}
