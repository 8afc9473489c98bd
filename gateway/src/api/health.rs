//! Whether the process lives, and whether it can work.

use axum::{extract::State, http::StatusCode, response::IntoResponse};
use hub::LinkHealth;
use persistence::StoreError;
use serde_json::json;

use crate::{app::App, error::ApiError};

/// GET `/readyz` while the store is waited for at the start.
pub(crate) async fn not_ready() -> impl IntoResponse {
    let state = json!({ "ready": false, "store": "unavailable", "draining": false });
    (StatusCode::SERVICE_UNAVAILABLE, axum::Json(state))
}

/// Whatever needs the store while it is waited for at the start.
pub(crate) async fn no_store_yet() -> ApiError {
    StoreError::Unavailable(None).into()
}

/// GET `/healthz`: the process lives.
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// GET `/readyz`: the store is reachable, and the server is not about to stop.
pub(crate) async fn readyz(State(app): State<App>) -> impl IntoResponse {
    let store = if app.readiness.store_answers().await { "ok" } else { "unavailable" };
    let link = match app.hub.link_health() {
        LinkHealth::Alone => json!({ "state": "none" }),
        LinkHealth::Missing => json!({ "state": "missing" }),
        LinkHealth::Well { others } => json!({ "state": "ok", "other_nodes": others }),
        // Not a reason to send nobody here: chats go on, by the store.
        LinkHealth::Silent { since, .. } => json!({ "state": "silent", "seconds": since.as_secs() }),
    };
    let draining = app.draining.is_cancelled();
    let ready = store == "ok" && !draining;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, axum::Json(json!({ "ready": ready, "store": store, "link": link, "draining": draining })))
}

/// What is not a route.
pub(crate) async fn nothing_here() -> ApiError {
    ApiError::not_found()
}
