//! One HTTP request, built by hand: for what the typed calls do not cover, and for poking at edges.

use std::time::Duration;

use protocol::Problem;
use reqwest::{
    Method, Url,
    header::{CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue, ORIGIN, RETRY_AFTER},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{Credential, Failure, LOGIN_COOKIE, Refusal};

/// A request that is being put together. Mistakes in it come out when it is sent.
#[derive(Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct Request {
    client: reqwest::Client,
    method: Method,
    url: Result<Url, String>,
    headers: HeaderMap,
    body: Vec<u8>,
    timeout: Option<Duration>,
    mistake: Option<String>,
    observer: Option<Observer>,
}

/// Looks on at what is asked and answered.
pub type Observer = fn(&Exchange<'_>);

/// A request, and its answer.
#[derive(Debug)]
pub struct Exchange<'a> {
    /// The method.
    pub method: &'a str,
    /// Where it went, query included.
    pub url: &'a Url,
    /// The type of the request's body.
    pub content_type: Option<&'a str>,
    /// The request's body.
    pub body: &'a [u8],
    /// What came back.
    pub answer: &'a Answer,
}

impl Request {
    pub(super) fn new(
        client: reqwest::Client,
        method: &str,
        url: Result<Url, String>,
        observer: Option<Observer>,
    ) -> Self {
        let (method, mistake) = match Method::from_bytes(method.as_bytes()) {
            Ok(method) => (method, None),
            Err(_) => (Method::GET, Some(format!("{method:?} is not an HTTP method"))),
        };
        let headers = HeaderMap::new();
        Self { client, method, url, headers, body: Vec::new(), timeout: None, mistake, observer }
    }

    /// With `Authorization: Bearer`.
    pub fn bearer(self, token: impl AsRef<str>) -> Self {
        self.header("authorization", format!("Bearer {}", token.as_ref()))
    }

    /// With a cookie, besides those already there.
    pub fn cookie(mut self, name: &str, value: &str) -> Self {
        let mut cookies = match self.headers.get(COOKIE).and_then(|held| held.to_str().ok()) {
            Some(held) => format!("{held}; "),
            None => String::new(),
        };
        cookies.push_str(&format!("{name}={value}"));
        self.headers.remove(COOKIE);
        self.header("cookie", cookies)
    }

    /// With whatever carries this credential.
    pub fn credential(self, credential: &Credential) -> Self {
        match credential {
            Credential::None => self,
            Credential::Token(token) => self.bearer(token),
            Credential::Cookie(value) => self.cookie(LOGIN_COOKIE, value),
        }
    }

    /// As if from a page of this origin.
    pub fn origin(self, origin: &str) -> Self {
        self.header(ORIGIN.as_str(), origin)
    }

    /// With a header, besides those of the same name.
    pub fn header(mut self, name: &str, value: impl AsRef<str>) -> Self {
        match (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value.as_ref())) {
            (Ok(name), Ok(value)) => {
                self.headers.append(name, value);
            }
            _ => self.mistake = Some(format!("{name:?} is not a header, or its value is none")),
        }
        self
    }

    /// With a query parameter, escaped.
    pub fn query(mut self, name: &str, value: &(impl ToString + ?Sized)) -> Self {
        if let Ok(url) = &mut self.url {
            url.query_pairs_mut().append_pair(name, &value.to_string());
        }
        self
    }

    /// With a JSON body.
    pub fn json(mut self, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(bytes) => self = self.body("application/json", bytes),
            Err(error) => self.mistake = Some(format!("the body cannot be written as JSON: {error}")),
        }
        self
    }

    /// With a body as HTML forms send it.
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        // The query of a URL is written the same way (URL standard §5).
        let encoded = Url::parse_with_params("http://form/", fields)
            .ok()
            .and_then(|url| url.query().map(str::to_owned))
            .unwrap_or_default();
        self.body("application/x-www-form-urlencoded", encoded)
    }

    /// With any body.
    pub fn body(mut self, content_type: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.headers.remove(CONTENT_TYPE);
        self.body = bytes.into();
        self.header("content-type", content_type)
    }

    /// Gives up after this long, instead of 40 s (longer than any long-poll is held).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sends it; every status is an answer. Redirects are not followed.
    ///
    /// # Errors
    /// The request cannot be made, or there was no whole answer.
    pub async fn send(self) -> Result<Answer, Failure> {
        if let Some(mistake) = self.mistake {
            return Err(Failure::Impossible(mistake));
        }
        let url = self.url.map_err(Failure::Impossible)?;
        let asked = self.observer.map(|observer| {
            (
                observer,
                self.method.clone(),
                url.clone(),
                self.headers.get(CONTENT_TYPE).cloned(),
                self.body.clone(),
            )
        });
        let mut request = self.client.request(self.method, url).headers(self.headers).body(self.body);
        if let Some(timeout) = self.timeout {
            request = request.timeout(timeout);
        }
        let response = request.send().await.map_err(|error| unreachable(&error))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.map_err(|error| unreachable(&error))?;
        let answer = Answer { status, headers, body: body.into() };
        if let Some((observer, method, url, content_type, body)) = asked {
            observer(&Exchange {
                method: method.as_str(),
                url: &url,
                content_type: content_type.as_ref().and_then(|value| value.to_str().ok()),
                body: &body,
                answer: &answer,
            });
        }
        Ok(answer)
    }

    /// Sends it and takes any 2xx, whatever its body.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn done(self) -> Result<Answer, Failure> {
        let answer = self.send().await?;
        match answer.status {
            200..=299 => Ok(answer),
            _ => Err(Failure::Refused(Box::new(answer.refusal()))),
        }
    }

    /// Sends it and reads a 2xx answer's JSON.
    ///
    /// # Errors
    /// No answer, a refusal, or a body that is not what the contract says.
    pub async fn read<T: DeserializeOwned>(self) -> Result<T, Failure> {
        self.done().await?.json()
    }
}

/// An HTTP answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, decompressed nowhere: no encoding is asked for.
    pub body: Vec<u8>,
}

impl Answer {
    /// A header's first value, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as text; what is not UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// It is not, or not of this shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_slice(&self.body)
            .map_err(|error| Failure::Unintelligible(format!("{} {error} in {}", self.status, self.text())))
    }

    /// The body, if it is a problem with its proper content type (RFC 9457).
    pub fn problem(&self) -> Option<Problem> {
        let problem = self.header("content-type")?.starts_with("application/problem+json");
        problem.then(|| serde_json::from_slice(&self.body).ok()).flatten()
    }

    /// This answer, as a refusal.
    pub fn refusal(&self) -> Refusal {
        let seconds = self.header(RETRY_AFTER.as_str()).and_then(|value| value.trim().parse().ok());
        Refusal {
            status: self.status,
            problem: self.problem(),
            retry_after: seconds.map(Duration::from_secs),
            body: self.text(),
        }
    }

    /// The value of a cookie that the answer sets.
    pub fn sets_cookie(&self, name: &str) -> Option<String> {
        let cookies = self.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
        cookies
            .filter_map(|cookie| cookie.split(';').next()?.split_once('='))
            .find_map(|(set, value)| (set.trim() == name).then(|| value.trim().to_owned()))
    }
}

/// reqwest's own text leaves out the cause, which is the part that helps.
fn unreachable(error: &reqwest::Error) -> Failure {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    Failure::Unreachable(text)
}

#[cfg(test)]
mod tests {
    use crate::client::{Failure, Server};

    use super::*;

    fn answer(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> Answer {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        Answer { status, headers: headers.collect(), body: body.into() }
    }

    #[test]
    fn a_problem_is_read_only_under_its_own_content_type() {
        let body = r#"{"type":"/x","title":"t","status":429,"code":"rate_limited","detail":"d"}"#;
        let refusal =
            answer(429, &[("content-type", "application/problem+json"), ("retry-after", "7")], body)
                .refusal();
        assert_eq!(refusal.code(), Some(protocol::ErrorCode::RateLimited));
        assert_eq!(refusal.retry_after, Some(Duration::from_secs(7)));
        assert!(refusal.retryable());

        let plain = answer(403, &[("content-type", "application/json")], body).refusal();
        assert_eq!((plain.code(), plain.retryable()), (None, false));
        assert!(answer(502, &[], "bad gateway").refusal().retryable());
    }

    #[test]
    fn the_login_cookie_is_found_among_others() {
        let answer = answer(
            200,
            &[("set-cookie", "a=1; Path=/"), ("set-cookie", "hubbub_login=abc=; HttpOnly; SameSite=Lax")],
            "",
        );
        assert_eq!(answer.sets_cookie(LOGIN_COOKIE).as_deref(), Some("abc="));
        assert_eq!(answer.sets_cookie("hubbub"), None);
    }

    #[tokio::test]
    async fn mistakes_come_out_when_the_request_is_sent() {
        let server = Server::new("http://127.0.0.1:1").unwrap();
        let mistaken = server.request("GET", "/").header("x", "two\nlines").send().await;
        assert!(matches!(mistaken, Err(Failure::Impossible(_))));
        assert!(matches!(server.request("GET", "/").send().await, Err(Failure::Unreachable(_))));
        assert!(matches!(Server::new("https://example.com"), Err(Failure::Impossible(_))));
    }

    #[test]
    fn cookies_add_up_and_queries_are_escaped() {
        let server = Server::new("http://127.0.0.1:1").unwrap();
        let request = server.request("GET", "/x").cookie("a", "1").cookie("b", "2").query("q", "a&b c");
        assert_eq!(request.headers.get_all(COOKIE).iter().count(), 1);
        assert_eq!(request.headers[COOKIE], "a=1; b=2");
        assert_eq!(request.url.unwrap().query(), Some("q=a%26b+c"));
    }
}
