//! Lists of sessions.

use std::sync::Arc;

use persistence::{
    AssigneeFilter, LogWriter, SessionCounts, SessionFilter, SessionOrder, Store, on_both_engines,
};
use protocol::{AgentId, PartyKind, SessionId, Status, Ticket};

use crate::fixture::{Shop, agent, at, committed, writer};

async fn walk(
    store: &Store,
    filter: &SessionFilter,
    order: SessionOrder,
    limit: u32,
) -> (Vec<SessionId>, u64) {
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let page = store.list_sessions(filter, order, cursor, limit).await.unwrap();
        assert!(page.items.len() <= limit as usize);
        found.extend(page.items.iter().map(|session| session.id));
        assert!(found.len() as u64 <= page.total, "it walks in a circle");
        cursor = page.next;
        if cursor.is_none() {
            return (found, page.total);
        }
    }
}

/// Gives a session a status, a holder and a time since when it waits.
async fn set(
    shop: &Shop,
    writer: &LogWriter,
    session: SessionId,
    now: i64,
    status: Status,
    holder: Option<AgentId>,
    waits: Option<i64>,
) {
    let mut append = shop.append(session, 1, vec![shop.says(PartyKind::Customer, 2, "x", now)]);
    append.change.status = status;
    append.change.assignee = holder;
    append.change.waiting_since = waits.map(at);
    committed(writer.append(append).await);
}

on_both_engines! {
    async fn pages_follow_each_other(test) {
        let shop = Shop::open(&test.store).await;
        let writer = writer(&test.store);
        let (mut sessions, mut waiting) = (Vec::new(), Vec::new());
        for n in 0..11_i64 {
            let session = shop.start(100).await.id;
            // Pairs share their times, so that the id decides; every third does not wait.
            let waits = (n % 3 != 0).then_some(500 - n / 2);
            set(&shop, &writer, session, 200 + n / 2, Status::Open, None, waits).await;
            sessions.push((200 + n / 2, session));
            waiting.push((waits.unwrap_or(i64::MAX), session));
        }
        sessions.sort_by(|a, b| b.cmp(a));
        waiting.sort_unstable();
        let all = SessionFilter::default();
        for limit in [1, 2, 3, 10, 11, 12] {
            let (found, total) = walk(&test.store, &all, SessionOrder::Recent, limit).await;
            assert_eq!(found, sessions.iter().map(|(_, id)| *id).collect::<Vec<_>>(), "by {limit}");
            assert_eq!(total, 11);
            let (found, total) = walk(&test.store, &all, SessionOrder::Waiting, limit).await;
            assert_eq!(found, waiting.iter().map(|(_, id)| *id).collect::<Vec<_>>(), "by {limit}");
            assert_eq!(total, 11);
            let who_waits = SessionFilter { waiting: true, ..SessionFilter::default() };
            let (found, total) = walk(&test.store, &who_waits, SessionOrder::Waiting, limit).await;
            let expected: Vec<_> = waiting.iter().filter(|(at, _)| *at < i64::MAX).map(|(_, id)| *id).collect();
            assert_eq!(found, expected, "by {limit}");
            assert_eq!(total as usize, expected.len());
        }
    }

    async fn filters_narrow(test) {
        let shop = Shop::open(&test.store).await;
        let writer = writer(&test.store);
        let (bo, cy) = (shop.agent.clone(), agent("cy@x.example"));
        test.store.create_agent(&cy).await.unwrap();
        let elsewhere = Shop::open(&test.store).await;
        let mut made = Vec::new();
        for (n, (shop, status, holder)) in [
            (&shop, Status::Open, None),
            (&shop, Status::InProgress, Some(bo.id)),
            (&shop, Status::InProgress, Some(cy.id)),
            (&shop, Status::Resolved, Some(bo.id)),
            (&elsewhere, Status::Closed, None),
            (&elsewhere, Status::Open, Some(cy.id)),
        ]
        .into_iter()
        .enumerate()
        {
            let session = shop.start(100).await.id;
            set(shop, &writer, session, 200 - n as i64, status, holder, None).await;
            made.push(session);
        }
        let filter = SessionFilter::default();
        for (filter, expected) in [
            (filter.clone(), vec![0, 1, 2, 3, 4, 5]),
            (SessionFilter { statuses: vec![Status::Open, Status::InProgress], ..filter.clone() }, vec![0, 1, 2, 5]),
            (SessionFilter { assignee: AssigneeFilter::Nobody, ..filter.clone() }, vec![0, 4]),
            (SessionFilter { assignee: AssigneeFilter::Agent(bo.id), ..filter.clone() }, vec![1, 3]),
            (SessionFilter { site_id: Some(elsewhere.site.id), ..filter.clone() }, vec![4, 5]),
            (SessionFilter { visible_to: Some(bo.id), ..filter.clone() }, vec![0, 1, 3, 4]),
            (SessionFilter { waiting: true, ..filter.clone() }, vec![]),
            (
                SessionFilter {
                    statuses: vec![Status::InProgress, Status::Resolved],
                    assignee: AssigneeFilter::Agent(cy.id),
                    visible_to: Some(bo.id),
                    ..filter.clone()
                },
                vec![],
            ),
            (
                SessionFilter {
                    statuses: vec![Status::Open],
                    site_id: Some(shop.site.id),
                    visible_to: Some(bo.id),
                    ..filter.clone()
                },
                vec![0],
            ),
        ] {
            let (found, total) = walk(&test.store, &filter, SessionOrder::Recent, 2).await;
            let expected: Vec<_> = expected.into_iter().map(|n: usize| made[n]).collect();
            assert_eq!(found, expected, "{filter:?}");
            assert_eq!(total as usize, expected.len(), "{filter:?}");
        }
    }
}

on_both_engines! {
    async fn what_goes_on_is_counted_as_lists_count_it(test) {
        let shop = Shop::open(&test.store).await;
        let writer = writer(&test.store);
        let (bo, cy) = (shop.agent.id, agent("cy@x.example"));
        test.store.create_agent(&cy).await.unwrap();
        for n in 0..48_usize {
            let session = shop.start(100).await.id;
            let says = shop.says(PartyKind::Customer, 2, "x", 200);
            let mut append = shop.append(session, 1, vec![says]);
            append.change.status = Status::ALL[n % 4];
            append.change.assignee = [None, Some(bo), Some(cy.id)][n % 3];
            append.change.waiting_since = (n % 5 < 3).then_some(at(150));
            let snoozed_until = (n % 7 == 0).then_some(at(9_000));
            append.change.ticket = Some(Arc::new(Ticket { snoozed_until, ..Ticket::default() }));
            committed(writer.append(append).await);
        }
        let going_on = vec![Status::Open, Status::InProgress];
        for visible_to in [None, Some(bo)] {
            let all = SessionFilter { statuses: going_on.clone(), visible_to, ..SessionFilter::default() };
            let here = SessionFilter { snoozed: Some(false), ..all.clone() };
            let free = SessionFilter { assignee: AssigneeFilter::Nobody, ..here.clone() };
            let count = async |filter: SessionFilter| {
                test.store.list_sessions(&filter, SessionOrder::Recent, None, 1).await.unwrap().total
            };
            let expected = SessionCounts {
                open: count(SessionFilter { statuses: vec![Status::Open], ..all.clone() }).await,
                in_progress: count(SessionFilter { statuses: vec![Status::InProgress], ..all.clone() }).await,
                unassigned: count(free.clone()).await,
                waiting: count(SessionFilter { waiting: true, ..here.clone() }).await,
                alone: count(SessionFilter { waiting: true, ..free.clone() }).await,
            };
            assert!(expected.alone > 0 && expected.alone < expected.unassigned);
            assert_eq!(test.store.session_counts(visible_to).await.unwrap(), expected);
        }
    }
}

/// Every session once, by time and then by id, whatever the size of a page.
async fn walks_are(store: &Store, expected: &[(i64, SessionId)]) {
    for limit in [1, 3, 7, 50] {
        let (found, total) = walk(store, &SessionFilter::default(), SessionOrder::Recent, limit).await;
        assert_eq!(found, expected.iter().map(|(_, id)| *id).collect::<Vec<_>>(), "by {limit}");
        assert_eq!(total as usize, expected.len());
    }
}

on_both_engines! {
    async fn the_five_minutes_that_indexes_know_do_not_show(test) {
        let shop = Shop::open(&test.store).await;
        let writer = writer(&test.store);
        // Around where one slot ends and the next begins, with two of the same time on each side.
        let times = [0, 299_998, 299_999, 299_999, 300_000, 300_000, 300_001, 599_999, 600_000, 3_000_000];
        let mut sessions = Vec::new();
        for at in times {
            let session = shop.start(0).await.id;
            set(&shop, &writer, session, at, Status::Open, None, None).await;
            sessions.push((at, session));
        }
        sessions.sort_by(|a, b| b.cmp(a));
        walks_are(&test.store, &sessions).await;
        // One goes to the front, one goes back, be it that a clock was.
        for (place, now) in [(7, 3_000_001), (1, 1)] {
            let session = sessions[place].1;
            let expected = test.store.session(session).await.unwrap().unwrap().last_seq.get();
            let says = shop.says(PartyKind::Customer, expected + 1, "x", now);
            committed(writer.append(shop.append(session, expected, vec![says])).await);
            sessions[place].0 = now;
        }
        sessions.sort_by(|a, b| b.cmp(a));
        walks_are(&test.store, &sessions).await;
    }

    async fn a_walk_meets_each_session_that_stays_once_while_others_move(test) {
        const MINUTE: i64 = 60_000;
        let shop = Shop::open(&test.store).await;
        let writer = writer(&test.store);
        let mut sessions = Vec::new();
        for n in 0..40_i64 {
            let session = shop.start(0).await.id;
            set(&shop, &writer, session, n * MINUTE, Status::Open, None, None).await;
            sessions.push(session);
        }
        let (mut found, mut cursor) = (Vec::new(), None);
        for round in 0..20_i64 {
            let page = test
                .store
                .list_sessions(&SessionFilter::default(), SessionOrder::Recent, cursor, 3)
                .await
                .unwrap();
            assert_eq!(page.total, 40);
            found.extend(page.items.iter().map(|session| session.id));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
            // Somebody of the even ones writes: of those met already, and of those still to come.
            let session = sessions[(round * 14 % 40) as usize];
            let expected = test.store.session(session).await.unwrap().unwrap().last_seq.get();
            let says = shop.says(PartyKind::Customer, expected + 1, "x", (50 + round) * MINUTE);
            committed(writer.append(shop.append(session, expected, vec![says])).await);
        }
        assert!(cursor.is_none(), "it comes to an end");
        let odd: Vec<_> = sessions.iter().skip(1).step_by(2).rev().copied().collect();
        assert_eq!(found.iter().filter(|id| odd.contains(id)).copied().collect::<Vec<_>>(), odd);
        let met: std::collections::HashSet<_> = found.iter().collect();
        assert_eq!(met.len(), found.len(), "nobody twice");
    }
}
