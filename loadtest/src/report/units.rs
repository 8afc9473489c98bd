//! Numbers as people read them.

/// Not measured, in words.
pub(super) const NOT_MEASURED: &str = "not measured";

/// About three digits that mean something, thousands apart: `0.012`, `1.34`, `13.4`, `134`, `1,340`.
pub(super) fn number(value: f64) -> String {
    if !value.is_finite() {
        return "no number".to_owned();
    }
    let size = value.abs();
    if size >= 1e15 {
        return format!("{value:.2e}");
    }
    if size >= 99.95 || value.fract() == 0.0 {
        return grouped(value);
    }
    match size {
        // Rounding must not turn 9.996 into 10.00.
        9.995.. => format!("{value:.1}"),
        0.9995.. => format!("{value:.2}"),
        0.0005.. => format!("{value:.3}"),
        _ => "0.000".to_owned(),
    }
}

/// A number, or that it was not measured.
pub(super) fn number_or_not(value: Option<f64>) -> String {
    value.map_or_else(|| NOT_MEASURED.to_owned(), number)
}

/// A count, thousands apart.
pub(super) fn count(value: u64) -> String {
    apart(&value.to_string())
}

/// A count and its noun: `1 message`, `1,200 messages`.
pub(super) fn counted(value: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(value), if value == 1 { one } else { many })
}

/// A change in percent, with its sign.
pub(super) fn change(percent: f64) -> String {
    let sign = if percent > 0.0 { "+" } else { "" };
    if percent.abs() >= 99.95 {
        format!("{sign}{} %", grouped(percent))
    } else {
        format!("{sign}{percent:.1} %")
    }
}

/// Memory of so many KiB.
pub(super) fn memory(kib: f64) -> String {
    match kib.abs() {
        1_048_576.0.. => format!("{} GiB", number(kib / 1_048_576.0)),
        1_024.0.. => format!("{} MiB", number(kib / 1_024.0)),
        _ => format!("{} KiB", number(kib)),
    }
}

/// A length of time in two units at most: `8 s`, `2 min 5 s`, `3 h 20 min`.
pub(super) fn time(seconds: f64) -> String {
    if !(0.0..1e12).contains(&seconds) {
        return "no time".to_owned();
    }
    if seconds < 60.0 && seconds.fract() != 0.0 {
        return format!("{seconds:.1} s");
    }
    let whole = seconds.round() as u64;
    let parts = match whole {
        86_400.. => [(whole / 86_400, "d"), (whole % 86_400 / 3_600, "h")],
        3_600.. => [(whole / 3_600, "h"), (whole % 3_600 / 60, "min")],
        60.. => [(whole / 60, "min"), (whole % 60, "s")],
        _ => return format!("{whole} s"),
    };
    let told = parts.iter().filter(|(many, _)| *many > 0).map(|(many, unit)| format!("{many} {unit}"));
    told.collect::<Vec<_>>().join(" ")
}

fn grouped(value: f64) -> String {
    let digits = apart(&format!("{:.0}", value.abs()));
    if value < 0.0 && digits != "0" { format!("-{digits}") } else { digits }
}

fn apart(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_three_digits() {
        let cases = [
            (0.0, "0"),
            (0.0123, "0.012"),
            (1.337, "1.34"),
            (9.996, "10.0"),
            (13.37, "13.4"),
            (99.96, "100"),
            (1_337.4, "1,337"),
            (-1_234_567.0, "-1,234,567"),
            (7.0, "7"),
            (f64::NAN, "no number"),
            (1.5e300, "1.50e300"),
        ];
        for (value, text) in cases {
            assert_eq!(number(value), text);
        }
        assert_eq!(count(999), "999");
        assert_eq!(count(1_000), "1,000");
        assert_eq!(change(12.34), "+12.3 %");
        assert_eq!(change(-1_200.0), "-1,200 %");
        assert_eq!(memory(20_480.0), "20 MiB");
    }

    #[test]
    fn times_have_two_units_at_most() {
        for (seconds, text) in
            [(8.0, "8 s"), (1.5, "1.5 s"), (125.0, "2 min 5 s"), (12_000.0, "3 h 20 min"), (3_600.0, "1 h")]
        {
            assert_eq!(time(seconds), text);
        }
    }
}
