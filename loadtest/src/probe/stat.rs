//! `/proc/PID/stat`, and who descends from whom.

use std::{collections::HashMap, fs, time::Duration};

/// `stat` counts in hundredths of a second on every Linux, whatever the kernel's own tick is.
pub(super) const TICK: Duration = Duration::from_millis(10);

/// One line of `/proc/PID/stat`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stat {
    pub(super) parent: u32,
    /// User and system time of all its threads, ended ones too.
    pub(super) own: Duration,
    /// The same of all children that it waited for.
    pub(super) reaped: Duration,
    /// When it began, in ticks: with the id, the name of a process that no later one shares.
    pub(super) began: u64,
    /// Resident memory, in pages.
    pub(super) resident_pages: u64,
}

impl Stat {
    /// Of a process that is there, or was until it is waited for.
    pub(super) fn of(pid: u32) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    fn parse(line: &str) -> Option<Self> {
        // The name stands in parentheses and may hold anything, parentheses and spaces too.
        let (_, rest) = line.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        // Numbered from 1 in proc(5), where the first of these is the third.
        let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
        let ticks = |a: usize, b: usize| Some(TICK * u32::try_from(field(a)? + field(b)?).ok()?);
        Some(Self {
            parent: field(4)?.try_into().ok()?,
            own: ticks(14, 15)?,
            reaped: ticks(16, 17)?,
            began: field(22)?,
            resident_pages: field(24)?,
        })
    }
}

/// All processes that may be seen.
pub(super) fn all() -> HashMap<u32, Stat> {
    let Ok(entries) = fs::read_dir("/proc") else { return HashMap::new() };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|pid| Some((pid, Stat::of(pid)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_hold_anything() {
        let line = "4242 (a) b (c) S 17 4242 17 0 -1 4194560 1 2 3 4 150 50 25 5 20 0 3 0 98765 1000 321 0 0";
        let stat = Stat::parse(line).unwrap();
        assert_eq!(
            stat,
            Stat {
                parent: 17,
                own: Duration::from_secs(2),
                reaped: Duration::from_millis(300),
                began: 98765,
                resident_pages: 321
            }
        );
    }

    #[test]
    fn what_is_cut_short_is_nothing() {
        assert_eq!(Stat::parse("1 (init) S 0 1"), None);
        assert_eq!(Stat::parse(""), None);
    }
}
