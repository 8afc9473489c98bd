//! An agent's own second factor: begun, confirmed with a code, taken away.

use std::time::Instant;

use axum::{extract::State, http::StatusCode};
use protocol::{
    ErrorCode,
    rest::{ConfirmPassword, ConfirmTotp, NewTotp, RecoveryCodes},
};

use super::{auth, body::Json};
use crate::{
    app::App,
    auth::{
        ClientAddress, Login,
        second_factor::{self, Secret},
    },
    error::ApiError,
};

/// POST `/auth/totp`: a secret for the authenticator. It counts once a code of it was given.
pub(crate) async fn begin(
    State(app): State<App>,
    login: Login,
    address: ClientAddress,
    Json(body): Json<ConfirmPassword>,
) -> Result<axum::Json<NewTotp>, ApiError> {
    auth::prove(&app, &login.agent, address, "password", body.password).await?;
    let secret = Secret::random();
    if !app.store.begin_totp(login.agent.id, secret.bytes()).await? {
        return Err(ApiError::new(
            ErrorCode::Conflict,
            "There is a second factor already. Take it away first: DELETE /api/v1/auth/totp.",
        ));
    }
    Ok(axum::Json(NewTotp { secret: secret.base32(), url: secret.url(&login.agent.email)? }))
}

/// POST `/auth/totp/confirm`.
pub(crate) async fn confirm(
    State(app): State<App>,
    login: Login,
    address: ClientAddress,
    Json(body): Json<ConfirmTotp>,
) -> Result<axum::Json<RecoveryCodes>, ApiError> {
    let agent = login.agent;
    let Some(totp) = app.store.totp(agent.id).await?.filter(|totp| !totp.confirmed) else {
        return Err(ApiError::invalid("code", "is for nothing: begin with POST /api/v1/auth/totp"));
    };
    app.rates.login_try(address.key())?;
    app.rates.login_tried(&agent.email, address.key(), Instant::now())?;
    let secret = Secret::stored(totp.secret);
    let Some(recovery_codes) = second_factor::confirm(&app, &agent, &secret, &body.code).await? else {
        return Err(ApiError::invalid(
            "code",
            "is not the one of now; is the clock of the authenticator's device right?",
        ));
    };
    app.rates.login_succeeded(&agent.email, address.key());
    tracing::info!(agent.id = %agent.id, "an agent has a second factor");
    Ok(axum::Json(RecoveryCodes { recovery_codes }))
}

/// DELETE `/auth/totp`.
pub(crate) async fn remove(
    State(app): State<App>,
    login: Login,
    address: ClientAddress,
    Json(body): Json<ConfirmPassword>,
) -> Result<StatusCode, ApiError> {
    auth::prove(&app, &login.agent, address, "password", body.password).await?;
    app.store.remove_totp(login.agent.id).await?;
    tracing::info!(agent.id = %login.agent.id, "an agent's second factor was taken away");
    Ok(StatusCode::NO_CONTENT)
}
