//! What happens to a session: each event is one line of its log.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    AgentRef, AskedSkill, Channel, ContactId, EntryId, MacroRef, OfferEvent, Priority, Reminder, Routed,
    RuleRef, Seq, SessionId, SkippedAction, SlaTarget, Status, TakenBecause, TeamRef, UtcMillis,
};

/// What happened to a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// The session began; always seq 1.
    Started {
        /// By which way the customer came.
        channel: Channel,
        /// The closed session that this one continues.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        previous_session_id: Option<SessionId>,
    },
    /// An agent holds the session now, or (null) nobody.
    Assigned {
        /// The holder.
        agent: Option<AgentRef>,
    },
    /// An agent handed the session to another, who holds it now.
    Transferred {
        /// Who held it, if anybody did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        from: Option<AgentRef>,
        /// Who holds it.
        to: AgentRef,
    },
    /// The status changed, other than by closing or re-opening.
    StatusChanged {
        /// Before.
        from: Status,
        /// After.
        to: Status,
    },
    /// A message, or an agent, took a resolved session up again.
    Reopened {
        /// The status it returned to.
        to: Status,
    },
    /// The session ended.
    Closed {
        /// The status it had.
        from: Status,
    },
    /// A message came after the end; the chat goes on in another session. The last entry, unless a merge is undone.
    Continued {
        /// The session that carries on.
        session_id: SessionId,
    },
    /// It is taken as a message: nobody answers now, and what is written is answered later.
    TakenAsMessage {
        /// Why.
        because: TakenBecause,
        /// When the site opens again, if it is closed and that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        opens_at: Option<UtcMillis>,
    },
    /// The customer rated the chat.
    Rated {
        /// 1 (bad) to 5 (good).
        score: u8,
        /// The customer's words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        comment: Option<String>,
    },

    /// The text of an earlier entry was changed. Of a note: internal.
    Edited {
        /// Which.
        entry: EntryId,
        /// Its place.
        seq: Seq,
        /// The newest text; empty if the entry was deleted since.
        body: String,
        /// It is a note.
        #[serde(default)]
        note: bool,
    },
    /// An earlier entry was taken away; its place stays. Of a note: internal.
    Deleted {
        /// Which.
        entry: EntryId,
        /// Its place.
        seq: Seq,
        /// It is a note.
        #[serde(default)]
        note: bool,
    },
    /// A supervisor who could look on unseen takes part from now on. Internal.
    Joined {
        /// Who.
        agent: AgentRef,
    },

    /// How urgent it is changed. Internal.
    PriorityChanged {
        /// Before.
        from: Priority,
        /// After.
        to: Priority,
    },
    /// What it is about was written down, or (null) struck out. Internal.
    SubjectChanged {
        /// After.
        to: Option<String>,
    },
    /// What kind of matter it is was written down, or (null) struck out. Internal.
    CategoryChanged {
        /// After.
        to: Option<String>,
    },
    /// Tags came and went. Internal.
    Tagged {
        /// Those that came.
        added: Vec<String>,
        /// Those that went.
        removed: Vec<String>,
    },
    /// What else is known about the matter was written down or struck out. Internal.
    AttributesChanged {
        /// Those that came, or are another now.
        set: BTreeMap<String, String>,
        /// Those that went.
        removed: Vec<String>,
    },
    /// It is put aside until then, or until the customer says something. Internal.
    Snoozed {
        /// When it comes back.
        until: UtcMillis,
    },
    /// It is no longer put aside. Internal.
    Unsnoozed,
    /// Why it is given to the agent whom the next entry names, or goes back in line. Internal.
    Routed {
        /// Who was looked at, who was chosen, and who was skipped for what.
        why: Box<Routed>,
    },
    /// It goes on in another session of the same customer. Internal.
    Merged {
        /// The session in which it goes on.
        into: SessionId,
        /// That session's number.
        number: u64,
    },
    /// Another session of the same customer goes on in this one. Internal.
    MergedFrom {
        /// The session; its log stays its own.
        session_id: SessionId,
        /// Its number.
        number: u64,
        /// How many messages it has.
        messages: u64,
        /// The last entry of it that belongs here.
        last_seq: Seq,
        /// Since when its customer waits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        waiting_since: Option<UtcMillis>,
        /// Since when it waited for a holder.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        queued_since: Option<UtcMillis>,
    },
    /// That this session and the other one were merged was undone. Internal.
    Unmerged {
        /// The other session.
        session_id: SessionId,
        /// Its number.
        number: u64,
    },
    /// It is for this team now, or (null) for anybody. Internal.
    TeamChanged {
        /// After.
        to: Option<TeamRef>,
    },
    /// It asks for these skills now. Internal.
    SkillsChanged {
        /// After.
        to: Vec<AskedSkill>,
    },
    /// The customer is answered in this language, or (null) in any. Internal.
    LanguageChanged {
        /// After, a BCP 47 tag.
        to: Option<String>,
    },
    /// It was handed on to whoever of a team, or with a skill, takes it next. Internal.
    HandedOn {
        /// Who held it, if anybody did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        from: Option<AgentRef>,
        /// For whom it is from now on; absent: for any team.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        team: Option<TeamRef>,
        /// What it asks for from now on.
        skills: Vec<AskedSkill>,
    },
    /// An agent was asked to take it, or has answered. Internal.
    Offer {
        /// What happened.
        offer: OfferEvent,
    },
    /// Nobody of its team took it for too long: it is for another one now. Internal.
    WaitedTooLong {
        /// Which.
        to: TeamRef,
    },
    /// The message that follows is the team's first answer, in a session that went on without one. Internal.
    Answered,
    /// Little time is left for what was promised. Internal.
    SlaWarned {
        /// The service level's name.
        policy: String,
        /// What was promised.
        target: SlaTarget,
        /// Until when.
        due_at: UtcMillis,
    },
    /// What was promised did not happen in time. Internal.
    SlaBreached {
        /// The service level's name.
        policy: String,
        /// What was promised.
        target: SlaTarget,
        /// Until when.
        due_at: UtcMillis,
    },
    /// It waits for somebody of the team for too long. Internal.
    Reminded {
        /// For what.
        about: Reminder,
    },
    /// What follows was done by a rule. Internal.
    Automated {
        /// Which.
        rule: RuleRef,
        /// The entry that set it off.
        because: Seq,
        /// What it would have done, and could not.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(test, ts(optional, as = "Option<Vec<SkippedAction>>"))]
        skipped: Vec<SkippedAction>,
    },
    /// What follows was done at once, by a macro. Internal.
    MacroRan {
        /// Which.
        ran: MacroRef,
    },
    /// The message that follows tells the customer that the chat ends then, unless somebody writes. Internal.
    Ending {
        /// When.
        at: UtcMillis,
    },
    /// It is of another contact now: two were merged, or that was undone. Internal.
    ContactChanged {
        /// Whose it was.
        from: ContactId,
        /// Whose it is.
        to: ContactId,
        /// That contact's name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        name: Option<String>,
        /// A merge was undone.
        #[serde(default)]
        undone: bool,
    },
    /// Its customer was blocked. Internal.
    ContactBlocked {
        /// Why.
        reason: String,
        /// Until when; absent: until somebody lifts it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        until: Option<UtcMillis>,
    },
    /// Its customer is no longer blocked. Internal.
    ContactUnblocked,
}

impl Event {
    /// Whether it is the team's alone: how it sorts, rates and plans a session is not for customers.
    pub const fn is_internal(&self) -> bool {
        match self {
            Self::Edited { note, .. } | Self::Deleted { note, .. } => *note,
            Self::Joined { .. }
            | Self::PriorityChanged { .. }
            | Self::SubjectChanged { .. }
            | Self::CategoryChanged { .. }
            | Self::Tagged { .. }
            | Self::AttributesChanged { .. }
            | Self::Snoozed { .. }
            | Self::Unsnoozed
            | Self::Routed { .. }
            | Self::Merged { .. }
            | Self::MergedFrom { .. }
            | Self::Unmerged { .. }
            | Self::TeamChanged { .. }
            | Self::SkillsChanged { .. }
            | Self::LanguageChanged { .. }
            | Self::HandedOn { .. }
            | Self::Offer { .. }
            | Self::WaitedTooLong { .. }
            | Self::Answered
            | Self::SlaWarned { .. }
            | Self::SlaBreached { .. }
            | Self::Reminded { .. }
            | Self::Automated { .. }
            | Self::MacroRan { .. }
            | Self::Ending { .. }
            | Self::ContactChanged { .. }
            | Self::ContactBlocked { .. }
            | Self::ContactUnblocked => true,
            Self::Started { .. }
            | Self::Assigned { .. }
            | Self::Transferred { .. }
            | Self::StatusChanged { .. }
            | Self::Reopened { .. }
            | Self::Closed { .. }
            | Self::Continued { .. }
            | Self::TakenAsMessage { .. }
            | Self::Rated { .. } => false,
        }
    }
}
