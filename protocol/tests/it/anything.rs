//! Whatever comes, it is read or refused, and what was read is written as it was.

use proptest::{collection::vec, option, prelude::*};
use protocol::{
    AgentId, AgentRef, Channel, ClientFrame, ClientInfo, ContactId, Email, Entry, EntryId, EntryKind, Epoch,
    ErrorCode, Event, Follow, MessageBody, Name, Party, PartyKind, Phone, Sender, Seq, ServerFrame,
    SessionId, Status, UtcMillis, View, ViewFilter, ViewId, ViewName, optional_line,
    rest::{EditSettings, EditSite, PollRequest, SendMessage, SlaPolicy, StartSession},
};
use uuid::Uuid;

fn any_uuid() -> impl Strategy<Value = Uuid> {
    any::<u128>().prop_map(Uuid::from_u128)
}

fn any_session() -> impl Strategy<Value = SessionId> {
    any_uuid().prop_map(SessionId::new)
}

fn any_epoch() -> impl Strategy<Value = Epoch> {
    any_uuid().prop_map(Epoch::new)
}

fn any_seq() -> impl Strategy<Value = Seq> {
    prop_oneof![any::<u64>(), 0..10_u64].prop_map(Seq::new)
}

fn any_view() -> impl Strategy<Value = View> {
    let named = proptest::sample::select(ViewName::ALL.to_vec()).prop_map(View::Named);
    let filter = (any_status(), option::of("[a-z]{0,9}"), any_time()).prop_map(|(status, tag, from)| {
        let filter = ViewFilter { status: vec![status], tag, from: Some(from), ..ViewFilter::default() };
        View::Filter(filter.into())
    });
    prop_oneof![named, any_uuid().prop_map(|id| View::Saved(ViewId::new(id))), filter]
}

fn any_status() -> impl Strategy<Value = Status> {
    proptest::sample::select(Status::ALL.to_vec())
}

/// Within the years that RFC 3339 can write.
fn any_time() -> impl Strategy<Value = UtcMillis> {
    (-60_000_000_000_000..250_000_000_000_000_i64).prop_map(UtcMillis::new)
}

fn any_follow() -> impl Strategy<Value = Follow> {
    (any_session(), option::of(any_seq()), option::of(any_epoch()), any::<bool>())
        .prop_map(|(id, after, epoch, unseen)| Follow { unseen, id, after, epoch })
}

fn any_client_frame() -> impl Strategy<Value = ClientFrame> {
    let info = (any::<String>(), any::<String>()).prop_map(|(name, version)| ClientInfo { name, version });
    prop_oneof![
        (option::of(any::<String>()), vec(any_follow(), 0..4), option::of(info))
            .prop_map(|(token, sessions, client)| ClientFrame::Hello { token, sessions, client }),
        any_follow().prop_map(|Follow { id, after, epoch, unseen }| ClientFrame::Open {
            session: id,
            after,
            epoch,
            unseen
        }),
        any_session().prop_map(|session| ClientFrame::Leave { session }),
        (any_view(), option::of(any::<u32>())).prop_map(|(view, limit)| ClientFrame::Watch { view, limit }),
        any_view().prop_map(|view| ClientFrame::Unwatch { view }),
        (any_uuid(), any_session(), any::<String>(), vec(any_uuid(), 0..3), any::<bool>()).prop_map(
            |(id, session, body, attachments, note)| ClientFrame::Send {
                id: EntryId::new(id),
                session,
                body,
                attachments,
                note,
                mentions: vec![AgentId::new(id)],
                after: None,
            }
        ),
        (any_session(), any::<bool>()).prop_map(|(session, on)| ClientFrame::Typing { session, on }),
        (any_session(), any_seq()).prop_map(|(session, seq)| ClientFrame::Read { session, seq }),
        Just(ClientFrame::Ping),
    ]
}

fn any_agent() -> impl Strategy<Value = AgentRef> {
    (any_uuid(), any::<String>()).prop_map(|(id, name)| AgentRef { id: AgentId::new(id), name })
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        (proptest::sample::select(Channel::ALL.to_vec()), option::of(any_session()))
            .prop_map(|(channel, previous_session_id)| Event::Started { channel, previous_session_id }),
        option::of(any_agent()).prop_map(|agent| Event::Assigned { agent }),
        (any_status(), any_status()).prop_map(|(from, to)| Event::StatusChanged { from, to }),
        (option::of(any_agent()), any_agent()).prop_map(|(from, to)| Event::Transferred { from, to }),
        any_status().prop_map(|to| Event::Reopened { to }),
        any_status().prop_map(|from| Event::Closed { from }),
        any_session().prop_map(|session_id| Event::Continued { session_id }),
        (any::<u8>(), option::of(any::<String>()))
            .prop_map(|(score, comment)| Event::Rated { score, comment }),
        (any_uuid(), any_seq(), any::<String>(), any::<bool>())
            .prop_map(|(id, seq, body, note)| { Event::Edited { entry: EntryId::new(id), seq, body, note } }),
    ]
}

fn any_entry() -> impl Strategy<Value = Entry> {
    let sender = prop_oneof![
        (any_uuid(), option::of(any::<String>()))
            .prop_map(|(id, name)| Sender::Customer { id: ContactId::new(id), name }),
        (any_uuid(), option::of(any::<String>()))
            .prop_map(|(id, name)| Sender::Agent { id: AgentId::new(id), name }),
        Just(Sender::System),
    ];
    let kind = proptest::sample::select(vec![EntryKind::Message, EntryKind::Note, EntryKind::Event]);
    (
        any_uuid(),
        any_seq(),
        kind,
        sender,
        any::<String>(),
        option::of(any_event()),
        any_time(),
        option::of(any_time()),
    )
        .prop_map(|(id, seq, kind, sender, body, event, created_at, edited_at)| Entry {
            id: EntryId::new(id),
            seq,
            kind,
            sender,
            body,
            attachments: Vec::new(),
            event,
            mentions: vec![AgentId::new(id)],
            created_at,
            edited_at,
            deleted_at: edited_at,
        })
}

fn any_server_frame() -> impl Strategy<Value = ServerFrame> {
    let party = (option::of(any_uuid()), option::of(any::<String>()))
        .prop_map(|(id, name)| Party { kind: PartyKind::Customer, id, name })
        .boxed();
    prop_oneof![
        (any_session(), any_entry()).prop_map(|(session, entry)| ServerFrame::Entry { session, entry }),
        (any_uuid(), any_session(), any_seq(), any_time(), any::<bool>()).prop_map(
            |(id, session, seq, created_at, duplicate)| ServerFrame::Ack {
                id: EntryId::new(id),
                session,
                seq,
                created_at,
                duplicate
            }
        ),
        (any_session(), party.clone(), any::<bool>()).prop_map(|(session, who, on)| ServerFrame::Typing {
            session,
            who,
            on
        }),
        (any_session(), party.clone(), any_seq(), any_seq())
            .prop_map(|(session, who, seq, delivered)| ServerFrame::Receipt { session, who, seq, delivered }),
        (any_session(), party, any::<bool>()).prop_map(|(session, who, online)| ServerFrame::Presence {
            session,
            who,
            online
        }),
        (any_view(), any_session()).prop_map(|(view, session)| ServerFrame::Removed { view, session }),
        (any_view(), any_session()).prop_map(|(view, session)| ServerFrame::Added { view, session }),
        (
            proptest::sample::select(ErrorCode::ALL.to_vec()),
            any::<String>(),
            option::of(any_uuid()),
            option::of(any_session()),
            option::of(any_view()),
            any::<bool>(),
            option::of(any::<u64>())
        )
            .prop_map(|(code, message, id, session, view, retryable, retry_after_ms)| {
                ServerFrame::Error {
                    code,
                    message,
                    id: id.map(EntryId::new),
                    session,
                    view,
                    retryable,
                    retry_after_ms,
                }
            }),
        Just(ServerFrame::Pong),
        (any::<String>(), any::<u64>())
            .prop_map(|(reason, retry_after_ms)| ServerFrame::Bye { reason, retry_after_ms }),
    ]
}

/// JSON of any shape, seasoned with our own words so that it comes near to being a frame.
fn any_json() -> impl Strategy<Value = String> {
    let word = proptest::sample::select(vec![
        "type", "hello", "open", "send", "read", "typing", "watch", "session", "sessions", "id", "after",
        "epoch", "seq", "body", "token", "note", "view", "mine", "on", "name", "phone", "fields", "page",
        "wait",
    ]);
    let number = proptest::sample::select(vec![
        "0",
        "-1",
        "1.5",
        "1e308",
        "1e999",
        "18446744073709551616",
        "9007199254740993",
        "-0",
        "1E-400",
    ]);
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        number.prop_map(str::to_owned),
        any::<u64>().prop_map(|number| number.to_string()),
        word.clone().prop_map(|word| format!("\"{word}\"")),
        any_uuid().prop_map(|uuid| format!("\"{uuid}\"")),
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
        Just("\"\\ud800\"".to_owned()),
        Just("\"\\u0000\"".to_owned()),
    ];
    leaf.prop_recursive(5, 60, 8, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(|items| format!("[{}]", items.join(","))),
            // Keys may come twice.
            vec((word.clone(), inner), 0..8).prop_map(|fields| {
                let fields: Vec<_> = fields.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn client_frames_come_back_whole(frame in any_client_frame()) {
        let text = serde_json::to_string(&frame).unwrap();
        prop_assert_eq!(serde_json::from_str::<ClientFrame>(&text).unwrap(), frame);
    }

    #[test]
    fn server_frames_come_back_whole(frame in any_server_frame()) {
        let text = frame.encode();
        prop_assert!(!text.contains('\n'), "one frame is one line");
        prop_assert_eq!(serde_json::from_str::<ServerFrame>(&text).unwrap(), frame);
    }

    #[test]
    fn entries_come_back_whole(entry in any_entry(), session in any_session()) {
        let text = serde_json::to_string(&entry).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Entry>(&text).unwrap(), &entry);
        let frame = ServerFrame::Entry { session, entry: entry.clone() };
        prop_assert_eq!(protocol::encode_entry(session, &entry), frame.encode(), "the short way is the same");
    }

    /// It may be refused, but nothing may panic; what is taken can be written and read again.
    #[test]
    fn any_json_is_read_or_refused(text in any_json()) {
        if let Ok(frame) = serde_json::from_str::<ClientFrame>(&text) {
            let again = serde_json::to_string(&frame).unwrap();
            prop_assert_eq!(serde_json::from_str::<ClientFrame>(&again).unwrap(), frame);
        }
        let _ = serde_json::from_str::<ServerFrame>(&text);
        let _ = serde_json::from_str::<Entry>(&text);
        let _ = serde_json::from_str::<StartSession>(&text);
        let _ = serde_json::from_str::<SendMessage>(&text);
        let _ = serde_json::from_str::<PollRequest>(&text);
        let _ = serde_json::from_str::<EditSite>(&text);
        let _ = serde_json::from_str::<SlaPolicy>(&text).map(SlaPolicy::checked);
        let _ = serde_json::from_str::<EditSettings>(&text).map(EditSettings::checked);
    }

    #[test]
    fn any_bytes_are_refused(bytes in vec(any::<u8>(), 0..200)) {
        let frame = serde_json::from_slice::<ClientFrame>(&bytes);
        prop_assert!(frame.is_err(), "{:?}", frame);
        let _ = serde_json::from_slice::<StartSession>(&bytes);
    }

    /// What people type becomes fit to store and show, or is refused, and checking it again changes nothing.
    #[test]
    fn texts_are_cleaned_once(text in any::<String>(), max in 1..300_usize) {
        if let Ok(body) = MessageBody::parse(&text, max) {
            let body = body.as_str();
            prop_assert!(!body.is_empty() && body.chars().count() <= max && body == body.trim());
            prop_assert!(body.chars().all(|c| !c.is_control() || c == '\n' || c == '\t'));
            let again = MessageBody::parse(body, max).unwrap();
            prop_assert_eq!(again.as_str(), body);
        }
        if let Ok(Some(line)) = optional_line(Some(&text), max) {
            prop_assert!(!line.contains(char::is_control) && line.chars().count() <= max);
        }
        if let Ok(name) = Name::parse(&text) {
            prop_assert_eq!(Name::parse(name.as_str()).unwrap(), name);
        }
        if let Ok(email) = Email::parse(&text) {
            prop_assert_eq!(Email::parse(email.as_str()).unwrap(), email);
        }
    }

    #[test]
    fn phones_are_e164_or_refused(text in "[+0-9 ()./\u{a0}x-]{0,30}") {
        if let Ok(phone) = Phone::parse(&text) {
            let digits = phone.as_str().strip_prefix('+').unwrap();
            prop_assert!((8..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()));
            prop_assert!(!digits.starts_with('0'));
            prop_assert_eq!(Phone::parse(phone.as_str()).unwrap(), phone);
        }
    }

    #[test]
    fn times_come_back_to_the_millisecond(time in any_time()) {
        let text = serde_json::to_string(&time).unwrap();
        prop_assert!(text.ends_with("Z\"") && text.as_bytes()[text.len() - 6] == b'.', "{}", text);
        prop_assert_eq!(serde_json::from_str::<UtcMillis>(&text).unwrap(), time);
    }
}

/// No stack is deep enough for what can be sent: nesting in a frame is bounded, and an unknown field of a body is
/// skipped without going down.
#[test]
fn deep_nesting_harms_nobody() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let depth = 30_000;
        let deep = format!("{{\"type\":\"ping\",\"x\":{}1{}}}", open.repeat(depth), close.repeat(depth));
        assert!(serde_json::from_str::<ClientFrame>(&deep).is_err());
        let deep = format!("{{\"name\":\"x\",\"x\":{}1{}}}", open.repeat(depth), close.repeat(depth));
        assert_eq!(serde_json::from_str::<StartSession>(&deep).unwrap().name.as_deref(), Some("x"));
        let deep = format!("{{\"fields\":{}1{}}}", open.repeat(depth), close.repeat(depth));
        assert!(serde_json::from_str::<StartSession>(&deep).is_err());
    }
}
