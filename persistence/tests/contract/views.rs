//! Saved views, and that a filter finds in memory what it finds in the store.

use std::sync::Arc;

use persistence::{AssigneeFilter, SessionFilter, SessionOrder, StoreError, on_both_engines};
use protocol::{
    AgentId, Assigned, Channel, EntryKind, PartyKind, Priority, SessionSort, Status, TeamId, TeamRef, Ticket,
    ViewFilter, ViewId, Work, rest::SavedView,
};

use crate::fixture::{Shop, agent, at, committed, uuid, writer};

fn view(name: &str, owner_id: Option<AgentId>, filter: ViewFilter) -> SavedView {
    let id = ViewId::new(uuid());
    SavedView { id, name: name.into(), owner_id, filter, created_at: at(5), updated_at: at(5) }
}

fn names(views: &[SavedView]) -> Vec<&str> {
    views.iter().map(|view| view.name.as_str()).collect()
}

on_both_engines! {
    async fn each_agent_has_everybodys_views_and_their_own(test) {
        let (bo, cleo) = (Shop::open(&test.store).await.agent.id, agent("cleo@shop.example"));
        test.store.create_agent(&cleo).await.unwrap();
        let refunds = view("Refunds", None, ViewFilter {
            status: vec![Status::Open, Status::Closed],
            assignee: Some(Assigned::Agent(cleo.id)),
            priority: vec![Priority::Urgent],
            tag: Some("refund".into()),
            category: Some("Ärger".into()),
            team: Some(TeamId::new(uuid())),
            site: Some("shop".into()),
            channel: Some(Channel::Email),
            snoozed: Some(false),
            from: Some(at(1)),
            to: Some(at(2)),
            sort: Some(SessionSort::Waiting),
        });
        let own = view("Mine of old", Some(bo), ViewFilter { assignee: Some(Assigned::Me), ..ViewFilter::default() });
        let hers = view("mine of OLD", Some(cleo.id), ViewFilter::default());
        let all = view("Everything", None, ViewFilter::default());
        for view in [&own, &refunds, &hers, &all] {
            test.store.create_view(view).await.unwrap();
        }
        assert_eq!(test.store.view(refunds.id).await.unwrap().as_ref(), Some(&refunds));
        assert_eq!(test.store.views(bo).await.unwrap(), [refunds.clone(), all.clone(), own.clone()]);
        assert_eq!(names(&test.store.views(cleo.id).await.unwrap()), ["Refunds", "Everything", "mine of OLD"]);
        // A name is there once of each owner, however it is capitalised.
        for again in [view("REFUNDS", None, ViewFilter::default()), view("MINE OF OLD", Some(bo), ViewFilter::default())] {
            let refused = test.store.create_view(&again).await;
            assert!(matches!(refused, Err(StoreError::Conflict("view"))), "{refused:?}");
        }
        let taken = SavedView { name: "refunds".into(), ..all.clone() };
        assert!(matches!(test.store.update_view(&taken, at(5)).await, Err(StoreError::Conflict("view"))));
        // One that everybody gets; another order; one that goes.
        let shared = SavedView { name: "Old".into(), owner_id: None, updated_at: at(6), ..own.clone() };
        assert!(!test.store.update_view(&shared, at(4)).await.unwrap(), "it is of another time");
        assert!(test.store.update_view(&shared, at(5)).await.unwrap());
        test.store.order_views(&[shared.id, all.id, refunds.id]).await.unwrap();
        assert_eq!(names(&test.store.views(cleo.id).await.unwrap()), ["Old", "Everything", "Refunds", "mine of OLD"]);
        assert!(test.store.delete_view(all.id).await.unwrap());
        assert!(!test.store.delete_view(all.id).await.unwrap());
        assert!(!test.store.update_view(&all, at(5)).await.unwrap());
        assert_eq!(test.store.view(all.id).await.unwrap(), None);
        assert_eq!(test.store.views(bo).await.unwrap(), [shared, refunds]);
    }

    async fn a_filter_finds_in_memory_what_it_finds_in_the_store(test) {
        let shop = Shop::open(&test.store).await;
        let elsewhere = Shop::open(&test.store).await;
        let writer = writer(&test.store);
        let (bo, cy) = (shop.agent.id, elsewhere.agent.id);
        let teams = [TeamId::new(uuid()), TeamId::new(uuid())];
        for n in 0..72_usize {
            let shop = if n % 5 == 0 { &elsewhere } else { &shop };
            let session = shop.start(100 + n as i64).await.id;
            let mut append =
                shop.append(session, 1, vec![shop.says(PartyKind::Customer, 2, "x", 200 + n as i64)]);
            append.change.status = Status::ALL[n % 4];
            append.change.assignee = [None, Some(bo), Some(cy)][n % 3];
            append.change.waiting_since = (n % 7 < 3).then_some(at(150 + n as i64));
            append.change.ticket = Some(Arc::new(Ticket {
                priority: Priority::ALL[n / 4 % Priority::ALL.len()],
                category: [None, Some("Repairs".to_owned()), Some("repairs".to_owned())][n / 2 % 3].clone(),
                tags: [vec![], vec!["refund".to_owned()], vec!["refund".to_owned(), "vip".to_owned()]][n / 3 % 3].clone(),
                snoozed_until: (n % 11 < 4).then_some(at(9_000)),
                work: Work {
                    team: (n % 4 > 0).then(|| TeamRef { id: teams[n % 2], name: "Team".into() }),
                    ..Work::default()
                },
                ..Ticket::default()
            }));
            committed(writer.append(append).await);
        }
        let all = test.store.list_sessions(&SessionFilter::default(), SessionOrder::Recent, None, 100).await.unwrap().items;
        assert_eq!(all.len(), 72);
        type Narrow<'a> = Box<dyn Fn(&mut SessionFilter) + 'a>;
        let narrow: Vec<Narrow> = vec![
            Box::new(|f| f.statuses = vec![Status::Open, Status::InProgress]),
            Box::new(|f| f.statuses = vec![Status::Closed]),
            Box::new(|f| f.assignee = AssigneeFilter::Nobody),
            Box::new(|f| f.assignee = AssigneeFilter::Agent(cy)),
            Box::new(|f| f.waiting = true),
            Box::new(|f| f.snoozed = Some(true)),
            Box::new(|f| f.snoozed = Some(false)),
            Box::new(|f| f.priorities = vec![Priority::Urgent, Priority::Low]),
            Box::new(|f| f.tag = Some("refund".into())),
            Box::new(|f| f.tag = Some("re".into())),
            Box::new(|f| f.category = Some("Repairs".into())),
            Box::new(|f| f.team_id = Some(teams[1])),
            Box::new(|f| f.site_id = Some(elsewhere.site.id)),
            Box::new(|f| f.channel = Some(Channel::Web)),
            Box::new(|f| f.channel = Some(Channel::Email)),
            Box::new(|f| f.from = Some(at(230))),
            Box::new(|f| f.to = Some(at(140))),
            Box::new(|f| f.visible_to = Some(bo)),
        ];
        for (nth, one) in narrow.iter().enumerate() {
            for other in &narrow[nth..] {
                let mut filter = SessionFilter::default();
                one(&mut filter);
                other(&mut filter);
                let stored = test.store.list_sessions(&filter, SessionOrder::Recent, None, 100).await.unwrap();
                let held: Vec<_> = all.iter().filter(|session| filter.holds(session)).collect();
                assert_eq!(stored.items.iter().collect::<Vec<_>>(), held, "{filter:?}");
            }
        }
    }

    async fn those_in_which_somebody_is_named(test) {
        let shop = Shop::open(&test.store).await;
        let writer = writer(&test.store);
        // Whoever writes it is not told of it.
        let (bo, cleo) = (shop.agent.id, agent("cleo@shop.example"));
        test.store.create_agent(&cleo).await.unwrap();
        let mut named = Vec::new();
        for n in 0..6_i64 {
            let session = shop.start(100).await.id;
            let mentions = if n % 2 == 0 { vec![bo, cleo.id] } else { vec![bo] };
            for seq in 2..4 {
                let says = shop.says(PartyKind::Agent, seq, "@", 200 + 10 * n + seq as i64);
                let note = protocol::Entry { kind: EntryKind::Note, mentions: mentions.clone(), ..says };
                committed(writer.append(shop.append(session, seq - 1, vec![note])).await);
            }
            if n % 2 == 0 {
                named.insert(0, session);
            }
        }
        shop.start(100).await;
        let filter = SessionFilter { mentioning: Some(cleo.id), ..SessionFilter::default() };
        let mut told = test.store.mentioning(cleo.id).await.unwrap();
        told.sort_unstable();
        let mut those = named.clone();
        those.sort_unstable();
        assert_eq!(told, those);
        for limit in [2, 10] {
            let page = test.store.list_sessions(&filter, SessionOrder::Recent, None, limit).await.unwrap();
            let found: Vec<_> = page.items.iter().map(|session| session.id).collect();
            assert_eq!((found.as_slice(), page.total), (&named[..named.len().min(limit as usize)], 3));
        }
    }
}
