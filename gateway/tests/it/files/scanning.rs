//! A virus scanner: nothing is taken that it did not see, or that it does not like.

use std::sync::Arc;

use tempfile::TempDir;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, UnixListener},
};

use super::{picture, try_upload};
use crate::support::{Engine, TestServer};

/// What a scanner calls a virus.
const VIRUS: &[u8] = b"virus";

/// As clamd does (clamd(8)): a file in pieces behind their lengths, and one line for an answer.
async fn scan(mut socket: impl AsyncRead + AsyncWrite + Unpin) -> std::io::Result<()> {
    let mut command = [0; 10];
    socket.read_exact(&mut command).await?;
    assert_eq!(&command, b"zINSTREAM\0");
    let mut file = Vec::new();
    loop {
        let length = socket.read_u32().await? as usize;
        if length == 0 {
            break;
        }
        let begin = file.len();
        file.resize(begin + length, 0);
        socket.read_exact(&mut file[begin..]).await?;
    }
    let found = file.windows(VIRUS.len()).any(|window| window == VIRUS);
    let breaks = file.windows(6).any(|window| window == b"broken");
    let answer: &[u8] = match (found, breaks) {
        (true, _) => b"stream: Eicar-Signature FOUND\0",
        (_, true) => b"INSTREAM size limit exceeded. ERROR\0",
        _ => b"stream: OK\0",
    };
    socket.write_all(answer).await
}

async fn assert_scanned(server: &TestServer) {
    let (ana, started) = server.customer("Ana", "+447700900118").await;
    let session = started.session.id;
    for (bytes, status, code) in [
        (b"hello".to_vec(), 201, ""),
        (picture(), 201, ""),
        (b"a virus in it".to_vec(), 422, "\"infected\""),
        (b"broken".to_vec(), 503, "\"scanner_unavailable\""),
        ([vec![b'x'; 1_000_000], VIRUS.to_vec()].concat(), 422, "Eicar-Signature"),
    ] {
        let name = if bytes.starts_with(b"\x89PNG") { "a.png" } else { "a.txt" };
        let answer = try_upload(&ana, session, name, &bytes).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        assert!(answer.text().contains(code), "{}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_tcp() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let flag = format!("--scanner=tcp://{}", listener.local_addr().unwrap());
    let scanner = tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(scan(socket));
        }
    });
    let server = TestServer::start_with(Engine::Sqlite, &[&flag]).await;
    assert_scanned(&server).await;
    // Gone: nothing is taken unscanned.
    scanner.abort();
    let _ = scanner.await;
    let (ana, started) = server.customer("Eve", "+447700900119").await;
    let answer = try_upload(&ana, started.session.id, "a.txt", b"hello").await;
    assert_eq!((answer.status, answer.header("retry-after").is_some()), (503, true), "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_a_unix_socket() {
    let folder = Arc::new(TempDir::new().unwrap());
    let path = folder.path().join("clamd.ctl");
    let listener = UnixListener::bind(&path).unwrap();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(scan(socket));
        }
    });
    let flag = format!("--scanner=unix://{}", path.display());
    let server = TestServer::start_with(Engine::Sqlite, &[&flag]).await;
    assert_scanned(&server).await;
}
