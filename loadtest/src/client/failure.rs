//! Why a call did not succeed, sorted by what the caller can do about it.

use std::{fmt, time::Duration};

use protocol::{ErrorCode, Problem};

use super::Closed;

/// A call that did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The server answered, and the answer is no.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// The server ended the connection instead of answering.
    #[error("the server closed the connection: {0}")]
    Closed(Closed),
    /// No answer, or a broken one: nobody knows whether the call had an effect.
    #[error("no answer from the server: {0}")]
    Unreachable(String),
    /// An answer that is not what the contract says.
    #[error("the answer is not what the contract says: {0}")]
    Unintelligible(String),
    /// The request cannot be made at all; nothing was sent.
    #[error("this cannot be asked: {0}")]
    Impossible(String),
}

impl Failure {
    /// The HTTP status of a refusal.
    pub fn status(&self) -> Option<u16> {
        self.refusal().map(|refusal| refusal.status)
    }

    /// The stable word of a refusal.
    pub fn code(&self) -> Option<ErrorCode> {
        self.refusal()?.code()
    }

    /// How long a refusal asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.refusal()?.retry_after
    }

    /// The refusal, if the server answered at all.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::Closed(_) | Self::Unreachable(_) | Self::Unintelligible(_) | Self::Impossible(_) => None,
        }
    }

    /// Whether the same call may succeed later.
    pub fn retryable(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.retryable(),
            Self::Closed(closed) => closed.may_reconnect(),
            Self::Unreachable(_) => true,
            Self::Unintelligible(_) | Self::Impossible(_) => false,
        }
    }
}

/// An HTTP answer outside 2xx.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The body, if it is what the contract promises for errors.
    pub problem: Option<Problem>,
    /// The header `Retry-After`.
    pub retry_after: Option<Duration>,
    /// The body as it came.
    pub body: String,
}

impl Refusal {
    /// The stable word.
    pub fn code(&self) -> Option<ErrorCode> {
        self.problem.as_ref().map(|problem| problem.code)
    }

    /// The fields at fault.
    pub fn fields(&self) -> Vec<&str> {
        self.problem.iter().flat_map(|problem| &problem.errors).map(|error| error.field.as_str()).collect()
    }

    /// Whether the same request may succeed later.
    pub fn retryable(&self) -> bool {
        self.code().map_or(self.status >= 500 || self.status == 429, ErrorCode::retryable)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.problem {
            Some(problem) => {
                write!(f, "{} {}: {}", self.status, problem.code.as_str(), problem.detail)?;
                problem.errors.iter().try_for_each(|error| write!(f, " [{}: {}]", error.field, error.message))
            }
            None => {
                let body: String = self.body.chars().take(200).collect();
                write!(f, "{} {body}", self.status)
            }
        }
    }
}
