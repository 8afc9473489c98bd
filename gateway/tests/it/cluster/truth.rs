//! A server that has a chat in memory, follows it for nobody, and has not heard what happened to it elsewhere: what it
//! answers is true all the same (promises 2, 3 and 5).

use std::time::Duration;

use loadtest::client::{AgentClient, Caller};
use protocol::{EntryId, EntryKind, ErrorCode, Seq, SessionId, Status};
use tokio::time::Instant;
use uuid::Uuid;

use crate::support::cluster::{Cluster, PATIENCE};

/// A chat that the second server has in memory as it was a moment ago.
struct Behind {
    cluster: Cluster,
    /// The customer at each server.
    ana: [Caller; 2],
    /// The agent at each.
    agent: [AgentClient; 2],
    session: SessionId,
}

async fn behind(phone: &str) -> Behind {
    let cluster = Cluster::start(1).await;
    let (ana, started) = cluster.nodes[0].customer("Ana", phone).await;
    let ana = [ana.clone(), cluster.at(1, &ana)];
    let agent = [cluster.admin(0).await, cluster.admin(1).await];
    let session = started.session.id;
    ana[1].say(session, "said at the second").await.unwrap();
    Behind { cluster, ana, agent, session }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_that_stood_a_moment_ago_refuses_nothing() {
    let Behind { cluster: _cluster, ana, agent, session } = behind("+447700900870").await;
    agent[0].claim(session).await.unwrap();
    agent[0].set_status(session, Status::Resolved).await.unwrap();
    // As the second server has it, the chat is open, and an open one cannot be rated.
    ana[1].rate(session, 5, None).await.unwrap();
    // Nor is what was so a moment ago taken for done: it is in progress as far as the first one knows, …
    agent[1].set_status(session, Status::InProgress).await.unwrap();
    agent[1].set_status(session, Status::Resolved).await.unwrap();
    agent[0].set_status(session, Status::InProgress).await.unwrap();
    // … and resolved as far as the second one does.
    agent[1].set_status(session, Status::Resolved).await.unwrap();
    assert_eq!(agent[0].session(session).await.unwrap().status, Status::Resolved);
    // And what is over elsewhere is over: a message goes to the chat that carries it on, a note to nobody.
    agent[0].set_status(session, Status::Closed).await.unwrap();
    let next = ana[1].say(session, "hello again").await.unwrap();
    assert_ne!(next.session, session);
    let refused = agent[0].note(session, "too late").await.unwrap_err();
    assert_eq!(refused.code(), Some(ErrorCode::WrongStatus), "{refused}");
    assert_eq!(ana[0].say(session, "and on").await.unwrap().session, next.session);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retry_at_another_server_is_the_same_send() {
    let Behind { cluster: _cluster, ana, agent, session } = behind("+447700900871").await;
    let id = EntryId::new(Uuid::now_v7());
    let first = ana[0].send(session, id, "once", EntryKind::Message).await.unwrap();
    let again = ana[1].send(session, id, "once", EntryKind::Message).await.unwrap();
    assert_eq!((again.seq, again.session, again.duplicate), (first.seq, session, true));
    // Also when it could not be said any more.
    let note = EntryId::new(Uuid::now_v7());
    let first = agent[0].send(session, note, "a note", EntryKind::Note).await.unwrap();
    agent[0].set_status(session, Status::Closed).await.unwrap();
    ana[0].say(session, "and on").await.unwrap();
    for agent in &agent {
        let again = agent.send(session, note, "a note", EntryKind::Note).await.unwrap();
        assert_eq!((again.seq, again.duplicate), (first.seq, true));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_read_is_stored_though_it_was_not_heard_of() {
    let Behind { cluster: _cluster, ana, agent, session } = behind("+447700900872").await;
    let mut last = Seq::ZERO;
    for n in 0..3 {
        last = ana[0].say(session, &format!("{n}")).await.unwrap().seq;
    }
    agent[1].read(session, last).await.unwrap();
    let deadline = Instant::now() + PATIENCE;
    loop {
        let now = agent[0].session(session).await.unwrap();
        if (now.read.team, now.unread) == (last, 0) {
            break;
        }
        assert!(Instant::now() < deadline, "{now:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_lost_a_race_elsewhere_is_told_the_truth() {
    let Behind { cluster, ana, agent, session } = behind("+447700900873").await;
    let bo = cluster.nodes[1].member("agent", "bo@shop.example", "Bo").await;
    // Bo sees it while nobody has it.
    bo.note(session, "shall I?").await.unwrap();
    agent[0].claim(session).await.unwrap();
    // Now it is not his to see, whatever his server remembers.
    let refused = bo.claim(session).await.unwrap_err();
    assert_eq!(refused.status(), Some(404), "{refused}");
    let boss = cluster.nodes[1].member("supervisor", "boss@shop.example", "Boss").await;
    let refused = boss.claim(session).await.unwrap_err();
    assert_eq!(refused.code(), Some(ErrorCode::AlreadyClaimed), "{refused}");

    let (_, started) = cluster.nodes[0].customer("Ben", "+447700900874").await;
    let other = started.session.id;
    bo.note(other, "and this?").await.unwrap();
    agent[0].claim(other).await.unwrap();
    let refused = bo.poll(other).after(Seq::ZERO).wait(0).next().await.unwrap_err();
    assert_eq!(refused.status(), Some(404), "{refused}");

    // What was said elsewhere a moment ago is in the first answer.
    let said = ana[0].say(session, "just now").await.unwrap();
    let events = ana[1].poll(session).after(Seq::ZERO).wait(0).next().await.unwrap();
    assert_eq!(events.last_seq, said.seq, "{events:?}");
}
