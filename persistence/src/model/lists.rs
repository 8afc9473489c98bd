//! Which sessions to list, and a page of them.

use protocol::{AgentId, Channel, Priority, SessionId, SiteId, Status, TeamId, UtcMillis};

use super::Session;

/// Which sessions to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SessionFilter {
    /// Any of these; empty: any.
    pub statuses: Vec<Status>,
    /// Held by whom.
    pub assignee: AssigneeFilter,
    /// Only those whose customer waits; they are open or in progress.
    pub waiting: bool,
    /// Only those that are put aside, or only those that are not.
    pub snoozed: Option<bool>,
    /// Any of these; empty: any.
    pub priorities: Vec<Priority>,
    /// Only those with this tag.
    pub tag: Option<String>,
    /// Only those of this category.
    pub category: Option<String>,
    /// Only those of this team.
    pub team_id: Option<TeamId>,
    /// Only this site's.
    pub site_id: Option<SiteId>,
    /// Only those that came this way.
    pub channel: Option<Channel>,
    /// Only those that went on at or after this.
    pub from: Option<UtcMillis>,
    /// Only those that had begun by then.
    pub to: Option<UtcMillis>,
    /// Only those this agent holds or nobody does (what the role `agent` may see).
    pub visible_to: Option<AgentId>,
}

/// Held by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AssigneeFilter {
    /// Anybody or nobody.
    #[default]
    Any,
    /// Nobody.
    Nobody,
    /// This agent.
    Agent(AgentId),
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SessionOrder {
    /// The latest change first.
    #[default]
    Recent,
    /// The one that has waited longest first.
    Waiting,
}

/// Where a page of a list of sessions begins: after this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListCursor {
    /// The last one's `updated_at` (Recent) or `waiting_since` (Waiting; absent counts as the far future).
    pub at: UtcMillis,
    /// The last one.
    pub id: SessionId,
}

/// A page of a list of sessions.
#[derive(Debug, Clone)]
pub struct SessionPage {
    /// The sessions.
    pub items: Vec<Session>,
    /// How many the filter finds in all.
    pub total: u64,
    /// Where the next page begins.
    pub next: Option<ListCursor>,
}
