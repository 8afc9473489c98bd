//! The second factor: codes of an authenticator (RFC 6238), each taken once, or a recovery code in their place.

use std::{fmt, time::Duration};

use persistence::{Agent, TokenHash};
use protocol::{ErrorCode, UtcMillis};
use rand::Rng as _;
use sha2::{Digest as _, Sha256};
use totp_rs::{Builder, Totp};

use super::password;
use crate::{app::App, error::ApiError};

/// Whose codes these are, as an authenticator lists them.
const ISSUER: &str = "Hubbub";
/// RFC 4226 §4 asks for 128 bits and recommends 160.
const SECRET_BYTES: usize = 20;
/// Recovery codes of a second factor.
const RECOVERY_CODES: usize = 10;
/// Letters of a recovery code: nearly 50 bits, of which only a few can be tried.
const RECOVERY_LETTERS: usize = 10;

/// What became of a login's second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Checked {
    /// There is none to be asked for.
    NoneSet,
    /// The code was right, and is used now.
    Right,
    /// There is one, and no code was given.
    Missing,
    /// The code is none, or was used before.
    Wrong,
}

/// A secret that an agent is to share with an authenticator.
pub(crate) struct Secret(Vec<u8>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// A new one.
    pub(crate) fn random() -> Self {
        let mut secret = vec![0; SECRET_BYTES];
        rand::rng().fill_bytes(&mut secret);
        Self(secret)
    }

    pub(crate) fn stored(secret: Vec<u8>) -> Self {
        Self(secret)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// What people type into an authenticator.
    pub(crate) fn base32(&self) -> String {
        totp_rs::Secret::from(self.bytes()).to_base32()
    }

    /// What an authenticator reads from a picture.
    ///
    /// # Errors
    /// A stored secret is no secret.
    pub(crate) fn url(&self, email: &str) -> Result<String, ApiError> {
        // The format has no place for a colon.
        self.totp(&email.replace(':', "_"))?.to_url().map_err(|error| unusable(&error))
    }

    /// The step of this code, if it is one of now, or of half a minute before or after: clocks differ.
    ///
    /// # Errors
    /// A stored secret is no secret.
    fn step(&self, code: &str, now: UtcMillis) -> Result<Option<u64>, ApiError> {
        let now = u64::try_from(now.get()).map_or(Duration::ZERO, Duration::from_millis);
        Ok(self.totp("")?.check(code, now.as_secs()))
    }

    fn totp(&self, account: &str) -> Result<Totp, ApiError> {
        let totp = Builder::new().with_secret(self.bytes()).with_issuer(Some(ISSUER));
        totp.with_account_name(account).build().map_err(|error| unusable(&error))
    }
}

fn unusable(error: &totp_rs::TotpError) -> ApiError {
    tracing::error!(%error, "a second factor cannot be used");
    ApiError::new(ErrorCode::Internal, "The second factor cannot be used.")
}

/// Checks the code that came with a password that was right, and uses it up.
///
/// # Errors
/// The store does not answer.
pub(crate) async fn check(app: &App, agent: &Agent, code: Option<&str>) -> Result<Checked, ApiError> {
    let Some(totp) = app.store.totp(agent.id).await?.filter(|totp| totp.confirmed) else {
        return Ok(Checked::NoneSet);
    };
    let Some(code) = code.filter(|code| !code.trim().is_empty()) else { return Ok(Checked::Missing) };
    let right = if let Some(digits) = digits(code) {
        match Secret::stored(totp.secret).step(&digits, app.hub.clock().now())? {
            Some(step) => app.store.use_totp_step(agent.id, step).await?,
            None => false,
        }
    } else if let Some(hash) = recovery_hash(code) {
        let used = app.store.use_recovery_code(agent.id, &hash).await?;
        if used {
            tracing::info!(agent.id = %agent.id, "a recovery code was used");
        }
        used
    } else {
        false
    };
    Ok(if right { Checked::Right } else { Checked::Wrong })
}

/// Makes a second factor count that was begun, if `code` is one of it. The recovery codes; `None` if the code is not
/// right.
///
/// # Errors
/// The store does not answer.
pub(crate) async fn confirm(
    app: &App,
    agent: &Agent,
    secret: &Secret,
    code: &str,
) -> Result<Option<Vec<String>>, ApiError> {
    let Some(code) = digits(code) else { return Ok(None) };
    let Some(step) = secret.step(&code, app.hub.clock().now())? else { return Ok(None) };
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| password::readable::<RECOVERY_LETTERS>()).collect();
    let hashes: Vec<TokenHash> = codes.iter().filter_map(|code| recovery_hash(code)).collect();
    let confirmed = app.store.confirm_totp(agent.id, secret.bytes(), step, &hashes).await?;
    Ok(confirmed.then_some(codes))
}

/// Six digits, as people copy them: `123 456`.
fn digits(code: &str) -> Option<String> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).take(7).collect();
    (digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

/// The hash of a recovery code, however it is written; `None` for what cannot be one.
fn recovery_hash(code: &str) -> Option<TokenHash> {
    let letters = code.chars().filter(|c| !c.is_whitespace() && *c != '-').take(RECOVERY_LETTERS + 1);
    let letters: String = letters.map(|c| c.to_ascii_lowercase()).collect();
    let whole = letters.len() == RECOVERY_LETTERS && letters.bytes().all(|byte| byte.is_ascii_alphanumeric());
    whole.then(|| Sha256::digest(letters).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238 appendix B (SHA-1), the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = Secret::stored(b"12345678901234567890".to_vec());
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let step = |at: i64| secret.step(code, UtcMillis::new(at * 1_000)).unwrap();
            let expected = u64::try_from(seconds / 30).unwrap();
            assert_eq!(step(seconds), Some(expected), "{seconds}");
            // Half a minute too early, or too late, is told as the step that it is of.
            assert_eq!((step(seconds - 30), step(seconds + 30)), (Some(expected), Some(expected)));
            assert_eq!(step(seconds + 61), None, "{seconds}");
            assert!(seconds < 61 || step(seconds - 61).is_none(), "{seconds}");
        }
    }

    #[test]
    fn an_authenticator_can_read_it() {
        let secret = Secret::stored(b"12345678901234567890".to_vec());
        assert_eq!(secret.base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let url = secret.url("a+b:c@x.example").unwrap();
        assert!(url.starts_with("otpauth://totp/Hubbub:a%2Bb"), "{url}");
        assert!(
            url.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ") && url.contains("issuer=Hubbub"),
            "{url}"
        );
        assert_ne!(Secret::random().base32(), Secret::random().base32());
        assert!(!format!("{secret:?}").contains("123"));
    }

    #[test]
    fn codes_are_read_as_people_write_them() {
        assert_eq!(digits(" 123 456 ").as_deref(), Some("123456"));
        for bad in ["", "12345", "1234567", "12345a", "１２３４５６", "-12345"] {
            assert_eq!(digits(bad), None, "{bad}");
        }
        let code = password::readable::<RECOVERY_LETTERS>();
        assert_eq!(code.len(), RECOVERY_LETTERS + 1, "{code}");
        let hash = recovery_hash(&code);
        assert!(hash.is_some() && digits(&code).is_none());
        assert_eq!(recovery_hash(&format!(" {} ", code.to_uppercase().replace('-', " "))), hash);
        for bad in ["", "abcde", "abcde-fghijk", "abcdé-fghij", &"a".repeat(10_000)] {
            assert_eq!(recovery_hash(bad), None, "{bad:.20}");
        }
    }
}
