//! Lists of one server that show what happens on the others.

use std::{collections::BTreeMap, time::Duration};

use loadtest::{
    client::{AgentClient, Incoming, WsConnection},
    history::History,
    participant::{Options, Participant, Transport},
};
use protocol::{
    Assigned, Audience, ServerFrame, SessionId, SessionSort, SessionSummary, Status, View, ViewFilter,
    ViewName,
    rest::{ListedView, PollRequest, PollView},
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use tokio::time::{Instant, timeout};

use crate::support::cluster::{Cluster, PATIENCE};

async fn shows(desk: &mut WsConnection, is: impl Fn(&SessionSummary) -> bool) -> SessionSummary {
    let shown = desk.expect(|frame| match frame {
        ServerFrame::Session { session } if is(session) => Some(session.clone()),
        _ => None,
    });
    shown.await.unwrap()
}

async fn leaves(desk: &mut WsConnection, list: ViewName, id: SessionId) {
    let removed = desk.expect(|frame| match frame {
        ServerFrame::Removed { view, session } if *view == View::Named(list) && *session == id => Some(()),
        _ => None,
    });
    removed.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_show_what_happens_elsewhere() {
    let cluster = Cluster::start(1).await;
    let agent = cluster.admin(1).await;
    let cleo = cluster.nodes[0].member("supervisor", "cleo@shop.example", "Cleo").await;
    let mut desk = agent.websocket().connect().await.unwrap();
    desk.set_patience(PATIENCE);
    for view in ViewName::ALL {
        assert_eq!(desk.watch(*view, None).await.unwrap().total, 0);
    }
    let (ana, started) = cluster.nodes[0].customer("Ana", "+447700900820").await;
    let session = started.session.id;
    shows(&mut desk, |shown| shown.id == session).await;

    // Many words in a row: the last is shown, and on the way there no more than four summaries a second.
    let began = Instant::now();
    let talk = tokio::spawn(async move {
        let mut last = None;
        for n in 0..60 {
            last = Some(ana.say(session, &format!("{n}")).await.unwrap().seq);
            tokio::time::sleep(Duration::from_millis(15)).await;
        }
        (ana, last.unwrap())
    });
    let mut shown = Vec::new();
    let watching = async {
        // The last word is the sixtieth after the start.
        while shown.last().is_none_or(|seq: &protocol::Seq| seq.get() < 61) {
            if let Incoming::Frame(ServerFrame::Session { session: summary }) = desk.next().await.unwrap() {
                assert_eq!(summary.id, session);
                shown.push(summary.last_seq);
            }
        }
    };
    timeout(PATIENCE, watching).await.expect("the last word is shown");
    let (ana, last) = talk.await.unwrap();
    assert_eq!(shown.last(), Some(&last));
    let most = began.elapsed().as_millis() / 250 + 2;
    assert!(shown.len() as u128 <= most, "{} summaries in {:?}", shown.len(), began.elapsed());
    assert!(shown.is_sorted());

    // Who claims it elsewhere takes it out of the list of those that nobody has.
    cleo.claim(session).await.unwrap();
    leaves(&mut desk, ViewName::Unassigned, session).await;
    cluster.at(0, agent.caller()).say(session, "I am here, too").await.unwrap();
    leaves(&mut desk, ViewName::Waiting, session).await;
    // And one's own claim at the other server is in one's own list.
    let (ben, started) = cluster.nodes[0].customer("Ben", "+447700900821").await;
    let own = started.session.id;
    cluster.admin(0).await.claim(own).await.unwrap();
    let mine = agent.who().you.id;
    shows(&mut desk, |shown| {
        shown.id == own && shown.assignee.as_ref().is_some_and(|who| who.id.uuid() == mine)
    })
    .await;
    ben.close(own).await.unwrap();
    leaves(&mut desk, ViewName::Mine, own).await;
    shows(&mut desk, |shown| shown.id == own && shown.status == Status::Closed).await;

    // What was read elsewhere counts here.
    cleo.read(session, last).await.unwrap();
    shows(&mut desk, |shown| shown.id == session && shown.unread == 0 && shown.read.team >= last).await;
    ana.say(session, "one more").await.unwrap();
    shows(&mut desk, |shown| shown.id == session && shown.unread == 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_by_long_poll_is_answered_when_something_happens_elsewhere() {
    let cluster = Cluster::start(1).await;
    let agent = cluster.admin(1).await;
    // Asks until the list is so; what it is answered before that is another version of it.
    let until = async |mut version: Option<String>, is: &dyn Fn(&ListedView) -> bool| -> ListedView {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let views =
                vec![PollView { view: ViewName::Unassigned.into(), limit: None, version: version.clone() }];
            let request = PollRequest { views, wait: Some(30), ..PollRequest::default() };
            for list in agent.poll_many(&request).await.unwrap().views {
                if is(&list) {
                    return list;
                }
                assert_ne!(version.as_ref(), Some(&list.version), "it is held until there is something new");
                version = Some(list.version);
            }
            assert!(Instant::now() < deadline, "the list never is so");
        }
    };
    let empty = until(None, &|list| list.total == 0).await;
    let (begun, (ana, started)) = tokio::join!(
        until(Some(empty.version), &|list| !list.sessions.is_empty()),
        cluster.nodes[0].customer("Ana", "+447700900822")
    );
    let session = started.session.id;
    assert_eq!(begun.sessions[0].id, session);
    let grown = |list: &ListedView| list.sessions[0].last_seq > started.session.last_seq;
    let (said, _) =
        tokio::join!(until(Some(begun.version), &grown), async { ana.say(session, "hello").await.unwrap() });
    let cleo = cluster.nodes[0].member("supervisor", "cleo@shop.example", "Cleo").await;
    let (claimed, _) = tokio::join!(until(Some(said.version), &|list| list.sessions.is_empty()), async {
        cleo.claim(session).await.unwrap();
    });
    assert_eq!(claimed.total, 0);
}

/// Those that everybody has, and some that only the server knows.
fn every_list() -> Vec<View> {
    let ended = ViewFilter { status: vec![Status::Resolved, Status::Closed], ..ViewFilter::default() };
    let held = ViewFilter {
        assignee: Some(Assigned::Me),
        sort: Some(SessionSort::Waiting),
        ..ViewFilter::default()
    };
    let filters = [ended, held].map(|filter| View::Filter(filter.into()));
    ViewName::ALL.iter().copied().map(View::Named).chain(filters).collect()
}

type List = BTreeMap<SessionId, SessionSummary>;

fn list(sessions: impl IntoIterator<Item = SessionSummary>) -> List {
    sessions.into_iter().map(|session| (session.id, session)).collect()
}

/// The list as the store has it.
async fn anew(agent: &AgentClient, view: &View) -> List {
    let views = vec![PollView { view: view.clone(), limit: None, version: None }];
    let request = PollRequest { views, wait: Some(0), ..PollRequest::default() };
    list(agent.poll_many(&request).await.unwrap().views.remove(0).sessions)
}

/// Whatever is done on either server, in whatever order the news of it come, the lists of both are true in the end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_are_kept_true_between_servers() {
    let cluster = Cluster::start(1).await;
    let mut agents = Vec::new();
    for (node, server) in cluster.nodes.iter().enumerate() {
        agents.push(cluster.admin(node).await);
        agents.push(server.member("agent", &format!("agent{node}@shop.example"), "Bo").await);
    }
    let history = History::new();
    let mut watchers = Vec::new();
    for (agent, transport) in
        agents.iter().zip([Transport::WebSocket, Transport::LongPoll].into_iter().cycle())
    {
        let options = Options { transport, watch: every_list(), poll_wait_s: 5, ..Options::default() };
        let recorder = history.actor("watcher", Audience::Team);
        watchers.push((agent, Participant::join(agent.caller(), recorder, options)));
    }
    let mut random = StdRng::seed_from_u64(6);
    let mut chats = Vec::new();
    for round in 0..10 {
        for _ in 0..15 {
            if chats.len() < 3 || random.random_bool(0.05) {
                let phone = format!("+4477009008{:02}", 30 + chats.len());
                let (who, started) = cluster.nodes[chats.len() % 2].customer("Ana", &phone).await;
                chats.push((who, started.session.id));
                continue;
            }
            let (ana, session) = chats.choose(&mut random).unwrap();
            let (ana, session) = (cluster.at(random.random_range(0..2), ana), *session);
            let agent = agents.choose(&mut random).unwrap();
            let status = *Status::ALL.choose(&mut random).unwrap();
            // Whatever is refused changes nothing, which shall be seen, too.
            match random.random_range(0..8) {
                0..3 => drop(ana.say(session, "hello").await),
                3 => drop(agent.say(session, "hi").await),
                4 => drop(agent.claim(session).await),
                5 => drop(agent.set_status(session, status).await),
                6 => drop(agent.read(session, protocol::Seq::new(random.random_range(1..20))).await),
                _ => drop(ana.close(session).await),
            }
        }
        for (agent, watcher) in &watchers {
            for view in every_list() {
                same(agent, watcher, &view, round).await;
            }
        }
    }
}

async fn same(agent: &AgentClient, watcher: &Participant, view: &View, round: usize) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let truth = anew(agent, view).await;
        let agrees = |seen: &loadtest::participant::Seen| {
            (list(seen.list(view)?.iter().cloned()) == truth).then_some(())
        };
        if watcher.wait_for(Duration::from_millis(700), agrees).await.is_ok() {
            return;
        }
        let kept = watcher.seen().list(view).map(|sessions| list(sessions.iter().cloned()));
        assert!(
            Instant::now() < deadline,
            "round {round}: {view:?} is kept as\n{kept:#?}\nand read as\n{truth:#?}"
        );
    }
}
