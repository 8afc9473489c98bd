//! Messages that stand behind what others have appended since they were decided.

use persistence::{Appended, StoreError, on_both_engines};
use protocol::{Audience, Entry, EntryKind, LastMessage, PartyKind, Seq, SessionId, Status};

use crate::fixture::{Shop, at, committed, unread, uuid, writer};

on_both_engines! {
    async fn a_message_stands_behind_what_others_said(test) {
        let shop = Shop::open(&test.store).await;
        let session = shop.start(100).await.id;
        let writer = writer(&test.store);
        let append = |who, now: i64, body: &str| shop.append(session, 1, vec![shop.says(who, 2, body, now)]);
        committed(writer.append(append(PartyKind::Customer, 900, "one")).await);
        // Its time is no earlier than what it stands behind, whatever the other node's clock says.
        let second = append(PartyKind::Customer, 850, "two");
        let outcome = writer.append(second.clone()).await.unwrap();
        assert_eq!(outcome, Appended::Behind { seq: Seq::new(3), created_at: at(900), version: 3, unread: unread(0, 2) });
        let row = test.store.session(session).await.unwrap().unwrap();
        assert_eq!((row.last_seq, row.version, row.unread), (Seq::new(3), 3, unread(0, 2)));
        assert_eq!((row.updated_at, row.waiting_since), (at(900), Some(at(900))), "it waits since the first");
        let last = LastMessage { seq: Seq::new(3), sender: PartyKind::Customer, preview: "two".into(), created_at: at(900) };
        assert_eq!(row.last_message, Some(last));

        let third = append(PartyKind::Agent, 950, "three");
        let outcome = writer.append(third.clone()).await.unwrap();
        assert_eq!(outcome, Appended::Behind { seq: Seq::new(4), created_at: at(950), version: 4, unread: unread(1, 2) });
        let row = test.store.session(session).await.unwrap().unwrap();
        assert_eq!((row.updated_at, row.waiting_since), (at(950), None), "it was answered");

        let stored = test.store.entries_after(session, Seq::new(2), 10, Audience::Team).await.unwrap();
        let expected = [(&second, 3, 900), (&third, 4, 950)].map(|(append, seq, now)| Entry {
            seq: Seq::new(seq),
            created_at: at(now),
            ..(*append.entries[0]).clone()
        });
        assert_eq!(stored, expected);

        // The same once more: it is there already.
        assert_eq!(writer.append(second).await.unwrap(), Appended::MovedOn);
        assert_eq!(test.store.count_entries(session, Audience::Team).await.unwrap(), 4);
    }

    async fn only_what_rests_on_nothing_else_stands_behind(test) {
        let shop = Shop::open(&test.store).await;
        let writer = writer(&test.store);
        let late = |session| shop.message(session, 1, PartyKind::Agent, "late");

        let session = shop.start(100).await.id;
        let mut taken = shop.event(session, 1);
        taken.change.assignee = Some(shop.agent.id);
        committed(writer.append(taken).await);
        assert_eq!(writer.append(late(session)).await.unwrap(), Appended::MovedOn, "somebody holds it now");

        let session = shop.start(100).await.id;
        let mut moved = shop.event(session, 1);
        moved.change.status = Status::Resolved;
        committed(writer.append(moved).await);
        assert_eq!(writer.append(late(session)).await.unwrap(), Appended::MovedOn, "it is resolved now");

        let session = shop.start(100).await.id;
        committed(writer.append(shop.close(session, 1)).await);
        let mut after = late(session);
        after.change.status = Status::Closed;
        assert_eq!(writer.append(after).await.unwrap(), Appended::MovedOn, "it has ended");

        let session = shop.start(100).await.id;
        committed(writer.append(shop.message(session, 1, PartyKind::Customer, "first")).await);
        let note = Entry { kind: EntryKind::Note, ..shop.says(PartyKind::Agent, 2, "note", 300) };
        let two = vec![shop.says(PartyKind::Agent, 2, "a", 300), shop.says(PartyKind::Agent, 3, "b", 300)];
        for append in [shop.append(session, 1, vec![note]), shop.append(session, 1, two), shop.event(session, 1)] {
            assert_eq!(writer.append(append).await.unwrap(), Appended::MovedOn);
        }
        let ahead = shop.message(session, 7, PartyKind::Agent, "from the future");
        assert_eq!(writer.append(ahead).await.unwrap(), Appended::MovedOn);
        assert_eq!(test.store.session(session).await.unwrap().unwrap().last_seq, Seq::new(2));
    }

    async fn who_appends_in_turn_loses_no_race(test) {
        let shop = Shop::open(&test.store).await;
        let session = shop.start(100).await.id;
        let stores = [test.store.clone(), test.other_node().await];
        let writer = writer(&test.store);
        let mut turns = Vec::new();
        for n in 0..20 {
            let store = stores[n % 2].clone();
            let there = Shop { store: store.clone(), site: shop.site.clone(), agent: shop.agent.clone(), ..shop };
            turns.push(tokio::spawn(async move {
                store.append_in_turn(session, |row| Some(there.event(session, row.last_seq.get()))).await.unwrap()
            }));
            writer.append(shop.message(session, 1, PartyKind::Customer, "meanwhile")).await.unwrap();
        }
        for turn in turns {
            assert!(matches!(turn.await.unwrap(), Appended::Committed { .. }));
        }
        let log = test.store.entries_after(session, Seq::ZERO, 100, Audience::Team).await.unwrap();
        assert_eq!(log.iter().map(|entry| entry.seq.get()).collect::<Vec<_>>(), (1..=41).collect::<Vec<_>>());

        let nothing = test.store.append_in_turn(session, |_| None).await.unwrap();
        assert_eq!(nothing, Appended::MovedOn);
        let nowhere = test.store.append_in_turn(SessionId::new(uuid()), |_| unreachable!("nothing to decide")).await;
        assert_eq!(nowhere.unwrap(), Appended::Missing);
        let bad = test.store.append_in_turn(session, |_| Some(shop.append(session, 7, vec![shop.says(PartyKind::Agent, 3, "", 1)]))).await;
        assert!(matches!(bad, Err(StoreError::Refused(_))), "{bad:?}");
        assert_eq!(test.store.count_entries(session, Audience::Team).await.unwrap(), 41);
    }
}

/// The same send, committed by another node while this one's statement waits for the session's row: what the statement
/// sees of the log is from before.
#[tokio::test]
async fn what_was_stored_while_it_waited_for_the_row_is_not_stored_twice() {
    use persistence::testing::{Engine, TestStore};
    let test = TestStore::new(Engine::Postgres).await;
    let shop = Shop::open(&test.store).await;
    let session = shop.start(100).await.id;
    let writer = writer(&test.store);
    let pool = sqlx::PgPool::connect(&test.url).await.unwrap();
    let send = shop.message(session, 1, PartyKind::Customer, "once");

    let mut tx = pool.begin().await.unwrap();
    let hold =
        sqlx::query("update sessions set last_seq = 2, version = 2 where id = $1").bind(session.uuid());
    hold.execute(&mut *tx).await.unwrap();
    let insert = "insert into entries (session_id, seq, id, kind, sender_kind, body, created_at_ms)
        values ($1, 2, $2, 'message', 'customer', 'once', 1)";
    let insert = sqlx::query(insert).bind(session.uuid()).bind(send.entries[0].id.uuid());
    insert.execute(&mut *tx).await.unwrap();
    let waits = tokio::spawn(writer.append(send));
    let waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(1);
    while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&pool).await.unwrap() == 0 {
        assert!(std::time::Instant::now() < deadline, "it never waits for the row");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    tx.commit().await.unwrap();
    assert_eq!(waits.await.unwrap().unwrap(), Appended::MovedOn);
    assert_eq!(test.store.count_entries(session, Audience::Team).await.unwrap(), 2);
}
