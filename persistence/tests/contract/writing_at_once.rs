//! Many writers on two nodes, the same sessions.

use std::collections::HashSet;

use persistence::{Appended, LogWriter, Store, on_both_engines};
use protocol::{Audience, Entry, EntryId, EntryKind, PartyKind, Seq, SessionId};

use crate::fixture::{Shop, writer};

/// Appends `count` entries as an actor does: when the session has moved on, it reads where it is and tries again. Every
/// second is a message, which need not be where it was decided.
async fn chatter(
    store: Store,
    writer: LogWriter,
    shop: Shop,
    sessions: Vec<SessionId>,
    count: usize,
) -> Vec<EntryId> {
    let mut sent = Vec::new();
    let mut last = vec![1; sessions.len()];
    for n in 0..count {
        let which = n % sessions.len();
        let message = shop.says(PartyKind::Customer, 1, "hi", 500);
        let kind = if n / 4 % 2 == 0 { EntryKind::Message } else { EntryKind::Note };
        let message = Entry { kind, ..message };
        loop {
            let entry = Entry { seq: Seq::new(last[which] + 1), ..message.clone() };
            match writer.append(shop.append(sessions[which], last[which], vec![entry])).await.unwrap() {
                Appended::Committed { .. } => break,
                Appended::Behind { seq, .. } if kind == EntryKind::Message => {
                    last[which] = seq.get() - 1;
                    break;
                }
                Appended::MovedOn => {
                    last[which] = store.session(sessions[which]).await.unwrap().unwrap().last_seq.get();
                }
                other => panic!("{other:?}"),
            }
        }
        last[which] += 1;
        sent.push(message.id);
    }
    sent
}

on_both_engines! {
    async fn every_log_is_gapless_and_whole(test) {
        let shop = Shop::open(&test.store).await;
        let other = test.other_node().await;
        let mut sessions = Vec::new();
        for _ in 0..4 {
            sessions.push(shop.start(100).await.id);
        }
        let nodes = [(test.store.clone(), writer(&test.store)), (other.clone(), writer(&other))];
        let tasks: Vec<_> = (0..16)
            .map(|n| {
                let (store, writer) = nodes[n % 2].clone();
                let shop = Shop { store: store.clone(), site: shop.site.clone(), agent: shop.agent.clone(), ..shop };
                let mut sessions = sessions.clone();
                // Both orders, so that a careless writer would meet itself in a circle.
                if n % 4 < 2 {
                    sessions.reverse();
                }
                tokio::spawn(chatter(store, writer, shop, sessions, 20))
            })
            .collect();
        let mut sent = HashSet::new();
        for task in tasks {
            sent.extend(task.await.unwrap());
        }
        assert_eq!(sent.len(), 16 * 20);
        let mut stored = HashSet::new();
        for session in &sessions {
            let log = test.store.entries_after(*session, Seq::ZERO, 10_000, Audience::Team).await.unwrap();
            for (entry, seq) in log.iter().zip(1..) {
                assert_eq!(entry.seq.get(), seq, "no hole, nothing twice");
            }
            let row = test.store.session(*session).await.unwrap().unwrap();
            assert_eq!(row.last_seq.get() as usize, log.len());
            assert_eq!(row.version as usize, log.len(), "one version for each append");
            let messages = log.iter().filter(|entry| entry.kind == EntryKind::Message).count();
            assert_eq!(row.unread.team as usize, messages);
            assert!(messages > 1 && messages < log.len() - 1, "both kinds in every log");
            stored.extend(log.iter().skip(1).map(|entry| entry.id));
        }
        assert_eq!(stored, sent);
    }
}
