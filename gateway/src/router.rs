//! Every route on one page.

use std::time::Duration;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{delete, get, patch, post, put},
};
use protocol::{ErrorCode, limits};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{And, DefaultPredicate, Predicate as _, SizeAbove},
    },
};

use crate::{
    api::{
        agents, attributes, auth, bulk, canned, contacts, context, duty, entries, files, health, links,
        logins, macros, me, messages, needs, notifications, rules, second_factor, sessions, settings,
        signals, sites, skills, start, teams, transcript, views,
    },
    app::App,
    assets,
    error::ApiError,
    headers,
    realtime::{handshake, long_poll},
};

/// How long a request may take, beyond the longest hold of a long-poll: a body that drips in ends here.
const REQUEST_TIME: Duration = Duration::from_secs(limits::POLL_WAIT.as_secs() + 5);

pub(crate) fn router(app: App) -> Router {
    let api = Router::new()
        // Customers
        .route("/sites/{site}", get(sites::config).patch(sites::update))
        .route("/sites/{site}/sessions", post(start::start))
        .route("/me", get(me::me))
        // Both sides
        .route("/sessions/{id}", get(sessions::read).patch(sessions::patch))
        .route("/sessions/{id}/entries", get(entries::entries))
        .route("/sessions/{id}/entries/{entry}", patch(entries::edit).delete(entries::delete))
        .route("/sessions/{id}/events", get(long_poll::events))
        .route("/events", post(long_poll::events_of_many))
        .route("/sessions/{id}/messages", post(messages::message))
        .route("/sessions/{id}/typing", post(signals::typing))
        .route("/sessions/{id}/read", post(signals::read))
        .route("/sessions/{id}/close", post(sessions::close))
        .route("/sessions/{id}/rating", post(sessions::rate))
        .route("/sessions/{id}/page", post(context::set_page))
        .route("/sessions/{id}/transcript", get(transcript::transcript))
        // The team
        .route("/auth/login", post(auth::login))
        .route("/auth/logout", post(auth::logout))
        .route("/auth/me", get(auth::me))
        .route("/auth/password", post(auth::change_password))
        .route("/auth/welcome", post(links::welcome))
        .route("/auth/welcome/accept", post(links::accept))
        .route("/auth/totp", post(second_factor::begin).delete(second_factor::remove))
        .route("/auth/totp/confirm", post(second_factor::confirm))
        .route("/auth/logins", get(logins::list).delete(logins::end_others))
        .route("/auth/logins/{login}", delete(logins::end))
        .route("/sessions", get(sessions::list))
        .route("/sessions/bulk", post(bulk::begin))
        .route("/bulk/{bulk}", get(bulk::read))
        .route("/sessions/{id}/claim", post(sessions::claim))
        .route("/sessions/{id}/join", post(sessions::join))
        .route("/sessions/{id}/entries/{entry}/history", get(entries::history))
        .route("/notifications", get(notifications::list))
        .route("/notifications/read", post(notifications::read))
        .route("/sessions/{id}/assign", post(sessions::assign))
        .route("/sessions/{id}/transfer", post(sessions::transfer))
        .route("/sessions/{id}/merge", post(sessions::merge))
        .route("/sessions/{id}/unmerge", post(sessions::unmerge))
        .route("/sessions/{id}/accept", post(needs::accept))
        .route("/sessions/{id}/decline", post(needs::decline))
        .route("/sessions/{id}/notes", post(messages::note))
        .route("/sessions/{id}/context", get(context::read))
        .route("/sessions/{id}/related", get(context::related))
        .route("/agents", get(agents::list).post(agents::create))
        .route("/agents/workload", get(duty::workload))
        .route("/agents/me/availability", put(duty::choose))
        .route("/agents/{agent}/availability", get(duty::history))
        .route("/agents/{agent}", get(agents::read).patch(agents::update).delete(agents::disable))
        .route("/agents/{agent}/skills", put(agents::set_skills))
        .route("/agents/{agent}/invitation", post(links::invite))
        .route("/agents/{agent}/password-reset", post(links::reset))
        .route("/agents/{agent}/totp", delete(agents::remove_second_factor))
        .route("/teams", get(teams::list).post(teams::create))
        .route("/teams/{team}", get(teams::read).patch(teams::update).delete(teams::delete))
        .route("/skills", get(skills::list).post(skills::create))
        .route("/skills/{skill}", get(skills::read).patch(skills::update).delete(skills::delete))
        .route("/canned", get(canned::list).post(canned::create))
        .route("/canned/categories", get(canned::categories))
        .route("/canned/preview", post(canned::preview))
        .route("/canned/export", get(canned::export))
        .route("/canned/import", post(canned::import))
        .route("/canned/{canned}", get(canned::read).patch(canned::update).delete(canned::delete))
        .route("/canned/{canned}/render", post(canned::render))
        .route("/canned/{canned}/used", post(canned::used))
        .route("/rules", get(rules::list).post(rules::create))
        .route("/rules/order", put(rules::order))
        .route("/rules/try", post(rules::try_out))
        .route("/rules/{rule}", get(rules::read).patch(rules::update).delete(rules::delete))
        .route("/views", get(views::list).post(views::create))
        .route("/views/order", put(views::order))
        .route("/views/{view}", get(views::read).patch(views::update).delete(views::delete))
        .route("/macros", get(macros::list).post(macros::create))
        .route("/macros/{macro}", get(macros::read).patch(macros::update).delete(macros::delete))
        .route("/sessions/{id}/macros/{macro}", post(macros::run))
        .route("/sessions/{id}/macros/{macro}/preview", post(macros::preview))
        .route("/contacts", get(contacts::list).post(contacts::create))
        .route("/contacts/{contact}", get(contacts::read).patch(contacts::update).delete(contacts::delete))
        .route("/contacts/{contact}/sessions", get(contacts::sessions))
        .route("/contacts/{contact}/block", post(contacts::block))
        .route("/contacts/{contact}/unblock", post(contacts::unblock))
        .route("/contacts/{contact}/merge", post(contacts::merge))
        .route("/contacts/{contact}/unmerge", post(contacts::unmerge))
        .route("/attributes", get(attributes::list).post(attributes::create))
        .route("/attributes/{attribute}", patch(attributes::update).delete(attributes::delete))
        .route("/settings", get(settings::read).patch(settings::update))
        .route("/sites", get(sites::list).post(sites::create))
        .fallback(health::nothing_here)
        // Set here, before the layer, because a preflight is answered by the layer around this fallback.
        .method_not_allowed_fallback(method_not_allowed)
        .layer(middleware::from_fn_with_state(app.clone(), headers::cors));

    Router::new()
        .nest("/api/v1", api)
        .route("/widget.js", get(assets::widget))
        .route("/assets/{*path}", get(assets::asset))
        .route("/console", get(assets::console))
        .route("/console/", get(assets::console))
        .route("/console/{*place}", get(assets::console))
        .route("/demo", get(assets::demo))
        .route("/api/openapi.json", get(assets::openapi))
        .route("/api/docs", get(assets::docs))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .fallback(health::nothing_here)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(compression())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(in_time))
        .merge(files(&app))
        // Answered at once and without a body: what is around the others would cost it more than itself.
        .route("/ws", get(handshake::upgrade))
        .method_not_allowed_fallback(method_not_allowed)
        .layer(middleware::from_fn_with_state(app.clone(), headers::secure))
        .with_state(app)
}

/// Files take their time, and are neither compressed nor held whole.
fn files(app: &App) -> Router<App> {
    // Twice the limit is read, so that whoever is over it hears so.
    let form = usize::try_from(app.files.max_bytes().saturating_mul(2)).unwrap_or(usize::MAX);
    let form = DefaultBodyLimit::max(form.saturating_add(limits::REQUEST_BYTES));
    Router::new()
        .route("/api/v1/sessions/{id}/attachments", post(files::upload).layer(form))
        .route("/api/v1/canned/{canned}/attachments", post(canned::add_file).layer(form))
        .route("/api/v1/canned/{canned}/attach", post(canned::attach))
        .route("/api/v1/attachments/{attachment}", get(files::read).delete(files::withdraw))
        .route("/api/v1/attachments/{attachment}/thumbnail", get(files::thumbnail))
        .method_not_allowed_fallback(method_not_allowed)
        .layer(middleware::from_fn_with_state(app.clone(), headers::cors))
        .layer(CatchPanicLayer::custom(panicked))
}

/// Compresses answers where that saves something.
pub(crate) fn compression() -> CompressionLayer<And<DefaultPredicate, SizeAbove>> {
    CompressionLayer::new().compress_when(DefaultPredicate::new().and(SizeAbove::new(1024)))
}

/// While the store is waited for at the start: the process lives, and can do nothing yet.
pub(crate) fn without_store() -> Router {
    Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::not_ready))
        .fallback(health::no_store_yet)
}

async fn method_not_allowed(State(_): State<App>) -> ApiError {
    ApiError::new(ErrorCode::MethodNotAllowed, "This path does not take this method.")
}

async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(REQUEST_TIME, next.run(request)).await {
        Ok(response) => response,
        Err(_elapsed) => {
            ApiError::new(ErrorCode::RequestTimeout, "The request did not arrive in time.").into_response()
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the layer gives the panic away")]
pub(crate) fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let what = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    tracing::error!(panic = what, "a request handler panicked");
    ApiError::new(ErrorCode::Internal, "Something went wrong on our side.").into_response()
}
