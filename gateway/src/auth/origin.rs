//! Which pages may talk to us: exact origins, never prefixes or suffixes (contract §3).

use axum::http::{HeaderMap, header};
use persistence::Site;
use protocol::ErrorCode;

use crate::{app::App, error::ApiError, sites::KnownSite};

/// The word in a site's list that stands for any port of the visitor's own machine.
const LOCALHOST: &str = "localhost";

/// The page that asks; programs send none.
pub(crate) fn origin(headers: &HeaderMap) -> Option<&str> {
    // What is not text is no origin that we know: it must not pass as "absent".
    headers.get(header::ORIGIN).map(|value| value.to_str().unwrap_or("null"))
}

/// Whether the origin is this server's own: the public URL's, or, without one, that of the address asked for.
fn is_own(origin: &str, headers: &HeaderMap, app: &App) -> bool {
    if let Some(public) = &app.config.public_url {
        return origin.eq_ignore_ascii_case(public.as_str());
    }
    let asked = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    matches!((authority, asked), (Some(authority), Some(asked)) if authority.eq_ignore_ascii_case(asked))
}

/// Whether a site's list holds the origin.
fn is_listed(origin: &str, allowed: &[String]) -> bool {
    allowed.iter().any(|allowed| {
        if allowed == LOCALHOST {
            let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
            host.is_some_and(|host| {
                let (name, port) = host.split_once(':').unwrap_or((host, "80"));
                name.eq_ignore_ascii_case(LOCALHOST)
                    && !port.is_empty()
                    && port.bytes().all(|b| b.is_ascii_digit())
            })
        } else {
            allowed.eq_ignore_ascii_case(origin)
        }
    })
}

fn refused(origin: &str) -> ApiError {
    ApiError::new(
        ErrorCode::OriginRefused,
        format!(
            "Pages of {} may not use this site. An admin can allow the origin in the site's settings.",
            {
                // A header of a stranger: only what an origin can hold is said back.
                let printable = origin.len() <= 200 && origin.bytes().all(|b| b.is_ascii_graphic());
                if printable { origin } else { "this origin" }
            }
        ),
    )
}

/// Refuses pages that the site does not allow. Programs send no Origin and pass.
///
/// # Errors
/// `origin_refused`.
pub(crate) fn allowed_for_site(headers: &HeaderMap, app: &App, site: &Site) -> Result<(), ApiError> {
    match origin(headers) {
        None => Ok(()),
        Some(origin) if is_own(origin, headers, app) || is_listed(origin, &site.allowed_origins) => Ok(()),
        Some(origin) => Err(refused(origin)),
    }
}

/// Refuses requests with a login cookie that another site's page has caused (Fetch Metadata, Origin).
///
/// # Errors
/// `origin_refused`.
pub(crate) fn same_origin(headers: &HeaderMap, app: &App) -> Result<(), ApiError> {
    if let Some(origin) = origin(headers)
        && !is_own(origin, headers, app)
    {
        return Err(refused(origin));
    }
    match headers.get("sec-fetch-site").map(|value| value.as_bytes()) {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) => Err(refused("another site")),
    }
}

/// The origin, if some site allows it: for the answer to a preflight, which names no site.
pub(crate) fn known_to_any<'a>(headers: &'a HeaderMap, app: &App, sites: &[KnownSite]) -> Option<&'a str> {
    let origin = origin(headers)?;
    let known =
        is_own(origin, headers, app) || sites.iter().any(|site| is_listed(origin, &site.allowed_origins));
    known.then_some(origin)
}

/// Checks an entry of a site's list.
///
/// # Errors
/// What an entry must be.
pub(crate) fn parse_allowed(text: &str) -> Result<String, String> {
    if text == LOCALHOST {
        return Ok(text.to_owned());
    }
    text.parse::<crate::config::PublicUrl>()
        .map(|url| url.as_str().to_owned())
        .map_err(|_| "must be origins like https://shop.example, or localhost".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exact_origins_are_listed() {
        let allowed = vec!["https://shop.example".to_owned(), "http://shop.example:8081".to_owned()];
        for good in ["https://shop.example", "HTTPS://SHOP.example", "http://shop.example:8081"] {
            assert!(is_listed(good, &allowed), "{good}");
        }
        for bad in [
            "http://shop.example",
            "https://shop.example.evil.com",
            "https://evilshop.example",
            "https://shop.example:444",
            "https://shop.example/",
            "null",
            "",
            "http://localhost",
        ] {
            assert!(!is_listed(bad, &allowed), "{bad}");
        }
    }

    #[test]
    fn localhost_is_any_port_of_exactly_that_name() {
        let allowed = vec![LOCALHOST.to_owned()];
        for good in ["http://localhost", "http://localhost:5173", "https://localhost:1"] {
            assert!(is_listed(good, &allowed), "{good}");
        }
        for bad in [
            "http://localhost.evil.com",
            "http://localhost:",
            "http://localhost:1@evil.com",
            "http://127.0.0.1",
        ] {
            assert!(!is_listed(bad, &allowed), "{bad}");
        }
    }
}
