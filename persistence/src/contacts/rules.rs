//! What follows from a contact and what is done to it: pure.

use std::collections::BTreeMap;

use protocol::{UtcMillis, limits, rest::ContactBlock};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;

use super::{ContactEdit, ContactRefusal, Row};

/// What a contact took over from one that was merged into it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Taken {
    name: Option<String>,
    pub(super) phone: Option<String>,
    email: Option<String>,
    account_status: Option<String>,
    attributes: BTreeMap<String, String>,
    pub(super) block: Option<ContactBlock>,
}

impl Taken {
    /// What `target` lacks and `source` has. Of a verified contact the site says what is true.
    pub(super) fn of(source: &Row, target: &Row, now: UtcMillis) -> Self {
        let lacks = |has: &Option<String>, lacks: &Option<String>| {
            has.clone().filter(|_| lacks.is_none() && target.external_id.is_none())
        };
        let blocked = |row: &Row| row.blocked_until_ms.is_some_and(|until| until > now.get());
        let attributes = source.attributes.0.iter().filter(|(key, _)| {
            target.external_id.is_none() && !target.attributes.0.contains_key(key.as_str())
        });
        let room = limits::ATTRIBUTES.saturating_sub(target.attributes.0.len());
        Self {
            name: lacks(&source.name, &target.name),
            phone: lacks(&source.phone, &target.phone),
            email: lacks(&source.email, &target.email),
            account_status: lacks(&source.account_status, &target.account_status),
            attributes: attributes.take(room).map(|(key, value)| (key.clone(), value.clone())).collect(),
            // Merging is no way out of a block.
            block: source
                .block
                .as_ref()
                .filter(|_| blocked(source) && !blocked(target))
                .map(|block| block.0.clone()),
        }
    }

    pub(super) fn give(&self, row: &mut Row) {
        let take = |field: &mut Option<String>, value: &Option<String>| {
            if value.is_some() {
                field.clone_from(value);
            }
        };
        take(&mut row.name, &self.name);
        take(&mut row.phone, &self.phone);
        take(&mut row.email, &self.email);
        take(&mut row.account_status, &self.account_status);
        row.attributes.0.extend(self.attributes.clone());
        if let Some(block) = &self.block {
            row.block = Some(Json(block.clone()));
        }
    }

    /// Takes it away again, but for what was changed since.
    pub(super) fn take_back(&self, row: &mut Row) {
        let take = |field: &mut Option<String>, value: &Option<String>| {
            if value.is_some() && field == value {
                *field = None;
            }
        };
        take(&mut row.name, &self.name);
        take(&mut row.phone, &self.phone);
        take(&mut row.email, &self.email);
        take(&mut row.account_status, &self.account_status);
        row.attributes.0.retain(|key, value| self.attributes.get(key) != Some(value));
        if self.block.is_some() && row.block.as_ref().map(|block| &block.0) == self.block.as_ref() {
            row.block = None;
        }
    }
}

/// When a block is over.
pub(super) fn until(block: Option<&ContactBlock>) -> Option<i64> {
    block.map(|block| block.until.unwrap_or(limits::FOREVER).get())
}

/// The edit on the row; the names of what changed.
pub(super) fn edited(row: &mut Row, edit: &ContactEdit) -> Vec<String> {
    let mut changed = Vec::new();
    for (name, field, value) in [
        ("name", &mut row.name, &edit.name),
        ("phone", &mut row.phone, &edit.phone),
        ("email", &mut row.email, &edit.email),
        ("account_status", &mut row.account_status, &edit.account_status),
    ] {
        if let Some(value) = value.as_ref().filter(|value| *value != field) {
            field.clone_from(value);
            changed.push(name.to_owned());
        }
    }
    for (key, value) in &edit.attributes {
        let before = row.attributes.0.get(key);
        if before != value.as_ref() {
            match value {
                Some(value) => drop(row.attributes.0.insert(key.clone(), value.clone())),
                None => drop(row.attributes.0.remove(key)),
            }
            changed.push(format!("attributes.{key}"));
        }
    }
    changed
}

/// Why two contacts cannot be merged.
pub(super) fn not_mergeable(source: &Row, target: &Row, merged: i64) -> Option<ContactRefusal> {
    let no = |why| Some(ContactRefusal::NotMergeable(why));
    if source.site_id != target.site_id {
        return no("These are contacts of two sites.");
    }
    if source.id == target.id {
        return no("A contact cannot be merged with itself.");
    }
    if source.merged_into.is_some() {
        return no("It is merged into another contact already. Undo that first.");
    }
    if target.merged_into.is_some() {
        return no("The other contact is merged into a third one. Merge into that one.");
    }
    match (&source.external_id, &target.external_id) {
        (Some(_), Some(_)) => no("The site says that these are two persons."),
        (Some(_), None) => no("It is verified and the other one is not. Merge the other one into it."),
        _ if merged >= limits::MERGED_CONTACTS as i64 => {
            no("20 contacts that went on in one are as many as can be.")
        }
        _ => None,
    }
}
