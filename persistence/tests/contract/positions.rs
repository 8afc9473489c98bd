//! How far sessions are, many at once.

use std::collections::HashMap;

use persistence::{Position, ReadMark, Store, on_both_engines};
use protocol::{PartyKind, Seq, SessionId};

use crate::fixture::{Shop, committed, uuid, writer};

fn position(session: SessionId, last_seq: u64, version: u64) -> Position {
    Position { session, last_seq: Seq::new(last_seq), version }
}

async fn position_of(store: &Store, session: SessionId) -> Position {
    let found = store.positions(&[session]).await.unwrap();
    assert_eq!(found.len(), 1);
    found[0]
}

on_both_engines! {
    async fn a_position_moves_with_what_is_appended_and_read(test) {
        let shop = Shop::open(&test.store).await;
        let (session, other) = (shop.start(100).await, shop.start(100).await);
        let writer = writer(&test.store);
        assert_eq!(position_of(&test.store, session.id).await, position(session.id, 1, session.version));

        let (version, _) = committed(writer.append(shop.message(session.id, 1, PartyKind::Customer, "hi")).await);
        assert!(version > session.version);
        assert_eq!(position_of(&test.store, session.id).await, position(session.id, 2, version));

        let mark = ReadMark { session: session.id, reader: PartyKind::Agent, seq: Seq::new(2) };
        let marked = writer.mark_read(mark).await.unwrap();
        assert!(marked.version > version);
        assert_eq!(position_of(&test.store, session.id).await, position(session.id, 2, marked.version));
        assert_eq!(position_of(&test.store, other.id).await, position(other.id, 1, other.version));
    }

    async fn positions_are_of_those_that_are_there(test) {
        assert_eq!(test.store.positions(&[]).await.unwrap(), []);
        assert_eq!(test.store.positions(&[SessionId::new(uuid())]).await.unwrap(), []);
        let shop = Shop::open(&test.store).await;
        let writer = writer(&test.store);
        let mut expected = HashMap::new();
        for n in 0..20 {
            let session = shop.start(100).await;
            let mut row = position(session.id, 1, session.version);
            if n % 2 == 0 {
                let (version, _) =
                    committed(writer.append(shop.message(session.id, 1, PartyKind::Agent, "hi")).await);
                row = position(session.id, 2, version);
            }
            expected.insert(session.id, row);
        }
        let not_asked_about = shop.start(100).await.id;
        // Strangers, and each of ours twice, among as many as a busy node follows.
        let mut asked: Vec<_> = (0..10_000).map(|_| SessionId::new(uuid())).collect();
        for (n, id) in expected.keys().enumerate() {
            asked[n * 400] = *id;
            asked[n * 400 + 399] = *id;
        }
        let found = test.store.positions(&asked).await.unwrap();
        assert_eq!(found.len(), expected.len(), "each once, and none that is not there");
        let found: HashMap<_, _> = found.into_iter().map(|position| (position.session, position)).collect();
        assert!(!found.contains_key(&not_asked_about));
        assert_eq!(found, expected);
    }
}
