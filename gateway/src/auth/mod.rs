//! Who is calling: proven from a request's headers, before any handler runs.

pub(crate) mod identity;
pub(crate) mod origin;
pub(crate) mod password;
pub(crate) mod second_factor;
pub(crate) mod token;

use std::{convert::Infallible, net::IpAddr, sync::Arc, time::Duration};

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::{HeaderMap, header, request::Parts},
};
use hub::Caller;
use persistence::{Agent, Grant, Site, TokenHash};
use protocol::{ErrorCode, LoginId, Role, UtcMillis};

use crate::{
    app::{App, Peer},
    client_address,
    error::ApiError,
    rate_limit::AddressKey,
};

/// The cookie of an agent's login (contract §2).
pub(crate) const LOGIN_COOKIE: &str = "hubbub_login";

/// How long a login may be used before that is noted again: each time is a write.
const SEEN: Duration = Duration::from_secs(5 * 60);

/// The client's address.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClientAddress(pub IpAddr);

impl ClientAddress {
    pub(crate) fn of(peer: &Peer, headers: &HeaderMap, app: &App) -> Self {
        let (trusted, believed) = (&app.config.trusted_proxies, app.config.forwarded_header);
        Self(client_address::client_address(peer.address, headers, trusted, believed))
    }

    pub(crate) fn key(self) -> AddressKey {
        AddressKey::from(self.0)
    }
}

impl FromRequestParts<App> for ClientAddress {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let peer =
            parts.extensions.get::<Peer>().ok_or_else(|| ApiError::new(ErrorCode::Internal, "no peer"))?;
        Ok(Self::of(peer, &parts.headers, app))
    }
}

/// An agent's login, whether or not its password must still be changed: for `/auth/…` only.
pub(crate) struct Login {
    pub id: LoginId,
    pub agent: Agent,
    pub token: TokenHash,
}

impl Login {
    /// Finds the login of a request's cookie.
    ///
    /// # Errors
    /// No cookie, or one that opens nothing; or the store does not answer.
    pub(crate) async fn of(app: &App, headers: &HeaderMap) -> Result<Self, ApiError> {
        let unauthenticated = || ApiError::new(ErrorCode::Unauthenticated, "Sign in first.");
        let token = cookie(headers, LOGIN_COOKIE).and_then(token::hash).ok_or_else(unauthenticated)?;
        let now = app.hub.clock().now();
        let login = app.store.login(&token, now).await?.ok_or_else(unauthenticated)?;
        if now.since(login.seen_at) >= SEEN {
            note_seen(app, token, now);
        }
        Ok(Self { id: login.id, agent: login.agent, token })
    }
}

/// Notes that a login is used, beside the request: it must not wait for a store that can be read but not written. While
/// others are noted it is left to the next request.
fn note_seen(app: &App, token: TokenHash, now: UtcMillis) {
    let Ok(few) = app.noting.clone().try_acquire_owned() else { return };
    let store = app.store.clone();
    app.tasks.spawn(async move {
        if let Err(error) = store.login_seen(&token, now).await {
            tracing::debug!(%error, "the use of a login could not be noted");
        }
        drop(few);
    });
}

impl FromRequestParts<App> for Login {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        origin::same_origin(&parts.headers, app)?;
        Self::of(app, &parts.headers).await
    }
}

/// The login that a request's cookie claims, unproven: to end with it what was begun under it.
pub(crate) struct LoginCookie(pub Option<TokenHash>);

impl FromRequestParts<App> for LoginCookie {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Infallible> {
        let by_cookie = !parts.headers.contains_key(header::AUTHORIZATION);
        let token = cookie(&parts.headers, LOGIN_COOKIE).filter(|_| by_cookie);
        Ok(Self(token.and_then(token::hash)))
    }
}

/// A member of the team who may work.
pub(crate) struct TeamMember(pub Agent);

impl FromRequestParts<App> for TeamMember {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let login = <Login as FromRequestParts<App>>::from_request_parts(parts, app).await?;
        password_settled(login.agent).map(Self)
    }
}

/// A member of the team, where there is nothing for customers: to them it is not there.
pub(crate) struct Member(pub Agent);

impl FromRequestParts<App> for Member {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        // A customer's token proves somebody, but never a member of the team.
        let customer = <Customer as OptionalFromRequestParts<App>>::from_request_parts(parts, app).await?;
        if customer.is_some() {
            return Err(ApiError::not_found());
        }
        TeamMember::from_request_parts(parts, app).await.map(|TeamMember(agent)| Self(agent))
    }
}

/// A member who leads: a supervisor or an admin.
pub(crate) struct Lead(pub Agent);

impl FromRequestParts<App> for Lead {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Member(agent) = Member::from_request_parts(parts, app).await?;
        match agent.role {
            Role::Supervisor | Role::Admin => Ok(Self(agent)),
            Role::Agent => {
                Err(ApiError::new(ErrorCode::Forbidden, "Only a supervisor or an admin can do this."))
            }
        }
    }
}

/// A member of the team who may change the workspace.
pub(crate) struct Admin(pub Agent);

impl FromRequestParts<App> for Admin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Member(agent) = Member::from_request_parts(parts, app).await?;
        match agent.role {
            Role::Admin => Ok(Self(agent)),
            Role::Agent | Role::Supervisor => {
                Err(ApiError::new(ErrorCode::Forbidden, "Only an admin can do this."))
            }
        }
    }
}

/// A customer.
pub(crate) struct Customer {
    pub grant: Grant,
}

/// A customer or a member of the team: who asks the hub.
pub(crate) struct Asking(pub Caller);

impl FromRequestParts<App> for Asking {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        if let Some(customer) =
            <Customer as OptionalFromRequestParts<App>>::from_request_parts(parts, app).await?
        {
            return Ok(Self(Caller::Customer(customer.grant.into())));
        }
        let TeamMember(agent) = TeamMember::from_request_parts(parts, app).await?;
        Ok(Self(app.agent_caller(&agent)))
    }
}

impl FromRequestParts<App> for Customer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        if let Some(customer) =
            <Self as OptionalFromRequestParts<App>>::from_request_parts(parts, app).await?
        {
            return Ok(customer);
        }
        // Whoever is signed in as an agent is told that this is the customer's.
        TeamMember::from_request_parts(parts, app).await?;
        Err(ApiError::new(ErrorCode::Forbidden, "This is the customer's to ask."))
    }
}

impl OptionalFromRequestParts<App> for Customer {
    type Rejection = ApiError;

    /// `None` without an `Authorization` header; a header that opens nothing is refused, whatever the cookies say.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, ApiError> {
        let Some(value) = parts.headers.get(header::AUTHORIZATION) else { return Ok(None) };
        let unauthenticated = || ApiError::new(ErrorCode::Unauthenticated, "This token opens nothing here.");
        let bearer = value
            .to_str()
            .ok()
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or_else(unauthenticated)?;
        let (grant, site) = customer_of(app, bearer).await?.ok_or_else(unauthenticated)?;
        origin::allowed_for_site(&parts.headers, app, &site)?;
        Ok(Some(Self { grant }))
    }
}

/// What a customer's token opens, and on which site.
///
/// # Errors
/// The store does not answer.
pub(crate) async fn customer_of(app: &App, token: &str) -> Result<Option<(Grant, Arc<Site>)>, ApiError> {
    let Some(hash) = token::hash(token) else { return Ok(None) };
    let Some(grant) = app.store.grant_by_token(&hash).await? else { return Ok(None) };
    let site = app.sites.by_id(grant.site_id).await?;
    Ok(site.map(|known| (grant, known.site)))
}

/// # Errors
/// The password must be changed first.
pub(crate) fn password_settled(agent: Agent) -> Result<Agent, ApiError> {
    if agent.must_change_password {
        return Err(ApiError::new(
            ErrorCode::PasswordChangeRequired,
            "Change the one-time password first: POST /api/v1/auth/password.",
        ));
    }
    Ok(agent)
}

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().split_once('=').filter(|(key, _)| *key == name).map(|(_, value)| value))
}
