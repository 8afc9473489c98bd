//! How a refusal is told: a stable code, a sentence, and the fields at fault.

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $word:literal, $status:literal, $title:literal, retry: $retry:literal;)+) => {
        /// The stable name of a refusal, on both transports.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
        pub enum ErrorCode {
            $($(#[$doc])* #[serde(rename = $word)] $variant,)+
        }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The HTTP status that it travels with.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),+ }
            }

            /// A short title for people.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }

            /// Whether the same request may succeed later.
            pub const fn retryable(self) -> bool {
                match self { $(Self::$variant => $retry),+ }
            }
        }
    };
}

codes! {
    /// The frame is not one of ours, or not JSON.
    BadFrame = "bad_frame", 400, "Not a frame of this protocol", retry: false;
    /// The request is not what it should be, as a whole.
    BadRequest = "bad_request", 400, "Bad request", retry: false;
    /// No credential, or one that opens nothing.
    Unauthenticated = "unauthenticated", 401, "Not signed in", retry: false;
    /// E-mail and password do not match.
    BadLogin = "bad_login", 401, "E-mail and password do not match", retry: false;
    /// E-mail and password match; a code of the second factor is asked for.
    TotpRequired = "totp_required", 401, "A code is asked for", retry: false;
    /// The caller may see it, but not do this.
    Forbidden = "forbidden", 403, "Not allowed", retry: false;
    /// The page's origin may not use this site.
    OriginRefused = "origin_refused", 403, "This page may not use this site", retry: false;
    /// The identity's hash does not fit.
    IdentityMismatch = "identity_mismatch", 403, "The identity could not be verified", retry: false;
    /// The customer was blocked by the team.
    Blocked = "blocked", 403, "Not available", retry: false;
    /// A one-time password must be changed first.
    PasswordChangeRequired = "password_change_required", 403, "Choose a password of your own first", retry: false;
    /// There is nothing here, or nothing for the caller.
    NotFound = "not_found", 404, "Not found", retry: false;
    /// The link was used, has expired, or never was one.
    LinkExpired = "link_expired", 404, "This link does not work any more", retry: false;
    /// The path exists, but not for this method.
    MethodNotAllowed = "method_not_allowed", 405, "Method not allowed", retry: false;
    /// The request took too long to arrive.
    RequestTimeout = "request_timeout", 408, "The request took too long to arrive", retry: true;
    /// Another agent holds the session.
    AlreadyClaimed = "already_claimed", 409, "Another agent has this chat", retry: false;
    /// The caller is not asked to take this session (any more).
    OfferOver = "offer_over", 409, "This offer is over", retry: false;
    /// The session's status does not allow it.
    WrongStatus = "wrong_status", 409, "The chat's status does not allow this", retry: false;
    /// These two cannot be merged, or not be parted again.
    NotMergeable = "not_mergeable", 409, "These cannot be merged", retry: false;
    /// It is not as the caller has seen it any more.
    ChangedMeanwhile = "changed_meanwhile", 409, "Somebody changed it meanwhile", retry: false;
    /// Something else needs it.
    InUse = "in_use", 409, "It is in use", retry: false;
    /// A colleague said something that the reply does not know of.
    AnsweredMeanwhile = "answered_meanwhile", 409, "A colleague answered meanwhile", retry: false;
    /// The time in which it could be changed is over.
    TooLate = "too_late", 409, "It is too late for this", retry: false;
    /// The entry was taken away.
    EntryDeleted = "entry_deleted", 409, "This was deleted", retry: false;
    /// Something with this name exists.
    Conflict = "conflict", 409, "It exists already", retry: false;
    /// Nobody would be left to manage the workspace.
    LastAdmin = "last_admin", 409, "The last admin", retry: false;
    /// The body is over the limit.
    TooLarge = "too_large", 413, "Too large", retry: false;
    /// The body is of a type that is not taken here.
    UnsupportedType = "unsupported_type", 415, "Unsupported content type", retry: false;
    /// There are no such bytes in the file.
    RangeNotSatisfiable = "range_not_satisfiable", 416, "No such range", retry: false;
    /// A virus was found in the file.
    Infected = "infected", 422, "A virus was found", retry: false;
    /// A value is malformed, over-long or unknown; `errors` names it.
    Invalid = "invalid", 422, "A value cannot be used", retry: false;
    /// Too fast; wait.
    RateLimited = "rate_limited", 429, "Too fast", retry: true;
    /// Too many connections, of this contact or address.
    TooManyConnections = "too_many_connections", 429, "Too many connections", retry: true;
    /// Something broke on our side; it was logged.
    Internal = "internal", 500, "Something went wrong on our side", retry: true;
    /// A queue is full.
    Overloaded = "overloaded", 503, "Overloaded", retry: true;
    /// The store does not answer. Nothing was acked.
    StoreUnavailable = "store_unavailable", 503, "The store does not answer", retry: true;
    /// The scanner does not answer, and nothing is taken unscanned.
    ScannerUnavailable = "scanner_unavailable", 503, "The virus scanner does not answer", retry: true;
    /// The storage of files does not answer.
    FilesUnavailable = "files_unavailable", 503, "The storage of files does not answer", retry: true;
    /// This process is about to stop.
    Draining = "draining", 503, "Restarting", retry: true;
}

/// One field at fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct FieldError {
    /// Its name, as in the request.
    pub field: String,
    /// What is wrong, and the limit where there is one.
    pub message: String,
}

/// A refusal over HTTP: `application/problem+json` (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Problem {
    /// A name for the kind of problem (RFC 9457 §3.1.1): `urn:hubbub:problem:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// A short title.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The stable word.
    pub code: ErrorCode,
    /// What to do about it.
    pub detail: String,
    /// The fields at fault.
    #[serde(default)]
    pub errors: Vec<FieldError>,
}
