//! A wire between a node and Postgres, which can swallow the server's answers and be cut.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{TcpListener, TcpStream},
    sync::watch,
};

#[derive(Clone, Copy)]
struct State {
    swallows: bool,
    /// Connections of an earlier age are cut.
    age: u32,
}

pub(crate) struct Proxy {
    pub(crate) port: u16,
    state: watch::Sender<State>,
}

impl Proxy {
    pub(crate) async fn start(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (state, watched) = watch::channel(State { swallows: false, age: 0 });
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
                tokio::spawn(carry(client, server, watched.clone()));
            }
        });
        Self { port, state }
    }

    /// From now on the server hears, but is not heard.
    pub(crate) fn swallow(&self) {
        self.state.send_modify(|state| state.swallows = true);
    }

    /// Cuts all connections; new ones work.
    pub(crate) fn cut(&self) {
        self.state.send_modify(|state| *state = State { swallows: false, age: state.age + 1 });
    }
}

async fn carry(client: TcpStream, server: TcpStream, mut state: watch::Receiver<State>) {
    let age = state.borrow().age;
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let mut ended = state.clone();
    let answers = async {
        let mut bytes = vec![0; 16 * 1024];
        while let Ok(n @ 1..) = from_server.read(&mut bytes).await {
            if !state.borrow_and_update().swallows && to_client.write_all(&bytes[..n]).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        _ = copy(&mut from_client, &mut to_server) => {}
        () = answers => {}
        _ = ended.wait_for(|state| state.age != age) => {}
    }
}
