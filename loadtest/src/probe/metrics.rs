//! A server's own counters, as Prometheus reads them.

use std::{collections::BTreeMap, time::Duration};

use reqwest::redirect;
use thiserror::Error;

/// A page of counters is small; whatever is longer is something else.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Longer than a saturated server takes.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Why there are no counters.
#[derive(Debug, Error)]
pub enum ScrapeError {
    /// No answer, or none to the end.
    #[error("{0}")]
    Unreachable(#[from] reqwest::Error),
    /// Another answer than 200.
    #[error("{url} answers {status}")]
    Refused {
        /// Where.
        url: String,
        /// How.
        status: u16,
    },
    /// It goes on and on.
    #[error("{0} answers with more than 4 MiB")]
    TooLong(String),
}

/// The counters at `url`, such as `http://127.0.0.1:9090/metrics`, by name: those that differ only in their labels are
/// added up. What a sum says nothing of (quantiles, buckets, values that are no numbers) is left out.
///
/// # Errors
/// No such page.
pub async fn scrape(url: &str) -> Result<BTreeMap<String, f64>, ScrapeError> {
    let http =
        reqwest::Client::builder().no_proxy().redirect(redirect::Policy::none()).timeout(TIMEOUT).build()?;
    let mut answer = http.get(url).send().await?;
    if answer.status() != 200 {
        return Err(ScrapeError::Refused { url: url.to_owned(), status: answer.status().as_u16() });
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > MAX_BYTES {
            return Err(ScrapeError::TooLong(url.to_owned()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(counters(&String::from_utf8_lossy(&body)))
}

fn counters(text: &str) -> BTreeMap<String, f64> {
    let mut sums = BTreeMap::new();
    for (name, value) in text.lines().filter_map(line) {
        *sums.entry(name.to_owned()).or_default() += value;
    }
    sums
}

/// `name{label="value",…} number [time]`
fn line(line: &str) -> Option<(&str, f64)> {
    let line = line.trim();
    if line.starts_with('#') {
        return None;
    }
    let name_ends = line.find(|c: char| c == '{' || c.is_ascii_whitespace())?;
    let (name, rest) = line.split_at(name_ends);
    let (labels, rest) = match rest.strip_prefix('{') {
        // A label's value may hold a brace; what follows the last one is numbers.
        Some(rest) => rest.rsplit_once('}')?,
        None => ("", rest),
    };
    if labels.contains("quantile=\"") || labels.contains("le=\"") {
        return None;
    }
    let value: f64 = rest.split_ascii_whitespace().next()?.parse().ok()?;
    value.is_finite().then_some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_added_up_and_quantiles_left_out() {
        let text = r#"
# HELP sends_total Messages.
# TYPE sends_total counter
sends_total{kind="customer"} 3
sends_total{kind="a } b"} 4 1700000000000
connections 2.5e1
batch{quantile="0.5"} 9
batch_bucket{le="+Inf"} 9
batch_sum 12
strange NaN
nothing
"#;
        let expected = [("batch_sum", 12.0), ("connections", 25.0), ("sends_total", 7.0)];
        assert_eq!(counters(text), expected.map(|(name, value)| (name.to_owned(), value)).into());
    }
}
