//! The hot frames: what every message costs in parsing and writing JSON. `cargo bench -p protocol`.

use divan::{Bencher, black_box};
use protocol::{
    ClientFrame, ContactId, Entry, EntryId, EntryKind, Party, PartyKind, Receipt, Sender, Seq, ServerFrame,
    SessionId, UtcMillis, encode_entry,
};
use uuid::Uuid;

/// Characters of a message: a word or two, a sentence, the longest.
const LENGTHS: [usize; 3] = [20, 120, 8_000];

fn main() {
    divan::main();
}

/// Words with what JSON has to escape and what takes more than a byte, as people write.
fn text(chars: usize) -> String {
    "Hello! Is \"this\" still in stock?\nI'd like two, please — merci 👋 "
        .chars()
        .cycle()
        .take(chars)
        .collect()
}

fn session() -> SessionId {
    SessionId::new(Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0001))
}

fn entry(chars: usize) -> Entry {
    Entry {
        id: EntryId::new(Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0002)),
        seq: Seq::new(42),
        kind: EntryKind::Message,
        sender: Sender::Customer {
            id: ContactId::new(Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0003)),
            name: Some("Ana".into()),
        },
        body: text(chars),
        attachments: Vec::new(),
        event: None,
        mentions: Vec::new(),
        created_at: UtcMillis::new(1_785_576_600_007),
        edited_at: None,
        deleted_at: None,
    }
}

#[divan::bench(args = LENGTHS)]
fn decode_send(bencher: Bencher<'_, '_>, chars: usize) {
    let Entry { id, body, .. } = entry(chars);
    let send = ClientFrame::Send {
        id,
        session: session(),
        body,
        attachments: Vec::new(),
        note: false,
        mentions: Vec::new(),
        after: None,
    };
    let frame = serde_json::to_string(&send).expect("a frame is JSON");
    bencher
        .counter(divan::counter::BytesCount::of_str(&frame))
        .bench(|| serde_json::from_str::<ClientFrame>(black_box(&frame)).expect("it is read back"));
}

#[divan::bench(args = LENGTHS)]
fn encode_an_entry(bencher: Bencher<'_, '_>, chars: usize) {
    let entry = entry(chars);
    let frame = encode_entry(session(), &entry);
    bencher
        .counter(divan::counter::BytesCount::of_str(&frame))
        .bench(|| encode_entry(black_box(session()), black_box(&entry)));
}

#[divan::bench(args = LENGTHS)]
fn decode_entry(bencher: Bencher<'_, '_>, chars: usize) {
    let frame = encode_entry(session(), &entry(chars));
    bencher
        .counter(divan::counter::BytesCount::of_str(&frame))
        .bench(|| serde_json::from_str::<ServerFrame>(black_box(&frame)).expect("it is read back"));
}

#[divan::bench]
fn encode_ack(bencher: Bencher<'_, '_>) {
    let Entry { id, seq, created_at, .. } = entry(20);
    let ack = ServerFrame::Ack { id, session: session(), seq, created_at, duplicate: false };
    bencher.bench(|| black_box(&ack).encode());
}

#[divan::bench]
fn encode_receipt(bencher: Bencher<'_, '_>) {
    let who = Party { kind: PartyKind::Customer, id: Some(Uuid::from_u128(3)), name: Some("Ana".into()) };
    let receipt = Receipt { who, seq: Seq::new(41), delivered: Seq::new(42) };
    let Receipt { who, seq, delivered } = receipt;
    let frame = ServerFrame::Receipt { session: session(), who, seq, delivered };
    bencher.bench(|| black_box(&frame).encode());
}
