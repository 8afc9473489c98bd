//! Sessions as wholes: reading, listing, claiming, moving along, ending, rating.

use std::collections::BTreeMap;

use axum::{extract::State, http::StatusCode};
use hub::{
    Caller, Done, Question,
    state::{Action, Assignment, Update},
};
use persistence::ListCursor;
use protocol::{
    AgentId, AgentRef, ErrorCode, SessionId, SessionSummary, Status, TeamId, UtcMillis, View, ViewFilter,
    language_tag, limits, optional_line,
    rest::{
        AssignSession, Attribute, AttributeOf, ListedSession, MergeSession, PatchSession, SessionsPage,
        SetRating, TransferSession,
    },
};

use super::{PathId, attributes::checked_value, body::Json, needs, query::Query, search};
use crate::{
    app::App,
    auth::Asking,
    error::{ApiError, InField},
};

/// GET `/sessions/{id}`.
pub(crate) async fn read(
    State(app): State<App>,
    Asking(caller): Asking,
    PathId(id): PathId<SessionId>,
    query: Query,
) -> Result<axum::Json<SessionSummary>, ApiError> {
    query.finish()?;
    Ok(axum::Json(app.hub.summary(&app.hub.session(&caller, id).await?, caller.audience())))
}

/// GET `/sessions`, for the team.
pub(crate) async fn list(
    State(app): State<App>,
    Asking(caller): Asking,
    mut query: Query,
) -> Result<axum::Json<SessionsPage>, ApiError> {
    if matches!(caller, Caller::Customer(_)) {
        return Err(ApiError::new(ErrorCode::Forbidden, "A customer's sessions are at /api/v1/me."));
    }
    let view = query.word::<View>("view")?;
    if view.is_none()
        && let Some(wanted) = search::wanted(&mut query)?
    {
        return search::list(&app, &caller, query, wanted).await;
    }
    let Question { filter, order, .. } = match &view {
        Some(view) => app.hub.question(&caller, view).await?,
        None => question_of(&app, &caller, &mut query).await?,
    };
    let limit = page_limit(&mut query)?;
    let cursor = query.text("cursor").map(|text| parse_cursor(&text)).transpose()?;
    query.finish()?;
    let page = app.store.list_sessions(&filter, order, cursor, limit).await?;
    let listed =
        |session| ListedSession { session: app.hub.summary(session, caller.audience()), found: None };
    Ok(axum::Json(SessionsPage {
        items: page.items.iter().map(listed).collect(),
        next_cursor: page.next.map(|ListCursor { at, id }| format!("{}.{id}", at.get())),
        total: page.total,
        total_is_exact: true,
    }))
}

pub(super) fn page_limit(query: &mut Query) -> Result<u32, ApiError> {
    let limit = query.number("limit", 1..=u64::from(limits::PAGE_MAX))?;
    Ok(limit.and_then(|limit| u32::try_from(limit).ok()).unwrap_or(limits::PAGE_DEFAULT))
}

/// How a time is given.
const TIME: &str = "a time like 2026-11-20T09:00:00Z";

/// What a query asks.
pub(crate) async fn question_of(app: &App, caller: &Caller, query: &mut Query) -> Result<Question, ApiError> {
    let filter = ViewFilter {
        status: query.words("status")?,
        assignee: match query.text("assignee") {
            None => None,
            Some(who) => Some(who.parse().map_err(|message| ApiError::invalid("assignee", message))?),
        },
        priority: query.words("priority")?,
        tag: query.text("tag"),
        category: query.text("category"),
        team: query.parse::<TeamId>("team", "a team's id")?,
        site: query.text("site"),
        channel: query.word("channel")?,
        snoozed: query.parse::<bool>("snoozed", "true or false")?,
        from: query.parse::<UtcMillis>("from", TIME)?,
        to: query.parse::<UtcMillis>("to", TIME)?,
        sort: query.word("sort")?,
    };
    filter.check().map_err(ApiError::invalid_all)?;
    Ok(app.hub.question(caller, &View::Filter(filter.into())).await?)
}

/// A cursor of a page of sessions.
pub(crate) fn parse_cursor(text: &str) -> Result<ListCursor, ApiError> {
    let cursor = text
        .split_once('.')
        .and_then(|(at, id)| Some(ListCursor { at: UtcMillis::new(at.parse().ok()?), id: id.parse().ok()? }));
    cursor.ok_or_else(|| ApiError::invalid("cursor", "must be the next_cursor of an earlier page"))
}

async fn change(
    app: &App,
    caller: Caller,
    id: SessionId,
    action: Action,
) -> Result<axum::Json<SessionSummary>, ApiError> {
    let audience = caller.audience();
    match app.hub.act(caller, id, action).await? {
        Done::Changed(session) => Ok(axum::Json(app.hub.summary(&session, audience))),
        Done::Sent { .. } => Err(ApiError::new(ErrorCode::Internal, "Something went wrong on our side.")),
    }
}

/// POST `/sessions/{id}/claim`.
pub(crate) async fn claim(
    State(app): State<App>,
    Asking(caller): Asking,
    PathId(id): PathId<SessionId>,
) -> Result<axum::Json<SessionSummary>, ApiError> {
    change(&app, caller, id, Action::Claim).await
}

/// POST `/sessions/{id}/join`.
pub(crate) async fn join(
    State(app): State<App>,
    Asking(caller): Asking,
    PathId(id): PathId<SessionId>,
) -> Result<axum::Json<SessionSummary>, ApiError> {
    change(&app, caller, id, Action::Join).await
}

/// PATCH `/sessions/{id}`.
pub(crate) async fn patch(
    State(app): State<App>,
    Asking(caller): Asking,
    PathId(id): PathId<SessionId>,
    Json(patch): Json<PatchSession>,
) -> Result<axum::Json<SessionSummary>, ApiError> {
    let now = app.hub.clock().now();
    let mut update = updating(&patch, now)?;
    if !update.attributes.is_empty() {
        app.hub.session(&caller, id).await?;
        team_only(&caller)?;
        typed(&app.store.attributes_of(AttributeOf::Session).await?, &mut update.attributes)?;
    }
    if patch.team_id.is_some() || patch.skills.is_some() {
        // What the caller may not see is not there, whatever teams there are.
        app.hub.session(&caller, id).await?;
        team_only(&caller)?;
        update.team = match patch.team_id {
            Some(Some(team)) => Some(Some(needs::team(&app, team).await?)),
            other => other.map(|_| None),
        };
        update.skills = match &patch.skills {
            Some(skills) => Some(needs::asked(&app, skills).await?),
            None => None,
        };
    }
    let only_status = |status| Update { status: Some(status), ..Update::default() };
    let action = match update.status {
        // All that a customer can do here.
        Some(status) if update == only_status(status) => Action::SetStatus(status),
        None if update == Update::default() => {
            return Ok(axum::Json(app.hub.summary(&app.hub.session(&caller, id).await?, caller.audience())));
        }
        _ => Action::Update(update.into()),
    };
    change(&app, caller, id, action).await
}

/// Checks every field.
fn updating(patch: &PatchSession, now: UtcMillis) -> Result<Update, ApiError> {
    let PatchSession { status, priority, snoozed_until, .. } = *patch;
    let PatchSession { subject, category, tags, attributes, language, .. } = patch.clone();
    let line = |name: &str, max: usize, said: Option<Option<String>>| {
        said.map(|text| optional_line(text.as_deref(), max)).transpose().in_field(name)
    };
    if let Some(Some(until)) = snoozed_until
        && (until <= now || until > now.plus(limits::SNOOZE))
    {
        return Err(ApiError::invalid("snoozed_until", "must be in the future, within a year"));
    }
    Ok(Update {
        status,
        priority,
        subject: line("subject", limits::SUBJECT_CHARS, subject)?,
        category: line("category", limits::CATEGORY_CHARS, category)?,
        tags: tags.as_deref().map(checked_tags).transpose()?,
        attributes: checked_attributes(attributes)?,
        snoozed_until,
        language: language
            .map(|tag| tag.map(|tag| language_tag(&tag)).transpose())
            .transpose()
            .in_field("language")?,
        ..Update::default()
    })
}

/// Tags as they are kept: sorted, each once.
pub(crate) fn checked_tags(tags: &[String]) -> Result<Vec<String>, ApiError> {
    if tags.len() > limits::TAGS {
        return Err(ApiError::invalid("tags", format!("must be at most {}", limits::TAGS)));
    }
    let mut checked = Vec::with_capacity(tags.len());
    for tag in tags {
        let tag = optional_line(Some(tag), limits::TAG_CHARS).in_field("tags")?;
        let tag = tag.ok_or_else(|| ApiError::invalid("tags", "must not hold an empty one"))?.to_lowercase();
        if tag.contains(',') {
            return Err(ApiError::invalid("tags", "must not hold a comma"));
        }
        checked.push(tag);
    }
    checked.sort_unstable();
    checked.dedup();
    Ok(checked)
}

fn checked_attributes(
    said: BTreeMap<String, Option<String>>,
) -> Result<BTreeMap<String, Option<String>>, ApiError> {
    if said.len() > limits::ATTRIBUTES {
        return Err(ApiError::invalid("attributes", format!("must be at most {}", limits::ATTRIBUTES)));
    }
    let checked = said.into_iter().map(|(name, value)| {
        let name = optional_line(Some(&name), limits::ATTRIBUTE_NAME_CHARS).in_field("attributes")?;
        let name = name.ok_or_else(|| ApiError::invalid("attributes", "must not hold an empty name"))?;
        // An empty value is none.
        let value = optional_line(value.as_deref(), limits::ATTRIBUTE_CHARS);
        Ok((name.clone(), value.in_field(&format!("attributes.{name}"))?))
    });
    checked.collect()
}

/// Where an attribute is defined, its kind counts.
fn typed(defined: &[Attribute], attributes: &mut BTreeMap<String, Option<String>>) -> Result<(), ApiError> {
    for (key, value) in attributes {
        if let Some(definition) = defined.iter().find(|one| one.key == *key) {
            let checked = checked_value(definition, value.as_deref());
            *value = checked.in_field(&format!("attributes.{key}"))?;
        }
    }
    Ok(())
}

/// POST `/sessions/{id}/assign`.
pub(crate) async fn assign(
    State(app): State<App>,
    Asking(caller): Asking,
    PathId(id): PathId<SessionId>,
    Json(AssignSession { agent_id }): Json<AssignSession>,
) -> Result<axum::Json<SessionSummary>, ApiError> {
    // What the caller may not see is not there, whomever it is to go to.
    app.hub.session(&caller, id).await?;
    let agent = match agent_id {
        Some(agent) => Some(colleague(&app, &caller, agent).await?),
        None => None,
    };
    change(&app, caller, id, Action::Assign(Assignment::Assign(agent).into())).await
}

/// POST `/sessions/{id}/transfer`.
pub(crate) async fn transfer(
    State(app): State<App>,
    Asking(caller): Asking,
    PathId(id): PathId<SessionId>,
    Json(said): Json<TransferSession>,
) -> Result<axum::Json<SessionSummary>, ApiError> {
    app.hub.session(&caller, id).await?;
    let how = needs::transfer(&app, &caller, said).await?;
    change(&app, caller, id, Action::Assign(how.into())).await
}

/// Refuses a customer, who may see the chat.
pub(super) fn team_only(caller: &Caller) -> Result<(), ApiError> {
    match caller {
        Caller::Customer(_) => {
            Err(ApiError::new(ErrorCode::Forbidden, "Only the team can hand a chat over."))
        }
        Caller::Agent { .. } | Caller::System => Ok(()),
    }
}

/// POST `/sessions/{id}/merge`: answers with the session in which it goes on.
pub(crate) async fn merge(
    State(app): State<App>,
    Asking(caller): Asking,
    PathId(id): PathId<SessionId>,
    Json(MergeSession { into }): Json<MergeSession>,
) -> Result<axum::Json<SessionSummary>, ApiError> {
    let merged = app.hub.merge(&caller, id, into).await?;
    Ok(axum::Json(app.hub.summary(&merged, caller.audience())))
}

/// POST `/sessions/{id}/unmerge`: answers with the session as it was before.
pub(crate) async fn unmerge(
    State(app): State<App>,
    Asking(caller): Asking,
    PathId(id): PathId<SessionId>,
) -> Result<axum::Json<SessionSummary>, ApiError> {
    let parted = app.hub.unmerge(&caller, id).await?;
    Ok(axum::Json(app.hub.summary(&parted, caller.audience())))
}

/// Somebody of the team who can be given a session.
pub(crate) async fn colleague(app: &App, caller: &Caller, id: AgentId) -> Result<AgentRef, ApiError> {
    team_only(caller)?;
    match app.store.agent(id).await? {
        Some(agent) if agent.disabled => Err(ApiError::invalid("agent_id", "is of somebody who is shut out")),
        Some(agent) => Ok(AgentRef { id: agent.id, name: agent.name }),
        None => Err(ApiError::invalid("agent_id", "is nobody of the team")),
    }
}

/// POST `/sessions/{id}/close`.
pub(crate) async fn close(
    State(app): State<App>,
    Asking(caller): Asking,
    PathId(id): PathId<SessionId>,
) -> Result<axum::Json<SessionSummary>, ApiError> {
    change(&app, caller, id, Action::SetStatus(Status::Closed)).await
}

/// POST `/sessions/{id}/rating`.
pub(crate) async fn rate(
    State(app): State<App>,
    Asking(caller): Asking,
    PathId(id): PathId<SessionId>,
    Json(SetRating { score, comment }): Json<SetRating>,
) -> Result<StatusCode, ApiError> {
    if !(1..=5).contains(&score) {
        return Err(ApiError::invalid("score", "must be a number from 1 to 5"));
    }
    let comment = optional_line(comment.as_deref(), limits::COMMENT_CHARS).in_field("comment")?;
    // What the caller may not see is not there, however fast they ask.
    app.hub.session(&caller, id).await?;
    // It is a line of the log as a message is.
    app.rates.send(&caller, id)?;
    let _: axum::Json<SessionSummary> = change(&app, caller, id, Action::Rate { score, comment }).await?;
    Ok(StatusCode::NO_CONTENT)
}
