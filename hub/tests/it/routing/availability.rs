//! What an agent is, and until when.

use std::time::Duration;

use hub::routing::availability::{Connection, Effective, Facts, Rules, effective};
use protocol::{Availability, Load, UtcMillis};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const NOW: i64 = 1_000 * MINUTE;

fn at(millis: i64) -> UtcMillis {
    UtcMillis::new(millis)
}

/// `online here idle:30s 2/5`: chosen, connected (or `gone:10s`, or `never`), time without activity (else none), load
/// (else 0/5). Times are before now.
fn facts(line: &str) -> Facts {
    let time = |word: &str| -> UtcMillis {
        let (count, unit) = word.split_at(word.len() - 1);
        let unit = if unit == "m" { MINUTE } else { SECOND };
        at(NOW - count.parse::<i64>().unwrap() * unit)
    };
    let mut words = line.split_whitespace();
    let mut facts = Facts {
        chosen: words.next().unwrap().parse().unwrap(),
        connection: Connection::Here,
        last_activity: at(NOW),
        load: Load { active: 0, max: 5 },
    };
    for word in words {
        match word.split_once(':') {
            Some(("gone", ago)) => facts.connection = Connection::GoneSince(time(ago)),
            Some(("idle", ago)) => facts.last_activity = time(ago),
            _ if word == "here" => facts.connection = Connection::Here,
            _ if word == "never" => facts.connection = Connection::Never,
            _ => {
                let (active, max) = word.split_once('/').unwrap();
                facts.load = Load { active: active.parse().unwrap(), max: max.parse().unwrap() };
            }
        }
    }
    facts
}

/// `online for 900s`, or `offline` where that lasts.
fn told(Effective { status, changes_at }: Effective) -> String {
    match changes_at {
        Some(changes_at) => format!("{} for {}s", status.as_str(), (changes_at.get() - NOW) / SECOND),
        None => status.as_str().into(),
    }
}

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (line, expected) in cases {
        assert_eq!(told(effective(&facts(line), Rules::default(), at(NOW))), *expected, "{line}");
    }
}

#[test]
fn as_it_was_chosen() {
    check(&[
        ("online here", "online for 900s"),
        ("busy here", "busy for 900s"),
        ("away here", "away"),
        ("offline here", "offline"),
        ("online never", "offline"),
        ("away never", "offline"),
    ]);
}

#[test]
fn away_after_a_quarter_of_an_hour_without_activity() {
    check(&[
        ("online here idle:10m", "online for 300s"),
        ("online here idle:899s", "online for 1s"),
        ("online here idle:900s", "away"),
        ("online here idle:99m", "away"),
        ("busy here idle:14m", "busy for 60s"),
        ("busy here idle:15m", "away"),
        ("away here idle:15m", "away"),
        ("offline here idle:15m", "offline"),
    ]);
}

#[test]
fn offline_half_a_minute_after_the_last_connection() {
    check(&[
        ("online gone:0s", "online for 30s"),
        ("online gone:29s", "online for 1s"),
        ("online gone:30s", "offline"),
        ("online gone:10m", "offline"),
        ("busy gone:5s", "busy for 25s"),
        ("away gone:5s", "away for 25s"),
        ("away gone:30s", "offline"),
        ("offline gone:5s", "offline"),
        ("online gone:5s idle:890s", "online for 10s"),
        ("online gone:5s idle:870s", "online for 25s"),
        ("online gone:5s idle:15m", "away for 25s"),
    ]);
}

#[test]
fn busy_at_the_maximum() {
    check(&[
        ("online here 4/5", "online for 900s"),
        ("online here 5/5", "busy for 900s"),
        ("online here 6/5", "busy for 900s"),
        ("online here 0/0", "busy for 900s"),
        ("busy here 0/5", "busy for 900s"),
        ("away here 5/5", "away"),
        ("online here 5/5 idle:20m", "away"),
        ("offline here 5/5", "offline"),
        ("online gone:10s 5/5", "busy for 20s"),
        ("online gone:40s 5/5", "offline"),
    ]);
}

#[test]
fn the_times_are_settings() {
    let rules = Rules { away_after: Duration::from_secs(5), offline_after: Duration::from_secs(2) };
    let told = |line: &str| told(effective(&facts(line), rules, at(NOW)));
    assert_eq!(told("online here idle:4s"), "online for 1s");
    assert_eq!(told("online here idle:5s"), "away");
    assert_eq!(told("online gone:1s idle:4s"), "online for 1s");
    assert_eq!(told("online gone:2s"), "offline");
}

#[test]
fn it_holds_until_it_is_said_to_change_and_changes_then() {
    let mut random = StdRng::seed_from_u64(12);
    let mut changed = 0;
    for round in 0..3_000 {
        let rules = Rules {
            away_after: Duration::from_millis(random.random_range(1..40)),
            offline_after: Duration::from_millis(random.random_range(1..40)),
        };
        let connection = match random.random_range(0..5) {
            0 => Connection::Never,
            1 | 2 => Connection::GoneSince(at(random.random_range(0..40))),
            _ => Connection::Here,
        };
        let facts = Facts {
            chosen: *Availability::ALL.choose(&mut random).unwrap(),
            connection,
            last_activity: at(random.random_range(0..40)),
            load: Load { active: random.random_range(0..4), max: random.random_range(0..4) },
        };
        let now = random.random_range(40..60);
        let said = effective(&facts, rules, at(now));
        // Nothing that happens by itself takes longer than this.
        let changes = (now..200).find(|time| effective(&facts, rules, at(*time)).status != said.status);
        assert_eq!(said.changes_at, changes.map(at), "round {round}: {facts:?} {rules:?} at {now}");
        changed += usize::from(changes.is_some());
        if said.status == Availability::Online {
            assert!(facts.chosen == Availability::Online && facts.load.active < facts.load.max);
        }
    }
    assert!(changed > 300, "{changed}");
}
