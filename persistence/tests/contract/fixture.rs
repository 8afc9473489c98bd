//! People, places and words for the stories. Times are small numbers, so that a failure is easy to read.

use std::sync::Arc;

use persistence::{
    Agent, Append, Appended, ContactClaim, LogWriter, NewGrant, NewLogin, NewSession, Session, SessionChange,
    Site, Store, StoreError, Unread, WriterConfig,
};
use protocol::{
    AgentId, Channel, ContactId, Entry, EntryId, EntryKind, Event, GrantId, LastMessage, LoginId, PartyKind,
    Role, Sender, Seq, SessionId, SiteId, Status, UtcMillis,
    rest::{OpeningHours, PrechatField, PrechatName},
};
use uuid::Uuid;

pub(crate) fn uuid() -> Uuid {
    Uuid::now_v7()
}

pub(crate) fn at(millis: i64) -> UtcMillis {
    UtcMillis::new(millis)
}

pub(crate) fn hash(n: u8) -> [u8; 32] {
    [n; 32]
}

pub(crate) fn some_hash() -> [u8; 32] {
    let (a, b) = (uuid(), Uuid::new_v4());
    let mut hash = [0; 32];
    hash[..16].copy_from_slice(a.as_bytes());
    hash[16..].copy_from_slice(b.as_bytes());
    hash
}

/// Week, holidays and names of all kinds.
pub(crate) fn hours() -> OpeningHours {
    let hours = r#"{
        "time_zone": "Europe/Berlin",
        "week": { "mon": [{ "from": "09:00", "to": "12:00" }, { "from": "13:00", "to": "24:00" }], "sun": [] },
        "holidays": [
            { "date": "2026-12-24", "name": "Heiligabend 🎄", "spans": [{ "from": "09:00", "to": "12:00" }] },
            { "date": "2026-12-25" }
        ]
    }"#;
    serde_json::from_str(hours).unwrap()
}

pub(crate) fn site(key: &str) -> Site {
    Site {
        id: SiteId::new(uuid()),
        key: key.into(),
        name: "Ana's Shop".into(),
        color: "#336699".into(),
        greeting: "Hi! 👋".into(),
        prechat: vec![PrechatField { name: PrechatName::Name, required: true }],
        allowed_origins: vec!["https://shop.example".into()],
        identity_secrets: vec!["new".into(), "old".into()],
        hours: Some(hours()),
        created_at: at(1),
    }
}

pub(crate) fn agent(email: &str) -> Agent {
    Agent {
        id: AgentId::new(uuid()),
        email: email.into(),
        name: email.split('@').next().unwrap().into(),
        role: Role::Supervisor,
        password_hash: "$argon2id$x".into(),
        must_change_password: true,
        disabled: false,
        created_at: at(2),
    }
}

pub(crate) fn login(cookie: [u8; 32], now: i64, expires: i64) -> NewLogin {
    NewLogin {
        id: LoginId::new(uuid()),
        hash: cookie,
        label: "Firefox".into(),
        created_at: at(now),
        expires_at: at(expires),
    }
}

pub(crate) fn claim(site: SiteId) -> ContactClaim {
    ContactClaim {
        site_id: site,
        verified_external_id: None,
        name: None,
        phone: None,
        email: None,
        new_id: ContactId::new(uuid()),
    }
}

/// A site, an agent and a contact, for sessions to be about.
pub(crate) struct Shop {
    pub(crate) store: Store,
    pub(crate) site: Site,
    pub(crate) agent: Agent,
    pub(crate) contact: ContactId,
}

impl Shop {
    pub(crate) async fn open(store: &Store) -> Self {
        let site = site(&format!("shop-{}", uuid()));
        let agent = agent(&format!("bo-{}@shop.example", uuid()));
        store.create_site(&site).await.unwrap();
        store.create_agent(&agent).await.unwrap();
        let claim = ContactClaim { name: Some("Ana".into()), ..claim(site.id) };
        let contact = store.upsert_contact(&claim, at(3)).await.unwrap();
        Self { store: store.clone(), site, agent, contact }
    }

    pub(crate) fn grant(&self) -> NewGrant {
        NewGrant {
            id: GrantId::new(uuid()),
            site_id: self.site.id,
            contact_id: self.contact,
            verified: false,
            name: Some("Ana as said".into()),
            phone: None,
            email: None,
            start_key: None,
            token: some_hash(),
        }
    }

    pub(crate) fn session(&self, grant: &NewGrant, now: i64) -> NewSession {
        let id = SessionId::new(uuid());
        let started = Entry {
            kind: EntryKind::Event,
            body: String::new(),
            event: Some(Event::Started { channel: Channel::Web, previous_session_id: None }),
            ..self.says(PartyKind::Customer, 1, "", now)
        };
        NewSession {
            id,
            site_id: grant.site_id,
            grant_id: grant.id,
            contact_id: grant.contact_id,
            channel: Channel::Web,
            previous: None,
            locale: Some("pt".into()),
            context: serde_json::json!({"page": {"url": "https://shop.example/ü"}}),
            created_at: at(now),
            entries: vec![Arc::new(started)],
            change: SessionChange { updated_at: at(now), ..change(Status::Open) },
        }
    }

    /// A new session with one entry.
    pub(crate) async fn start(&self, now: i64) -> Session {
        let grant = self.grant();
        self.store.create_session(&grant, &self.session(&grant, now)).await.unwrap()
    }

    pub(crate) fn says(&self, who: PartyKind, seq: u64, body: &str, now: i64) -> Entry {
        let sender = match who {
            PartyKind::Customer => Sender::Customer { id: self.contact, name: Some("Ana".into()) },
            PartyKind::Agent => Sender::Agent { id: self.agent.id, name: Some("bo".into()) },
        };
        Entry {
            id: EntryId::new(uuid()),
            seq: Seq::new(seq),
            kind: EntryKind::Message,
            sender,
            body: body.into(),
            attachments: Vec::new(),
            event: None,
            mentions: Vec::new(),
            created_at: at(now),
            edited_at: None,
            deleted_at: None,
        }
    }

    /// An append of one message after `expected`.
    pub(crate) fn message(&self, session: SessionId, expected: u64, who: PartyKind, body: &str) -> Append {
        let now = 1_000 + expected as i64;
        self.append(session, expected, vec![self.says(who, expected + 1, body, now)])
    }

    /// An append of these, with the row that they fold to, as far as the stories look at it.
    pub(crate) fn append(&self, session: SessionId, expected: u64, entries: Vec<Entry>) -> Append {
        let last = entries.last().unwrap();
        let mut change = SessionChange { updated_at: last.created_at, ..change(Status::Open) };
        for entry in entries.iter().filter(|entry| entry.kind == EntryKind::Message) {
            let sender = match entry.sender {
                Sender::Customer { .. } => PartyKind::Customer,
                Sender::Agent { .. } | Sender::System => PartyKind::Agent,
            };
            match sender {
                PartyKind::Customer => change.unread_added.team += 1,
                PartyKind::Agent => change.unread_added.customer += 1,
            }
            change.waiting_since = (sender == PartyKind::Customer).then_some(entry.created_at);
            change.last_message = Some(LastMessage {
                seq: entry.seq,
                sender,
                preview: entry.body.clone(),
                created_at: entry.created_at,
            });
        }
        let entries = entries.into_iter().map(Arc::new).collect();
        Append { session, expected: Seq::new(expected), entries, change, exact: false }
    }

    /// An append of an event, which applies nowhere but where it expects.
    pub(crate) fn event(&self, session: SessionId, expected: u64) -> Append {
        let taken = Entry {
            kind: EntryKind::Event,
            event: Some(Event::Assigned { agent: None }),
            ..self.says(PartyKind::Agent, expected + 1, "", 1_000)
        };
        self.append(session, expected, vec![taken])
    }

    /// An append that ends the session.
    pub(crate) fn close(&self, session: SessionId, expected: u64) -> Append {
        let closed = Entry {
            kind: EntryKind::Event,
            event: Some(Event::Closed { from: Status::Open }),
            ..self.says(PartyKind::Agent, expected + 1, "", 2_000)
        };
        let mut append = self.append(session, expected, vec![closed]);
        append.change.status = Status::Closed;
        append.change.closed_at = Some(at(2_000));
        append
    }
}

pub(crate) fn change(status: Status) -> SessionChange {
    SessionChange {
        status,
        assignee: None,
        ticket: None,
        last_message: None,
        waiting_since: None,
        unread_added: Unread::default(),
        updated_at: at(0),
        closed_at: None,
        rating: None,
    }
}

/// A writer for a story; its task ends with the story's runtime.
pub(crate) fn writer(store: &Store) -> LogWriter {
    LogWriter::start(store.clone(), WriterConfig::default()).0
}

/// The unread counts of an append that was committed.
pub(crate) fn committed(outcome: Result<Appended, StoreError>) -> (u64, Unread) {
    match outcome {
        Ok(Appended::Committed { version, unread }) => (version, unread),
        other => panic!("not committed: {other:?}"),
    }
}

pub(crate) fn unread(customer: u32, team: u32) -> Unread {
    Unread { customer, team }
}
