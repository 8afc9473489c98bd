//! Every client frame, by everybody.

use loadtest::client::{Failure, WsConnection};
use protocol::{
    Availability, ClientFrame, EntryId, ErrorCode, Follow, Seq, ServerFrame, SessionId, View, ViewFilter,
    ViewName,
};
use uuid::Uuid;

use super::{ACTORS, Actor, Chat, Disabled, JunkToken, Nobody, OneTime, Owner, World};
use crate::support::{Engine, TestServer, on_both_stores};

/// What a frame leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Opened,
    Acked,
    /// The other side hears of it.
    Signalled,
    Listed,
    Pong,
    /// Nothing that could be heard.
    Silence,
    Refused(ErrorCode),
}

use Outcome::{Acked, Listed, Opened, Pong, Refused, Signalled, Silence};

/// Every frame; adding one to the protocol breaks the build here until it has a place in the table.
fn frames(session: SessionId) -> Vec<ClientFrame> {
    let _every_kind_has_a_row = |frame: ClientFrame| match frame {
        ClientFrame::Hello { .. }
        | ClientFrame::Open { .. }
        | ClientFrame::Leave { .. }
        | ClientFrame::Watch { .. }
        | ClientFrame::Unwatch { .. }
        | ClientFrame::Send { .. }
        | ClientFrame::Typing { .. }
        | ClientFrame::Read { .. }
        | ClientFrame::Availability { .. }
        | ClientFrame::Ping => (),
    };
    let send = |note| ClientFrame::Send {
        id: EntryId::new(Uuid::now_v7()),
        session,
        body: "said in the matrix".into(),
        attachments: Vec::new(),
        note,
        mentions: Vec::new(),
        after: None,
    };
    let follow = Follow { id: session, after: Some(Seq::ZERO), epoch: None, unseen: false };
    vec![
        ClientFrame::Hello { token: None, sessions: vec![follow], client: None },
        ClientFrame::Open { session, after: Some(Seq::ZERO), epoch: None, unseen: false },
        ClientFrame::Open { session, after: Some(Seq::ZERO), epoch: None, unseen: true },
        ClientFrame::Leave { session },
        ClientFrame::Watch { view: ViewName::All.into(), limit: Some(200) },
        ClientFrame::Watch { view: View::Filter(ViewFilter::default().into()), limit: Some(200) },
        ClientFrame::Unwatch { view: ViewName::All.into() },
        send(false),
        send(true),
        ClientFrame::Typing { session, on: true },
        ClientFrame::Read { session, seq: Seq::new(2) },
        ClientFrame::Availability { status: Availability::Online },
        ClientFrame::Ping,
    ]
}

fn expected(actor: Actor, frame: &ClientFrame) -> Outcome {
    let of_a_chat = |done| if actor.sees() { done } else { Refused(ErrorCode::NotFound) };
    let customer = matches!(actor, Owner | Actor::OtherCustomer | Actor::ForeignCustomer);
    match frame {
        // Said of oneself, so nothing of the chat is told.
        ClientFrame::Open { unseen: true, .. } if !matches!(actor, Actor::Supervisor | Actor::Admin) => {
            Refused(ErrorCode::Forbidden)
        }
        ClientFrame::Hello { .. } | ClientFrame::Open { .. } => of_a_chat(Opened),
        ClientFrame::Leave { .. } | ClientFrame::Unwatch { .. } => Silence,
        ClientFrame::Watch { .. } | ClientFrame::Availability { .. } if customer => {
            Refused(ErrorCode::Forbidden)
        }
        ClientFrame::Availability { .. } => Silence,
        ClientFrame::Watch { .. } => Listed,
        ClientFrame::Send { note: true, .. } if actor == Owner => Refused(ErrorCode::Forbidden),
        ClientFrame::Send { .. } => of_a_chat(Acked),
        ClientFrame::Typing { .. } | ClientFrame::Read { .. } => of_a_chat(Signalled),
        ClientFrame::Ping => Pong,
    }
}

/// What the actor is answered. A silence is proven by a question after it.
async fn outcome(
    socket: &mut WsConnection,
    watcher: &mut WsConnection,
    frame: &ClientFrame,
    chat: &Chat,
    signalled: bool,
) -> Outcome {
    if signalled {
        let heard = watcher.expect(|heard| match (heard, frame) {
            (ServerFrame::Typing { session, on: true, .. }, ClientFrame::Typing { .. }) => {
                (*session == chat.id).then_some(())
            }
            (ServerFrame::Receipt { session, seq, .. }, ClientFrame::Read { .. }) => {
                (*session == chat.id && *seq == Seq::new(2)).then_some(())
            }
            _ => None,
        });
        heard.await.unwrap();
        return Signalled;
    }
    let silent = matches!(
        frame,
        ClientFrame::Leave { .. } | ClientFrame::Unwatch { .. } | ClientFrame::Availability { .. }
    );
    if silent {
        socket.send(&ClientFrame::Ping).await.unwrap();
    }
    let outcome = socket
        .expect(|frame| match frame {
            ServerFrame::Opened { session, .. } if session.id == chat.id => Some(Opened),
            ServerFrame::Ack { .. } => Some(Acked),
            ServerFrame::Listed { .. } => Some(Listed),
            ServerFrame::Pong => Some(Pong),
            ServerFrame::Error { code, .. } => Some(Refused(*code)),
            _ => None,
        })
        .await
        .unwrap();
    if silent && outcome == Pong { Silence } else { outcome }
}

async fn check(world: &World, actor: Actor, at: usize) {
    let chat = world.chat(actor).await;
    let frame = frames(chat.id).remove(at);
    let what = format!("{frame:?} by {actor:?}");
    let connect = world.caller(actor, &chat).websocket();
    if matches!(actor, Nobody | JunkToken | OneTime | Disabled) {
        let refused = connect.connect().await;
        let Err(Failure::Closed(closed)) = refused else { panic!("{what}: {refused:?}") };
        assert_eq!(closed.code, Some(4500), "{what}");
        assert_eq!(closed.bye.unwrap().reason, "bad_credential", "{what}");
        return;
    }
    // Who hears of what the actor does: somebody of the team, who sees all. (A customer is shown only what the
    // holder does.)
    let watcher = if actor == Actor::Admin { world.supervisor.websocket() } else { world.admin.websocket() };
    let mut watcher = watcher.follow(chat.id, Some(Seq::ZERO), None).connect().await.unwrap();
    watcher.opened(chat.id).await.unwrap();

    let mut socket = match frame {
        ClientFrame::Hello { .. } => connect.follow(chat.id, Some(Seq::ZERO), None).connect().await.unwrap(),
        _ => {
            let mut socket = connect.connect().await.unwrap();
            // A customer's own chat is opened by the hello itself.
            if actor == Owner {
                socket.opened(chat.id).await.unwrap();
            }
            socket.send(&frame).await.unwrap();
            socket
        }
    };
    let expected = expected(actor, &frame);
    let outcome = outcome(&mut socket, &mut watcher, &frame, &chat, expected == Signalled).await;
    assert_eq!(outcome, expected, "{what}");

    if !actor.sees() {
        // Whatever it was, it reached nobody, and told nothing.
        watcher.send(&ClientFrame::Ping).await.unwrap();
        watcher.expect(|frame| (*frame == ServerFrame::Pong).then_some(())).await.unwrap();
        for heard in watcher.take_inbox() {
            let quiet = matches!(
                heard,
                ServerFrame::Receipt { .. } | ServerFrame::Presence { .. } | ServerFrame::Availability { .. }
            );
            assert!(quiet, "{what}: {heard:?}");
        }
        for heard in socket.take_inbox() {
            chat.assert_hidden(&heard.encode(), &what);
        }
        assert_eq!(
            world
                .admin
                .whole_log(chat.id)
                .await
                .unwrap()
                .iter()
                .filter(|entry| entry.body == "said in the matrix")
                .count(),
            0,
            "{what}"
        );
    }
}

on_both_stores! {
    async fn every_frame_by_everybody(engine: Engine) {
        let world = World::new(TestServer::start(engine).await).await;
        for at in 0..frames(SessionId::new(Uuid::nil())).len() {
            for actor in ACTORS {
                check(&world, actor, at).await;
            }
        }
    }
}

/// Another agent takes the chat: whoever looked on as a plain agent is sent away, and hears no more of it.
#[tokio::test]
async fn who_loses_a_chat_hears_no_more_of_it() {
    let world = World::new(TestServer::start(Engine::Sqlite).await).await;
    let chat = world.chat(Actor::AgentFree).await;
    let mut lists = world.agent.websocket().connect().await.unwrap();
    let listed = lists.watch(ViewName::All, Some(200)).await.unwrap();
    assert!(listed.sessions.iter().any(|session| session.id == chat.id));
    lists.open(Follow { id: chat.id, after: None, epoch: None, unseen: false }).await.unwrap();
    let poll = world.agent.poll(chat.id).after(Seq::new(2)).wait(30);
    let polling = tokio::spawn(async move { poll.request().send().await.unwrap() });

    world.holder.claim(chat.id).await.unwrap();
    let refused = lists.refused().await.unwrap();
    assert_eq!((refused.code, refused.session), (ErrorCode::NotFound, Some(chat.id)));
    let removed = |frame: &ServerFrame| {
        matches!(frame, ServerFrame::Removed { session, .. } if *session == chat.id).then_some(())
    };
    lists.expect(removed).await.unwrap();
    // A poll that was held meanwhile is told no more than one that comes now.
    let answer = polling.await.unwrap();
    assert_eq!(answer.status, 404, "{}", answer.text());

    // What is said now reaches those who may hear it, and nobody else.
    chat.owner.say(chat.id, "a secret for the holder").await.unwrap();
    lists
        .send(&ClientFrame::Open { session: chat.id, after: None, epoch: None, unseen: false })
        .await
        .unwrap();
    assert_eq!(lists.refused().await.unwrap().code, ErrorCode::NotFound);
    for heard in lists.take_inbox() {
        assert!(!heard.encode().contains("a secret"), "{heard:?}");
    }
    assert_eq!(world.agent.say(chat.id, "me too").await.unwrap_err().status(), Some(404));
    assert_eq!(world.agent.whole_log(chat.id).await.unwrap_err().status(), Some(404));
}

/// A note is the team's: no reading, stream, poll, transcript or summary of the customer's holds it.
#[tokio::test]
async fn a_note_never_reaches_the_customer() {
    const NOTE: &str = "between ourselves";
    let world = World::new(TestServer::start(Engine::Sqlite).await).await;
    let chat = world.chat(Actor::AgentOfIt).await;
    let mut owner = chat.owner.websocket().follow(chat.id, Some(Seq::ZERO), None).connect().await.unwrap();
    owner.opened(chat.id).await.unwrap();
    let noted = world.agent.note(chat.id, NOTE).await.unwrap();
    let mut agent = world.agent.websocket().connect().await.unwrap();
    agent.say_as(EntryId::new(Uuid::now_v7()), chat.id, NOTE, true).await.unwrap();
    agent.say(chat.id, "said aloud").await.unwrap();
    owner.entry(chat.id, |entry| entry.body == "said aloud").await.unwrap();

    let mut heard: Vec<String> = owner.take_inbox().iter().map(ServerFrame::encode).collect();
    let id = chat.id;
    for path in [
        format!("/sessions/{id}"),
        format!("/sessions/{id}/entries"),
        format!("/sessions/{id}/entries?before=1000"),
        format!("/sessions/{id}/events?after=0&wait=0"),
        format!("/sessions/{id}/events?after={}&wait=0", noted.seq.get() - 1),
        format!("/sessions/{id}/transcript?format=html"),
        format!("/sessions/{id}/transcript?format=txt"),
        format!("/sessions/{id}/transcript?format=json"),
        format!("/sessions/{id}/transcript?format=csv"),
        "/me".to_owned(),
    ] {
        let answer = chat.owner.request("GET", &path).done().await.unwrap().text();
        assert!(answer.contains("said aloud"), "{path}: {answer}");
        heard.push(answer);
    }
    let again = chat.owner.websocket().connect().await.unwrap().opened(id).await.unwrap();
    heard.push(format!("{again:?}"));
    for text in heard {
        assert!(!text.contains(NOTE), "{text}");
    }
    assert!(
        world
            .agent
            .request("GET", &format!("/sessions/{id}/transcript?format=csv"))
            .done()
            .await
            .unwrap()
            .text()
            .contains(NOTE)
    );
}
