//! Rules that act by themselves, alone: what they look at, what they do, and that no set of them goes on for ever.

use std::sync::Arc;

use hub::{
    Automation, Names,
    state::{self, Action, Draft, Update},
};
use persistence::Session;
use proptest::prelude::*;
use protocol::{
    Entry, EntryId, EntryKind, Event, Priority, RuleId, RuleRef, Sender, SiteId, Status, UtcMillis, limits,
    rest::RuleBody,
};
use serde_json::{Value, json};

use crate::rules::{Who, begun, body, caller, uuid};

const NOW: UtcMillis = UtcMillis::new(50);

fn automation(rules: &[Value]) -> Automation {
    let rule = |(at, rule): (usize, &Value)| {
        let checked: RuleBody =
            serde_json::from_value::<RuleBody>(rule.clone()).unwrap().checked(8_000).unwrap();
        (RuleRef { id: RuleId::new(uuid(900 + at as u128)), name: format!("Rule {at}") }, checked)
    };
    Automation::new(
        rules.iter().enumerate().map(rule),
        Names { sites: [(SiteId::new(uuid(1)), "The shop".to_owned())].into(), ..Names::default() },
        Arc::default(),
    )
}

/// Does it, with what the rules do about it; what was appended.
fn act(
    automation: &Automation,
    session: &mut Session,
    log: &mut Vec<Arc<Entry>>,
    who: Who,
    action: &Action,
    now: UtcMillis,
) -> Vec<Arc<Entry>> {
    let before = log.len();
    let by = caller(who);
    let state::Decision::Append(drafts) = state::decide(session, &by, action, now).unwrap() else {
        return Vec::new();
    };
    let at = log.len() as u128;
    state::extend(session, log, drafts, &by.sender(), now, || uuid(10_000 + at));
    automation.follow(session, log, before, now, || uuid(20_000 + at));
    log[before..].to_vec()
}

fn says(text: &str) -> Action {
    Action::Message { id: EntryId::new(uuid(7)), body: body(text) }
}

fn tags(add: &[&str], remove: &[&str]) -> Action {
    let owned = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect();
    let (added_tags, removed_tags) = (owned(add), owned(remove));
    Action::Update(Update { added_tags, removed_tags, ..Update::default() }.into())
}

#[test]
fn what_it_does_follows_what_set_it_off() {
    let automation = automation(&[json!({
        "on": ["customer_message"],
        "all": [{ "field": "message", "test": "contains", "values": ["BROKEN"] }],
        "actions": [
            { "type": "tags", "add": ["damage"] },
            { "type": "priority", "priority": "high" },
            { "type": "message", "body": "We look into it." },
        ],
    })]);
    let (mut session, mut log) = begun();
    assert_eq!(act(&automation, &mut session, &mut log, Who::Customer, &says("hello"), NOW).len(), 1);
    let new = act(&automation, &mut session, &mut log, Who::Customer, &says("It came broken!"), NOW);
    let kinds: Vec<_> = new.iter().map(|entry| (entry.kind, entry.event.clone())).collect();
    assert_eq!(kinds.len(), 5, "{kinds:?}");
    let because = new[0].seq;
    assert!(
        matches!(&kinds[1].1, Some(Event::Automated { rule, because: by, skipped })
            if rule.name == "Rule 0" && *by == because && skipped.is_empty()),
        "{kinds:?}"
    );
    assert!(matches!(&kinds[2].1, Some(Event::Tagged { added, .. }) if added == &["damage"]));
    assert!(matches!(&kinds[3].1, Some(Event::PriorityChanged { to: Priority::High, .. })));
    assert_eq!((new[4].kind, new[4].body.as_str()), (EntryKind::Message, "We look into it."));
    assert!(new[1..].iter().all(|entry| matches!(entry.sender, Sender::System)));
    assert!(session.waiting_since.is_some(), "what Hubbub says by itself answers nobody");
    // The same again changes nothing but that it is said again.
    let again = act(&automation, &mut session, &mut log, Who::Customer, &says("broken, I say"), NOW);
    assert_eq!(again.len(), 3, "{again:?}");
}

#[test]
fn conditions_say_which_sessions() {
    let fits = |conditions: Value, any: Value| {
        let automation = automation(&[json!({
            "on": ["tagged"], "all": conditions, "any": any,
            "actions": [{ "type": "subject", "subject": "It fits" }],
        })]);
        let (mut session, mut log) = begun();
        let new = act(&automation, &mut session, &mut log, Who::Bo, &tags(&["vip"], &[]), NOW);
        new.len() > 1
    };
    let one =
        |field: &str, test: &str, values: &[&str]| json!({ "field": field, "test": test, "values": values });
    for (condition, expected) in [
        (one("tag", "is", &["VIP", "other"]), true),
        (one("tag", "is_not", &["vip"]), false),
        (one("tag", "is_set", &[]), true),
        (one("category", "is_set", &[]), false),
        (one("category", "is_not_set", &[]), true),
        (one("name", "is", &["ana"]), true),
        (one("name", "starts_with", &["an"]), true),
        (one("name", "contains", &["x", "N"]), true),
        (one("name", "contains_not", &["n"]), false),
        (one("status", "is", &["open"]), true),
        (one("status", "is", &["closed"]), false),
        (one("channel", "is", &["web"]), true),
        (one("hours", "is", &["open"]), true),
        (one("verified", "is", &["no"]), true),
        (one("site", "is", &["shop"]), true),
        (one("rating", "at_most", &["2"]), false),
        (one("agent", "is_not_set", &[]), true),
        // No message set it off.
        (one("message", "contains", &["a"]), false),
        (one("message", "contains_not", &["a"]), true),
        (json!({ "field": "attribute", "name": "plan", "test": "is_not_set" }), true),
    ] {
        assert_eq!(fits(json!([condition]), json!([])), expected, "{condition}");
        assert_eq!(
            fits(json!([]), json!([condition, one("name", "is", &["Zoe"])])),
            expected,
            "any: {condition}"
        );
        assert!(!fits(json!([condition, one("name", "is", &["Zoe"])]), json!([])), "all: {condition}");
    }
}

#[test]
fn rules_in_a_circle_act_once_each_and_stop_within_the_hour() {
    let circle = automation(&[
        json!({ "on": ["tagged"], "all": [{ "field": "tag", "test": "is", "values": ["a"] }],
            "actions": [{ "type": "tags", "add": ["b"], "remove": ["a"] }] }),
        json!({ "on": ["tagged"], "all": [{ "field": "tag", "test": "is", "values": ["b"] }],
            "actions": [{ "type": "tags", "add": ["a"], "remove": ["b"] }] }),
    ]);
    let (mut session, mut log) = begun();
    let new = act(&circle, &mut session, &mut log, Who::Bo, &tags(&["a"], &[]), NOW);
    let acted = new.iter().filter(|entry| matches!(entry.event, Some(Event::Automated { .. }))).count();
    assert_eq!(acted, 2, "each once: {new:?}");
    let mut runs = acted;
    for turn in 0..60 {
        let now = UtcMillis::new(100 + turn);
        let change = if turn % 2 == 0 { tags(&[], &["a", "b"]) } else { tags(&["a"], &[]) };
        let new = act(&circle, &mut session, &mut log, Who::Bo, &change, now);
        runs += new.iter().filter(|entry| matches!(entry.event, Some(Event::Automated { .. }))).count();
    }
    assert_eq!(runs, 2 * limits::RULE_RUNS as usize);
    // An hour later it does again.
    let later = UtcMillis::new(100 + 61 * 60_000);
    act(&circle, &mut session, &mut log, Who::Bo, &tags(&[], &["a", "b"]), later);
    let new = act(&circle, &mut session, &mut log, Who::Bo, &tags(&["a"], &[]), later);
    assert!(new.len() > 1, "{new:?}");
}

#[test]
fn what_cannot_be_done_is_left_out_and_said() {
    let automation = automation(&[json!({
        "on": ["closed"],
        "actions": [{ "type": "message", "body": "Goodbye" }, { "type": "tags", "add": ["over"] }],
    })]);
    let (mut session, mut log) = begun();
    let new =
        act(&automation, &mut session, &mut log, Who::Customer, &Action::SetStatus(Status::Closed), NOW);
    let Some(Event::Automated { skipped, .. }) = &new[1].event else { panic!("{new:?}") };
    assert_eq!(skipped.iter().map(|it| it.action.as_str()).collect::<Vec<_>>(), ["message"]);
    assert!(skipped[0].why.contains("closed"), "{skipped:?}");
    assert_eq!(session.ticket.tags, ["over"]);
}

#[test]
fn texts_are_filled_in_or_not_said() {
    let automation = automation(&[json!({
        "on": ["customer_message"],
        "actions": [
            { "type": "message", "body": "Hi {{contact.first_name | there}}, this is {{site.name}}." },
            { "type": "note", "body": "{{agent.name}} has it" },
            { "type": "note", "body": "\\{{ as it is, {{agent.name | nobody}}" },
        ],
    })]);
    let (mut session, mut log) = begun();
    let new = act(&automation, &mut session, &mut log, Who::Customer, &says("{{agent.name}}"), NOW);
    let said: Vec<_> =
        new.iter().filter(|entry| entry.event.is_none()).map(|entry| entry.body.as_str()).collect();
    assert_eq!(said, ["{{agent.name}}", "Hi Ana, this is The shop.", "{{ as it is, nobody"]);
    let Some(Event::Automated { skipped, .. }) = &new[1].event else { panic!("{new:?}") };
    assert!(skipped.len() == 1 && skipped[0].why.contains("agent.name"), "{skipped:?}");
}

fn any_rule() -> impl Strategy<Value = Value> {
    let trigger = prop::sample::subsequence(
        vec![
            "started",
            "customer_message",
            "agent_message",
            "tagged",
            "priority_changed",
            "resolved",
            "reopened",
            "closed",
            "assigned",
            "unassigned",
        ],
        1..4,
    );
    let condition = prop_oneof![
        prop::sample::select(vec!["a", "b", "c"])
            .prop_map(|tag| json!({ "field": "tag", "test": "is", "values": [tag] })),
        prop::sample::select(vec!["a", "b", "c"])
            .prop_map(|tag| json!({ "field": "tag", "test": "is_not", "values": [tag] })),
        Just(json!({ "field": "status", "test": "is_not", "values": ["closed"] })),
    ];
    let action = prop_oneof![
        prop::sample::select(vec!["a", "b", "c"]).prop_map(|tag| json!({ "type": "tags", "add": [tag] })),
        prop::sample::select(vec!["a", "b", "c"]).prop_map(|tag| json!({ "type": "tags", "remove": [tag] })),
        prop::sample::select(vec!["low", "urgent"])
            .prop_map(|to| json!({ "type": "priority", "priority": to })),
        prop::sample::select(vec!["open", "in_progress", "resolved", "closed"])
            .prop_map(|to| json!({ "type": "status", "status": to })),
        Just(json!({ "type": "message", "body": "hm" })),
        Just(json!({ "type": "note", "body": "hm" })),
        Just(json!({ "type": "snooze", "minutes": 5 })),
        Just(json!({ "type": "assign", "agent_id": null })),
    ];
    (trigger, prop::collection::vec(condition, 0..2), prop::collection::vec(action, 1..4))
        .prop_map(|(on, all, actions)| json!({ "on": on, "all": all, "actions": actions }))
}

fn any_act() -> impl Strategy<Value = (Who, Action)> {
    prop_oneof![
        Just((Who::Customer, says("hello"))),
        Just((Who::Supervisor, says("hello"))),
        prop::sample::select(vec!["a", "b", "c"]).prop_map(|tag| (Who::Supervisor, tags(&[tag], &[]))),
        prop::sample::select(vec!["a", "b", "c"]).prop_map(|tag| (Who::Supervisor, tags(&[], &[tag]))),
        Just((Who::Supervisor, Action::Claim)),
        Just((Who::Supervisor, Action::SetStatus(Status::Resolved))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Whatever the rules: what they append is bounded, a rule acts once in an append and so often in an hour, the log has
    /// no gap, and it folds to the session again.
    #[test]
    fn no_set_of_rules_goes_on_for_ever(
        rules in prop::collection::vec(any_rule(), 0..12),
        acts in prop::collection::vec(any_act(), 1..40),
    ) {
        let automation = automation(&rules);
        let (mut session, mut log) = begun();
        let first = session.clone();
        for (who, action) in acts {
            let decided = state::decide(&session, &caller(who), &action, NOW);
            let Ok(state::Decision::Append(_)) = decided else { continue };
            let new = act(&automation, &mut session, &mut log, who, &action, NOW);
            let acted: Vec<_> = new.iter().filter_map(|entry| match &entry.event {
                Some(Event::Automated { rule, .. }) => Some(rule.id),
                _ => None,
            }).collect();
            let mut once = acted.clone();
            once.sort_unstable();
            once.dedup();
            prop_assert_eq!(once.len(), acted.len(), "a rule acted twice: {:?}", new);
            prop_assert!(new.len() <= 3 + acted.len() * (1 + 2 * limits::RULE_ACTIONS), "{:?}", new);
        }
        for rule in 0..rules.len() {
            let id = RuleId::new(uuid(900 + rule as u128));
            let runs = log.iter().filter(|entry| {
                matches!(&entry.event, Some(Event::Automated { rule, .. }) if rule.id == id)
            });
            prop_assert!(runs.count() <= limits::RULE_RUNS as usize);
        }
        let mut folded = first;
        for entry in &log[1..] {
            state::apply(&mut folded, entry);
        }
        prop_assert_eq!(folded, session);
    }
}

#[test]
fn a_draft_of_a_rule_has_no_id_of_its_own() {
    let automation = automation(&[json!({
        "on": ["customer_message"],
        "actions": [{ "type": "message", "body": "One" }, { "type": "note", "body": "Two" }],
    })]);
    let (mut session, mut log) = begun();
    let by = caller(Who::Customer);
    let said = vec![Draft {
        id: Some(EntryId::new(uuid(5))),
        kind: EntryKind::Message,
        body: "hi".into(),
        ..Draft::event(Event::Answered)
    }];
    let said = said.into_iter().map(|draft| Draft { event: None, ..draft }).collect();
    state::extend(&mut session, &mut log, said, &by.sender(), NOW, || uuid(6));
    let next = std::cell::Cell::new(100);
    automation.follow(&mut session, &mut log, 1, NOW, || {
        next.set(next.get() + 1);
        uuid(next.get())
    });
    let mut ids: Vec<_> = log[1..].iter().map(|entry| entry.id).collect();
    ids.dedup();
    assert_eq!(ids.len(), 4, "{log:?}");
}
