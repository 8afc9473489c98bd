//! Opening hours, ready to be asked: is it open, when does that change, and when is so much time of business over.
//!
//! Open is whatever the clock on the wall says: a span that lies in the hour that is left out when the clocks go forward
//! does not happen that day, and one in the hour that comes twice happens twice.

mod openings;

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, ops::Range, sync::LazyLock, time::Duration};

use jiff::{
    Timestamp,
    tz::{TimeZone, TimeZoneDatabase},
};
use protocol::{
    FieldError, UtcMillis,
    rest::{OpeningHours, TimeOfDay, TimeSpan, Weekday},
};

use openings::Openings;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
const WHOLE_DAY: Range<i64> = 0..DAY;

/// How far ahead is looked. Nobody plans further, and a site that opens on a single day of another century must not
/// cost more than one that never does.
const HORIZON: i64 = 3_653 * DAY;

/// The zones that are in the binary: those of the system may be old, or missing.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Milliseconds of the wall's day, in order, not overlapping.
type Spans = Box<[Range<i64>]>;

/// Opening hours, compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours {
    zone: TimeZone,
    /// From Monday.
    week: [Spans; 7],
    /// By days since 1970-01-01.
    holidays: BTreeMap<i64, Spans>,
    /// All days are alike: always open, or never.
    constant: Option<bool>,
}

impl Hours {
    /// Checks opening hours and makes them ready; `hours` are then as they are to be stored.
    ///
    /// # Errors
    /// The faults, by the name of the field.
    pub fn check(hours: OpeningHours) -> Result<(OpeningHours, Self), Vec<FieldError>> {
        let mut hours = hours.checked()?;
        let compiled = Self::compile(&hours).map_err(|fault| vec![fault])?;
        if let Some(name) = compiled.zone.iana_name() {
            name.clone_into(&mut hours.time_zone);
        }
        Ok((hours, compiled))
    }

    /// Makes checked opening hours ready.
    ///
    /// # Errors
    /// There is no such time zone.
    pub fn compile(hours: &OpeningHours) -> Result<Self, FieldError> {
        let zone = ZONES.get(&hours.time_zone).ok().filter(|zone| !zone.is_unknown());
        let zone = zone.ok_or_else(|| FieldError {
            field: "hours.time_zone".to_owned(),
            message: "is not the name of a time zone; one is Europe/Berlin".to_owned(),
        })?;
        let week = Weekday::ALL.map(|day| match &hours.week {
            _ if hours.always => Spans::from([WHOLE_DAY]),
            Some(week) => week.get(&day).map(|spans| compile(spans)).unwrap_or_default(),
            None => Spans::default(),
        });
        let holidays: BTreeMap<_, _> = hours
            .holidays
            .iter()
            .map(|holiday| (holiday.date.days_since_epoch(), compile(&holiday.spans)))
            .collect();
        let mut days = week.iter().chain(holidays.values());
        let constant = if days.clone().all(|spans| spans.is_empty()) {
            Some(false)
        } else {
            days.all(|spans| **spans == [WHOLE_DAY]).then_some(true)
        };
        Ok(Self { zone, week, holidays, constant })
    }

    /// Whether it is open.
    pub fn is_open(&self, now: UtcMillis) -> bool {
        let now = in_calendar(now.get());
        let local = now + self.offset(now);
        let time = local.rem_euclid(DAY);
        self.on(local.div_euclid(DAY)).iter().any(|span| span.contains(&time))
    }

    /// When it closes, if it is open, or opens, if it is closed; `None` if it does not within ten years.
    pub fn next_change(&self, now: UtcMillis) -> Option<UtcMillis> {
        if self.constant.is_some() {
            return None;
        }
        let now = now.get();
        let mut openings = self.openings(now, now.saturating_add(HORIZON));
        let first = openings.next()?;
        if first.start > now {
            return Some(UtcMillis::new(first.start));
        }
        let mut closes = first.end;
        for next in openings {
            if next.start > closes {
                break;
            }
            closes = next.end;
        }
        (closes < now.saturating_add(HORIZON)).then(|| UtcMillis::new(closes))
    }

    /// When so much time of business, counted from `from`, is over: at closing time rather than at the next opening.
    /// `None` if it is not within ten years.
    pub fn add(&self, from: UtcMillis, duration: Duration) -> Option<UtcMillis> {
        let mut left = i64::try_from(duration.as_millis()).ok()?;
        if left == 0 {
            return Some(from);
        }
        for open in self.openings(from.get(), from.get().saturating_add(HORIZON)) {
            let length = open.end - open.start;
            if left <= length {
                return Some(UtcMillis::new(open.start + left));
            }
            left -= length;
        }
        None
    }

    /// How much time of business there is from `from` until `until`; of more than ten years, that of the first ten.
    pub fn between(&self, from: UtcMillis, until: UtcMillis) -> Duration {
        let until = until.get().min(from.get().saturating_add(HORIZON));
        let open: i64 = self.openings(from.get(), until).map(|open| open.end - open.start).sum();
        Duration::from_millis(u64::try_from(open).unwrap_or(0))
    }

    /// The stretches of time within these in which it is open, in order. Two may touch.
    fn openings(&self, from: i64, until: i64) -> Openings<'_> {
        Openings::new(self, in_calendar(from), in_calendar(until))
    }

    /// The spans of a day, counted since 1970-01-01.
    fn on(&self, day: i64) -> &[Range<i64>] {
        self.holidays.get(&day).unwrap_or_else(|| {
            // 1970-01-01 was a Thursday.
            let weekday = (day + 3).rem_euclid(7);
            &self.week[usize::try_from(weekday).unwrap_or(0)]
        })
    }

    /// How far the clock on the wall is ahead of UTC.
    fn offset(&self, at: i64) -> i64 {
        i64::from(self.zone.to_offset(timestamp(at)).seconds()) * 1_000
    }

    /// When the clock on the wall is next changed.
    fn next_offset(&self, at: i64) -> i64 {
        let next = self.zone.following(timestamp(at)).next();
        next.map_or(i64::MAX, |transition| transition.timestamp().as_millisecond())
    }
}

fn compile(spans: &[TimeSpan]) -> Spans {
    let millis = |time: TimeOfDay| i64::from(time.minutes()) * MINUTE;
    spans.iter().map(|span| millis(span.from)..millis(span.to)).collect()
}

/// The calendar has ten thousand years; its ends stand for what is beyond.
fn in_calendar(at: i64) -> i64 {
    at.clamp(Timestamp::MIN.as_millisecond(), Timestamp::MAX.as_millisecond())
}

fn timestamp(at: i64) -> Timestamp {
    Timestamp::from_millisecond(at).unwrap_or_default()
}
