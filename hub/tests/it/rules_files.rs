//! The rules of files: each is its sender's own, free, and where it is to be said.

use hub::{
    HubError,
    state::{self, Action, Attached, Decision, Note},
};
use persistence::{File, FileEntry, Session, Uploader};
use protocol::{EntryId, EntryKind, GrantId, Seq, SessionId, Status, UtcMillis, limits};
use uuid::Uuid;

use crate::rules::{Who, begun, body, caller, uuid};

const UPLOADED: UtcMillis = UtcMillis::new(5_000);

fn file(session: &Session, who: Who) -> File {
    File {
        id: Uuid::now_v7(),
        session: session.id,
        uploader: caller(who).uploader().unwrap(),
        name: "photo.png".into(),
        content_type: "image/png".into(),
        size: 10,
        pixels: Some((4, 3)),
        thumbnail: true,
        created_at: UPLOADED,
        entry: None,
        deleted_at: None,
    }
}

fn message() -> Action {
    Action::Message { id: EntryId::new(uuid(7)), body: body("look") }
}

fn decide(session: &Session, who: Who, attached: &Attached, now: UtcMillis) -> Result<Decision, HubError> {
    state::decide(session, &caller(who), &Action::Attached(attached.clone().into()), now)
}

fn with(said: Action, files: &[File]) -> Attached {
    let ids = files.iter().map(|file| file.id).collect();
    Attached { found: files.to_vec(), ..Attached::new(said, ids) }
}

#[test]
fn what_is_said_holds_its_files_in_their_order() {
    let (session, _) = begun();
    for who in [Who::Customer, Who::Bo] {
        let files = [file(&session, who), file(&session, who)];
        let mut attached = with(message(), &files);
        attached.found.reverse();
        let Decision::Append(drafts) = decide(&session, who, &attached, UPLOADED).unwrap() else { panic!() };
        let (last, before) = drafts.split_last().unwrap();
        assert_eq!(last.attachments, files.map(|file| file.attachment()));
        assert!(before.iter().all(|draft| draft.attachments.is_empty()), "the events beside it have none");
    }
    let note = Action::Note(Note { id: EntryId::new(uuid(7)), body: body("n"), mentions: Vec::new() }.into());
    let attached = with(note.clone(), &[file(&session, Who::Bo)]);
    let Decision::Append(drafts) = decide(&session, Who::Bo, &attached, UPLOADED).unwrap() else { panic!() };
    assert_eq!((drafts[0].kind, drafts[0].attachments.len()), (EntryKind::Note, 1));
    let attached = with(note, &[file(&session, Who::Customer)]);
    assert!(matches!(decide(&session, Who::Customer, &attached, UPLOADED), Err(HubError::Forbidden(_))));
}

#[test]
fn a_file_that_is_not_ones_own_free_and_fresh_is_refused() {
    let (session, _) = begun();
    let now = UPLOADED.plus(limits::ATTACHMENT_FRESH);
    let good = file(&session, Who::Customer);
    let refused = |attached: &Attached, now| match decide(&session, Who::Customer, attached, now) {
        Err(HubError::Attachments(why)) => why,
        other => panic!("{other:?}"),
    };
    assert!(decide(&session, Who::Customer, &with(message(), std::slice::from_ref(&good)), now).is_ok());
    for (bad, word) in [
        (File { uploader: caller(Who::Bo).uploader().unwrap(), ..good.clone() }, "by you"),
        (File { uploader: Uploader::Customer(GrantId::new(uuid(99))), ..good.clone() }, "by you"),
        (File { session: SessionId::new(uuid(98)), ..good.clone() }, "by you"),
        (File { deleted_at: Some(now), ..good.clone() }, "by you"),
        (
            File { entry: Some(FileEntry { seq: Seq::new(2), note: false }), ..good.clone() },
            "another message",
        ),
    ] {
        assert!(refused(&with(message(), &[bad]), now).contains(word), "{word}");
    }
    assert!(refused(&with(message(), &[good.clone(), good.clone()]), now).contains("twice"));
    let missing = Attached { found: Vec::new(), ..with(message(), std::slice::from_ref(&good)) };
    assert!(refused(&missing, now).contains("by you"));
    let taken = Attached { taken: vec![good.id], ..with(message(), std::slice::from_ref(&good)) };
    assert!(refused(&taken, now).contains("another message"));
    let late = UtcMillis::new(now.get() + 1);
    assert!(refused(&with(message(), &[good]), late).contains("too long"));
}

#[test]
fn files_follow_a_chat_that_goes_on_elsewhere() {
    let (mut session, _) = begun();
    let uploaded_to = SessionId::new(uuid(97));
    let file = File { session: uploaded_to, ..file(&session, Who::Customer) };
    let mut attached = with(message(), &[file]);
    assert!(decide(&session, Who::Customer, &attached, UPLOADED).is_err());
    attached.asked = Some(uploaded_to);
    assert!(decide(&session, Who::Customer, &attached, UPLOADED).is_ok(), "it was to be said there");
    attached.asked = None;
    session.previous = Some(uploaded_to);
    assert!(decide(&session, Who::Customer, &attached, UPLOADED).is_ok(), "this one carries that on");
    session.status = Status::Closed;
    attached.found.clear();
    let decision = decide(&session, Who::Customer, &attached, UPLOADED).unwrap();
    assert_eq!(decision, Decision::Elsewhere, "what is found of a retry is found there");
}
