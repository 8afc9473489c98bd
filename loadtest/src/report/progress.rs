//! How a run is going, while it goes: a bar on a terminal, a line every few seconds elsewhere.

use std::{
    fmt,
    io::{IsTerminal, Write},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Moment, units};

/// How often a line is written where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// How often a bar is drawn anew, a second.
const DRAWN_PER_S: u8 = 10;

const TEMPLATE: &str = "{prefix:11}{bar:16} {wide_msg}";

/// What a run does at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Everybody connects.
    Connecting,
    /// Under load, before measuring.
    WarmUp,
    /// Measured.
    Measuring,
    /// Nobody says anything new; what is on its way may arrive.
    Settling,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Connecting => "connecting",
            Self::WarmUp => "warm-up",
            Self::Measuring => "measuring",
            Self::Settling => "settling",
        })
    }
}

/// Shows how a run is going, on standard error. Never fails: what cannot be shown is not.
#[derive(Debug)]
pub struct Progress {
    shown: Shown,
    phase: Phase,
    /// Of the phase, as far as is known: the most that was left of it.
    length: Duration,
}

#[derive(Debug)]
enum Shown {
    Nothing,
    Bar(ProgressBar),
    Lines { written: Option<(Phase, Instant)> },
}

impl Progress {
    /// Quiet, nothing is shown at all.
    pub fn new(quiet: bool) -> Self {
        let shown = if quiet {
            Shown::Nothing
        } else if std::io::stderr().is_terminal() {
            Shown::Bar(bar(ProgressDrawTarget::stderr_with_hz(DRAWN_PER_S)))
        } else {
            Shown::Lines { written: None }
        };
        Self { shown, phase: Phase::Connecting, length: Duration::ZERO }
    }

    /// So many connections are made of those that are wanted; so much went wrong until now.
    pub fn connecting(&mut self, made: u64, wanted: u64, errors: u64) {
        let of = format!("{} of {}{}", units::count(made), units::count(wanted), trouble(errors));
        self.show(Phase::Connecting, made, wanted, &of);
    }

    /// A slice of the run is over; so much is left of the phase, and so much went wrong until now.
    pub fn moment(&mut self, moment: &Moment, phase: Phase, left: Duration, errors: u64) {
        if phase != self.phase {
            self.length = left + Duration::try_from_secs_f64(moment.seconds).unwrap_or_default();
        }
        self.length = self.length.max(left);
        let [left_ms, length_ms] = [left, self.length].map(|time| time.as_millis() as u64);
        self.show(phase, length_ms - left_ms, length_ms, &words(moment, left, errors));
    }

    /// The run is over: nothing of this stays on a terminal.
    pub fn finish(self) {
        if let Shown::Bar(bar) = self.shown {
            bar.finish_and_clear();
        }
    }

    fn show(&mut self, phase: Phase, position: u64, length: u64, words: &str) {
        self.phase = phase;
        match &mut self.shown {
            Shown::Nothing => {}
            Shown::Bar(bar) => {
                bar.set_prefix(phase.to_string());
                bar.set_length(length);
                bar.set_position(position);
                bar.set_message(words.to_owned());
            }
            Shown::Lines { written } => {
                let now = Instant::now();
                if due(*written, phase, now) {
                    *written = Some((phase, now));
                    let _ = writeln!(std::io::stderr(), "{phase:<11}{words}");
                }
            }
        }
    }
}

fn bar(target: ProgressDrawTarget) -> ProgressBar {
    let style = ProgressStyle::with_template(TEMPLATE);
    // The template is this one: a test builds it.
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸─");
    ProgressBar::with_draw_target(Some(0), target).with_style(style)
}

/// Whether a line is to be written: at the beginning of each phase, and every few seconds within it.
fn due(written: Option<(Phase, Instant)>, phase: Phase, now: Instant) -> bool {
    written.is_none_or(|(told, at)| told != phase || now.duration_since(at) >= LINE_EVERY)
}

/// The rest of the line: short enough for 80 columns beside a bar, the most wanted first.
fn words(moment: &Moment, left: Duration, errors: u64) -> String {
    let rate = if moment.seconds > 0.0 { moment.delivered as f64 / moment.seconds } else { 0.0 };
    let p99 = match moment.p99_ms {
        Some(p99) => format!(", p99 {} ms", units::number(p99)),
        None => String::new(),
    };
    format!(
        "{} left{}, {}/s{p99}, {} on",
        units::time(left.as_secs_f64().ceil()),
        trouble(errors),
        units::number(rate.round()),
        units::count(moment.connected),
    )
}

fn trouble(errors: u64) -> String {
    if errors == 0 { String::new() } else { format!(", {}", units::counted(errors, "error", "errors")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_one() {
        assert!(ProgressStyle::with_template(TEMPLATE).is_ok());
    }

    #[test]
    fn a_line_a_phase_and_then_one_every_few_seconds() {
        let start = Instant::now();
        let written = Some((Phase::WarmUp, start));
        assert!(due(None, Phase::Connecting, start));
        assert!(!due(written, Phase::WarmUp, start + LINE_EVERY / 2));
        assert!(due(written, Phase::WarmUp, start + LINE_EVERY));
        assert!(due(written, Phase::Measuring, start));
    }

    #[test]
    fn the_line_says_what_is_going_on() {
        let moment = Moment {
            seconds: 2.0,
            connected: 1_000,
            delivered: 20_001,
            p99_ms: Some(12.34),
            ..Moment::default()
        };
        assert_eq!(
            words(&moment, Duration::from_millis(7_100), 1),
            "8 s left, 1 error, 10,001/s, p99 12.3 ms, 1,000 on"
        );
        assert_eq!(words(&Moment::default(), Duration::ZERO, 0), "0 s left, 0/s, 0 on");
    }

    #[test]
    fn a_phase_grows_to_its_end() {
        let bar = bar(ProgressDrawTarget::hidden());
        let mut progress =
            Progress { shown: Shown::Bar(bar.clone()), phase: Phase::Connecting, length: Duration::ZERO };
        progress.connecting(3, 10, 0);
        assert_eq!((bar.position(), bar.length()), (3, Some(10)));
        let moment = Moment { seconds: 1.0, ..Moment::default() };
        progress.moment(&moment, Phase::Measuring, Duration::from_secs(9), 0);
        assert_eq!((bar.position(), bar.length()), (1_000, Some(10_000)));
        progress.moment(&moment, Phase::Measuring, Duration::ZERO, 0);
        assert_eq!((bar.position(), bar.length()), (10_000, Some(10_000)));
        progress.finish();
        assert!(bar.is_finished());
    }
}
