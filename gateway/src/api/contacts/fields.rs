//! What may be said of a contact, checked: every fault is named.

use persistence::ContactEdit;
use protocol::{
    Email, Invalid, Name, Phone, limits, one_line, optional_line,
    rest::{Attribute, EditContact},
};

use crate::{
    api::attributes::checked_value,
    error::{ApiError, Faults, InField as _},
};

/// A field that was said: null, and nothing but blanks, strike it out.
fn field<T>(
    faults: &mut Faults,
    name: &str,
    said: Option<&Option<String>>,
    parse: impl FnOnce(&str) -> Result<T, Invalid>,
    text: impl FnOnce(T) -> String,
) -> Option<Option<String>> {
    let said = said?.as_deref().filter(|text| !text.trim().is_empty());
    match said {
        None => Some(None),
        Some(said) => faults.take(name, parse(said)).map(|value| Some(text(value))),
    }
}

/// # Errors
/// Names every field that cannot be used.
pub(super) fn checked(edit: &EditContact, defined: &[Attribute]) -> Result<ContactEdit, ApiError> {
    let mut faults = Faults::default();
    let line = |text: &str| one_line(text, limits::ACCOUNT_STATUS_CHARS);
    let mut checked = ContactEdit {
        name: field(&mut faults, "name", edit.name.as_ref(), Name::parse, Name::into_string),
        phone: field(&mut faults, "phone", edit.phone.as_ref(), Phone::parse, Phone::into_string),
        email: field(&mut faults, "email", edit.email.as_ref(), Email::parse, Email::into_string),
        account_status: field(&mut faults, "account_status", edit.account_status.as_ref(), line, |text| text),
        ..ContactEdit::default()
    };
    if edit.attributes.len() > limits::ATTRIBUTES {
        faults.add("attributes", format!("has more than {} entries", limits::ATTRIBUTES));
    } else {
        for (key, value) in &edit.attributes {
            let name: String = key.chars().take(limits::ATTRIBUTE_NAME_CHARS).collect();
            match defined.iter().find(|one| one.key == *key) {
                None => faults.add(&format!("attributes.{name}"), "is not defined"),
                Some(definition) => {
                    let value = checked_value(definition, value.as_deref());
                    if let Some(value) = faults.take(&format!("attributes.{name}"), value) {
                        checked.attributes.insert(key.clone(), value);
                    }
                }
            }
        }
    }
    faults.finish()?;
    Ok(checked)
}

/// The site's own id of a person.
///
/// # Errors
/// It is empty, too long, or more than a line.
pub(super) fn external_id(said: &str) -> Result<String, ApiError> {
    let id = optional_line(Some(said), limits::EXTERNAL_ID_CHARS).in_field("external_id")?;
    id.ok_or_else(|| ApiError::invalid("external_id", "must not be empty"))
}
