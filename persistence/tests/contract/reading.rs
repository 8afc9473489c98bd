//! Logs, read.

use persistence::{Session, on_both_engines};
use protocol::{Audience, Entry, EntryId, EntryKind, PartyKind, Seq, SessionId};

use crate::fixture::{Shop, at, committed, uuid, writer};

fn seqs(entries: &[Entry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.seq.get()).collect()
}

on_both_engines! {
    async fn each_audience_reads_its_own(test) {
        let shop = Shop::open(&test.store).await;
        let session = shop.start(100).await;
        let lines = (2..=10)
            .map(|seq| {
                let kind = if seq % 3 == 0 { EntryKind::Note } else { EntryKind::Message };
                Entry { kind, ..shop.says(PartyKind::Agent, seq, "x", 200) }
            })
            .collect();
        committed(writer(&test.store).append(shop.append(session.id, 1, lines)).await);
        let store = &test.store;
        let after = async |seq, limit, audience| {
            seqs(&store.entries_after(session.id, Seq::new(seq), limit, audience).await.unwrap())
        };
        assert_eq!(after(0, 100, Audience::Team).await, (1..=10).collect::<Vec<_>>());
        assert_eq!(after(0, 100, Audience::Customer).await, [1, 2, 4, 5, 7, 8, 10]);
        assert_eq!(after(2, 3, Audience::Customer).await, [4, 5, 7]);
        assert_eq!(after(8, 3, Audience::Team).await, [9, 10]);
        assert!(after(10, 3, Audience::Team).await.is_empty());
        assert!(after(99, 3, Audience::Team).await.is_empty());
        let before = async |seq: Option<u64>, limit, audience| {
            seqs(&store.entries_before(session.id, seq.map(Seq::new), limit, audience).await.unwrap())
        };
        assert_eq!(before(None, 3, Audience::Team).await, [8, 9, 10]);
        assert_eq!(before(None, 3, Audience::Customer).await, [7, 8, 10]);
        assert_eq!(before(Some(8), 3, Audience::Customer).await, [4, 5, 7]);
        assert!(before(Some(1), 3, Audience::Customer).await.is_empty());
        assert_eq!(store.count_entries(session.id, Audience::Team).await.unwrap(), 10);
        assert_eq!(store.count_entries(session.id, Audience::Customer).await.unwrap(), 7);
        let nowhere = SessionId::new(uuid());
        assert!(store.entries_after(nowhere, Seq::ZERO, 9, Audience::Team).await.unwrap().is_empty());
        assert_eq!(store.count_entries(nowhere, Audience::Team).await.unwrap(), 0);
        assert_eq!(store.session(nowhere).await.unwrap(), None);
    }

    async fn an_entry_is_found_by_its_id(test) {
        let shop = Shop::open(&test.store).await;
        let (session, other) = (shop.start(100).await, shop.start(100).await);
        let append = shop.message(session.id, 1, PartyKind::Customer, "hi");
        committed(writer(&test.store).append(append.clone()).await);
        let id = append.entries[0].id;
        let found = test.store.find_entry(session.id, id).await.unwrap().unwrap();
        assert_eq!((found.id, found.seq, found.created_at), (id, Seq::new(2), at(1_001)));
        assert_eq!(test.store.find_entry(other.id, id).await.unwrap(), None);
        assert_eq!(test.store.find_entry(session.id, EntryId::new(uuid())).await.unwrap(), None);
    }

    async fn a_session_survives_its_way_to_another_node(test) {
        let shop = Shop::open(&test.store).await;
        let writer = writer(&test.store);
        let fresh = shop.start(100).await;
        let id = fresh.id;
        let mut append = shop.message(id, 1, PartyKind::Customer, "hi 👋");
        append.change.assignee = Some(shop.agent.id);
        committed(writer.append(append).await);
        let busy = test.store.session(id).await.unwrap().unwrap();
        assert!(busy.assignee.is_some() && busy.last_message.is_some() && busy.waiting_since.is_some());
        committed(writer.append(shop.close(id, 2)).await);
        let closed = test.store.session(id).await.unwrap().unwrap();
        for session in [fresh, busy, closed] {
            let text = serde_json::to_string(&session).unwrap();
            assert_eq!(serde_json::from_str::<Session>(&text).unwrap(), session, "{text}");
        }
    }
}
