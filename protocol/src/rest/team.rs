//! Agents' own doors: signing in, the second factor, links, logins.

use serde::{Deserialize, Serialize};

#[cfg(test)]
use crate::limits;
use crate::{LoginId, UtcMillis, You};

/// POST `/auth/login`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Login {
    /// The agent's e-mail.
    pub email: String,
    /// The password.
    pub password: String,
    /// With a second factor: the code of now, or a recovery code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub totp: Option<String>,
}

/// POST `/auth/password`: an agent's own password.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct ChangePassword {
    /// The one in force.
    pub current: String,
    /// The new one: 10 to 200 characters.
    #[cfg_attr(test, schemars(length(min = *limits::PASSWORD_CHARS.start(), max = *limits::PASSWORD_CHARS.end())))]
    pub new: String,
}

/// GET `/auth/me`, and the answer to a login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct AgentMe {
    /// Who.
    pub you: You,
    /// The e-mail.
    pub email: String,
    /// Nothing but `/auth/…` works until the password was changed.
    pub password_change_required: bool,
    /// A login asks for a code, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
    pub second_factor: bool,
}

/// What a link to `/console/welcome` is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// A new member of the team chooses a first password.
    Invitation,
    /// A member chooses another password.
    Reset,
}

impl LinkKind {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Reset => "reset",
        }
    }
}

impl std::str::FromStr for LinkKind {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "invitation" => Ok(Self::Invitation),
            "reset" => Ok(Self::Reset),
            _ => Err("must be invitation or reset".to_owned()),
        }
    }
}

/// POST `/auth/welcome`: the token of a link, which stands after its `#`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct WelcomeToken {
    /// The token.
    pub token: String,
}

/// What a link is for, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Welcome {
    /// What it is for.
    pub kind: LinkKind,
    /// The display name.
    pub name: String,
    /// The login name.
    pub email: String,
    /// Accepting it asks for a code, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
    pub second_factor: bool,
}

/// POST `/auth/welcome/accept`: sets the password and signs in.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct AcceptWelcome {
    /// The token of the link.
    pub token: String,
    /// The password to be: 10 to 200 characters.
    #[cfg_attr(test, schemars(length(min = *limits::PASSWORD_CHARS.start(), max = *limits::PASSWORD_CHARS.end())))]
    pub password: String,
    /// Another display name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(min = 1, max = limits::NAME_CHARS)))]
    pub name: Option<String>,
    /// With a second factor: the code of now, or a recovery code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totp: Option<String>,
}

/// POST and DELETE `/auth/totp`: a change of the second factor asks for the password.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct ConfirmPassword {
    /// The one in force.
    pub password: String,
}

/// A second factor to be: it counts once a code of it was given.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct NewTotp {
    /// The secret, in Base32, to be typed into an authenticator.
    pub secret: String,
    /// The same as `otpauth://…`, to be shown as a QR code.
    pub url: String,
}

/// POST `/auth/totp/confirm`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct ConfirmTotp {
    /// The code of now.
    pub code: String,
}

/// Codes that each stand in for a code of the authenticator once. Shown this one time.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct RecoveryCodes {
    /// Ten of them.
    pub recovery_codes: Vec<String>,
}

/// One of one's own logins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct AgentLogin {
    /// The login; ends it, opens nothing.
    pub id: LoginId,
    /// What the browser said that it is; empty if it said nothing.
    pub label: String,
    /// When it began.
    pub created_at: UtcMillis,
    /// When it was last used, to within five minutes.
    pub seen_at: UtcMillis,
    /// It is the one that asks.
    pub current: bool,
}
