//! What a merge of contacts leaves behind: an entry in each chat that goes on, and in the contacts' own histories all of it.

use protocol::{
    EntryKind, Event, Status,
    rest::{Contact, ContactDone},
};
use serde_json::{Value, json};

use crate::support::{TestServer, on_both_stores};

on_both_stores! {
    async fn a_closed_chat_is_not_added_to_and_the_contacts_tell_it(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let (ana, old) = server.customer("Ana", "+447700900190").await;
        let (_, other) = server.customer("Anna", "+447700900191").await;
        ana.close(old.session.id).await.unwrap();
        let (_, open) = server.customer("Ana", "+447700900190").await;
        assert_eq!(open.contact.id, old.contact.id);
        let closed = admin.whole_log(old.session.id).await.unwrap();
        let to = async |contact, what: &str, body: Value| -> Contact {
            let path = format!("/contacts/{contact}{what}");
            let request = if body.is_null() { admin.request("GET", &path) } else { admin.request("POST", &path).json(&body) };
            request.read().await.unwrap()
        };
        let newest = |contact: &Contact| {
            let newest = &contact.log[0];
            (newest.by.as_ref().map(|by| by.name.clone()), newest.what.clone())
        };
        let by = admin.who().you.name.clone();
        for _ in 0..2 {
            let one = to(old.contact.id, "/merge", json!({ "into": other.contact.id })).await;
            assert_eq!((one.id, one.merged.len()), (other.contact.id, 1));
            let from = ContactDone::MergedFrom { contact_id: old.contact.id, name: Some("Ana".into()) };
            assert_eq!(newest(&one), (by.clone(), from));
            let into = ContactDone::Merged { into: other.contact.id, name: Some("Anna".into()) };
            assert_eq!(newest(&to(old.contact.id, "", Value::Null).await), (by.clone(), into));
            assert_eq!(admin.session(old.session.id).await.unwrap().contact.id, other.contact.id, "it is hers all the same");

            let parted = to(old.contact.id, "/unmerge", json!({})).await;
            let with = ContactDone::Unmerged { contact_id: other.contact.id, name: Some("Anna".into()) };
            assert_eq!(newest(&parted), (by.clone(), with));
            let with = ContactDone::Unmerged { contact_id: old.contact.id, name: Some("Ana".into()) };
            assert_eq!(newest(&to(other.contact.id, "", Value::Null).await), (by.clone(), with));
            let now = admin.session(old.session.id).await.unwrap();
            assert_eq!((now.contact.id, now.status), (old.contact.id, Status::Closed));
        }
        assert_eq!(admin.whole_log(old.session.id).await.unwrap(), closed, "what is closed is not added to");
        let told = admin.whole_log(open.session.id).await.unwrap();
        let told = told.iter().filter(|entry| entry.kind == EntryKind::Event);
        let moves = told.filter(|entry| matches!(entry.event, Some(Event::ContactChanged { .. })));
        assert_eq!(moves.count(), 4);
    }
}
