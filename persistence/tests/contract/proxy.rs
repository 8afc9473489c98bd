//! A wire between a node and Postgres, which can lose one statement or the answer to it, and be cut.

use std::sync::Arc;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Notify, watch},
};

#[derive(Clone, Copy)]
struct State {
    /// A connection on which the node said this is answered no more.
    swallows: Option<&'static str>,
    /// A connection on which the node says this is heard no more.
    drops: Option<&'static str>,
    /// Connections of an earlier age are cut.
    age: u32,
}

pub(crate) struct Proxy {
    pub(crate) port: u16,
    state: watch::Sender<State>,
    dropped: Arc<Notify>,
}

impl State {
    fn of_age(age: u32) -> Self {
        Self { swallows: None, drops: None, age }
    }
}

impl Proxy {
    pub(crate) async fn start(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (state, watched) = watch::channel(State::of_age(0));
        let dropped = Arc::<Notify>::default();
        let drops = dropped.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
                tokio::spawn(carry(client, server, watched.clone(), drops.clone()));
            }
        });
        Self { port, state, dropped }
    }

    /// From the moment that a node says `words`, the server hears it but is not heard. Not before, since a
    /// connection that must first be made, or a statement first be prepared, needs answers.
    pub(crate) fn swallow(&self, words: &'static str) {
        self.state.send_modify(|state| state.swallows = Some(words));
    }

    /// From the moment that a node says `words`, the server does not hear it.
    pub(crate) fn drop_from(&self, words: &'static str) {
        self.state.send_modify(|state| state.drops = Some(words));
    }

    /// Waits until it was said.
    pub(crate) async fn dropped(&self) {
        self.dropped.notified().await;
    }

    /// Cuts all connections; new ones work.
    pub(crate) fn cut(&self) {
        self.state.send_modify(|state| *state = State::of_age(state.age + 1));
    }
}

async fn carry(
    client: TcpStream,
    server: TcpStream,
    mut state: watch::Receiver<State>,
    dropped: Arc<Notify>,
) {
    let age = state.borrow().age;
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let watched = state.clone();
    let (mute, muted) = watch::channel(false);
    let questions = async {
        let mut bytes = vec![0; 16 * 1024];
        while let Ok(n @ 1..) = from_client.read(&mut bytes).await {
            let State { swallows, drops, .. } = *watched.borrow();
            let said = |words: &str| bytes[..n].windows(words.len()).any(|part| part == words.as_bytes());
            if drops.is_some_and(said) {
                dropped.notify_one();
                return std::future::pending().await;
            }
            if swallows.is_some_and(said) {
                mute.send_replace(true);
            }
            if to_server.write_all(&bytes[..n]).await.is_err() {
                return;
            }
        }
    };
    let answers = async {
        let mut bytes = vec![0; 16 * 1024];
        while let Ok(n @ 1..) = from_server.read(&mut bytes).await {
            if !*muted.borrow() && to_client.write_all(&bytes[..n]).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = questions => {}
        () = answers => {}
        _ = state.wait_for(|state| state.age != age) => {}
    }
}
