//! Load tests by the binary: of the yardstick, which does nothing wrong, and of a relay that does, on demand. What it
//! did wrong is what must be counted, no more and no less.

use std::{
    collections::HashMap,
    net::SocketAddr,
    process::{Output, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::{SinkExt as _, StreamExt as _};
use loadtest::report::Run;
use tempfile::TempDir;
use tokio::{
    net::{TcpListener, TcpStream},
    process::Command,
    sync::mpsc::{self, error::TrySendError},
};
use tokio_tungstenite::{accept_hdr_async, tungstenite::Message};

/// Runs the tool against an address; `people.sessions=2` and such are set.
async fn run(address: SocketAddr, words: &[&str]) -> (Output, Option<Run>) {
    play(&[&["--peer", "floor", "--url", &format!("http://{address}")], words].concat()).await
}

/// Runs the tool.
pub(crate) async fn play(words: &[&str]) -> (Output, Option<Run>) {
    let folder = TempDir::new().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_hubbub-loadtest"))
        .args(["run", "--quiet"])
        .args(words)
        .arg("--out")
        .arg(folder.path())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(Duration::from_secs(120), output).await.unwrap().unwrap();
    (output, Run::read(folder.path()).ok())
}

pub(crate) fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned()).concat()
}

async fn floor() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(loadtest::floor::serve(listener));
    address
}

const SHORT: [&str; 6] =
    ["--set", "time.warm_up_s=0.3", "--set", "time.measured_s=1.2", "--set", "people.sessions=4"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_pace_is_played_and_all_is_counted() {
    let address = floor().await;
    for (scenario, words) in [
        ("saturate", &["--workers", "2"][..]),
        ("steady", &["--set", "messages.rates=[{ per_s = 200 }]"]),
        (
            "steady",
            &["--set", "messages.pace=closed", "--set", "messages={ pace = \"closed\", think_ms = 20 }"],
        ),
        ("broadcast", &["--set", "people.members=8"]),
        ("slow-readers", &["--set", "time.settle_s=20"]),
    ] {
        let (output, run) = run(address, &[&["--scenario", scenario], &SHORT[..], words].concat()).await;
        assert!(output.status.success(), "{scenario}: {}", said(&output));
        let run = run.unwrap();
        let members = u64::from(run.scenario.people.members);
        assert!(run.counts.sent > 0 && run.counts.acked == run.counts.sent, "{scenario}: {:?}", run.counts);
        assert_eq!(run.counts.delivered, run.counts.acked * (members - 1), "{scenario}");
        assert_eq!(run.connecting.made, u64::from(run.scenario.connections()));
        assert!(run.measured.delivery.count > 0 && run.measured.delivery.p50 > 0.0);
        let cost = run.cost.expect("who listens on loopback is found");
        assert!(cost.server_cpu_s > 0.0 && cost.server_us_per_delivery.is_some());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_come_back_after_a_cut() {
    let address = floor().await;
    let words = ["--scenario", "storm", "--set", "people.members=2", "--set", "people.sessions=20"];
    let times = ["--set", "time.measured_s=2", "--set", "cut_all_at_s=0.5", "--set", "time.settle_s=1"];
    let (output, run) = run(address, &[&words[..], &times].concat()).await;
    let run = run.unwrap_or_else(|| panic!("{}", said(&output)));
    // The yardstick promises nothing to those who come back; that they do is what is counted here.
    assert_eq!(run.counts.reconnects, 40, "{}", said(&output));
    assert_eq!(run.measured.reconnect.count, 40);
    assert!(run.cost.unwrap().server_us_per_reconnect.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_budget_is_status_1_and_a_strange_host_status_2() {
    let address = floor().await;
    let words = [&["--scenario", "saturate", "--budget", "ack_p50_ms=0.000001"], &SHORT[..]].concat();
    let (output, run) = run(address, &words).await;
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(!run.unwrap().verdicts.iter().find(|verdict| verdict.figure == "ack_p50_ms").unwrap().held());

    let refused = |words: &'static [&'static str]| async move {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hubbub-loadtest"));
        let output = command.arg("run").args(words).stdin(Stdio::null()).output().await.unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        said(&output)
    };
    // A documentation address (RFC 5737): it must not even be tried.
    let strange = refused(&["--scenario", "steady", "--url", "http://192.0.2.1"]).await;
    assert!(strange.contains("--i-own-this-host"), "{strange}");
    let unknown = refused(&["--scenario", "unheard-of"]).await;
    assert!(unknown.contains("saturate"), "{unknown}");
    let nobody = refused(&["--scenario", "steady", "--peer", "floor", "--url", "http://127.0.0.1:1"]).await;
    assert!(nobody.contains("connect_failed"), "{nobody}");
    let visits = refused(&["--scenario", "support-day", "--peer", "floor"]).await;
    assert!(visits.contains("visits"), "{visits}");
}

/// What a relay does with every hundredth message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Loses,
    Doubles,
    Swaps,
}

/// How many messages were treated so.
type Wronged = Arc<Mutex<u64>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_server_does_wrong_is_counted() {
    for wrong in [Wrong::Loses, Wrong::Doubles, Wrong::Swaps] {
        let (address, wronged) = relay(wrong).await;
        let one_way = ["--scenario", "steady", "--set", "people.senders=customers"];
        let rate = ["--set", "messages.rates=[{ per_s = 500 }]", "--set", "time.settle_s=2"];
        let (output, run) = run(address, &[&one_way[..], &rate, &SHORT].concat()).await;
        assert_eq!(output.status.code(), Some(1), "{wrong:?}: {}", said(&output));
        let counts = run.unwrap().counts;
        let found = (counts.lost, counts.doubled, counts.out_of_order);
        let wronged = *wronged.lock().unwrap();
        assert!(wronged > 0, "{wrong:?}: nothing went wrong");
        let expected = match wrong {
            Wrong::Loses => (wronged, 0, 0),
            Wrong::Doubles => (0, wronged, 0),
            Wrong::Swaps => (0, 0, wronged),
        };
        assert_eq!(found, expected, "{wrong:?}: (lost, doubled, out of order)");
    }
}

/// Frames that wait for one member: more than a whole run has.
const QUEUE: usize = 4_096;
/// How long a message waits for another one to be swapped with.
const HELD: Duration = Duration::from_millis(300);

type Rooms = Arc<Mutex<HashMap<String, Vec<(SocketAddr, mpsc::Sender<String>)>>>>;

async fn relay(wrong: Wrong) -> (SocketAddr, Wronged) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let wronged = Wronged::default();
    let (rooms, counted) = (Rooms::default(), wronged.clone());
    tokio::spawn(async move {
        while let Ok((stream, from)) = listener.accept().await {
            tokio::spawn(member(stream, from, rooms.clone(), wrong, counted.clone()));
        }
    });
    (address, wronged)
}

async fn member(stream: TcpStream, from: SocketAddr, rooms: Rooms, wrong: Wrong, wronged: Wronged) {
    let mut room = String::new();
    #[expect(clippy::result_large_err, reason = "the callback's type is the library's")]
    let callback = |request: &tokio_tungstenite::tungstenite::handshake::server::Request, response| {
        request.uri().path().clone_into(&mut room);
        Ok(response)
    };
    let mut socket = accept_hdr_async(stream, callback).await.unwrap();
    let (queue, mut waiting) = mpsc::channel(QUEUE);
    rooms.lock().unwrap().entry(room.clone()).or_default().push((from, queue));
    let mut held: Option<String> = None;
    let mut count = 0;
    loop {
        tokio::select! {
            frame = waiting.recv() => {
                let Some(frame) = frame else { return };
                if socket.send(Message::text(frame)).await.is_err() {
                    return;
                }
            }
            () = tokio::time::sleep(HELD), if held.is_some() => {
                // Nothing came that it could be swapped with.
                *wronged.lock().unwrap() -= 1;
                tell(&rooms, &room, from, &[held.take().unwrap()]);
            }
            heard = socket.next() => {
                let Some(Ok(Message::Text(frame))) = heard else { return };
                let name = frame.split(' ').next().unwrap().to_owned();
                count += 1;
                let mut out = vec![frame.to_string()];
                if count % 100 == 50 {
                    *wronged.lock().unwrap() += 1;
                    match wrong {
                        Wrong::Loses => out.clear(),
                        Wrong::Doubles => out.push(frame.to_string()),
                        Wrong::Swaps => held = out.pop(),
                    }
                } else {
                    out.extend(held.take());
                }
                tell(&rooms, &room, from, &out);
                if socket.send(Message::text(format!(r#"{{"ack":"{name}"}}"#))).await.is_err() {
                    return;
                }
            }
        }
    }
}

fn tell(rooms: &Rooms, room: &str, from: SocketAddr, frames: &[String]) {
    for (_, other) in rooms.lock().unwrap()[room].iter().filter(|(member, _)| *member != from) {
        for frame in frames {
            // Who left has closed it; a full one would be a loss that nobody meant.
            assert!(!matches!(other.try_send(frame.clone()), Err(TrySendError::Full(_))));
        }
    }
}
