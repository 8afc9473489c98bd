//! How long it may take, and when that cannot be told.

use std::time::Duration;

use hub::routing::estimate::Recent;
use protocol::UtcMillis;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
/// Long after the beginning of all that is known.
const NOW: i64 = 600 * MINUTE;

fn at(millis: i64) -> UtcMillis {
    UtcMillis::new(millis)
}

fn minutes(minutes: u64) -> Option<Duration> {
    Some(Duration::from_mins(minutes))
}

/// Each: how long ago one was taken, and how long that one had waited; in milliseconds.
fn taken(list: &[(i64, i64)]) -> Recent {
    let mut recent = Recent::since(at(0));
    for (ago, waited) in list {
        recent.taken(at(NOW - ago - waited), at(NOW - ago));
    }
    recent
}

/// So many, one every `every`, the last of them just now, while others waited all the time.
fn steady(count: i64, every: i64) -> Recent {
    let list: Vec<_> = (0..count).rev().map(|n| (n * every, 10 * MINUTE)).collect();
    taken(&list)
}

/// With a queue that has been there for ten minutes.
fn estimate(recent: &Recent, ahead: u32) -> Option<Duration> {
    recent.estimate(ahead, at(NOW - 10 * MINUTE), 3, at(NOW))
}

#[test]
fn as_fast_as_it_went_lately() {
    let one_a_minute = steady(60, MINUTE);
    for (ahead, expected) in
        [(0, 1), (1, 2), (4, 5), (9, 10), (10, 15), (14, 15), (20, 25), (30, 45), (59, 60)]
    {
        assert_eq!(estimate(&one_a_minute, ahead), minutes(expected), "{ahead} ahead");
    }
    let one_in_two_minutes = steady(30, 2 * MINUTE);
    for (ahead, expected) in [(0, 2), (1, 4), (4, 10), (5, 15), (15, 30), (16, 45)] {
        assert_eq!(estimate(&one_in_two_minutes, ahead), minutes(expected), "{ahead} ahead");
    }
}

#[test]
fn never_more_exact_than_a_minute_and_never_nothing() {
    let ten_a_minute = steady(200, 6 * SECOND);
    for (ahead, expected) in [(0, 1), (3, 1), (9, 1), (10, 2), (19, 2), (20, 3)] {
        assert_eq!(estimate(&ten_a_minute, ahead), minutes(expected), "{ahead} ahead");
    }
}

#[test]
fn the_last_quarter_of_an_hour_counts_if_enough_happened() {
    let mut list: Vec<_> = (16..60).rev().map(|n| (n * MINUTE, 5 * MINUTE)).collect();
    list.extend((0..5).rev().map(|n| (n * 3 * MINUTE, 20 * MINUTE)));
    assert_eq!(estimate(&taken(&list), 0), minutes(3), "five lately: one in three minutes");
    list.pop();
    assert_eq!(estimate(&taken(&list), 0), minutes(2), "four lately: one hour counts, with 48 of them");
}

#[test]
fn too_little_to_go_by() {
    assert_eq!(estimate(&Recent::since(at(0)), 0), None, "nothing");
    assert_eq!(estimate(&steady(4, MINUTE), 0), None, "four");
    assert!(estimate(&steady(5, MINUTE), 0).is_some(), "five");
    let long_ago: Vec<_> = (0..20).rev().map(|n| ((61 + n) * MINUTE, MINUTE)).collect();
    assert_eq!(estimate(&taken(&long_ago), 0), None, "more than an hour ago");
    let at_once: Vec<_> = (0..20).rev().map(|n| (n * MINUTE, SECOND)).collect();
    assert_eq!(estimate(&taken(&at_once), 0), None, "none of them had to wait");
}

#[test]
fn with_nobody_there_nobody_can_tell() {
    let recent = steady(60, MINUTE);
    assert_eq!(recent.estimate(0, at(NOW), 0, at(NOW)), None);
    assert_eq!(recent.estimate(0, at(NOW), 1, at(NOW)), minutes(1));
}

#[test]
fn too_long_to_be_told() {
    let recent = steady(60, MINUTE);
    assert_eq!(estimate(&recent, 119), minutes(120));
    assert_eq!(estimate(&recent, 120), None);
    assert_eq!(estimate(&recent, u32::MAX), None);
}

#[test]
fn time_in_which_nobody_waited_does_not_count() {
    // Six came in the last quarter of an hour, each alone, and waited for a minute.
    let alone: Vec<_> = (0..6).rev().map(|n| (n * 2 * MINUTE + MINUTE, MINUTE)).collect();
    let first_since = at(NOW - 10 * SECOND);
    assert_eq!(taken(&alone).estimate(0, first_since, 1, at(NOW)), minutes(2), "61⅔ seconds each");
    assert_eq!(taken(&alone).estimate(0, at(NOW), 1, at(NOW)), minutes(1));
    // Six who waited for the same minute were six in a minute.
    let together: Vec<_> = (0..6).rev().map(|n| (n, MINUTE)).collect();
    assert_eq!(
        taken(&together).estimate(5, at(NOW), 1, at(NOW)),
        minutes(2),
        "a minute and five milliseconds"
    );
    assert_eq!(taken(&together).estimate(4, at(NOW), 1, at(NOW)), minutes(1));
}

#[test]
fn it_grows_while_nobody_is_taken() {
    let recent = steady(14, MINUTE);
    let later = |minute: i64| recent.estimate(0, at(NOW), 2, at(NOW + minute * MINUTE));
    assert_eq!(later(0), minutes(2), "14 in 15 minutes: their first waited then already");
    assert_eq!(later(8), minutes(3));
    assert_eq!(later(30), minutes(4), "the hour counts now: 14 in 53 minutes");
    assert_eq!(later(61), None);
}

#[test]
fn what_was_before_it_is_known_does_not_count() {
    // A node began a minute ago, and learns of six who were taken since, in a queue that is an hour old.
    let mut recent = Recent::since(at(NOW - MINUTE));
    for n in (0..6).rev() {
        recent.taken(at(NOW - 60 * MINUTE), at(NOW - n * 9 * SECOND));
    }
    assert_eq!(recent.estimate(5, at(NOW - 60 * MINUTE), 4, at(NOW)), minutes(1));
}

#[test]
fn a_rush_is_measured_by_those_who_are_remembered() {
    // Two a second for ten minutes: more than are kept.
    let recent = steady(1_200, 500);
    assert_eq!(estimate(&recent, 119), minutes(1));
    assert_eq!(estimate(&recent, 239), minutes(2));
}

#[test]
fn more_ahead_is_never_sooner() {
    let mut random = StdRng::seed_from_u64(10);
    for _ in 0..500 {
        let mut recent = Recent::since(at(NOW - random.random_range(0..90) * MINUTE));
        for _ in 0..random.random_range(0..40) {
            let (ago, waited) = (random.random_range(0..70 * MINUTE), random.random_range(0..30 * MINUTE));
            recent.taken(at(NOW - ago - waited), at(NOW - ago));
        }
        let first = at(NOW - random.random_range(0..40 * MINUTE));
        let told: Vec<_> = (0..60).map(|ahead| recent.estimate(ahead, first, 1, at(NOW))).collect();
        let known: Vec<_> = told.iter().map_while(|told| *told).collect();
        assert!(known.is_sorted(), "{known:?}");
        assert!(told[known.len()..].iter().all(Option::is_none), "once it is too long it stays so");
        assert!(known.iter().all(|told| told.as_secs() % 60 == 0 && told.as_secs() >= 60));
    }
}

/// Chats of chance length, a line that never empties: the mean of what is told is near to what is true.
#[test]
fn it_is_about_right() {
    let mut random = StdRng::seed_from_u64(11);
    let mut told = Duration::ZERO;
    for _ in 0..400 {
        let mut recent = Recent::since(at(0));
        let mut time = NOW - 70 * MINUTE;
        while time < NOW {
            recent.taken(at(time - 12 * MINUTE), at(time));
            time += random.random_range(10 * SECOND..110 * SECOND);
        }
        told += recent.estimate(9, at(NOW - 12 * MINUTE), 3, at(NOW)).unwrap();
    }
    let mean = told.as_secs_f64() / 400.0 / 60.0;
    assert!((9.5..13.5).contains(&mean), "ten places of a minute each, rounded up: {mean} minutes");
}
