//! How a customer finds a chat: said once, and changed for a while.

use persistence::Session;
use protocol::{Event, Rating, Status, UtcMillis, limits};

use super::{Decision, Draft};
use crate::{Caller, HubError};

pub(super) fn rate(
    session: &Session,
    caller: &Caller,
    score: u8,
    comment: Option<&str>,
    now: UtcMillis,
) -> Result<Decision, HubError> {
    match (caller, session.status) {
        (Caller::Agent { .. } | Caller::System, _) => {
            Err(HubError::Forbidden("Only the customer can rate a chat."))
        }
        (Caller::Customer(_), Status::Open | Status::InProgress) => {
            Err(HubError::WrongStatus { status: session.status, hint: "rate it when it is over." })
        }
        (Caller::Customer(_), Status::Resolved | Status::Closed) if session.next.is_some() => {
            Err(HubError::WrongStatus {
                status: session.status,
                hint: "it goes on in another chat; rate that one.",
            })
        }
        (Caller::Customer(_), Status::Resolved | Status::Closed) => {
            match &session.rating {
                Some(Rating { score: before, comment: said, .. })
                    if *before == score && said.as_deref() == comment =>
                {
                    return Ok(Decision::Nothing);
                }
                Some(rating) if rating.changeable_until < now => {
                    return Err(HubError::TooLate("A rating can be changed for a day."));
                }
                Some(_) | None => {}
            }
            let comment = comment.map(str::to_owned);
            Ok(Decision::Append(vec![Draft::event(Event::Rated { score, comment })]))
        }
    }
}

/// The rating after it was given or changed.
pub(super) fn rated(session: &Session, score: u8, comment: Option<String>, now: UtcMillis) -> Rating {
    let rated_at = session.rating.as_ref().map_or(now, |rating| rating.rated_at);
    let changeable_until = rated_at.plus(limits::RATING_TIME);
    Rating { score, comment, rated_at, changed_at: now, changeable_until }
}
