//! Who can be given sessions, and which sessions wait for somebody.

use std::collections::HashSet;

use persistence::{SessionFilter, SessionOrder, StatusSince, Team, on_both_engines};
use protocol::{AgentId, Availability, PartyKind, Priority, SessionId, TeamId, TeamRef, Ticket, Work};
use uuid::Uuid;

use crate::fixture::{Shop, agent, at, committed, writer};

on_both_engines! {
    async fn the_team_is_as_it_was_seen(test) {
        let shop = Shop::open(&test.store).await;
        let (bo, cleo) = (shop.agent.id, agent("cleo@shop.example"));
        test.store.create_agent(&cleo).await.unwrap();
        let of = async |id: AgentId| {
            let team = test.store.on_duty().await.unwrap();
            team.into_iter().find(|one| one.agent.id == id).unwrap()
        };
        let fresh = of(bo).await;
        assert_eq!((fresh.chosen, fresh.seen_at, fresh.active_at), (Availability::Online, None, None));
        assert_eq!((fresh.max, fresh.active, fresh.disabled, fresh.given_at), (5, 0, false, at(0)));

        test.store.agents_seen(&[(bo, at(90)), (cleo.id, at(80))], at(100)).await.unwrap();
        test.store.agents_seen(&[(bo, at(70))], at(200)).await.unwrap();
        let seen = of(bo).await;
        assert_eq!((seen.seen_at, seen.active_at), (Some(at(200)), Some(at(90))), "activity does not go back");
        assert_eq!(of(cleo.id).await.seen_at, Some(at(100)));

        test.store.choose_availability(bo, Availability::Away, at(300)).await.unwrap();
        test.store.agents_seen(&[(bo, at(300))], at(310)).await.unwrap();
        test.store.agents_given(&[bo], at(320)).await.unwrap();
        let chosen = of(bo).await;
        assert_eq!((chosen.chosen, chosen.active_at, chosen.given_at), (Availability::Away, Some(at(300)), at(320)));

        // What an agent holds is counted while it is open and not put aside.
        let writer = writer(&test.store);
        let mut sessions = Vec::new();
        for n in 0..3 {
            let session = shop.start(100 + n).await.id;
            let mut taken = shop.event(session, 1);
            taken.change.assignee = Some(bo);
            taken.change.ticket = Some(Ticket::default().into());
            committed(writer.append(taken).await);
            sessions.push(session);
        }
        sessions.sort_unstable();
        assert_eq!(of(bo).await.active, 3);
        assert_eq!(test.store.held_by(bo, 10).await.unwrap(), sessions);
        assert_eq!(test.store.held_by(bo, 2).await.unwrap(), sessions[..2]);
        let mut aside = shop.event(sessions[0], 2);
        aside.change.assignee = Some(bo);
        aside.change.ticket = Some(Ticket { snoozed_until: Some(at(9_000)), ..Ticket::default() }.into());
        committed(writer.append(aside).await);
        let mut closed = shop.close(sessions[1], 2);
        closed.change.assignee = Some(bo);
        committed(writer.append(closed).await);
        assert_eq!((of(bo).await.active, of(cleo.id).await.active), (1, 0));
        assert_eq!(test.store.held_by(bo, 10).await.unwrap(), sessions[2..]);
        assert_eq!(test.store.snoozed_until(at(8_999), 10).await.unwrap(), []);
        assert_eq!(test.store.snoozed_until(at(9_000), 10).await.unwrap(), [(sessions[0], at(9_000))]);
    }

    async fn the_queue_is_in_its_order(test) {
        let shop = Shop::open(&test.store).await;
        let writer = writer(&test.store);
        let wait = async |priority: Priority, since: i64| -> SessionId {
            let session = shop.start(since).await.id;
            let mut append = shop.message(session, 1, PartyKind::Customer, "hello?");
            append.change.ticket = Some(Ticket { priority, queued_since: Some(at(since)), ..Ticket::default() }.into());
            committed(writer.append(append).await);
            session
        };
        let normal = wait(Priority::Normal, 100).await;
        let later = wait(Priority::Normal, 300).await;
        let urgent = wait(Priority::Urgent, 900).await;
        let low = wait(Priority::Low, 1).await;
        let queue = test.store.queued(10).await.unwrap();
        let order: Vec<_> = queue.iter().map(|one| one.session).collect();
        assert_eq!(order, [urgent, normal, later, low]);
        assert_eq!((queue[0].priority, queue[0].since, queue[0].previous), (Priority::Urgent, at(900), None));
        assert_eq!(test.store.queued(2).await.unwrap(), queue[..2]);

        // Who had the customer's last other session is known; who is taken waits no more.
        let mut taken = shop.event(later, 2);
        taken.change.assignee = Some(shop.agent.id);
        taken.change.ticket = Some(Ticket::default().into());
        committed(writer.append(taken).await);
        let queue = test.store.queued(10).await.unwrap();
        assert_eq!(queue.len(), 3);
        assert!(queue.iter().all(|one| one.previous == Some(shop.agent.id)));
        // A message leaves the ticket as it is.
        committed(writer.append(shop.message(urgent, 2, PartyKind::Customer, "hello??")).await);
        let row = test.store.session(urgent).await.unwrap().unwrap();
        assert_eq!((row.ticket.priority, row.ticket.queued_since), (Priority::Urgent, Some(at(900))));
        assert!(row.number > 0);
    }

    async fn a_team_finds_what_is_for_it(test) {
        let shop = Shop::open(&test.store).await;
        let writer = writer(&test.store);
        let team = TeamRef { id: TeamId::new(Uuid::now_v7()), name: "Billing".into() };
        let work = Work { team: Some(team.clone()), language: Some("de".into()), ..Work::default() };
        let ticket = Ticket { queued_since: Some(at(5)), priority: Priority::High, work: work.clone(), ..Ticket::default() };
        // One is for the team from the beginning, one becomes so, one is for anybody.
        let grant = shop.grant();
        let mut first = shop.session(&grant, 1);
        first.change.ticket = Some(ticket.clone().into());
        let first = test.store.create_session(&grant, &first).await.unwrap();
        assert_eq!(*first.ticket, ticket);
        let second = shop.start(2).await.id;
        let mut becomes = shop.event(second, 1);
        becomes.change.ticket = Some(ticket.into());
        committed(writer.append(becomes).await);
        let third = shop.start(3).await.id;
        let found = async |team_id: Option<TeamId>| {
            let filter = SessionFilter { team_id, ..SessionFilter::default() };
            let page = test.store.list_sessions(&filter, SessionOrder::Recent, None, 10).await.unwrap();
            let mut ids: Vec<_> = page.items.iter().map(|session| session.id).collect();
            ids.sort_unstable();
            ids
        };
        assert_eq!(found(Some(team.id)).await, [first.id, second]);
        assert_eq!(found(Some(TeamId::new(Uuid::now_v7()))).await, []);
        assert_eq!(found(None).await, [first.id, second, third]);
        let queue = test.store.queued(10).await.unwrap();
        assert_eq!((&queue[0].work, queue[0].site), (&work, first.site_id));

        assert_eq!(test.store.groups().await.unwrap(), (HashSet::new(), HashSet::new()));
        let members = vec![shop.agent.id];
        let billing = Team { id: team.id, name: "Billing".into(), members, created_at: at(1) };
        test.store.create_team(&billing).await.unwrap();
        assert_eq!(test.store.groups().await.unwrap().0, HashSet::from([team.id]));
    }

    async fn what_an_agent_was_is_written_down_when_it_changes(test) {
        let shop = Shop::open(&test.store).await;
        let bo = shop.agent.id;
        for (now, status) in [
            (100, Availability::Online),
            (200, Availability::Online),
            (300, Availability::Away),
            (400, Availability::Online),
        ] {
            test.store.record_availability(&[(bo, status)], at(now)).await.unwrap();
        }
        let since = |status, now| StatusSince { status, since: at(now) };
        let all = [
            since(Availability::Online, 100),
            since(Availability::Away, 300),
            since(Availability::Online, 400),
        ];
        let history = async |from, to, limit| test.store.availability_history(bo, at(from), at(to), limit).await.unwrap();
        assert_eq!(history(0, 1_000, 10).await, all);
        assert_eq!(history(350, 1_000, 10).await, all[1..], "with what they were when it began");
        assert_eq!(history(300, 400, 10).await, all[1..2]);
        assert_eq!(history(0, 1_000, 2).await, all[..2]);
        assert_eq!(history(0, 50, 10).await, []);
    }
}
