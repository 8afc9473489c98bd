//! Agents sign in and out, and change their own password.

use std::time::{Duration, Instant};

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use persistence::{Agent, NewLogin};
use protocol::{
    Email, ErrorCode, LoginId, PartyKind, You, limits,
    rest::{AgentMe, ChangePassword},
};

use super::{body::Json, query::Query};
use crate::{
    app::App,
    auth::{
        ClientAddress, LOGIN_COOKIE, Login, origin, password,
        second_factor::{self, Checked},
        token,
    },
    error::ApiError,
    rate_limit::AddressKey,
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
    let email: String = email.chars().take(limits::EMAIL_CHARS).collect();
    let agent = match Email::parse(&email) {
        Ok(email) => app.store.agent_by_email(email.as_str()).await?.filter(|agent| !agent.disabled),
        // Nobody's, and a store may refuse to be asked for it (Postgres knows no NUL).
        Err(_) => None,
    };
    let left = app.rates.login_tried(&email, address.key(), Instant::now())?;
    // Who was invited and has no password yet is told from nobody by nothing, the time it takes included.
    let hash = agent.as_ref().filter(|agent| !agent.is_invited()).map(|agent| agent.password_hash.clone());
    let fits = body.password.len() <= 1_000 && password::verify_aside(&app, body.password, hash).await?;
    let Some(agent) = agent.filter(|_| fits) else {
        tracing::info!(client.address = %address.0, "a login failed");
        return Err(failed("E-mail and password do not match.", left));
    };
    let checked = second_factor::check(&app, &agent, body.totp.as_deref()).await?;
    let second_factor = code_passed(&app, checked, &agent, address.key(), left)?;
    let answer = sign_in(&app, agent, second_factor, &headers).await?;
    app.rates.login_succeeded(&email, address.key());
    Ok(answer)
}

/// Whether there is a second factor, once its code was right. `left`: as [`login_tried`] said for this try.
///
/// # Errors
/// The code is missing or wrong.
///
/// [`login_tried`]: crate::rate_limit::RateLimits::login_tried
pub(super) fn code_passed(
    app: &App,
    checked: Checked,
    agent: &Agent,
    address: AddressKey,
    left: u32,
) -> Result<bool, ApiError> {
    match checked {
        Checked::NoneSet => Ok(false),
        Checked::Right => Ok(true),
        Checked::Missing => {
            app.rates.login_unfinished(&agent.email, address);
            Err(ApiError::new(
                ErrorCode::TotpRequired,
                "Send the code of your authenticator, or a recovery code, as `totp`.",
            ))
        }
        Checked::Wrong => {
            tracing::info!(agent.id = %agent.id, "a code of a second factor was wrong");
            Err(failed("The code is not right, or was used before.", left))
        }
    }
}

fn failed(what: &str, left: u32) -> ApiError {
    let detail = match left {
        0 => format!("{what} Wait a little before the next try."),
        1 => format!("{what} 1 try left before a short wait."),
        left => format!("{what} {left} tries left before a short wait."),
    };
    ApiError::new(ErrorCode::BadLogin, detail)
}

/// Begins a login of an agent who has proven who they are, and answers with its cookie.
///
/// # Errors
/// The password was changed meanwhile.
pub(super) async fn sign_in(
    app: &App,
    agent: Agent,
    second_factor: bool,
    headers: &HeaderMap,
) -> Result<Response, ApiError> {
    let (token, hash) = token::mint();
    let clock = app.hub.clock();
    let now = clock.now();
    let login = NewLogin {
        id: LoginId::new(clock.mint()),
        hash,
        label: label(headers),
        created_at: now,
        expires_at: now.plus(LOGIN_TIME),
    };
    if !app.store.create_login(&login, &agent).await? {
        return Err(ApiError::new(
            ErrorCode::BadLogin,
            "The password has just been changed. Sign in with the new one.",
        ));
    }
    tracing::info!(agent.id = %agent.id, "an agent signed in");
    Ok((cookie(app, &token, LOGIN_TIME)?, axum::Json(me_of(agent, second_factor))).into_response())
}

/// What a browser says that it is, as far as it is fit to be shown.
fn label(headers: &HeaderMap) -> String {
    let said = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    said.trim().chars().filter(|c| !c.is_control()).take(limits::LOGIN_LABEL_CHARS).collect()
}

/// POST `/auth/logout`.
pub(crate) async fn logout(State(app): State<App>, login: Login) -> Result<Response, ApiError> {
    app.store.delete_login(&login.token).await?;
    app.connections.close_login(&login.token);
    Ok((StatusCode::NO_CONTENT, cookie(&app, "", Duration::ZERO)?).into_response())
}

/// GET `/auth/me`.
pub(crate) async fn me(
    State(app): State<App>,
    login: Login,
    query: Query,
) -> Result<axum::Json<AgentMe>, ApiError> {
    query.finish()?;
    let totp = app.store.totp(login.agent.id).await?;
    Ok(axum::Json(me_of(login.agent, totp.is_some_and(|totp| totp.confirmed))))
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
    prove(&app, &login.agent, address, "current", current.clone()).await?;
    if current == new {
        return Err(ApiError::invalid("new", "must differ from the one in force"));
    }
    let hash = password::hash_aside(&app, new).await?;
    app.store.set_agent_password(login.agent.id, &hash, false, Some(&login.token)).await?;
    tracing::info!(agent.id = %login.agent.id, "an agent changed the password");
    Ok(StatusCode::NO_CONTENT)
}

/// Asks an agent who is signed in for the password once more, before something that a stolen cookie must not do. The same
/// limit as a login: nor must it be a way to guess the password.
///
/// # Errors
/// It is not the password in force; names `field`. Or too many tries.
pub(super) async fn prove(
    app: &App,
    agent: &Agent,
    address: ClientAddress,
    field: &str,
    given: String,
) -> Result<(), ApiError> {
    app.rates.login_try(address.key())?;
    app.rates.login_tried(&agent.email, address.key(), Instant::now())?;
    let hash = Some(agent.password_hash.clone());
    if given.len() > 1_000 || !password::verify_aside(app, given, hash).await? {
        return Err(ApiError::invalid(field, "is not the password in force"));
    }
    app.rates.login_succeeded(&agent.email, address.key());
    Ok(())
}

fn me_of(agent: Agent, second_factor: bool) -> AgentMe {
    AgentMe {
        you: You {
            kind: PartyKind::Agent,
            id: agent.id.uuid(),
            name: Some(agent.name),
            role: Some(agent.role),
        },
        email: agent.email,
        password_change_required: agent.must_change_password,
        second_factor,
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
