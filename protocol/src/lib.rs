//! The words of Hubbub's wire: what a browser, a program or another node may say and hear.
//!
//! No I/O, no tokio, no clock. Everything here is a promise to strangers: a released field is never
//! reused or retyped, unknown JSON fields are ignored, and an unknown close code obeys its range.
//!
//! # Glossary
//!
//! | word | means, always |
//! | --- | --- |
//! | session | one chat between a customer and the team; outlives connections. Never a login |
//! | entry | one line of a session's log; durable, has a [`Seq`] |
//! | contact | the customer as a person |
//! | agent | a member of the team, whatever the role |
//! | connection | one WebSocket, or one long-poll request |
//! | login | an agent's authenticated browser |
//! | signal | typing, presence, receipts: never stored in the log, repaired by the next one |
//! | follow | to receive a session's entries and signals as they come |
//! | watch | to keep a list of sessions live (agents) |
//! | cursor | a [`Seq`]: "I have everything up to here" |
//! | [`Epoch`] | the identity of the store; seqs of another epoch mean nothing |

mod automation;
mod close;
mod course;
mod entry;
mod error;
mod event;
mod frame;
mod ids;
pub mod limits;
mod merge;
mod need;
mod notification;
pub mod rest;
mod routing;
mod session;
mod template;
mod text;
mod time;
mod view;

/// The HTTP API as an OpenAPI document: JSON, generated from this crate by `make types`.
pub const OPENAPI: &str = include_str!("../openapi.json");

#[cfg(test)]
mod openapi;
#[cfg(test)]
mod typescript;

pub use automation::{
    Condition, ConditionField, ConditionTest, MacroRef, RuleAction, RuleRef, RuleRuns, SkippedAction, Trigger,
};
pub use close::CloseCode;
pub use course::{Course, Ending, Pause, Reminder, SlaDue, SlaStanding, SlaState, SlaTarget, SlaTold};
pub use entry::{AgentRef, Attachment, Entry, EntryKind, Sender};
pub use error::{ErrorCode, FieldError, Problem};
pub use event::Event;
pub use frame::{
    ClientFrame, ClientInfo, Follow, SUBPROTOCOL, SUBPROTOCOL_FAMILY, ServerFrame, encode_entry,
};
pub use ids::{
    AgentId, CannedId, ConnectionId, ContactId, EntryId, Epoch, GrantId, LoginId, MacroId, ParseIdError,
    RuleId, Seq, SessionId, SiteId, SkillId, TeamId, ViewId,
};
pub use merge::{MergedInto, MergedSource};
pub use need::{AskedSkill, Offer, OfferState, Passed, TakenBecause, TeamRef};
pub use notification::{Notification, NotificationKind};
pub use routing::{
    Availability, Because, Chosen, Load, OfferEnd, OfferEvent, Pass, Priority, Routed, RoutedBy, RoutingMode,
    SkillRef, SkipReason, Skipped,
};
pub use session::{
    Audience, Channel, ContactSummary, LastMessage, Party, PartyKind, Presence, Rating, ReadPositions,
    Receipt, Role, SessionSummary, Status, Ticket, Work, You,
};
pub use template::{Filled, Template, TemplateVariable, Variable};
pub use text::{Email, Invalid, MessageBody, Name, Phone, language_tag, one_line, optional_line, preview};
pub use time::UtcMillis;
pub use view::{Assigned, SessionSort, View, ViewFilter, ViewName};
