//! The words of each server: how to say a message, and what was heard. Frames are looked through, not decoded: what
//! the tool spends on a frame, it cannot spend on load.

use std::fmt::Write as _;

use memchr::memmem;
use protocol::{Epoch, Seq, ServerFrame};
use uuid::Uuid;

use super::{marker::Marker, plan::Peer};

/// What a frame says.
#[derive(Debug, PartialEq)]
pub(super) enum Heard {
    /// Somebody's message.
    Message(Marker),
    /// The log is known up to here.
    Cursor(Seq),
    /// The session is open: everything comes from here on.
    Ready,
    /// The store's identity.
    Epoch(Epoch),
    /// A send is safe.
    Acked(u32),
    /// A send is refused, for now or for good; without its number, something else was.
    Refused { number: Option<u32>, code: String, again_ms: Option<u64> },
    /// This must be answered so.
    Answer(&'static str),
}

/// The id under which a connection's message goes: the same again is the same send.
pub(super) fn id(run: u64, connection: u32, number: u32) -> Uuid {
    // Version 4 and its variant stand in fixed bits (RFC 9562 §5.4); the rest is ours.
    let high = (run << 16) | 0x4000 | u64::from(connection >> 28);
    let low = (0b10 << 62) | (u64::from(connection & 0x3fff_ffff) << 32) | u64::from(number);
    Uuid::from_u64_pair(high, low)
}

fn number_of(id: Uuid) -> u32 {
    id.as_u64_pair().1 as u32
}

/// Who says it, and where.
pub(super) struct Saying<'a> {
    pub(super) session: &'a str,
    pub(super) run: u64,
    pub(super) connection: u32,
    pub(super) marker: Marker,
    pub(super) chars: u32,
}

impl Peer {
    /// The frame for a message.
    pub(super) fn say(self, saying: &Saying<'_>) -> String {
        let Saying { session, run, connection, marker, chars } = saying;
        let mut text = String::with_capacity(*chars as usize + 160);
        // Writing to a String cannot fail.
        let _ = match self {
            Self::Hubbub => {
                let id = id(*run, *connection, marker.number);
                write!(text, r#"{{"type":"send","id":"{id}","session":"{session}","body":""#)
            }
            Self::Floor => write!(text, "{} ", marker.number),
            Self::Nchan => Ok(()),
            Self::Socketio => write!(text, r#"42{}["msg",""#, marker.number),
        };
        marker.write(&mut text, *chars);
        match self {
            Self::Hubbub => text.push_str("\"}"),
            Self::Floor | Self::Nchan => {}
            Self::Socketio => text.push_str("\"]"),
        }
        text
    }

    /// Takes apart a frame that `member` of a session heard.
    pub(super) fn hear(self, text: &str, member: u32, mut take: impl FnMut(Heard)) {
        match self {
            Self::Hubbub => hubbub(text, take),
            Self::Floor => match text.strip_prefix(r#"{"ack":""#) {
                Some(rest) => acked(rest.split('"').next(), take),
                None => Marker::all(text.as_bytes()).for_each(|marker| take(Heard::Message(marker))),
            },
            Self::Nchan => Marker::all(text.as_bytes()).for_each(|marker| {
                // Who publishes to a channel hears himself: there is no other answer.
                take(if marker.member == member {
                    Heard::Acked(marker.number)
                } else {
                    Heard::Message(marker)
                });
            }),
            Self::Socketio => socketio(text, take),
        }
    }
}

fn acked(number: Option<&str>, mut take: impl FnMut(Heard)) {
    if let Some(number) = number.and_then(|number| number.parse().ok()) {
        take(Heard::Acked(number));
    }
}

/// Engine.IO 4 packets with Socket.IO 5 ones in them: a digit each.
fn socketio(text: &str, mut take: impl FnMut(Heard)) {
    match text.as_bytes() {
        [b'0', ..] => take(Heard::Answer("40")),
        [b'2'] => take(Heard::Answer("3")),
        [b'4', b'0', ..] => take(Heard::Ready),
        [b'4', b'2', ..] => Marker::all(text.as_bytes()).for_each(|marker| take(Heard::Message(marker))),
        [b'4', b'3', ..] => acked(text[2..].split('[').next(), take),
        [b'4', b'4', ..] => {
            take(Heard::Refused { number: None, code: "connect_error".into(), again_ms: None });
        }
        _ => {}
    }
}

fn hubbub(text: &str, mut take: impl FnMut(Heard)) {
    let bytes = text.as_bytes();
    // `type` is first (a frame is an enum with a tag), so the first letters of its value tell frames apart.
    let Some(kind) = bytes.strip_prefix(br#"{"type":""#) else { return };
    match kind {
        [b'e', b'n', ..] => {
            if let Some(seq) = number_after(bytes, br#""seq":"#) {
                take(Heard::Cursor(Seq::new(seq)));
            }
            Marker::all(bytes).for_each(|marker| take(Heard::Message(marker)));
        }
        [b'a', ..] => {
            let id = memmem::find(bytes, br#""id":""#).and_then(|at| bytes.get(at + 6..at + 42));
            if let Some(id) = id.and_then(|id| Uuid::try_parse_ascii(id).ok()) {
                take(Heard::Acked(number_of(id)));
            }
        }
        // Typing, presence, receipts, lists: of no interest here.
        [b't' | b'r' | b'l' | b's', ..] | [b'p', b'r', ..] => {}
        // Rare, and worth a whole look.
        _ => match serde_json::from_str(text) {
            Ok(ServerFrame::Welcome { epoch, .. }) => take(Heard::Epoch(epoch)),
            Ok(ServerFrame::Opened { session, entries, .. }) => {
                for marker in entries.iter().flat_map(|entry| Marker::all(entry.body.as_bytes())) {
                    take(Heard::Message(marker));
                }
                let last = entries.last().map_or(session.last_seq, |entry| entry.seq.max(session.last_seq));
                take(Heard::Cursor(last));
                take(Heard::Ready);
            }
            Ok(ServerFrame::Error { code, id, retryable, retry_after_ms, .. }) => take(Heard::Refused {
                number: id.map(|id| number_of(id.uuid())),
                code: code.as_str().to_owned(),
                again_ms: retryable.then(|| retry_after_ms.unwrap_or(1_000)),
            }),
            Ok(_) | Err(_) => {}
        },
    }
}

fn number_after(bytes: &[u8], key: &[u8]) -> Option<u64> {
    let digits = &bytes[memmem::find(bytes, key)? + key.len()..];
    let end = digits.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
    std::str::from_utf8(&digits[..end]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use protocol::{EntryId, ErrorCode, SessionId, UtcMillis};

    use super::*;

    fn heard(peer: Peer, text: &str) -> Vec<Heard> {
        let mut all = Vec::new();
        peer.hear(text, 0, |heard| all.push(heard));
        all
    }

    #[test]
    fn ids_are_uuids_of_version_4_and_carry_the_number() {
        let id = id(0xabcd_ef01_2345, u32::MAX, 77);
        assert_eq!((id.get_version_num(), id.get_variant()), (4, uuid::Variant::RFC4122));
        assert_eq!(number_of(id), 77);
    }

    #[test]
    fn frames_of_the_contract_are_understood() {
        let session = SessionId::new(Uuid::from_u128(1));
        let ack = ServerFrame::Ack {
            id: EntryId::new(id(1, 2, 3)),
            session,
            seq: Seq::new(9),
            created_at: UtcMillis::new(0),
            duplicate: false,
        };
        assert_eq!(heard(Peer::Hubbub, &ack.encode()), [Heard::Acked(3)]);
        let refused = ServerFrame::Error {
            view: None,
            code: ErrorCode::Overloaded,
            message: "m".into(),
            id: Some(EntryId::new(id(1, 2, 4))),
            session: None,
            retryable: true,
            retry_after_ms: Some(5),
        };
        let expected = Heard::Refused { number: Some(4), code: "overloaded".into(), again_ms: Some(5) };
        assert_eq!(heard(Peer::Hubbub, &refused.encode()), [expected]);
        let marker = Marker { member: 1, number: 2, due: 3 };
        let entry = protocol::Entry {
            id: EntryId::new(id(1, 2, 3)),
            seq: Seq::new(12),
            kind: protocol::EntryKind::Message,
            sender: protocol::Sender::System,
            body: "~1.2.3~ hello".into(),
            attachments: Vec::new(),
            event: None,
            mentions: Vec::new(),
            created_at: UtcMillis::new(0),
            edited_at: None,
            deleted_at: None,
        };
        let expected = [Heard::Cursor(Seq::new(12)), Heard::Message(marker)];
        assert_eq!(heard(Peer::Hubbub, &protocol::encode_entry(session, &entry)), expected);
    }

    #[test]
    fn what_is_said_is_heard_by_the_others() {
        let marker = Marker { member: 3, number: 2, due: 1 };
        for peer in [Peer::Floor, Peer::Nchan, Peer::Socketio] {
            let said = peer.say(&Saying { session: "x", run: 1, connection: 2, marker, chars: 60 });
            assert_eq!(heard(peer, &said), [Heard::Message(marker)], "{said}");
        }
        let said = Peer::Hubbub.say(&Saying {
            session: "00000000-0000-0000-0000-000000000001",
            run: 1,
            connection: 2,
            marker,
            chars: 60,
        });
        assert!(matches!(serde_json::from_str(&said), Ok(protocol::ClientFrame::Send { .. })), "{said}");
        assert_eq!(heard(Peer::Floor, r#"{"ack":"8"}"#), [Heard::Acked(8)]);
        assert_eq!(heard(Peer::Socketio, "438[]"), [Heard::Acked(8)]);
        assert_eq!(heard(Peer::Socketio, "2"), [Heard::Answer("3")]);
    }
}
