//! From days of the wall's calendar to stretches of time.

use std::{ops::Range, slice};

use super::{DAY, Hours};

/// Walks from day to day while the clock on the wall runs evenly, and begins anew whenever it is changed. It ends at
/// `until`, so that it takes as many steps as there are days, whatever the hours.
pub(super) struct Openings<'a> {
    hours: &'a Hours,
    /// The stretch in which the offset holds.
    even: Range<i64>,
    offset: i64,
    until: i64,
    day: i64,
    spans: slice::Iter<'a, Range<i64>>,
}

impl<'a> Openings<'a> {
    pub(super) fn new(hours: &'a Hours, from: i64, until: i64) -> Self {
        let mut openings =
            Self { hours, even: from..from, offset: 0, until, day: 0, spans: Default::default() };
        openings.enter();
        openings
    }

    /// Begins the even stretch that begins where the last one ended.
    fn enter(&mut self) {
        let start = self.even.end;
        self.even = start..self.hours.next_offset(start).min(self.until);
        self.offset = self.hours.offset(start);
        self.day = (start + self.offset).div_euclid(DAY);
        self.spans = self.hours.on(self.day).iter();
    }

    /// When the day began, or would have.
    fn midnight(&self) -> i64 {
        self.day * DAY - self.offset
    }
}

impl Iterator for Openings<'_> {
    type Item = Range<i64>;

    fn next(&mut self) -> Option<Range<i64>> {
        while self.even.end > self.even.start {
            let midnight = self.midnight();
            for span in self.spans.by_ref() {
                let open =
                    (midnight + span.start).max(self.even.start)..(midnight + span.end).min(self.even.end);
                if open.start < open.end {
                    return Some(open);
                }
            }
            self.day += 1;
            if self.midnight() < self.even.end {
                self.spans = self.hours.on(self.day).iter();
            } else {
                self.enter();
            }
        }
        None
    }
}
