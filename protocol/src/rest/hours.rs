//! Opening hours, as admins write them: local times of a week, and the days that differ.

use std::{collections::BTreeMap, fmt};

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{FieldError, limits, optional_line};

/// When a site is open, by the clock on its wall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct OpeningHours {
    /// The IANA name of the time zone, such as `Europe/Berlin`.
    #[cfg_attr(test, schemars(length(min = 1, max = limits::TIME_ZONE_CHARS)))]
    pub time_zone: String,
    /// Open day and night, but for the holidays; then there is no `week`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(test, ts(as = "Option<bool>"))]
    pub always: bool,
    /// The hours of each day; closed on a day that is not named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(extend("propertyNames" = { "enum": Weekday::ALL })))]
    pub week: Option<BTreeMap<Weekday, Vec<TimeSpan>>>,
    /// The days that differ from the week.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<Vec<Holiday>>"))]
    #[cfg_attr(test, schemars(length(max = limits::HOLIDAYS)))]
    pub holidays: Vec<Holiday>,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
// Read as a text, so that a fault behind it can be named: enums as keys of a map are not told.
#[serde(rename_all = "snake_case", try_from = "String")]
#[cfg_attr(test, schemars(!try_from))]
pub enum Weekday {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

impl Weekday {
    /// Every day, from Monday.
    pub const ALL: [Self; 7] = [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mon => "mon",
            Self::Tue => "tue",
            Self::Wed => "wed",
            Self::Thu => "thu",
            Self::Fri => "fri",
            Self::Sat => "sat",
            Self::Sun => "sun",
        }
    }
}

impl TryFrom<String> for Weekday {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|day| day.as_str() == word)
            .ok_or_else(|| format!("must name days as {}", Self::ALL.map(Self::as_str).join(", ")))
    }
}

/// Open from one time to another of the same day. What goes past midnight is two spans: up to `24:00`, and from
/// `00:00` of the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct TimeSpan {
    /// Open from then on.
    pub from: TimeOfDay,
    /// Closed from then on.
    pub to: TimeOfDay,
}

/// A day that differs from the week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct Holiday {
    /// The day.
    pub date: LocalDate,
    /// What the team calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::HOLIDAY_NAME_CHARS)))]
    pub name: Option<String>,
    /// Open then all the same; closed all day without.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<Vec<TimeSpan>>"))]
    #[cfg_attr(test, schemars(length(max = limits::SPANS_A_DAY)))]
    pub spans: Vec<TimeSpan>,
}

/// A time of the clock on the wall, to the minute: `09:00`. `24:00` is the end of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(type = "string"))]
#[cfg_attr(test, schemars(extend("pattern" = "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", "examples" = ["09:00"])))]
pub struct TimeOfDay(#[cfg_attr(test, schemars(with = "String"))] u16);

impl TimeOfDay {
    /// The end of the day.
    pub const END: Self = Self(24 * 60);

    /// From minutes since midnight, at most 24 hours of them.
    pub const fn from_minutes(minutes: u16) -> Option<Self> {
        if minutes <= Self::END.0 { Some(Self(minutes)) } else { None }
    }

    /// Minutes since midnight by the clock on the wall.
    pub const fn minutes(self) -> u16 {
        self.0
    }

    fn parse(text: &str) -> Option<Self> {
        let (hours, minutes) = text.split_once(':')?;
        let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
        (minutes < 60).then(|| Self::from_minutes(hours * 60 + minutes))?
    }
}

/// So many digits and nothing else.
fn digits(text: &str, length: usize) -> Option<u16> {
    (text.len() == length && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("must be a time like 09:00, up to 24:00"))
    }
}

/// A day of the calendar: `2026-12-25`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(type = "string"))]
#[cfg_attr(test, schemars(extend("format" = "date")))]
pub struct LocalDate(#[cfg_attr(test, schemars(with = "String"))] Date);

impl LocalDate {
    /// Days since 1970-01-01.
    pub fn days_since_epoch(self) -> i64 {
        self.0.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        let small = |part| digits(part, 2).and_then(|part| i8::try_from(part).ok());
        let year = i16::try_from(digits(year, 4)?).ok()?;
        Date::new(year, small(month)?, small(day)?).ok().map(Self)
    }
}

impl fmt::Display for LocalDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Serialize for LocalDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LocalDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("must be a day like 2026-12-25"))
    }
}

/// So many faults are told at once; whoever made more has made the same one often.
const FAULTS: usize = 20;

impl OpeningHours {
    /// The same, its names trimmed and its holidays in order, or every fault by the name of its field. Whether there is
    /// such a time zone is not known here.
    ///
    /// # Errors
    /// The faults: a limit passed, spans that are empty, out of order or overlapping, a day named twice.
    pub fn checked(mut self) -> Result<Self, Vec<FieldError>> {
        let mut faults = Vec::new();
        let mut fault = |field: String, message: String| faults.push(FieldError { field, message });
        match optional_line(Some(&self.time_zone), limits::TIME_ZONE_CHARS) {
            Ok(Some(name)) => self.time_zone = name,
            Ok(None) => fault("hours.time_zone".into(), "is missing".into()),
            Err(invalid) => fault("hours.time_zone".into(), invalid.0),
        }
        match (self.always, &self.week) {
            (true, Some(_)) => fault("hours.week".into(), "must not be there when always is true".into()),
            (false, None) => fault("hours.week".into(), "is missing: name the days, or say always".into()),
            (true, None) | (false, Some(_)) => {}
        }
        for (day, spans) in self.week.iter().flatten() {
            check_spans(&format!("hours.week.{}", day.as_str()), spans, &mut fault);
        }
        if self.holidays.len() > limits::HOLIDAYS {
            fault(
                "hours.holidays".into(),
                format!("has {} days; the limit is {}", self.holidays.len(), limits::HOLIDAYS),
            );
        } else {
            check_holidays(&mut self.holidays, &mut fault);
        }
        if !faults.is_empty() {
            faults.truncate(FAULTS);
            return Err(faults);
        }
        if let Some(week) = &mut self.week {
            week.retain(|_, spans| !spans.is_empty());
        }
        self.holidays.sort_by_key(|holiday| holiday.date);
        Ok(self)
    }
}

fn check_holidays(holidays: &mut [Holiday], fault: &mut impl FnMut(String, String)) {
    let mut seen = BTreeMap::new();
    for (at, holiday) in holidays.iter_mut().enumerate() {
        let field = |part: &str| format!("hours.holidays[{at}].{part}");
        if let Some(first) = seen.insert(holiday.date, at) {
            fault(field("date"), format!("is the same day as that of hours.holidays[{first}]"));
        }
        match optional_line(holiday.name.as_deref(), limits::HOLIDAY_NAME_CHARS) {
            Ok(name) => holiday.name = name,
            Err(invalid) => fault(field("name"), invalid.0),
        }
        check_spans(&field("spans"), &holiday.spans, fault);
    }
}

fn check_spans(field: &str, spans: &[TimeSpan], fault: &mut impl FnMut(String, String)) {
    if spans.len() > limits::SPANS_A_DAY {
        fault(field.to_owned(), format!("has {} spans; the limit is {}", spans.len(), limits::SPANS_A_DAY));
        return;
    }
    let mut before: Option<TimeOfDay> = None;
    for (at, span) in spans.iter().enumerate() {
        if let Some(end) = before.filter(|end| span.from < *end) {
            fault(
                format!("{field}[{at}].from"),
                format!("must not be before {end}, the end of the span before it"),
            );
        } else if span.to <= span.from {
            fault(format!("{field}[{at}].to"), format!("must be after {}", span.from));
        }
        before = Some(before.map_or(span.to, |end| end.max(span.to)));
    }
}
