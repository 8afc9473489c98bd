//! One action on many sessions: a job that goes on when whoever asked is gone, each session an append of its own.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use axum::{extract::State, http::StatusCode};
use futures_util::future::join_all;
use hub::{
    Caller, HubError, Question,
    state::{Action, Assignment, Update},
};
use protocol::{
    AgentId, SessionId, limits,
    rest::{Bulk, BulkAction, BulkError, BulkState, NewBulk},
};
use uuid::Uuid;

use super::{
    PathId,
    body::Json,
    query::Query,
    sessions::{checked_tags, colleague, question_of},
};
use crate::{app::App, auth::Member, error::ApiError};

/// Sessions that are changed at once; after them, how far it is is noted.
const TOGETHER: usize = 10;
/// When one with too many jobs may try again.
const AGAIN: Duration = Duration::from_secs(5);

/// POST `/sessions/bulk`.
pub(crate) async fn begin(
    State(app): State<App>,
    Member(agent): Member,
    Json(NewBulk { ids, filter, action }): Json<NewBulk>,
) -> Result<(StatusCode, axum::Json<Bulk>), ApiError> {
    let caller = app.agent_caller(&agent);
    let (wanted, act) = checked(&app, &caller, action).await?;
    let ids = match (ids, filter) {
        (Some(ids), None) => given(ids)?,
        (None, Some(filter)) => found(&app, &caller, filter).await?,
        (Some(_), Some(_)) | (None, None) => {
            return Err(ApiError::invalid("ids", "or filter must be given, one of them"));
        }
    };
    let bulk = Bulk {
        id: app.hub.clock().mint(),
        action: wanted,
        state: BulkState::Running,
        total: u32::try_from(ids.len()).unwrap_or(u32::MAX),
        done: 0,
        failed: 0,
        errors: Vec::new(),
        started_at: app.hub.clock().now(),
        ended_at: None,
    };
    if !app.store.begin_bulk(agent.id, &bulk).await? {
        let limit =
            format!("{} such jobs at a time is the limit here. Wait for one to end.", limits::BULK_JOBS);
        return Err(ApiError::too_fast(limit, AGAIN));
    }
    let job = Job { app: app.clone(), agent: agent.id, caller, act, bulk: bulk.clone() };
    app.tasks.spawn(job.run(ids));
    Ok((StatusCode::CREATED, axum::Json(bulk)))
}

/// GET `/bulk/{id}`, for whoever began it.
pub(crate) async fn read(
    State(app): State<App>,
    Member(agent): Member,
    PathId(id): PathId<Uuid>,
    query: Query,
) -> Result<axum::Json<Bulk>, ApiError> {
    query.finish()?;
    let bulk = app.store.bulk(agent.id, id, app.hub.clock().now()).await?;
    bulk.map(axum::Json).ok_or_else(ApiError::not_found)
}

/// What is asked, as it will be told, and as the hub does it.
async fn checked(app: &App, caller: &Caller, action: BulkAction) -> Result<(BulkAction, Action), ApiError> {
    let update = |update: Update| Action::Update(update.into());
    Ok(match action {
        BulkAction::Status { status } => {
            (action, update(Update { status: Some(status), ..Update::default() }))
        }
        BulkAction::Priority { priority } => {
            (action, update(Update { priority: Some(priority), ..Update::default() }))
        }
        BulkAction::Tags { add, remove } => {
            let (add, remove) = (checked_tags(&add)?, checked_tags(&remove)?);
            if add.is_empty() && remove.is_empty() {
                return Err(ApiError::invalid("action.add", "or remove must hold a tag"));
            }
            let tags = Update { added_tags: add.clone(), removed_tags: remove.clone(), ..Update::default() };
            (BulkAction::Tags { add, remove }, update(tags))
        }
        BulkAction::Assign { agent_id } => {
            let agent = match agent_id {
                Some(agent) => Some(colleague(app, caller, agent).await?),
                None => None,
            };
            (action, Action::Assign(Assignment::Assign(agent).into()))
        }
    })
}

fn given(ids: Vec<SessionId>) -> Result<Vec<SessionId>, ApiError> {
    if ids.is_empty() {
        return Err(ApiError::invalid("ids", "must hold an id"));
    }
    if ids.len() > limits::BULK as usize {
        return Err(ApiError::invalid("ids", format!("must be at most {}", limits::BULK)));
    }
    let mut known = BTreeSet::new();
    Ok(ids.into_iter().filter(|id| known.insert(*id)).collect())
}

async fn found(
    app: &App,
    caller: &Caller,
    filter: BTreeMap<String, String>,
) -> Result<Vec<SessionId>, ApiError> {
    let mut query = Query::from(filter);
    let Question { filter, order, .. } = question_of(app, caller, &mut query).await?;
    query.finish()?;
    let page = app.store.list_sessions(&filter, order, None, limits::BULK).await?;
    if page.total > u64::from(limits::BULK) {
        let message = format!("finds {} chats; at most {} at a time", page.total, limits::BULK);
        return Err(ApiError::invalid("filter", message));
    }
    Ok(page.items.into_iter().map(|session| session.id).collect())
}

struct Job {
    app: App,
    agent: AgentId,
    caller: Caller,
    act: Action,
    bulk: Bulk,
}

impl Job {
    async fn run(mut self, ids: Vec<SessionId>) {
        for some in ids.chunks(TOGETHER) {
            if self.app.draining.is_cancelled() || !self.still_may().await {
                break;
            }
            let acts = some.iter().map(|id| self.app.hub.act(self.caller.clone(), *id, self.act.clone()));
            for (id, outcome) in some.iter().zip(join_all(acts).await) {
                match outcome {
                    Ok(_) => self.bulk.done += 1,
                    Err(refusal) => self.failed(*id, &refusal),
                }
            }
            // Where the store does not answer, the job goes on: what it does fails then, and is counted.
            let _ = self.app.store.bulk_is_at(&self.bulk, self.app.hub.clock().now()).await;
        }
        let now = self.app.hub.clock().now();
        self.bulk.ended_at = Some(now);
        if let Err(error) = self.app.store.bulk_is_at(&self.bulk, now).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "the end of a job could not be noted");
        }
    }

    fn failed(&mut self, session_id: SessionId, refusal: &HubError) {
        self.bulk.failed += 1;
        if self.bulk.errors.len() < limits::BULK_ERRORS {
            let (code, message) = (refusal.code(), refusal.to_string());
            self.bulk.errors.push(BulkError { session_id, code, message });
        }
    }

    /// Who was shut out meanwhile does nothing any more; who became something else does it as that.
    async fn still_may(&mut self) -> bool {
        match self.app.store.agent(self.agent).await {
            Ok(Some(agent)) if !agent.disabled => {
                self.caller = self.app.agent_caller(&agent);
                true
            }
            Ok(_) => false,
            // Then what it does fails by itself.
            Err(_) => true,
        }
    }
}
