//! Two logs that are appended to together.

use persistence::{Session, StoreError, TwoAppends, on_both_engines};
use protocol::{Seq, SessionId};

use crate::fixture::{Shop, uuid};

/// An event for each, by how they are.
fn both(shop: &Shop, rows: [&Session; 2]) -> TwoAppends {
    let appends = rows.map(|row| shop.event(row.id, row.last_seq.get()));
    TwoAppends { appends, next: Some(rows[1].id) }
}

on_both_engines! {
    async fn both_or_neither(test) {
        let shop = Shop::open(&test.store).await;
        let (one, two) = (shop.start(100).await.id, shop.start(101).await.id);
        let seqs = async || {
            let mut seqs = Vec::new();
            for id in [one, two] {
                seqs.push(test.store.session(id).await.unwrap().unwrap().last_seq.get());
            }
            seqs
        };
        let stored = test.store.append_to_two([one, two], |rows, messages| {
            assert_eq!((rows[0].id, rows[1].id, messages), (one, two, 0));
            Ok::<_, ()>(Some(both(&shop, rows)))
        });
        let [first, second] = stored.await.unwrap().unwrap().unwrap();
        assert_eq!((first.last_seq, second.last_seq, first.next), (Seq::new(2), Seq::new(2), Some(two)));
        assert_eq!(test.store.session(one).await.unwrap(), Some(first));

        let nothing = test.store.append_to_two([two, one], |_, _| Ok::<_, ()>(None)).await.unwrap();
        assert_eq!(nothing.unwrap().unwrap()[0].last_seq, Seq::new(2));
        let refused = test.store.append_to_two([two, one], |_, _| Err::<Option<TwoAppends>, _>("no")).await;
        assert_eq!(refused.unwrap().unwrap(), Err("no"));
        let hole = test.store.append_to_two([one, two], |rows, _| {
            let mut hole = both(&shop, rows);
            hole.appends[1].entries.clear();
            Ok::<_, ()>(Some(hole))
        });
        let hole = hole.await;
        assert!(matches!(hole, Err(StoreError::Refused(_))), "{hole:?}");
        let nobody = SessionId::new(uuid());
        for pair in [[one, nobody], [nobody, one], [one, one]] {
            let missing = test.store.append_to_two(pair, |rows, _| Ok::<_, ()>(Some(both(&shop, rows)))).await;
            assert!(missing.unwrap().is_none());
        }
        assert_eq!(seqs().await, [2, 2]);
    }

    async fn those_at_once_come_one_after_the_other(test) {
        let shop = Shop::open(&test.store).await;
        let other = test.other_node().await;
        let (one, two) = (shop.start(100).await.id, shop.start(101).await.id);
        for round in 0..10 {
            let ahead = test.store.append_to_two([one, two], |rows, _| Ok::<_, ()>(Some(both(&shop, rows))));
            let across = other.append_to_two([two, one], |rows, _| Ok::<_, ()>(Some(both(&shop, rows))));
            let (ahead, across) = tokio::join!(ahead, across);
            let seqs = |stored: Result<Option<Result<[Session; 2], ()>>, _>| {
                let stored: Result<_, StoreError> = stored;
                stored.unwrap().unwrap().unwrap().map(|row| row.last_seq.get())
            };
            let mut seqs = [seqs(ahead), seqs(across)];
            seqs.sort_unstable();
            let first = 2 + 2 * round;
            assert_eq!(seqs, [[first; 2], [first + 1; 2]]);
        }
    }
}
