//! The files in the binary: the widget, the console, the demo shop, and the API's document.

use std::{borrow::Cow, sync::LazyLock};

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest as _, Sha256};

use crate::{api::PathId, error::ApiError};

#[derive(RustEmbed)]
#[folder = "../web/dist/"]
struct Web;

/// Files with a hash in their name never change.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// Everything else is asked about each time; an unchanged file costs an empty answer.
const REVALIDATE: &str = "no-cache";
/// The embed is on every page of the shop: asked about once in five minutes.
const SHORT: &str = "public, max-age=300";

/// The policy of our own pages (contract §3): nothing inline, nothing from elsewhere.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

fn file(path: &str, cache: &'static str, asked: &HeaderMap) -> Result<Response, ApiError> {
    let EmbeddedFile { data, metadata } = Web::get(path).ok_or_else(ApiError::not_found)?;
    Ok(answer(data, &metadata.sha256_hash(), metadata.mimetype(), cache, asked))
}

fn answer(
    data: Cow<'static, [u8]>,
    sha256: &[u8],
    kind: &str,
    cache: &'static str,
    asked: &HeaderMap,
) -> Response {
    let hash: String = sha256.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    // Weak: compressed it is the same file, but not the same bytes (RFC 9110 §8.8.1).
    let etag = format!("W/\"{hash}\"");
    let same = asked
        .get_all(header::IF_NONE_MATCH)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.trim_start_matches("W/") == &etag[2..]);
    let mut response = if same { StatusCode::NOT_MODIFIED.into_response() } else { data.into_response() };
    let headers = response.headers_mut();
    let kind = HeaderValue::try_from(kind);
    headers
        .insert(header::CONTENT_TYPE, kind.unwrap_or(HeaderValue::from_static("application/octet-stream")));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Ok(etag) = HeaderValue::try_from(etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}

fn page(path: &str, asked: &HeaderMap) -> Result<Response, ApiError> {
    let mut response = file(path, REVALIDATE, asked)?;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Ok(response)
}

/// What pages of other origins load: any page may, as with every script on the web.
fn for_any_page(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
    response
}

/// GET `/widget.js`.
pub(crate) async fn widget(headers: HeaderMap) -> Result<Response, ApiError> {
    file("widget.js", SHORT, &headers).map(for_any_page)
}

/// GET `/assets/…`.
pub(crate) async fn asset(PathId(path): PathId<String>, headers: HeaderMap) -> Result<Response, ApiError> {
    file(&format!("assets/{path}"), IMMUTABLE, &headers).map(for_any_page)
}

/// GET `/console`, and every place in it.
pub(crate) async fn console(headers: HeaderMap) -> Result<Response, ApiError> {
    page("console/index.html", &headers)
}

/// GET `/demo`: a shop's page with the widget on it.
pub(crate) async fn demo(headers: HeaderMap) -> Result<Response, ApiError> {
    page("demo/index.html", &headers)
}

/// GET `/api/docs`: the API's document, to be read.
pub(crate) async fn docs(headers: HeaderMap) -> Result<Response, ApiError> {
    page("docs/index.html", &headers)
}

/// GET `/api/openapi.json`.
pub(crate) async fn openapi(headers: HeaderMap) -> Response {
    static HASH: LazyLock<[u8; 32]> = LazyLock::new(|| Sha256::digest(protocol::OPENAPI).into());
    let document = Cow::Borrowed(protocol::OPENAPI.as_bytes());
    for_any_page(answer(document, &*HASH, "application/json", REVALIDATE, &headers))
}
