//! The probe, looking at real processes and sockets.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use loadtest::probe::{Processes, busy, listener_of, metrics::scrape};

const PATIENCE: Duration = Duration::from_secs(30);

/// Burns CPU and says so when it is done.
const BURN: &str = "i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done; echo done;";

/// A shell that is ended with the test, whatever becomes of it.
struct Shell {
    child: Child,
    // Kept apart: whoever waits for a child closes what it reads from.
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Shell {
    fn run(script: &str) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = shell.spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, stdin, stdout }
    }

    fn says(&mut self, word: &str) {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        assert_eq!(line.trim(), word);
    }

    fn tell(&mut self, line: &str) {
        writeln!(self.stdin, "{line}").unwrap();
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks again until it holds: what has just ended is counted by the kernel a little later.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "never: {what}");
        std::thread::yield_now();
    }
}

#[test]
fn children_count_while_they_live_and_after() {
    let mut shell = Shell::run(&format!("sh -c '{BURN} read x; exit 0'; echo over; read y"));
    let mut watched = Processes::of(&[shell.child.id()]);
    shell.says("done");
    let alive = watched.cpu();
    assert!(alive >= Duration::from_millis(5), "{alive:?}");
    assert_eq!(watched.pids().len(), 2, "the shell and its child");

    shell.tell("");
    shell.says("over");
    until("the child was waited for", || {
        watched.cpu();
        watched.pids().len() == 1
    });
    let after = watched.cpu();
    assert!(after >= alive, "{after:?} after {alive:?}");
    assert!(after < alive * 2, "counted twice: {after:?} after {alive:?}");
}

#[test]
fn who_lost_its_parent_is_still_watched() {
    let mut shell =
        Shell::run(&format!("exec 3<&0; sh -c '{BURN} read x; {BURN} read y' <&3 & exec sleep 60"));
    shell.says("done");
    let mut watched = Processes::of(&[shell.child.id()]);
    let one = watched.cpu();
    let child = *watched.pids().iter().find(|pid| **pid != shell.child.id()).unwrap();

    // The parent is killed and does not wait for its child.
    shell.child.kill().unwrap();
    shell.child.wait().unwrap();
    shell.tell("");
    shell.says("done");
    let two = watched.cpu();
    assert_eq!(watched.pids(), [child]);
    assert!(two > one, "{two:?} after {one:?}");

    shell.tell("");
    until("all are gone", || {
        watched.cpu();
        watched.pids().is_empty()
    });
    assert!(watched.cpu() >= two);
}

#[test]
fn threads_that_ended_are_not_lost() {
    let mut watched = Processes::of(&[std::process::id()]);
    let before = watched.cpu();
    let burn = || {
        let mut bytes = vec![1_u8; 64 * 1024];
        for round in 0..200_u8 {
            bytes.iter_mut().for_each(|byte| *byte = byte.rotate_left(1).wrapping_add(round));
        }
        std::hint::black_box(bytes.len());
    };
    for _ in 0..10 {
        let threads: Vec<_> = (0..16).map(|_| std::thread::spawn(burn)).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    }
    let all = watched.cpu();
    let more = all - before;
    assert!(more >= Duration::from_millis(10), "{more:?}");
    assert!(busy().unwrap() >= more);
    assert!(watched.cpu() >= all);
}

#[test]
fn memory_is_that_of_all_and_nobody_costs_nothing() {
    let shell = Shell::run("exec 3<&0; sh -c 'read x; exit' <&3 & wait");
    let mut watched = Processes::of(&[shell.child.id()]);
    until("both run", || {
        watched.cpu();
        watched.pids().len() == 2
    });
    let one = Processes::of(&[watched.pids()[1]]).memory();
    let both = watched.memory();
    assert!(both.exact && one.exact, "{both:?} {one:?}");
    assert!(one.kib > 50 && both.kib > one.kib, "{both:?} {one:?}");

    let mut nobody = Processes::of(&[u32::MAX]);
    assert_eq!((nobody.cpu(), nobody.memory().kib), (Duration::ZERO, 0));
}

#[test]
fn the_process_that_listens_is_found() {
    let me = std::process::id();
    let one = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = one.local_addr().unwrap();
    assert_eq!(listener_of(address), Some(me));

    let all = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    let port = all.local_addr().unwrap().port();
    assert_eq!(listener_of((Ipv4Addr::LOCALHOST, port).into()), Some(me));
    assert_eq!(listener_of((Ipv6Addr::LOCALHOST, port).into()), None);

    drop(one);
    assert_eq!(listener_of(address), None);
}

/// Answers one request with these bytes.
fn serve_once(answer: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 1024];
        let _ = stream.read(&mut request);
        let _ = stream.write_all(&answer);
    });
    address
}

#[tokio::test]
async fn counters_are_read_and_other_pages_are_not() {
    let page =
        b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\na_total{x=\"1\"} 3\na_total{x=\"2\"} 4\n".to_vec();
    let counters = scrape(&format!("http://{}/metrics", serve_once(page))).await.unwrap();
    assert_eq!(counters, [("a_total".to_owned(), 7.0)].into());

    let gone = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_vec();
    let error = scrape(&format!("http://{}/metrics", serve_once(gone))).await.unwrap_err();
    assert!(error.to_string().ends_with("answers 404"), "{error}");

    let mut endless = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec();
    endless.resize(endless.len() + 5 * 1024 * 1024, b'\n');
    let error = scrape(&format!("http://{}/metrics", serve_once(endless))).await.unwrap_err();
    assert!(error.to_string().contains("more than 4 MiB"), "{error}");
}
