//! The slow truth: every minute is looked up in the calendar.

use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::json;

use super::*;

/// Zones, and a time near which something happens to their clocks.
const PLACES: &[(&str, &str)] = &[
    ("UTC", "2026-01-01T00:00Z"),
    ("Europe/Berlin", "2026-03-29T01:00Z"),
    ("Europe/Berlin", "2026-10-25T01:00Z"),
    ("Europe/Dublin", "2028-02-29T00:00Z"),
    ("America/New_York", "2026-03-08T07:00Z"),
    ("America/New_York", "2037-11-01T06:00Z"),
    ("America/St_Johns", "2006-10-29T02:31Z"),
    ("America/Havana", "2026-03-08T05:00Z"),
    ("America/Santiago", "2026-04-05T03:00Z"),
    ("America/Sao_Paulo", "2018-11-04T03:00Z"),
    ("America/Caracas", "2016-05-01T07:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T15:00Z"),
    ("Australia/Lord_Howe", "2026-10-03T15:30Z"),
    ("Antarctica/Troll", "2026-10-25T01:00Z"),
    ("Africa/Casablanca", "2026-03-22T02:00Z"),
    ("Africa/Cairo", "2026-04-23T22:00Z"),
    ("Asia/Beirut", "2025-10-25T21:00Z"),
    ("Asia/Kathmandu", "2026-05-05T05:05Z"),
    ("Asia/Pyongyang", "2018-05-04T15:00Z"),
    ("Pacific/Apia", "2011-12-30T10:00Z"),
    ("Pacific/Kiritimati", "2026-12-31T10:00Z"),
    ("Pacific/Chatham", "2040-09-29T14:00Z"),
];

const DAYS: usize = 3;

/// Spans as a day may have them: in order, touching now and then.
fn any_spans() -> impl Strategy<Value = Vec<TimeSpan>> {
    let time = prop_oneof![3 => 0..=1440_u16, 1 => select(vec![0, 30, 60, 120, 150, 180, 1380, 1440])];
    let whole = Just(vec![0, 1440]);
    prop_oneof![1 => Just(Vec::new()), 1 => whole, 4 => vec(time, 0..=8)].prop_map(|mut times| {
        times.sort_unstable();
        let time = |minutes| TimeOfDay::from_minutes(minutes).unwrap();
        let (pairs, _) = times.as_chunks::<2>();
        pairs.iter().filter(|[a, b]| a < b).map(|[a, b]| TimeSpan { from: time(*a), to: time(*b) }).collect()
    })
}

#[derive(Debug)]
struct Case {
    wire: OpeningHours,
    begin: i64,
    from: usize,
    until: usize,
}

fn any_case() -> impl Strategy<Value = Case> {
    let minutes = 0..DAYS * 1440;
    (
        select(PLACES),
        vec(any_spans(), 7),
        vec((0..DAYS as i64, any_spans()), 0..3),
        0..DAYS as i64 * 1440,
        (minutes.clone(), minutes),
    )
        .prop_map(|((zone, near), week, holidays, back, (from, until))| {
            let near: Timestamp = near.parse().unwrap();
            let begin = near.as_millisecond() - back * MINUTE;
            let mut holidays: Vec<_> = holidays
                .into_iter()
                .map(|(day, spans)| {
                    let date = timestamp(begin + day * DAY).strftime("%F").to_string();
                    json!({ "date": date, "spans": spans })
                })
                .collect();
            holidays.dedup_by(|a, b| a["date"] == b["date"]);
            holidays.sort_by_key(|holiday| holiday["date"].to_string());
            holidays.dedup_by(|a, b| a["date"] == b["date"]);
            let week: BTreeMap<_, _> = Weekday::ALL.into_iter().zip(week).collect();
            let wire = json!({ "time_zone": zone, "week": week, "holidays": holidays });
            Case { wire: serde_json::from_value(wire).unwrap(), begin, from, until }
        })
}

/// What the calendar and the clock on the wall say of one minute.
fn is_open(wire: &OpeningHours, zone: &TimeZone, at: i64) -> bool {
    let local = timestamp(at).to_zoned(zone.clone());
    let date = local.date().to_string();
    let spans = match wire.holidays.iter().find(|holiday| holiday.date.to_string() == date) {
        Some(holiday) => Some(&holiday.spans),
        None => {
            let weekday = Weekday::ALL[usize::try_from(local.weekday().to_monday_zero_offset()).unwrap()];
            wire.week.as_ref().unwrap().get(&weekday)
        }
    };
    let time = local.strftime("%H:%M").to_string();
    spans.is_some_and(|spans| {
        spans.iter().any(|span| span.from.to_string() <= time && time < span.to.to_string())
    })
}

proptest! {
    #[test]
    fn every_minute_is_as_the_calendar_says(case in any_case()) {
        let Case { wire, begin, from, until } = case;
        let (wire, hours) = Hours::check(wire).unwrap();
        let open: Vec<_> = (0..DAYS * 1440)
            .map(|minute| is_open(&wire, &hours.zone, begin + minute as i64 * MINUTE))
            .collect();
        let at = |minute: usize| UtcMillis::new(begin + minute as i64 * MINUTE);
        for (minute, open) in open.iter().enumerate() {
            prop_assert_eq!(hours.is_open(at(minute)), *open, "{}", at(minute));
            let last = UtcMillis::new(at(minute + 1).get() - 1);
            prop_assert_eq!(hours.is_open(last), *open, "{}", last);
        }

        let change = (from..open.len()).find(|minute| open[*minute] != open[from]);
        let found = hours.next_change(at(from));
        match change {
            Some(minute) => prop_assert_eq!(found, Some(at(minute))),
            None => prop_assert!(found.is_none_or(|next| next >= at(open.len()))),
        }

        let (from, until) = (from.min(until), from.max(until));
        let business = open[from..until].iter().filter(|open| **open).count();
        let duration = Duration::from_secs(60 * business as u64);
        prop_assert_eq!(hours.between(at(from), at(until)), duration);

        // The first moment at which so much is over.
        let due = hours.add(at(from), duration);
        let last = (from..until).rfind(|minute| open[*minute]);
        prop_assert_eq!(due, Some(last.map_or(at(from), |minute| at(minute + 1))));
        // And of a piece of a minute.
        if let Some(first) = (from..open.len()).find(|minute| open[*minute]) {
            let piece = Duration::from_millis(1);
            prop_assert_eq!(hours.add(at(from), piece), Some(at(first).plus(piece)));
        }
    }

    #[test]
    fn there_and_back(case in any_case(), minutes in 1..20_000_u64, piece in 0..60_000_u64) {
        let (_, hours) = Hours::check(case.wire).unwrap();
        let from = UtcMillis::new(case.begin + 1);
        let duration = Duration::from_millis(minutes * 60_000 + piece);
        if let Some(due) = hours.add(from, duration) {
            prop_assert_eq!(hours.between(from, due), duration);
            let before = UtcMillis::new(due.get() - 1);
            prop_assert_eq!(hours.between(from, before), duration - Duration::from_millis(1));
            prop_assert!(hours.is_open(before));
        }
    }
}
