//! Macros with blanks, and what a macro would do before it is run.

use protocol::{
    Seq,
    rest::{Macro, MacroPreview, MacroRun},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    automation::{begins, new_macro, post, refused},
    support::{TestServer, on_both_stores},
};

fn refund() -> Value {
    json!({ "name": "Refund", "actions": [
        { "type": "message", "body": "{{contact.first_name}}, {{? sum}} for order {{? order number}} is on its way: {{? sum}}." },
        { "type": "note", "body": "Refunded {{? sum}} (\\{{ {{? reason}}), by {{agent.name}}" },
        { "type": "status", "status": "resolved" },
        { "type": "assign", "agent_id": null },
    ] })
}

on_both_stores! {
    async fn a_macro_asks_for_its_blanks_once_each(engine: Engine) {
        let server = TestServer::start(engine).await;
        let bo = server.member("agent", "bo@shop.example", "Bo").await;
        let Macro { id, .. } = new_macro(&bo, refund()).await;
        let (ana, begun) = begins(&server, "+447700900720", "My money?").await;
        let session = begun.session.id;
        let path = format!("/sessions/{session}/macros/{id}");
        let before = bo.whole_log(session).await.unwrap();

        // What it would do and say, as far as that is known.
        let preview = format!("{path}/preview");
        let seen: MacroPreview = post(&bo, &preview, json!({})).await.json().unwrap();
        assert_eq!(seen.blanks, ["sum", "order number", "reason"]);
        let says: Vec<_> = seen.actions.iter().map(|it| it.says.as_deref()).collect();
        assert_eq!(says, [
            Some("Ana, [sum] for order [order number] is on its way: [sum]."),
            Some("Refunded [sum] ({{ [reason]), by Bo"),
            None,
            None,
        ]);
        let changes: Vec<_> = seen.actions.iter().map(|it| (it.action.as_str(), it.changes)).collect();
        assert_eq!(changes, [("message", true), ("note", true), ("status", true), ("assign", false)]);
        let some = json!({ "blanks": { "sum": "£5", "reason": "" } });
        let seen: MacroPreview = post(&bo, &preview, some.clone()).await.json().unwrap();
        assert_eq!(seen.actions[1].says.as_deref(), Some("Refunded £5 ({{ [reason]), by Bo"));

        // Each that is missing is named, and nothing was done so far.
        for missing in ["blanks.order number", "blanks.reason"] {
            let key = json!({ "id": Uuid::now_v7(), "blanks": some["blanks"] });
            refused(post(&bo, &path, key).await, missing).await;
        }
        let many: Value = (0..21).map(|n| (n.to_string(), json!("x"))).collect::<serde_json::Map<_, _>>().into();
        for (blanks, field) in [
            (json!({ "shoe size": "9" }), "blanks.shoe size"),
            (json!({ "sum": "x".repeat(501) }), "blanks.sum"),
            (json!({ "sum": "a\u{0}b" }), "blanks.sum"),
            (many, "blanks"),
        ] {
            refused(post(&bo, &preview, json!({ "blanks": blanks })).await, field).await;
            refused(post(&bo, &path, json!({ "id": Uuid::now_v7(), "blanks": blanks })).await, field).await;
        }
        assert_eq!(bo.whole_log(session).await.unwrap(), before);

        // What is filled in is not read as a text of its own.
        let filled = json!({ "sum": "£5", "order number": "{{contact.phone}}", "reason": "broken" });
        let request = json!({ "id": Uuid::now_v7(), "blanks": filled });
        let ran: MacroRun = post(&bo, &path, request.clone()).await.json().unwrap();
        let again: MacroRun = post(&bo, &path, request).await.json().unwrap();
        assert_eq!((again.seq, again.duplicate), (ran.seq, true));
        let hers = ana.entries(session, Seq::ZERO, 50).await.unwrap();
        let said: Vec<_> = hers.iter().filter(|entry| entry.body.starts_with("Ana,")).map(|entry| entry.body.as_str()).collect();
        assert_eq!(said, ["Ana, £5 for order {{contact.phone}} is on its way: £5."]);

        // A preview says what stands against it.
        ana.close(session).await.unwrap();
        let seen: MacroPreview = post(&bo, &preview, json!({})).await.json().unwrap();
        assert!(seen.actions[0].refused.is_some() && !seen.actions[0].changes, "{seen:?}");
        assert!(seen.actions[1].says.is_some(), "a note can be written: {seen:?}");
    }

    async fn blanks_have_their_place_and_their_limit(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let with = |body: String| json!({ "type": "note", "body": body });
        let blanks = |range: std::ops::Range<u32>| with(range.map(|n| format!("{{{{? b{n}}}}} ")).collect());
        let make = async |actions: Value| post(&admin, "/macros", json!({ "name": Uuid::now_v7(), "actions": actions })).await;
        assert_eq!(make(json!([blanks(0..20), blanks(0..20)])).await.status, 201, "the same ones");
        refused(make(json!([blanks(0..11), blanks(11..21)])).await, "actions").await;
        refused(make(json!([blanks(0..21)])).await, "actions[0].body").await;
        let rule = json!({ "name": "R", "on": ["started"], "actions": [{ "type": "tags", "add": ["x"] }, blanks(0..1)] });
        refused(post(&admin, "/rules", rule).await, "actions[1].body").await;
    }
}
