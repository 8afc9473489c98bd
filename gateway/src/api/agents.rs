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
            email: agent.email,
            name: agent.name,
            role: agent.role,
            disabled: agent.disabled,
            created_at: agent.created_at,
        })
        .collect();
    let total = items.len() as u64;
    Ok(axum::Json(Page { items, next_cursor: None, total }))
}
