//! The lists of agents who watch them, on a real store, while sessions talk, are taken, and end.

use std::{collections::HashMap, sync::Arc};

use futures_util::future::join_all;
use hub::{
    Caller, Hub, HubError, InboxWatch, News, Page,
    state::{Action, Note, Update},
};
use persistence::{
    AssigneeFilter, Session, SessionFilter, SessionOrder, Store,
    testing::{Engine, TestStore},
};
use protocol::{
    AgentId, Assigned, ConnectionId, EntryId, MessageBody, Role, SessionId, SessionSort, Status, UtcMillis,
    View, ViewFilter, ViewId, ViewName, rest::SavedView,
};
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
    pages: HashMap<View, Arc<Page>>,
    failed: Vec<View>,
}

const ALL: View = View::Named(ViewName::All);

fn every() -> Vec<View> {
    ViewName::ALL.iter().copied().map(View::Named).collect()
}

impl Screen {
    fn open(hub: &Hub, caller: Caller, views: &[View]) -> Self {
        let mut watch = hub.watch_inbox(ConnectionId::new(Uuid::now_v7()), caller.clone());
        views.iter().for_each(|view| watch.watch(view.clone(), LIMIT));
        Self { caller, watch, lists: HashMap::new(), pages: HashMap::new(), failed: Vec::new() }
    }

    async fn take(&mut self) {
        for (view, news) in self.watch.next().await {
            match news {
                News::Listed(page) => {
                    self.pages.insert(view.clone(), page.clone());
                    let sessions = page.rows().iter().map(|row| row.session().clone()).collect();
                    self.lists.insert(view, sessions);
                }
                News::Changed { difference, page } => {
                    self.pages.insert(view.clone(), page.clone());
                    let list = self.lists.get_mut(&view).expect("the whole list comes first");
                    list.retain(|session| !difference.removed.contains(&session.id));
                    for row in &difference.shown {
                        list.retain(|session| session.id != row.session().id);
                        list.push(row.session().clone());
                    }
                    if page.sort() == SessionSort::Recent {
                        list.sort_by_key(|session| std::cmp::Reverse((session.updated_at, session.id)));
                    } else {
                        let since =
                            |session: &Session| session.waiting_since.map_or(i64::MAX, UtcMillis::get);
                        list.sort_by_key(|session| (since(session), session.id));
                    }
                    list.truncate(LIMIT as usize);
                }
                News::Failed(HubError::NoSuchList) => self.failed.push(view),
                News::Failed(error) => panic!("{view:?}: {error}"),
            }
        }
    }

    /// What the store would show.
    async fn truth(&self, store: &Store, view: &View) -> Vec<(SessionId, u64)> {
        let Caller::Agent { agent, .. } = &self.caller else { unreachable!("a team's screen") };
        let saved = match view {
            View::Saved(id) => store.view(*id).await.unwrap().unwrap().filter,
            View::Filter(filter) => filter.as_ref().clone(),
            View::Named(_) => ViewFilter::default(),
        };
        let is = |name: ViewName| *view == View::Named(name);
        let active = matches!(view, View::Named(_)) && !is(ViewName::All) && !is(ViewName::Mentions);
        let filter = SessionFilter {
            statuses: if active { vec![Status::Open, Status::InProgress] } else { saved.status },
            assignee: match (view, saved.assignee) {
                (View::Named(ViewName::Mine), _) | (_, Some(Assigned::Me)) => AssigneeFilter::Agent(agent.id),
                (View::Named(ViewName::Unassigned), _) | (_, Some(Assigned::Nobody)) => {
                    AssigneeFilter::Nobody
                }
                (_, Some(Assigned::Agent(agent))) => AssigneeFilter::Agent(agent),
                (_, None) => AssigneeFilter::Any,
            },
            tag: saved.tag,
            waiting: is(ViewName::Waiting) || saved.sort == Some(SessionSort::Waiting),
            snoozed: active.then_some(is(ViewName::Snoozed)),
            mentioning: is(ViewName::Mentions).then_some(agent.id),
            visible_to: self.caller.restricted_to(),
            ..SessionFilter::default()
        };
        let order = match filter.waiting || is(ViewName::Unassigned) {
            true => SessionOrder::Waiting,
            false => SessionOrder::Recent,
        };
        let page = store.list_sessions(&filter, order, None, LIMIT).await.unwrap();
        page.items.iter().map(|session| (session.id, session.version)).collect()
    }

    /// Waits until all lists are what the store would show.
    async fn is_true(&mut self, store: &Store, views: &[View]) {
        let deadline = Instant::now() + SOON;
        for view in views {
            loop {
                let truth = self.truth(store, view).await;
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
        screens.push(Screen::open(&hub, caller.clone(), &every()));
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
            screens.push(Screen::open(&hub, cleo.clone(), &every()));
        }
        for screen in &mut screens {
            screen.is_true(&test.store, &every()).await;
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
    let mut screen =
        Screen::open(&hub, shop.agent(0), &[ViewName::Waiting, ViewName::Unassigned].map(View::Named));
    for session in sessions {
        screen.is_true(&test.store, &[ViewName::Waiting, ViewName::Unassigned].map(View::Named)).await;
        hub.act(shop.agent(1), session, Action::Claim).await.unwrap();
        say(&hub, &shop.agent(1), session, "hi").await.unwrap();
    }
    screen.is_true(&test.store, &[ViewName::Waiting, ViewName::Unassigned].map(View::Named)).await;
    assert!(screen.lists.values().all(Vec::is_empty));
    hub.shutdown().await;
}

/// A slow reader is given the difference when it takes something again, and meanwhile nothing piles up for it.
#[tokio::test]
async fn who_was_slow_is_brought_up_to_date() {
    let test = TestStore::new(Engine::Sqlite).await;
    let (hub, shop) = alone(&test, SOON).await;
    let (mut slow, mut quick) =
        (Screen::open(&hub, shop.agent(0), &[ALL]), Screen::open(&hub, shop.agent(1), &[ALL]));
    slow.is_true(&test.store, &[ALL]).await;
    for _ in 0..6 {
        let (ana, session) = shop.start(&hub).await;
        say(&hub, &ana, session, "hello").await.unwrap();
        quick.is_true(&test.store, &[ALL]).await;
    }
    let mut told = 0;
    while slow.lists[&ALL].len() < 6 {
        timeout(SOON, slow.take()).await.expect("it is told the rest");
        told += 1;
    }
    assert!(told <= 4, "{told} times");
    slow.is_true(&test.store, &[ALL]).await;
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
    let mut screen = Screen::open(&hub, bo, &[ALL]);
    screen.is_true(&test.store, &[ALL]).await;
    assert_eq!(screen.lists[&ALL].len(), 2);
    hub.act(shop.agent(1), session, Action::Claim).await.unwrap();
    timeout(SOON, screen.take()).await.unwrap();
    assert_eq!(screen.lists[&ALL].iter().map(|shown| shown.id).collect::<Vec<_>>(), [other]);
    say(&hub, &ana, session, "for Cleo's eyes").await.unwrap();
    hub.act(shop.agent(1), other, Action::Claim).await.unwrap();
    timeout(SOON, screen.take()).await.unwrap();
    assert!(screen.lists[&ALL].is_empty(), "the first news after that were of the other");
    hub.shutdown().await;
}

fn saved(owner_id: Option<AgentId>, filter: ViewFilter) -> SavedView {
    let (id, at) = (ViewId::new(Uuid::now_v7()), UtcMillis::new(1));
    SavedView { id, name: id.to_string(), owner_id, filter, created_at: at, updated_at: at }
}

fn tagged(tag: &str) -> ViewFilter {
    ViewFilter { tag: Some(tag.into()), ..ViewFilter::default() }
}

fn tag(tag: &str) -> Action {
    Action::Update(Update { added_tags: vec![tag.into()], ..Update::default() }.into())
}

/// Of a saved view each sees what it finds for them, and when it asks for something else they are given that.
#[tokio::test]
async fn a_saved_view_is_what_it_asks_for() {
    let test = TestStore::new(Engine::Sqlite).await;
    let (hub, shop) = alone(&test, SOON).await;
    let mut sessions = Vec::new();
    for _ in 0..30 {
        sessions.push(shop.start(&hub).await);
    }
    let mine = ViewFilter { assignee: Some(Assigned::Me), ..ViewFilter::default() };
    let mut refunds = saved(None, tagged("refund"));
    let (own, filter) = (saved(None, mine.clone()), View::Filter(mine.into()));
    for view in [&refunds, &own] {
        test.store.create_view(view).await.unwrap();
    }
    let views = [View::Saved(refunds.id), View::Saved(own.id), filter];
    let mut screens = [0, 1].map(|number| Screen::open(&hub, shop.agent(number), &views));
    for (number, (ana, session)) in sessions.iter().enumerate() {
        if number % 2 == 0 {
            hub.act(shop.agent(0), *session, tag("refund")).await.unwrap();
        }
        hub.act(shop.agent(number % 3 % 2), *session, Action::Claim).await.unwrap();
        say(&hub, ana, *session, "hello").await.unwrap();
        if number % 10 == 9 {
            for screen in &mut screens {
                screen.is_true(&test.store, &views).await;
            }
        }
    }
    let [bo, cleo] = &mut screens;
    assert_ne!(bo.lists[&views[1]], cleo.lists[&views[1]], "each has their own");
    let same = |bo: &Screen, cleo: &Screen| Arc::ptr_eq(&bo.pages[&views[0]], &cleo.pages[&views[0]]);
    assert!(same(bo, cleo), "what all find the same in is kept once");
    // Other sessions, in another order.
    refunds.filter = ViewFilter { sort: Some(SessionSort::Waiting), ..ViewFilter::default() };
    assert!(test.store.update_view(&refunds, refunds.updated_at).await.unwrap());
    hub.views_changed(None, Some(refunds.id));
    for screen in &mut screens {
        screen.is_true(&test.store, &views).await;
        assert_eq!(screen.pages[&views[0]].total(), 30);
    }
    say(&hub, &sessions[3].0, sessions[3].1, "again").await.unwrap();
    for screen in &mut screens {
        screen.is_true(&test.store, &views).await;
    }
    let [bo, cleo] = &screens;
    assert!(same(bo, cleo), "and after it was changed, too");
    // Whoever comes later, after it was read more than once, has the same.
    let mut third = Screen::open(&hub, shop.agent(1), &views);
    third.is_true(&test.store, &views).await;
    let mut fourth = Screen::open(&hub, shop.agent(0), &views);
    fourth.is_true(&test.store, &views).await;
    say(&hub, &sessions[4].0, sessions[4].1, "again").await.unwrap();
    for screen in screens.iter_mut().chain([&mut third, &mut fourth]) {
        screen.is_true(&test.store, &views).await;
    }
    assert!(same(&screens[0], &third) && same(&third, &fourth), "and for whoever comes later");
    drop((third, fourth));
    // It becomes Bo's own, and Cleo is told that it is not there.
    refunds.owner_id = Some(shop.agents[0].id);
    assert!(test.store.update_view(&refunds, refunds.updated_at).await.unwrap());
    hub.views_changed(None, Some(refunds.id));
    let [bo, cleo] = &mut screens;
    timeout(SOON, async {
        while cleo.failed.is_empty() {
            cleo.take().await;
        }
    })
    .await
    .expect("she is told");
    assert_eq!(cleo.failed, [views[0].clone()]);
    bo.is_true(&test.store, &views).await;
    assert!(bo.failed.is_empty());
    // Nobody has it who has not saved it.
    let mut late =
        Screen::open(&hub, shop.agent(1), &[views[0].clone(), View::Saved(ViewId::new(Uuid::now_v7()))]);
    timeout(SOON, async {
        while late.failed.len() < 2 {
            late.take().await;
        }
    })
    .await
    .expect("she is told");
    hub.shutdown().await;
}

/// Without a session to show, a list still says how many it has.
#[tokio::test]
async fn a_number_is_kept_true_by_itself() {
    let test = TestStore::new(Engine::Sqlite).await;
    let (hub, shop) = alone(&test, SOON).await;
    let refunds = View::Filter(tagged("refund").into());
    let mut screen = Screen::open(&hub, shop.agent(0), &[]);
    screen.watch.watch(refunds.clone(), 0);
    let comes_to = async |screen: &mut Screen, total: u64| {
        let coming = async {
            while screen.pages.get(&refunds).map(|page| page.total()) != Some(total) {
                screen.take().await;
            }
        };
        timeout(SOON, coming).await.unwrap_or_else(|_| panic!("{:?} and not {total}", screen.pages));
        assert!(screen.lists[&refunds].is_empty(), "none is shown");
    };
    comes_to(&mut screen, 0).await;
    let mut sessions = Vec::new();
    for total in 1..=80 {
        let (_, session) = shop.start(&hub).await;
        hub.act(shop.agent(1), session, tag("refund")).await.unwrap();
        sessions.push(session);
        if total % 40 == 0 {
            comes_to(&mut screen, total).await;
        }
    }
    // Of more than a hundred not all are known; whoever looks now is told how many the store counts.
    for _ in 0..50 {
        let (_, session) = shop.start(&hub).await;
        hub.act(shop.agent(1), session, tag("refund")).await.unwrap();
        sessions.push(session);
    }
    let mut late = Screen::open(&hub, shop.agent(0), &[]);
    late.watch.watch(refunds.clone(), 0);
    comes_to(&mut late, 130).await;
    let gone = Update { removed_tags: vec!["refund".into()], ..Update::default() };
    for (left, session) in sessions.into_iter().rev().enumerate() {
        hub.act(shop.agent(1), session, Action::Update(gone.clone().into())).await.unwrap();
        if left == 99 {
            comes_to(&mut screen, 30).await;
        }
    }
    comes_to(&mut screen, 0).await;
    comes_to(&mut late, 0).await;
    hub.shutdown().await;
}

/// Whoever is named in a note finds the session among those, wherever it stood before.
#[tokio::test]
async fn whoever_is_named_finds_it() {
    let test = TestStore::new(Engine::Sqlite).await;
    let (hub, shop) = alone(&test, SOON).await;
    let view = [View::Named(ViewName::Mentions)];
    let mut screens = [0, 1].map(|number| Screen::open(&hub, shop.agent(number), &view));
    let mut sessions = Vec::new();
    for screen in &mut screens {
        screen.is_true(&test.store, &view).await;
    }
    for _ in 0..30 {
        let (ana, session) = shop.start(&hub).await;
        let note = Note {
            id: EntryId::new(Uuid::now_v7()),
            body: MessageBody::parse("@Bo", 100).unwrap(),
            mentions: vec![shop.agents[0].id],
        };
        hub.act(shop.agent(1), session, Action::Note(note.into())).await.unwrap();
        sessions.push((ana, session));
    }
    screens[0].is_true(&test.store, &view).await;
    assert_eq!(screens[0].lists[&view[0]].len(), LIMIT as usize);
    // The oldest comes to the front by what is said in it, though it was not known to the list.
    say(&hub, &sessions[0].0, sessions[0].1, "hello").await.unwrap();
    screens[0].is_true(&test.store, &view).await;
    assert_eq!(screens[0].lists[&view[0]][0].id, sessions[0].1);
    screens[1].is_true(&test.store, &view).await;
    assert!(screens[1].lists[&view[0]].is_empty(), "Cleo was not named");
    hub.shutdown().await;
}
