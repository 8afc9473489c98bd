//! Links that open an agent's door once: made by admins, used by whoever has them.

use std::time::{Duration, Instant};

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use persistence::NewLink;
use protocol::{
    AgentId, ErrorCode, Name,
    rest::{AcceptWelcome, Link, LinkKind, Welcome, WelcomeToken},
};

use super::{PathId, auth, body::Json};
use crate::{
    app::App,
    auth::{Admin, ClientAddress, origin, password, second_factor, token},
    error::{ApiError, InField as _},
    lifecycle,
};

/// How long an invitation can be accepted.
const INVITATION_TIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How long a password reset can be used.
const RESET_TIME: Duration = Duration::from_secs(60 * 60);
/// For whom tries of links are counted. No e-mail address has a space.
const LINKS: &str = "a link";

/// A new link, and its token.
pub(crate) fn mint(kind: LinkKind, now: protocol::UtcMillis) -> (String, NewLink) {
    let (token, hash) = token::mint();
    let time = match kind {
        LinkKind::Invitation => INVITATION_TIME,
        LinkKind::Reset => RESET_TIME,
    };
    (token, NewLink { hash, kind, expires_at: now.plus(time) })
}

/// Where a link leads. The token stands in the fragment, which browsers keep to themselves: no log of a server has it.
pub(crate) fn url(base: &str, token: &str) -> String {
    format!("{base}/console/welcome#{token}")
}

/// The address by which this server is asked for: the public URL, or, without one, that of the request.
pub(crate) fn base(app: &App, headers: &HeaderMap) -> String {
    if let Some(public) = &app.config.public_url {
        return public.as_str().to_owned();
    }
    // A page's origin was found to be our own when its agent was.
    if let Some(origin) = origin::origin(headers) {
        return origin.to_owned();
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    format!("http://{host}")
}

/// POST `/agents/{id}/invitation`: a new one; ends the older ones.
pub(crate) async fn invite(
    State(app): State<App>,
    _: Admin,
    PathId(id): PathId<AgentId>,
    headers: HeaderMap,
) -> Result<(StatusCode, axum::Json<Link>), ApiError> {
    let agent = app.store.agent(id).await?.ok_or_else(ApiError::not_found)?;
    if !agent.is_invited() {
        return Err(ApiError::new(
            ErrorCode::Conflict,
            "A password was chosen already. Make a link to reset it: POST /api/v1/agents/{id}/password-reset.",
        ));
    }
    create(&app, id, LinkKind::Invitation, &headers).await
}

/// POST `/agents/{id}/password-reset`: a new link; ends the older ones. The password in force stays until it is used.
pub(crate) async fn reset(
    State(app): State<App>,
    _: Admin,
    PathId(id): PathId<AgentId>,
    headers: HeaderMap,
) -> Result<(StatusCode, axum::Json<Link>), ApiError> {
    create(&app, id, LinkKind::Reset, &headers).await
}

async fn create(
    app: &App,
    agent: AgentId,
    kind: LinkKind,
    headers: &HeaderMap,
) -> Result<(StatusCode, axum::Json<Link>), ApiError> {
    let now = app.hub.clock().now();
    let (token, link) = mint(kind, now);
    if !app.store.create_link(agent, &link, now).await? {
        return Err(ApiError::not_found());
    }
    tracing::info!(agent.id = %agent, link.kind = kind.as_str(), "a link was made");
    let link = Link { url: url(&base(app, headers), &token), expires_at: link.expires_at };
    Ok((StatusCode::CREATED, axum::Json(link)))
}

fn expired() -> ApiError {
    ApiError::new(
        ErrorCode::LinkExpired,
        "This link was used, has expired, or was replaced by a newer one. Ask an admin for another.",
    )
}

/// POST `/auth/welcome`: what a link is for.
pub(crate) async fn welcome(
    State(app): State<App>,
    address: ClientAddress,
    headers: HeaderMap,
    Json(body): Json<WelcomeToken>,
) -> Result<axum::Json<Welcome>, ApiError> {
    origin::same_origin(&headers, &app)?;
    app.rates.login_try(address.key())?;
    app.rates.login_tried(LINKS, address.key(), Instant::now())?;
    let hash = token::hash(&body.token).ok_or_else(expired)?;
    let (kind, agent) = app.store.link(&hash, app.hub.clock().now()).await?.ok_or_else(expired)?;
    app.rates.login_succeeded(LINKS, address.key());
    let second_factor = app.store.totp(agent.id).await?.is_some_and(|totp| totp.confirmed);
    Ok(axum::Json(Welcome { kind, name: agent.name, email: agent.email, second_factor }))
}

/// POST `/auth/welcome/accept`: sets the password, ends what was signed in, and signs in.
pub(crate) async fn accept(
    State(app): State<App>,
    address: ClientAddress,
    headers: HeaderMap,
    Json(body): Json<AcceptWelcome>,
) -> Result<Response, ApiError> {
    origin::same_origin(&headers, &app)?;
    app.rates.login_try(address.key())?;
    app.rates.login_tried(LINKS, address.key(), Instant::now())?;
    let hash = token::hash(&body.token).ok_or_else(expired)?;
    let (kind, agent) = app.store.link(&hash, app.hub.clock().now()).await?.ok_or_else(expired)?;
    app.rates.login_succeeded(LINKS, address.key());
    password::check("password", &body.password)?;
    let name = body.name.as_deref().map(Name::parse).transpose().in_field("name")?;
    // Who reads somebody's mail must not get past the second factor by it.
    let left = app.rates.login_tried(&agent.email, address.key(), Instant::now())?;
    let checked = second_factor::check(&app, &agent, body.totp.as_deref()).await?;
    let second_factor = auth::code_passed(&app, checked, &agent, address.key(), left)?;
    let password_hash = password::hash_aside(&app, body.password).await?;
    let name = name.as_ref().map(Name::as_str);
    let used = app.store.use_link(&hash, &password_hash, name, app.hub.clock().now()).await?;
    let agent = used.ok_or_else(expired)?;
    app.rates.login_succeeded(&agent.email, address.key());
    if kind == LinkKind::Reset {
        lifecycle::shut_out(&app).await;
    }
    tracing::info!(agent.id = %agent.id, link.kind = kind.as_str(), "a link was used");
    auth::sign_in(&app, agent, second_factor, &headers).await
}
