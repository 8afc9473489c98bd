//! What a view asks: the store's question, and the same rule for one session in memory.

use std::collections::HashSet;

use persistence::{AssigneeFilter, Session, SessionFilter, SessionOrder, Store};
use protocol::{
    AgentId, Assigned, SessionId, SessionSort, Status, View, ViewFilter, ViewName, rest::SavedView,
};

use crate::{Caller, Hub, HubError};

const ACTIVE: [Status; 2] = [Status::Open, Status::InProgress];

/// Which sessions, and in which order.
#[derive(Debug, Clone)]
pub struct Question {
    /// Which, as the one who asks may see them.
    pub filter: SessionFilter,
    /// What stands first.
    pub order: SessionOrder,
    /// Whoever sees the same sessions finds the same among them: a saved view that is everybody's and does not say `me`.
    pub(super) is_common: bool,
    /// Those of `filter.mentioning`, where it is set.
    mentioning: HashSet<SessionId>,
}

impl Question {
    fn new(filter: SessionFilter, order: SessionOrder) -> Self {
        Self { filter, order, is_common: false, mentioning: HashSet::new() }
    }

    pub(super) fn named(name: ViewName, me: AgentId, caller: &Caller) -> Self {
        let mut filter = SessionFilter { visible_to: caller.restricted_to(), ..SessionFilter::default() };
        match name {
            ViewName::Mine => {
                (filter.assignee, filter.snoozed) = (AssigneeFilter::Agent(me), Some(false));
            }
            ViewName::Unassigned => (filter.assignee, filter.snoozed) = (AssigneeFilter::Nobody, Some(false)),
            ViewName::Waiting => (filter.waiting, filter.snoozed) = (true, Some(false)),
            ViewName::Snoozed => filter.snoozed = Some(true),
            ViewName::Mentions => filter.mentioning = Some(me),
            ViewName::All => {}
        }
        if !matches!(name, ViewName::Mentions | ViewName::All) {
            filter.statuses = ACTIVE.to_vec();
        }
        // Of those that nobody has taken, whoever waits longest: a list that is cut must not hide them.
        let order = match name {
            ViewName::Unassigned | ViewName::Waiting => SessionOrder::Waiting,
            ViewName::Mine | ViewName::Snoozed | ViewName::Mentions | ViewName::All => SessionOrder::Recent,
        };
        Self::new(filter, order)
    }

    /// # Errors
    /// It names a site that is not there; or the store does not answer.
    async fn filtered(
        store: &Store,
        filter: &ViewFilter,
        me: AgentId,
        caller: &Caller,
    ) -> Result<Self, HubError> {
        let ViewFilter {
            status,
            assignee,
            priority,
            tag,
            category,
            team,
            site,
            channel,
            snoozed,
            from,
            to,
            sort,
        } = filter.clone().normalised();
        let site_id = match site {
            Some(key) => Some(store.site_by_key(&key).await?.ok_or(HubError::NoSuchSite)?.id),
            None => None,
        };
        let order = match sort.unwrap_or(SessionSort::Recent) {
            SessionSort::Recent => SessionOrder::Recent,
            SessionSort::Waiting => SessionOrder::Waiting,
        };
        let filter = SessionFilter {
            statuses: status,
            assignee: match assignee {
                None => AssigneeFilter::Any,
                Some(Assigned::Me) => AssigneeFilter::Agent(me),
                Some(Assigned::Nobody) => AssigneeFilter::Nobody,
                Some(Assigned::Agent(agent)) => AssigneeFilter::Agent(agent),
            },
            waiting: order == SessionOrder::Waiting,
            snoozed,
            priorities: priority,
            tag,
            category,
            team_id: team,
            site_id,
            channel,
            from,
            to,
            mentioning: None,
            visible_to: caller.restricted_to(),
        };
        Ok(Self::new(filter, order))
    }

    /// What `view` asks when `caller` looks.
    ///
    /// # Errors
    /// `NoSuchList`: it is not there, or somebody else's, or customers have none. `NoSuchSite`. Or the store does not
    /// answer.
    pub(super) async fn of(store: &Store, view: &View, caller: &Caller) -> Result<Self, HubError> {
        let Caller::Agent { agent, .. } = caller else { return Err(HubError::NoSuchList) };
        match view {
            View::Named(name) => {
                let mut question = Self::named(*name, agent.id, caller);
                if question.filter.mentioning.is_some() {
                    question.mentioning = store.mentioning(agent.id).await?.into_iter().collect();
                }
                Ok(question)
            }
            View::Filter(filter) => Self::filtered(store, filter, agent.id, caller).await,
            View::Saved(id) => {
                let view = store.view(*id).await?;
                let view = view.filter(|view| view.owner_id.is_none_or(|owner| owner == agent.id));
                let SavedView { owner_id, filter, .. } = view.ok_or(HubError::NoSuchList)?;
                let question = Self::filtered(store, &filter, agent.id, caller).await?;
                Ok(Self { is_common: owner_id.is_none() && !filter.is_personal(), ..question })
            }
        }
    }

    /// What stands first, as clients are told.
    pub(super) const fn sort(&self) -> SessionSort {
        match self.order {
            SessionOrder::Recent => SessionSort::Recent,
            SessionOrder::Waiting => SessionSort::Waiting,
        }
    }

    /// Whether it asks for other sessions than `other`, or for another order. Who was named since does not count.
    pub(super) fn differs(&self, other: &Self) -> bool {
        self.filter != other.filter || self.order != other.order
    }

    /// Whether a session belongs to the answer: what the store would say.
    pub(super) fn holds(&self, session: &Session) -> bool {
        self.filter.holds(session)
            && (self.filter.mentioning.is_none() || self.mentioning.contains(&session.id))
    }
}

impl Hub {
    /// What `view` asks of the store when `caller` looks.
    ///
    /// # Errors
    /// It is not there, or not the caller's; it names a site that is not there; or the store does not answer.
    pub async fn question(&self, caller: &Caller, view: &View) -> Result<Question, HubError> {
        Question::of(&self.inner.store, view, caller).await
    }
}
