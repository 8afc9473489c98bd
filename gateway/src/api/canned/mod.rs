//! Canned answers: every agent makes their own, supervisors and admins those of teams and of all.

mod attachments;
mod files;
mod render;

use axum::{extract::State, http::StatusCode};
use persistence::{
    Agent, CannedCursor, CannedFilter, CannedKept, CannedOrder, CannedOwner, CannedReader, CannedText,
};
use protocol::{
    CannedId, ErrorCode, Invalid, MessageBody, Role, TeamId, Template, limits, one_line,
    rest::{CannedAnswer, CannedCategory, CannedScope, EditCanned, Page},
};

pub(crate) use attachments::{add as add_file, attach, file_for, remove as remove_file};
pub(crate) use files::{export, import};
pub(crate) use render::{preview, render};

use super::{PathId, body::Json, query::Query};
use crate::{
    app::App,
    auth::Member,
    error::{ApiError, Faults, InField as _},
};

/// GET `/canned`.
pub(crate) async fn list(
    State(app): State<App>,
    Member(me): Member,
    mut query: Query,
) -> Result<axum::Json<Page<CannedAnswer>>, ApiError> {
    let search = query.text("q").unwrap_or_default();
    let category = query.text("category");
    let filter = CannedFilter {
        search: one_line(&search, limits::SEARCH_CHARS).in_field("q")?,
        category: category
            .map(|name| one_line(&name, limits::CATEGORY_CHARS))
            .transpose()
            .in_field("category")?,
        scope: scope(&mut query)?,
        team: query.parse::<TeamId>("team", "a team's id")?,
        usable: query.parse("usable", "true or false")?.unwrap_or_default(),
        order: match query.text("sort").as_deref() {
            None | Some("shortcut") => CannedOrder::Shortcut,
            Some("uses") => CannedOrder::Uses,
            Some("recent") => CannedOrder::Recent,
            Some("match") => CannedOrder::Match,
            Some(_) => return Err(ApiError::invalid("sort", "must be one of shortcut, uses, recent, match")),
        },
    };
    let limit = limit(&mut query)?;
    let cursor = query.text("cursor").map(|text| parse_cursor(&text)).transpose()?;
    query.finish()?;
    let page = app.store.canned_answers(reader(&me), &filter, cursor.as_ref(), limit).await?;
    let next_cursor = page.next.map(|CannedCursor { rank, shortcut, id }| format!("{rank}.{id}.{shortcut}"));
    let items = page.items.into_iter().map(|answer| told(&app, answer)).collect();
    Ok(axum::Json(Page { items, next_cursor, total: page.total }))
}

/// GET `/canned/categories`.
pub(crate) async fn categories(
    State(app): State<App>,
    Member(me): Member,
    mut query: Query,
) -> Result<axum::Json<Page<CannedCategory>>, ApiError> {
    let limit = limit(&mut query)?;
    let after = query.text("cursor").unwrap_or_default();
    let after = one_line(&after, limits::CATEGORY_CHARS).in_field("cursor")?;
    query.finish()?;
    let (mut items, total) = app.store.canned_categories(reader(&me), &after, limit + 1).await?;
    let more = items.len() > limit as usize;
    items.truncate(limit as usize);
    let next_cursor = items.last().filter(|_| more).map(|last| last.name.clone());
    Ok(axum::Json(Page { items, next_cursor, total }))
}

/// GET `/canned/{canned}`.
pub(crate) async fn read(
    State(app): State<App>,
    Member(me): Member,
    PathId(id): PathId<CannedId>,
    query: Query,
) -> Result<axum::Json<CannedAnswer>, ApiError> {
    query.finish()?;
    Ok(axum::Json(seen(&app, &me, id).await?))
}

/// POST `/canned`.
pub(crate) async fn create(
    State(app): State<App>,
    Member(me): Member,
    Json(edit): Json<EditCanned>,
) -> Result<(StatusCode, axum::Json<CannedAnswer>), ApiError> {
    let scope = edit.scope.unwrap_or(CannedScope::Personal);
    may_keep(&me, scope)?;
    let mut faults = Faults::default();
    for (field, missing) in [("shortcut", edit.shortcut.is_none()), ("body", edit.body.is_none())] {
        if missing {
            faults.add(field, "is missing");
        }
    }
    let owner = owner(&app, &me, scope, edit.team_id, &mut faults).await?;
    let texts = Texts {
        shortcut: edit.shortcut.unwrap_or_default(),
        title: edit.title.unwrap_or_default(),
        category: edit.category.unwrap_or_default(),
        body: edit.body.unwrap_or_default(),
    };
    // What is missing is not told to be empty, too.
    let text = if faults.is_empty() { texts.checked(&app, owner, "", &mut faults) } else { None };
    faults.finish()?;
    let text = text.ok_or_else(|| ApiError::new(ErrorCode::Internal, "no text, and no fault"))?;
    let now = app.hub.clock().now();
    match app.store.keep_canned(std::slice::from_ref(&text), me.id, now, false).await? {
        CannedKept::Kept { .. } => Ok((StatusCode::CREATED, axum::Json(seen(&app, &me, text.id).await?))),
        CannedKept::Exists(_) => Err(exists()),
        CannedKept::Full(limit) => Err(full(limit)),
        CannedKept::FullOfOwn(limit) => Err(full_of_own(limit)),
    }
}

/// PATCH `/canned/{canned}`.
pub(crate) async fn update(
    State(app): State<App>,
    Member(me): Member,
    PathId(id): PathId<CannedId>,
    Json(edit): Json<EditCanned>,
) -> Result<axum::Json<CannedAnswer>, ApiError> {
    let before = seen(&app, &me, id).await?;
    may_keep(&me, before.scope)?;
    let scope = edit.scope.unwrap_or(before.scope);
    may_keep(&me, scope)?;
    let mut faults = Faults::default();
    let team = edit.team_id.or_else(|| {
        let team = before.team.as_ref().map(|team| team.id);
        team.filter(|_| scope == CannedScope::Team)
    });
    let owner = owner(&app, &me, scope, team, &mut faults).await?;
    let texts = Texts {
        shortcut: edit.shortcut.unwrap_or(before.shortcut),
        title: edit.title.unwrap_or(before.title),
        category: edit.category.unwrap_or(before.category),
        body: edit.body.unwrap_or(before.body),
    };
    let text = texts.checked(&app, owner, "", &mut faults);
    faults.finish()?;
    let text = text.ok_or_else(|| ApiError::new(ErrorCode::Internal, "no text, and no fault"))?;
    if !app.store.update_canned(&CannedText { id, ..text }, me.id, app.hub.clock().now()).await? {
        return Err(ApiError::not_found());
    }
    Ok(axum::Json(seen(&app, &me, id).await?))
}

/// DELETE `/canned/{canned}`.
pub(crate) async fn delete(
    State(app): State<App>,
    Member(me): Member,
    PathId(id): PathId<CannedId>,
) -> Result<StatusCode, ApiError> {
    may_keep(&me, seen(&app, &me, id).await?.scope)?;
    if app.store.delete_canned(id).await? { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::not_found()) }
}

/// POST `/canned/{canned}/used`.
pub(crate) async fn used(
    State(app): State<App>,
    Member(me): Member,
    PathId(id): PathId<CannedId>,
) -> Result<StatusCode, ApiError> {
    seen(&app, &me, id).await?;
    app.store.canned_used(id, app.hub.clock().now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn leads(role: Role) -> bool {
    matches!(role, Role::Supervisor | Role::Admin)
}

fn reader(agent: &Agent) -> CannedReader {
    CannedReader { agent: agent.id, leads: leads(agent.role) }
}

/// The answer, if the agent may see it.
async fn seen(app: &App, agent: &Agent, id: CannedId) -> Result<CannedAnswer, ApiError> {
    app.store
        .canned_answer(reader(agent), id)
        .await?
        .map(|answer| told(app, answer))
        .ok_or_else(ApiError::not_found)
}

/// The answer with addresses under which its files can be read.
fn told(app: &App, mut answer: CannedAnswer) -> CannedAnswer {
    let now = app.hub.clock().now();
    answer.attachments = answer.attachments.into_iter().map(|file| app.urls.signed_file(file, now)).collect();
    answer
}

/// # Errors
/// The agent may not make or change those of this scope.
fn may_keep(agent: &Agent, scope: CannedScope) -> Result<(), ApiError> {
    keeps(reader(agent), scope)
}

fn keeps(reader: CannedReader, scope: CannedScope) -> Result<(), ApiError> {
    if scope == CannedScope::Personal || reader.leads {
        return Ok(());
    }
    let detail =
        "Only a supervisor or an admin can make and change canned answers of a team, and those for all.";
    Err(ApiError::new(ErrorCode::Forbidden, detail))
}

/// Whose an answer is to be.
async fn owner(
    app: &App,
    agent: &Agent,
    scope: CannedScope,
    team: Option<TeamId>,
    faults: &mut Faults,
) -> Result<CannedOwner, ApiError> {
    Ok(match (scope, team) {
        (CannedScope::Personal, None) => CannedOwner::Agent(agent.id),
        (CannedScope::All, None) => CannedOwner::All,
        (CannedScope::Team, Some(id)) => {
            if app.store.team(id).await?.is_none() {
                faults.add("team_id", "is no team");
            }
            CannedOwner::Team(id)
        }
        (CannedScope::Team, None) => {
            faults.add("team_id", "is missing");
            CannedOwner::All
        }
        (CannedScope::Personal | CannedScope::All, Some(_)) => {
            faults.add("team_id", "is only for the scope team");
            CannedOwner::All
        }
    })
}

/// The texts of an answer, as somebody wrote them.
struct Texts {
    shortcut: String,
    title: String,
    category: String,
    body: String,
}

impl Texts {
    /// The answer, new, if there is no fault; `within` is where the fields are.
    fn checked(
        &self,
        app: &App,
        owner: CannedOwner,
        within: &str,
        faults: &mut Faults,
    ) -> Option<CannedText> {
        let mut take =
            |field: &str, text: Result<String, Invalid>| faults.take(&format!("{within}{field}"), text);
        let shortcut = take("shortcut", shortcut(&self.shortcut));
        let title = take("title", one_line(&self.title, limits::CANNED_TITLE_CHARS));
        let category = take("category", one_line(&self.category, limits::CATEGORY_CHARS));
        let body = take("body", body(&self.body, app.config.limits.message_chars));
        Some(CannedText {
            id: CannedId::new(app.hub.clock().mint()),
            owner,
            shortcut: shortcut?,
            title: title?,
            category: category?,
            body: body?,
        })
    }
}

fn shortcut(text: &str) -> Result<String, Invalid> {
    let text = one_line(text, limits::SHORTCUT_CHARS)?.to_lowercase();
    if text.is_empty() {
        return Err(Invalid("must not be empty".into()));
    }
    if text.chars().any(|c| !c.is_alphanumeric() && !matches!(c, '_' | '-')) {
        return Err(Invalid("may hold only letters, digits, _ and -".into()));
    }
    // Some letters become two in lower case.
    one_line(&text, limits::SHORTCUT_CHARS)
}

/// A text that can be filled in.
fn body(text: &str, max: usize) -> Result<String, Invalid> {
    let body = MessageBody::parse(text, max)?.into_string();
    Template::parse(&body)?;
    Ok(body)
}

fn scope(query: &mut Query) -> Result<Option<CannedScope>, ApiError> {
    query
        .text("scope")
        .map(|word| word.parse().map_err(|message: String| ApiError::invalid("scope", message)))
        .transpose()
}

fn limit(query: &mut Query) -> Result<u32, ApiError> {
    let limit = query.number("limit", 1..=u64::from(limits::PAGE_MAX))?;
    Ok(limit.and_then(|limit| u32::try_from(limit).ok()).unwrap_or(limits::PAGE_DEFAULT))
}

fn parse_cursor(text: &str) -> Result<CannedCursor, ApiError> {
    let mut parts = text.splitn(3, '.');
    let mut cursor = || {
        let rank = parts.next()?.parse().ok()?;
        let id = parts.next()?.parse().ok()?;
        Some(CannedCursor { rank, id, shortcut: parts.next()?.to_owned() })
    };
    let cursor = cursor().filter(|cursor| !cursor.shortcut.contains('\0'));
    cursor.ok_or_else(|| ApiError::invalid("cursor", "must be the next_cursor of an earlier page"))
}

fn exists() -> ApiError {
    ApiError::new(ErrorCode::Conflict, "This shortcut exists already.")
}

fn full(limit: usize) -> ApiError {
    ApiError::invalid("canned", format!("answers are as many as can be: the limit is {limit}"))
}

fn full_of_own(limit: usize) -> ApiError {
    ApiError::invalid("canned", format!("answers of your own are as many as can be: the limit is {limit}"))
}
