//! What a setting may be: checked while the command line is read, so that a bad one ends the start with a line that
//! names it, before anything is opened.

use std::{
    ffi::OsStr,
    fmt,
    marker::PhantomData,
    num::{NonZeroU32, NonZeroUsize},
    str::FromStr,
};

use clap::{Arg, Command, builder::TypedValueParser, error::ErrorKind};
use protocol::{Email, Invalid, Name, RoutingMode, limits};

/// Beyond this nothing is limited, and the arithmetic of rates has its own limits.
const RATE_MAX: u32 = 1_000_000;
/// More than any machine has processors.
const THREADS_MAX: usize = 1_024;

pub(super) fn email(text: &str) -> Result<Email, String> {
    Email::parse(text).map_err(|Invalid(message)| message)
}

pub(super) fn name(text: &str) -> Result<Name, String> {
    Name::parse(text).map_err(|Invalid(message)| message)
}

/// A count, or a count a minute.
pub(super) fn rate(text: &str) -> Result<NonZeroU32, String> {
    text.parse()
        .ok()
        .filter(|rate: &NonZeroU32| rate.get() <= RATE_MAX)
        .ok_or_else(|| format!("must be a number from 1 to {RATE_MAX}"))
}

/// How chats find their agents. To offer them is not there yet.
pub(super) fn routing(text: &str) -> Result<RoutingMode, String> {
    match text {
        "manual" => Ok(RoutingMode::Manual),
        "offer" => Ok(RoutingMode::Offer),
        "automatic" => Ok(RoutingMode::Automatic),
        _ => Err("must be manual, offer or automatic".into()),
    }
}

/// Threads of the runtime.
pub(super) fn threads(text: &str) -> Result<NonZeroUsize, String> {
    text.parse()
        .ok()
        .filter(|threads: &NonZeroUsize| threads.get() <= THREADS_MAX)
        .ok_or_else(|| format!("must be a number from 1 to {THREADS_MAX}"))
}

/// The address of a database. It may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once("://") {
            Some(("sqlite" | "postgres" | "postgresql", rest)) if !rest.is_empty() => {
                Ok(Self(text.to_owned()))
            }
            _ => {
                // Only what cannot be its password.
                let scheme = text.split(':').next().unwrap_or_default();
                Err(format!("must be sqlite://… or postgres://…, but begins with {scheme:?}"))
            }
        }
    }
}

/// A password of a usable length.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Password {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let allowed = limits::PASSWORD_CHARS;
        if allowed.contains(&text.chars().count()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!("must have {} to {} characters", allowed.start(), allowed.end()))
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseUrl")
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

/// Parses a secret: clap would print one that it refuses, and what is printed at a start ends in a log.
#[derive(Clone)]
pub(super) struct Unprinted<T>(PhantomData<T>);

impl<T> Default for Unprinted<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T: FromStr<Err = String> + Clone + Send + Sync + 'static> TypedValueParser for Unprinted<T> {
    type Value = T;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<T, clap::Error> {
        let parsed = value.to_str().ok_or_else(|| "must be UTF-8".to_owned()).and_then(str::parse);
        parsed.map_err(|message| {
            let flag = arg.and_then(Arg::get_long).unwrap_or_default();
            clap::Error::raw(ErrorKind::ValueValidation, format!("--{flag} {message}\n")).with_cmd(command)
        })
    }
}

/// An http or https origin, without a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "must be like https://chat.example.com, without a path".to_owned();
        let uri: http::Uri = text.trim_end_matches('/').parse().map_err(|_| wrong())?;
        if uri.path() != "/" && !uri.path().is_empty() || uri.query().is_some() {
            return Err(wrong());
        }
        let (scheme, usual_port) = match uri.scheme_str() {
            Some("http") => ("http", 80),
            Some("https") => ("https", 443),
            _ => return Err(wrong()),
        };
        let authority = uri.authority().ok_or_else(wrong)?;
        let host = authority.host();
        let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-._[]:".contains(&byte);
        if host.is_empty() || !host.bytes().all(is_host) {
            return Err(wrong());
        }
        // What is neither host nor port is a user, which no origin has; nor has one the usual port, as browsers write it.
        let origin = match authority.port_u16() {
            Some(port) if authority.as_str() != format!("{host}:{port}") => return Err(wrong()),
            Some(port) if port != usual_port => format!("{scheme}://{host}:{port}"),
            None if authority.as_str() != host => return Err(wrong()),
            Some(_) | None => format!("{scheme}://{host}"),
        };
        Ok(Self(origin.to_lowercase()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_urls_are_origins() {
        let parse = |text: &str| text.parse::<PublicUrl>();
        for (text, origin) in [
            ("HTTPS://Chat.Example.com/", "https://chat.example.com"),
            ("https://chat.example.com:443", "https://chat.example.com"),
            ("http://chat.example.com:80/", "http://chat.example.com"),
            ("http://chat.example.com:443", "http://chat.example.com:443"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("https://[::1]:443", "https://[::1]"),
        ] {
            assert_eq!(parse(text).unwrap().as_str(), origin);
        }
        for bad in [
            "chat.example.com",
            "ftp://x",
            "https://x/path",
            "https://x?q",
            "https://u@x",
            "https://u:p@x:1",
            "https://x:",
            "https://x:99999",
            "https://*.example.com",
            "https://*",
            "*",
            "null",
            "https://",
            "",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let password: Password = "correct horse battery".parse().unwrap();
        let url: DatabaseUrl = "postgres://u:secret@h/d".parse().unwrap();
        assert_eq!(format!("{password:?} {url:?}"), "Password DatabaseUrl");
    }
}
