//! Refusals on their way out: the one place where an error becomes an HTTP status (contract §3, RFC 9457).

use std::time::Duration;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use hub::HubError;
use persistence::StoreError;
use protocol::{ErrorCode, FieldError, Invalid, Problem};

/// A refusal over HTTP.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub(crate) struct ApiError {
    pub code: ErrorCode,
    pub detail: String,
    pub errors: Vec<FieldError>,
    pub retry_after: Option<Duration>,
}

impl ApiError {
    pub(crate) fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), retry_after: None }
    }

    /// A value that cannot be used, named.
    pub(crate) fn invalid(field: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            code: ErrorCode::Invalid,
            detail: format!("{field} {message}"),
            errors: vec![FieldError { field: field.to_owned(), message }],
            retry_after: None,
        }
    }

    /// Several values that cannot be used.
    pub(crate) fn invalid_all(errors: Vec<FieldError>) -> Self {
        let detail = errors
            .iter()
            .map(|error| format!("{} {}", error.field, error.message))
            .collect::<Vec<_>>()
            .join("; ");
        Self { code: ErrorCode::Invalid, detail, errors, retry_after: None }
    }

    pub(crate) fn too_fast(limit: impl Into<String>, wait: Duration) -> Self {
        Self {
            code: ErrorCode::RateLimited,
            detail: limit.into(),
            errors: Vec::new(),
            retry_after: Some(wait.max(Duration::from_millis(1))),
        }
    }

    pub(crate) fn not_found() -> Self {
        Self::new(ErrorCode::NotFound, HubError::NotFound.to_string())
    }

    pub(crate) fn retry_after_ms(&self) -> Option<u64> {
        self.retry_after.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX))
    }
}

/// Names the field of a text that was refused.
pub(crate) trait InField<T> {
    fn in_field(self, field: &str) -> Result<T, ApiError>;
}

impl<T> InField<T> for Result<T, Invalid> {
    fn in_field(self, field: &str) -> Result<T, ApiError> {
        self.map_err(|Invalid(message)| ApiError::invalid(field, message))
    }
}

/// The values of a request that cannot be used, so that a person hears of all of them at once.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<FieldError>);

impl Faults {
    pub(crate) fn add(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(FieldError { field: field.to_owned(), message: message.into() });
    }

    /// Takes a value, or notes why it cannot be used.
    pub(crate) fn take<T>(&mut self, field: &str, value: Result<T, Invalid>) -> Option<T> {
        value.map_err(|Invalid(message)| self.add(field, message)).ok()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// # Errors
    /// There are some.
    pub(crate) fn finish(self) -> Result<(), ApiError> {
        if self.0.is_empty() { Ok(()) } else { Err(ApiError::invalid_all(self.0)) }
    }
}

impl From<HubError> for ApiError {
    fn from(error: HubError) -> Self {
        if matches!(error, HubError::Unmentionable) {
            return Self::invalid(
                "mentions",
                "names somebody who is not of the team, or may not see this chat",
            );
        }
        if matches!(error, HubError::NoSuchSite) {
            return Self::invalid("site", "is not the key of a site");
        }
        if let HubError::Attachments(why) = error {
            return Self::invalid("attachments", why);
        }
        let code = error.code();
        let retry_after = code.retryable().then_some(Duration::from_secs(1));
        Self { code, detail: error.to_string(), errors: Vec::new(), retry_after }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(what) => {
                Self::new(ErrorCode::Conflict, format!("This {what} exists already."))
            }
            error => HubError::from(error).into(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.retry_after;
        let problem = Problem {
            kind: format!("urn:hubbub:problem:{}", self.code.as_str()),
            title: self.code.title().to_owned(),
            status: status.as_u16(),
            code: self.code,
            detail: self.detail,
            errors: self.errors,
        };
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let json = HeaderValue::from_static("application/problem+json");
        let no_store = HeaderValue::from_static("no-store");
        let mut response =
            (status, [(header::CONTENT_TYPE, json), (header::CACHE_CONTROL, no_store)], body).into_response();
        if let Some(wait) = retry_after {
            // Whole seconds, rounded up: waiting that long is enough (RFC 9110 §10.2.3).
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        response
    }
}
