//! Agents sign in and out, and change their own password.

use std::time::{Duration, Instant};

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use persistence::Agent;
use protocol::{
    Email, ErrorCode, PartyKind, You,
    rest::{AgentMe, ChangePassword},
};

use super::body::Json;
use crate::{
    app::App,
    auth::{ClientAddress, LOGIN_COOKIE, Login, origin, password, token},
    error::ApiError,
};

/// How long a login lasts.
const LOGIN_TIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// POST `/auth/login`.
pub(crate) async fn login(
    State(app): State<App>,
    address: ClientAddress,
    headers: HeaderMap,
    Json(body): Json<protocol::rest::Login>,
) -> Result<Response, ApiError> {
    origin::same_origin(&headers, &app)?;
    app.rates.login_try(address.key())?;
    let email = body.email.trim().to_lowercase();
    // An over-long one belongs to nobody, and must not fill the memory of failures.
    let email: String = email.chars().take(protocol::limits::EMAIL_CHARS).collect();
    let agent = match Email::parse(&email) {
        Ok(email) => app.store.agent_by_email(email.as_str()).await?.filter(|agent| !agent.disabled),
        // Nobody's, and a store may refuse to be asked for it (Postgres knows no NUL).
        Err(_) => None,
    };
    let left = app.rates.login_tried(&email, address.key(), Instant::now())?;
    let hash = agent.as_ref().map(|agent| agent.password_hash.clone());
    let fits = body.password.len() <= 1_000 && password::verify_aside(&app, body.password, hash).await?;
    let Some(agent) = agent.filter(|_| fits) else {
        tracing::info!(client.address = %address.0, "a login failed");
        let detail = match left {
            0 => "E-mail and password do not match. Wait a little before the next try.".to_owned(),
            1 => "E-mail and password do not match. 1 try left before a short wait.".to_owned(),
            left => format!("E-mail and password do not match. {left} tries left before a short wait."),
        };
        return Err(ApiError::new(ErrorCode::BadLogin, detail));
    };
    let (token, hash) = token::mint();
    let now = app.hub.clock().now();
    if !app.store.create_login(&hash, &agent, now, now.plus(LOGIN_TIME)).await? {
        return Err(ApiError::new(
            ErrorCode::BadLogin,
            "The password has just been changed. Sign in with the new one.",
        ));
    }
    app.rates.login_succeeded(&email, address.key());
    tracing::info!(agent.id = %agent.id, "an agent signed in");
    Ok((cookie(&app, &token, LOGIN_TIME)?, axum::Json(me_of(agent))).into_response())
}

/// POST `/auth/logout`.
pub(crate) async fn logout(State(app): State<App>, login: Login) -> Result<Response, ApiError> {
    app.store.delete_login(&login.token).await?;
    app.connections.close_login(&login.token);
    Ok((StatusCode::NO_CONTENT, cookie(&app, "", Duration::ZERO)?).into_response())
}

/// GET `/auth/me`.
pub(crate) async fn me(login: Login) -> axum::Json<AgentMe> {
    axum::Json(me_of(login.agent))
}

/// POST `/auth/password`: ends all other logins of the agent.
pub(crate) async fn change_password(
    State(app): State<App>,
    login: Login,
    address: ClientAddress,
    Json(body): Json<ChangePassword>,
) -> Result<StatusCode, ApiError> {
    let ChangePassword { current, new } = body;
    password::check("new", &new)?;
    app.rates.login_try(address.key())?;
    // The same limit as a login: a stolen cookie must not be a way to guess the password.
    app.rates.login_tried(&login.agent.email, address.key(), Instant::now())?;
    if current.len() > 1_000
        || !password::verify_aside(&app, current.clone(), Some(login.agent.password_hash.clone())).await?
    {
        return Err(ApiError::invalid("current", "is not the password in force"));
    }
    app.rates.login_succeeded(&login.agent.email, address.key());
    if current == new {
        return Err(ApiError::invalid("new", "must differ from the one in force"));
    }
    let hash = password::hash_aside(&app, new).await?;
    app.store.set_agent_password(login.agent.id, &hash, false, Some(&login.token)).await?;
    tracing::info!(agent.id = %login.agent.id, "an agent changed the password");
    Ok(StatusCode::NO_CONTENT)
}

fn me_of(agent: Agent) -> AgentMe {
    AgentMe {
        you: You {
            kind: PartyKind::Agent,
            id: agent.id.uuid(),
            name: Some(agent.name),
            role: Some(agent.role),
        },
        email: agent.email,
        password_change_required: agent.must_change_password,
        second_factor: false,
    }
}

fn cookie(app: &App, token: &str, age: Duration) -> Result<[(header::HeaderName, HeaderValue); 1], ApiError> {
    let secure = app.config.public_url.as_ref().is_some_and(crate::config::PublicUrl::is_https);
    let cookie = format!(
        "{LOGIN_COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{}",
        age.as_secs(),
        if secure { "; Secure" } else { "" },
    );
    let value = HeaderValue::try_from(cookie).map_err(|_| ApiError::new(ErrorCode::Internal, "no cookie"))?;
    Ok([(header::SET_COOKIE, value)])
}
