//! Files in a chat: sent, seen by all who see the message, at once and again, and never twice.

use protocol::{EntryId, Follow, ServerFrame, Status};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{below, newest, picture, read, say_with, sent, try_upload, upload};
use crate::support::{TestServer, on_both_stores};

on_both_stores! {
    async fn a_message_brings_its_files_on_every_way(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (ana, started) = server.customer("Ana", "+447700900118").await;
        let admin = server.admin().await;
        let session = started.session.id;
        let mut socket = admin.websocket().connect().await.unwrap();
        let follow = || Follow { id: session, after: None, epoch: None, unseen: false };
        socket.open(follow()).await.unwrap();
        let photo = upload(&ana, session, "my photo.png", &picture()).await;
        let list = upload(&ana, session, "prices.csv", b"a;b\n1;2\n").await;
        assert_eq!((photo.width, photo.height), (Some(640), Some(480)));
        assert_eq!((list.content_type.as_str(), list.size, list.width), ("text/csv", 8, None));
        // Files may say it all.
        say_with(&ana, session, "", &[photo.id, list.id], false).await.unwrap();

        let brings_files = |frame: &ServerFrame| match frame {
            ServerFrame::Entry { entry, .. } if !entry.attachments.is_empty() => Some(entry.clone()),
            _ => None,
        };
        let live = socket.expect(brings_files).await.unwrap();
        let names = |files: &[protocol::Attachment]| files.iter().map(|file| file.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&live.attachments), ["my photo.png", "prices.csv"]);
        let stranger = server.client().stranger();
        for url in [&live.attachments[0].url, live.attachments[0].thumbnail_url.as_ref().unwrap(), &live.attachments[1].url] {
            assert_eq!(stranger.request("GET", below(url)).send().await.unwrap().status, 200, "{url}");
        }
        assert_eq!(newest(&ana, session).await.attachments, live.attachments, "the same address all the hour");
        let polled = ana.poll(session).after(protocol::Seq::ZERO).next().await.unwrap();
        assert_eq!(polled.entries.iter().find(|entry| entry.id == live.id).unwrap().attachments, live.attachments);
        let mut late = admin.websocket().connect().await.unwrap();
        let opened = late.open(follow()).await.unwrap();
        assert_eq!(opened.entries.last().unwrap().attachments, live.attachments);
        let listed = admin.sessions(&[]).await.unwrap();
        let preview = &listed.items[0].last_message.as_ref().unwrap().preview;
        assert_eq!(preview, "my photo.png, prices.csv");
        for format in ["txt", "html", "csv", "json"] {
            let file = ana.on_session("GET", session, "/transcript").query("format", format).done().await.unwrap();
            assert!(file.text().contains("prices.csv"), "{format}: {}", file.text());
        }
    }

    async fn a_retry_is_the_same_send(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (ana, started) = server.customer("Ana", "+447700900118").await;
        let session = started.session.id;
        let file = upload(&ana, session, "photo.png", &picture()).await;
        let id = EntryId::new(Uuid::now_v7());
        let send = || ana
            .on_session("POST", session, "/messages")
            .json(&json!({ "id": id, "body": "look", "attachments": [file.id] }))
            .read::<protocol::rest::Sent>();
        let first = send().await.unwrap();
        let again = send().await.unwrap();
        assert_eq!((first.duplicate, again.duplicate, first.seq), (false, true, again.seq));
        // And so it is when the chat has ended meanwhile.
        ana.close(session).await.unwrap();
        let after = send().await.unwrap();
        assert_eq!((after.session, after.seq, after.duplicate), (session, first.seq, true));
    }

    async fn files_go_on_with_a_closed_chat(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (ana, started) = server.customer("Ana", "+447700900118").await;
        let admin = server.admin().await;
        let session = started.session.id;
        let one = upload(&ana, session, "one.png", &picture()).await;
        let two = upload(&ana, session, "two.png", &picture()).await;
        admin.set_status(session, Status::Resolved).await.unwrap();
        ana.close(session).await.unwrap();
        // One that is not there ends nothing and begins nothing.
        let stray = say_with(&ana, session, "x", &[Uuid::new_v4()], false).await.unwrap_err();
        assert_eq!(stray.status(), Some(422));
        let first = say_with(&ana, session, "again", &[one.id], false).await.unwrap();
        assert_ne!(first.session, session);
        // The next one finds the chat continued.
        let second = say_with(&ana, session, "and this", &[two.id], false).await.unwrap();
        assert_eq!(second.session, first.session);
        assert_eq!(read(admin.caller(), two.id).await.status, 200);
        let log = ana.whole_log(first.session).await.unwrap();
        let files: Vec<_> = log.iter().flat_map(|entry| &entry.attachments).map(|file| file.id).collect();
        assert_eq!(files, [one.id, two.id]);
        for file in files {
            assert_eq!(read(&ana, file).await.status, 200);
        }
    }

    async fn only_so_many_and_each_once(engine: Engine) {
        let mut flags = crate::support::UNHURRIED.to_vec();
        flags.push("--message-files=2");
        let server = TestServer::start_with(engine, &flags).await;
        let (ana, started) = server.customer("Ana", "+447700900118").await;
        let session = started.session.id;
        let mut files = Vec::new();
        for number in 0..3 {
            files.push(upload(&ana, session, &format!("{number}.txt"), b"hello").await.id);
        }
        let refused = async |files: &[Uuid]| {
            let refused = say_with(&ana, session, "", files, false).await.unwrap_err().to_string();
            assert!(refused.contains("attachments"), "{refused}");
            refused
        };
        assert!(refused(&files).await.contains('2'));
        assert!(refused(&[files[0], files[0]]).await.contains("twice"));
        say_with(&ana, session, "", &files[..2], false).await.unwrap();
        assert!(refused(&files[1..]).await.contains("another message"));
        // Two messages of one moment name the same file: one has it.
        let body = |body: &str| json!({ "id": Uuid::now_v7(), "body": body, "attachments": [files[2]] });
        let send = |message: Value| ana.on_session("POST", session, "/messages").json(&message).send();
        let (one, two) = tokio::join!(send(body("one")), send(body("two")));
        let mut statuses = [one.unwrap().status, two.unwrap().status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 422]);
    }

    async fn an_agents_reply_knows_what_was_said(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (_, started) = server.customer("Ana", "+447700900118").await;
        let admin = server.admin().await;
        let other = server.member("supervisor", "other@example.com", "Otto").await;
        let session = started.session.id;
        let file = upload(admin.caller(), session, "photo.png", &picture()).await;
        other.say(session, "I am on it").await.unwrap();
        let reply = |after: u64| {
            let reply = json!({ "id": Uuid::now_v7(), "body": "here", "attachments": [file.id], "after": after });
            admin.caller().on_session("POST", session, "/messages").json(&reply).send()
        };
        assert_eq!(reply(1).await.unwrap().status, 409, "a colleague answered meanwhile");
        assert_eq!(reply(10).await.unwrap().status, 201, "and the file is still free");
    }
}

/// What a page must know before it asks for a file.
#[tokio::test]
async fn the_site_says_what_is_taken() {
    let flags = ["--upload-bytes=1000", "--message-files=3", "--upload-types=image/png,text/plain"];
    let server = TestServer::start_with(crate::support::Engine::Sqlite, &flags).await;
    let config: Value = server.client().stranger().request("GET", "/sites/demo").read().await.unwrap();
    assert_eq!(config["uploads"]["max_bytes"], 1_000);
    assert_eq!(config["uploads"]["max_files"], 3);
    assert_eq!(config["uploads"]["types"], json!(["image/png", "text/plain"]));
    let (ana, started) = server.customer("Ana", "+447700900118").await;
    let answer = try_upload(&ana, started.session.id, "a.pdf", b"%PDF-1.4").await;
    assert!(answer.status == 422 && answer.text().contains("PNG, plain text"), "{}", answer.text());
    sent(&ana, started.session.id, &super::picture_of(10, 10, image::ImageFormat::Png)).await;
}
