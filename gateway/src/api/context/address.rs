//! Addresses of pages, as far as the team needs them: without what opens somebody's account.

use url::Url;

/// Words in the name of a parameter whose value is likely a secret.
const SECRETS: &[&str] = &[
    "auth",
    "code",
    "credential",
    "jwt",
    "key",
    "nonce",
    "otp",
    "passwd",
    "password",
    "pwd",
    "secret",
    "session",
    "sessionid",
    "sid",
    "sig",
    "signature",
    "ticket",
    "token",
];

/// The address without user, fragment and parameters that look like secrets. `None`: it is none of http or https.
pub(crate) fn cleaned(text: &str) -> Option<String> {
    let mut url = Url::parse(text).ok()?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return None;
    }
    url.set_fragment(None);
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    let is_secret = |name: &str| {
        let name = name.to_lowercase();
        name.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| {
            SECRETS.contains(&word)
                || word.ends_with("token")
                || word.ends_with("password")
                || word.ends_with("secret")
        })
    };
    if url.query_pairs().any(|(name, _)| is_secret(&name)) {
        let kept: Vec<_> = url.query_pairs().into_owned().filter(|(name, _)| !is_secret(name)).collect();
        url.set_query(None);
        if !kept.is_empty() {
            url.query_pairs_mut().extend_pairs(kept);
        }
    }
    Some(url.into())
}

#[cfg(test)]
mod tests {
    use super::cleaned;

    #[test]
    fn what_opens_an_account_is_not_kept() {
        for (address, kept) in [
            ("https://shop.example/a?b=1#c", "https://shop.example/a?b=1"),
            ("https://ana:pw@shop.example/", "https://shop.example/"),
            ("https://shop.example/?token=x", "https://shop.example/"),
            (
                "https://shop.example/?a=1&access_token=x&resetToken=y&keyword=z",
                "https://shop.example/?a=1&keyword=z",
            ),
            ("https://shop.example/?reset-code=1&CODE=2&postcode=3", "https://shop.example/?postcode=3"),
            ("http://127.0.0.1:8080/demo", "http://127.0.0.1:8080/demo"),
        ] {
            assert_eq!(cleaned(address).as_deref(), Some(kept), "{address}");
        }
        for none in ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "/cart", "", "https://"]
        {
            assert_eq!(cleaned(none), None, "{none}");
        }
    }
}
