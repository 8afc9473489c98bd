//! What surrounds a session, for the team: the page it began on, where the visitor is, the customer's other chats.

mod address;
mod browser;

use std::collections::BTreeMap;

use axum::{extract::State, http::StatusCode};
use hub::Caller;
use persistence::{History, ListCursor, Session, StoredContext};
use protocol::{
    ErrorCode, Rating, SessionId, SessionSummary, limits, optional_line,
    rest::{Browser, CustomerHistory, Page, PageContext, PastRating, SeenPage, SessionContext, SetPage},
};
use serde::Deserialize;

pub(crate) use address::cleaned;
pub(crate) use browser::browser;

use super::{PathId, body::Json, contacts, query::Query, sessions::parse_cursor};
use crate::{
    app::App,
    auth::Asking,
    blocks,
    error::{ApiError, InField},
};

/// What a start keeps as JSON; of older ones, less of it is there.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Kept {
    page: PageContext,
    fields: BTreeMap<String, String>,
    browser: Option<Browser>,
    identity: KeptIdentity,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct KeptIdentity {
    /// Where nobody proved it.
    external_id: Option<String>,
    attributes: BTreeMap<String, String>,
    account_status: Option<String>,
}

/// GET `/sessions/{id}/context`.
pub(crate) async fn read(
    State(app): State<App>,
    Asking(caller): Asking,
    PathId(id): PathId<SessionId>,
    query: Query,
) -> Result<axum::Json<SessionContext>, ApiError> {
    query.finish()?;
    let session = for_team(&app, &caller, id).await?;
    let StoredContext { context, locale } =
        app.store.session_context(session.id).await?.ok_or_else(ApiError::not_found)?;
    let kept: Kept = serde_json::from_value(context).unwrap_or_default();
    let history = app.store.history(&session, caller.restricted_to()).await?;
    Ok(axum::Json(SessionContext {
        page: kept.page,
        fields: kept.fields,
        browser: kept.browser,
        locale,
        claimed_external_id: kept.identity.external_id,
        claimed_attributes: kept.identity.attributes,
        claimed_account_status: kept.identity.account_status,
        contact: contacts::of_session(&app, session.contact.id).await?,
        history: shown(&app, &caller, history),
        pages: app.store.pages_seen(session.id).await?,
    }))
}

fn shown(app: &App, caller: &Caller, history: History) -> CustomerHistory {
    let summaries = |sessions: &[Session]| {
        sessions.iter().map(|session| app.hub.summary(session, caller.audience())).collect()
    };
    let rating = |(session_id, number, rating): (SessionId, u64, Rating)| PastRating {
        session_id,
        number,
        score: rating.score,
        comment: rating.comment,
        rated_at: rating.rated_at,
    };
    CustomerHistory {
        sessions: history.sessions,
        hidden: history.sessions.saturating_sub(history.visible),
        open: summaries(&history.open),
        earlier: summaries(&history.earlier),
        ratings: history.ratings.into_iter().map(rating).collect(),
        first_seen_at: history.first_seen,
        last_seen_at: history.last_seen,
    }
}

/// GET `/sessions/{id}/related`: the customer's other chats.
pub(crate) async fn related(
    State(app): State<App>,
    Asking(caller): Asking,
    PathId(id): PathId<SessionId>,
    mut query: Query,
) -> Result<axum::Json<Page<SessionSummary>>, ApiError> {
    let session = for_team(&app, &caller, id).await?;
    let limit = query.number("limit", 1..=u64::from(limits::PAGE_MAX))?;
    let limit = limit.and_then(|limit| u32::try_from(limit).ok()).unwrap_or(limits::PAGE_DEFAULT);
    let cursor = query.text("cursor").map(|text| parse_cursor(&text)).transpose()?;
    query.finish()?;
    let page = app.store.related_sessions(&session, caller.restricted_to(), cursor, limit).await?;
    Ok(axum::Json(Page {
        items: page.items.iter().map(|session| app.hub.summary(session, caller.audience())).collect(),
        next_cursor: page.next.map(|ListCursor { at, id }| format!("{}.{id}", at.get())),
        total: page.total,
    }))
}

/// The session, if the caller may see it and is of the team.
async fn for_team(app: &App, caller: &Caller, id: SessionId) -> Result<Session, ApiError> {
    let session = app.hub.session(caller, id).await?;
    match caller {
        Caller::Customer(_) => Err(ApiError::new(ErrorCode::Forbidden, "This is the team's to read.")),
        Caller::Agent { .. } | Caller::System => Ok(session),
    }
}

/// POST `/sessions/{id}/page`, by the customer.
pub(crate) async fn set_page(
    State(app): State<App>,
    Asking(caller): Asking,
    PathId(id): PathId<SessionId>,
    Json(SetPage { url, title }): Json<SetPage>,
) -> Result<StatusCode, ApiError> {
    app.hub.session(&caller, id).await?;
    let Caller::Customer(grant) = &caller else {
        return Err(ApiError::new(ErrorCode::Forbidden, "Only a customer's page is kept."));
    };
    blocks::not_blocked(&app, &caller)?;
    app.rates.page(grant.contact_id)?;
    let url = optional_line(Some(&url), limits::PAGE_CHARS).in_field("url")?;
    let url = url.as_deref().and_then(cleaned);
    let url = url.ok_or_else(|| ApiError::invalid("url", "must be an address of http or https"))?;
    let title = optional_line(title.as_deref(), limits::PAGE_CHARS).in_field("title")?;
    let seen = SeenPage { url, title, seen_at: app.hub.clock().now() };
    app.store.page_seen(id, &seen).await?;
    Ok(StatusCode::NO_CONTENT)
}
