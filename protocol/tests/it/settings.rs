//! The workspace's settings: what they are before anybody set them, and what is refused.

use protocol::{
    limits,
    rest::{ClosingSettings, EditSettings, RoutingSettings, Settings},
};
use serde_json::{Value, json};

use crate::samples::wire;

fn unset() -> Value {
    json!({
        "routing": serde_json::to_value(RoutingSettings::default()).unwrap(),
        "sla": [],
        "reminders": { "unassigned_after_s": 1_800, "unresolved_after_s": 86_400 },
        "closing": {
            "inactive_after_s": 1_800, "warn_before_s": 300,
            "warning_text": "This chat will end in {minutes} minutes unless you write.",
            "closing_text": "This chat has ended. Write at any time to begin a new one.",
            "resolve_after_s": null, "reopen_window_s": 259_200,
            "commands": ["end chat", "close", "done", "quit chat", "exit"],
        },
    })
}

#[test]
fn as_they_are_before_anybody_set_them() {
    wire(&Settings::default(), unset());
    let older: Settings = serde_json::from_value(json!({ "routing": { "mode": null } })).unwrap();
    assert_eq!(older, Settings::default(), "what a store from before knows nothing of is as it is without");
}

#[test]
fn a_section_takes_the_place_of_what_was() {
    let edit: EditSettings =
        serde_json::from_value(json!({ "closing": { "inactive_after_s": null, "closing_text": " Bye  " } }))
            .unwrap();
    let now = Settings::default().with(edit.checked().unwrap());
    let closing =
        ClosingSettings { inactive_after_s: None, closing_text: "Bye".into(), ..ClosingSettings::default() };
    assert_eq!(now, Settings { closing, ..Settings::default() });
}

#[test]
fn refusals_name_the_field_and_the_limit() {
    let level = |name: &str| json!({ "name": name, "targets": { "first_response_s": 60 } });
    let many: Vec<_> = (0..=limits::SLA_POLICIES).map(|n| level(&n.to_string())).collect();
    let commands: Vec<_> = (0..=limits::COMMANDS).map(|n| n.to_string()).collect();
    for (edit, field, words) in [
        (json!({ "sla": many }), "sla", "limit is 50"),
        (json!({ "sla": [level("A"), level("")] }), "sla[1].name", "missing"),
        (json!({ "sla": [level("A"), level(" A")] }), "sla[1].name", "another"),
        (
            json!({ "sla": [{ "name": "A", "targets": { "resolution_s": 59 } }] }),
            "sla[0].targets.resolution_s",
            "from 60",
        ),
        (json!({ "reminders": { "unassigned_after_s": 59 } }), "reminders.unassigned_after_s", "from 60"),
        (
            json!({ "reminders": { "unresolved_after_s": 7_776_001 } }),
            "reminders.unresolved_after_s",
            "to 7776000",
        ),
        (json!({ "closing": { "inactive_after_s": 59 } }), "closing.inactive_after_s", "from 60"),
        (json!({ "closing": { "resolve_after_s": 31_536_001 } }), "closing.resolve_after_s", "to 31536000"),
        (json!({ "closing": { "reopen_window_s": 0 } }), "closing.reopen_window_s", "from 60"),
        (
            json!({ "closing": { "inactive_after_s": 300 } }),
            "closing.warn_before_s",
            "under inactive_after_s, 300",
        ),
        (json!({ "closing": { "warning_text": " " } }), "closing.warning_text", "missing"),
        (json!({ "closing": { "closing_text": "x".repeat(501) } }), "closing.closing_text", "limit is 500"),
        (json!({ "closing": { "commands": commands } }), "closing.commands", "limit is 20"),
        (json!({ "closing": { "commands": ["bye", "Bye!"] } }), "closing.commands", "twice"),
        (json!({ "closing": { "commands": ["bye", "!"] } }), "closing.commands[1]", "empty"),
        (json!({ "closing": { "commands": ["x".repeat(41)] } }), "closing.commands[0]", "limit is 40"),
    ] {
        let edit: EditSettings = serde_json::from_value(edit).unwrap();
        let faults = edit.checked().unwrap_err();
        let found = faults.iter().find(|fault| fault.field == field);
        let found = found.unwrap_or_else(|| panic!("{field}: {faults:?}"));
        assert!(found.message.contains(words), "{found:?}");
    }
    let quiet =
        json!({ "closing": { "warn_before_s": 0, "warning_text": "", "closing_text": "", "commands": [] } });
    serde_json::from_value::<EditSettings>(quiet).unwrap().checked().unwrap();
}

#[test]
fn a_word_that_ends_a_chat_is_all_that_is_said() {
    let closing = ClosingSettings::default();
    for said in ["done", "Done", " DONE. ", "done!!!", "End  chat", "end chat …", "Exit?", "quit\nchat"] {
        assert!(closing.is_command(said), "{said}");
    }
    for said in
        ["", ".", "done?no", "I am done", "done and dusted", "close the door", "dones", &"done ".repeat(500)]
    {
        assert!(!closing.is_command(said), "{said}");
    }
}
