//! Headers that every answer carries, and the ones that let pages of allowed origins read it (CORS).

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use protocol::ErrorCode;

use crate::{app::App, auth::origin, error::ApiError};

/// Methods and headers that the widget's requests use.
const METHODS: &str = "GET, POST, PATCH, DELETE";
const HEADERS: &str = "authorization, content-type";

/// Headers of every answer.
pub(crate) async fn secure(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = if names_one_host(&request) {
        next.run(request).await
    } else {
        ApiError::new(ErrorCode::BadRequest, "Name one host in the Host header.").into_response()
    };
    let https = app.config.public_url.as_ref().is_some_and(crate::config::PublicUrl::is_https);
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin"));
    if https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    // Answers of the API are for the one who asked, now.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// HTTP/1.1 asks for exactly one Host (RFC 9112 §3.2); origins are compared with it.
fn names_one_host(request: &Request) -> bool {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    hosts == 1 || (hosts == 0 && request.version() == Version::HTTP_10)
}

/// Answers preflights, and marks answers to allowed origins as readable. Whether the origin may use *this* site is
/// checked with the site in hand (`auth::origin`).
pub(crate) async fn cors(State(app): State<App>, request: Request, next: Next) -> Response {
    let preflight = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    // Programs send no Origin, so for them the sites need not be known.
    let allowed = match origin::origin(request.headers()) {
        None => None,
        Some(_) => match app.sites.all().await {
            Ok(sites) => allowed_origin(request.headers(), &app, &sites),
            Err(error) if preflight => return ApiError::from(error).into_response(),
            Err(_) => None,
        },
    };
    let mut response =
        if preflight { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("retry-after"));
        if preflight {
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(HEADERS));
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200"));
            // A shop on the public web may ask a server on the visitor's own machine (the demo, a developer's).
            headers.insert(
                HeaderName::from_static("access-control-allow-private-network"),
                HeaderValue::from_static("true"),
            );
        }
    }
    response
}

fn allowed_origin(headers: &HeaderMap, app: &App, sites: &[crate::sites::KnownSite]) -> Option<HeaderValue> {
    let origin = origin::known_to_any(headers, app, sites)?;
    HeaderValue::from_str(origin).ok()
}
