//! Senders who insist, on two nodes, and what becomes of all that they were acked.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use persistence::{Appended, LogWriter, Store};
use protocol::{Audience, Entry, EntryId, Epoch, PartyKind, Seq, SessionId};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

use crate::fixture::{Shop, uuid, writer};

/// A sender who still insists after so long hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the senders saw.
#[derive(Default)]
pub(crate) struct Seen {
    acked: HashMap<SessionId, Vec<(EntryId, Seq)>>,
    commits: Vec<Instant>,
    pub(crate) slowest: Duration,
    pub(crate) unavailable: usize,
}

/// Sends one message after another until told to stop, each until it is acked, as a client behind an actor does.
async fn insist(
    store: Store,
    writer: LogWriter,
    shop: Arc<Shop>,
    session: SessionId,
    stop: watch::Receiver<bool>,
    seen: Arc<Mutex<Seen>>,
) {
    let mut last = 1;
    while !*stop.borrow() {
        let message = shop.says(PartyKind::Customer, 1, "hi", 500);
        let seq = loop {
            let entry = Entry { seq: Seq::new(last + 1), ..message.clone() };
            let asked = Instant::now();
            let outcome = writer.append(shop.append(session, last, vec![entry])).await;
            let now = Instant::now();
            let took = now - asked;
            match outcome {
                Ok(Appended::Committed { .. }) => {
                    let mut seen = seen.lock().unwrap();
                    seen.slowest = seen.slowest.max(took);
                    seen.commits.push(now);
                    break last + 1;
                }
                Ok(Appended::Behind { seq, .. }) => break seq.get(),
                Ok(Appended::Overtaken) => break last + 1,
                Ok(Appended::Duplicates(ids)) => break ids[0].seq.get(),
                Ok(Appended::MovedOn) => match store.session(session).await {
                    Ok(row) => last = row.unwrap().last_seq.get(),
                    Err(error) => assert!(error.retryable(), "{error:?}"),
                },
                Err(error) if error.retryable() => {
                    {
                        let mut seen = seen.lock().unwrap();
                        seen.slowest = seen.slowest.max(took);
                        seen.unavailable += 1;
                    }
                    sleep(Duration::from_millis(20)).await;
                }
                other => panic!("{other:?}"),
            }
        };
        last = last.max(seq);
        seen.lock().unwrap().acked.entry(session).or_default().push((message.id, Seq::new(seq)));
    }
}

/// Senders on two nodes, two to a session.
pub(crate) struct Load {
    seen: Arc<Mutex<Seen>>,
    stop: watch::Sender<bool>,
    senders: Vec<tokio::task::JoinHandle<()>>,
}

impl Load {
    pub(crate) async fn start(nodes: [Store; 2], sessions: usize) -> Self {
        let shop = Arc::new(Shop::open(&nodes[0]).await);
        let (stop, stopped) = watch::channel(false);
        let seen = Arc::<Mutex<Seen>>::default();
        let nodes = nodes.map(|store| (writer(&store), store));
        let mut senders = Vec::new();
        for _ in 0..sessions {
            let session = shop.start(100).await.id;
            for (writer, store) in &nodes {
                let (store, writer, shop) = (store.clone(), writer.clone(), shop.clone());
                senders.push(tokio::spawn(insist(
                    store,
                    writer,
                    shop,
                    session,
                    stopped.clone(),
                    seen.clone(),
                )));
            }
        }
        Self { seen, stop, senders }
    }

    /// Waits until something was committed after this moment; answers how long that took.
    pub(crate) async fn commits_again(&self) -> Duration {
        let from = Instant::now();
        loop {
            if self.seen.lock().unwrap().commits.last().is_some_and(|last| *last > from) {
                return from.elapsed();
            }
            assert!(from.elapsed() < Duration::from_secs(10), "it did not recover");
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// Ends the senders and looks at the logs: all that was acked is there, once, where it was acked.
    pub(crate) async fn end(self, store: &Store) -> Seen {
        self.stop.send(true).unwrap();
        for sender in self.senders {
            timeout(PATIENCE, sender).await.expect("what it insists on is stored").unwrap();
        }
        let seen = std::mem::take(&mut *self.seen.lock().unwrap());
        for (session, acked) in &seen.acked {
            let log = store.entries_after(*session, Seq::ZERO, 100_000, Audience::Team).await.unwrap();
            let mut places = HashMap::new();
            for (entry, seq) in log.iter().zip(1..) {
                assert_eq!(entry.seq.get(), seq, "no hole");
                assert_eq!(places.insert(entry.id, entry.seq), None, "nothing twice");
            }
            for (id, seq) in acked {
                assert_eq!(places.get(id), Some(seq), "acked is stored");
            }
            let row = store.session(*session).await.unwrap().unwrap();
            assert_eq!(row.last_seq.get() as usize, log.len());
            assert_eq!(row.unread.team as usize, log.len() - 1);
        }
        seen
    }
}

pub(crate) async fn node(url: &str) -> Store {
    let store = Store::connect(url).await.unwrap();
    store.migrate(Epoch::new(uuid())).await.unwrap();
    store
}
