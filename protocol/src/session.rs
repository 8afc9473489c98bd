//! What readers see of a session as a whole, and who they are to it.

use std::{collections::BTreeMap, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    AgentId, AgentRef, AskedSkill, ContactId, Course, MergedInto, MergedSource, OfferState, Priority,
    RuleRuns, Seq, SessionId, SlaStanding, TakenBecause, TeamRef, UtcMillis,
};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every value, in the order of the contract.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word on the wire and in the store.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(word: &str) -> Result<Self, String> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(format!("must be one of {}", [$($word),+].join(", "))),
                }
            }
        }
    };
}

pub(crate) use words;

words! {
    /// Where a session is in its life: `open → in_progress → resolved → closed`.
    Status {
        /// Nobody of the team has answered yet.
        Open = "open",
        /// The team has answered.
        InProgress = "in_progress",
        /// The team thinks it is done; a message re-opens it.
        Resolved = "resolved",
        /// Over. A message starts a new session linked to this one.
        Closed = "closed",
    }
}

words! {
    /// By which way the customer came.
    Channel {
        /// The widget, or a program in its place.
        Web = "web",
        /// WhatsApp.
        Whatsapp = "whatsapp",
        /// E-mail.
        Email = "email",
        /// The API.
        Api = "api",
    }
}

words! {
    /// What a member of the team may do.
    Role {
        /// Own and unassigned sessions.
        Agent = "agent",
        /// All sessions.
        Supervisor = "supervisor",
        /// All, with sites and agents.
        Admin = "admin",
    }
}

words! {
    /// Which side of the conversation somebody is on.
    PartyKind {
        /// The customer.
        Customer = "customer",
        /// The team.
        Agent = "agent",
    }
}

/// For whose eyes something is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// The customer of the session.
    Customer,
    /// The team.
    Team,
}

/// Somebody in a signal: who types, who is here, who has read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Party {
    /// Customer or agent.
    pub kind: PartyKind,
    /// The contact's or agent's id; absent where it is the team as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub id: Option<Uuid>,
    /// The display name, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub name: Option<String>,
}

/// Whether somebody is here now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Presence {
    /// Who.
    pub who: Party,
    /// Here, or gone (after the grace period).
    pub online: bool,
}

/// How far one side has read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Receipt {
    /// Who has read.
    pub who: Party,
    /// Read up to and including this entry.
    pub seq: Seq,
    /// Handed to one of this side's connections up to here. A hint: it may fall back to `seq`.
    #[serde(default)]
    pub delivered: Seq,
}

/// Who a connection or login belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct You {
    /// Customer or agent.
    pub kind: PartyKind,
    /// The contact's or agent's id.
    pub id: Uuid,
    /// The display name.
    pub name: Option<String>,
    /// Agents only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub role: Option<Role>,
}

/// How far each side has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct ReadPositions {
    /// The customer.
    pub customer: Seq,
    /// The team, whoever of it read furthest.
    pub team: Seq,
}

impl ReadPositions {
    /// One side's.
    pub const fn of(&self, side: PartyKind) -> Seq {
        match side {
            PartyKind::Customer => self.customer,
            PartyKind::Agent => self.team,
        }
    }

    /// One side's, to be moved.
    pub const fn of_mut(&mut self, side: PartyKind) -> &mut Seq {
        match side {
            PartyKind::Customer => &mut self.customer,
            PartyKind::Agent => &mut self.team,
        }
    }
}

/// The last thing said, for lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct LastMessage {
    /// Its place.
    pub seq: Seq,
    /// Who said it.
    pub sender: PartyKind,
    /// Its first characters, on one line.
    pub preview: String,
    /// When.
    pub created_at: UtcMillis,
}

/// The contact, as far as the reader may know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct ContactSummary {
    /// The contact.
    pub id: ContactId,
    /// As given.
    pub name: Option<String>,
    /// E.164. To a customer only what that customer gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub phone: Option<String>,
    /// As given. To a customer only what that customer gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub email: Option<String>,
    /// The site has vouched for who this is (contract §2); of a session: for who began it, too.
    pub verified: bool,
    /// Blocked until then; `9999-01-01T00:00:00.000Z`: without an end. For the team only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub blocked_until: Option<UtcMillis>,
}

impl ContactSummary {
    /// Whether the team has blocked the contact.
    pub fn is_blocked(&self, now: UtcMillis) -> bool {
        self.blocked_until.is_some_and(|until| until > now)
    }
}

/// What the team notes about a session, and where it stands in its work. Messages change nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Ticket {
    /// What it is about.
    pub subject: Option<String>,
    /// How urgent it is.
    pub priority: Priority,
    /// What kind of matter it is.
    pub category: Option<String>,
    /// Words by which it is found; sorted, each once.
    pub tags: Vec<String>,
    /// Put aside until then.
    pub snoozed_until: Option<UtcMillis>,
    /// Since when it waits for somebody to hold it; it stands in line by this.
    pub queued_since: Option<UtcMillis>,
    /// What sessions are not found by.
    #[serde(flatten)]
    pub work: Work,
}

/// The rest of what the team notes about a session: the store keeps it in one piece, so a new field needs a default.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(default)]
pub struct Work {
    /// What else is known about the matter: an order number, a serial number.
    pub attributes: BTreeMap<String, String>,
    /// The session in which this one goes on, since it was merged.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub merged_into: Option<MergedInto>,
    /// Sessions that were merged into this one, at most [`limits::MERGED`](crate::limits::MERGED).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<MergedSource>>"))]
    pub merged_from: Vec<MergedSource>,
    /// For which team it is; null: for anybody.
    pub team: Option<TeamRef>,
    /// What whoever answers must know.
    pub skills: Vec<AskedSkill>,
    /// The customer's language, as a BCP 47 tag.
    pub language: Option<String>,
    /// Where its offers stand; absent while nobody was asked.
    #[serde(skip_serializing_if = "OfferState::is_none")]
    #[cfg_attr(test, ts(as = "Option<OfferState>", optional))]
    pub offers: OfferState,
    /// Who handed it on, while it waits for the next one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub handed_on_by: Option<AgentId>,
    /// It was taken as a message, for this reason, and waits to be answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub as_message: Option<TakenBecause>,
    /// It waited too long for the team that it was for.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
    pub waited_too_long: bool,
    /// The address of the page where it began, without its query.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub page: Option<String>,
    /// How often rules have done something to it of late; not for readers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(skip), schemars(skip))]
    pub automated: Vec<RuleRuns>,
    /// Its course by the clock; not for readers, who are told what follows from it.
    #[serde(skip_serializing_if = "Course::is_empty")]
    #[cfg_attr(test, ts(skip), schemars(skip))]
    pub course: Course,
}

/// A session as a whole, as one reader sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct SessionSummary {
    /// The session.
    pub id: SessionId,
    /// The site's key.
    pub site: String,
    /// By which way the customer came.
    pub channel: Channel,
    /// Where it is in its life.
    pub status: Status,
    /// The customer.
    pub contact: ContactSummary,
    /// Who holds it.
    pub assignee: Option<AgentRef>,
    /// The number that people call it by: 1, 2, 3 … over the whole installation.
    #[serde(default)]
    pub number: u64,
    /// What the team notes about it: its fields are here for the team, and absent for customers.
    #[serde(flatten)]
    #[cfg_attr(test, ts(skip))]
    pub ticket: Option<Ticket>,
    /// What was promised of it, for the team, if a service level fits it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub sla: Option<SlaStanding>,
    /// The last entry's place, whoever may see it.
    pub last_seq: Seq,
    /// Grows with every change; an older summary never replaces a newer one.
    pub version: u64,
    /// The last thing said.
    pub last_message: Option<LastMessage>,
    /// Messages of the other side that the reader's side has not read.
    pub unread: u32,
    /// How far each side has read.
    pub read: ReadPositions,
    /// Since when the customer has been waiting for an answer.
    pub waiting_since: Option<UtcMillis>,
    /// The closed session that this one continues.
    pub previous_session_id: Option<SessionId>,
    /// The session that continues this closed one.
    pub next_session_id: Option<SessionId>,
    /// When it began.
    pub created_at: UtcMillis,
    /// The last entry's time.
    pub updated_at: UtcMillis,
    /// When it ended.
    pub closed_at: Option<UtcMillis>,
    /// How the customer found it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub rating: Option<Rating>,
}

/// How a customer found a chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Rating {
    /// 1 (bad) to 5 (good).
    pub score: u8,
    /// The customer's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub comment: Option<String>,
    /// When it was first given.
    pub rated_at: UtcMillis,
    /// When it was last changed.
    pub changed_at: UtcMillis,
    /// Until when the customer can change it.
    pub changeable_until: UtcMillis,
}
