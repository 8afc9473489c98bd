//! What belongs to a list, written twice on purpose: as the store's question, and as the rule for one session in
//! memory.

use persistence::{AssigneeFilter, Session, SessionFilter, SessionOrder};
use protocol::{Status, View};

use crate::Caller;

const ACTIVE: [Status; 2] = [Status::Open, Status::InProgress];

/// The store's question for a list, as `caller` may see it.
pub(super) fn view_filter(view: View, caller: &Caller) -> (SessionFilter, SessionOrder) {
    let me = match caller {
        Caller::Agent { agent, .. } => AssigneeFilter::Agent(agent.id),
        Caller::Customer(_) | Caller::System => AssigneeFilter::Nobody,
    };
    let mut filter = SessionFilter { visible_to: caller.restricted_to(), ..SessionFilter::default() };
    match view {
        View::All => return (filter, order(view)),
        View::Mine => (filter.assignee, filter.snoozed) = (me, Some(false)),
        View::Unassigned => (filter.assignee, filter.snoozed) = (AssigneeFilter::Nobody, Some(false)),
        View::Waiting => (filter.waiting, filter.snoozed) = (true, Some(false)),
        View::Snoozed => filter.snoozed = Some(true),
    }
    filter.statuses = ACTIVE.to_vec();
    (filter, order(view))
}

/// What stands first. Of those that nobody has taken, whoever waits longest: a list that is cut must not hide them.
pub(super) fn order(view: View) -> SessionOrder {
    match view {
        View::All | View::Mine | View::Snoozed => SessionOrder::Recent,
        View::Unassigned | View::Waiting => SessionOrder::Waiting,
    }
}

/// Whether a session belongs to a list: the same rule as [`view_filter`], for one session in memory.
pub(super) fn view_holds(view: View, caller: &Caller, session: &Session) -> bool {
    let Caller::Agent { agent, .. } = caller else { return false };
    let snoozed = session.ticket.snoozed_until.is_some();
    caller.may_see(session)
        && match view {
            View::All => true,
            View::Mine => {
                ACTIVE.contains(&session.status)
                    && !snoozed
                    && session.assignee.as_ref().is_some_and(|holder| holder.id == agent.id)
            }
            View::Unassigned => ACTIVE.contains(&session.status) && !snoozed && session.assignee.is_none(),
            View::Snoozed => ACTIVE.contains(&session.status) && snoozed,
            View::Waiting => ACTIVE.contains(&session.status) && !snoozed && session.waiting_since.is_some(),
        }
}
