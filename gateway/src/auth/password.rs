//! Passwords: argon2id (RFC 9106), a few at a time, off the async threads.

use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _, password_hash::phc::PasswordHash};
use protocol::ErrorCode;
use rand::Rng as _;

use crate::{app::App, config::Password, error::ApiError};

/// Letters and digits that are hard to mistake for one another.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789-";

/// A password for one use: 99 random bits.
pub(crate) fn one_time() -> String {
    readable::<20>()
}

/// Random letters in groups of five that can be read out, of almost five bits each.
pub(crate) fn readable<const LETTERS: usize>() -> String {
    let mut random = [0_u8; LETTERS];
    rand::rng().fill_bytes(&mut random);
    let letters = random.map(|byte| char::from(ALPHABET[usize::from(byte) % 31]));
    letters.chunks(5).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// Checks a new password's length.
///
/// # Errors
/// Too short or too long.
pub(crate) fn check(field: &str, password: &str) -> Result<(), ApiError> {
    password.parse::<Password>().map(drop).map_err(|message| ApiError::invalid(field, message))
}

/// The PHC string of a password. Takes tens of milliseconds of a core: not for the async threads.
///
/// # Errors
/// The hasher refused, which it does for nothing that [`check`] lets through.
pub(crate) fn hash(password: &str) -> Result<String, ApiError> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|_| ApiError::new(ErrorCode::Internal, "The password could not be hashed."))
}

fn verify(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Hashes on a blocking thread, with few others.
///
/// # Errors
/// As [`hash`].
pub(crate) async fn hash_aside(app: &App, password: String) -> Result<String, ApiError> {
    aside(app, move || hash(&password)).await?
}

/// Verifies on a blocking thread, with few others. Without a hash it takes as long and fails, so that an unknown
/// account cannot be told from a known one.
///
/// # Errors
/// The process is stopping.
pub(crate) async fn verify_aside(
    app: &App,
    password: String,
    hash: Option<String>,
) -> Result<bool, ApiError> {
    let known = hash.is_some();
    let hash = hash.unwrap_or_else(|| app.decoy_hash.clone());
    Ok(aside(app, move || verify(&password, &hash)).await? && known)
}

async fn aside<T: Send + 'static>(
    app: &App,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApiError> {
    let stopping = || ApiError::new(ErrorCode::Draining, "The server is stopping.");
    let few = app.hashing.clone().acquire_owned().await.map_err(|_| stopping())?;
    // The permit goes with the work, which goes on when whoever asked hangs up.
    let work = move || {
        let _few = few;
        work()
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| stopping())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_fits_its_password_only() {
        let stored = hash("correct horse battery").unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert!(verify("correct horse battery", &stored));
        assert!(!verify("correct horse batterz", &stored));
        assert!(!verify("x", "not a hash"));
    }

    #[test]
    fn one_time_passwords_pass_the_check() {
        let (one, other) = (one_time(), one_time());
        assert_ne!(one, other);
        assert!(check("password", &one).is_ok(), "{one}");
        assert!(check("password", "short").is_err());
    }
}
