//! The attributes that the workspace defines: every agent reads them, supervisors and admins change them.

use axum::{extract::State, http::StatusCode};
use protocol::{
    Invalid, limits, one_line, optional_line,
    rest::{Attribute, AttributeKind, EditAttribute, NewAttribute, Page},
};
use uuid::Uuid;

use super::{PathId, body::Json, query::Query};
use crate::{
    app::App,
    auth::{Lead, Member},
    error::{ApiError, Faults},
};

/// GET `/attributes`.
pub(crate) async fn list(
    State(app): State<App>,
    _: Member,
    query: Query,
) -> Result<axum::Json<Page<Attribute>>, ApiError> {
    query.finish()?;
    let items = app.store.attributes().await?;
    let total = items.len() as u64;
    Ok(axum::Json(Page { items, next_cursor: None, total }))
}

/// POST `/attributes`.
pub(crate) async fn create(
    State(app): State<App>,
    _: Lead,
    Json(new): Json<NewAttribute>,
) -> Result<(StatusCode, axum::Json<Attribute>), ApiError> {
    let mut faults = Faults::default();
    let key = faults.take("key", key(&new.key));
    let label = faults.take("label", label(&new.label));
    let choices = faults.take("choices", choices(new.kind, &new.choices));
    let about = faults.take("about", optional_line(new.about.as_deref(), limits::ATTRIBUTE_ABOUT_CHARS));
    faults.finish()?;
    if app.store.attributes().await?.len() >= limits::ATTRIBUTE_DEFINITIONS {
        let limit = limits::ATTRIBUTE_DEFINITIONS;
        return Err(ApiError::invalid("attributes", format!("are as many as can be: the limit is {limit}")));
    }
    let clock = app.hub.clock();
    let attribute = Attribute {
        id: clock.mint(),
        of: new.of,
        key: key.unwrap_or_default(),
        label: label.unwrap_or_default(),
        kind: new.kind,
        choices: choices.unwrap_or_default(),
        about: about.flatten(),
        created_at: clock.now(),
    };
    app.store.create_attribute(&attribute).await?;
    Ok((StatusCode::CREATED, axum::Json(attribute)))
}

/// PATCH `/attributes/{id}`.
pub(crate) async fn update(
    State(app): State<App>,
    _: Lead,
    PathId(id): PathId<Uuid>,
    Json(edit): Json<EditAttribute>,
) -> Result<axum::Json<Attribute>, ApiError> {
    let known = app.store.attribute(id).await?.ok_or_else(ApiError::not_found)?;
    let mut faults = Faults::default();
    let edit = EditAttribute {
        label: edit.label.and_then(|text| faults.take("label", label(&text))),
        choices: edit.choices.and_then(|list| faults.take("choices", choices(known.kind, &list))),
        about: edit
            .about
            .and_then(|text| faults.take("about", one_line(&text, limits::ATTRIBUTE_ABOUT_CHARS))),
    };
    faults.finish()?;
    app.store.update_attribute(id, &edit).await?;
    app.store.attribute(id).await?.map(axum::Json).ok_or_else(ApiError::not_found)
}

/// DELETE `/attributes/{id}`.
pub(crate) async fn delete(
    State(app): State<App>,
    _: Lead,
    PathId(id): PathId<Uuid>,
) -> Result<StatusCode, ApiError> {
    if app.store.delete_attribute(id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::not_found())
    }
}

/// The keys that are shown.
pub(crate) fn shown(defined: &[Attribute]) -> Vec<&str> {
    defined.iter().map(|one| one.key.as_str()).collect()
}

/// A value in the one way in which it is written; an empty one is none.
///
/// # Errors
/// It is not of the attribute's kind.
pub(crate) fn checked_value(definition: &Attribute, value: Option<&str>) -> Result<Option<String>, Invalid> {
    match value.filter(|value| !value.trim().is_empty()) {
        None => Ok(None),
        Some(value) => definition.kind.checked(value, &definition.choices).map(Some),
    }
}

fn key(text: &str) -> Result<String, Invalid> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    let key = one_line(text, limits::ATTRIBUTE_NAME_CHARS)?;
    if key.is_empty() || !key.chars().all(fits) {
        return Err(Invalid("must be made of a-z, 0-9, _ and -".into()));
    }
    Ok(key)
}

fn label(text: &str) -> Result<String, Invalid> {
    let label = one_line(text, limits::ATTRIBUTE_LABEL_CHARS)?;
    if label.is_empty() { Err(Invalid("must not be empty".into())) } else { Ok(label) }
}

fn choices(kind: AttributeKind, said: &[String]) -> Result<Vec<String>, Invalid> {
    match (kind, said.is_empty()) {
        (AttributeKind::List, true) => return Err(Invalid("must have at least one entry".into())),
        (AttributeKind::List, false) | (_, true) => {}
        (_, false) => return Err(Invalid("are for lists only".into())),
    }
    if said.len() > limits::ATTRIBUTE_CHOICES {
        return Err(Invalid(format!("has more than {} entries", limits::ATTRIBUTE_CHOICES)));
    }
    let mut checked: Vec<String> = Vec::with_capacity(said.len());
    for choice in said {
        let choice = label(choice)?;
        if !checked.contains(&choice) {
            checked.push(choice);
        }
    }
    Ok(checked)
}
