//! Why the hub did not do what it was asked, by what the caller can do about it.

use persistence::StoreError;
use protocol::{ErrorCode, Status};

/// A refusal of the hub.
#[derive(Debug, Clone, thiserror::Error)]
pub enum HubError {
    /// There is no such session, or the caller may not see it: the two look alike (contract §2).
    #[error("This chat is not here, or not open to you.")]
    NotFound,
    /// The caller may see it, but not do this.
    #[error("{0}")]
    Forbidden(&'static str),
    /// The team has blocked the customer, who is not told so.
    #[error("This chat is not available.")]
    Blocked,
    /// Another agent holds it.
    #[error("{holder} has this chat.")]
    AlreadyClaimed {
        /// The holder's name.
        holder: String,
    },
    /// The caller is not asked to take it (any more).
    #[error("You are not asked to take this chat any more. Claim it, if nobody has it.")]
    OfferOver,
    /// The session's status does not allow it.
    #[error("The chat is {}: {hint}", status.as_str())]
    WrongStatus {
        /// The status it has.
        status: Status,
        /// What to do instead.
        hint: &'static str,
    },
    /// Two sessions cannot be merged, or not be parted again.
    #[error("{0}")]
    NotMergeable(&'static str),
    /// It would be more than a session may have.
    #[error("A chat has at most {limit} {field}.")]
    Limit {
        /// Of what.
        field: &'static str,
        /// At most so many.
        limit: usize,
    },
    /// A text has a variable of which nothing is known, and which has no default.
    #[error("{what} is not known here, and the text has no default for it.")]
    NotKnown {
        /// The variable.
        what: String,
    },
    /// There is no such list, or it is somebody else's.
    #[error("This list is not here, or not open to you.")]
    NoSuchList,
    /// A filter names a site that is not there.
    #[error("site is not the key of a site")]
    NoSuchSite,
    /// A colleague said something that the reply does not know of.
    #[error("{by} answered meanwhile.")]
    AnsweredMeanwhile {
        /// The colleague's name.
        by: String,
    },
    /// A note names somebody who is not of the team, or may not see the session.
    #[error("mentions names somebody who is not of the team, or may not see this chat")]
    Unmentionable,
    /// A file cannot go with this message.
    #[error("attachments {0}")]
    Attachments(&'static str),
    /// The time in which it could be changed is over.
    #[error("It is too late for this. {0}")]
    TooLate(&'static str),
    /// The entry was taken away.
    #[error("This was deleted meanwhile.")]
    EntryDeleted,
    /// A queue is full. Nothing was stored.
    #[error("Too much at once. Try again in a moment.")]
    Overloaded,
    /// The store does not answer. Nothing was acked; the same id may be sent again.
    #[error("The store does not answer. Try again in a moment.")]
    Unavailable,
    /// A defect of ours.
    #[error("Something went wrong on our side.")]
    Internal,
}

impl HubError {
    /// The stable word for it.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound | Self::NoSuchList => ErrorCode::NotFound,
            Self::Forbidden(_) => ErrorCode::Forbidden,
            Self::Blocked => ErrorCode::Blocked,
            Self::AlreadyClaimed { .. } => ErrorCode::AlreadyClaimed,
            Self::OfferOver => ErrorCode::OfferOver,
            Self::WrongStatus { .. } => ErrorCode::WrongStatus,
            Self::NotMergeable(_) => ErrorCode::NotMergeable,
            Self::Limit { .. } | Self::NotKnown { .. } => ErrorCode::Invalid,
            Self::AnsweredMeanwhile { .. } => ErrorCode::AnsweredMeanwhile,
            Self::NoSuchSite | Self::Unmentionable | Self::Attachments(_) => ErrorCode::Invalid,
            Self::TooLate(_) => ErrorCode::TooLate,
            Self::EntryDeleted => ErrorCode::EntryDeleted,
            Self::Overloaded => ErrorCode::Overloaded,
            Self::Unavailable => ErrorCode::StoreUnavailable,
            Self::Internal => ErrorCode::Internal,
        }
    }
}

impl From<StoreError> for HubError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::Unavailable,
            StoreError::Overloaded => Self::Overloaded,
            error => {
                tracing::error!(error = &error as &dyn std::error::Error, "the store refused");
                Self::Internal
            }
        }
    }
}
