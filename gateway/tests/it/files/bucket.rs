//! Files in a bucket: the same as in a folder, on a server that speaks S3 (moto, which `.ci/install` installs).

use std::{
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use image::ImageFormat;
use serde_json::json;
use tokio::{net::TcpStream, time::Instant};

use super::{below, canned, newest, picture, picture_of, read, say_with, sent, try_upload, upload};
use crate::support::{Engine, TestServer, UNHURRIED};

const PATIENCE: Duration = Duration::from_secs(60);
/// Where `.ci/install` puts it.
const MOTO: &str = "../target/moto/5.2.1";

/// Ends with the test.
struct Moto {
    process: Child,
    endpoint: String,
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Moto {
    async fn start() -> Self {
        let python = Path::new(env!("CARGO_MANIFEST_DIR")).join(MOTO).join("bin/python");
        assert!(
            python.exists(),
            "a bucket is needed here, and there is no {}: run .ci/install",
            python.display()
        );
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = Command::new(python)
            .args(["-m", "moto.server", "-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let moto = Self { process, endpoint: format!("http://127.0.0.1:{port}") };
        let end = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            assert!(Instant::now() < end, "moto does not start");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let made = reqwest::Client::new().put(format!("{}/chat-files", moto.endpoint)).send().await.unwrap();
        assert!(made.status().is_success(), "{made:?}");
        moto
    }

    /// How many objects there are.
    async fn objects(&self) -> usize {
        let list = reqwest::get(format!("{}/chat-files?list-type=2", self.endpoint)).await.unwrap();
        list.text().await.unwrap().matches("<Key>").count()
    }

    fn flags(&self) -> Vec<String> {
        let mut flags: Vec<_> = UNHURRIED.iter().map(|flag| (*flag).to_owned()).collect();
        flags.extend([
            "--files-url=s3://chat-files/of/hubbub".to_owned(),
            format!("--s3-endpoint={}", self.endpoint),
            "--s3-access-key=key".to_owned(),
            "--s3-secret-key=not-to-be-said".to_owned(),
            "--files-sweep-seconds=1".to_owned(),
        ]);
        flags
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_are_kept_and_read_and_deleted() {
    let moto = Moto::start().await;
    let flags = moto.flags();
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let mut server = TestServer::start_with(Engine::Sqlite, &flags).await;
    let (ana, started) = server.customer("Ana", "+447700900118").await;
    let session = started.session.id;
    let photo = sent(&ana, session, &picture()).await;
    let entry = newest(&ana, session).await;
    // More than one part of the bucket's.
    let large: Vec<u8> = (0..18_000_000_u32).map(|n| b'a' + (n % 26) as u8).collect();
    let text = upload(&ana, session, "large.txt", &large).await;
    say_with(&ana, session, "", &[text.id], false).await.unwrap();
    assert_eq!(moto.objects().await, 3);
    let whole = read(&ana, text.id).await;
    assert!(whole.body == large, "{} bytes", whole.body.len());
    let part =
        ana.request("GET", &format!("/attachments/{}", text.id)).header("range", "bytes=9000000-9000009");
    let part = part.send().await.unwrap();
    assert_eq!((part.status, part.body.as_slice()), (206, &large[9_000_000..9_000_010]));
    let small = ana.request("GET", &format!("/attachments/{}/thumbnail", photo.id)).send().await.unwrap();
    assert!(image::load_from_memory_with_format(&small.body, ImageFormat::Jpeg).is_ok());
    // Another process has them, too.
    server.kill().await;
    server.start_again().await;
    let url = below(&entry.attachments[0].url).to_owned();
    assert_eq!(server.client().stranger().request("GET", &url).send().await.unwrap().status, 200);
    ana.on_session("DELETE", session, &format!("/entries/{}", entry.id)).done().await.unwrap();
    let end = Instant::now() + PATIENCE;
    while moto.objects().await != 1 {
        assert!(Instant::now() < end, "what is deleted stays in the bucket");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(!server.said().contains("not-to-be-said"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_canned_answers_files_are_copied_there() {
    let moto = Moto::start().await;
    let flags = moto.flags();
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let server = TestServer::start_with(Engine::Sqlite, &flags).await;
    let admin = server.admin().await;
    let (ana, started) = server.customer("Ana", "+447700900118").await;
    let canned = canned::make(&admin, json!({})).await;
    canned::add(&admin, canned.id, "a.png", &picture()).await;
    let copies = canned::attached(&admin, canned.id, started.session.id).await;
    assert_eq!(moto.objects().await, 4, "two, with their small pictures");
    say_with(admin.caller(), started.session.id, "look", &[copies[0].id], false).await.unwrap();
    admin.request("DELETE", &format!("/canned/{}", canned.id)).done().await.unwrap();
    let end = Instant::now() + PATIENCE;
    while moto.objects().await != 2 {
        assert!(Instant::now() < end, "what is deleted stays in the bucket");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(read(&ana, copies[0].id).await.body, picture());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_that_is_away_is_said_to_be() {
    let nowhere = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("--s3-endpoint=http://{}", nowhere.local_addr().unwrap());
    drop(nowhere);
    let flags =
        ["--files-url=s3://chat-files", &endpoint, "--s3-access-key=key", "--s3-secret-key=not-to-be-said"];
    let server = TestServer::start_with(Engine::Sqlite, &flags).await;
    let (ana, started) = server.customer("Ana", "+447700900118").await;
    let answer = try_upload(&ana, started.session.id, "a.png", &picture_of(9, 9, ImageFormat::Png)).await;
    assert_eq!((answer.status, answer.header("retry-after").is_some()), (503, true), "{}", answer.text());
    assert!(answer.text().contains("files_unavailable"), "{}", answer.text());
    ana.say(started.session.id, "and all else goes on").await.unwrap();
    let said = server.said();
    assert!(
        said.contains("the storage of files does not answer") && !said.contains("not-to-be-said"),
        "{said}"
    );
}
