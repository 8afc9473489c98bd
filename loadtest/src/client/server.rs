//! Where the server is, and what can be asked without a credential.

use std::time::Duration;

use protocol::{
    limits,
    rest::{ChangePassword, Login, SiteConfig, StartSession, StartedSession},
};
use reqwest::{Url, redirect};

use super::{AgentClient, Answer, Caller, Connect, Credential, Failure, LOGIN_COOKIE, Observer, Request};

/// Longer than any long-poll is held.
const TIMEOUT: Duration = Duration::from_secs(40);

/// A server, by its address. Cheap to clone; clones share their HTTP connections.
#[derive(Debug, Clone)]
pub struct Server {
    base: Url,
    http: reqwest::Client,
    observer: Option<Observer>,
}

impl Server {
    /// A server at `base`, such as `http://127.0.0.1:8080`.
    ///
    /// # Errors
    /// The address is not an `http://` one.
    pub fn new(base: impl AsRef<str>) -> Result<Self, Failure> {
        let base = base.as_ref();
        let url = Url::parse(base).map_err(|error| Failure::Impossible(format!("{base:?}: {error}")))?;
        match url.scheme() {
            "http" => {}
            "https" => {
                return Err(Failure::Impossible(
                    "https is not spoken here: give the plain-http address behind the TLS proxy".into(),
                ));
            }
            scheme => return Err(Failure::Impossible(format!("{scheme}:// is not a web address"))),
        }
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .timeout(TIMEOUT)
            // The server ends a connection on which no request begins for this long. One that it ends just when a request
            // is sent on it is lost with the request.
            .pool_idle_timeout(limits::HEADER_TIME / 2)
            .build()
            .map_err(|error| Failure::Impossible(error.to_string()))?;
        Ok(Self { base: url, http, observer: None })
    }

    /// The same, with every answer shown to `observer` before it is given to who asked.
    #[must_use]
    pub fn observed(self, observer: Observer) -> Self {
        Self { observer: Some(observer), ..self }
    }

    /// The address.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// The address as an `Origin` header of its own pages has it.
    pub fn origin(&self) -> String {
        self.base.origin().ascii_serialization()
    }

    /// Any request. `path` is absolute (`/api/v1/me`, `/healthz`), query included where there is one.
    pub fn request(&self, method: &str, path: &str) -> Request {
        let url = self.base.join(path).map_err(|error| format!("{path:?}: {error}"));
        Request::new(self.http.clone(), method, url, self.observer)
    }

    /// What the widget needs to know of its site.
    ///
    /// # Errors
    /// No answer, or a refusal (404: no such site).
    pub async fn site(&self, site_key: &str) -> Result<SiteConfig, Failure> {
        self.request("GET", &format!("/api/v1/sites/{site_key}")).read().await
    }

    /// Starts a session and answers as the server did.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn start_session(
        &self,
        site_key: &str,
        start: &StartSession,
    ) -> Result<StartedSession, Failure> {
        self.request("POST", &format!("/api/v1/sites/{site_key}/sessions")).json(start).read().await
    }

    /// Starts a session; the customer that it made can go on from there.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn start(
        &self,
        site_key: &str,
        start: StartSession,
    ) -> Result<(Caller, StartedSession), Failure> {
        let started = self.start_session(site_key, &start).await?;
        Ok((self.bearer(&started.token), started))
    }

    /// Somebody who holds this token: a customer's, or an API token.
    pub fn bearer(&self, token: impl Into<String>) -> Caller {
        Caller::new(self.clone(), Credential::Token(token.into()))
    }

    /// Somebody without any credential.
    pub fn stranger(&self) -> Caller {
        Caller::new(self.clone(), Credential::None)
    }

    /// Logs an agent in and keeps the cookie.
    ///
    /// # Errors
    /// No answer, a refusal, or an answer without the cookie of the contract.
    pub async fn login(&self, email: &str, password: &str) -> Result<AgentClient, Failure> {
        let answer = self.try_login(email, password).await?;
        if !(200..300).contains(&answer.status) {
            return Err(Failure::Refused(Box::new(answer.refusal())));
        }
        let Some(cookie) = answer.sets_cookie(LOGIN_COOKIE) else {
            return Err(Failure::Unintelligible(format!("a login that sets no cookie {LOGIN_COOKIE}")));
        };
        let caller = Caller::new(self.clone(), Credential::Cookie(cookie));
        Ok(AgentClient::new(caller, answer.json()?))
    }

    /// A login of which only the answer is of interest.
    ///
    /// # Errors
    /// No answer.
    pub async fn try_login(&self, email: &str, password: &str) -> Result<Answer, Failure> {
        let login = Login { email: email.into(), password: password.into(), totp: None };
        self.request("POST", "/api/v1/auth/login").json(&login).send().await
    }

    /// Logs in, changes the one-time password, and is ready to work.
    ///
    /// # Errors
    /// No answer, or a refusal of either step.
    pub async fn first_login(&self, email: &str, once: &str, new: &str) -> Result<AgentClient, Failure> {
        let agent = self.login(email, once).await?;
        agent.change_password(ChangePassword { current: once.into(), new: new.into() }).await?;
        // Whether the change ended the login that made it is the server's affair.
        self.login(email, new).await
    }

    /// A WebSocket to come.
    pub fn websocket(&self) -> Connect {
        Connect::new(self.clone())
    }
}

/// A start with the two fields that every site asks by default.
pub fn introduction(name: &str, phone: &str) -> StartSession {
    StartSession { name: Some(name.into()), phone: Some(phone.into()), ..StartSession::default() }
}
