//! Files: whose they are, what they came with, and how they end.

use persistence::{Append, Continuation, File, FileEntry, Store, Uploader, on_both_engines};
use protocol::{Audience, Entry, EntryKind, Event, PartyKind, Seq, SessionId};
use uuid::Uuid;

use crate::fixture::{Shop, at, committed, uuid, writer};

const PLENTY: u64 = 1_000_000;

fn file(session: SessionId, uploader: Uploader, size: u64) -> File {
    File {
        id: Uuid::new_v4(),
        session,
        uploader,
        name: "Größe 🎄.png".into(),
        content_type: "image/png".into(),
        size,
        pixels: Some((640, 480)),
        thumbnail: true,
        created_at: at(500),
        entry: None,
        deleted_at: None,
    }
}

/// The append, with files in its last entry.
fn with_files(append: Append, files: &[&File]) -> Append {
    let mut append = append;
    let last = append.entries.pop().unwrap();
    let attachments = files.iter().map(|file| file.attachment()).collect();
    append.entries.push(Entry { attachments, ..Entry::clone(&last) }.into());
    append.exact = true;
    append
}

async fn read(store: &Store, file: &File) -> File {
    store.file(file.id).await.unwrap().unwrap()
}

on_both_engines! {
    async fn a_file_comes_with_one_entry(test) {
        let shop = Shop::open(&test.store).await;
        let grant = shop.grant();
        let session = test.store.create_session(&grant, &shop.session(&grant, 100)).await.unwrap();
        let customer = Uploader::Customer(grant.id);
        let (one, two) = (file(session.id, customer, 10), File { pixels: None, thumbnail: false, ..file(session.id, customer, 20) });
        for file in [&one, &two] {
            assert!(test.store.create_file(file, PLENTY).await.unwrap());
        }
        assert_eq!(read(&test.store, &one).await, one);
        assert_eq!(test.store.waiting_bytes(customer).await.unwrap(), 30);
        assert_eq!(test.store.files(&[two.id, uuid(), one.id]).await.unwrap(), [two.clone(), one.clone()]);

        let writer = writer(&test.store);
        let said = with_files(shop.message(session.id, 1, PartyKind::Customer, ""), &[&one, &two]);
        committed(writer.append(said.clone()).await);
        let log = test.store.entries_after(session.id, Seq::new(1), 10, Audience::Customer).await.unwrap();
        assert_eq!(log, [Entry::clone(&said.entries[0])]);
        let tokens = [(grant.token, true)].into();
        let arrived = test.store.arrivals(&tokens, 10, 10).await.unwrap();
        assert_eq!(arrived[&grant.token].latest.last(), log.last());
        let entry = Some(FileEntry { seq: Seq::new(2), note: false });
        assert_eq!(read(&test.store, &one).await, File { entry, ..one.clone() });
        assert_eq!(test.store.waiting_bytes(customer).await.unwrap(), 0);

        // It is taken: another entry that names it is not written, and those beside it are.
        let other = shop.start(101).await;
        let again = with_files(shop.message(session.id, 2, PartyKind::Customer, "again"), &[&one]);
        let (refused, written) =
            tokio::join!(writer.append(again), writer.append(shop.message(other.id, 1, PartyKind::Customer, "hi")));
        assert!(!refused.unwrap_err().retryable());
        committed(written);
        assert_eq!(test.store.session(session.id).await.unwrap().unwrap().last_seq, Seq::new(2));
        assert!(!test.store.withdraw_file(one.id, customer, at(900)).await.unwrap());
    }

    async fn a_notes_file_says_so_and_goes_with_it(test) {
        let shop = Shop::open(&test.store).await;
        let session = shop.start(100).await;
        let file = file(session.id, Uploader::Agent(shop.agent.id), 10);
        test.store.create_file(&file, PLENTY).await.unwrap();
        let writer = writer(&test.store);
        let mut note = shop.append(session.id, 1, vec![Entry { kind: EntryKind::Note, ..shop.says(PartyKind::Agent, 2, "n", 600) }]);
        note = with_files(note, &[&file]);
        committed(writer.append(note.clone()).await);
        assert_eq!(read(&test.store, &file).await.entry, Some(FileEntry { seq: Seq::new(2), note: true }));
        let target = &note.entries[0];
        let deleted = Entry {
            kind: EntryKind::Event,
            event: Some(Event::Deleted { entry: target.id, seq: target.seq, note: true }),
            ..shop.says(PartyKind::Agent, 3, "", 700)
        };
        committed(writer.append(shop.append(session.id, 2, vec![deleted.clone()])).await);
        assert_eq!(read(&test.store, &file).await.deleted_at, Some(at(700)));
        let kept = test.store.entry(session.id, target.id, Audience::Team).await.unwrap().unwrap();
        assert_eq!(kept, target.amended_by(&deleted).unwrap());
        assert!(kept.attachments.is_empty());
    }

    async fn a_chat_that_goes_on_takes_its_files_along(test) {
        let shop = Shop::open(&test.store).await;
        let grant = shop.grant();
        let session = test.store.create_session(&grant, &shop.session(&grant, 100)).await.unwrap();
        let file = file(session.id, Uploader::Customer(grant.id), 10);
        test.store.create_file(&file, PLENTY).await.unwrap();
        committed(writer(&test.store).append(shop.close(session.id, 1)).await);
        let mut next = shop.session(&grant, 3_000);
        let said = shop.says(PartyKind::Customer, 2, "again", 3_000);
        next.entries.push(Entry { attachments: vec![file.attachment()], ..said }.into());
        let continued = Entry {
            kind: EntryKind::Event,
            event: Some(Event::Continued { session_id: next.id }),
            ..shop.says(PartyKind::Customer, 3, "", 3_000)
        };
        let mut append = shop.append(session.id, 2, vec![continued]);
        append.change.status = protocol::Status::Closed;
        test.store.continue_session(&Continuation { append, next: next.clone() }).await.unwrap();
        let moved = read(&test.store, &file).await;
        assert_eq!((moved.session, moved.entry), (next.id, Some(FileEntry { seq: Seq::new(2), note: false })));
        let log = test.store.entries_after(next.id, Seq::new(1), 10, Audience::Customer).await.unwrap();
        assert_eq!(log[0].attachments, [file.attachment()]);
    }

    async fn what_waits_is_bounded_and_what_is_deleted_is_forgotten(test) {
        let shop = Shop::open(&test.store).await;
        let session = shop.start(100).await;
        let agent = Uploader::Agent(shop.agent.id);
        let (old, new, large) = (file(session.id, agent, 60), File { created_at: at(1_000), ..file(session.id, agent, 40) }, file(session.id, agent, 1));
        assert!(test.store.create_file(&old, 100).await.unwrap());
        assert!(test.store.create_file(&new, 100).await.unwrap());
        assert!(!test.store.create_file(&large, 100).await.unwrap(), "a byte too much");
        assert_eq!(test.store.file(large.id).await.unwrap(), None);

        assert!(!test.store.withdraw_file(new.id, Uploader::Agent(protocol::AgentId::new(uuid())), at(2_000)).await.unwrap());
        assert!(test.store.withdraw_file(new.id, agent, at(2_000)).await.unwrap());
        assert!(!test.store.withdraw_file(new.id, agent, at(2_001)).await.unwrap());
        assert_eq!(test.store.waiting_bytes(agent).await.unwrap(), 60);
        // Other stories share the store.
        assert!(test.store.expire_files(at(600), at(3_000)).await.unwrap() >= 1);
        assert_eq!(read(&test.store, &old).await.deleted_at, Some(at(3_000)));
        let deleted = test.store.deleted_files(1_000).await.unwrap();
        let place = |id: Uuid| deleted.iter().position(|other| *other == id).unwrap();
        assert!(place(new.id) < place(old.id), "the first deleted first");
        let known = test.store.known_files(&[old.id, new.id, large.id]).await.unwrap();
        assert_eq!(known, [old.id, new.id].into());
        test.store.forget_files(&[old.id, new.id]).await.unwrap();
        assert!(test.store.known_files(&[old.id, new.id]).await.unwrap().is_empty());
    }

    async fn the_secret_is_the_first_one(test) {
        let first = test.store.file_secret("one").await.unwrap();
        assert_eq!(test.other_node().await.file_secret("two").await.unwrap(), first);
    }
}
