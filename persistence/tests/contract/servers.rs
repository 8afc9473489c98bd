//! The servers that tests start: what they do to a server is what they say.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::Duration,
};

use persistence::testing::{TestRedis, Watchdog};

/// An answer of one line to a command of one line, if there is one in time.
fn ask(connection: &mut TcpStream, command: &str) -> Result<String, ErrorKind> {
    connection.write_all(format!("{command}\r\n").as_bytes()).map_err(|error| error.kind())?;
    answer(connection)
}

fn answer(connection: &mut TcpStream) -> Result<String, ErrorKind> {
    let mut bytes = [0; 256];
    match connection.read(&mut bytes) {
        Ok(0) => Err(ErrorKind::UnexpectedEof),
        Ok(n) => Ok(String::from_utf8_lossy(&bytes[..n]).trim_end().to_owned()),
        Err(error) => Err(error.kind()),
    }
}

fn connect(server: &TestRedis, patience: Duration) -> TcpStream {
    let connection = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    connection.set_read_timeout(Some(patience)).unwrap();
    connection
}

const PATIENCE: Duration = Duration::from_secs(10);

#[test]
fn redis_is_killed_started_stalled_and_flushed() {
    let server = TestRedis::start();
    assert_eq!(server.url(), format!("redis://127.0.0.1:{}/", server.port()));
    let mut connection = connect(&server, PATIENCE);
    assert_eq!(ask(&mut connection, "PING").unwrap(), "+PONG");
    assert_eq!(ask(&mut connection, "SET a 1").unwrap(), "+OK");

    server.kill();
    assert!(ask(&mut connection, "PING").is_err());
    let refused = TcpStream::connect(("127.0.0.1", server.port())).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);

    server.start_again();
    let mut connection = connect(&server, PATIENCE);
    assert_eq!(ask(&mut connection, "EXISTS a").unwrap(), ":0", "it comes back empty");

    server.stall();
    let mut stalled = connect(&server, Duration::from_millis(200));
    let silent = ask(&mut stalled, "PING").unwrap_err();
    assert!(matches!(silent, ErrorKind::WouldBlock | ErrorKind::TimedOut), "{silent:?}");
    server.resume();
    stalled.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(answer(&mut stalled).unwrap(), "+PONG", "it answers what it was asked meanwhile");

    assert_eq!(ask(&mut connection, "SET a 1").unwrap(), "+OK");
    server.flush();
    assert_eq!(ask(&mut connection, "EXISTS a").unwrap(), ":0");

    let port = server.port();
    server.stall();
    drop(server);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "it ends with its value");
}

#[test]
fn a_watchdog_says_why_it_does_not_start() {
    let refused = Watchdog::start("echo \"failed: no $1\"", &["bread"]).unwrap_err();
    assert_eq!(refused, "failed: no bread");
    assert_eq!(Watchdog::start::<&str>("exit 1", &[]).unwrap_err(), "the watchdog ended");
    let echo =
        Watchdog::start("echo ready; while read -r word; do echo \"$1 $word\"; done", &["you said"]).unwrap();
    assert_eq!(echo.command("hi"), "you said hi");
}
