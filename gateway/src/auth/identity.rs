//! A site vouches for its visitor: hex HMAC-SHA256 of the external id under the site's secret (contract §2).

use hmac::{Hmac, KeyInit as _, Mac as _};
use persistence::Site;
use protocol::{ErrorCode, limits, rest::Identity};
use sha2::Sha256;

use crate::error::ApiError;

/// Who a visitor is said to be, by the site's own id of them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// The site vouched for it.
    Verified(String),
    /// Anybody may say so: for the team to read, and proof of nothing.
    Unverified(String),
}

/// What is claimed, and whether the site vouched for it.
///
/// # Errors
/// The hash fits none of the site's live secrets; or the id is too long.
pub(crate) fn verify(site: &Site, identity: Option<&Identity>) -> Result<Option<Claim>, ApiError> {
    let Some(Identity { external_id, hash, .. }) = identity else { return Ok(None) };
    if external_id.is_empty() || external_id.chars().count() > limits::EXTERNAL_ID_CHARS {
        return Err(ApiError::invalid(
            "identity.external_id",
            format!("must have 1 to {} characters", limits::EXTERNAL_ID_CHARS),
        ));
    }
    if external_id.chars().any(char::is_control) {
        return Err(ApiError::invalid("identity.external_id", "holds a control character"));
    }
    let Some(hash) = hash else { return Ok(Some(Claim::Unverified(external_id.clone()))) };
    let given = unhex(hash).unwrap_or_default();
    let fits = site.identity_secrets.iter().any(|secret| {
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).is_ok_and(|mut mac| {
            mac.update(external_id.as_bytes());
            // In constant time.
            mac.verify_slice(&given).is_ok()
        })
    });
    if fits {
        Ok(Some(Claim::Verified(external_id.clone())))
    } else {
        Err(ApiError::new(
            ErrorCode::IdentityMismatch,
            "The hash is not the HMAC-SHA256 of external_id under one of the site's secrets.",
        ))
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || text.len() != 64 {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use hub::Clock;
    use protocol::SiteId;

    use super::*;
    use crate::api::sites::new_site;

    #[test]
    fn a_claim_without_a_hash_is_kept_as_one() {
        let clock = Clock::system();
        let site = new_site(SiteId::new(clock.mint()), "shop", "Shop", clock.now());
        let claim = |hash: Option<&str>| {
            let identity = Identity {
                external_id: "7".to_owned(),
                hash: hash.map(str::to_owned),
                attributes: Default::default(),
                account_status: None,
            };
            verify(&site, Some(&identity))
        };
        assert_eq!(verify(&site, None), Ok(None));
        assert_eq!(claim(None), Ok(Some(Claim::Unverified("7".to_owned()))));
        assert_eq!(claim(Some("junk")).unwrap_err().code, ErrorCode::IdentityMismatch);
        let mut mac = Hmac::<Sha256>::new_from_slice(site.identity_secrets[0].as_bytes()).unwrap();
        mac.update(b"7");
        let hash: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(claim(Some(&hash)), Ok(Some(Claim::Verified("7".to_owned()))));
    }
}
