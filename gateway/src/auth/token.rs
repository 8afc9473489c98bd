//! Opaque tokens: 256 random bits, known to the store only as a hash (contract §2).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use persistence::TokenHash;
use rand::Rng as _;
use sha2::{Digest as _, Sha256};

const BYTES: usize = 32;

/// A new token, and its hash for the store.
pub(crate) fn mint() -> (String, TokenHash) {
    let mut secret = [0_u8; BYTES];
    rand::rng().fill_bytes(&mut secret);
    (URL_SAFE_NO_PAD.encode(secret), Sha256::digest(secret).into())
}

/// The hash of a token, or `None` for what cannot be one.
pub(crate) fn hash(token: &str) -> Option<TokenHash> {
    let mut secret = [0_u8; BYTES];
    let length = URL_SAFE_NO_PAD.decode_slice(token, &mut secret).ok()?;
    (length == BYTES).then(|| Sha256::digest(secret).into())
}

/// A random secret in hex, for signing identities.
pub(crate) fn secret() -> String {
    let mut secret = [0_u8; BYTES];
    rand::rng().fill_bytes(&mut secret);
    secret.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_hashes_to_what_the_store_got() {
        let (token, stored) = mint();
        assert_eq!(hash(&token), Some(stored));
        assert_ne!(mint().0, token);
        for junk in ["", "x", "not base64!", &token[1..], &format!("{token}A")] {
            assert_eq!(hash(junk), None, "{junk}");
        }
    }
}
