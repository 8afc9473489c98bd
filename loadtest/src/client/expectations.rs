//! Waiting for what a test expects, and accusing when it does not come.

use std::time::Duration;

use protocol::{ClientFrame, Entry, EntryId, Follow, ServerFrame, SessionId, View, rest::Sent};
use tokio::time::{Instant, timeout_at};

use super::{Closed, ErrorFrame, Incoming, Listed, Opened, WsConnection, frames};

impl WsConnection {
    /// The next frame in order, put aside or new.
    ///
    /// # Errors
    /// None came in time, or the connection is over.
    pub async fn recv(&mut self) -> anyhow::Result<ServerFrame> {
        self.expect(|frame| Some(frame.clone())).await
    }

    /// Waits for a frame that meets a condition. The others are put aside for later expectations.
    ///
    /// # Errors
    /// None came in time, or the connection is over; the text says what did come.
    pub async fn expect<T>(&mut self, condition: impl Fn(&ServerFrame) -> Option<T>) -> anyhow::Result<T> {
        let found = self.inbox.iter().enumerate().find_map(|(at, frame)| Some((at, condition(frame)?)));
        if let Some((at, value)) = found {
            self.inbox.remove(at);
            return Ok(value);
        }
        let deadline = Instant::now() + self.patience;
        loop {
            match timeout_at(deadline, self.next()).await {
                Ok(Ok(Incoming::Frame(frame))) => match condition(&frame) {
                    Some(value) => return Ok(value),
                    None => self.inbox.push_back(frame),
                },
                Ok(Ok(Incoming::Strange(_) | Incoming::Ping | Incoming::Pong(_))) => {}
                Ok(Err(closed)) => anyhow::bail!("the connection ended ({closed}).{}", self.told()),
                Err(_) => anyhow::bail!("it did not come within {:?}.{}", self.patience, self.told()),
            }
        }
    }

    /// Fails if a frame that meets the condition is there or comes within `quiet`.
    ///
    /// # Errors
    /// It came, or the connection is over.
    pub async fn expect_none(
        &mut self,
        quiet: Duration,
        condition: impl Fn(&ServerFrame) -> bool,
    ) -> anyhow::Result<()> {
        let deadline = Instant::now() + quiet;
        if let Some(frame) = self.inbox.iter().find(|frame| condition(frame)) {
            anyhow::bail!("this should not have come: {}", frame.encode());
        }
        while let Ok(incoming) = timeout_at(deadline, self.next()).await {
            match incoming {
                Ok(Incoming::Frame(frame)) if condition(&frame) => {
                    anyhow::bail!("this should not have come: {}", frame.encode());
                }
                Ok(Incoming::Frame(frame)) => self.inbox.push_back(frame),
                Ok(Incoming::Strange(_) | Incoming::Ping | Incoming::Pong(_)) => {}
                Err(closed) => anyhow::bail!("the connection ended ({closed}).{}", self.told()),
            }
        }
        Ok(())
    }

    /// Waits for the ack of a send.
    ///
    /// # Errors
    /// As [`Self::expect`]; also if the send was refused.
    pub async fn acked(&mut self, id: EntryId) -> anyhow::Result<Sent> {
        let answer = self.expect(|frame| {
            let refused = || frames::error(frame).filter(|error| error.id == Some(id)).map(Err);
            frames::acked(frame).filter(|ack| ack.id == id).map(Ok).or_else(refused)
        });
        answer.await?.map_err(|error| anyhow::anyhow!("the send was refused: {error:?}"))
    }

    /// Waits for a session's answer to `open`, or to its place in the `hello`.
    ///
    /// # Errors
    /// As [`Self::expect`].
    pub async fn opened(&mut self, session: SessionId) -> anyhow::Result<Opened> {
        self.expect(|frame| frames::opened(frame).filter(|opened| opened.session.id == session)).await
    }

    /// Waits for a new entry of a session.
    ///
    /// # Errors
    /// As [`Self::expect`].
    pub async fn entry(
        &mut self,
        session: SessionId,
        condition: impl Fn(&Entry) -> bool,
    ) -> anyhow::Result<Entry> {
        self.expect(|frame| match frame {
            ServerFrame::Entry { session: of, entry } if *of == session && condition(entry) => {
                Some(entry.clone())
            }
            _ => None,
        })
        .await
    }

    /// Waits for an `error`.
    ///
    /// # Errors
    /// As [`Self::expect`].
    pub async fn refused(&mut self) -> anyhow::Result<ErrorFrame> {
        self.expect(frames::error).await
    }

    /// Waits for the server to close; what comes until then is put aside.
    ///
    /// # Errors
    /// It did not within the patience.
    pub async fn closed(&mut self) -> anyhow::Result<Closed> {
        let deadline = Instant::now() + self.patience;
        loop {
            match timeout_at(deadline, self.next()).await {
                Ok(Ok(Incoming::Frame(frame))) => self.inbox.push_back(frame),
                Ok(Ok(Incoming::Strange(_) | Incoming::Ping | Incoming::Pong(_))) => {}
                Ok(Err(closed)) => return Ok(closed),
                Err(_) => anyhow::bail!("still open after {:?}.{}", self.patience, self.told()),
            }
        }
    }

    /// Takes everything that was put aside.
    pub fn take_inbox(&mut self) -> Vec<ServerFrame> {
        self.inbox.drain(..).collect()
    }

    /// Follows a session and waits for the answer.
    ///
    /// # Errors
    /// As [`Self::expect`].
    pub async fn open(&mut self, follow: Follow) -> anyhow::Result<Opened> {
        let Follow { id, after, epoch, unseen } = follow;
        self.send(&ClientFrame::Open { session: id, after, epoch, unseen }).await?;
        self.opened(id).await
    }

    /// Watches a list and waits for the answer.
    ///
    /// # Errors
    /// As [`Self::expect`].
    pub async fn watch(&mut self, view: impl Into<View>, limit: Option<u32>) -> anyhow::Result<Listed> {
        let view = view.into();
        self.send(&ClientFrame::Watch { view: view.clone(), limit }).await?;
        self.expect(|frame| frames::listed(frame).filter(|listed| listed.view == view)).await
    }
}
