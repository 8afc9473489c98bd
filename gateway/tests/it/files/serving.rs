//! How files are handed out: whole and in parts, under their names, and never as a page of ours.

use loadtest::client::Answer;

use super::{picture, read, sent, upload};
use crate::support::{Engine, TestServer};

fn has(answer: &Answer, name: &str, value: &str) {
    assert_eq!(answer.header(name), Some(value), "{name}: {:?}", answer.headers);
}

#[tokio::test]
async fn nothing_in_a_file_runs() {
    let server = TestServer::start(Engine::Sqlite).await;
    let (ana, started) = server.customer("Ana", "+447700900118").await;
    let session = started.session.id;
    for (name, bytes, content_type, disposition) in [
        (
            "é photo.png",
            picture(),
            "image/png",
            "inline; filename=\"_ photo.png\"; filename*=UTF-8''%C3%A9%20photo.png",
        ),
        (
            "a.pdf",
            b"%PDF-1.4 /JS (app.alert(1))".to_vec(),
            "application/pdf",
            "attachment; filename=\"a.pdf\"",
        ),
        ("a.txt", b"1 <script>alert(1)</script>".to_vec(), "text/plain", "attachment; filename=\"a.txt\""),
        ("a.wav", b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0".to_vec(), "audio/wav", "inline; filename=\"a.wav\""),
    ] {
        let file = upload(&ana, session, name, &bytes).await;
        let answer = read(&ana, file.id).await;
        assert_eq!(answer.status, 200, "{name}");
        has(&answer, "content-type", content_type);
        has(&answer, "content-disposition", disposition);
        has(&answer, "x-content-type-options", "nosniff");
        has(&answer, "cross-origin-resource-policy", "cross-origin");
        has(&answer, "accept-ranges", "bytes");
        has(&answer, "content-length", &file.size.to_string());
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("sandbox"), "{policy}");
        assert!(!policy.contains("allow-scripts"), "{policy}");
        assert!(answer.header("cache-control").unwrap().contains("private"));
        let encoded =
            ana.request("GET", &format!("/attachments/{}", file.id)).header("accept-encoding", "br, gzip");
        assert_eq!(encoded.send().await.unwrap().header("content-encoding"), None);
    }
    let small =
        ana.request("GET", &format!("/attachments/{}/thumbnail", sent(&ana, session, &picture()).await.id));
    let small = small.send().await.unwrap();
    has(&small, "content-type", "image/jpeg");
    let decoded = image::load_from_memory(&small.body).unwrap();
    assert_eq!((decoded.width(), decoded.height()), (480, 360));
}

/// A page type that an operator allows is still no page.
#[tokio::test]
async fn what_a_browser_would_run_is_bytes() {
    let types = "--upload-types=image/svg+xml,text/html,application/xml";
    let server = TestServer::start_with(Engine::Sqlite, &[types]).await;
    let (ana, started) = server.customer("Ana", "+447700900118").await;
    for (name, bytes) in [
        ("a.svg", "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("a.html", "<script>alert(1)</script>"),
        ("a.xml", "<?xml version='1.0'?><?xml-stylesheet href='x'?><a/>"),
    ] {
        let file = upload(&ana, started.session.id, name, bytes.as_bytes()).await;
        assert_eq!((file.thumbnail_url.clone(), file.width), (None, None));
        let answer = read(&ana, file.id).await;
        has(&answer, "content-type", "application/octet-stream");
        has(&answer, "content-disposition", &format!("attachment; filename=\"{name}\""));
    }
}

#[tokio::test]
async fn parts_are_those_that_are_asked_for() {
    let server = TestServer::start(Engine::Sqlite).await;
    let (ana, started) = server.customer("Ana", "+447700900118").await;
    let bytes: Vec<u8> = (0..100_000_u32).map(|n| b'a' + (n % 26) as u8).collect();
    let file = upload(&ana, started.session.id, "a.txt", &bytes).await;
    let path = format!("/attachments/{}", file.id);
    let get = |range: &str| ana.request("GET", &path).header("range", range);
    for (range, from, to) in [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=99990-", 99_990, 100_000),
        ("bytes=-7", 99_993, 100_000),
        ("bytes=50-999999", 50, 100_000),
    ] {
        let answer = get(range).send().await.unwrap();
        assert_eq!(answer.status, 206, "{range}");
        has(&answer, "content-range", &format!("bytes {from}-{}/100000", to - 1));
        has(&answer, "content-length", &(to - from).to_string());
        assert_eq!(answer.body, bytes[from..to], "{range}");
    }
    for range in ["bytes=100000-", "bytes=-0"] {
        let answer = get(range).send().await.unwrap();
        assert_eq!(answer.status, 416, "{range}");
        has(&answer, "content-range", "bytes */100000");
    }
    for range in ["bytes=0-1,5-6", "lines=1-2", "nonsense"] {
        let answer = get(range).send().await.unwrap();
        assert_eq!((answer.status, answer.body.len()), (200, bytes.len()), "{range}");
    }
    let whole = get("bytes=x").send().await.unwrap();
    let tag = whole.header("etag").unwrap().to_owned();
    assert_eq!(get("bytes=0-1").header("if-range", &tag).send().await.unwrap().status, 206);
    assert_eq!(get("bytes=0-1").header("if-range", "\"other\"").send().await.unwrap().status, 200);
    let known = ana.request("GET", &path).header("if-none-match", &tag).send().await.unwrap();
    assert_eq!((known.status, known.body.len()), (304, 0));
    let head = ana.request("HEAD", &path).send().await.unwrap();
    assert_eq!((head.status, head.body.len()), (200, 0));
    has(&head, "content-length", "100000");
}
