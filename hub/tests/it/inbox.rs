//! The lists of agents who watch them, on a real store, while sessions talk, are taken, and end.

use std::collections::HashMap;

use futures_util::future::join_all;
use hub::{Caller, Hub, InboxWatch, News, state::Action};
use persistence::{
    AssigneeFilter, Session, SessionFilter, SessionOrder, Store,
    testing::{Engine, TestStore},
};
use protocol::{ConnectionId, Role, SessionId, Status, UtcMillis, View};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use crate::fixture::{SOON, alone, message, say};

const LIMIT: u32 = 10;

/// One agent's lists, as a client keeps them: in order, and no longer than asked for (docs/api.md).
struct Screen {
    caller: Caller,
    watch: InboxWatch,
    lists: HashMap<View, Vec<Session>>,
}

fn recent(view: View) -> bool {
    matches!(view, View::All | View::Mine)
}

impl Screen {
    fn open(hub: &Hub, caller: Caller, views: &[View]) -> Self {
        let mut watch = hub.watch_inbox(ConnectionId::new(Uuid::now_v7()), caller.clone());
        views.iter().for_each(|view| watch.watch(*view, LIMIT));
        Self { caller, watch, lists: HashMap::new() }
    }

    async fn take(&mut self) {
        for (view, news) in self.watch.next().await {
            match news {
                News::Listed(page) => {
                    let sessions = page.rows().iter().map(|row| row.session().clone()).collect();
                    self.lists.insert(view, sessions);
                }
                News::Changed { difference, .. } => {
                    let list = self.lists.get_mut(&view).expect("the whole list comes first");
                    list.retain(|session| !difference.removed.contains(&session.id));
                    for row in &difference.shown {
                        list.retain(|session| session.id != row.session().id);
                        list.push(row.session().clone());
                    }
                    if recent(view) {
                        list.sort_by_key(|session| std::cmp::Reverse((session.updated_at, session.id)));
                    } else {
                        let since =
                            |session: &Session| session.waiting_since.map_or(i64::MAX, UtcMillis::get);
                        list.sort_by_key(|session| (since(session), session.id));
                    }
                    list.truncate(LIMIT as usize);
                }
                News::Failed(error) => panic!("{view:?}: {error}"),
            }
        }
    }

    /// What the store would show.
    async fn truth(&self, store: &Store, view: View) -> Vec<(SessionId, u64)> {
        let Caller::Agent { agent, .. } = &self.caller else { unreachable!("a team's screen") };
        let active = vec![Status::Open, Status::InProgress];
        let filter = SessionFilter {
            statuses: if view == View::All { Vec::new() } else { active },
            assignee: match view {
                View::Mine => AssigneeFilter::Agent(agent.id),
                View::Unassigned => AssigneeFilter::Nobody,
                View::Waiting | View::Snoozed | View::All => AssigneeFilter::Any,
            },
            waiting: view == View::Waiting,
            snoozed: (view != View::All).then_some(view == View::Snoozed),
            visible_to: self.caller.restricted_to(),
            ..SessionFilter::default()
        };
        let order = if recent(view) { SessionOrder::Recent } else { SessionOrder::Waiting };
        let page = store.list_sessions(&filter, order, None, LIMIT).await.unwrap();
        page.items.iter().map(|session| (session.id, session.version)).collect()
    }

    /// Waits until all lists are what the store would show.
    async fn is_true(&mut self, store: &Store, views: &[View]) {
        let deadline = Instant::now() + SOON;
        for view in views {
            loop {
                let truth = self.truth(store, *view).await;
                let versions =
                    |list: &Vec<Session>| list.iter().map(|s| (s.id, s.version)).collect::<Vec<_>>();
                let shown = self.lists.get(view).map(versions);
                if shown.as_ref() == Some(&truth) {
                    break;
                }
                let more = tokio::time::timeout_at(deadline, self.take()).await;
                assert!(more.is_ok(), "{view:?} stays\n{shown:?}\nand is\n{truth:?}");
            }
        }
    }
}

/// Of five hundred sessions each screen shows ten, and they are always the right ones in the end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watcher_of_ten_of_many_ends_with_the_right_ten() {
    let test = TestStore::new(Engine::Sqlite).await;
    let (hub, shop) = alone(&test, SOON).await;
    let sessions = join_all((0..500).map(|_| shop.start(&hub))).await;
    let of = |number: usize, role: Role| match shop.agent(number) {
        Caller::Agent { agent, .. } => Caller::Agent { agent, role, sees_all: false },
        Caller::Customer(_) | Caller::System => unreachable!("an agent"),
    };
    let (bo, cleo) = (of(0, Role::Agent), of(1, Role::Supervisor));
    let mut screens = Vec::new();
    for caller in [&bo, &cleo, &bo] {
        screens.push(Screen::open(&hub, caller.clone(), View::ALL));
    }
    let mut random = StdRng::seed_from_u64(15);
    for round in 0..12 {
        let acts = (0..[3, 40, 200][round % 3]).map(|_| {
            let (ana, session) = sessions.choose(&mut random).unwrap();
            let agent = if random.random_bool(0.5) { &bo } else { &cleo };
            let (who, action) = match random.random_range(0..8) {
                0..4 => (ana, message("hello")),
                4 => (agent, message("hi")),
                5 | 6 => (agent, Action::Claim),
                _ => (agent, Action::SetStatus(*Status::ALL.choose(&mut random).unwrap())),
            };
            hub.act(who.clone(), *session, action)
        });
        // Whatever is refused changes nothing, which shall be seen, too.
        let acts: Vec<_> = acts.collect();
        join_all(acts).await;
        // Whoever comes late, and begins while much happens, is shown the same.
        if round == 6 {
            screens.push(Screen::open(&hub, cleo.clone(), View::ALL));
        }
        for screen in &mut screens {
            screen.is_true(&test.store, View::ALL).await;
        }
    }
    hub.shutdown().await;
}

/// A claim takes the first of the queue away from all; those behind it move up, though nothing happened to them.
#[tokio::test]
async fn the_next_in_line_moves_up() {
    let test = TestStore::new(Engine::Sqlite).await;
    let (hub, shop) = alone(&test, SOON).await;
    let mut sessions = Vec::new();
    for _ in 0..25 {
        let (ana, session) = shop.start(&hub).await;
        say(&hub, &ana, session, "hello").await.unwrap();
        sessions.push(session);
    }
    let mut screen = Screen::open(&hub, shop.agent(0), &[View::Waiting, View::Unassigned]);
    for session in sessions {
        screen.is_true(&test.store, &[View::Waiting, View::Unassigned]).await;
        hub.act(shop.agent(1), session, Action::Claim).await.unwrap();
        say(&hub, &shop.agent(1), session, "hi").await.unwrap();
    }
    screen.is_true(&test.store, &[View::Waiting, View::Unassigned]).await;
    assert!(screen.lists.values().all(Vec::is_empty));
    hub.shutdown().await;
}

/// A slow reader is given the difference when it takes something again, and meanwhile nothing piles up for it.
#[tokio::test]
async fn who_was_slow_is_brought_up_to_date() {
    let test = TestStore::new(Engine::Sqlite).await;
    let (hub, shop) = alone(&test, SOON).await;
    let (mut slow, mut quick) =
        (Screen::open(&hub, shop.agent(0), &[View::All]), Screen::open(&hub, shop.agent(1), &[View::All]));
    slow.is_true(&test.store, &[View::All]).await;
    for _ in 0..6 {
        let (ana, session) = shop.start(&hub).await;
        say(&hub, &ana, session, "hello").await.unwrap();
        quick.is_true(&test.store, &[View::All]).await;
    }
    let mut told = 0;
    while slow.lists[&View::All].len() < 6 {
        timeout(SOON, slow.take()).await.expect("it is told the rest");
        told += 1;
    }
    assert!(told <= 4, "{told} times");
    slow.is_true(&test.store, &[View::All]).await;
    hub.shutdown().await;
}

/// What a restricted agent may not see any more leaves the list, and news of it do not come.
#[tokio::test]
async fn what_another_took_leaves_the_list_of_who_may_not_see_it() {
    let test = TestStore::new(Engine::Sqlite).await;
    let (hub, shop) = alone(&test, SOON).await;
    let Caller::Agent { agent, .. } = shop.agent(0) else { unreachable!("an agent") };
    let bo = Caller::Agent { agent, role: Role::Agent, sees_all: false };
    let (ana, session) = shop.start(&hub).await;
    let (_, other) = shop.start(&hub).await;
    let mut screen = Screen::open(&hub, bo, &[View::All]);
    screen.is_true(&test.store, &[View::All]).await;
    assert_eq!(screen.lists[&View::All].len(), 2);
    hub.act(shop.agent(1), session, Action::Claim).await.unwrap();
    timeout(SOON, screen.take()).await.unwrap();
    assert_eq!(screen.lists[&View::All].iter().map(|shown| shown.id).collect::<Vec<_>>(), [other]);
    say(&hub, &ana, session, "for Cleo's eyes").await.unwrap();
    hub.act(shop.agent(1), other, Action::Claim).await.unwrap();
    timeout(SOON, screen.take()).await.unwrap();
    assert!(screen.lists[&View::All].is_empty(), "the first news after that were of the other");
    hub.shutdown().await;
}
