//! How files end: taken back, deleted with their message, forgotten by everybody, or left by a process that died.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use sqlx::{Connection as _, SqliteConnection};
use tokio::{io::AsyncWriteExt as _, net::TcpStream, time::Instant};
use uuid::Uuid;

use super::{form_bytes, newest, picture, read, say_with, sent, try_upload, upload};
use crate::support::{Engine, TestServer, UNHURRIED, on_both_stores};

const PATIENCE: Duration = Duration::from_secs(30);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Every file below a folder.
pub(super) fn below(folder: &Path) -> Vec<PathBuf> {
    let Ok(found) = fs::read_dir(folder) else { return Vec::new() };
    let each = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.unwrap().path();
        if path.is_dir() { below(&path) } else { vec![path] }
    };
    found.flat_map(each).collect()
}

/// Waits until the disk is as it should be.
pub(super) async fn until(what: &str, folder: &Path, is: impl Fn(&[PathBuf]) -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is(&below(folder)) {
        assert!(Instant::now() < end, "{what}: {:?}", below(folder));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

pub(super) fn sweeping() -> Vec<&'static str> {
    UNHURRIED.into_iter().chain(["--files-sweep-seconds=1"]).collect()
}

/// Makes a file on the disk older than a day.
pub(super) fn age(path: &Path) {
    let file = fs::File::options().write(true).open(path).unwrap();
    let modified = file.metadata().unwrap().modified().unwrap();
    file.set_modified(modified - DAY - Duration::from_secs(60)).unwrap();
}

on_both_stores! {
    async fn what_is_deleted_leaves_the_disk(engine: Engine) {
        let server = TestServer::start_with(engine, &sweeping()).await;
        let (ana, started) = server.customer("Ana", "+447700900118").await;
        let session = started.session.id;
        let kept = sent(&ana, session, &picture()).await;
        let deleted = sent(&ana, session, &picture()).await;
        let entry = newest(&ana, session).await.id;
        let taken_back = upload(&ana, session, "photo.png", &picture()).await;
        assert_eq!(below(&server.files()).len(), 6, "three, with their small pictures");
        ana.on_session("DELETE", session, &format!("/entries/{entry}")).done().await.unwrap();
        ana.request("DELETE", &format!("/attachments/{}", taken_back.id)).done().await.unwrap();
        let names = |id: Uuid, paths: &[PathBuf]| paths.iter().filter(|path| path.ends_with(id.to_string())).count();
        until("deleted ones go", &server.files(), |paths| {
            names(deleted.id, paths) + names(taken_back.id, paths) == 0
        }).await;
        assert_eq!(names(kept.id, &below(&server.files())), 2);
        assert_eq!(read(&ana, kept.id).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_needs_is_swept_after_a_day() {
    let server = TestServer::start_with(Engine::Sqlite, &sweeping()).await;
    let (ana, started) = server.customer("Ana", "+447700900118").await;
    let session = started.session.id;
    let waits = upload(&ana, session, "new.png", &picture()).await;
    let old = upload(&ana, session, "old.png", &picture()).await;
    let kept = sent(&ana, session, &picture()).await;
    // Of two processes that died, a day ago and just now.
    let (orphan, fresh) = (Uuid::new_v4(), Uuid::new_v4());
    let place = |id: Uuid| server.files().join("files").join(&id.to_string()[..2]).join(id.to_string());
    let partial = server.files().join("incoming").join(Uuid::new_v4().to_string());
    for (path, aged) in
        [(place(orphan), true), (place(fresh), false), (partial.clone(), true), (place(kept.id), true)]
    {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if !path.exists() {
            fs::write(&path, "left").unwrap();
        }
        if aged {
            age(&path);
        }
    }
    let mut conn = SqliteConnection::connect(server.database_url()).await.unwrap();
    sqlx::query("update attachments set created_at_ms = created_at_ms - 86400001 where id <> $1")
        .bind(waits.id)
        .execute(&mut conn)
        .await
        .unwrap();
    conn.close().await.unwrap();
    let late = say_with(&ana, session, "too late", &[old.id], false).await.unwrap_err();
    assert_eq!(late.status(), Some(422));
    until("what waited for a day, and what was left", &server.files(), |paths| {
        let has = |path: &Path| paths.iter().any(|other| other == path);
        !has(&place(old.id)) && !has(&place(orphan)) && !has(&partial)
    })
    .await;
    for path in [place(waits.id), place(kept.id), place(fresh)] {
        assert!(path.exists(), "{}", path.display());
    }
    assert_eq!(read(&ana, old.id).await.status, 404);
    say_with(&ana, session, "in time", &[waits.id], false).await.unwrap();
}

/// Sends the first half of an upload.
async fn half(server: &TestServer, token: &str, session: protocol::SessionId) -> TcpStream {
    let form = form_bytes("a.txt", "text/plain", &vec![b'x'; 1_000_000]);
    let head = format!(
        "POST /api/v1/sessions/{session}/attachments HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
         content-type: multipart/form-data; boundary=----here-it-parts\r\ncontent-length: {}\r\n\r\n",
        form.len()
    );
    let mut socket = TcpStream::connect(server.address()).await.unwrap();
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.write_all(&form[..500_000]).await.unwrap();
    socket
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_ends_in_the_middle_leaves_nothing() {
    let mut server = TestServer::start_with(Engine::Sqlite, &sweeping()).await;
    let (ana, started) = server.customer("Ana", "+447700900118").await;
    let session = started.session.id;
    let loadtest::client::Credential::Token(token) = ana.credential().clone() else { panic!() };
    let incoming = server.files().join("incoming");
    // Given up by its sender.
    let socket = half(&server, &token, session).await;
    until("it comes in", &incoming, |paths| paths.len() == 1).await;
    drop(socket);
    until("it is given up", &incoming, |paths| paths.is_empty()).await;
    // And by a process that is killed.
    let _socket = half(&server, &token, session).await;
    until("it comes in", &incoming, |paths| paths.len() == 1).await;
    server.kill().await;
    let left = below(&incoming);
    assert_eq!(left.len(), 1);
    age(&left[0]);
    server.start_again().await;
    until("it is swept", &incoming, |paths| paths.is_empty()).await;
    assert_eq!(try_upload(&ana, session, "a.txt", b"hello").await.status, 201);
}

#[tokio::test]
async fn nobody_fills_the_disk_or_the_line() {
    let flags = ["--upload-bytes=1000", "--uploads-per-minute=25"];
    let server = TestServer::start_with(Engine::Sqlite, &flags).await;
    let (ana, started) = server.customer("Ana", "+447700900118").await;
    let session = started.session.id;
    let mut files = Vec::new();
    for _ in 0..20 {
        files.push(upload(&ana, session, "a.txt", &[b'x'; 1_000]).await.id);
    }
    let full = try_upload(&ana, session, "a.txt", b"one more").await;
    assert_eq!(full.status, 429, "twenty of the largest wait: {}", full.text());
    say_with(&ana, session, "", &files[..1], false).await.unwrap();
    upload(&ana, session, "a.txt", b"one more").await;
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(try_upload(&ana, session, "a.txt", b"x").await.status);
    }
    assert!(statuses.contains(&429), "{statuses:?}");
}
