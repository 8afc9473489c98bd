//! POST `/sites/{site_key}/sessions`: how a chat begins.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use hub::{Start, Started};
use persistence::Site;
use protocol::{
    Audience, Channel, Email, Entry, FieldError, Invalid, MessageBody, Name, Phone, limits, optional_line,
    rest::{Identity, PageContext, PrechatName, StartSession, StartedSession},
};

use super::{PathId, body::Json, context};
use crate::{
    app::App,
    auth::{
        ClientAddress,
        identity::{self, Claim},
        origin, token,
    },
    error::ApiError,
};

pub(crate) async fn start(
    State(app): State<App>,
    PathId(key): PathId<String>,
    address: ClientAddress,
    headers: HeaderMap,
    Json(body): Json<StartSession>,
) -> Result<(StatusCode, axum::Json<StartedSession>), ApiError> {
    let site = app.sites.by_key(&key).await?.ok_or_else(ApiError::not_found)?;
    origin::allowed_for_site(&headers, &app, &site)?;
    app.rates.start(address.key())?;
    let claim = identity::verify(&site, body.identity.as_ref())?;
    let said = claims(body.identity.as_ref())?;
    let (token, hash) = token::mint();
    let mut start = checked(&app, site.site, body, hash)?;
    start.context["browser"] = serde_json::json!(context::browser(&headers));
    start.context["identity"] = said;
    match claim {
        None => {}
        Some(Claim::Verified(external_id)) => start.verified_external_id = Some(external_id),
        Some(Claim::Unverified(external_id)) => {
            start.context["identity"]["external_id"] = external_id.into();
        }
    }
    let Started { session, grant, entries } = app.hub.start(start).await?;
    let answer = StartedSession {
        token,
        epoch: app.hub.epoch(),
        session: session.summary(Audience::Customer),
        contact: grant.contact(),
        entries: entries.iter().map(|entry| Entry::clone(entry)).collect(),
    };
    Ok((StatusCode::CREATED, axum::Json(answer)))
}

/// What the page says of its visitor beyond their id, for the team to read: the hash proves none of it.
fn claims(identity: Option<&Identity>) -> Result<serde_json::Value, ApiError> {
    let mut faults = Faults::default();
    let mut attributes = BTreeMap::new();
    let said = identity.map(|identity| &identity.attributes);
    if said.is_some_and(|said| said.len() > limits::CLAIMS) {
        faults.add("identity.attributes", format!("has more than {} entries", limits::CLAIMS));
    } else {
        for (key, value) in said.into_iter().flatten() {
            let path = format!(
                "identity.attributes.{}",
                key.chars().take(limits::ATTRIBUTE_NAME_CHARS).collect::<String>()
            );
            let key = faults.take(&path, optional_line(Some(key), limits::ATTRIBUTE_NAME_CHARS)).flatten();
            let value = faults.take(&path, optional_line(Some(value), limits::ATTRIBUTE_CHARS)).flatten();
            if let (Some(key), Some(value)) = (key, value) {
                attributes.insert(key, value);
            }
        }
    }
    let status = identity.and_then(|identity| identity.account_status.as_deref());
    let status = faults.take("identity.account_status", optional_line(status, limits::ACCOUNT_STATUS_CHARS));
    if faults.0.is_empty() {
        Ok(serde_json::json!({ "attributes": attributes, "account_status": status.flatten() }))
    } else {
        Err(ApiError::invalid_all(faults.0))
    }
}

/// Collects every fault of the form, so that a person can mend them together.
#[derive(Default)]
struct Faults(Vec<FieldError>);

impl Faults {
    fn take<T>(&mut self, field: &str, value: Result<T, Invalid>) -> Option<T> {
        value.map_err(|Invalid(message)| self.add(field, message)).ok()
    }

    fn add(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(FieldError { field: field.to_owned(), message: message.into() });
    }
}

fn checked(
    app: &App,
    site: Arc<Site>,
    body: StartSession,
    token: persistence::TokenHash,
) -> Result<Start, ApiError> {
    let StartSession { id, name, phone, email, message, locale, channel, identity: _, page, fields } = body;
    let mut faults = Faults::default();
    let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let name = given(name).and_then(|text| faults.take("name", Name::parse(&text)));
    let phone = given(phone).and_then(|text| faults.take("phone", Phone::parse(&text)));
    let email = given(email).and_then(|text| faults.take("email", Email::parse(&text)));
    let chars = app.config.limits.message_chars;
    let message = given(message).and_then(|text| faults.take("message", MessageBody::parse(&text, chars)));
    let locale = faults.take("locale", optional_line(locale.as_deref(), 35)).flatten();
    let channel = channel.unwrap_or(Channel::Web);
    if !matches!(channel, Channel::Web | Channel::Api) {
        faults.add("channel", "must be web or api: the others are Hubbub's own to say");
    }
    let page = page_context(page.unwrap_or_default(), &mut faults);
    let fields = extra_fields(fields.unwrap_or_default(), &mut faults);
    for field in site.prechat.iter().filter(|field| field.required) {
        let (word, missing) = match field.name {
            PrechatName::Name => ("name", name.is_none()),
            PrechatName::Phone => ("phone", phone.is_none()),
            PrechatName::Email => ("email", email.is_none()),
            PrechatName::Message => ("message", message.is_none()),
        };
        if missing && !faults.0.iter().any(|fault| fault.field == word) {
            faults.add(word, "is required");
        }
    }
    if !faults.0.is_empty() {
        return Err(ApiError::invalid_all(faults.0));
    }
    Ok(Start {
        site,
        channel,
        verified_external_id: None,
        name: name.map(Name::into_string),
        phone: phone.map(Phone::into_string),
        email: email.map(Email::into_string),
        start_key: id,
        token,
        message,
        locale,
        context: serde_json::json!({ "page": page, "fields": fields }),
    })
}

fn page_context(page: PageContext, faults: &mut Faults) -> PageContext {
    let mut line = |field, text: Option<String>| {
        faults.take(field, optional_line(text.as_deref(), limits::PAGE_CHARS)).flatten()
    };
    let address = |text: Option<String>| text.as_deref().and_then(context::cleaned);
    PageContext {
        url: address(line("page.url", page.url)),
        title: line("page.title", page.title),
        referrer: address(line("page.referrer", page.referrer)),
    }
}

fn extra_fields(fields: BTreeMap<String, String>, faults: &mut Faults) -> BTreeMap<String, String> {
    if fields.len() > limits::FIELDS {
        faults.add("fields", format!("has more than {} entries", limits::FIELDS));
        return BTreeMap::new();
    }
    let mut checked = BTreeMap::new();
    for (name, value) in fields {
        let path = format!("fields.{}", name.chars().take(limits::FIELD_NAME_CHARS).collect::<String>());
        match optional_line(Some(&name), limits::FIELD_NAME_CHARS) {
            Ok(Some(name)) => {
                let value = faults.take(&path, optional_line(Some(&value), limits::PAGE_CHARS)).flatten();
                checked.insert(name, value.unwrap_or_default());
            }
            Ok(None) => faults.add(&path, "has an empty name"),
            Err(Invalid(message)) => faults.add(&path, message),
        }
    }
    checked
}
