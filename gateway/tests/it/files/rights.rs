//! Who has a file: nobody who may not see what it came with, by whatever way. The matrix has the plain cells.

use loadtest::client::Caller;
use protocol::{Attachment, ErrorCode};
use serde_json::json;
use uuid::Uuid;

use super::{below, ends::below as below_files, newest, picture, read, say_with, sent, try_upload, upload};
use crate::support::{TestServer, on_both_stores};

/// As if it were not there, both the file and its small picture.
async fn assert_gone(who: &Caller, file: &Attachment, what: &str) {
    for path in [Attachment::path(file.id), Attachment::thumbnail_path(file.id)] {
        let answer = who.request("GET", below(&path)).send().await.unwrap();
        let missing = who.request("GET", &format!("/attachments/{}", Uuid::new_v4())).send().await.unwrap();
        assert_eq!((answer.status, answer.text()), (404, missing.text()), "{what}");
    }
}

on_both_stores! {
    async fn an_upload_is_its_uploaders_until_it_is_sent(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (ana, started) = server.customer("Ana", "+447700900118").await;
        let (eve, other) = server.customer("Eve", "+447700900119").await;
        // The same phone is the same contact, but not the same person.
        let (twin, of_twin) = server.customer("Ana", "+447700900118").await;
        let admin = server.admin().await;
        let session = started.session.id;
        let file = upload(&ana, session, "photo.png", &picture()).await;
        assert_eq!(read(&ana, file.id).await.status, 200);
        for (who, what) in [(&eve, "stranger"), (&twin, "same phone"), (admin.caller(), "admin")] {
            assert_gone(who, &file, what).await;
            let refused = who.request("DELETE", &format!("/attachments/{}", file.id)).send().await.unwrap();
            assert_eq!(refused.status, 404, "{what}");
        }
        for (who, there) in [(&eve, other.session.id), (&twin, of_twin.session.id), (admin.caller(), session)] {
            let stolen = say_with(who, there, "mine", &[file.id], false).await.unwrap_err();
            assert_eq!(stolen.status(), Some(422), "{stolen}");
        }
        // Nor does it go elsewhere by its uploader's mistake.
        let mine = upload(admin.caller(), session, "photo.png", &picture()).await;
        let astray = say_with(admin.caller(), other.session.id, "oops", &[mine.id], false).await.unwrap_err();
        assert_eq!(astray.status(), Some(422));

        say_with(&ana, session, "look", &[file.id], false).await.unwrap();
        assert_eq!(read(admin.caller(), file.id).await.status, 200);
        assert_gone(&eve, &file, "stranger, sent").await;
        assert_gone(&twin, &file, "same phone, sent").await;
        let again = say_with(&ana, session, "once more", &[file.id], false).await.unwrap_err();
        assert_eq!(again.status(), Some(422), "it came with another message");
    }

    async fn a_notes_file_is_the_teams(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (ana, started) = server.customer("Ana", "+447700900118").await;
        let admin = server.admin().await;
        let session = started.session.id;
        let file = upload(admin.caller(), session, "secret.png", &picture()).await;
        say_with(admin.caller(), session, "", &[file.id], true).await.unwrap();
        assert_eq!(read(admin.caller(), file.id).await.status, 200);
        assert_gone(&ana, &file, "the customer").await;
        let entry = newest(admin.caller(), session).await;
        assert_eq!(entry.attachments[0].name, "secret.png");
        for way in ["/entries", "/transcript"] {
            let seen = ana.on_session("GET", session, way).send().await.unwrap().text();
            assert!(!seen.contains("secret.png") && !seen.contains(&file.id.to_string()), "{way}: {seen}");
        }
    }

    async fn an_agent_who_may_not_see_the_chat_may_not_see_its_files(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (ana, started) = server.customer("Ana", "+447700900118").await;
        let one = server.member("agent", "one@example.com", "One").await;
        let two = server.member("agent", "two@example.com", "Two").await;
        let session = started.session.id;
        let file = sent(&ana, session, &picture()).await;
        assert_eq!(read(two.caller(), file.id).await.status, 200, "nobody has the chat");
        one.claim(session).await.unwrap();
        assert_gone(two.caller(), &file, "another has it").await;
        assert_eq!(read(one.caller(), file.id).await.status, 200);
    }

    async fn an_address_opens_what_it_names_and_nothing_else(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (ana, started) = server.customer("Ana", "+447700900118").await;
        let session = started.session.id;
        let first = sent(&ana, session, &picture()).await;
        let one = newest(&ana, session).await.attachments[0].clone();
        assert_eq!(one.id, first.id);
        let second = sent(&ana, session, &picture()).await;
        let stranger = server.client().stranger();
        let get = async |url: &str| stranger.request("GET", below(url)).send().await.unwrap().status;
        let thumbnail = one.thumbnail_url.clone().unwrap();
        assert_eq!(get(&one.url).await, 200);
        assert_eq!(get(&thumbnail).await, 200);
        let (path, query) = one.url.split_once('?').unwrap();
        assert_eq!(get(path).await, 401, "without it");
        assert_eq!(get(&format!("{}?{query}", Attachment::path(second.id))).await, 404, "another file");
        assert_eq!(get(&format!("{}?{query}", Attachment::thumbnail_path(one.id))).await, 404, "its picture");
        assert_eq!(get(&thumbnail.replace("/thumbnail", "")).await, 404, "the whole by that of the picture");
        let (expires, signature) = query.split_once("&signature=").unwrap();
        let later: u64 = expires.strip_prefix("expires=").unwrap().parse::<u64>().unwrap() + 3_600_000;
        assert_eq!(get(&format!("{path}?expires={later}&signature={signature}")).await, 404, "later");
        let last = if signature.ends_with('0') { '1' } else { '0' };
        let tampered = format!("{}{last}", &signature[..signature.len() - 1]);
        assert_eq!(get(&format!("{path}?{expires}&signature={tampered}")).await, 404, "tampered");
        for odd in ["expires=x&signature=y", "expires=1&signature=", "signature=%00", "expires=-1&signature=00"] {
            assert_eq!(get(&format!("{path}?{odd}")).await, 404, "{odd}");
        }
        // Who sees it anyway needs none that holds.
        let by_right = ana.request("GET", below(&format!("{path}?{expires}&signature={tampered}")));
        assert_eq!(by_right.send().await.unwrap().status, 200);
    }

    async fn what_was_deleted_is_gone_for_all(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (ana, started) = server.customer("Ana", "+447700900118").await;
        let admin = server.admin().await;
        let session = started.session.id;
        let file = sent(&ana, session, &picture()).await;
        let entry = newest(&ana, session).await;
        let path = format!("/entries/{}", entry.id);
        ana.on_session("DELETE", session, &path).done().await.unwrap();
        for who in [&ana, admin.caller()] {
            assert_gone(who, &file, "deleted").await;
            let log = who.whole_log(session).await.unwrap();
            assert!(log.iter().all(|entry| entry.attachments.is_empty()));
        }
        let signed = server.client().stranger().request("GET", below(&entry.attachments[0].url));
        assert_eq!(signed.send().await.unwrap().status, 404, "by its address");

        // Taken back before it was sent.
        let file = upload(&ana, session, "photo.png", &picture()).await;
        let take_back = || ana.request("DELETE", &format!("/attachments/{}", file.id));
        assert_eq!(take_back().send().await.unwrap().status, 204);
        assert_gone(&ana, &file, "taken back").await;
        assert_eq!(take_back().send().await.unwrap().status, 404);
        assert_eq!(say_with(&ana, session, "x", &[file.id], false).await.unwrap_err().status(), Some(422));
    }

    async fn files_stay_where_they_were_when_chats_are_merged(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (ana, started) = server.customer("Ana", "+447700900118").await;
        // Said to be the same person; nobody vouched for it.
        let (twin, other) = server.customer("Ana", "+447700900118").await;
        let admin = server.admin().await;
        let (from, into) = (started.session.id, other.session.id);
        let file = sent(&ana, from, &picture()).await;
        let merge = admin.caller().on_session("POST", from, "/merge").json(&json!({ "into": into }));
        merge.done().await.unwrap();
        assert_eq!(read(&ana, file.id).await.status, 200);
        assert_eq!(read(admin.caller(), file.id).await.status, 200);
        assert_gone(&twin, &file, "the other chat's customer").await;
    }

    async fn who_is_blocked_uploads_nothing(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (eve, started) = server.customer("Eve", "+447700900119").await;
        let admin = server.admin().await;
        let session = started.session.id;
        let waits = upload(&eve, session, "photo.png", &picture()).await;
        let contact = format!("/contacts/{}", started.contact.id);
        admin.request("POST", &format!("{contact}/block")).json(&json!({ "reason": "spam" })).done().await.unwrap();
        let refused = try_upload(&eve, session, "photo.png", &picture()).await;
        assert_eq!((refused.status, refused.problem().unwrap().code), (403, ErrorCode::Blocked));
        let unsent = say_with(&eve, session, "look", &[waits.id], false).await.unwrap_err();
        assert_eq!(unsent.code(), Some(ErrorCode::Blocked));
        assert_eq!(below_files(&server.files()).len(), 2, "what she had uploaded before, and its small picture");
        admin.request("POST", &format!("{contact}/unblock")).done().await.unwrap();
        say_with(&eve, session, "look", &[waits.id], false).await.unwrap();
    }
}
