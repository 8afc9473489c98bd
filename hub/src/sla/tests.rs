//! Service levels, by tables, and against counting minutes.

use proptest::{collection::vec, option, prelude::*};
use protocol::rest::OpeningHours;
use serde_json::json;
use uuid::Uuid;

use super::*;

/// Friday 20 November 2026, 09:00 in Berlin.
const FRIDAY_9: i64 = 1_795_161_600_000;
const MINUTE: i64 = 60_000;

/// Minutes after Friday 09:00.
fn at(minutes: i64) -> UtcMillis {
    UtcMillis::new(FRIDAY_9 + minutes * MINUTE)
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

/// Monday to Friday, from nine to five.
fn office() -> Hours {
    let day = json!([{ "from": "09:00", "to": "17:00" }]);
    let week = json!({ "mon": day, "tue": day, "wed": day, "thu": day, "fri": day });
    let hours = json!({ "time_zone": "Europe/Berlin", "week": week });
    Hours::check(serde_json::from_value::<OpeningHours>(hours).unwrap()).unwrap().1
}

/// An hour, two hours, and two days of eight hours; warned half an hour before.
fn policy(business_hours: bool) -> Policy {
    SlaPolicy {
        name: "All".into(),
        when: SlaScope::default(),
        targets: SlaTargets {
            first_response_s: Some(3_600),
            next_response_s: Some(7_200),
            resolution_s: Some(16 * 3_600),
            business_hours,
        },
        warn_before_s: 1_800,
        escalate: vec![SlaEscalation::Notify],
    }
    .into()
}

fn site(n: u128) -> SiteId {
    SiteId::new(Uuid::from_u128(n))
}

#[test]
fn the_tests_friday_is_one() {
    let office = office();
    assert!(office.is_open(at(0)) && !office.is_open(at(-1)));
    assert_eq!(office.next_change(at(480)), Some(at(3 * 1440)));
}

#[test]
fn the_first_that_fits() {
    let policy = |name: &str, when: serde_json::Value| {
        let json = json!({ "name": name, "when": when, "targets": { "resolution_s": 60 } });
        Policy::from(serde_json::from_value::<SlaPolicy>(json).unwrap())
    };
    let policies = [
        policy("vip", json!({ "tags": ["vip", "press"] })),
        policy("urgent here", json!({ "priorities": ["urgent"], "sites": [site(1)] })),
        policy("two sites", json!({ "sites": [site(1), site(2)] })),
        policy("rest", json!({ "priorities": ["low", "normal"] })),
    ];
    for (priority, on, tags, expected) in [
        (Priority::Low, 9, &[] as &[&str], Some("rest")),
        (Priority::High, 9, &[], None),
        (Priority::Urgent, 9, &["VIP", "late"], None),
        (Priority::Urgent, 1, &["late"], Some("urgent here")),
        (Priority::Urgent, 2, &[], Some("two sites")),
        (Priority::Normal, 1, &[], Some("two sites")),
        (Priority::Urgent, 1, &["late", "press"], Some("vip")),
        (Priority::High, 9, &["vip", "press"], Some("vip")),
    ] {
        let tags: Vec<_> = tags.iter().map(|tag| (*tag).to_owned()).collect();
        let subject = Subject { priority, site: site(on), tags: &tags };
        let found = pick(&policies, &subject).map(|policy| policy.name.as_str());
        assert_eq!(found, expected, "{subject:?}");
    }
}

/// The due times of first answer, next answer and resolution, in minutes.
fn table(business_hours: bool, cases: &[(Facts, [Option<i64>; 3])]) {
    let office = office();
    for (facts, expected) in cases {
        let Dues { first_response, next_response, resolution } =
            policy(business_hours).dues(facts, Some(&office));
        let found = [first_response, next_response, resolution].map(|due| due.map(|due| due.at));
        assert_eq!(found, expected.map(|minutes| minutes.map(at)), "{facts:?}");
    }
}

/// Started so many minutes after Friday 09:00.
fn started(minutes: i64) -> Facts {
    Facts { created_at: at(minutes), ..Facts::default() }
}

fn pause(from: i64, until: i64) -> Pause {
    Pause { from: at(from), until: Some(at(until)) }
}

#[test]
fn due_by_the_clock_on_the_wall() {
    let answered = Facts { first_agent_reply_at: Some(at(5)), ..started(0) };
    table(
        false,
        &[
            (started(0), [Some(60), None, Some(960)]),
            (started(470), [Some(530), None, Some(1430)]),
            (answered.clone(), [Some(60), None, Some(960)]),
            // Who waits for the first answer does not wait for a next one too.
            (Facts { waiting_since: Some(at(3)), ..started(0) }, [Some(60), None, Some(960)]),
            (Facts { waiting_since: Some(at(10)), ..answered.clone() }, [Some(60), Some(130), Some(960)]),
            (Facts { pauses: vec![pause(10, 110)], ..answered.clone() }, [Some(60), None, Some(1060)]),
            (
                Facts {
                    waiting_since: Some(at(10)),
                    pauses: vec![pause(20, 120), pause(200, 210)],
                    ..answered
                },
                [Some(60), Some(130), Some(1070)],
            ),
            // What slept after it was due, or touches, or overlaps.
            (Facts { pauses: vec![pause(960, 2000)], ..started(0) }, [Some(60), None, Some(960)]),
            (Facts { pauses: vec![pause(959, 2000)], ..started(0) }, [Some(60), None, Some(2001)]),
            (Facts { pauses: vec![pause(0, 10), pause(10, 20)], ..started(0) }, [Some(60), None, Some(980)]),
            (Facts { pauses: vec![pause(0, 30), pause(10, 20)], ..started(0) }, [Some(60), None, Some(990)]),
            (
                Facts { pauses: vec![pause(-50, -10), pause(-5, 5)], ..started(0) },
                [Some(60), None, Some(965)],
            ),
            // Nobody knows how long it sleeps.
            (
                Facts { pauses: vec![Pause { from: at(30), until: None }], ..started(0) },
                [Some(60), None, None],
            ),
            (
                Facts { pauses: vec![Pause { from: at(961), until: None }], ..started(0) },
                [Some(60), None, Some(960)],
            ),
        ],
    );
}

#[test]
fn due_by_business_hours() {
    let monday = 3 * 1440;
    let answered = Facts { first_agent_reply_at: Some(at(5)), ..started(0) };
    table(
        true,
        &[
            (started(0), [Some(60), None, Some(monday + 480)]),
            (started(-600), [Some(60), None, Some(monday + 480)]),
            (started(420), [Some(480), None, Some(monday + 1440 + 420)]),
            (started(450), [Some(monday + 30), None, Some(monday + 1440 + 450)]),
            (started(480), [Some(monday + 60), None, Some(monday + 1440 + 480)]),
            (started(1440), [Some(monday + 60), None, Some(monday + 1440 + 480)]),
            (
                Facts { waiting_since: Some(at(470)), ..answered.clone() },
                [Some(60), Some(monday + 110), Some(monday + 480)],
            ),
            // Asleep over the weekend costs nothing; an hour of Friday does.
            (
                Facts { pauses: vec![pause(420, monday)], ..answered.clone() },
                [Some(60), None, Some(monday + 1440 + 60)],
            ),
            (Facts { pauses: vec![pause(480, monday)], ..answered }, [Some(60), None, Some(monday + 480)]),
        ],
    );
    // A site without hours is always open.
    let dues = policy(true).dues(&started(450), None);
    assert_eq!(dues.first_response.map(|due| due.at), Some(at(510)));
    // One that never opens owes nothing.
    let never = json!({ "time_zone": "UTC", "week": {} });
    let never = Hours::check(serde_json::from_value(never).unwrap()).unwrap().1;
    assert_eq!(policy(true).dues(&answered, Some(&never)), Dues::default());
    assert_ne!(policy(false).dues(&answered, Some(&never)), Dues::default());
}

#[test]
fn nothing_is_due_that_was_not_promised() {
    let policy = Policy { targets: Targets::default(), ..policy(false) };
    let facts = Facts { first_agent_reply_at: Some(at(1)), waiting_since: Some(at(2)), ..started(0) };
    assert_eq!(policy.dues(&facts, None), Dues::default());
}

#[test]
fn warned_then_breached() {
    let office = office();
    let states = |facts: &Facts, now: i64| {
        let Dues { first_response, next_response, resolution } = policy(true).dues(facts, Some(&office));
        [first_response, next_response, resolution].map(|due| due.map(|due| due.state(at(now))))
    };
    use State::{Breached, Fine, Warned};
    let monday = 3 * 1440;
    let answered = |minutes| Facts { first_agent_reply_at: Some(at(minutes)), ..started(0) };
    for (facts, now, expected) in [
        (started(0), 0, [Some(Fine), None, Some(Fine)]),
        (started(0), 29, [Some(Fine), None, Some(Fine)]),
        (started(0), 30, [Some(Warned), None, Some(Fine)]),
        (started(0), 59, [Some(Warned), None, Some(Fine)]),
        (started(0), 60, [Some(Breached), None, Some(Fine)]),
        (started(0), monday + 449, [Some(Breached), None, Some(Fine)]),
        (started(0), monday + 450, [Some(Breached), None, Some(Warned)]),
        (started(0), monday + 480, [Some(Breached), None, Some(Breached)]),
        // Done is done, in time or late.
        (answered(59), 1000, [Some(Fine), None, Some(Fine)]),
        (answered(60), 61, [Some(Breached), None, Some(Fine)]),
        (Facts { resolved_at: Some(at(20)), ..started(0) }, 9999, [Some(Fine), None, Some(Fine)]),
        (Facts { resolved_at: Some(at(90)), ..started(0) }, 9999, [Some(Breached), None, Some(Fine)]),
        (
            Facts { resolved_at: Some(at(monday + 480)), ..answered(1) },
            9999,
            [Some(Fine), None, Some(Breached)],
        ),
        // A warning that falls into the night would help nobody: it comes before closing time.
        (started(450), 449, [Some(Fine), None, Some(Fine)]),
        (started(450), 480, [Some(Warned), None, Some(Fine)]),
        (started(450), monday + 29, [Some(Warned), None, Some(Fine)]),
        (started(450), monday + 30, [Some(Breached), None, Some(Fine)]),
        (Facts { waiting_since: Some(at(100)), ..answered(1) }, 189, [Some(Fine), Some(Fine), Some(Fine)]),
        (Facts { waiting_since: Some(at(100)), ..answered(1) }, 190, [Some(Fine), Some(Warned), Some(Fine)]),
        (
            Facts { waiting_since: Some(at(100)), ..answered(1) },
            220,
            [Some(Fine), Some(Breached), Some(Fine)],
        ),
        (
            Facts { waiting_since: Some(at(100)), resolved_at: Some(at(200)), ..answered(1) },
            220,
            [Some(Fine), Some(Fine), Some(Fine)],
        ),
    ] {
        assert_eq!(states(&facts, now), expected, "{facts:?} at {now}");
    }
    let silent = Policy { warn_before: Duration::ZERO, ..policy(true) };
    let due = silent.dues(&started(0), None).first_response.unwrap();
    assert_eq!((due.warn_at, due.state(at(59)), due.state(at(60))), (None, Fine, Breached));
    assert!(Fine < Warned && Warned < Breached);
}

#[test]
fn the_next_change_is_when_a_state_changes() {
    let office = office();
    let facts = Facts { first_agent_reply_at: Some(at(20)), waiting_since: Some(at(40)), ..started(0) };
    let dues = policy(true).dues(&facts, Some(&office));
    let mut now = at(0);
    let mut found = Vec::new();
    for _ in 0..10 {
        let Some(next) = dues.next_change(now) else { break };
        found.push(i64::try_from(next.since(at(0)).as_secs()).unwrap() / 60);
        now = next;
    }
    let monday = 3 * 1440;
    assert_eq!(found, [130, 160, monday + 450, monday + 480]);
    assert_eq!(policy(true).dues(&started(0), Some(&office)).next_change(at(0)), Some(at(30)));
    let resolved = Facts { resolved_at: Some(at(50)), waiting_since: None, ..facts };
    assert_eq!(policy(true).dues(&resolved, Some(&office)).next_change(at(0)), None);
}

proptest! {
    #[test]
    fn due_when_so_many_minutes_were_counted(
        begin in -1440..1440_i64,
        target in 1..1500_u64,
        naps in vec((0..2000_i64, 0..2000_i64), 0..4),
        for_ever in option::weighted(0.2, 0..6000_i64),
        business in any::<bool>(),
    ) {
        let office = office();
        let hours = business.then_some(&office);
        let mut end = begin;
        let mut pauses = Vec::new();
        for (after, length) in naps {
            pauses.push(pause(end + after, end + after + length));
            end += after + length;
        }
        if let Some(after) = for_ever {
            pauses.push(Pause { from: at(end + after), until: None });
        }
        let asleep = |minute: i64| {
            pauses.iter().any(|pause| at(minute) >= pause.from && pause.until.is_none_or(|until| at(minute) < until))
        };
        let counts = |minute: &i64| !asleep(*minute) && hours.is_none_or(|hours| hours.is_open(at(*minute)));
        let last = (begin..begin + 60 * 1440).filter(counts).nth(usize::try_from(target - 1).unwrap());
        let due = run(hours, at(begin), minutes(target), &pauses);
        prop_assert_eq!(due, last.map(|minute| at(minute + 1)));
    }
}
