//! Sessions in the order in which they were last changed, page by page.

use persistence::{Changed, LogWriter, UnderWay, on_both_engines};
use protocol::{PartyKind, Seq, Status};

use crate::fixture::{Shop, at, committed, writer};

async fn says(shop: &Shop, writer: &LogWriter, session: &UnderWay, who: PartyKind, seq: u64, now: i64) {
    let append = shop.append(session.id, seq - 1, vec![shop.says(who, seq, "x", now)]);
    committed(writer.append(append).await);
}

on_both_engines! {
    async fn each_is_found_by_its_last_change(test) {
        let shop = Shop::open(&test.store).await;
        let writer = writer(&test.store);
        // More than a slot of five minutes apart, and several at the same moment.
        let times = [5, 5, 5, 400_000, 700_000, 700_000, 1_000_000];
        for time in times {
            shop.start(time).await;
        }
        let all = test.store.changed_since(Status::Open, Changed::default(), 50).await.unwrap();
        assert_eq!(all.iter().map(|one| one.updated_at).collect::<Vec<_>>(), times.map(at));
        let first = test.store.session(all[0].id).await.unwrap().unwrap();
        assert_eq!(all[0], UnderWay::from(&first));
        assert_eq!(test.store.changed_since(Status::Resolved, Changed::default(), 50).await.unwrap(), []);

        for page in 1..=8 {
            let (mut walked, mut from) = (Vec::new(), Changed::default());
            loop {
                let read = test.store.changed_since(Status::Open, from, page).await.unwrap();
                let Some(last) = read.last() else { break };
                from = Changed { at: last.updated_at, id: last.id };
                walked.extend(read);
                assert!(walked.len() <= all.len(), "it walks in a circle");
            }
            assert_eq!(walked, all, "by {page}");
        }

        // What is changed goes to the end, with who spoke last.
        says(&shop, &writer, &all[1], PartyKind::Customer, 2, 2_000_000).await;
        let since = Changed { at: at(1_500_000), ..Changed::default() };
        let changed = test.store.changed_since(Status::Open, since, 50).await.unwrap();
        assert_eq!(changed.iter().map(|one| one.id).collect::<Vec<_>>(), [all[1].id]);
        let said = changed[0].last_said.unwrap();
        assert_eq!((said.seq, said.by, said.at), (Seq::new(2), PartyKind::Customer, at(2_000_000)));
        let row = test.store.session(all[1].id).await.unwrap().unwrap();
        assert_eq!(changed[0], UnderWay::from(&row));
    }
}
