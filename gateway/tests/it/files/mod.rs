//! Files that come with messages: who has them, what is taken, how they are handed out, and how they end.

mod bucket;
mod canned;
mod corpus;
mod ends;
mod nodes;
mod rights;
mod scanning;
mod serving;
mod talk;

use std::io::Cursor;

use image::{ImageFormat, RgbImage};
use loadtest::client::{Answer, Caller, Failure, Request};
use protocol::{Attachment, Entry, Seq, SessionId, rest::Sent};
use serde_json::{Value, json};
use uuid::Uuid;

const BOUNDARY: &str = "----here-it-parts";

/// A form with one file, as browsers send it.
pub(crate) fn form(request: Request, name: &str, bytes: &[u8]) -> Request {
    form_of_type(request, name, "application/octet-stream", bytes)
}

/// The same, of a declared type.
fn form_of_type(request: Request, name: &str, content_type: &str, bytes: &[u8]) -> Request {
    request.body(&format!("multipart/form-data; boundary={BOUNDARY}"), form_bytes(name, content_type, bytes))
}

fn form_bytes(name: &str, content_type: &str, bytes: &[u8]) -> Vec<u8> {
    let name = name.replace('"', "%22");
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: {content_type}\r\n\r\n"
    );
    [head.as_bytes(), bytes, format!("\r\n--{BOUNDARY}--\r\n").as_bytes()].concat()
}

/// A small picture.
pub(crate) fn picture() -> Vec<u8> {
    picture_of(640, 480, ImageFormat::Png)
}

fn picture_of(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let pixel = |x: u32, y: u32| image::Rgb([(x % 256) as u8, (y % 256) as u8, 120]);
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::from_fn(width, height, pixel).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Uploads whatever it is.
async fn try_upload(who: &Caller, session: SessionId, name: &str, bytes: &[u8]) -> Answer {
    form(who.on_session("POST", session, "/attachments"), name, bytes).send().await.unwrap()
}

/// Uploads what is taken.
async fn upload(who: &Caller, session: SessionId, name: &str, bytes: &[u8]) -> Attachment {
    let answer = try_upload(who, session, name, bytes).await;
    assert_eq!(answer.status, 201, "{name}: {}", answer.text());
    answer.json().unwrap()
}

/// Says something with files.
async fn say_with(
    who: &Caller,
    session: SessionId,
    body: &str,
    files: &[Uuid],
    note: bool,
) -> Result<Sent, Failure> {
    let message = json!({ "id": Uuid::now_v7(), "body": body, "attachments": files });
    let path = if note { "/notes" } else { "/messages" };
    who.on_session("POST", session, path).json(&message).read().await
}

/// A file that was sent.
pub(crate) async fn sent(who: &Caller, session: SessionId, bytes: &[u8]) -> Attachment {
    let file = upload(who, session, "photo.png", bytes).await;
    say_with(who, session, "look", &[file.id], false).await.unwrap();
    file
}

/// The newest entry that holds files.
async fn newest(who: &Caller, session: SessionId) -> Entry {
    let log = who.entries(session, Seq::ZERO, 200).await.unwrap();
    log.into_iter().rev().find(|entry| !entry.attachments.is_empty()).unwrap()
}

/// Reads a file by one's own credential.
async fn read(who: &Caller, id: Uuid) -> Answer {
    who.request("GET", &format!("/attachments/{id}")).send().await.unwrap()
}

/// The path below the API of an address that an entry names.
fn below(url: &str) -> &str {
    url.strip_prefix("/api/v1").unwrap()
}

fn fault(answer: &Answer) -> (u16, String) {
    let problem: Value = answer.json().unwrap();
    (
        answer.status,
        format!("{} {}", problem["errors"][0]["field"].as_str().unwrap_or_default(), problem["detail"]),
    )
}
