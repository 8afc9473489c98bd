//! Why an agent was chosen, as it goes over the line.

use protocol::{
    AgentRef, Availability, Because, Chosen, Load, OfferEnd, OfferEvent, Pass, Priority, Routed, RoutedBy,
    RoutingMode, SkillId, SkillRef, SkipReason, Skipped, UtcMillis,
};
use serde_json::{Value, json};

use crate::samples::*;

fn bo() -> AgentRef {
    AgentRef { id: agent_id(), name: "Bo".into() }
}

fn bo_json() -> Value {
    json!({ "id": agent_id(), "name": "Bo" })
}

#[test]
fn words() {
    let written = |words: &[&str]| words.join(" ");
    macro_rules! all {
        ($($type:ty = $words:literal,)+) => {$(
            assert_eq!(written(&<$type>::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>()), $words);
            for word in <$type>::ALL {
                assert_eq!(serde_json::to_value(word).unwrap(), json!(word.as_str()));
                assert_eq!(word.as_str().parse::<$type>().as_ref(), Ok(word));
            }
        )+};
    }
    all! {
        Priority = "low normal high urgent",
        Availability = "online busy away offline",
        RoutingMode = "automatic offer manual",
        RoutedBy = "automatic offer returned",
        Because = "returning_customer only_one language least_loaded most_skilled longest_idle equal",
        OfferEnd = "accepted declined unanswered gone withdrawn",
    }
}

#[test]
fn a_higher_priority_is_greater() {
    assert!(Priority::ALL.is_sorted_by(|a, b| a < b));
    assert_eq!(Priority::default(), Priority::Normal);
}

#[test]
fn only_who_could_have_taken_it_passes() {
    let pass = OfferEnd::ALL.iter().map(|end| end.pass());
    let expected = [None, Some(Pass::Declined), Some(Pass::Unanswered), None, None];
    assert!(pass.eq(expected));
}

#[test]
fn every_reason_to_skip() {
    let skill = || SkillRef { id: SkillId::new(uuid(40)), name: "Returns".into() };
    let skill_json = json!({ "id": uuid(40), "name": "Returns" });
    wire(&SkipReason::Disabled, json!({ "type": "disabled" }));
    let away = SkipReason::NotOnline { status: Availability::Away };
    wire(&away, json!({ "type": "not_online", "status": "away" }));
    wire(&SkipReason::NotInTeam, json!({ "type": "not_in_team" }));
    wire(
        &SkipReason::MissingSkill { skill: skill(), level: 3, has: Some(2) },
        json!({ "type": "missing_skill", "skill": skill_json, "level": 3, "has": 2 }),
    );
    wire(
        &SkipReason::MissingSkill { skill: skill(), level: 3, has: None },
        json!({ "type": "missing_skill", "skill": skill_json, "level": 3 }),
    );
    wire(&SkipReason::Language, json!({ "type": "language" }));
    wire(&SkipReason::Declined, json!({ "type": "declined" }));
    wire(&SkipReason::Unanswered, json!({ "type": "unanswered" }));
    let full = SkipReason::AtMaximum { active: 5, max: 5 };
    wire(&full, json!({ "type": "at_maximum", "active": 5, "max": 5 }));
}

#[test]
fn an_explanation() {
    let chosen = Chosen { agent: bo(), because: Because::LeastLoaded, load: Load { active: 1, max: 5 } };
    let cleo = AgentRef { id: protocol::AgentId::new(uuid(41)), name: "Cleo".into() };
    let full = Routed {
        mode: RoutedBy::Automatic,
        considered: 3,
        chosen: Some(chosen),
        skipped: vec![Skipped { agent: cleo, reason: SkipReason::Declined }],
        skipped_more: 1,
    };
    wire(
        &full,
        json!({
            "mode": "automatic", "considered": 3,
            "chosen": { "agent": bo_json(), "because": "least_loaded", "load": { "active": 1, "max": 5 } },
            "skipped": [{ "agent": { "id": uuid(41), "name": "Cleo" }, "reason": { "type": "declined" } }],
            "skipped_more": 1,
        }),
    );
    let bare =
        Routed { mode: RoutedBy::Offer, considered: 0, chosen: None, skipped: Vec::new(), skipped_more: 0 };
    wire(&bare, json!({ "mode": "offer", "considered": 0, "skipped": [], "skipped_more": 0 }));
    wire(
        &Routed::returned(bo(), SkipReason::NotOnline { status: Availability::Offline }),
        json!({
            "mode": "returned", "considered": 1,
            "skipped": [{ "agent": bo_json(), "reason": { "type": "not_online", "status": "offline" } }],
            "skipped_more": 0,
        }),
    );
}

#[test]
fn an_offer_and_its_end() {
    let until = UtcMillis::new(1_700_000_020_000);
    wire(
        &OfferEvent::Offered { agent: bo(), until, round: 1 },
        json!({ "type": "offered", "agent": bo_json(), "until": "2023-11-14T22:13:40.000Z", "round": 1 }),
    );
    wire(
        &OfferEvent::Ended { agent: agent_id(), end: OfferEnd::Unanswered },
        json!({ "type": "ended", "agent": agent_id(), "end": "unanswered" }),
    );
}
