//! Service levels: how they are written, and what is refused.

use protocol::{
    limits,
    rest::{SlaEscalation, SlaPolicy},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::samples::wire;

fn policy(json: Value) -> SlaPolicy {
    serde_json::from_value(json).unwrap()
}

fn full() -> Value {
    json!({
        "name": "Important",
        "when": {
            "priorities": ["high", "urgent"], "sites": ["00000000-0000-7000-8000-000000000006"], "tags": ["vip"],
        },
        "targets": {
            "first_response_s": 300, "next_response_s": 600, "resolution_s": 86_400, "business_hours": true,
        },
        "warn_before_s": 60,
        "escalate": ["raise_priority", "notify", "reassign"],
    })
}

#[test]
fn as_they_go_over_the_line() {
    wire(&policy(full()), full());
    let least = policy(json!({ "name": "All", "targets": { "resolution_s": 60 } }));
    wire(
        &least,
        json!({
            "name": "All", "when": {}, "targets": { "resolution_s": 60, "business_hours": false }, "warn_before_s": 0,
            "escalate": [],
        }),
    );
    assert_eq!(policy(full()).escalate[0], SlaEscalation::RaisePriority);
}

#[test]
fn what_is_taken_is_trimmed() {
    let mut given = full();
    given["name"] = json!(" Important ");
    given["when"]["tags"] = json!([" vip "]);
    wire(&policy(given).checked().unwrap(), full());
}

#[test]
fn refusals_name_the_field_and_the_limit() {
    let sites: Vec<_> = (0..51).map(|_| Uuid::now_v7()).collect();
    let tags: Vec<_> = (0..51).map(|n| n.to_string()).collect();
    for (path, value, field, words) in [
        ("/name", json!(" "), "name", "missing"),
        ("/name", json!("x".repeat(61)), "name", "limit is 60"),
        ("/name", json!("a\nb"), "name", "one line"),
        ("/when/priorities", json!(["high", "high"]), "when.priorities", "twice"),
        ("/when/sites", json!(sites), "when.sites", "limit is 50"),
        ("/when/tags", json!(tags), "when.tags", "limit is 50"),
        ("/when/tags", json!(["vip", " vip"]), "when.tags", "twice"),
        ("/when/tags", json!(["vip", ""]), "when.tags[1]", "empty"),
        ("/when/tags", json!(["x".repeat(41)]), "when.tags[0]", "limit is 40"),
        ("/targets", json!({ "business_hours": true }), "targets", "promise"),
        ("/targets/first_response_s", json!(61 * 24 * 3600 * 2), "targets.first_response_s", "to 7776000"),
        ("/targets/next_response_s", json!(59), "targets.next_response_s", "from 60"),
        ("/targets/resolution_s", json!(u32::MAX), "targets.resolution_s", "to 7776000"),
        ("/warn_before_s", json!(300), "warn_before_s", "300 seconds"),
        ("/escalate", json!(["notify", "notify"]), "escalate", "twice"),
    ] {
        let mut given = full();
        *given.pointer_mut(path).unwrap() = value;
        let faults = policy(given).checked().unwrap_err();
        let found = faults.iter().find(|fault| fault.field == field);
        let found = found.unwrap_or_else(|| panic!("{path}: {faults:?}"));
        assert!(found.message.contains(words), "{found:?}");
    }
    let mut longest = full();
    longest["targets"]["resolution_s"] = json!(limits::SLA_SECONDS.end());
    longest["warn_before_s"] = json!(299);
    policy(longest).checked().unwrap();
    for (path, value) in [
        ("/when/priorities", json!(["critical"])),
        ("/escalate", json!(["panic"])),
        ("/targets/resolution_s", json!(-1)),
        ("/targets/resolution_s", json!(1.5)),
    ] {
        let mut given = full();
        *given.pointer_mut(path).unwrap() = value;
        assert!(serde_json::from_value::<SlaPolicy>(given).is_err(), "{path}");
    }
}
