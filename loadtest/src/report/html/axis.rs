//! Where a value stands between the ends of an axis, and which values are named there.

use super::super::units;

/// An axis: a scale, and the values that are named on it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Axis {
    scale: Scale,
    /// Where from 0 to 1, and the name.
    pub(super) ticks: Vec<(f64, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Scale {
    Linear {
        from: f64,
        to: f64,
    },
    /// Of the logarithms to the base of 10.
    Log {
        from: f64,
        to: f64,
    },
    /// Percentiles, by how few are beyond: as much room from 90 to 99 as from 99 to 99.9.
    Tail {
        decades: f64,
    },
}

impl Axis {
    /// From 0 to at least this.
    pub(super) fn from_zero(largest: f64) -> Self {
        let largest = if (1e-9..1e30).contains(&largest) { largest } else { 1.0 };
        let step = round_up(largest / 3.0);
        // A little less than the next line is not worth a whole line's room.
        let lines = (largest / step - 1e-9).ceil().max(1.0);
        let scale = Scale::Linear { from: 0.0, to: step * lines };
        let ticks = (0..=lines as u32).map(|line| step * f64::from(line)).map(|value| (value, short(value)));
        Self::of(scale, ticks.collect())
    }

    /// Logarithmic, holding all these; what is not above 0 stands at the lower end.
    pub(super) fn log(values: impl Iterator<Item = f64>) -> Self {
        let (least, most) = values
            .filter(|value| value.is_finite() && *value > 0.0)
            .fold((f64::INFINITY, 0.0_f64), |(least, most), value| (least.min(value), most.max(value)));
        let (least, most) = if most > 0.0 { (least, most) } else { (1.0, 1.0) };
        let steps: Vec<f64> =
            (-9..=12).flat_map(|ten| [1.0, 2.0, 5.0].map(|step| step * 10_f64.powi(ten))).collect();
        let first = steps.iter().rposition(|step| *step <= least).unwrap_or(0);
        let last = steps.iter().position(|step| *step >= most).unwrap_or(steps.len() - 1).max(first + 1);
        let steps = &steps[first..=last.min(steps.len() - 1)];
        let scale = Scale::Log { from: steps[0].log10(), to: steps[steps.len() - 1].log10() };
        let tens = |value: &f64| (value.log10() - value.log10().round()).abs() < 1e-9;
        let named: Vec<f64> = match steps.len() {
            0..=6 => steps.to_vec(),
            _ => steps.iter().copied().filter(tens).collect(),
        };
        Self::of(scale, named.into_iter().map(|value| (value, short(value))).collect())
    }

    /// A time in seconds.
    pub(super) fn time(from: f64, to: f64) -> Self {
        const STEPS: [f64; 17] = [
            0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0, 10_800.0,
            21_600.0, 86_400.0, 172_800.0,
        ];
        let to = if to > from { to } else { from + 1.0 };
        let fits = |step: &&f64| (to - from) / **step <= 5.0;
        let step = STEPS.iter().find(fits).copied().unwrap_or_else(|| round_up((to - from) / 5.0));
        let (first, last) = ((from / step).ceil() as i64, (to / step).floor() as i64);
        let ticks = (first..=last).map(|at| at as f64 * step).map(|at| {
            let sign = if at < 0.0 { "-" } else { "" };
            (at, format!("{sign}{}", units::time(at.abs())))
        });
        Self::of(Scale::Linear { from, to }, ticks.collect())
    }

    /// Percentiles, as far as so many samples tell them apart; 100 stands at the end.
    pub(super) fn percentiles(samples: u64) -> Self {
        let decades = (samples.max(10) as f64).log10();
        let whole = decades.floor() as usize;
        let mut named = vec![0.0, 50.0];
        if whole > 3 {
            named.pop();
        }
        named.extend((1..=whole).map(|nines| 100.0 * (1.0 - 10_f64.powi(-(nines as i32)))));
        let ticks = named.into_iter().enumerate().map(|(place, value)| {
            let digits = place.saturating_sub(if whole > 3 { 2 } else { 3 });
            (value, format!("{value:.digits$}"))
        });
        Self::of(Scale::Tail { decades }, ticks.collect())
    }

    fn of(scale: Scale, ticks: Vec<(f64, String)>) -> Self {
        let mut axis = Self { scale, ticks: Vec::new() };
        axis.ticks = ticks.into_iter().map(|(value, name)| (axis.place(value), name)).collect();
        axis
    }

    /// Whether equal steps are equal ratios.
    pub(super) fn is_logarithmic(&self) -> bool {
        matches!(self.scale, Scale::Log { .. })
    }

    /// From 0 at the beginning to 1 at the end.
    pub(super) fn place(&self, value: f64) -> f64 {
        let place = match self.scale {
            Scale::Linear { from, to } => (value - from) / (to - from),
            Scale::Log { from, to } => (value.max(1e-12).log10() - from) / (to - from),
            Scale::Tail { decades } => -(1.0 - value / 100.0).max(1e-12).log10() / decades,
        };
        if place.is_nan() { 0.0 } else { place.clamp(0.0, 1.0) }
    }
}

/// Round values need no digits that are 0.
fn short(value: f64) -> String {
    let text = units::number(value);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// The next of 1, 2, 2.5, 5 times a power of ten.
fn round_up(value: f64) -> f64 {
    let ten = 10_f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0];
    steps.iter().map(|step| step * ten).find(|step| *step >= value * (1.0 - 1e-9)).unwrap_or(10.0 * ten)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, name)| name.as_str()).collect()
    }

    #[test]
    fn axes_name_round_values_within_themselves() {
        assert_eq!(names(&Axis::from_zero(10_040.0)), ["0", "5,000", "10,000", "15,000"]);
        assert_eq!(names(&Axis::from_zero(0.0)), ["0", "0.5", "1"]);
        assert_eq!(names(&Axis::log([0.9, 0.0, 14.0].into_iter())), ["0.5", "1", "2", "5", "10", "20"]);
        assert_eq!(names(&Axis::log([0.3, 450.0].into_iter())), ["1", "10", "100"]);
        assert_eq!(names(&Axis::log(std::iter::empty())), ["1", "2"]);
        assert_eq!(names(&Axis::time(-2.0, 14.0)), ["0 s", "5 s", "10 s"]);
        assert_eq!(names(&Axis::percentiles(100_000)), ["0", "90", "99", "99.9", "99.99", "99.999"]);
        assert_eq!(names(&Axis::percentiles(1_000)), ["0", "50", "90", "99", "99.9"]);
        assert_eq!(names(&Axis::percentiles(0)), ["0", "50", "90"]);
    }

    #[test]
    fn places_are_between_the_ends() {
        let tail = Axis::percentiles(10_000);
        for (value, place) in [(0.0, 0.0), (90.0, 0.25), (99.0, 0.5), (99.99, 1.0), (100.0, 1.0)] {
            assert!((tail.place(value) - place).abs() < 1e-6, "{value}: {}", tail.place(value));
        }
        for axis in [Axis::from_zero(3.0), Axis::log([1.0, 5.0].into_iter()), Axis::time(0.0, 0.0), tail] {
            for value in [-1.0, 0.0, 1e300, f64::NAN, f64::INFINITY] {
                assert!((0.0..=1.0).contains(&axis.place(value)), "{axis:?} at {value}");
            }
        }
    }
}
