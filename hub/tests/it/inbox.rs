//! A list as one connection is shown it, whatever order the news come in: other nodes' words may be late, or come
//! twice.

use hub::{Caller, ListChange, Shown, state, view_holds};
use persistence::{Grant, Session};
use proptest::prelude::*;
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

/// A session at this version, held by nobody, by Bo, or by somebody else.
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

#[derive(Debug, Clone)]
enum Step {
    /// The session changes.
    Change { holder: Option<u128>, status: Status },
    /// News of it come: of how it was so many changes ago.
    News(usize),
    /// The whole list is read.
    Read,
}

fn step() -> impl Strategy<Value = Step> {
    let holder = prop_oneof![2 => Just(None), 1 => Just(Some(1)), 1 => Just(Some(9))];
    let status = prop_oneof![3 => Just(Status::Open), 1 => Just(Status::Resolved)];
    prop_oneof![
        2 => (holder, status).prop_map(|(holder, status)| Step::Change { holder, status }),
        3 => (0..4_usize).prop_map(Step::News),
        1 => Just(Step::Read),
    ]
}

proptest! {
    /// Once the newest news have come, the list holds what it should until the next change, whatever older news come
    /// after them, and however often it is read anew.
    #[test]
    fn a_list_that_was_true_stays_true(
        view in prop_oneof![Just(View::Unassigned), Just(View::Mine), Just(View::All)],
        steps in proptest::collection::vec(step(), 1..40),
    ) {
        let mut shown = Shown::default();
        let mut all = vec![session(1, None, Status::Open)];
        // What the client has, and whether the newest news have come.
        let (mut has, mut newest) = (None, false);
        for step in steps {
            let now = all.last().unwrap().clone();
            match step {
                Step::Change { holder, status } => {
                    all.push(session(now.version + 1, holder, status));
                    newest = false;
                    continue;
                }
                Step::News(ago) => {
                    let news = &all[all.len().saturating_sub(ago + 1)];
                    match shown.update(view, &bo(), news) {
                        ListChange::Show => has = Some(news.version),
                        ListChange::Remove => has = None,
                        ListChange::Nothing => {}
                    }
                    newest |= news.version == now.version;
                }
                Step::Read => {
                    let page: Vec<_> = view_holds(view, &bo(), &now).then(|| now.clone()).into_iter().collect();
                    shown.replace(&page);
                    has = page.first().map(|session| session.version);
                }
            }
            if newest {
                prop_assert_eq!(has, view_holds(view, &bo(), &now).then_some(now.version));
            }
        }
    }
}
