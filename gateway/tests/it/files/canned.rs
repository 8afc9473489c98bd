//! Files of canned answers: who gives and takes them, who reads them, and what becomes of them in chats.

use loadtest::client::{AgentClient, Answer, Caller};
use protocol::{
    Attachment, CannedId, SessionId,
    rest::{AttachedCanned, CannedAnswer, ImportedCanned, Page, RenderedCanned},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{below, ends, fault, form, newest, picture, read, say_with};
use crate::support::{TestServer, on_both_stores};

pub(super) async fn make(agent: &AgentClient, scope: Value) -> CannedAnswer {
    let mut body = json!({ "shortcut": Uuid::now_v7(), "body": "This is how it looks" });
    body.as_object_mut().unwrap().extend(scope.as_object().unwrap().clone());
    agent.request("POST", "/canned").json(&body).read().await.unwrap()
}

async fn try_add(agent: &AgentClient, canned: CannedId, name: &str, bytes: &[u8]) -> Answer {
    form(agent.request("POST", &format!("/canned/{canned}/attachments")), name, bytes).send().await.unwrap()
}

pub(super) async fn add(agent: &AgentClient, canned: CannedId, name: &str, bytes: &[u8]) -> Attachment {
    let answer = try_add(agent, canned, name, bytes).await;
    assert_eq!(answer.status, 201, "{name}: {}", answer.text());
    answer.json().unwrap()
}

pub(super) async fn attached(agent: &AgentClient, canned: CannedId, session: SessionId) -> Vec<Attachment> {
    let ask = agent.request("POST", &format!("/canned/{canned}/attach"));
    let answer: AttachedCanned = ask.json(&json!({ "session_id": session })).read().await.unwrap();
    answer.attachments
}

async fn of(agent: &AgentClient, canned: CannedId) -> CannedAnswer {
    agent.request("GET", &format!("/canned/{canned}")).read().await.unwrap()
}

fn ids(files: &[Attachment]) -> Vec<Uuid> {
    files.iter().map(|file| file.id).collect()
}

async fn by_address(server: &TestServer, url: &str) -> u16 {
    server.client().stranger().request("GET", below(url)).send().await.unwrap().status
}

async fn take_away(who: &Caller, id: Uuid) -> u16 {
    who.request("DELETE", &format!("/attachments/{id}")).send().await.unwrap().status
}

on_both_stores! {
    async fn an_answer_brings_its_files_into_a_chat(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let (ana, started) = server.customer("Ana", "+447700900118").await;
        let session = started.session.id;
        let canned = make(&admin, json!({ "scope": "all" })).await;
        assert_eq!(canned.attachments, []);
        let photo = add(&admin, canned.id, "../how to.png", &picture()).await;
        assert_eq!((photo.name.as_str(), photo.content_type.as_str(), photo.width), ("how to.png", "image/png", Some(640)));
        let text = add(&admin, canned.id, "terms.txt", b"no warranty").await;
        let listed: Page<CannedAnswer> = admin.request("GET", "/canned").read().await.unwrap();
        assert_eq!(ids(&listed.items[0].attachments), [photo.id, text.id]);
        assert!(listed.items[0].updated_at > canned.updated_at);
        for url in [&photo.url, photo.thumbnail_url.as_ref().unwrap(), &of(&admin, canned.id).await.attachments[1].url] {
            assert_eq!(by_address(&server, url).await, 200, "{url}");
        }
        let render = admin.request("POST", &format!("/canned/{}/render", canned.id));
        let rendered: RenderedCanned = render.json(&json!({ "session_id": session })).read().await.unwrap();
        assert_eq!(ids(&rendered.attachments), [photo.id, text.id]);

        // An answer's file is not yet one of the chat's; a copy of it is, once.
        let raw = say_with(admin.caller(), session, "look", &[photo.id], false).await.unwrap_err();
        assert_eq!(raw.status(), Some(422));
        let copies = attached(&admin, canned.id, session).await;
        assert_eq!(copies.iter().map(|copy| copy.name.as_str()).collect::<Vec<_>>(), ["how to.png", "terms.txt"]);
        assert!(copies.iter().all(|copy| copy.id != photo.id && copy.id != text.id));
        assert_eq!(read(&ana, copies[0].id).await.status, 404, "not sent yet");
        say_with(admin.caller(), session, "look", &ids(&copies), false).await.unwrap();
        let entry = newest(&ana, session).await;
        assert_eq!(ids(&entry.attachments), ids(&copies));
        assert_eq!(read(&ana, copies[1].id).await.body, b"no warranty");
        assert_eq!(by_address(&server, entry.attachments[0].thumbnail_url.as_ref().unwrap()).await, 200);
        assert_eq!(read(&ana, photo.id).await.status, 404, "the answer's own is the team's");
        let again = attached(&admin, canned.id, session).await;
        assert_eq!((again.len(), ids(&again) == ids(&copies)), (2, false));
    }

    async fn who_sees_an_answer_reads_its_files_and_who_may_change_it_changes_them(engine: Engine) {
        let server = TestServer::start(engine).await;
        let su = server.member("supervisor", "su@shop.example", "Su").await;
        let bo = server.member("agent", "bo@shop.example", "Bo").await;
        let cy = server.member("agent", "cy@shop.example", "Cy").await;
        let (ana, started) = server.customer("Ana", "+447700900118").await;
        let team: Value = su.request("POST", "/teams")
            .json(&json!({ "name": "Returns", "members": [bo.who().you.id] })).read().await.unwrap();
        let own = make(&bo, json!({})).await;
        let teams = make(&su, json!({ "scope": "team", "team_id": team["id"] })).await;
        let all = make(&su, json!({ "scope": "all" })).await;
        let of_own = add(&bo, own.id, "a.png", &picture()).await;
        let of_team = add(&su, teams.id, "a.png", &picture()).await;
        let of_all = add(&su, all.id, "a.png", &picture()).await;
        // Who, whose file, may they read it, and what are they answered when they add or take one.
        for (who, canned, file, reads, changes) in [
            (&cy, &own, &of_own, 404, 404), (&su, &own, &of_own, 404, 404),
            (&cy, &teams, &of_team, 404, 404), (&bo, &teams, &of_team, 200, 403),
            (&bo, &all, &of_all, 200, 403), (&cy, &all, &of_all, 200, 403),
            (&bo, &own, &of_own, 200, 201), (&su, &teams, &of_team, 200, 201), (&su, &all, &of_all, 200, 201),
        ] {
            let what = format!("{:?} of {:?}", who.who().you.name, canned.scope);
            assert_eq!(read(who.caller(), file.id).await.status, reads, "{what}");
            let thumbnail = Attachment::thumbnail_path(file.id);
            assert_eq!(who.request("GET", below(&thumbnail)).send().await.unwrap().status, reads, "{what}");
            let ask = who.request("POST", &format!("/canned/{}/attach", canned.id));
            let session = started.session.id;
            let used = ask.json(&json!({ "session_id": session })).send().await.unwrap().status;
            assert_eq!(used, if reads == 200 { 201 } else { 404 }, "{what}");
            let added = try_add(who, canned.id, "b.txt", b"b").await;
            assert_eq!(added.status, changes, "{what}");
            if changes == 201 {
                let added: Attachment = added.json().unwrap();
                assert_eq!(take_away(who.caller(), added.id).await, 204, "{what}");
                assert_eq!(read(who.caller(), added.id).await.status, 404, "{what}");
            } else {
                assert_eq!(take_away(who.caller(), file.id).await, changes, "{what}");
            }
        }
        for file in [&of_own, &of_team, &of_all] {
            assert_eq!((read(&ana, file.id).await.status, take_away(&ana, file.id).await), (404, 404));
            let stranger = server.client().stranger();
            assert_eq!(stranger.request("GET", below(&Attachment::path(file.id))).send().await.unwrap().status, 401);
        }
        // Into a chat that one may not see, nothing is taken.
        bo.claim(started.session.id).await.unwrap();
        let ask = cy.request("POST", &format!("/canned/{}/attach", all.id));
        assert_eq!(ask.json(&json!({ "session_id": started.session.id })).send().await.unwrap().status, 404);
        // Whose answer it becomes, theirs are the files.
        let path = format!("/canned/{}", teams.id);
        su.request("PATCH", &path).json(&json!({ "scope": "all" })).done().await.unwrap();
        assert_eq!(read(cy.caller(), of_team.id).await.status, 200);
    }

    async fn what_is_deleted_of_an_answer_is_gone_and_what_was_sent_stays(engine: Engine) {
        let server = TestServer::start_with(engine, &ends::sweeping()).await;
        let admin = server.admin().await;
        let (ana, started) = server.customer("Ana", "+447700900118").await;
        let session = started.session.id;
        let canned = make(&admin, json!({ "scope": "all" })).await;
        let first = add(&admin, canned.id, "a.png", &picture()).await;
        let second = add(&admin, canned.id, "b.png", &picture()).await;
        let copies = attached(&admin, canned.id, session).await;
        say_with(admin.caller(), session, "look", &ids(&copies), false).await.unwrap();
        assert_eq!(ends::below(&server.files()).len(), 8, "four, with their small pictures");

        assert_eq!(take_away(admin.caller(), first.id).await, 204);
        assert_eq!(ids(&of(&admin, canned.id).await.attachments), [second.id]);
        assert_eq!(by_address(&server, &first.url).await, 404);
        assert_eq!(take_away(admin.caller(), first.id).await, 404);
        ends::until("the first goes", &server.files(), |paths| paths.len() == 6).await;
        admin.request("DELETE", &format!("/canned/{}", canned.id)).done().await.unwrap();
        assert_eq!((by_address(&server, &second.url).await, read(admin.caller(), second.id).await.status), (404, 404));
        ends::until("the second goes", &server.files(), |paths| paths.len() == 4).await;
        for copy in &copies {
            assert_eq!(read(&ana, copy.id).await.body, read(admin.caller(), copy.id).await.body);
            assert_eq!(read(&ana, copy.id).await.status, 200);
            let small = Attachment::thumbnail_path(copy.id);
            assert_eq!(ana.request("GET", below(&small)).send().await.unwrap().status, 200);
        }
        // The other way round: a deleted message leaves the answer's own.
        let canned = make(&admin, json!({ "scope": "all" })).await;
        let kept = add(&admin, canned.id, "a.png", &picture()).await;
        let copies = attached(&admin, canned.id, session).await;
        say_with(admin.caller(), session, "look", &ids(&copies), false).await.unwrap();
        let entry = newest(admin.caller(), session).await;
        admin.caller().on_session("DELETE", session, &format!("/entries/{}", entry.id)).done().await.unwrap();
        ends::until("the message's goes", &server.files(), |paths| paths.len() == 6).await;
        assert_eq!(read(admin.caller(), copies[0].id).await.status, 404);
        assert_eq!(read(admin.caller(), kept.id).await.body, picture());
        assert_eq!(attached(&admin, canned.id, session).await.len(), 1);
    }

    async fn they_are_held_to_the_limits_of_all_files(engine: Engine) {
        let flags = ["--upload-bytes=1000", "--message-files=2", "--uploads-per-minute=1000"];
        let server = TestServer::start_with(engine, &flags).await;
        let admin = server.admin().await;
        let (_, started) = server.customer("Ana", "+447700900118").await;
        let canned = make(&admin, json!({})).await;
        let lie = try_add(&admin, canned.id, "a.png", b"<svg onload=alert(1)>").await;
        assert_eq!(fault(&lie).0, 422, "{}", lie.text());
        assert_eq!(try_add(&admin, canned.id, "a.txt", &[b'x'; 1_001]).await.status, 413);
        for _ in 0..2 {
            add(&admin, canned.id, "a.txt", &[b'x'; 1_000]).await;
        }
        let (status, words) = fault(&try_add(&admin, canned.id, "a.txt", b"x").await);
        assert!(status == 422 && words.starts_with("file ") && words.contains("the limit of an answer is 2"), "{words}");
        // Unsent copies count as unsent uploads do, and come all or not at all.
        let mut waiting = 0;
        let refused = loop {
            let ask = admin.request("POST", &format!("/canned/{}/attach", canned.id));
            let answer = ask.json(&json!({ "session_id": started.session.id })).send().await.unwrap();
            if answer.status != 201 {
                break answer;
            }
            waiting += 2;
            assert!(waiting <= 20, "no limit");
        };
        assert_eq!((refused.status, waiting), (429, 20), "{}", refused.text());
    }

    async fn an_import_leaves_the_files_of_what_it_replaces(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let canned = make(&admin, json!({})).await;
        let file = add(&admin, canned.id, "a.txt", b"a").await;
        let rows = json!({ "items": [{ "shortcut": canned.shortcut, "body": "anew" }] });
        let import = admin.request("POST", "/canned/import").query("existing", "replace").json(&rows);
        let done: ImportedCanned = import.read().await.unwrap();
        assert_eq!(done, ImportedCanned { created: 0, replaced: 1 });
        let after = of(&admin, canned.id).await;
        assert_eq!((after.body.as_str(), ids(&after.attachments)), ("anew", vec![file.id]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_is_as_young_as_its_use() {
    let server = TestServer::start(crate::support::Engine::Sqlite).await;
    let admin = server.admin().await;
    let (_, started) = server.customer("Ana", "+447700900118").await;
    let canned = make(&admin, json!({})).await;
    add(&admin, canned.id, "a.png", &picture()).await;
    let paths = ends::below(&server.files());
    for path in &paths {
        ends::age(path);
    }
    let aged = paths.iter().map(|path| path.metadata().unwrap().modified().unwrap()).max().unwrap();
    attached(&admin, canned.id, started.session.id).await;
    // What is old and has no row is swept, and the bytes are there before the row.
    let after = ends::below(&server.files());
    assert_eq!(after.len(), 2 * paths.len());
    for path in after {
        let modified = path.metadata().unwrap().modified().unwrap();
        assert!(modified > aged + std::time::Duration::from_secs(60 * 60), "{}", path.display());
    }
}
