//! Opening hours on days that people know, and on those that break programs.

use protocol::UtcMillis;
use serde_json::{Value, json};

use super::*;

fn hours(json: Value) -> Hours {
    let hours: OpeningHours = serde_json::from_value(json).unwrap();
    Hours::check(hours).unwrap().1
}

/// `09:00-12:00 13:00-17:00`, as it goes over the line.
fn spans(text: &str) -> Value {
    let span = |text: &str| {
        let (from, to) = text.split_once('-').unwrap();
        json!({ "from": from, "to": to })
    };
    text.split_whitespace().map(span).collect()
}

/// The same hours on each of these days.
fn on(zone: &str, days: &[&str], text: &str) -> Hours {
    let week: Value =
        days.iter().map(|day| ((*day).to_owned(), spans(text))).collect::<serde_json::Map<_, _>>().into();
    hours(json!({ "time_zone": zone, "week": week }))
}

const ALL: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

fn daily(zone: &str, text: &str) -> Hours {
    on(zone, &ALL, text)
}

fn office() -> Hours {
    on("Europe/Berlin", &ALL[..5], "09:00-17:30")
}

/// `2026-11-20T09:00Z`, or with any offset.
fn at(text: &str) -> UtcMillis {
    UtcMillis::new(text.parse::<Timestamp>().unwrap().as_millisecond())
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

/// When it opens and closes from one time to another, by asking for the next change again and again.
fn changes(hours: &Hours, from: &str, until: &str) -> Vec<String> {
    let (mut now, until) = (at(from), at(until));
    let mut found = Vec::new();
    while let Some(next) = hours.next_change(now).filter(|next| *next <= until) {
        assert!(next > now, "it does not move on from {now}");
        assert_ne!(hours.is_open(next), hours.is_open(now), "nothing changes at {next}");
        let before = UtcMillis::new(next.get() - 1);
        assert_ne!(hours.is_open(before), hours.is_open(next), "it changes before {next}");
        assert_eq!(hours.next_change(before), Some(next), "it is not seen a moment before {next}");
        now = next;
        let local = timestamp(next.get()).to_zoned(hours.zone.clone());
        found.push(local.strftime("%F %H:%M%:z").to_string());
    }
    found
}

#[test]
fn an_ordinary_week() {
    let office = office();
    for (now, open) in [
        ("2026-11-16T08:59:59.999+01", false),
        ("2026-11-16T09:00:00+01", true),
        ("2026-11-16T17:29:59.999+01", true),
        ("2026-11-16T17:30:00+01", false),
        ("2026-11-20T12:00:00+01", true),
        ("2026-11-21T12:00:00+01", false),
        ("2026-11-22T12:00:00+01", false),
        ("1969-12-31T12:00:00+01", true),
        ("2026-07-20T08:59:59+02", false),
        ("2026-07-20T09:00:00+02", true),
    ] {
        assert_eq!(office.is_open(at(now)), open, "{now}");
    }
    assert_eq!(
        changes(&office, "2026-11-20T12:00+01", "2026-11-24T08:00+01"),
        ["2026-11-20 17:30+01:00", "2026-11-23 09:00+01:00", "2026-11-23 17:30+01:00"],
    );
}

#[test]
fn the_hour_that_is_left_out() {
    // Berlin, 29 March 2026: 02:00 is 03:00.
    for (text, expected) in [
        ("02:15-02:45", &[] as &[&str]),
        ("02:00-03:00", &[]),
        ("01:00-02:30", &["01:00+01:00", "03:00+02:00"]),
        ("01:00-02:00", &["01:00+01:00", "03:00+02:00"]),
        ("02:30-04:00", &["03:00+02:00", "04:00+02:00"]),
        ("03:00-04:00", &["03:00+02:00", "04:00+02:00"]),
        ("01:30-03:30", &["01:30+01:00", "03:30+02:00"]),
        ("01:00-02:10 02:20-02:30 02:50-04:00", &["01:00+01:00", "04:00+02:00"]),
    ] {
        let found = changes(&on("Europe/Berlin", &["sun"], text), "2026-03-28T12:00Z", "2026-03-29T12:00Z");
        let expected: Vec<_> = expected.iter().map(|time| format!("2026-03-29 {time}")).collect();
        assert_eq!(found, expected, "{text}");
    }
    let day = (at("2026-03-29T00:00+01"), at("2026-03-30T00:00+02"));
    assert_eq!(daily("Europe/Berlin", "00:00-24:00").between(day.0, day.1), minutes(23 * 60));
}

#[test]
fn the_hour_that_comes_twice() {
    // Berlin, 25 October 2026: 03:00 is 02:00 again.
    for (text, expected) in [
        ("02:15-02:45", &["02:15+02:00", "02:45+02:00", "02:15+01:00", "02:45+01:00"] as &[&str]),
        ("02:00-03:00", &["02:00+02:00", "03:00+01:00"]),
        ("01:00-02:30", &["01:00+02:00", "02:30+02:00", "02:00+01:00", "02:30+01:00"]),
        ("02:30-04:00", &["02:30+02:00", "02:00+01:00", "02:30+01:00", "04:00+01:00"]),
        ("01:30-03:30", &["01:30+02:00", "03:30+01:00"]),
    ] {
        let found = changes(&on("Europe/Berlin", &["sun"], text), "2026-10-24T12:00Z", "2026-10-25T12:00Z");
        let expected: Vec<_> = expected.iter().map(|time| format!("2026-10-25 {time}")).collect();
        assert_eq!(found, expected, "{text}");
    }
    let day = (at("2026-10-25T00:00+02"), at("2026-10-26T00:00+01"));
    assert_eq!(daily("Europe/Berlin", "00:00-24:00").between(day.0, day.1), minutes(25 * 60));
    let twice = daily("Europe/Berlin", "02:00-03:00");
    assert_eq!(twice.between(day.0, day.1), minutes(120));
    assert_eq!(twice.add(day.0, minutes(90)), Some(at("2026-10-25T02:30+01")));
}

#[test]
fn zones_that_are_unlike_others() {
    for (zone, text, from, until, expected) in [
        // Half an hour is left out.
        (
            "Australia/Lord_Howe",
            "02:00-02:45",
            "2026-10-03T12:00Z",
            "2026-10-04T12:00Z",
            &["2026-10-04 02:30+11:00", "2026-10-04 02:45+11:00"] as &[&str],
        ),
        // Midnight is left out.
        (
            "America/Havana",
            "00:30-02:00",
            "2026-03-07T20:00Z",
            "2026-03-08T20:00Z",
            &["2026-03-08 01:00-04:00", "2026-03-08 02:00-04:00"],
        ),
        // The hour before midnight comes twice: there is no second day.
        (
            "Asia/Beirut",
            "22:00-24:00",
            "2025-10-25T12:00Z",
            "2025-10-26T10:00Z",
            &["2025-10-25 22:00+03:00", "2025-10-26 00:00+02:00"],
        ),
        // A whole day is left out: there was no 30 December.
        (
            "Pacific/Apia",
            "08:00-10:00",
            "2011-12-29T00:00-10",
            "2011-12-31T23:00+14",
            &[
                "2011-12-29 08:00-10:00",
                "2011-12-29 10:00-10:00",
                "2011-12-31 08:00+14:00",
                "2011-12-31 10:00+14:00",
            ],
        ),
        (
            "Asia/Kathmandu",
            "09:15-09:16",
            "2026-06-01T00:00Z",
            "2026-06-02T00:00Z",
            &["2026-06-01 09:15+05:45", "2026-06-01 09:16+05:45"],
        ),
        // Summer time is over for the month of fasting.
        (
            "Africa/Casablanca",
            "02:10-02:20",
            "2026-02-14T12:00Z",
            "2026-02-15T12:00Z",
            &[
                "2026-02-15 02:10+01:00",
                "2026-02-15 02:20+01:00",
                "2026-02-15 02:10+00:00",
                "2026-02-15 02:20+00:00",
            ],
        ),
        // Two hours are left out, at the southern end.
        (
            "Antarctica/Troll",
            "01:30-03:30",
            "2026-03-28T12:00Z",
            "2026-03-29T12:00Z",
            &["2026-03-29 03:00+02:00", "2026-03-29 03:30+02:00"],
        ),
    ] {
        assert_eq!(changes(&daily(zone, text), from, until), expected, "{zone}");
    }
}

#[test]
fn holidays_and_leap_days() {
    let hours = hours(json!({
        "time_zone": "America/New_York",
        "week": { "mon": spans("09:00-17:00"), "tue": spans("09:00-17:00"), "thu": spans("09:00-17:00") },
        "holidays": [
            { "date": "2028-02-29" },
            { "date": "2028-02-27", "name": "Sale", "spans": spans("10:00-11:00 11:00-12:00") },
            { "date": "2028-02-28", "spans": spans("23:00-24:00") },
        ],
    }));
    assert_eq!(
        changes(&hours, "2028-02-26T12:00Z", "2028-03-03T12:00Z"),
        [
            "2028-02-27 10:00-05:00",
            "2028-02-27 12:00-05:00",
            "2028-02-28 23:00-05:00",
            "2028-02-29 00:00-05:00",
            "2028-03-02 09:00-05:00",
            "2028-03-02 17:00-05:00",
        ],
    );
    let ordinary = daily("America/New_York", "09:00-10:00");
    assert_eq!(ordinary.between(at("2028-02-28T00:00-05"), at("2028-03-01T00:00-05")), minutes(120));
    assert_eq!(ordinary.between(at("2027-02-28T00:00-05"), at("2027-03-01T00:00-05")), minutes(60));
}

#[test]
fn what_goes_past_midnight_is_one_opening() {
    let bar = hours(json!({
        "time_zone": "Europe/Lisbon",
        "week": { "fri": spans("18:00-24:00"), "sat": spans("00:00-02:00 18:00-24:00"), "sun": spans("00:00-02:00") },
    }));
    assert_eq!(
        changes(&bar, "2026-11-20T12:00Z", "2026-11-27T12:00Z"),
        [
            "2026-11-20 18:00+00:00",
            "2026-11-21 02:00+00:00",
            "2026-11-21 18:00+00:00",
            "2026-11-22 02:00+00:00"
        ],
    );
    assert_eq!(bar.add(at("2026-11-20T23:00Z"), minutes(121)), Some(at("2026-11-21T01:01Z")));
}

#[test]
fn always_and_never() {
    let now = at("2026-11-20T12:00Z");
    for (json, open) in [
        (json!({ "time_zone": "UTC", "always": true }), true),
        (json!({ "time_zone": "Europe/Berlin", "always": true }), true),
        (json!({ "time_zone": "UTC", "week": {} }), false),
        (
            json!({ "time_zone": "Europe/Berlin", "week": { "mon": [] }, "holidays": [{ "date": "2026-11-20" }] }),
            false,
        ),
    ] {
        let hours = hours(json);
        assert_eq!(hours.constant, Some(open));
        assert_eq!((hours.is_open(now), hours.next_change(now)), (open, None));
        let hour = open.then(|| now.plus(minutes(60)));
        assert_eq!(hours.add(now, minutes(60)), hour);
        assert_eq!(
            hours.between(now, now.plus(minutes(60))),
            if open { minutes(60) } else { Duration::ZERO }
        );
    }
    let but = hours(json!({ "time_zone": "UTC", "always": true, "holidays": [{ "date": "2026-12-25" }] }));
    assert_eq!(
        changes(&but, "2026-11-20T12:00Z", "2036-01-01T00:00Z"),
        ["2026-12-25 00:00+00:00", "2026-12-26 00:00+00:00"],
    );
    let all_week = daily("Europe/Berlin", "00:00-12:00 12:00-24:00");
    assert_eq!((all_week.constant, all_week.next_change(now)), (None, None));
}

#[test]
fn once_and_far_away() {
    let only = |date: &str| {
        let day = json!({ "date": date, "spans": spans("10:00-11:00") });
        hours(json!({ "time_zone": "UTC", "week": {}, "holidays": [day] }))
    };
    let now = at("2026-11-20T12:00Z");
    assert_eq!(only("2036-11-19").next_change(now), Some(at("2036-11-19T10:00Z")));
    assert_eq!(only("2036-11-19").add(now, minutes(60)), Some(at("2036-11-19T11:00Z")));
    assert_eq!(only("2036-11-19").add(now, minutes(61)), None);
    for date in ["2037-01-01", "9999-12-31", "2026-11-19", "0000-01-01"] {
        assert_eq!(only(date).next_change(now), None, "{date}");
        assert_eq!(only(date).add(now, minutes(1)), None, "{date}");
    }
}

#[test]
fn years_of_holidays() {
    let first = at("2026-11-23T00:00Z");
    let mondays: Vec<_> = (0..200)
        .map(|week| timestamp(first.get() + week * 7 * DAY).strftime("%F").to_string())
        .map(|date| json!({ "date": date }))
        .collect();
    let week = json!({ "mon": spans("09:00-17:00") });
    let hours = hours(json!({ "time_zone": "UTC", "week": week, "holidays": mondays }));
    let opens = UtcMillis::new(first.get() + 200 * 7 * DAY + 9 * 60 * MINUTE);
    assert_eq!(hours.next_change(first), Some(opens));
    assert_eq!(hours.add(first, minutes(1)), Some(opens.plus(minutes(1))));
    assert_eq!(hours.between(first, opens.plus(minutes(5))), minutes(5));
}

#[test]
fn due_times() {
    let office = office();
    // Friday 20 November 2026.
    for (from, after, due) in [
        ("2026-11-20T09:00+01", 0, "2026-11-20T09:00+01"),
        ("2026-11-21T03:00+01", 0, "2026-11-21T03:00+01"),
        ("2026-11-20T09:00+01", 60, "2026-11-20T10:00+01"),
        ("2026-11-20T17:00+01", 30, "2026-11-20T17:30+01"),
        ("2026-11-20T17:00+01", 31, "2026-11-23T09:01+01"),
        ("2026-11-20T17:30+01", 1, "2026-11-23T09:01+01"),
        ("2026-11-21T12:00+01", 60, "2026-11-23T10:00+01"),
        ("2026-11-20T06:00+01", 510, "2026-11-20T17:30+01"),
        ("2026-11-20T06:00+01", 511, "2026-11-23T09:01+01"),
        ("2026-11-20T09:00+01", 5 * 510, "2026-11-26T17:30+01"),
        // Over the change of the clocks.
        ("2026-03-27T17:00+01", 60, "2026-03-30T09:30+02"),
        ("2026-10-23T17:00+02", 60, "2026-10-26T09:30+01"),
        // A year of business.
        ("2026-01-01T00:00+01", 261 * 510, "2026-12-31T17:30+01"),
    ] {
        assert_eq!(office.add(at(from), minutes(after)), Some(at(due)), "{from} + {after}");
        if after > 0 {
            assert_eq!(office.between(at(from), at(due)), minutes(after), "{from} to {due}");
        }
    }
}

#[test]
fn times_that_no_calendar_has() {
    let hours = [office(), daily("America/Sao_Paulo", "00:00-24:00"), daily("UTC", "12:00-13:00")];
    let times =
        [i64::MIN, i64::MIN + 1, -377_705_116_800_001, 0, 253_402_300_800_000, i64::MAX - 1, i64::MAX];
    for hours in &hours {
        for now in times.map(UtcMillis::new) {
            let _ = hours.is_open(now);
            assert!(hours.next_change(now).is_none_or(|next| next > now));
            assert!(hours.add(now, minutes(60)).is_none_or(|due| due > now));
            assert_eq!(hours.add(now, Duration::MAX), None);
            assert_eq!(hours.add(now, Duration::from_millis(i64::MAX as u64)), None);
            for until in times.map(UtcMillis::new) {
                assert!(hours.between(now, until) <= Duration::from_millis(HORIZON as u64));
            }
        }
    }
    let (early, late) = (at("2026-11-20T09:00Z"), at("2026-11-20T10:00Z"));
    assert_eq!(hours[0].between(late, early), Duration::ZERO);
    assert_eq!(hours[0].between(late, late), Duration::ZERO);
}

#[test]
fn time_zones_are_those_of_the_binary() {
    let check = |zone: &str| {
        let hours = json!({ "time_zone": zone, "always": true });
        Hours::check(serde_json::from_value(hours).unwrap()).map(|(hours, _)| hours.time_zone)
    };
    for (given, kept) in [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("UTC", "UTC"),
        ("Etc/GMT+5", "Etc/GMT+5"),
        ("Asia/Calcutta", "Asia/Calcutta"),
        ("Asia/Kolkata", "Asia/Kolkata"),
        ("America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
    ] {
        assert_eq!(check(given).unwrap(), kept);
    }
    for bad in [
        "Mars/Olympus",
        "Berlin",
        "+02:00",
        "CET-1CEST",
        "Etc/Unknown",
        "../UTC",
        "localtime",
        "Europe/",
        "🕰",
    ] {
        let faults = check(bad).unwrap_err();
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].field, "hours.time_zone", "{bad}");
    }
}
