//! Query strings: every value is checked, and a parameter that means nothing here is refused, since a filter that
//! is silently ignored answers another question.

use std::{collections::BTreeMap, ops::RangeInclusive, str::FromStr};

use axum::{extract::FromRequestParts, http::request::Parts};

use crate::{app::App, error::ApiError};

/// The parameters of a request, taken one by one.
pub(crate) struct Query(BTreeMap<String, String>);

impl From<BTreeMap<String, String>> for Query {
    fn from(parameters: BTreeMap<String, String>) -> Self {
        Self(parameters)
    }
}

impl FromRequestParts<App> for Query {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect()))
    }
}

impl Query {
    /// Takes a parameter as it is.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// Takes a parameter of a kind; `what` ends the sentence "must be …".
    ///
    /// # Errors
    /// It is not of that kind.
    pub(crate) fn parse<T: FromStr>(&mut self, name: &str, what: &str) -> Result<Option<T>, ApiError> {
        self.text(name)
            .map(|text| text.parse().map_err(|_| ApiError::invalid(name, format!("must be {what}"))))
            .transpose()
    }

    /// Takes a number within a range.
    ///
    /// # Errors
    /// It is no number, or out of the range.
    pub(crate) fn number(&mut self, name: &str, range: RangeInclusive<u64>) -> Result<Option<u64>, ApiError> {
        let what = format!("a number from {} to {}", range.start(), range.end());
        match self.parse::<u64>(name, &what)? {
            Some(number) if !range.contains(&number) => {
                Err(ApiError::invalid(name, format!("must be {what}")))
            }
            number => Ok(number),
        }
    }

    /// Takes one word.
    ///
    /// # Errors
    /// It is unknown; the sentence lists those that are known.
    pub(crate) fn word<T: FromStr<Err = String>>(&mut self, name: &str) -> Result<Option<T>, ApiError> {
        self.text(name)
            .map(|word| word.parse().map_err(|message| ApiError::invalid(name, message)))
            .transpose()
    }

    /// Takes a comma-separated list of words.
    ///
    /// # Errors
    /// A word is unknown; the sentence lists those that are known.
    pub(crate) fn words<T: FromStr<Err = String>>(&mut self, name: &str) -> Result<Vec<T>, ApiError> {
        let Some(text) = self.text(name) else { return Ok(Vec::new()) };
        text.split(',')
            .map(|word| word.trim().parse().map_err(|message| ApiError::invalid(name, message)))
            .collect()
    }

    /// Refuses what was not taken.
    ///
    /// # Errors
    /// A parameter that means nothing here.
    pub(crate) fn finish(self) -> Result<(), ApiError> {
        match self.0.into_keys().next() {
            Some(name) => Err(ApiError::invalid(&name, "is not a parameter of this request")),
            None => Ok(()),
        }
    }
}
