//! Files: uploaded to a session, named by a message, read by who sees that.

use axum::{
    body::Body,
    extract::{FromRequestParts as _, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse as _, Response},
};
use futures_util::StreamExt as _;
use hub::Caller;
use persistence::File;
use protocol::{Attachment, Audience, ErrorCode, SessionId};
use uuid::Uuid;

use super::{PathId, canned, query::Query};
use crate::{
    app::App,
    auth::{Asking, ClientAddress},
    blocks,
    error::ApiError,
    files::{
        form::receive,
        kinds::{self, Serve},
        names::disposition,
        picture::thumbnail_type,
        range::{Asked, asked},
        storage::{Content, Part},
        unavailable,
    },
};

/// What is not a page of ours and must never be one: nothing in it runs, whatever it is.
const SANDBOX: &str = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";
/// A file never changes; it may be taken away.
const CACHE: &str = "private, max-age=600";

/// POST `/sessions/{id}/attachments`.
pub(crate) async fn upload(
    State(app): State<App>,
    Asking(caller): Asking,
    address: ClientAddress,
    PathId(session): PathId<SessionId>,
    request: Request,
) -> Result<(StatusCode, axum::Json<Attachment>), ApiError> {
    app.hub.session(&caller, session).await?;
    blocks::not_blocked(&app, &caller)?;
    let uploader = caller.uploader().ok_or_else(ApiError::not_found)?;
    app.rates.upload(uploader, address.key())?;
    let _place = app.files.place(uploader)?;
    if app.store.waiting_bytes(uploader).await? >= app.files.max_waiting() {
        return Err(app.files.too_many_waiting());
    }
    let file = receive(&app, request).await?;
    let now = app.hub.clock().now();
    app.files.keep(&app, &File::waiting(&file, session, uploader, now)).await?;
    Ok((StatusCode::CREATED, axum::Json(app.urls.signed_file(file, now))))
}

/// GET `/attachments/{attachment}`.
pub(crate) async fn read(
    State(app): State<App>,
    PathId(id): PathId<Uuid>,
    request: Request,
) -> Result<Response, ApiError> {
    let (mut parts, _) = request.into_parts();
    let file = opened(&app, id, &Attachment::path(id), &mut parts).await?;
    let kind = kinds::of(&file.content_type);
    let inline = kind.is_some_and(|kind| matches!(kind.serve, Serve::Picture | Serve::Media));
    let served_as = kind.map_or("application/octet-stream", kinds::Kind::served_as);
    let tag = format!("\"{id}\"");
    let mut headers = headers(served_as, inline, &file.name, &tag);
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if has(&parts.headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let value = |name| parts.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let same = value(header::IF_RANGE).is_none_or(|known| known == tag);
    let (status, range) = match asked(value(header::RANGE).filter(|_| same), file.size) {
        Asked::Whole => (StatusCode::OK, None),
        Asked::Part(range) => {
            let said = format!("bytes {}-{}/{}", range.start, range.end - 1, file.size);
            insert(&mut headers, header::CONTENT_RANGE, &said);
            (StatusCode::PARTIAL_CONTENT, Some(range))
        }
        Asked::Nothing => {
            let mut answer =
                ApiError::new(ErrorCode::RangeNotSatisfiable, format!("The file has {} bytes.", file.size))
                    .into_response();
            insert(answer.headers_mut(), header::CONTENT_RANGE, &format!("bytes */{}", file.size));
            return Ok(answer);
        }
    };
    let length = range.as_ref().map_or(file.size, |range| range.end - range.start);
    insert(&mut headers, header::CONTENT_LENGTH, &length.to_string());
    let body = if parts.method == Method::HEAD {
        Body::empty()
    } else {
        Body::from_stream(content(&app, id, Part::Whole, range).await?)
    };
    Ok((status, headers, body).into_response())
}

/// GET `/attachments/{attachment}/thumbnail`.
pub(crate) async fn thumbnail(
    State(app): State<App>,
    PathId(id): PathId<Uuid>,
    request: Request,
) -> Result<Response, ApiError> {
    let (mut parts, _) = request.into_parts();
    let file = opened(&app, id, &Attachment::thumbnail_path(id), &mut parts).await?;
    if file.thumbnail_url.is_none() {
        return Err(ApiError::not_found());
    }
    let tag = format!("\"{id}-thumbnail\"");
    if has(&parts.headers, &tag) {
        let headers = headers("image/jpeg", true, &file.name, &tag);
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let mut pieces = content(&app, id, Part::Thumbnail, None).await?;
    let mut bytes = Vec::new();
    while let Some(piece) = pieces.next().await {
        bytes.extend(piece.map_err(|error| unavailable(&error))?);
    }
    let headers = headers(thumbnail_type(&bytes), true, &file.name, &tag);
    Ok((headers, bytes).into_response())
}

/// DELETE `/attachments/{attachment}`: takes back what no message has named, or away what a canned answer has.
pub(crate) async fn withdraw(
    State(app): State<App>,
    Asking(caller): Asking,
    PathId(id): PathId<Uuid>,
) -> Result<StatusCode, ApiError> {
    let Some(file) = app.store.file(id).await? else {
        canned::remove_file(&app, &caller, id).await?;
        return Ok(StatusCode::NO_CONTENT);
    };
    seen(&app, &caller, &file).await?;
    let uploader = caller.uploader().ok_or_else(ApiError::not_found)?;
    if file.uploader != uploader || file.entry.is_some() {
        return Err(ApiError::new(
            ErrorCode::Forbidden,
            "Only its uploader can take a file back, and only before it was sent. Delete the message instead.",
        ));
    }
    app.store.withdraw_file(id, uploader, app.hub.clock().now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The file, for who has a signature of ours for this path, or sees it.
async fn opened(app: &App, id: Uuid, path: &str, parts: &mut Parts) -> Result<Attachment, ApiError> {
    let mut query = Query::from_request_parts(parts, app).await?;
    let expires = query.text("expires").and_then(|expires| expires.parse().ok());
    let signature = query.text("signature");
    query.finish()?;
    let now = app.hub.clock().now();
    let signed = signature
        .as_deref()
        .zip(expires)
        .is_some_and(|(signature, expires)| app.urls.opens(path, expires, signature, now));
    if signed {
        let Some(file) = app.store.file(id).await? else {
            let file = app.store.canned_file(id).await?.ok_or_else(ApiError::not_found)?;
            return Ok(file.file);
        };
        let there = Some(file).filter(|file| file.deleted_at.is_none());
        return there.map(|file| file.attachment()).ok_or_else(ApiError::not_found);
    }
    let caller = match Asking::from_request_parts(parts, app).await {
        Ok(Asking(caller)) => caller,
        // A page that shows a file has no credential to offer, only an address that holds no more.
        Err(error) if signature.is_some() && error.code == ErrorCode::Unauthenticated => {
            return Err(ApiError::not_found());
        }
        Err(error) => return Err(error),
    };
    let Some(file) = app.store.file(id).await? else {
        return Ok(canned::file_for(app, &caller, id).await?.file);
    };
    seen(app, &caller, &file).await?;
    Ok(file.attachment())
}

/// Whether a file is there for the caller: its message is, or it is their own and waits for one.
async fn seen(app: &App, caller: &Caller, file: &File) -> Result<(), ApiError> {
    let there = file.deleted_at.is_none()
        && match file.entry {
            Some(entry) => !entry.note || caller.audience() == Audience::Team,
            None => caller.uploader() == Some(file.uploader),
        };
    if !there {
        return Err(ApiError::not_found());
    }
    app.hub.session(caller, file.session).await?;
    Ok(())
}

async fn content(
    app: &App,
    id: Uuid,
    part: Part,
    range: Option<std::ops::Range<u64>>,
) -> Result<Content, ApiError> {
    app.files.storage.read(id, part, range).await.map_err(|error| match error {
        object_store::Error::NotFound { .. } => {
            tracing::error!(file.id = %id, "the bytes of a file are not there");
            ApiError::not_found()
        }
        error => unavailable(&error),
    })
}

/// Whether the browser has it already.
fn has(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    known.is_some_and(|known| {
        known.split(',').any(|one| matches!(one.trim(), "*") || one.trim().trim_start_matches("W/") == tag)
    })
}

fn headers(content_type: &'static str, inline: bool, name: &str, tag: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(CACHE));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(SANDBOX));
    // Shown by pages of the shops.
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    insert(&mut headers, header::CONTENT_DISPOSITION, &disposition(inline, name));
    insert(&mut headers, header::ETAG, tag);
    headers
}

fn insert(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
