//! Channels and words between nodes. Both may change with any version: nodes of another one use other channels, do not
//! hear this one, and so ask the store.

use persistence::NodeId;
use protocol::{Epoch, SessionId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::link::Message;

/// Grows when the words change so that an older node would misread them.
const VERSION: u32 = 1;

/// Where something is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Channel {
    /// Signs of life.
    Nodes,
    /// Sessions as they are after a change, for lists.
    Inbox,
    /// The entries and signals of one session.
    Session(SessionId),
}

/// The names of the channels of one cluster: those of one store.
#[derive(Debug, Clone)]
pub(super) struct Channels {
    prefix: String,
}

impl Channels {
    pub(super) fn new(epoch: Epoch) -> Self {
        Self { prefix: format!("hubbub:{VERSION}:{epoch}:") }
    }

    pub(super) fn name(&self, channel: Channel) -> String {
        match channel {
            Channel::Nodes => format!("{}nodes", self.prefix),
            Channel::Inbox => format!("{}inbox", self.prefix),
            Channel::Session(session) => format!("{}s:{session}", self.prefix),
        }
    }

    pub(super) fn parse(&self, name: &[u8]) -> Option<Channel> {
        let name = std::str::from_utf8(name).ok()?.strip_prefix(&self.prefix)?;
        match name {
            "nodes" => Some(Channel::Nodes),
            "inbox" => Some(Channel::Inbox),
            name => {
                let id = Uuid::try_parse(name.strip_prefix("s:")?).ok()?;
                Some(Channel::Session(SessionId::new(id)))
            }
        }
    }
}

/// What travels.
#[derive(Serialize, Deserialize)]
struct Envelope<M> {
    from: NodeId,
    message: M,
}

pub(super) fn encode(from: NodeId, message: &Message) -> Vec<u8> {
    // Only a map with keys that are not strings, or a failing `Serialize`, could fail here.
    serde_json::to_vec(&Envelope { from, message }).unwrap_or_default()
}

/// How a node's own words begin. They come back to it, and reading them would be in vain.
pub(super) fn beginning(node: NodeId) -> Vec<u8> {
    format!(r#"{{"from":"{node}","#).into_bytes()
}

/// What was said, and by whom; `None`: not words of this version.
pub(super) fn said(words: &[u8]) -> Option<(NodeId, Message)> {
    let Envelope { from, message } = serde_json::from_slice(words).ok()?;
    Some((from, message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::Beat;

    #[test]
    fn names_are_read_back() {
        let channels = Channels::new(Epoch::new(Uuid::from_u128(7)));
        let other = Channels::new(Epoch::new(Uuid::from_u128(8)));
        for channel in [Channel::Nodes, Channel::Inbox, Channel::Session(SessionId::new(Uuid::from_u128(1)))]
        {
            let name = channels.name(channel);
            assert_eq!(channels.parse(name.as_bytes()), Some(channel), "{name}");
            assert_eq!(other.parse(name.as_bytes()), None, "another store's");
        }
        assert_eq!(channels.parse(b"\xff"), None);
    }

    #[test]
    fn words_are_read_back() {
        let beat = Beat { at_ms: 5, agents: true, lost: 3, leaving: false };
        let from = NodeId::new(Uuid::from_u128(1));
        let words = encode(from, &Message::Beat(beat.clone()));
        assert!(words.starts_with(&beginning(from)));
        assert!(!words.starts_with(&beginning(NodeId::new(Uuid::from_u128(2)))));
        assert!(
            matches!(said(&words), Some((teller, Message::Beat(same))) if teller == from && same == beat)
        );
        assert!(said(b"{}").is_none());
        let strange = format!(r#"{{"from":"{from}","message":{{"sung":"la la"}}}}"#);
        assert!(said(strange.as_bytes()).is_none());
    }
}
