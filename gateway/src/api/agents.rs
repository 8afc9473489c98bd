//! GET `/agents`: the team, for admins. Members are added and shut out on the command line.

use axum::extract::State;
use protocol::rest::{self, Page};

use super::query::Query;
use crate::{app::App, auth::Admin, error::ApiError};

pub(crate) async fn list(
    State(app): State<App>,
    _: Admin,
    query: Query,
) -> Result<axum::Json<Page<rest::Agent>>, ApiError> {
    query.finish()?;
    let items: Vec<_> = app
        .store
        .agents()
        .await?
        .into_iter()
        .map(|agent| rest::Agent {
            id: agent.id,
            name: agent.name,
            role: agent.role,
            avatar_url: None,
            teams: Vec::new(),
            skills: Vec::new(),
            languages: Vec::new(),
            max_chats: protocol::limits::MAX_CHATS_DEFAULT,
            disabled: agent.disabled,
            email: Some(agent.email),
            signature: None,
            invited: None,
            second_factor: None,
            created_at: Some(agent.created_at),
            updated_at: None,
        })
        .collect();
    let total = items.len() as u64;
    Ok(axum::Json(Page { items, next_cursor: None, total }))
}
