//! How a file comes in: in a form, in its field `file`.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{FromRequest as _, Multipart, Request, multipart::MultipartError},
    http::{HeaderMap, StatusCode, header},
};
use futures_util::StreamExt as _;
use protocol::{Attachment, ErrorCode};
use tokio::time::{Instant, timeout_at};

use super::too_large;
use crate::{app::App, error::ApiError};

/// How long an upload may take in all, and without a byte.
const UPLOAD_TIME: Duration = Duration::from_secs(30 * 60);
const SILENCE: Duration = Duration::from_secs(30);
/// What stands around a file in its form.
const FORM_BYTES: u64 = 16 * 1024;
/// How long and how far a body is read that is too large, so that whoever sends it hears why.
const PASSED_OVER: Duration = Duration::from_secs(10);

/// Takes the file of a form, looks at it, and keeps its bytes. They are swept unless a row names them.
///
/// # Errors
/// It did not arrive, is not taken, or cannot be kept.
pub(crate) async fn receive(app: &App, request: Request) -> Result<Attachment, ApiError> {
    let limit = app.files.max_bytes();
    if content_length(request.headers()).is_some_and(|length| length > limit + FORM_BYTES) {
        pass_over(request.into_body(), limit).await;
        return Err(too_large(limit));
    }
    let is_form = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.trim_start().to_ascii_lowercase().starts_with("multipart/form-data"));
    if !is_form {
        return Err(ApiError::new(
            ErrorCode::UnsupportedType,
            "Send a form with the file in its field `file`: Content-Type: multipart/form-data.",
        ));
    }
    let mut form = Multipart::from_request(request, app).await.map_err(|_| broken())?;
    let end = (Instant::now() + UPLOAD_TIME, limit);
    loop {
        let Some(mut field) = in_time(end, form.next_field()).await? else {
            return Err(ApiError::invalid("file", "is missing"));
        };
        if field.name() != Some("file") {
            // Read by the form itself, and thrown away.
            continue;
        }
        let Some(name) = field.file_name().map(str::to_owned) else {
            return Err(ApiError::invalid("file", "has no name"));
        };
        let declared = field.content_type().unwrap_or_default().to_owned();
        let mut taken = app.files.begin().await?;
        let mut over = None;
        while let Some(piece) = in_time(end, field.chunk()).await? {
            if let Err(error) = taken.write(&piece).await {
                over = Some(error);
                break;
            }
        }
        if let Some(error) = over {
            let rest = async { while let Ok(Some(_)) = field.chunk().await {} };
            let _ = tokio::time::timeout(PASSED_OVER, rest).await;
            return Err(error);
        }
        return app.files.finish(taken, (&name, &declared)).await;
    }
}

fn broken() -> ApiError {
    ApiError::new(ErrorCode::BadRequest, "The form did not arrive whole.")
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Waits for the next piece of a form.
async fn in_time<T>(
    (end, limit): (Instant, u64),
    next: impl Future<Output = Result<T, MultipartError>>,
) -> Result<T, ApiError> {
    match timeout_at(end.min(Instant::now() + SILENCE), next).await {
        Ok(next) => next.map_err(|error| match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => too_large(limit),
            _ => broken(),
        }),
        Err(_elapsed) => Err(ApiError::new(ErrorCode::RequestTimeout, "The file did not arrive in time.")),
    }
}

/// Reads what is a little too large, and throws it away.
async fn pass_over(body: Body, limit: u64) {
    let mut pieces = body.into_data_stream();
    let read = async {
        let mut length = 0;
        while let Some(Ok(piece)) = pieces.next().await {
            length += piece.len() as u64;
            if length > limit * 2 {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(PASSED_OVER, read).await;
}
