//! Bodies of the REST API (contract §3), a file for each resource.

mod agents;
mod attributes;
mod automation;
mod bulk;
mod canned;
mod closing;
mod contacts;
mod context;
mod duty;
mod events;
mod hours;
mod notifications;
mod routing;
mod search;
mod section;
mod sessions;
mod settings;
mod sites;
mod sla;
mod start;
mod team;
mod teams;
mod views;

use serde::{Deserialize, Serialize};

pub use crate::TeamRef;
pub use agents::{Agent, AgentSkill, EditAgent, InvitedAgent, Link, NewAgent, SetSkill};
pub use attributes::{Attribute, AttributeKind, AttributeOf, EditAttribute, NewAttribute};
pub use automation::{
    EditMacro, EditRule, Macro, MacroPreview, MacroRun, PreviewMacro, Rule, RuleBody, RuleOrder, RuleTrial,
    RunMacro, TriedAction, TryRule, automation_name, blanks,
};
pub use bulk::{Bulk, BulkAction, BulkError, BulkState, NewBulk};
pub use canned::{
    AttachCanned, AttachedCanned, CannedAnswer, CannedCategory, CannedFile, CannedRow, CannedScope,
    EditCanned, ImportedCanned, MissingPart, PreviewCanned, RenderCanned, RenderedCanned,
};
pub use closing::{ClosingSettings, ReminderSettings};
pub use contacts::{
    BlockContact, Contact, ContactBlock, ContactDone, ContactEvent, EditContact, MergeContact, MergedContact,
    NewContact,
};
pub use context::{Browser, CustomerHistory, PastRating, SeenPage, SessionContext, SetPage};
pub use duty::{SetAvailability, StatusSince, Workload};
pub use events::{ListedView, PollAnswer, PollRequest, PollSession, PollView, QueuePlace, SessionEvents};
pub use hours::{Holiday, LocalDate, OpeningHours, TimeOfDay, TimeSpan, Weekday};
pub use notifications::{Notifications, ReadNotifications};
pub use routing::{Fallback, RoutingSettings, SiteRouting, TeamRouting};
pub use search::{ListedSession, Match, MatchField, SessionsPage, SnippetPart};
pub use sessions::{
    AssignSession, EditEntry, EntryVersion, MergeSession, PatchSession, SendMessage, Sent, SetRating,
    SetRead, SetTyping, TransferSession,
};
pub use settings::{EditSettings, Settings};
pub use sites::{EditSite, PrechatField, PrechatName, Site, SiteConfig, Theme, UploadLimits};
pub use sla::{SlaEscalation, SlaPolicy, SlaScope, SlaTargets};
pub use start::{CustomerMe, Identity, PageContext, StartSession, StartedSession};
pub use team::{
    AcceptWelcome, AgentLogin, AgentMe, ChangePassword, ConfirmPassword, ConfirmTotp, LinkKind, Login,
    NewTotp, RecoveryCodes, Welcome, WelcomeToken,
};
pub use teams::{EditSkill, EditTeam, Skill, Team};
pub use views::{EditView, SavedView, ViewOrder, view_name};

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "{T}Page"))]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Asks for the next page; null at the end.
    pub next_cursor: Option<String>,
    /// How many there are in all.
    pub total: u64,
}
