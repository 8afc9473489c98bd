//! The blanks of a text, as somebody filled them in.

use std::collections::BTreeMap;

use protocol::{limits, one_line};

use crate::error::{ApiError, Faults};

/// What was filled in, if a message can say it; `known` are the blanks there are. An empty one is none.
///
/// # Errors
/// There are too many, one is none of those, or too long, by its name.
pub(super) fn checked<'a>(
    known: impl IntoIterator<Item = &'a str>,
    given: BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, ApiError> {
    if given.len() > limits::BLANKS {
        let message = format!("has {} entries; the limit is {}", given.len(), limits::BLANKS);
        return Err(ApiError::invalid("blanks", message));
    }
    let known: Vec<_> = known.into_iter().collect();
    let mut faults = Faults::default();
    let mut filled = BTreeMap::new();
    for (name, value) in given {
        let field = format!("blanks.{name}");
        if !known.contains(&name.as_str()) {
            faults.add(&field, "is no blank of this text");
        } else if let Some(value) = faults.take(&field, one_line(&value, limits::BLANK_VALUE_CHARS))
            && !value.is_empty()
        {
            filled.insert(name, value);
        }
    }
    faults.finish()?;
    Ok(filled)
}

/// The same, where none may be left out.
///
/// # Errors
/// As above; and each that is missing, by its name.
pub(super) fn complete(
    known: &[String],
    given: BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, ApiError> {
    let filled = checked(known.iter().map(String::as_str), given)?;
    let mut faults = Faults::default();
    for name in known.iter().filter(|name| !filled.contains_key(*name)) {
        faults.add(&format!("blanks.{name}"), "is missing");
    }
    faults.finish()?;
    Ok(filled)
}
