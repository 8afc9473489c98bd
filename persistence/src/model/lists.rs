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
    /// Only those of which this agent's notifications tell that a note names them.
    pub mentioning: Option<AgentId>,
    /// Only those this agent holds or nobody does (what the role `agent` may see).
    pub visible_to: Option<AgentId>,
}

/// Of these statuses are those who wait.
pub(crate) const MAY_WAIT: [Status; 2] = [Status::Open, Status::InProgress];

impl SessionFilter {
    /// Any of these statuses; empty: any.
    pub(crate) fn any_status(&self) -> &[Status] {
        if self.waiting && self.statuses.is_empty() { &MAY_WAIT } else { &self.statuses }
    }

    /// Whether it finds this session: the same rules as in `lists`, but for `mentioning`, of which a session says nothing.
    pub fn holds(&self, session: &Session) -> bool {
        fn is<T: PartialEq>(wanted: Option<&T>, found: Option<&T>) -> bool {
            wanted.is_none_or(|wanted| found == Some(wanted))
        }
        let (ticket, holder) = (&session.ticket, session.assignee.as_ref().map(|holder| holder.id));
        let (statuses, team) = (self.any_status(), ticket.work.team.as_ref().map(|team| team.id));
        (statuses.is_empty() || statuses.contains(&session.status))
            && match self.assignee {
                AssigneeFilter::Any => true,
                AssigneeFilter::Nobody => holder.is_none(),
                AssigneeFilter::Agent(agent) => holder == Some(agent),
            }
            && (!self.waiting || session.waiting_since.is_some())
            && self.snoozed.is_none_or(|snoozed| snoozed == ticket.snoozed_until.is_some())
            && (self.priorities.is_empty() || self.priorities.contains(&ticket.priority))
            && self.tag.as_ref().is_none_or(|tag| ticket.tags.contains(tag))
            && is(self.category.as_ref(), ticket.category.as_ref())
            && is(self.team_id.as_ref(), team.as_ref())
            && is(self.site_id.as_ref(), Some(&session.site_id))
            && is(self.channel.as_ref(), Some(&session.channel))
            && self.from.is_none_or(|from| session.updated_at >= from)
            && self.to.is_none_or(|to| session.created_at <= to)
            && self.visible_to.is_none_or(|agent| holder.is_none_or(|holder| holder == agent))
    }
}

/// How many sessions there are to do something about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SessionCounts {
    /// Open.
    pub open: u64,
    /// In progress.
    pub in_progress: u64,
    /// Of both, not put aside: held by nobody.
    pub unassigned: u64,
    /// Of both, not put aside: whose customer waits.
    pub waiting: u64,
    /// Of both, not put aside: whose customer waits, and nobody holds it.
    pub alone: u64,
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
