//! The fake's REST: one request per connection, read by hand.

use std::{collections::BTreeMap, time::Duration};

use protocol::{
    AgentId, Audience, ContactId, ContactSummary, Entry, ErrorCode, Event, PartyKind, Problem, Role, Seq,
    SessionId, Status, You,
    rest::{
        AgentMe, ListedView, Page, PatchSession, PollAnswer, PollRequest, SendMessage, SessionEvents,
        SiteConfig, StartSession, StartedSession, Theme, UploadLimits,
    },
};
use serde::{Serialize, de::DeserializeOwned};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use uuid::Uuid;

use super::{COOKIE, Fault, Shared, audience, world::World};

struct Request {
    method: String,
    path: String,
    query: BTreeMap<String, String>,
    who: Audience,
    body: Vec<u8>,
}

impl Request {
    fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn after(&self) -> Option<Seq> {
        Some(Seq::new(self.query.get("after")?.parse().unwrap()))
    }
}

pub(super) async fn serve(shared: Shared, mut stream: TcpStream) {
    let Some(request) = read(&mut stream).await else { return };
    let (status, extra, body) = answer(&shared, &request).await;
    let kind = if status == 200 { "json" } else { "problem+json" };
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/{kind}\r\nconnection: close\r\n{extra}content-length: {}\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(&[head.as_bytes(), &body].concat()).await;
}

async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
    let header = |name: &str| {
        head.lines()
            .filter_map(|line| line.split_once(": "))
            .find_map(|(held, value)| held.eq_ignore_ascii_case(name).then_some(value))
    };
    let length = header("content-length").map_or(0, |length| length.parse().unwrap());
    while bytes.len() < end + length {
        stream.read_buf(&mut bytes).await.ok()?;
    }
    let mut words = head.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let query = query.split('&').filter_map(|pair| pair.split_once('='));
    Some(Request {
        method,
        path: path.strip_prefix("/api/v1")?.to_owned(),
        query: query.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        who: audience(header("cookie").and_then(|cookie| cookie.strip_prefix("hubbub_login="))),
        body: bytes[end..].to_vec(),
    })
}

fn ok(body: &impl Serialize) -> (u16, String, Vec<u8>) {
    (200, String::new(), serde_json::to_vec(body).unwrap())
}

async fn answer(shared: &Shared, request: &Request) -> (u16, String, Vec<u8>) {
    let path: Vec<&str> = request.path.split('/').skip(1).collect();
    let session = |id: &str| id.parse::<SessionId>().unwrap();
    match (request.method.as_str(), path.as_slice()) {
        ("GET", ["sites", _]) => ok(&site()),
        ("POST", ["sites", _, "sessions"]) => ok(&shared.change(|world| start(world, request.json()))),
        ("POST", ["auth", "login"]) => {
            let (_, _, body) = ok(&login(shared.look().agent.id));
            (200, format!("set-cookie: hubbub_login={COOKIE}; HttpOnly\r\n"), body)
        }
        ("POST", ["events"]) => ok(&poll_many(shared, request).await),
        ("GET", ["sessions", id, "entries"]) => {
            let items = shared.look().after(session(id), request.after().unwrap(), request.who);
            ok(&Page { total: items.len() as u64, items, next_cursor: None })
        }
        ("GET", ["sessions", id, "events"]) => {
            let wait = request.query["wait"].parse().unwrap();
            let changed = hold(shared, wait, |world| {
                let events = events(world, session(id), request.after(), request.who);
                (!events.entries.is_empty()).then_some(events)
            });
            let now = || events(&mut shared.look(), session(id), request.after(), request.who);
            ok(&changed.await.unwrap_or_else(now))
        }
        ("POST", ["sessions", id, kind @ ("messages" | "notes")]) => {
            let SendMessage { id: entry, body, .. } = request.json();
            let note = *kind == "notes";
            if limited(&mut shared.look()) {
                return too_fast();
            }
            ok(&shared.change(|world| world.send(request.who, session(id), entry, &body, note)))
        }
        ("POST", ["sessions", id, "claim"]) => ok(&shared.change(|world| world.claim(session(id)))),
        ("POST", ["sessions", id, "close"]) => ok(&shared.change(|world| {
            let from = world.set_status(session(id), Status::Closed);
            world.event(session(id), Event::Closed { from });
        })),
        ("PATCH", ["sessions", id]) => {
            let to = request.json::<PatchSession>().status.unwrap();
            ok(&shared.change(|world| {
                let from = world.set_status(session(id), to);
                world.event(session(id), Event::StatusChanged { from, to });
            }))
        }
        ("POST", ["sessions", _, "typing" | "read"]) => ok(&()),
        _ => (404, String::new(), Vec::new()),
    }
}

fn limited(world: &mut World) -> bool {
    world.fault == Fault::Limits && world.every(5)
}

fn too_fast() -> (u16, String, Vec<u8>) {
    let (code, detail) = (ErrorCode::RateLimited, "wait".to_owned());
    let (kind, title, status) = (String::new(), code.title().to_owned(), code.status());
    let problem = Problem { kind, title, status, code, detail, errors: Vec::new() };
    (status, "retry-after: 1\r\n".into(), ok(&problem).2)
}

fn site() -> SiteConfig {
    SiteConfig {
        key: "demo".into(),
        name: "Demo".into(),
        theme: Theme { color: "#000000".into() },
        greeting: String::new(),
        locales: Vec::new(),
        prechat: Vec::new(),
        opening_hours: None,
        open_now: true,
        opens_at: None,
        uploads: UploadLimits { max_bytes: 0, max_files: 0, types: Vec::new(), endings: Vec::new() },
        online: true,
        message_chars: 8_000,
    }
}

fn login(agent: AgentId) -> AgentMe {
    let you = You { kind: PartyKind::Agent, id: agent.uuid(), name: None, role: Some(Role::Admin) };
    AgentMe { you, email: "admin@localhost".into(), password_change_required: false, second_factor: false }
}

fn start(world: &mut World, start: StartSession) -> StartedSession {
    let (token, contact) = (Uuid::now_v7().to_string(), ContactId::new(Uuid::now_v7()));
    let session = world.start(token.clone(), contact, None);
    if let Some(message) = start.message {
        let id = protocol::EntryId::new(Uuid::now_v7());
        world.send(Audience::Customer, session, id, &message, false);
    }
    StartedSession {
        token,
        epoch: world.epoch,
        session: world.summary(session),
        contact: ContactSummary {
            id: contact,
            name: None,
            phone: None,
            email: None,
            verified: false,
            blocked_until: None,
        },
        entries: world.after(session, Seq::ZERO, Audience::Customer),
    }
}

fn events(world: &mut World, session: SessionId, after: Option<Seq>, who: Audience) -> SessionEvents {
    let mut entries = world.after(session, after.unwrap_or_default(), who);
    if world.fault == Fault::TwistsLongPolls {
        entries.iter_mut().for_each(|Entry { body, .. }| body.push('!'));
    }
    SessionEvents {
        epoch: world.epoch,
        reset: after.is_none(),
        last_seq: entries.last().map_or(after.unwrap_or_default(), |entry| entry.seq),
        entries,
        typing: Vec::new(),
        presence: Vec::new(),
        receipts: Vec::new(),
        session: world.summary(session),
        queue: None,
        state: String::new(),
        retry_after_ms: 0,
    }
}

async fn poll_many(shared: &Shared, request: &Request) -> PollAnswer {
    let poll: PollRequest = request.json();
    let look = |world: &mut World| {
        let sessions = poll.sessions.iter().map(|asked| events(world, asked.id, asked.after, request.who));
        let sessions: Vec<_> = sessions.filter(|events| !events.entries.is_empty()).collect();
        let total: usize = world.rooms.values().map(|room| room.entries.len()).sum();
        let version = total.to_string();
        let stale = poll.views.iter().filter(|asked| asked.version.as_ref() != Some(&version));
        let views: Vec<_> = stale
            .map(|asked| ListedView {
                view: asked.view.clone(),
                sort: protocol::SessionSort::Recent,
                version: version.clone(),
                sessions: world.rooms.keys().map(|&session| world.summary(session)).collect(),
                total: 0,
                more: false,
            })
            .collect();
        let news = !(sessions.is_empty() && views.is_empty());
        let epoch = world.epoch;
        (
            news,
            PollAnswer {
                epoch,
                sessions,
                views,
                missing: Vec::new(),
                missing_views: Vec::new(),
                retry_after_ms: 0,
            },
        )
    };
    let news =
        hold(shared, poll.wait.unwrap_or(25).into(), |world| Some(look(world)).filter(|(news, _)| *news));
    news.await.unwrap_or_else(|| look(&mut shared.look())).1
}

async fn hold<T>(shared: &Shared, wait_s: u64, mut news: impl FnMut(&mut World) -> Option<T>) -> Option<T> {
    let mut changed = shared.changed.subscribe();
    let held = async {
        loop {
            if let Some(news) = news(&mut shared.look()) {
                return news;
            }
            changed.changed().await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(wait_s), held).await.ok()
}
