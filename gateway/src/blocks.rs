//! Customers whom the team has blocked: their connections end, at once where this node hears of it, and soon where it
//! does not.

use std::time::Duration;

use hub::Caller;
use protocol::ErrorCode;

use crate::{app::App, error::ApiError};

/// How often the store is asked who was blocked, for what the link did not carry.
const CHECK: Duration = Duration::from_secs(2);
/// How far back: longer than clocks differ.
const BACK: Duration = Duration::from_secs(60);

/// Refuses a customer who was blocked when the request came.
///
/// # Errors
/// They are.
pub(crate) fn not_blocked(app: &App, caller: &Caller) -> Result<(), ApiError> {
    match caller {
        Caller::Customer(grant) if grant.is_blocked(app.hub.clock().now()) => Err(refusal()),
        Caller::Customer(_) | Caller::Agent { .. } | Caller::System => Ok(()),
    }
}

/// What a blocked customer is told.
pub(crate) fn refusal() -> ApiError {
    ApiError::new(ErrorCode::Blocked, hub::HubError::Blocked.to_string())
}

/// Ends connections until the server stops.
pub(crate) async fn watch(app: App) {
    let mut blocked = app.hub.blocked();
    let mut check = tokio::time::interval(CHECK);
    loop {
        tokio::select! {
            () = app.draining.cancelled() => return,
            contacts = blocked.next() => match contacts {
                Some(contacts) => app.connections.close_contacts(&contacts),
                None => look(&app).await,
            },
            _ = check.tick() => look(&app).await,
        }
    }
}

async fn look(app: &App) {
    if app.connections.count() == 0 {
        return;
    }
    match app.hub.blocked_since(app.hub.clock().now().minus(BACK)).await {
        Ok(contacts) => app.connections.close_contacts(&contacts),
        Err(error) => tracing::debug!(%error, "the store did not say who is blocked"),
    }
}
