//! Opening hours: set by admins, told to the widget, and never a reason to refuse a message.

use loadtest::client::AgentClient;
use protocol::{
    ErrorCode, UtcMillis,
    rest::{SiteConfig, StartedSession},
};
use serde_json::{Value, json};

use crate::support::{TestServer, on_both_stores};

const DAY: i64 = 86_400_000;

async fn demo(admin: &AgentClient) -> Value {
    let sites: Value = admin.request("GET", "/sites").read().await.unwrap();
    sites["items"].as_array().unwrap().iter().find(|site| site["key"] == "demo").unwrap().clone()
}

async fn edit(admin: &AgentClient, edit: &Value) -> Value {
    let path = format!("/sites/{}", demo(admin).await["id"].as_str().unwrap());
    admin.request("PATCH", &path).json(edit).read().await.unwrap()
}

async fn config(server: &TestServer) -> SiteConfig {
    server.client().request("GET", "/api/v1/sites/demo").read().await.unwrap()
}

/// Closed yesterday, today and for two days more, in UTC; and when that is over.
fn closed_for_days() -> (Value, UtcMillis) {
    let today = hub::Clock::system().now().get() / DAY * DAY;
    let day = |n: i64| UtcMillis::new(today + n * DAY);
    let holidays: Vec<_> = (-1..3).map(|n| json!({ "date": day(n).to_string()[..10] })).collect();
    (json!({ "time_zone": "UTC", "always": true, "holidays": holidays }), day(3))
}

on_both_stores! {
    async fn a_site_opens_and_closes(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        assert_eq!(demo(&admin).await["hours"], Value::Null);
        let SiteConfig { opening_hours, open_now, opens_at, .. } = config(&server).await;
        assert_eq!((opening_hours, open_now, opens_at), (None, true, None), "always open at first");

        let (closed, opens) = closed_for_days();
        let edited = edit(&admin, &json!({ "hours": closed })).await;
        assert_eq!(edited["hours"], closed);
        assert_eq!(demo(&admin).await["hours"], closed);
        let told = config(&server).await;
        assert_eq!((told.open_now, told.opens_at), (false, Some(opens)));
        assert_eq!(serde_json::to_value(&told.opening_hours).unwrap(), closed);

        // Another setting leaves them alone.
        assert_eq!(edit(&admin, &json!({ "greeting": "Hello" })).await["hours"], closed);

        // What is written while it is closed is taken.
        let start = json!({ "name": "Ana", "phone": "+447700900118", "message": "Are you there?" });
        let started: StartedSession = server.client().request("POST", "/api/v1/sites/demo/sessions").json(&start).read().await.unwrap();
        let ana = server.client().bearer(&started.token);
        ana.say(started.session.id, "I shall wait").await.unwrap();
        assert_eq!(ana.whole_log(started.session.id).await.unwrap().len(), 3);

        // Closed for ever: nothing is promised.
        let never = json!({ "time_zone": "europe/berlin", "week": {} });
        let edited = edit(&admin, &json!({ "hours": never })).await;
        assert_eq!(edited["hours"], json!({ "time_zone": "Europe/Berlin", "week": {} }), "its own name");
        let told = config(&server).await;
        assert_eq!((told.open_now, told.opens_at), (false, None));

        let all_day = json!([{ "from": "00:00", "to": "24:00" }]);
        let week = json!({ "mon": all_day, "tue": all_day, "wed": all_day, "thu": all_day, "fri": all_day, "sat": all_day, "sun": all_day });
        edit(&admin, &json!({ "hours": { "time_zone": "Asia/Kathmandu", "week": week } })).await;
        let told = config(&server).await;
        assert_eq!((told.open_now, told.opens_at), (true, None));

        assert_eq!(edit(&admin, &json!({ "hours": null })).await["hours"], Value::Null);
        let told = config(&server).await;
        assert_eq!((told.opening_hours, told.open_now, told.opens_at), (None, true, None));

        let site = json!({ "key": "night", "hours": never });
        let made: Value = admin.request("POST", "/sites").json(&site).read().await.unwrap();
        assert_eq!(made["hours"]["time_zone"], "Europe/Berlin");
    }
}

on_both_stores! {
    async fn every_fault_is_named(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let path = format!("/sites/{}", demo(&admin).await["id"].as_str().unwrap());
        let span = |from: &str, to: &str| json!({ "from": from, "to": to });
        let monday = |spans: Value| json!({ "time_zone": "UTC", "week": { "mon": spans } });
        let holiday = |holiday: Value| json!({ "time_zone": "UTC", "always": true, "holidays": [holiday] });
        for (hours, fields) in [
            (monday(json!([span("09:00", "12:00"), span("11:00", "13:00")])), &["hours.week.mon[1].from"] as &[&str]),
            (monday(json!([span("9:00", "12:00")])), &["hours.week.mon[0].from"]),
            (monday(json!([span("09:00", "24:01")])), &["hours.week.mon[0].to"]),
            (monday(json!([{ "from": "09:00" }])), &["hours.week.mon[0]"]),
            (monday(json!([span("12:00", "12:00"), span("14:00", "13:00")])), &["hours.week.mon[0].to", "hours.week.mon[1].to"]),
            (monday(json!(vec![span("09:00", "10:00"); 7])), &["hours.week.mon"]),
            (json!({ "time_zone": "UTC", "week": { "monday": [] } }), &["hours.week.monday"]),
            (json!({ "time_zone": "Mars/Olympus", "always": true }), &["hours.time_zone"]),
            (json!({ "time_zone": "UTC" }), &["hours.week"]),
            (json!({ "always": true }), &["hours"]),
            (json!("always"), &["hours"]),
            (holiday(json!({ "date": "2026-02-30" })), &["hours.holidays[0].date"]),
            (holiday(json!({ "date": "2026-02-28", "name": "x".repeat(61) })), &["hours.holidays[0].name"]),
            (holiday(json!({ "date": "2026-02-28", "spans": [span("10:00", "09:00")] })), &["hours.holidays[0].spans[0].to"]),
        ] {
            let answer = admin.request("PATCH", &path).json(&json!({ "hours": hours })).send().await.unwrap();
            let problem = answer.problem().unwrap();
            assert_eq!((answer.status, problem.code), (422, ErrorCode::Invalid), "{hours}");
            let named: Vec<_> = problem.errors.iter().map(|fault| fault.field.as_str()).collect();
            assert_eq!(named, fields, "{hours}");
        }
        // With a fault elsewhere, both are told, and nothing is kept.
        let both = json!({ "color": "green", "greeting": "Kept?", "hours": { "time_zone": "UTC" } });
        let problem = admin.request("PATCH", &path).json(&both).send().await.unwrap().problem().unwrap();
        assert_eq!(problem.errors.len(), 2);
        assert_ne!(demo(&admin).await["greeting"], "Kept?");
    }
}
