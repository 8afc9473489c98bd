//! A shell script that holds a server for the test process and outlives it for as long as it takes to end the server.

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    os::unix::process::CommandExt,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        Mutex,
        mpsc::{Receiver, RecvTimeoutError, sync_channel},
    },
    thread,
    time::Duration,
};

/// No command may take longer, on however busy a machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running script. It says `ready` when it is, or in one line why not; then it reads a command per line of its
/// standard input and writes an answer per line of its standard output. When its input ends, however the test process
/// ended, it ends what it holds, removes its files and exits; so nothing outlives the tests.
#[derive(Debug)]
pub struct Watchdog {
    script: Mutex<Script>,
}

#[derive(Debug)]
struct Script {
    process: Child,
    /// Taken when it shall end.
    commands: Option<ChildStdin>,
    answers: Receiver<String>,
}

impl Watchdog {
    /// Runs the text of a script of `sh` and waits until it is ready.
    ///
    /// # Errors
    /// What it says instead, in one line.
    pub fn start<A: AsRef<OsStr>>(script: &str, args: &[A]) -> Result<Self, String> {
        let mut process = Command::new("sh")
            .args(["-c", script, "hubbub-test-watchdog"])
            .args(args)
            // Not killed with the test process's group: it has to clean up.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let commands = process.stdin.take();
        let lines = BufReader::new(process.stdout.take().expect("it was piped")).lines();
        let (send, answers) = sync_channel(1);
        thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| send.send(line)));
        let mut script = Script { process, commands, answers };
        match script.answer().as_str() {
            "ready" => Ok(Self { script: Mutex::new(script) }),
            failure => Err(failure.to_owned()),
        }
    }

    /// Starts a server whose script takes a new temporary folder, which it removes in the end, and a free port of
    /// 127.0.0.1 before its other arguments; answers the port, too.
    ///
    /// # Panics
    /// If it does not start; with what the script says.
    pub(super) fn serve(script: &str, name: &str, args: &[&str]) -> (Self, u16) {
        let attempt = || -> Result<(Self, u16), String> {
            let socket = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
            let port = socket.local_addr().map_err(|error| error.to_string())?.port();
            let folder = tempfile::Builder::new().prefix(&format!("hubbub-{name}-")).tempdir();
            let folder = folder.map_err(|error| error.to_string())?.keep();
            let port_argument = port.to_string();
            let mut all = vec![folder.as_os_str(), OsStr::new(&port_argument)];
            all.extend(args.iter().map(OsStr::new));
            drop(socket);
            Ok((Self::start(script, &all)?, port))
        };
        let mut failures = Vec::new();
        // Somebody may take the free port before the server does.
        for _ in 0..3 {
            match attempt() {
                Ok(started) => return started,
                Err(failure) => failures.push(failure),
            }
        }
        panic!("{}", failures.join("\n"));
    }

    /// Gives the script a command of one line and returns its answer.
    ///
    /// # Panics
    /// If it does not answer within a minute.
    pub fn command(&self, word: &str) -> String {
        let mut script = self.script.lock().expect("no other command panicked");
        let commands = script.commands.as_mut().expect("it lives as long as this value");
        writeln!(commands, "{word}").expect("the watchdog reads");
        script.answer()
    }

    /// Gives it a command that it has to answer with `done`.
    ///
    /// # Panics
    /// As [`Watchdog::command`], and if it answers otherwise.
    pub fn obey(&self, word: &str) {
        assert_eq!(self.command(word), "done", "{word}");
    }
}

impl Script {
    fn answer(&mut self) -> String {
        match self.answers.recv_timeout(PATIENCE) {
            Ok(line) => line.trim_end().to_owned(),
            Err(RecvTimeoutError::Disconnected) => "the watchdog ended".to_owned(),
            Err(RecvTimeoutError::Timeout) => panic!("the watchdog is silent"),
        }
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        drop(self.commands.take());
        // Its output ends when it does.
        loop {
            match self.answers.recv_timeout(PATIENCE) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    let group = format!("-{}", self.process.id());
                    drop(Command::new("kill").args(["-KILL", "--", &group]).status());
                    break;
                }
            }
        }
        drop(self.process.wait());
    }
}
