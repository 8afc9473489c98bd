//! What is not stored: who types, who is here, how far everybody has read.

use std::time::Duration;

use loadtest::client::{AgentClient, Caller, WsConnection};
use persistence::testing::Engine;
use protocol::{ClientFrame, Party, PartyKind, Seq, ServerFrame, SessionId};
use tokio::time::Instant;

use crate::support::TestServer;

/// Contract §4.
const TYPING: Duration = Duration::from_secs(6);
/// The harness's servers.
const GRACE: Duration = Duration::from_secs(1);
/// How long anything may take on top of its own time.
const SOON: Duration = Duration::from_secs(5);

struct Chat {
    server: TestServer,
    ana: Caller,
    session: SessionId,
    agent: AgentClient,
}

/// On SQLite alone: nothing of this reaches a store but read positions, which have their own stories there.
async fn chat(phone: &str) -> Chat {
    let server = TestServer::start(Engine::Sqlite).await;
    let (ana, started) = server.customer("Ana", phone).await;
    let agent = server.admin().await;
    Chat { server, ana, session: started.session.id, agent }
}

async fn follow(who: &Caller, session: SessionId) -> WsConnection {
    let mut socket = who.websocket().follow(session, Some(Seq::ZERO), None).connect().await.unwrap();
    socket.opened(session).await.unwrap();
    socket
}

async fn typing(socket: &mut WsConnection) -> (Party, bool) {
    let typing = socket.expect(|frame| match frame {
        ServerFrame::Typing { who, on, .. } => Some((who.clone(), *on)),
        _ => None,
    });
    typing.await.unwrap()
}

async fn presence(socket: &mut WsConnection) -> (Party, bool) {
    let presence = socket.expect(|frame| match frame {
        ServerFrame::Presence { who, online, .. } => Some((who.clone(), *online)),
        _ => None,
    });
    presence.await.unwrap()
}

fn is_presence(frame: &ServerFrame) -> bool {
    matches!(frame, ServerFrame::Presence { .. })
}

#[tokio::test]
async fn typing_shows_and_lapses() {
    let chat = chat("+447700900701").await;
    let mut ana = follow(&chat.ana, chat.session).await;
    let mut agent = follow(&chat.agent, chat.session).await;

    let began = Instant::now();
    agent.send(&ClientFrame::Typing { session: chat.session, on: true }).await.unwrap();
    let (who, on) = typing(&mut ana).await;
    assert_eq!((who.kind, who.id, on), (PartyKind::Agent, Some(chat.agent.who().you.id), true));
    // Nobody says that it ended: it ends by itself.
    assert!(!typing(&mut ana).await.1);
    let lapsed = began.elapsed();
    assert!(lapsed >= TYPING && lapsed < TYPING + SOON, "{lapsed:?}");

    // Whoever comes meanwhile is told; a message ends it.
    ana.send(&ClientFrame::Typing { session: chat.session, on: true }).await.unwrap();
    assert!(typing(&mut agent).await.1);
    let mut late = follow(&chat.agent, chat.session).await;
    assert!(typing(&mut late).await.1);
    ana.say(chat.session, "there").await.unwrap();
    for socket in [&mut agent, &mut late] {
        assert!(!typing(socket).await.1);
    }
    // Nobody is told of himself.
    ana.expect_none(Duration::from_millis(100), |frame| matches!(frame, ServerFrame::Typing { .. }))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_reload_does_not_flicker_and_leaving_is_told() {
    let chat = chat("+447700900702").await;
    let mut agent = follow(&chat.agent, chat.session).await;
    let ana = follow(&chat.ana, chat.session).await;
    assert_eq!(
        (presence(&mut agent).await.0.kind, PartyKind::Customer),
        (PartyKind::Customer, PartyKind::Customer)
    );

    // Three reloads, then two pages at once of which one goes.
    let mut page = ana;
    for _ in 0..3 {
        page.cut();
        page = follow(&chat.ana, chat.session).await;
    }
    let other = follow(&chat.ana, chat.session).await;
    page.close().await;
    agent.expect_none(GRACE * 3, is_presence).await.unwrap();

    let left = Instant::now();
    other.close().await;
    let (who, online) = presence(&mut agent).await;
    assert!(!online && who.kind == PartyKind::Customer);
    assert!(left.elapsed() >= GRACE / 2 && left.elapsed() < GRACE + SOON, "{:?}", left.elapsed());

    // She comes back, by long-poll this time, and is here as long as she asks.
    let mut poll = chat.ana.poll(chat.session).after(Seq::new(1)).wait(2);
    poll.next().await.unwrap();
    assert!(presence(&mut agent).await.1);
    poll.next().await.unwrap();
    agent.expect_none(Duration::from_millis(100), is_presence).await.unwrap();
    drop(poll);
    assert!(!presence(&mut agent).await.1);
}

#[tokio::test]
async fn a_customer_sees_nobody_but_who_holds_the_chat() {
    let chat = chat("+447700900703").await;
    let boss = chat.server.member("supervisor", "boss@shop.example", "Boss").await;
    let mut ana = follow(&chat.ana, chat.session).await;
    let mut looks_on = follow(&boss, chat.session).await;
    let mut agent = follow(&chat.agent, chat.session).await;
    // The team sees each other and the customer.
    for (socket, others) in [(&mut looks_on, 2), (&mut agent, 2)] {
        for _ in 0..others {
            assert!(presence(socket).await.1);
        }
    }
    ana.expect_none(Duration::from_millis(500), is_presence).await.unwrap();

    chat.agent.claim(chat.session).await.unwrap();
    let (who, online) = presence(&mut ana).await;
    assert_eq!((who.id, online), (Some(chat.agent.who().you.id), true));
    looks_on.close().await;
    let (who, online) = presence(&mut agent).await;
    assert_eq!((who.id, online), (Some(boss.who().you.id), false));
    ana.expect_none(Duration::from_millis(100), is_presence).await.unwrap();

    // The same by long-poll.
    let _looks_on = follow(&boss, chat.session).await;
    let here = chat.ana.poll(chat.session).after(Seq::ZERO).wait(0).next().await.unwrap().presence;
    let here: Vec<_> = here.iter().map(|here| (here.who.id, here.online)).collect();
    assert_eq!(here, [(Some(chat.agent.who().you.id), true)]);

    agent.close().await;
    assert!(!presence(&mut ana).await.1);
}

#[tokio::test]
async fn receipts_tell_what_was_handed_over_and_what_was_read() {
    let chat = chat("+447700900704").await;
    let session = chat.session;
    let mut agent = follow(&chat.agent, session).await;
    let receipt =
        async |socket: &mut WsConnection, kind: PartyKind, is: fn(Seq, Seq, Seq) -> bool, at: Seq| {
            let found = socket.expect(|frame| match frame {
                ServerFrame::Receipt { who, seq, delivered, .. }
                    if who.kind == kind && is(*seq, *delivered, at) =>
                {
                    Some(())
                }
                _ => None,
            });
            found.await.unwrap();
        };
    let handed_over: fn(Seq, Seq, Seq) -> bool = |seq, delivered, at| seq < at && delivered >= at;
    let read: fn(Seq, Seq, Seq) -> bool = |seq, delivered, at| seq >= at && delivered >= at;

    // Nobody is there to hand it to.
    let sent = chat.agent.say(session, "hello?").await.unwrap();
    let delivered = |frame: &ServerFrame| matches!(frame, ServerFrame::Receipt { who, delivered, .. } if who.kind == PartyKind::Customer && *delivered >= sent.seq);
    agent.expect_none(Duration::from_millis(300), delivered).await.unwrap();
    // On coming, and live.
    let mut ana = follow(&chat.ana, session).await;
    receipt(&mut agent, PartyKind::Customer, handed_over, sent.seq).await;
    let sent = chat.agent.say(session, "there you are").await.unwrap();
    receipt(&mut agent, PartyKind::Customer, handed_over, sent.seq).await;

    ana.send(&ClientFrame::Read { session, seq: sent.seq }).await.unwrap();
    receipt(&mut agent, PartyKind::Customer, read, sent.seq).await;
    let asked = chat.ana.say(session, "yes").await.unwrap();
    chat.agent.read(session, asked.seq).await.unwrap();
    receipt(&mut ana, PartyKind::Agent, read, asked.seq).await;

    // It is stored: who comes later, and the lists, know it. Reading never goes back.
    chat.ana.read(session, Seq::new(1)).await.unwrap();
    let deadline = Instant::now() + SOON;
    loop {
        let now = chat.agent.session(session).await.unwrap();
        if (now.read.customer, now.read.team, now.unread) == (sent.seq, asked.seq, 0) {
            break;
        }
        assert!(Instant::now() < deadline, "{now:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut late = follow(&chat.agent, session).await;
    receipt(&mut late, PartyKind::Customer, read, sent.seq).await;
    let receipts = chat.ana.poll(session).after(Seq::ZERO).wait(0).next().await.unwrap().receipts;
    let read: Vec<_> = receipts.iter().map(|receipt| (receipt.who.kind, receipt.seq)).collect();
    assert_eq!(read, [(PartyKind::Customer, sent.seq), (PartyKind::Agent, asked.seq)]);
}

/// A page that goes while its chat is still being opened leaves nobody behind, whatever the moment. (The leave once
/// overtook the last step of the opening, on a machine so busy that both lost their turn.)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_goes_while_a_chat_opens_is_gone() {
    let chat = chat("+447700900705").await;
    let mut agent = follow(&chat.agent, chat.session).await;
    let pages = (0..12).map(|_| {
        let (ana, session) = (chat.ana.clone(), chat.session);
        tokio::spawn(async move {
            for round in 0..50 {
                let connect = ana.websocket().follow(session, Some(Seq::ZERO), None);
                let mut page = connect.connect().await.unwrap();
                if round % 2 == 0 {
                    page.opened(session).await.unwrap();
                }
                page.cut();
            }
        })
    });
    for page in pages.collect::<Vec<_>>() {
        page.await.unwrap();
    }
    // Whether she was seen at all depends on the moments; in the end she is not here.
    let look =
        || async { chat.agent.poll(chat.session).after(Seq::new(1)).wait(0).next().await.unwrap().presence };
    let customers =
        |here: Vec<protocol::Presence>| here.iter().any(|here| here.who.kind == PartyKind::Customer);
    if customers(look().await) {
        agent
            .expect(|frame| match frame {
                ServerFrame::Presence { who, online: false, .. } if who.kind == PartyKind::Customer => {
                    Some(())
                }
                _ => None,
            })
            .await
            .unwrap();
    }
    assert!(!customers(look().await));
}
