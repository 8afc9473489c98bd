//! GET `/me`: a customer, and what the token reaches.

use axum::extract::State;
use protocol::{Audience, limits, rest::CustomerMe};

use super::query::Query;
use crate::{app::App, auth::Customer, error::ApiError};

pub(crate) async fn me(
    State(app): State<App>,
    Customer { grant }: Customer,
    query: Query,
) -> Result<axum::Json<CustomerMe>, ApiError> {
    query.finish()?;
    let sessions = app.store.sessions_of_grant(&grant, limits::PAGE_DEFAULT).await?;
    let sessions: Vec<_> = sessions.iter().map(|session| session.summary(Audience::Customer)).collect();
    let unread = sessions.iter().map(|session| session.unread).sum();
    Ok(axum::Json(CustomerMe { contact: grant.contact(), sessions, unread }))
}
