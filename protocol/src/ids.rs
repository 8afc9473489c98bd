//! Typed ids and the position in a log. Minting is the caller's: nothing here is random.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is not a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a UUID")]
pub struct ParseIdError;

macro_rules! typed_id {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(type = "string"))]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID that was minted or read elsewhere.
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID itself, for the store.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                Uuid::parse_str(text).map(Self).map_err(|_| ParseIdError)
            }
        }
    )+};
}

typed_id! {
    /// A site: one shop, with its own key, colours and allowed origins.
    SiteId;
    /// One chat between a customer and the team.
    SessionId;
    /// The customer as a person.
    ContactId;
    /// A member of the team.
    AgentId;
    /// Members of the team who work together.
    TeamId;
    /// Something that some members of the team can do.
    SkillId;
    /// A canned answer.
    CannedId;
    /// Something that Hubbub does by itself.
    RuleId;
    /// Several actions of an agent in one.
    MacroId;
    /// A saved list of sessions.
    ViewId;
    /// An agent's authenticated browser, by a name that opens nothing.
    LoginId;
    /// An entry. Chosen by its sender, unique within its session (promise 3).
    EntryId;
    /// What a customer's token opens: the sessions started with it. Never on the wire.
    GrantId;
    /// One WebSocket or long-poll.
    ConnectionId;
    /// The store's identity. Whoever restores a backup gives it a new one (promise 5; docs/operating.md).
    Epoch;
}

/// A place in a session's log: 1, 2, 3 … without gaps (promise 2). Zero is "before the first entry".
///
/// Stays below 2^53, so that a JSON number carries it exactly.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(type = "number"))]
#[serde(transparent)]
pub struct Seq(u64);

impl Seq {
    /// Before the first entry.
    pub const ZERO: Self = Self(0);

    /// The given place.
    pub const fn new(seq: u64) -> Self {
        Self(seq)
    }

    /// As a number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The place after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}
