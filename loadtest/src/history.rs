//! What everybody did and saw during a run, in one order, for the checker.
//!
//! A send is recorded before it leaves and an answer after it arrived, under one lock and by one
//! monotonic clock. So when the history says that one send was acked before another began, it was.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use protocol::{Audience, Entry, EntryId, EntryKind, Seq, SessionId};
use serde::{Serialize, Serializer};

/// The part of an entry that every reader must agree on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Chosen by the sender.
    pub id: EntryId,
    /// Its place.
    pub seq: Seq,
    /// Message, note or event.
    pub kind: EntryKind,
    /// The text.
    pub body: String,
}

impl From<&Entry> for Line {
    fn from(entry: &Entry) -> Self {
        Self { id: entry.id, seq: entry.seq, kind: entry.kind, body: entry.body.clone() }
    }
}

/// Who did or saw something: an index into [`Evidence::actors`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ActorId(pub usize);

/// Somebody who acts and reads.
#[derive(Debug, Clone)]
pub struct Actor {
    /// For people.
    pub name: String,
    /// Which entries it may see.
    pub audience: Audience,
}

/// One thing that happened.
#[derive(Debug, Clone, Serialize)]
pub struct Record {
    /// Since the run began.
    #[serde(rename = "at_ms", serialize_with = "milliseconds")]
    pub at: Duration,
    /// To whom.
    pub actor: ActorId,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

fn milliseconds<S: Serializer>(at: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(at.as_secs_f64() * 1_000.0)
}

/// What can happen.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// A session began, perhaps with a first message, whose id the server chooses.
    Started {
        /// Which.
        session: SessionId,
        /// The first message.
        message: Option<String>,
    },
    /// A connection stands: welcomed, or a first long-poll answered.
    Linked {
        /// Counts the actor's connections.
        link: u64,
    },
    /// The connection is gone.
    Unlinked {
        /// Why.
        why: String,
    },
    /// Begins to read a session after a cursor; without one, wherever the server begins.
    Followed {
        /// Which.
        session: SessionId,
        /// "I have everything up to here."
        after: Option<Seq>,
    },
    /// Stops reading a session.
    Left {
        /// Which.
        session: SessionId,
    },
    /// A send is about to leave.
    Tried {
        /// Where to.
        session: SessionId,
        /// Its id.
        id: EntryId,
        /// Its text.
        body: String,
        /// Message or note.
        kind: EntryKind,
        /// Over which connection.
        link: u64,
    },
    /// A send was answered: it is stored.
    Acked {
        /// Its id.
        id: EntryId,
        /// Where.
        session: SessionId,
        /// Its place.
        seq: Seq,
        /// By an earlier try.
        duplicate: bool,
    },
    /// Something was refused.
    Refused {
        /// The send, if it was one.
        id: Option<EntryId>,
        /// The word.
        code: String,
        /// The sentence.
        message: String,
        /// It may succeed later.
        retryable: bool,
    },
    /// A send got no answer for so long that it is tried again.
    Unanswered {
        /// Which.
        id: EntryId,
    },
    /// An entry arrived, by the live stream or on resuming.
    Saw {
        /// Where.
        session: SessionId,
        /// The entry.
        line: Line,
        /// Over which connection.
        link: u64,
    },
    /// The server said that it cannot serve the cursor.
    Reset {
        /// Where.
        session: SessionId,
        /// The store is another one than the cursor's: then a reset is right.
        epoch_changed: bool,
    },
}

/// A running history. Clones write into the same one.
#[derive(Debug, Clone)]
pub struct History {
    began: Instant,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    actors: Vec<Actor>,
    records: Vec<Record>,
}

impl Default for History {
    fn default() -> Self {
        Self::new()
    }
}

impl History {
    /// An empty one; its clock starts now.
    pub fn new() -> Self {
        Self { began: Instant::now(), inner: Arc::default() }
    }

    /// Somebody new who will write into it.
    pub fn actor(&self, name: impl Into<String>, audience: Audience) -> Recorder {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.actors.push(Actor { name: name.into(), audience });
        Recorder { actor: ActorId(inner.actors.len() - 1), history: self.clone() }
    }

    /// Since the run began.
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// A copy of who there is and what happened so far.
    pub fn so_far(&self) -> (Vec<Actor>, Vec<Record>) {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        (inner.actors.clone(), inner.records.clone())
    }

    /// Writes everything that was done and seen so far to a file, one JSON object a line.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let (actors, records) = self.so_far();
        let mut file = BufWriter::new(File::create(path)?);
        for record in records {
            let mut line = serde_json::to_value(&record)?;
            line["actor"] = actors[record.actor.0].name.clone().into();
            serde_json::to_writer(&mut file, &line)?;
            file.write_all(b"\n")?;
        }
        file.flush()
    }

    /// How many records satisfy a condition, without copying them.
    pub fn count(&self, condition: impl Fn(&What) -> bool) -> usize {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.records.iter().filter(|record| condition(&record.what)).count()
    }
}

/// One actor's pen.
#[derive(Debug, Clone)]
pub struct Recorder {
    actor: ActorId,
    history: History,
}

impl Recorder {
    /// Whose it is.
    pub fn actor(&self) -> ActorId {
        self.actor
    }

    /// Writes a record. The time is taken under the lock, so the order of records is the order of times.
    pub fn record(&self, what: What) {
        let mut inner = self.history.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let at = self.history.began.elapsed();
        inner.records.push(Record { at, actor: self.actor, what });
    }
}

/// All that the checker judges by.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// Who took part.
    pub actors: Vec<Actor>,
    /// What they did and saw, in order.
    pub records: Vec<Record>,
    /// The sessions' logs at the end, read when nothing moved any more.
    pub logs: Vec<FinalLog>,
}

/// A session's log at the end.
#[derive(Debug, Clone)]
pub struct FinalLog {
    /// Which session.
    pub session: SessionId,
    /// As the team reads it: whole.
    pub team: Vec<Line>,
    /// As its customer reads it, if that was asked.
    pub customer: Option<Vec<Line>>,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_record_is_one_flat_object() {
        let (session, id) = (SessionId::new(Uuid::from_u128(1)), EntryId::new(Uuid::from_u128(2)));
        let what = What::Acked { id, session, seq: Seq::new(3), duplicate: false };
        let record = Record { at: Duration::from_micros(1_500), actor: ActorId(0), what };
        assert_eq!(
            serde_json::to_string(&record).unwrap(),
            r#"{"at_ms":1.5,"actor":0,"what":"acked","id":"00000000-0000-0000-0000-000000000002","#
                .to_owned()
                + r#""session":"00000000-0000-0000-0000-000000000001","seq":3,"duplicate":false}"#,
        );
    }

    #[test]
    fn the_order_of_records_is_the_order_of_their_times() {
        let history = History::new();
        let [one, other] = ["one", "other"].map(|name| history.actor(name, Audience::Team));
        for _ in 0..10 {
            one.record(What::Linked { link: 1 });
            other.record(What::Linked { link: 1 });
        }
        let (actors, records) = history.so_far();
        assert_eq!((actors.len(), records.len()), (2, 20));
        assert!(records.is_sorted_by_key(|record| record.at));
    }
}
