//! How far each side has read.

use persistence::{ReadMark, StoreError, on_both_engines};
use protocol::{Entry, EntryKind, PartyKind, Seq, SessionId};

use crate::fixture::{Shop, committed, unread, uuid, writer};

fn mark(session: SessionId, reader: PartyKind, seq: u64) -> ReadMark {
    ReadMark { session, reader, seq: Seq::new(seq) }
}

on_both_engines! {
    async fn reading_takes_off_what_was_read(test) {
        let shop = Shop::open(&test.store).await;
        let session = shop.start(100).await;
        let writer = writer(&test.store);
        let note = Entry { kind: EntryKind::Note, ..shop.says(PartyKind::Agent, 5, "a note", 204) };
        let lines = vec![
            shop.says(PartyKind::Customer, 2, "one", 201),
            shop.says(PartyKind::Agent, 3, "two", 202),
            shop.says(PartyKind::Agent, 4, "three", 203),
            note,
            shop.says(PartyKind::Agent, 6, "four", 205),
            shop.says(PartyKind::Customer, 7, "five", 206),
        ];
        assert_eq!(committed(writer.append(shop.append(session.id, 1, lines)).await), (2, unread(3, 2)));

        let marked = writer.mark_read(mark(session.id, PartyKind::Customer, 3)).await.unwrap();
        assert_eq!((marked.version, marked.unread), (3, unread(2, 2)));
        assert_eq!((marked.read.customer, marked.read.team), (Seq::new(3), Seq::ZERO));
        let marked = writer.mark_read(mark(session.id, PartyKind::Agent, 2)).await.unwrap();
        assert_eq!((marked.version, marked.unread), (4, unread(2, 1)));
        // Back is no way.
        let marked = writer.mark_read(mark(session.id, PartyKind::Customer, 2)).await.unwrap();
        assert_eq!((marked.version, marked.unread, marked.read.customer), (4, unread(2, 1), Seq::new(3)));
        // Nor is the future.
        let marked = writer.mark_read(mark(session.id, PartyKind::Customer, 99)).await.unwrap();
        assert_eq!((marked.version, marked.unread, marked.read.customer), (5, unread(0, 1), Seq::new(7)));
        let row = test.store.session(session.id).await.unwrap().unwrap();
        assert_eq!((row.version, row.unread, row.read), (5, unread(0, 1), marked.read));
        assert_eq!(row.updated_at, crate::fixture::at(206), "reading is no change of the log");

        let answer = shop.message(session.id, 7, PartyKind::Agent, "six");
        assert_eq!(committed(writer.append(answer).await), (6, unread(1, 1)));
    }

    async fn of_marks_in_a_batch_the_furthest_wins(test) {
        let shop = Shop::open(&test.store).await;
        let (a, b) = (shop.start(100).await, shop.start(100).await);
        let writer = writer(&test.store);
        for session in [a.id, b.id] {
            let lines = (2..=5).map(|seq| shop.says(PartyKind::Customer, seq, "hi", 200)).collect();
            committed(writer.append(shop.append(session, 1, lines)).await);
        }
        let answers = [
            writer.mark_read(mark(a.id, PartyKind::Agent, 3)),
            writer.mark_read(mark(a.id, PartyKind::Agent, 4)),
            writer.mark_read(mark(a.id, PartyKind::Agent, 2)),
            writer.mark_read(mark(b.id, PartyKind::Agent, 2)),
            writer.mark_read(mark(a.id, PartyKind::Customer, 1)),
        ];
        let appended = writer.append(shop.message(b.id, 5, PartyKind::Customer, "more"));
        let mut last = None;
        for answer in answers {
            last = Some(answer.await.unwrap());
        }
        let last = last.unwrap();
        assert_eq!((last.read.team, last.read.customer, last.unread), (Seq::new(4), Seq::new(1), unread(0, 1)));
        committed(appended.await);
        let row = test.store.session(b.id).await.unwrap().unwrap();
        assert_eq!((row.read.team, row.unread), (Seq::new(2), unread(0, 4)));
    }

    async fn a_closed_session_has_nothing_unread_whatever_is_read(test) {
        let shop = Shop::open(&test.store).await;
        let session = shop.start(100).await;
        let writer = writer(&test.store);
        committed(writer.append(shop.message(session.id, 1, PartyKind::Agent, "hi")).await);
        committed(writer.append(shop.message(session.id, 2, PartyKind::Agent, "hello?")).await);
        committed(writer.append(shop.close(session.id, 3)).await);
        let marked = writer.mark_read(mark(session.id, PartyKind::Customer, 2)).await.unwrap();
        assert_eq!((marked.unread, marked.read.customer, marked.read.team), (unread(0, 0), Seq::new(2), Seq::new(4)));
    }

    async fn a_mark_of_nothing_is_a_defect(test) {
        let refused = writer(&test.store).mark_read(mark(SessionId::new(uuid()), PartyKind::Agent, 1)).await;
        assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    }
}
