//! Contacts, for the team to read and to keep in order. Who may not see all chats sees those of whom there is a chat that
//! they may see, and those who never chatted.

mod fields;
mod list;

use axum::{extract::State, http::StatusCode};
use hub::ContactError;
use persistence::{ContactChange, ContactRefusal, ListCursor, MadeContact};
use protocol::{
    ContactId, ErrorCode, Role, SessionSummary, limits, one_line,
    rest::{AttributeOf, BlockContact, Contact, ContactBlock, EditContact, MergeContact, NewContact, Page},
};

use super::{PathId, attributes::shown, body::Json, query::Query, sessions::parse_cursor};
use crate::{
    app::App,
    auth::{Lead, Member},
    error::{ApiError, InField as _},
};

pub(crate) use list::list;

/// GET `/contacts/{id}`.
pub(crate) async fn read(
    State(app): State<App>,
    Member(agent): Member,
    PathId(id): PathId<ContactId>,
    query: Query,
) -> Result<axum::Json<Contact>, ApiError> {
    query.finish()?;
    visible(&app, &agent, id).await?;
    found(&app, id).await.map(axum::Json)
}

/// POST `/contacts`.
pub(crate) async fn create(
    State(app): State<App>,
    Member(agent): Member,
    Json(new): Json<NewContact>,
) -> Result<(StatusCode, axum::Json<Contact>), ApiError> {
    if new.external_id.is_some() && agent.role == Role::Agent {
        let why = "Only a supervisor or an admin can vouch for who somebody is.";
        return Err(ApiError::new(ErrorCode::Forbidden, why));
    }
    let site = app.sites.by_key(&new.site).await?;
    let site = site.ok_or_else(|| ApiError::invalid("site", "is not the key of a site"))?;
    let edit = EditContact {
        version: None,
        name: new.name.map(Some),
        phone: new.phone.map(Some),
        email: new.email.map(Some),
        account_status: new.account_status.map(Some),
        attributes: new.attributes.into_iter().map(|(key, value)| (key, Some(value))).collect(),
    };
    let external_id = new.external_id.as_deref().map(fields::external_id).transpose()?;
    let edit = fields::checked(&edit, &app.store.attributes_of(AttributeOf::Contact).await?)?;
    let made = MadeContact {
        id: ContactId::new(app.hub.clock().mint_opaque()),
        site_id: site.id,
        external_id,
        name: edit.name.flatten(),
        phone: edit.phone.flatten(),
        email: edit.email.flatten(),
        account_status: edit.account_status.flatten(),
        attributes: edit.attributes.into_iter().filter_map(|(key, value)| Some((key, value?))).collect(),
    };
    if made.name.is_none() && made.phone.is_none() && made.email.is_none() && made.external_id.is_none() {
        return Err(ApiError::invalid("name", "or another field must say who it is"));
    }
    let by = protocol::AgentRef { id: agent.id, name: agent.name };
    let clock = app.hub.clock();
    app.store.create_contact(&made, &by, clock.mint(), clock.now()).await?;
    Ok((StatusCode::CREATED, axum::Json(found(&app, made.id).await?)))
}

/// PATCH `/contacts/{id}`.
pub(crate) async fn update(
    State(app): State<App>,
    Member(agent): Member,
    PathId(id): PathId<ContactId>,
    Json(edit): Json<EditContact>,
) -> Result<axum::Json<Contact>, ApiError> {
    visible(&app, &agent, id).await?;
    let version = edit.version;
    let edit = fields::checked(&edit, &app.store.attributes_of(AttributeOf::Contact).await?)?;
    change(&app, &agent, id, &ContactChange::Edit(edit, version)).await
}

/// DELETE `/contacts/{id}`.
pub(crate) async fn delete(
    State(app): State<App>,
    _: Lead,
    PathId(id): PathId<ContactId>,
) -> Result<StatusCode, ApiError> {
    if app.store.delete_contact(id).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    found(&app, id).await?;
    let why = "It has chats, or another contact was merged into it. Merge it, or block it.";
    Err(ApiError::new(ErrorCode::InUse, why))
}

/// GET `/contacts/{id}/sessions`.
pub(crate) async fn sessions(
    State(app): State<App>,
    Member(agent): Member,
    PathId(id): PathId<ContactId>,
    mut query: Query,
) -> Result<axum::Json<Page<SessionSummary>>, ApiError> {
    let limit = query.number("limit", 1..=u64::from(limits::PAGE_MAX))?;
    let limit = limit.and_then(|limit| u32::try_from(limit).ok()).unwrap_or(limits::PAGE_DEFAULT);
    let cursor = query.text("cursor").map(|text| parse_cursor(&text)).transpose()?;
    query.finish()?;
    visible(&app, &agent, id).await?;
    found(&app, id).await?;
    let caller = app.agent_caller(&agent);
    let page = app.store.contact_sessions(id, caller.restricted_to(), cursor, limit).await?;
    Ok(axum::Json(Page {
        items: page.items.iter().map(|session| app.hub.summary(session, caller.audience())).collect(),
        next_cursor: page.next.map(|ListCursor { at, id }| format!("{}.{id}", at.get())),
        total: page.total,
    }))
}

/// POST `/contacts/{id}/block`.
pub(crate) async fn block(
    State(app): State<App>,
    Member(agent): Member,
    PathId(id): PathId<ContactId>,
    Json(BlockContact { reason, until }): Json<BlockContact>,
) -> Result<axum::Json<Contact>, ApiError> {
    visible(&app, &agent, id).await?;
    let reason = one_line(&reason, limits::BLOCK_REASON_CHARS).in_field("reason")?;
    if reason.is_empty() {
        return Err(ApiError::invalid("reason", "must not be empty"));
    }
    let now = app.hub.clock().now();
    if until.is_some_and(|until| until <= now || until >= limits::FOREVER) {
        return Err(ApiError::invalid("until", "must be in the future"));
    }
    let by = Some(protocol::AgentRef { id: agent.id, name: agent.name.clone() });
    change(&app, &agent, id, &ContactChange::Block(ContactBlock { reason, until, at: now, by })).await
}

/// POST `/contacts/{id}/unblock`.
pub(crate) async fn unblock(
    State(app): State<App>,
    Member(agent): Member,
    PathId(id): PathId<ContactId>,
) -> Result<axum::Json<Contact>, ApiError> {
    change(&app, &agent, id, &ContactChange::Unblock).await
}

/// POST `/contacts/{id}/merge`.
pub(crate) async fn merge(
    State(app): State<App>,
    Member(agent): Member,
    PathId(id): PathId<ContactId>,
    Json(MergeContact { into }): Json<MergeContact>,
) -> Result<axum::Json<Contact>, ApiError> {
    visible(&app, &agent, into).await?;
    change(&app, &agent, id, &ContactChange::Merge(into)).await
}

/// POST `/contacts/{id}/unmerge`.
pub(crate) async fn unmerge(
    State(app): State<App>,
    Member(agent): Member,
    PathId(id): PathId<ContactId>,
) -> Result<axum::Json<Contact>, ApiError> {
    change(&app, &agent, id, &ContactChange::Unmerge).await
}

async fn change(
    app: &App,
    agent: &persistence::Agent,
    id: ContactId,
    change: &ContactChange,
) -> Result<axum::Json<Contact>, ApiError> {
    visible(app, agent, id).await?;
    let done = app.hub.change_contact(&app.agent_caller(agent), id, change).await.map_err(refusal)?;
    found(app, done.contact).await.map(axum::Json)
}

fn refusal(error: ContactError) -> ApiError {
    let refused = match error {
        ContactError::Hub(error) => return error.into(),
        ContactError::Refused(refused) => refused,
    };
    match refused {
        ContactRefusal::Missing | ContactRefusal::OtherMissing => ApiError::not_found(),
        ContactRefusal::ChangedMeanwhile => ApiError::new(
            ErrorCode::ChangedMeanwhile,
            "Somebody changed or merged this contact meanwhile. Read it again.",
        ),
        ContactRefusal::PhoneTaken => ApiError::new(
            ErrorCode::Conflict,
            "Another contact of the site has this phone number. Merge the two.",
        ),
        ContactRefusal::TooManyAttributes => {
            ApiError::invalid("attributes", format!("would be more than the limit of {}", limits::ATTRIBUTES))
        }
        ContactRefusal::NotMergeable(why) => ApiError::new(ErrorCode::NotMergeable, why),
    }
}

/// What the caller may not see is not there.
async fn visible(app: &App, agent: &persistence::Agent, id: ContactId) -> Result<(), ApiError> {
    match app.agent_caller(agent).restricted_to() {
        Some(agent) if !app.store.contact_visible(id, agent).await? => Err(ApiError::not_found()),
        _ => Ok(()),
    }
}

/// The contact, as it is shown.
async fn found(app: &App, id: ContactId) -> Result<Contact, ApiError> {
    let contact = app.store.contact(id).await?.ok_or_else(ApiError::not_found)?;
    let defined = app.store.attributes_of(AttributeOf::Contact).await?;
    Ok(as_shown(app, contact, &shown(&defined)))
}

/// Without what is over, and without what is not defined (any more).
pub(super) fn as_shown(app: &App, mut contact: Contact, keys: &[&str]) -> Contact {
    let now = app.hub.clock().now();
    contact.attributes.retain(|key, _| keys.contains(&key.as_str()));
    contact.blocked = contact.blocked.filter(|block| block.until.is_none_or(|until| until > now));
    contact
}

/// Who the customer of a chat is.
pub(super) async fn of_session(app: &App, id: ContactId) -> Result<Option<Contact>, ApiError> {
    match found(app, id).await {
        Ok(contact) => Ok(Some(contact)),
        Err(ApiError { code: ErrorCode::NotFound, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
