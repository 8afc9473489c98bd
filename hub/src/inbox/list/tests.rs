//! A list as a client comes to have it, whatever order the news come in: other nodes' words may be late, or come
//! twice.

use std::{cmp::Reverse, collections::HashMap};

use persistence::{Grant, ListCursor};
use proptest::prelude::*;
use protocol::{AgentId, AgentRef, Channel, ContactId, GrantId, Role, SiteId, Status, UtcMillis, ViewName};
use uuid::Uuid;

use super::*;
use crate::{Caller, Clock, state};

const LIMIT: usize = 3;

fn agent(n: u128) -> AgentRef {
    AgentRef { id: AgentId::new(Uuid::from_u128(n)), name: format!("Agent {n}") }
}

fn bo() -> Caller {
    Caller::Agent { agent: agent(1).into(), role: Role::Agent, sees_all: false }
}

fn question(view: ViewName) -> Question {
    Question::named(view, agent(1).id, &bo())
}

fn read(list: &mut List, shop: &Shop, view: ViewName) {
    let page = shop.read(view, list.reads() as usize);
    list.replace(question(view), page, |session| Row::new(session.into(), rules()));
}

fn rules() -> Arc<Current> {
    Arc::new(Current::new(Clock::manual(UtcMillis::new(0))))
}

/// What a session is at one moment.
#[derive(Debug, Clone, Copy)]
struct Is {
    holder: Option<u128>,
    status: Status,
    waits: Option<i64>,
}

fn session(number: u128, version: u64, at: i64, is: Is) -> Session {
    let grant = Grant {
        id: GrantId::new(Uuid::from_u128(2)),
        site_id: SiteId::new(Uuid::from_u128(3)),
        contact_id: ContactId::new(Uuid::from_u128(4)),
        verified: false,
        name: None,
        phone: None,
        email: None,
        blocked_until: None,
    };
    let id = SessionId::new(Uuid::from_u128(100 + number));
    let empty = state::empty(id, &grant, "shop", Channel::Web, UtcMillis::new(at));
    Session {
        version,
        assignee: is.holder.map(agent),
        status: is.status,
        waiting_since: is.waits.map(UtcMillis::new),
        ..empty
    }
}

#[derive(Debug, Clone)]
enum Step {
    /// A session changes, the first time begins.
    Change { number: u128, is: Is },
    /// What changed is told.
    Tell,
    /// Older news of a session come again: of how it was so many changes ago.
    Again { number: u128, ago: usize },
    /// The whole list is read.
    Read,
}

fn step() -> impl Strategy<Value = Step> {
    let holder = prop_oneof![3 => Just(None), 1 => Just(Some(1)), 1 => Just(Some(9))];
    let status = prop_oneof![4 => Just(Status::Open), 1 => Just(Status::Resolved)];
    let waits = prop_oneof![1 => Just(None), 3 => (0..50_i64).prop_map(Some)];
    let is = (holder, status, waits).prop_map(|(holder, status, waits)| Is { holder, status, waits });
    prop_oneof![
        6 => (0..12_u128, is).prop_map(|(number, is)| Step::Change { number, is }),
        3 => Just(Step::Tell),
        1 => (0..12_u128, 0..3_usize).prop_map(|(number, ago)| Step::Again { number, ago }),
        1 => Just(Step::Read),
    ]
}

/// All sessions, in every version, as the store has them.
#[derive(Default)]
struct Shop {
    all: HashMap<u128, Vec<Session>>,
    clock: i64,
}

impl Shop {
    /// The list as the store would give it.
    fn read(&self, view: ViewName, limit: usize) -> SessionPage {
        let question = question(view);
        let now = self.all.values().filter_map(|versions| versions.last());
        let mut items: Vec<_> = now.filter(|session| question.holds(session)).cloned().collect();
        match question.order {
            SessionOrder::Recent => items.sort_by_key(|session| Reverse((session.updated_at, session.id))),
            SessionOrder::Waiting => items
                .sort_by_key(|session| (session.waiting_since.map_or(i64::MAX, UtcMillis::get), session.id)),
        }
        let total = items.len() as u64;
        let cut = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| cut).map(|last| ListCursor { at: last.updated_at, id: last.id });
        SessionPage { items, total, next }
    }
}

/// What a client does by what it is told.
#[derive(Default)]
struct Client(Vec<Session>);

impl Client {
    fn take(&mut self, view: ViewName, Difference { removed, added, shown }: &Difference) {
        let mut had = self.0.iter().map(|session| session.id);
        assert!(!had.any(|id| added.contains(&id)), "what is new was not there");
        let new = shown.iter().map(|row| row.session.id);
        assert!(added.iter().all(|id| new.clone().any(|new| new == *id)), "what is new is shown");
        self.0.retain(|session| !removed.contains(&session.id));
        for row in shown {
            let known = self.0.iter().position(|known| known.id == row.session.id);
            if known.is_some_and(|known| self.0[known].version > row.session.version) {
                continue;
            }
            known.map(|known| self.0.swap_remove(known));
            self.0.push((*row.session).clone());
        }
        self.0.sort_by_key(|session| Place::of(session, question(view).order));
        self.0.truncate(LIMIT);
    }
}

/// A client of a list that the server tells shows what it was told of until it is told that it left.
#[test]
fn what_left_is_told_wherever_it_stood() {
    let is = |holder| Is { holder, status: Status::Open, waits: None };
    let mut shop = Shop::default();
    let change = |shop: &mut Shop, number: u128, at: i64, holder| {
        let versions = shop.all.entry(number).or_default();
        versions.push(session(number, versions.len() as u64 + 1, at, is(holder)));
    };
    for number in 0..3 {
        change(&mut shop, number, 10 - number as i64, Some(1));
    }
    let mut list = List::new(ViewName::Mine.into(), LIMIT as u32);
    read(&mut list, &shop, ViewName::Mine);
    let before = list.page();
    // The last one goes to somebody else, and another comes, in one look.
    change(&mut shop, 2, 21, Some(9));
    change(&mut shop, 3, 22, Some(1));
    for number in [2, 3] {
        list.apply(&Row::new(Arc::new(shop.all[&number].last().unwrap().clone()), rules()));
    }
    let now = list.page();
    let Difference { removed, added, .. } = list.difference(&before, &now);
    let id = |number: u128| shop.all[&number][0].id;
    assert_eq!((removed, added), (vec![id(2)], vec![id(3)]));
}

proptest! {
    /// Once the newest news were told, a client that keeps to the list's order and limit has the first sessions of the
    /// list, whatever belated news came before, and however often it was read anew.
    #[test]
    fn a_client_has_the_first_sessions_of_the_list(
        view in prop_oneof![
            Just(ViewName::Unassigned), Just(ViewName::Mine), Just(ViewName::Waiting), Just(ViewName::All)
        ],
        steps in proptest::collection::vec(step(), 1..120),
    ) {
        let mut shop = Shop::default();
        let mut list = List::new(view.into(), LIMIT as u32);
        read(&mut list, &shop, view);
        let (mut client, mut has) = (Client::default(), list.page());
        let mut told: HashMap<u128, u64> = HashMap::new();
        for step in steps {
            match step {
                Step::Change { number, is } => {
                    shop.clock += 1;
                    let versions = shop.all.entry(number).or_default();
                    versions.push(session(number, versions.len() as u64 + 1, 100 + shop.clock, is));
                    continue;
                }
                Step::Again { number, ago } => {
                    // The inbox lets nothing through that is older than what it told.
                    let Some(versions) = shop.all.get(&number) else { continue };
                    let news = &versions[versions.len().saturating_sub(ago + 1)];
                    if told.get(&number).is_none_or(|told| *told <= news.version) {
                        told.insert(number, news.version);
                        list.apply(&Row::new(Arc::new(news.clone()), rules()));
                    }
                    continue;
                }
                Step::Read => {
                    read(&mut list, &shop, view);
                    continue;
                }
                Step::Tell => {}
            }
            for (number, versions) in &shop.all {
                let newest = versions.last().unwrap();
                if told.insert(*number, newest.version) != Some(newest.version) {
                    list.apply(&Row::new(Arc::new(newest.clone()), rules()));
                }
            }
            if list.is_short() {
                read(&mut list, &shop, view);
            }
            let now = list.page();
            client.take(view, &list.difference(&has, &now));
            has = now;
            let truth = shop.read(view, LIMIT).items;
            let ids = |sessions: &[Session]| sessions.iter().map(|s| (s.id, s.version)).collect::<Vec<_>>();
            prop_assert_eq!(ids(&client.0), ids(&truth));
        }
    }
}
