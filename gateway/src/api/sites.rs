//! Sites: what the widget reads, and what admins edit.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use hub::Hours;
use persistence::Site;
use protocol::{
    FieldError, Name, Role, SiteId, limits, optional_line,
    rest::{self, EditSite, PrechatField, SiteConfig, Theme},
};

use super::{PathId, body::Json, query::Query};
use crate::{
    app::App,
    auth::{Admin, Member, origin, token},
    error::ApiError,
};

const GREETING_CHARS: usize = 200;
const ORIGINS: usize = 50;

/// GET `/sites/{site_key}`: what the widget needs.
pub(crate) async fn config(
    State(app): State<App>,
    PathId(key): PathId<String>,
    headers: HeaderMap,
) -> Result<axum::Json<SiteConfig>, ApiError> {
    let site = app.sites.by_key(&key).await?.ok_or_else(ApiError::not_found)?;
    origin::allowed_for_site(&headers, &app, &site)?;
    let now = app.hub.clock().now();
    let open_now = site.hours.as_ref().is_none_or(|hours| hours.is_open(now));
    let opens_at = match &site.hours {
        Some(hours) if !open_now => hours.next_change(now),
        _ => None,
    };
    Ok(axum::Json(SiteConfig {
        key: site.key.clone(),
        name: site.name.clone(),
        theme: Theme { color: site.color.clone() },
        greeting: site.greeting.clone(),
        locales: vec!["en".to_owned()],
        prechat: site.prechat.clone(),
        opening_hours: site.site.hours.clone(),
        open_now,
        opens_at,
        uploads: app.files.limits(),
        online: app.hub.anybody_here(),
        message_chars: u32::try_from(app.config.limits.message_chars).unwrap_or(u32::MAX),
    }))
}

/// GET `/sites`.
pub(crate) async fn list(
    State(app): State<App>,
    Member(agent): Member,
    query: Query,
) -> Result<axum::Json<rest::Page<rest::Site>>, ApiError> {
    query.finish()?;
    let mut items: Vec<_> = app.store.sites().await?.into_iter().map(wire).collect();
    if agent.role != Role::Admin {
        // Whoever has one can say of anybody that they are a verified customer.
        for site in &mut items {
            site.identity_secrets.clear();
        }
    }
    let total = items.len() as u64;
    Ok(axum::Json(rest::Page { items, next_cursor: None, total }))
}

/// POST `/sites`.
pub(crate) async fn create(
    State(app): State<App>,
    _: Admin,
    Json(edit): Json<EditSite>,
) -> Result<(StatusCode, axum::Json<rest::Site>), ApiError> {
    let key = edit.key.clone().ok_or_else(|| ApiError::invalid("key", "is missing"))?;
    if !is_key(&key) {
        let max = limits::SITE_KEY_CHARS;
        let message = format!("must have 1 to {max} lower-case letters, digits and hyphens");
        return Err(ApiError::invalid("key", message));
    }
    let clock = app.hub.clock();
    let mut site = new_site(SiteId::new(clock.mint()), &key, &key, clock.now());
    apply(&mut site, edit)?;
    app.store.create_site(&site).await?;
    app.sites.forget();
    Ok((StatusCode::CREATED, axum::Json(wire(site))))
}

/// PATCH `/sites/{id}`.
pub(crate) async fn update(
    State(app): State<App>,
    _: Admin,
    PathId(id): PathId<SiteId>,
    Json(edit): Json<EditSite>,
) -> Result<axum::Json<rest::Site>, ApiError> {
    let mut site = app.store.site(id).await?.ok_or_else(ApiError::not_found)?;
    if edit.key.as_ref().is_some_and(|key| *key != site.key) {
        return Err(ApiError::invalid("key", "cannot be changed: pages out there carry it"));
    }
    apply(&mut site, edit)?;
    app.store.update_site(&site).await?;
    app.sites.forget();
    Ok(axum::Json(wire(site)))
}

/// A site with the defaults of the contract: it asks for name and phone.
pub(crate) fn new_site(id: SiteId, key: &str, name: &str, now: protocol::UtcMillis) -> Site {
    let ask = |name, required| PrechatField { name, required };
    Site {
        id,
        key: key.to_owned(),
        name: name.to_owned(),
        color: "#1f6048".to_owned(),
        greeting: "How can we help?".to_owned(),
        prechat: vec![
            ask(rest::PrechatName::Name, true),
            ask(rest::PrechatName::Phone, true),
            ask(rest::PrechatName::Message, false),
        ],
        allowed_origins: Vec::new(),
        identity_secrets: vec![token::secret()],
        hours: None,
        created_at: now,
    }
}

fn is_key(key: &str) -> bool {
    (1..=limits::SITE_KEY_CHARS).contains(&key.len())
        && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !key.starts_with('-')
}

fn apply(site: &mut Site, edit: EditSite) -> Result<(), ApiError> {
    let EditSite { key: _, name, color, greeting, prechat, allowed_origins, hours } = edit;
    let mut errors = Vec::new();
    let mut fault =
        |field: &str, message: String| errors.push(FieldError { field: field.to_owned(), message });
    if let Some(name) = name {
        match Name::parse(&name) {
            Ok(name) => site.name = name.into_string(),
            Err(invalid) => fault("name", invalid.0),
        }
    }
    if let Some(color) = color {
        let hex = color
            .strip_prefix('#')
            .filter(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()));
        match hex {
            Some(hex) => site.color = format!("#{}", hex.to_lowercase()),
            None => fault("color", "must be like #1f6048".to_owned()),
        }
    }
    if let Some(greeting) = greeting {
        match optional_line(Some(&greeting), GREETING_CHARS) {
            Ok(greeting) => site.greeting = greeting.unwrap_or_default(),
            Err(invalid) => fault("greeting", invalid.0),
        }
    }
    if let Some(prechat) = prechat {
        let twice =
            prechat.iter().enumerate().any(|(at, field)| prechat[..at].iter().any(|f| f.name == field.name));
        if twice {
            fault("prechat", "names a field twice".to_owned());
        } else {
            site.prechat = prechat;
        }
    }
    if let Some(origins) = allowed_origins {
        if origins.len() > ORIGINS {
            fault("allowed_origins", format!("has more than {ORIGINS} entries"));
        } else {
            match origins.iter().map(|origin| origin::parse_allowed(origin)).collect() {
                Ok(origins) => site.allowed_origins = origins,
                Err(message) => fault("allowed_origins", message),
            }
        }
    }
    if let Some(hours) = hours {
        match hours.map(Hours::check).transpose() {
            Ok(checked) => site.hours = checked.map(|(hours, _)| hours),
            Err(faults) => errors.extend(faults),
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(ApiError::invalid_all(errors)) }
}

fn wire(site: Site) -> rest::Site {
    let Site {
        id,
        key,
        name,
        color,
        greeting,
        prechat,
        allowed_origins,
        identity_secrets,
        hours,
        created_at,
    } = site;
    rest::Site {
        id,
        key,
        name,
        color,
        greeting,
        prechat,
        allowed_origins,
        identity_secrets,
        hours,
        created_at,
    }
}
