//! Long-polling: the contract without a WebSocket.

use std::time::Duration;

use protocol::{
    Entry, Epoch, Seq, SessionId,
    rest::{PollAnswer, PollRequest, SessionEvents},
};

use super::{Caller, Failure, Request};

/// How much longer than it asked to be held a request waits for its answer.
const GRACE: Duration = Duration::from_secs(10);

impl Caller {
    /// One request for several sessions and lists: POST `/events`.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn poll_many(&self, request: &PollRequest) -> Result<PollAnswer, Failure> {
        let held = Duration::from_secs(request.wait.unwrap_or(25).into());
        self.request("POST", "/events").json(request).timeout(held + GRACE).read().await
    }
}

/// Long-polls of one session, each going on where the last one ended: GET `/sessions/{id}/events`.
#[derive(Debug, Clone)]
pub struct Poll {
    caller: Caller,
    session: SessionId,
    after: Option<Seq>,
    epoch: Option<Epoch>,
    state: Option<String>,
    wait: Option<u32>,
}

impl Poll {
    pub(super) fn new(caller: Caller, session: SessionId) -> Self {
        Self { caller, session, after: None, epoch: None, state: None, wait: None }
    }

    /// From this cursor instead of from the last entries.
    #[must_use]
    pub fn after(mut self, after: Seq) -> Self {
        self.after = Some(after);
        self
    }

    /// The store that the cursor belongs to.
    #[must_use]
    pub fn epoch(mut self, epoch: Epoch) -> Self {
        self.epoch = Some(epoch);
        self
    }

    /// Also answered when typing, presence, receipts or the summary are not what they were then.
    #[must_use]
    pub fn state(mut self, state: impl Into<String>) -> Self {
        self.state = Some(state.into());
        self
    }

    /// Held for at most this many seconds if there is nothing new.
    #[must_use]
    pub fn wait(mut self, seconds: u32) -> Self {
        self.wait = Some(seconds);
        self
    }

    /// The cursor now.
    pub fn cursor(&self) -> Option<Seq> {
        self.after
    }

    /// The request that [`Self::next`] would send.
    pub fn request(&self) -> Request {
        let mut request = self.caller.on_session("GET", self.session, "/events");
        if let Some(after) = self.after {
            request = request.query("after", &after);
        }
        if let Some(epoch) = self.epoch {
            request = request.query("epoch", &epoch);
        }
        if let Some(state) = &self.state {
            request = request.query("state", state);
        }
        if let Some(wait) = self.wait {
            request = request.query("wait", &wait);
        }
        request.timeout(Duration::from_secs(self.wait.unwrap_or(25).into()) + GRACE)
    }

    /// Asks once and moves the cursor. An answer that was lost loses nothing: ask again.
    ///
    /// # Errors
    /// No answer, or a refusal; the cursor stays.
    pub async fn next(&mut self) -> Result<SessionEvents, Failure> {
        let events: SessionEvents = self.request().read().await?;
        self.after = Some(events.last_seq);
        self.epoch = Some(events.epoch);
        self.state = Some(events.state.clone());
        Ok(events)
    }

    /// Asks until entries come, at most `within`; an empty list means that none came.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn entries(&mut self, within: Duration) -> Result<Vec<Entry>, Failure> {
        let ask = async {
            loop {
                let events = self.next().await?;
                if !events.entries.is_empty() {
                    return Ok(events.entries);
                }
                // A server that answers at once with nothing new must not be hammered.
                tokio::time::sleep(Duration::from_millis(events.retry_after_ms.max(20))).await;
            }
        };
        tokio::time::timeout(within, ask).await.unwrap_or_else(|_| Ok(Vec::new()))
    }
}
