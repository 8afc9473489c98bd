//! Request bodies: JSON only, within the limit, and every fault named.

use axum::{
    body::Body,
    extract::{FromRequest, Request},
    http::header,
};
use futures_util::StreamExt as _;
use hyper::body::Body as _;
use protocol::{ErrorCode, limits};
use serde::de::DeserializeOwned;

use crate::{app::App, error::ApiError};

/// How many times its limit is read of a body, and thrown away, before a body is given up: whoever is a little over the limit is told so, while
/// one who is cut off in the middle of sending may never see the answer.
const PASSED_OVER: usize = 4;

/// A body of JSON: an object.
pub(crate) struct Json<T>(pub T);

/// A body of JSON: an array.
pub(crate) struct JsonList<T>(pub Vec<T>);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &App) -> Result<Self, ApiError> {
        object(&json(request).await?).map(Self)
    }
}

impl<T: DeserializeOwned> FromRequest<App> for JsonList<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &App) -> Result<Self, ApiError> {
        parse(&json(request).await?).map(Self)
    }
}

/// The bytes of a body that says it is JSON.
async fn json(request: Request) -> Result<Vec<u8>, ApiError> {
    let is_json = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"));
    if !is_json {
        return Err(ApiError::new(ErrorCode::UnsupportedType, "Send JSON: Content-Type: application/json."));
    }
    whole(request.into_body(), limits::REQUEST_BYTES).await
}

/// A body that means nothing: read, so that nothing of it is left, and thrown away.
pub(crate) struct NoBody;

impl FromRequest<App> for NoBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &App) -> Result<Self, ApiError> {
        let body = request.into_body();
        if !body.is_end_stream() {
            whole(body, limits::REQUEST_BYTES).await?;
        }
        Ok(Self)
    }
}

/// Reads a body of at most `limit` bytes.
pub(super) async fn whole(body: Body, limit: usize) -> Result<Vec<u8>, ApiError> {
    let mut chunks = body.into_data_stream();
    let (mut all, mut length) = (Vec::new(), 0);
    while let Some(chunk) = chunks.next().await {
        let chunk =
            chunk.map_err(|_| ApiError::new(ErrorCode::BadRequest, "The body did not arrive whole."))?;
        length += chunk.len();
        if length <= limit {
            all.extend_from_slice(&chunk);
        } else if length > PASSED_OVER * limit {
            break;
        }
    }
    if length > limit {
        return Err(ApiError::new(
            ErrorCode::TooLarge,
            format!("The limit of this request is {limit} bytes."),
        ));
    }
    Ok(all)
}

/// An object. Serde would take an array of its values in their order, too: nobody means that.
pub(super) fn object<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    if bytes.trim_ascii_start().starts_with(b"[") {
        return Err(ApiError::invalid("body", "must be an object"));
    }
    parse(bytes)
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        match error.classify() {
            serde_json::error::Category::Data => {
                let message = error.to_string();
                // "… at line 1 column 2" helps nobody.
                let message = message.split(" at line ").next().unwrap_or_default().to_owned();
                let field = if path == "." { missing_field(&message).unwrap_or("body") } else { &path };
                ApiError::invalid(field, message.as_str())
            }
            _ => ApiError::new(ErrorCode::BadRequest, "The body is not JSON."),
        }
    })?;
    json.end().map_err(|_| ApiError::new(ErrorCode::BadRequest, "There is more after the JSON."))?;
    Ok(value)
}

fn missing_field(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.strip_suffix('`')
}

#[cfg(test)]
mod tests {
    use protocol::rest::{SendMessage, StartSession};

    use super::*;

    #[test]
    fn faults_name_their_field() {
        let code = |error: &ApiError| (error.code, error.errors.first().map(|fault| fault.field.clone()));
        let error = parse::<SendMessage>(br#"{"id":"x","body":"hi"}"#).unwrap_err();
        assert_eq!(code(&error), (ErrorCode::Invalid, Some("id".into())));
        let error = parse::<SendMessage>(br#"{"body":"hi"}"#).unwrap_err();
        assert_eq!(code(&error), (ErrorCode::Invalid, Some("id".into())));
        let error = parse::<StartSession>(br#"{"page":{"url":1}}"#).unwrap_err();
        assert_eq!(code(&error), (ErrorCode::Invalid, Some("page.url".into())));
        for broken in ["", "{", "[1]x", "{} {}", "\u{0}"] {
            let code = parse::<StartSession>(broken.as_bytes()).unwrap_err().code;
            assert!(matches!(code, ErrorCode::BadRequest | ErrorCode::Invalid), "{broken:?}");
        }
        let error = object::<StartSession>(br#" [null, "Ana"]"#).unwrap_err();
        assert_eq!(code(&error), (ErrorCode::Invalid, Some("body".into())));
        assert!(parse::<StartSession>(br#"{"unknown":1}"#).is_ok(), "unknown fields are ignored");
    }
}
