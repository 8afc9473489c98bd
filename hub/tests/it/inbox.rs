//! A list as one connection is shown it, whatever order the news come in: other nodes' words may be late, or come
//! twice.

use hub::{Caller, ListChange, Shown, state};
use persistence::{Grant, Session};
use protocol::{
    AgentId, AgentRef, Channel, ContactId, GrantId, Role, SessionId, SiteId, Status, UtcMillis, View,
};
use uuid::Uuid;

fn agent(n: u128) -> AgentRef {
    AgentRef { id: AgentId::new(Uuid::from_u128(n)), name: format!("Agent {n}") }
}

fn bo() -> Caller {
    Caller::Agent { agent: agent(1), role: Role::Agent, sees_all: false }
}

/// A session at this version, held by nobody or by this agent.
fn session(version: u64, holder: Option<u128>, status: Status) -> Session {
    let grant = Grant {
        id: GrantId::new(Uuid::from_u128(2)),
        site_id: SiteId::new(Uuid::from_u128(3)),
        contact_id: ContactId::new(Uuid::from_u128(4)),
        verified: false,
        name: None,
        phone: None,
        email: None,
    };
    let id = SessionId::new(Uuid::from_u128(5));
    let empty = state::empty(id, &grant, "shop", Channel::Web, UtcMillis::new(1));
    Session { version, assignee: holder.map(agent), status, ..empty }
}

#[test]
fn older_news_of_a_session_that_left_the_list_do_not_bring_it_back() {
    let mut shown = Shown::default();
    let mut told = |session: &Session| shown.update(View::Unassigned, &bo(), session);
    let (free, newer, claimed) =
        (session(1, None, Status::Open), session(2, None, Status::Open), session(3, Some(1), Status::Open));
    assert_eq!(told(&free), ListChange::Show);
    assert_eq!(told(&free), ListChange::Nothing, "the same again");
    assert_eq!(told(&claimed), ListChange::Remove);
    assert_eq!(told(&newer), ListChange::Nothing);
    assert_eq!(told(&claimed), ListChange::Nothing);
    assert_eq!(told(&session(4, None, Status::Open)), ListChange::Show, "it is free again");
    assert_eq!(told(&claimed), ListChange::Nothing);
}
