//! What a browser says that it is, in words that help somebody who answers: its usual name, its version, the system.
//!
//! Browsers pretend to be each other, so the order is the rule: who names more than one is the first that is found here.

use axum::http::{HeaderMap, header};
use protocol::rest::Browser;

/// Bytes of the header that are looked at.
const LOOKED_AT: usize = 512;

/// What stands before the version, and the usual name.
const NAMES: &[(&str, &str)] = &[
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("YaBrowser/", "Yandex"),
    ("Vivaldi/", "Vivaldi"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
];

const SYSTEMS: &[(&str, &str)] = &[
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// The browser of a request; nothing if nothing of it is known.
pub(crate) fn browser(headers: &HeaderMap) -> Option<Browser> {
    let said = headers.get(header::USER_AGENT)?.to_str().ok()?;
    let said = &said[..said.len().min(LOOKED_AT)];
    let named =
        NAMES.iter().find_map(|(mark, name)| version_after(said, mark).map(|version| (*name, version)));
    // Safari's own version is in another place than its name.
    let named = named.or_else(|| {
        let safari = said.contains("Safari/") && said.contains("AppleWebKit");
        safari.then(|| version_after(said, "Version/")).flatten().map(|version| ("Safari", version))
    });
    let name = named.map(|(name, version)| format!("{name} {version}").trim_end().to_owned());
    let os = SYSTEMS.iter().find(|(mark, _)| said.contains(mark)).map(|(_, name)| (*name).to_owned());
    (name.is_some() || os.is_some()).then_some(Browser { name, os })
}

/// The first number of the version that follows; it may be empty.
fn version_after<'a>(said: &'a str, mark: &str) -> Option<&'a str> {
    let (_, rest) = said.split_once(mark)?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    Some(&rest[..end.min(5)])
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::browser;

    #[test]
    fn the_usual_ones_are_known() {
        let said = [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0",
                Some("Edge 138"),
                Some("Windows"),
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0",
                Some("Firefox 141"),
                Some("Linux"),
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Mobile Safari/537.36",
                Some("Chrome 137"),
                Some("Android"),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
                Some("Safari 18"),
                Some("iOS"),
            ),
            ("curl/8.5.0", None, None),
            ("Firefox/", Some("Firefox"), None),
        ];
        for (said, name, os) in said {
            let headers = HeaderMap::from_iter([(header::USER_AGENT, HeaderValue::from_static(said))]);
            let found = browser(&headers);
            let found = found.as_ref().map(|found| (found.name.as_deref(), found.os.as_deref()));
            assert_eq!(found.unwrap_or_default(), (name, os), "{said}");
        }
        assert_eq!(browser(&HeaderMap::new()), None);
    }
}
