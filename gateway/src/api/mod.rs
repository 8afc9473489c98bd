//! The REST API, one file per resource. Live sessions are changed through the hub only.

pub(crate) mod agents;
pub(crate) mod attributes;
pub(crate) mod auth;
mod blanks;
pub(crate) mod body;
pub(crate) mod bulk;
pub(crate) mod canned;
pub(crate) mod contacts;
pub(crate) mod context;
pub(crate) mod duty;
pub(crate) mod entries;
pub(crate) mod files;
pub(crate) mod health;
pub(crate) mod links;
pub(crate) mod logins;
pub(crate) mod macros;
pub(crate) mod me;
pub(crate) mod messages;
pub(crate) mod needs;
pub(crate) mod notifications;
mod owned;
pub(crate) mod query;
pub(crate) mod rules;
mod search;
pub(crate) mod second_factor;
pub(crate) mod sessions;
pub(crate) mod settings;
pub(crate) mod signals;
pub(crate) mod sites;
pub(crate) mod skills;
pub(crate) mod spreadsheet;
pub(crate) mod start;
pub(crate) mod teams;
pub(crate) mod transcript;
pub(crate) mod views;

use std::str::FromStr;

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};

use crate::{app::App, error::ApiError};

/// Two of them in a path, one below the other.
pub(crate) struct PathIds<A, B>(pub A, pub B);

impl<A: FromStr + Send, B: FromStr + Send> FromRequestParts<App> for PathIds<A, B> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let path = Path::<(String, String)>::from_request_parts(parts, app).await;
        let Path((a, b)) = path.map_err(|_| ApiError::not_found())?;
        let parsed = a.parse().ok().zip(b.parse().ok()).map(|(a, b)| Self(a, b));
        parsed.ok_or_else(ApiError::not_found)
    }
}

/// An id, a key or a name in a path. What is none names nothing, so it is not there.
pub(crate) struct PathId<T>(pub T);

impl<T: FromStr + Send> FromRequestParts<App> for PathId<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Path(text) =
            Path::<String>::from_request_parts(parts, app).await.map_err(|_| ApiError::not_found())?;
        text.parse().map(Self).map_err(|_| ApiError::not_found())
    }
}
