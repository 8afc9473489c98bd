//! Opening hours: how they are written, and what is refused.

use proptest::{collection::vec, prelude::*};
use protocol::rest::{LocalDate, OpeningHours, TimeOfDay, Weekday};
use serde_json::{Value, json};

use crate::samples::wire;

pub(crate) fn hours_json() -> Value {
    json!({
        "time_zone": "Europe/Berlin",
        "week": { "mon": [{ "from": "09:00", "to": "12:00" }, { "from": "12:30", "to": "24:00" }] },
        "holidays": [
            { "date": "2026-12-24", "name": "Christmas Eve", "spans": [{ "from": "09:00", "to": "12:00" }] },
            { "date": "2026-12-25" },
        ],
    })
}

pub(crate) fn hours() -> OpeningHours {
    serde_json::from_value(hours_json()).unwrap()
}

/// The fields at fault, with what is said of each.
fn faults(hours: Value) -> Vec<(String, String)> {
    let hours: OpeningHours = serde_json::from_value(hours).unwrap();
    hours.checked().unwrap_err().into_iter().map(|fault| (fault.field, fault.message)).collect()
}

fn fields(hours: Value) -> Vec<String> {
    faults(hours).into_iter().map(|(field, _)| field).collect()
}

fn week(week: &Value) -> Value {
    json!({ "time_zone": "Europe/Berlin", "week": week })
}

fn holidays(holidays: &Value) -> Value {
    json!({ "time_zone": "Europe/Berlin", "always": true, "holidays": holidays })
}

#[test]
fn as_they_go_over_the_line() {
    wire(&hours(), hours_json());
    let always = json!({ "time_zone": "UTC", "always": true });
    wire(&serde_json::from_value::<OpeningHours>(always.clone()).unwrap(), always);
    let never = json!({ "time_zone": "UTC", "week": {} });
    wire(&serde_json::from_value::<OpeningHours>(never.clone()).unwrap(), never);
}

#[test]
fn times_of_day() {
    for (text, minutes) in [("00:00", 0), ("09:05", 545), ("23:59", 1439), ("24:00", 1440)] {
        let time: TimeOfDay = serde_json::from_value(json!(text)).unwrap();
        assert_eq!((time.minutes(), time.to_string()), (minutes, text.to_owned()));
        assert_eq!(TimeOfDay::from_minutes(minutes), Some(time));
    }
    assert_eq!(TimeOfDay::from_minutes(1441), None);
    for bad in
        ["", "9:00", "09:0", "09:60", "24:01", "25:00", "0900", "09:00:00", "+9:00", "٠٩:٠٠", "9am", "-1:00"]
    {
        let refused = serde_json::from_value::<TimeOfDay>(json!(bad)).unwrap_err().to_string();
        assert!(refused.contains("09:00"), "{bad:?}: {refused}");
    }
    assert!(serde_json::from_value::<TimeOfDay>(json!(9)).is_err());
}

#[test]
fn days_of_the_calendar() {
    for (text, days) in [
        ("1970-01-01", 0),
        ("1969-12-31", -1),
        ("2000-02-29", 11_016),
        ("2026-12-25", 20_812),
        ("2100-03-01", 47_541),
        ("0000-01-01", -719_528),
        ("9999-12-31", 2_932_896),
    ] {
        let date: LocalDate = serde_json::from_value(json!(text)).unwrap();
        assert_eq!((date.days_since_epoch(), date.to_string()), (days, text.to_owned()));
    }
    for bad in [
        "",
        "2026-2-1",
        "2026-02-30",
        "2100-02-29",
        "2026-13-01",
        "2026-00-01",
        "20261225",
        "2026-12-25T00:00",
        "25.12.2026",
        "-026-12-25",
    ] {
        let refused = serde_json::from_value::<LocalDate>(json!(bad)).unwrap_err().to_string();
        assert!(refused.contains("2026-12-25"), "{bad:?}: {refused}");
    }
}

#[test]
fn what_is_taken_is_put_in_order() {
    let given = json!({
        "time_zone": " Europe/Berlin ",
        "week": { "tue": [], "mon": [{ "from": "09:00", "to": "12:00" }, { "from": "12:00", "to": "13:00" }] },
        "holidays": [{ "date": "2026-12-26", "name": " " }, { "date": "2026-12-25", "name": " Christmas " }],
    });
    let checked = serde_json::from_value::<OpeningHours>(given).unwrap().checked().unwrap();
    wire(
        &checked,
        json!({
            "time_zone": "Europe/Berlin",
            "week": { "mon": [{ "from": "09:00", "to": "12:00" }, { "from": "12:00", "to": "13:00" }] },
            "holidays": [{ "date": "2026-12-25", "name": "Christmas" }, { "date": "2026-12-26" }],
        }),
    );
    assert_eq!(hours().checked().unwrap(), hours());
}

#[test]
fn refusals_name_the_field_and_the_limit() {
    let span = |from: &str, to: &str| json!({ "from": from, "to": to });
    let nine_to_five = span("09:00", "17:00");
    for (spans, field, words) in [
        (json!([span("09:00", "09:00")]), "hours.week.mon[0].to", "after 09:00"),
        (json!([span("22:00", "02:00")]), "hours.week.mon[0].to", "after 22:00"),
        (json!([nine_to_five, span("16:59", "18:00")]), "hours.week.mon[1].from", "before 17:00"),
        (json!([nine_to_five, span("06:00", "08:00")]), "hours.week.mon[1].from", "before 17:00"),
        (json!([nine_to_five, nine_to_five]), "hours.week.mon[1].from", "before 17:00"),
        (json!([span("24:00", "24:00")]), "hours.week.mon[0].to", "after 24:00"),
        (json!(vec![nine_to_five; 7]), "hours.week.mon", "limit is 6"),
    ] {
        let found = faults(week(&json!({ "mon": spans })));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].0 == field && found[0].1.contains(words), "{found:?}");
        let of_a_holiday = faults(holidays(&json!([{ "date": "2026-12-25", "spans": spans }])));
        assert_eq!(of_a_holiday[0].0, field.replace("week.mon", "holidays[0].spans"));
    }
    assert_eq!(fields(json!({ "time_zone": "UTC" })), ["hours.week"]);
    assert_eq!(fields(json!({ "time_zone": "UTC", "always": true, "week": {} })), ["hours.week"]);
    assert_eq!(fields(json!({ "time_zone": " ", "always": true })), ["hours.time_zone"]);
    assert_eq!(fields(json!({ "time_zone": "x".repeat(65), "always": true })), ["hours.time_zone"]);
    assert_eq!(fields(json!({ "time_zone": "a\nb", "always": true })), ["hours.time_zone"]);
    let day = json!({ "date": "2026-12-25" });
    assert_eq!(fields(holidays(&json!([day, { "date": "2026-12-24" }, day]))), ["hours.holidays[2].date"]);
    assert_eq!(
        fields(holidays(&json!([{ "date": "2026-12-25", "name": "x".repeat(61) }]))),
        ["hours.holidays[0].name"]
    );
    let found = faults(holidays(&json!(vec![day.clone(); 201])));
    assert!(
        found.len() == 1 && found[0].0 == "hours.holidays" && found[0].1.contains("limit is 200"),
        "{found:?}"
    );
    assert_eq!(fields(holidays(&json!(vec![day; 200]))).len(), 20, "not every one of many is told");
}

#[test]
fn a_misspelt_day_is_not_a_closed_one() {
    let refused =
        serde_json::from_value::<OpeningHours>(week(&json!({ "monday": [] }))).unwrap_err().to_string();
    assert!(refused.contains("mon, tue"), "{refused}");
}

fn any_spans() -> impl Strategy<Value = Value> {
    let time = (0..=25_u16, 0..=60_u16).prop_map(|(hour, minute)| format!("{hour:02}:{minute:02}"));
    vec((time.clone(), time).prop_map(|(from, to)| json!({ "from": from, "to": to })), 0..8)
        .prop_map(Value::from)
}

proptest! {
    #[test]
    fn any_time_and_day_is_written_as_it_was_read(time in "[0-9:+ ]{4,6}", date in "[0-9]{3,5}-[0-1][0-9]-[0-3][0-9]") {
        if let Ok(read) = serde_json::from_value::<TimeOfDay>(json!(time)) {
            prop_assert_eq!(read.to_string(), time);
        }
        if let Ok(read) = serde_json::from_value::<LocalDate>(json!(date)) {
            prop_assert_eq!(read.to_string(), date);
        }
    }

    /// What is taken keeps the limits, and checking it again changes nothing; what is not is told by its fields.
    #[test]
    fn any_hours_are_checked_once(days in vec((0..7_usize, any_spans()), 0..8), holidays in vec((1..32_u8, any_spans()), 0..4)) {
        let week: serde_json::Map<_, _> =
            days.into_iter().map(|(day, spans)| (Weekday::ALL[day].as_str().to_owned(), spans)).collect();
        let holidays: Vec<_> = holidays
            .into_iter()
            .map(|(day, spans)| json!({ "date": format!("2026-12-{day:02}"), "spans": spans }))
            .collect();
        let given = json!({ "time_zone": "UTC", "week": week, "holidays": holidays });
        let Ok(hours) = serde_json::from_value::<OpeningHours>(given) else { return Ok(()) };
        match hours.checked() {
            Ok(hours) => {
                let week = hours.week.iter().flat_map(|week| week.values());
                for spans in week.chain(hours.holidays.iter().map(|holiday| &holiday.spans)) {
                    prop_assert!(spans.len() <= 6 && spans.iter().all(|span| span.from < span.to));
                    prop_assert!(spans.windows(2).all(|pair| pair[0].to <= pair[1].from));
                }
                prop_assert!(hours.holidays.windows(2).all(|pair| pair[0].date < pair[1].date));
                prop_assert_eq!(hours.clone().checked(), Ok(hours));
            }
            Err(faults) => {
                prop_assert!((1..=20).contains(&faults.len()));
                prop_assert!(faults.iter().all(|fault| fault.field.starts_with("hours.")));
            }
        }
    }
}
