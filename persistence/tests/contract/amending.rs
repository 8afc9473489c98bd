//! What was said and is changed or taken away later, and who is told in person.

use std::sync::Arc;

use persistence::{Append, Appended, NotificationCursor, on_both_engines};
use protocol::{
    AgentRef, Audience, Entry, EntryKind, Event, NotificationKind, PartyKind, Rating, Seq, limits,
};

use crate::fixture::{Shop, agent, at, committed, writer};

/// Replaces, or takes away, what stands at `target`.
fn amend(shop: &Shop, append: &Append, target: &Entry, body: Option<&str>) -> Append {
    let (entry, seq) = (target.id, target.seq);
    let note = target.kind == EntryKind::Note;
    let event = match body {
        Some(body) => Event::Edited { entry, seq, body: body.into(), note },
        None => Event::Deleted { entry, seq, note },
    };
    let next = append.entries.last().unwrap().seq.next().get();
    let amended = Entry {
        kind: EntryKind::Event,
        event: Some(event),
        ..shop.says(PartyKind::Agent, next, "", 5_000 + next as i64)
    };
    shop.append(append.session, next - 1, vec![amended])
}

on_both_engines! {
    async fn an_older_text_is_read_nowhere_but_in_its_history(test) {
        let shop = Shop::open(&test.store).await;
        let grant = shop.grant();
        let session = test.store.create_session(&grant, &shop.session(&grant, 100)).await.unwrap();
        let writer = writer(&test.store);
        let said = shop.message(session.id, 1, PartyKind::Agent, "my card is 4111");
        committed(writer.append(said.clone()).await);
        let target = said.entries[0].clone();
        let first = amend(&shop, &said, &target, Some("my card is secret"));
        committed(writer.append(first.clone()).await);
        let second = amend(&shop, &first, &target, Some("never mind"));
        // Together with others, as a busy node writes.
        let other = shop.start(101).await;
        let more = [shop.message(other.id, 1, PartyKind::Customer, "hi")].map(|append| writer.append(append));
        committed(writer.append(second.clone()).await);
        for more in more {
            committed(more.await);
        }

        let read = async || test.store.entries_after(session.id, Seq::new(1), 10, Audience::Customer).await.unwrap();
        let log = read().await;
        assert_eq!((log[0].body.as_str(), log[0].edited_at, log[0].deleted_at), ("never mind", Some(at(5_004)), None));
        assert_eq!((log[0].id, log[0].seq, log[0].created_at), (target.id, target.seq, target.created_at));
        let bodies: Vec<_> = log[1..].iter().map(|entry| match entry.event.as_ref().unwrap() {
            Event::Edited { body, .. } => body.as_str(),
            other => panic!("{other:?}"),
        }).collect();
        assert_eq!(bodies, ["never mind", "never mind"]);
        // As an entry in memory would become.
        let kept = said.entries[0].amended_by(&first.entries[0]).unwrap().amended_by(&second.entries[0]).unwrap();
        assert_eq!(log[0], kept);
        assert_eq!(log[1], first.entries[0].amended_by(&second.entries[0]).unwrap());
        let tokens = [(grant.token, true)].into();
        let arrived = test.store.arrivals(&tokens, 10, 10).await.unwrap();
        assert_eq!(arrived[&grant.token].latest[1..], log);

        let third = amend(&shop, &second, &target, None);
        committed(writer.append(third.clone()).await);
        let log = read().await;
        assert_eq!((log[0].body.as_str(), log[0].deleted_at), ("", Some(at(5_005))));
        assert_eq!(log[1], first.entries[0].amended_by(&third.entries[0]).unwrap());
        let words = serde_json::to_string(&log).unwrap();
        for gone in ["4111", "secret", "never"] {
            assert!(!words.contains(gone), "{words}");
        }
        let history = test.store.entry_history(session.id, target.seq).await.unwrap();
        let history: Vec<_> = history.iter().map(|old| (old.body.as_str(), old.until.get())).collect();
        assert_eq!(history, [("my card is 4111", 5_003), ("my card is secret", 5_004), ("never mind", 5_005)]);
        assert_eq!(test.store.entry(session.id, target.id, Audience::Customer).await.unwrap().unwrap(), log[0]);
    }

    async fn a_note_and_what_became_of_it_is_not_for_customers(test) {
        let shop = Shop::open(&test.store).await;
        let grant = shop.grant();
        let session = test.store.create_session(&grant, &shop.session(&grant, 100)).await.unwrap();
        let writer = writer(&test.store);
        let note = Entry { kind: EntryKind::Note, ..shop.says(PartyKind::Agent, 2, "careful", 200) };
        let noted = shop.append(session.id, 1, vec![note.clone()]);
        committed(writer.append(noted.clone()).await);
        let edited = amend(&shop, &noted, &note, Some("very careful"));
        committed(writer.append(edited).await);
        let log = test.store.entries_after(session.id, Seq::ZERO, 10, Audience::Customer).await.unwrap();
        assert_eq!(log.len(), 1);
        assert_eq!(test.store.entry(session.id, note.id, Audience::Customer).await.unwrap(), None);
        let arrived = test.store.arrivals(&[(grant.token, true)].into(), 10, 10).await.unwrap();
        assert_eq!(arrived[&grant.token].latest, log);
    }

    async fn who_is_named_and_who_is_given_a_session_is_told(test) {
        let shop = Shop::open(&test.store).await;
        let cleo = agent("cleo@shop.example");
        test.store.create_agent(&cleo).await.unwrap();
        let session = shop.start(100).await;
        let writer = writer(&test.store);
        let note = Entry {
            kind: EntryKind::Note,
            mentions: vec![cleo.id, shop.agent.id],
            ..shop.says(PartyKind::Agent, 2, "look, @Cleo", 200)
        };
        let given = Entry {
            kind: EntryKind::Event,
            event: Some(Event::Assigned { agent: Some(AgentRef { id: cleo.id, name: "cleo".into() }) }),
            ..shop.says(PartyKind::Agent, 3, "", 201)
        };
        let mut append = shop.append(session.id, 1, vec![note.clone(), given]);
        append.change.assignee = Some(cleo.id);
        committed(writer.append(append.clone()).await);
        let stored = test.store.entries_after(session.id, Seq::new(1), 1, Audience::Team).await.unwrap();
        assert_eq!(stored, std::slice::from_ref(&note));

        let told = async |agent, all, before| test.store.notifications(agent, all, before, 10).await.unwrap();
        let (items, count) = told(cleo.id, false, None).await;
        let kinds: Vec<_> = items.iter().map(|one| (one.kind, one.seq.get(), one.preview.as_str())).collect();
        assert_eq!(kinds, [(NotificationKind::Assigned, 3, ""), (NotificationKind::Mention, 2, "look, @Cleo")]);
        assert_eq!((count.total, count.unread), (2, 2));
        assert_eq!((items[1].session, items[1].number, &items[1].from), (session.id, session.number, &note.sender));
        let after = NotificationCursor { at: items[0].created_at, session: session.id, seq: items[0].seq };
        assert_eq!(told(cleo.id, false, Some(after)).await.0, items[1..]);
        // Oneself one tells nothing; and what another holds is seen by whoever sees all.
        assert_eq!(told(shop.agent.id, true, None).await.0, []);
        let (own, bo) = (told(cleo.id, true, None).await.0.len(), agent("bo@shop.example"));
        assert_eq!(own, 2);
        test.store.create_agent(&bo).await.unwrap();
        let note = Entry { mentions: vec![bo.id], ..shop.says(PartyKind::Agent, 4, "@Bo", 202) };
        let note = Entry { kind: EntryKind::Note, ..note };
        let mut append = shop.append(session.id, 3, vec![note]);
        append.change.assignee = Some(cleo.id);
        committed(writer.append(append.clone()).await);
        assert_eq!(told(bo.id, false, None).await.1.total, 0);
        assert_eq!(told(bo.id, true, None).await.1.total, 1);

        // What is taken away there is so here.
        let target = append.entries[0].clone();
        let mut gone = amend(&shop, &append, &target, None);
        gone.change.assignee = Some(cleo.id);
        committed(writer.append(gone).await);
        assert_eq!(told(bo.id, true, None).await.0[0].preview, "");

        test.store.read_notifications(cleo.id, Some(session.id), at(900)).await.unwrap();
        let (items, count) = told(cleo.id, false, None).await;
        assert_eq!((items[0].read_at, count.unread), (Some(at(900)), 0));
        test.store.read_notifications(bo.id, None, at(901)).await.unwrap();
        assert_eq!(told(bo.id, true, None).await.1.unread, 0);
    }

    async fn nobody_has_more_notifications_than_are_kept(test) {
        let shop = Shop::open(&test.store).await;
        let cleo = agent("cleo@shop.example");
        test.store.create_agent(&cleo).await.unwrap();
        let session = shop.start(100).await;
        let writer = writer(&test.store);
        let kept = u64::from(limits::NOTIFICATIONS);
        let notes = (0..kept + 5).map(|n| Entry {
            kind: EntryKind::Note,
            mentions: vec![cleo.id],
            ..shop.says(PartyKind::Agent, n + 2, "@Cleo", 1_000 + n as i64)
        });
        let mut append = shop.append(session.id, 1, notes.collect());
        // Half of them at a time: a statement has its time.
        let rest = append.entries.split_off(250);
        append.change.updated_at = at(2_000);
        committed(writer.append(append.clone()).await);
        let rest = Append { expected: Seq::new(251), entries: rest, ..append };
        committed(writer.append(rest).await);
        let (items, count) = test.store.notifications(cleo.id, true, None, 1_000).await.unwrap();
        assert_eq!((count.total, items.len() as u64), (kept, kept));
        assert_eq!(items.last().unwrap().seq, Seq::new(7));
    }

    async fn a_rating_is_of_the_row(test) {
        let shop = Shop::open(&test.store).await;
        let session = shop.start(100).await;
        let writer = writer(&test.store);
        let rated = Entry {
            kind: EntryKind::Event,
            event: Some(Event::Rated { score: 4, comment: None }),
            ..shop.says(PartyKind::Customer, 2, "", 200)
        };
        let mut append = shop.append(session.id, 1, vec![rated]);
        let rating = Rating {
            score: 4, comment: None, rated_at: at(200), changed_at: at(200), changeable_until: at(300),
        };
        append.change.rating = Some(rating.clone().into());
        committed(writer.append(append).await);
        committed(writer.append(shop.message(session.id, 2, PartyKind::Agent, "thanks")).await);
        assert_eq!(test.store.session(session.id).await.unwrap().unwrap().rating, Some(rating));
    }

    async fn what_rests_on_the_log_does_not_stand_behind_others(test) {
        let shop = Shop::open(&test.store).await;
        let session = shop.start(100).await;
        let writer = writer(&test.store);
        committed(writer.append(shop.message(session.id, 1, PartyKind::Customer, "one")).await);
        let reply = Append { exact: true, ..shop.message(session.id, 1, PartyKind::Agent, "two") };
        assert_eq!(writer.append(reply.clone()).await.unwrap(), Appended::MovedOn);
        let again = Entry { seq: Seq::new(3), ..Entry::clone(&reply.entries[0]) };
        let again = Append { expected: Seq::new(2), entries: vec![Arc::new(again)], ..reply };
        committed(writer.append(again).await);
        let found = test.store.reply_after(session.id, Seq::new(2), agent("x@shop.example").id).await.unwrap();
        assert_eq!(found.unwrap().body, "two");
        assert_eq!(test.store.reply_after(session.id, Seq::new(2), shop.agent.id).await.unwrap(), None);
        let after = test.store.reply_after(session.id, Seq::new(3), agent("x@shop.example").id).await.unwrap();
        assert_eq!(after, None);
    }
}
