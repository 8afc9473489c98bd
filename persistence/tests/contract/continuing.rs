//! A closed session's chat goes on in a new one.

use persistence::{Appended, Continuation, Session, StoreError, on_both_engines};
use protocol::{Audience, Entry, EntryKind, Event, PartyKind, Seq, Status};

use crate::fixture::{Shop, committed, unread, writer};

async fn closed(shop: &Shop) -> Session {
    let session = shop.start(100).await;
    committed(writer(&shop.store).append(shop.close(session.id, 1)).await);
    shop.store.session(session.id).await.unwrap().unwrap()
}

fn continuation(shop: &Shop, from: &Session, now: i64) -> Continuation {
    let mut grant = shop.grant();
    grant.id = from.grant_id;
    let mut next = shop.session(&grant, now);
    next.previous = Some(from.id);
    let hello = shop.says(PartyKind::Customer, 2, "one more thing", now);
    next.change = shop.append(next.id, 1, vec![hello.clone()]).change;
    next.entries.push(hello.into());
    let continued = Entry {
        kind: EntryKind::Event,
        event: Some(Event::Continued { session_id: next.id }),
        ..shop.says(PartyKind::Customer, from.last_seq.get() + 1, "", now)
    };
    let mut append = shop.append(from.id, from.last_seq.get(), vec![continued]);
    append.change.status = Status::Closed;
    append.change.closed_at = from.closed_at;
    Continuation { append, next }
}

on_both_engines! {
    async fn the_old_and_the_new_are_linked(test) {
        let shop = Shop::open(&test.store).await;
        let old = closed(&shop).await;
        let continuation = continuation(&shop, &old, 5_000);
        let outcome = test.store.continue_session(&continuation).await;
        assert_eq!(committed(outcome), (3, unread(0, 0)));
        let next = test.store.session(continuation.next.id).await.unwrap().unwrap();
        assert_eq!((next.previous, next.status, next.last_seq), (Some(old.id), Status::Open, Seq::new(2)));
        assert_eq!((next.grant_id, next.unread, next.version), (old.grant_id, unread(0, 1), 1));
        let old = test.store.session(old.id).await.unwrap().unwrap();
        assert_eq!((old.next, old.status, old.last_seq), (Some(next.id), Status::Closed, Seq::new(3)));
        assert_eq!(test.store.count_entries(next.id, Audience::Team).await.unwrap(), 2);
        assert_eq!(old.version, 3);
    }

    async fn of_two_at_once_one_goes_on(test) {
        let shop = Shop::open(&test.store).await;
        let other = test.other_node().await;
        for _ in 0..10 {
            let old = closed(&shop).await;
            let (a, b) = (continuation(&shop, &old, 5_000), continuation(&shop, &old, 5_000));
            let (first, second) = tokio::join!(test.store.continue_session(&a), other.continue_session(&b));
            let outcomes = [first.unwrap(), second.unwrap()];
            let won = |outcome: &Appended| matches!(outcome, Appended::Committed { .. });
            assert_eq!(outcomes.iter().filter(|outcome| won(outcome)).count(), 1);
            assert!(outcomes.contains(&Appended::MovedOn));
            let (winner, loser) = if won(&outcomes[0]) { (&a, &b) } else { (&b, &a) };
            assert_eq!(test.store.session(old.id).await.unwrap().unwrap().next, Some(winner.next.id));
            assert!(test.store.session(winner.next.id).await.unwrap().is_some());
            assert_eq!(test.store.session(loser.next.id).await.unwrap(), None);
            assert_eq!(test.store.count_entries(loser.next.id, Audience::Team).await.unwrap(), 0);
        }
    }

    async fn half_a_continuation_is_none(test) {
        let shop = Shop::open(&test.store).await;
        let old = closed(&shop).await;
        let mut twice = continuation(&shop, &old, 5_000);
        let twin = Entry { seq: Seq::new(3), ..(*twice.next.entries[1]).clone() };
        twice.next.entries.push(twin.into());
        assert!(test.store.continue_session(&twice).await.is_err());
        assert_eq!(test.store.session(old.id).await.unwrap(), Some(old.clone()));

        let mut hole = continuation(&shop, &old, 5_000);
        hole.append.entries.clear();
        let refused = test.store.continue_session(&hole).await;
        assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
        committed(test.store.continue_session(&continuation(&shop, &old, 5_000)).await);
    }
}
