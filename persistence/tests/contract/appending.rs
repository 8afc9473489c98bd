//! Compare and append.

use std::{sync::Arc, time::Duration};

use persistence::{Append, Appended, LogWriter, StoreError, StoredId, WriterConfig, on_both_engines};
use protocol::{Audience, Entry, EntryKind, Event, PartyKind, Seq, SessionId, Status};

use crate::fixture::{Shop, at, change, committed, unread, uuid, writer};

fn found(append: &Append, n: usize) -> StoredId {
    let entry = &append.entries[n];
    StoredId { id: entry.id, seq: entry.seq, created_at: entry.created_at }
}

on_both_engines! {
    async fn an_append_changes_log_and_row_together(test) {
        let shop = Shop::open(&test.store).await;
        let session = shop.start(100).await;
        let writer = writer(&test.store);
        let assigned = Entry {
            kind: EntryKind::Event,
            event: Some(Event::Assigned { agent: None }),
            ..shop.says(PartyKind::Agent, 2, "", 200)
        };
        let note = Entry { kind: EntryKind::Note, ..shop.says(PartyKind::Agent, 3, "careful", 201) };
        let answer = shop.says(PartyKind::Agent, 4, "Hello, Ana", 202);
        let mut append = shop.append(session.id, 1, vec![assigned, note, answer]);
        append.change.status = Status::InProgress;
        append.change.assignee = Some(shop.agent.id);
        assert_eq!(committed(writer.append(append.clone()).await), (2, unread(1, 0)));

        let stored = test.store.entries_after(session.id, Seq::new(1), 10, Audience::Team).await.unwrap();
        assert_eq!(stored, append.entries.iter().map(|entry| (**entry).clone()).collect::<Vec<_>>());
        let row = test.store.session(session.id).await.unwrap().unwrap();
        let assignee = row.assignee.clone().unwrap();
        assert_eq!((assignee.id, assignee.name), (shop.agent.id, shop.agent.name.clone()));
        assert_eq!((row.status, row.last_seq, row.version), (Status::InProgress, Seq::new(4), 2));
        assert_eq!((row.updated_at, row.last_message, row.unread), (at(202), append.change.last_message, unread(1, 0)));

        let message = shop.message(session.id, 4, PartyKind::Customer, "thanks");
        assert_eq!(committed(writer.append(message).await), (3, unread(1, 1)));
        let row = test.store.session(session.id).await.unwrap().unwrap();
        assert_eq!((row.status, row.assignee, row.waiting_since), (Status::Open, None, Some(at(1_004))));
    }

    async fn an_append_applies_only_where_it_expects(test) {
        let shop = Shop::open(&test.store).await;
        let session = shop.start(100).await;
        let writer = writer(&test.store);
        let first = shop.message(session.id, 1, PartyKind::Customer, "one");
        let second = shop.event(session.id, 1);
        committed(writer.append(first.clone()).await);
        assert_eq!(writer.append(second).await.unwrap(), Appended::MovedOn);
        let ahead = shop.message(session.id, 7, PartyKind::Agent, "from the future");
        assert_eq!(writer.append(ahead).await.unwrap(), Appended::MovedOn);
        // The same again: where it stood there is something else now, or itself.
        assert_eq!(writer.append(first).await.unwrap(), Appended::MovedOn);
        assert_eq!(test.store.count_entries(session.id, Audience::Team).await.unwrap(), 2);
        let nowhere = shop.message(SessionId::new(uuid()), 1, PartyKind::Customer, "?");
        assert_eq!(writer.append(nowhere).await.unwrap(), Appended::Missing);
    }

    async fn an_id_is_stored_once(test) {
        let shop = Shop::open(&test.store).await;
        let session = shop.start(100).await;
        let writer = writer(&test.store);
        let entries = vec![
            shop.says(PartyKind::Customer, 2, "one", 200),
            shop.says(PartyKind::Customer, 3, "two", 201),
        ];
        let first = shop.append(session.id, 1, entries.clone());
        committed(writer.append(first.clone()).await);
        let again = shop.append(session.id, 3, vec![
            Entry { seq: Seq::new(4), created_at: at(900), ..entries[1].clone() },
            shop.says(PartyKind::Customer, 5, "three", 901),
            Entry { seq: Seq::new(6), created_at: at(902), ..entries[0].clone() },
        ]);
        let Appended::Duplicates(mut ids) = writer.append(again).await.unwrap() else { panic!("stored twice") };
        ids.sort_by_key(|stored| stored.seq);
        assert_eq!(ids, [found(&first, 0), found(&first, 1)]);
        assert_eq!(test.store.count_entries(session.id, Audience::Team).await.unwrap(), 3, "all or nothing");

        // The same id in another session is another entry.
        let other = shop.start(100).await;
        let elsewhere = shop.append(other.id, 1, entries);
        committed(writer.append(elsewhere).await);
    }

    async fn appends_of_one_session_in_one_batch_keep_their_order(test) {
        let shop = Shop::open(&test.store).await;
        let (a, b) = (shop.start(100).await, shop.start(100).await);
        let writer = writer(&test.store);
        let one = shop.message(a.id, 1, PartyKind::Customer, "one");
        // All queued before the first is committed.
        let mut retry = shop.append(a.id, 2, vec![Entry { seq: Seq::new(3), ..(*one.entries[0]).clone() }]);
        retry.change.updated_at = at(9);
        let answers = [
            writer.append(one.clone()),
            writer.append(shop.event(a.id, 1)),
            writer.append(retry),
            writer.append(shop.message(a.id, 2, PartyKind::Agent, "two")),
            writer.append(shop.message(b.id, 1, PartyKind::Agent, "elsewhere")),
        ];
        let mut outcomes = Vec::new();
        for answer in answers {
            outcomes.push(answer.await.unwrap());
        }
        assert_eq!(outcomes, [
            Appended::Committed { version: 2, unread: unread(0, 1) },
            Appended::MovedOn,
            Appended::Duplicates(vec![found(&one, 0)]),
            Appended::Committed { version: 3, unread: unread(1, 1) },
            Appended::Committed { version: 2, unread: unread(1, 0) },
        ]);
    }

    async fn in_a_large_batch_each_gets_its_own_outcome(test) {
        let shop = Shop::open(&test.store).await;
        let writer = writer(&test.store);
        let (mut answers, mut expected) = (Vec::new(), Vec::new());
        for n in 0..90_u64 {
            let session = shop.start(100).await.id;
            let known = shop.message(session, 1, PartyKind::Customer, "known");
            committed(writer.append(known.clone()).await);
            // One entry mostly, as many as a client may have sent meanwhile at times.
            let lines = if n % 9 == 0 { n / 9 + 1 } else { 1 };
            let line = |place| shop.says(PartyKind::Agent, 3 + place, &format!("{n} {place}"), 200);
            let mut append = shop.append(session, 2, (0..lines).map(line).collect());
            let all = u32::try_from(lines).unwrap();
            expected.push(match n % 10 {
                3 => {
                    append = shop.event(session, 1);
                    Appended::MovedOn
                }
                5 => {
                    append.session = SessionId::new(uuid());
                    Appended::Missing
                }
                7 => {
                    let last = append.entries.last_mut().unwrap();
                    *last = Arc::new(Entry { seq: last.seq, ..(*known.entries[0]).clone() });
                    Appended::Duplicates(vec![found(&known, 0)])
                }
                _ => Appended::Committed { version: 3, unread: unread(all, 1) },
            });
            answers.push((session, append));
        }
        let answers: Vec<_> = answers
            .into_iter()
            .map(|(session, append)| (session, append.entries.clone(), writer.append(append)))
            .collect();
        for ((session, entries, answer), expected) in answers.into_iter().zip(expected) {
            let outcome = answer.await.unwrap();
            assert_eq!(outcome, expected);
            let stored = test.store.entries_after(session, Seq::new(2), 100, Audience::Team).await.unwrap();
            match outcome {
                Appended::Committed { .. } => {
                    assert_eq!(stored, entries.iter().map(|entry| (**entry).clone()).collect::<Vec<_>>());
                }
                _ => assert_eq!(stored, [], "all or nothing"),
            }
        }
    }

    async fn a_bad_row_fails_alone(test) {
        let shop = Shop::open(&test.store).await;
        let writer = writer(&test.store);
        let mut answers = Vec::new();
        let mut sessions = Vec::new();
        for _ in 0..40 {
            sessions.push(shop.start(100).await.id);
        }
        for (n, session) in sessions.iter().enumerate() {
            let mut append = shop.message(*session, 1, PartyKind::Customer, &format!("message {n}"));
            if n == 17 || n == 18 {
                // There is no such agent.
                append.change.assignee = Some(protocol::AgentId::new(uuid()));
            }
            answers.push(writer.append(append));
        }
        for (n, answer) in answers.into_iter().enumerate() {
            match answer.await {
                Err(StoreError::Refused(_)) => assert!(n == 17 || n == 18, "{n}"),
                other => assert_eq!(committed(other), (2, unread(0, 1)), "{n}"),
            }
        }
        assert_eq!(test.store.count_entries(sessions[17], Audience::Team).await.unwrap(), 1);
        assert_eq!(test.store.count_entries(sessions[18], Audience::Team).await.unwrap(), 1);
    }

    async fn an_append_that_would_leave_a_hole_is_a_defect(test) {
        let shop = Shop::open(&test.store).await;
        let session = shop.start(100).await;
        let writer = writer(&test.store);
        let empty = Append {
            exact: false,
            session: session.id,
            expected: Seq::new(1),
            entries: Vec::new(),
            change: change(Status::Open),
        };
        let mut hole = shop.message(session.id, 1, PartyKind::Customer, "hi");
        hole.entries = vec![Arc::new(Entry { seq: Seq::new(3), ..(*hole.entries[0]).clone() })];
        for defect in [empty, hole] {
            let refused = writer.append(defect).await.unwrap_err();
            assert!(matches!(refused, StoreError::Refused(_)) && !refused.retryable(), "{refused:?}");
        }
    }

    async fn closing_leaves_nothing_unread(test) {
        let shop = Shop::open(&test.store).await;
        let session = shop.start(100).await;
        let writer = writer(&test.store);
        committed(writer.append(shop.message(session.id, 1, PartyKind::Customer, "hi")).await);
        committed(writer.append(shop.message(session.id, 2, PartyKind::Agent, "hello")).await);
        assert_eq!(committed(writer.append(shop.close(session.id, 3)).await), (4, unread(0, 0)));
        let row = test.store.session(session.id).await.unwrap().unwrap();
        assert_eq!((row.status, row.closed_at, row.unread), (Status::Closed, Some(at(2_000)), unread(0, 0)));
        assert_eq!((row.read.team, row.read.customer), (Seq::new(4), Seq::ZERO));
        // What comes after the end is not unread either.
        let rated = Entry {
            kind: EntryKind::Event,
            event: Some(Event::Rated { score: 5, comment: Some("good".into()) }),
            ..shop.says(PartyKind::Customer, 5, "", 3_000)
        };
        let mut append = shop.append(session.id, 4, vec![rated]);
        append.change = persistence::SessionChange { status: Status::Closed, closed_at: row.closed_at, ..append.change };
        append.change.unread_added.team = 1;
        assert_eq!(committed(writer.append(append).await), (5, unread(0, 0)));
    }

    async fn what_was_queued_is_written_before_the_end(test) {
        let shop = Shop::open(&test.store).await;
        let mut sessions = Vec::new();
        for _ in 0..20 {
            sessions.push(shop.start(100).await.id);
        }
        let (writer, task) = LogWriter::start(test.store.clone(), WriterConfig { batch: 3, ..Default::default() });
        let mut answers = Vec::new();
        for session in &sessions {
            answers.push(writer.append(shop.message(*session, 1, PartyKind::Customer, "one")));
            drop(writer.append(shop.message(*session, 2, PartyKind::Customer, "nobody waits for this one")));
        }
        writer.shutdown();
        tokio::time::timeout(Duration::from_secs(5), task).await.unwrap().unwrap();
        for answer in answers {
            committed(answer.await);
        }
        for session in &sessions {
            assert_eq!(test.store.count_entries(*session, Audience::Team).await.unwrap(), 3);
        }
        let late = writer.append(shop.message(sessions[0], 3, PartyKind::Customer, "late")).await;
        assert!(matches!(late, Err(StoreError::Unavailable(_))), "{late:?}");
    }

    async fn the_task_ends_with_its_last_handle(test) {
        let (writer, task) = LogWriter::start(test.store.clone(), WriterConfig::default());
        drop(writer.clone());
        drop(writer);
        tokio::time::timeout(Duration::from_secs(5), task).await.unwrap().unwrap();
    }

    async fn a_full_queue_answers_at_once(test) {
        let shop = Shop::open(&test.store).await;
        let session = shop.start(100).await;
        let (writer, _task) = LogWriter::start(test.store.clone(), WriterConfig { queue: 8, ..Default::default() });
        // Queued in one go, without giving the task a chance to take any: two threads run, so some may be taken.
        let answers: Vec<_> = (0..2_000)
            .map(|_| writer.append(shop.event(session.id, 1)))
            .collect();
        let (mut committed, mut moved_on, mut overloaded) = (0, 0, 0);
        for answer in answers {
            match answer.await {
                Ok(Appended::Committed { .. }) => committed += 1,
                Ok(Appended::MovedOn) => moved_on += 1,
                Err(StoreError::Overloaded) => overloaded += 1,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(committed, 1);
        assert!(overloaded > 0, "{moved_on} had room");
        assert_eq!(test.store.count_entries(session.id, Audience::Team).await.unwrap(), 2);
    }
}

#[tokio::test]
async fn postgres_refuses_a_nul_and_nothing_else() {
    use persistence::testing::{Engine, TestStore};
    let test = TestStore::new(Engine::Postgres).await;
    let shop = Shop::open(&test.store).await;
    let (a, b) = (shop.start(100).await, shop.start(100).await);
    let writer = writer(&test.store);
    let bad = writer.append(shop.message(a.id, 1, PartyKind::Customer, "a\0b"));
    let good = writer.append(shop.message(b.id, 1, PartyKind::Customer, "ab"));
    assert!(matches!(bad.await, Err(StoreError::Refused(_))));
    committed(good.await);
}
