//! What people upload who mean harm, or do not know what they do: refused with a clear word, or inert. The files are
//! made here. `web/e2e/files.test.ts` opens some of what is taken in a browser.

use std::fs;

use image::ImageFormat;

use super::{fault, form_bytes, form_of_type, picture, picture_of, read, say_with, try_upload, upload};
use crate::support::{Engine, TestServer, UNHURRIED, raw};

/// The largest amount of memory that a process has had, in KiB (proc_pid_status(5)).
fn peak(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// A PNG's head that says how large it is, and nothing behind it.
fn png_of(width: u32, height: u32) -> Vec<u8> {
    let mut png = picture_of(2, 2, ImageFormat::Png);
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let crc = crc(&png[12..29]).to_be_bytes();
    png[29..33].copy_from_slice(&crc);
    png
}

fn crc(bytes: &[u8]) -> u32 {
    let step = |sum: u32, byte: &u8| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
    };
    !bytes.iter().fold(u32::MAX, step)
}

/// So many frames of one colour.
fn gif_of(frames: usize, side: u16) -> Vec<u8> {
    let [low, high] = side.to_le_bytes();
    let mut gif = b"GIF89a".to_vec();
    gif.extend([low, high, low, high, 0x80, 0, 0, 0, 0, 0, 255, 255, 255]);
    gif.extend(b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0");
    for _ in 0..frames {
        gif.extend([0x21, 0xf9, 4, 0, 1, 0, 0, 0]);
        // One pixel of it is drawn.
        gif.extend([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0]);
    }
    gif.push(0x3b);
    gif
}

/// A picture with a page in it, as a comment, and another behind it.
fn polyglot() -> Vec<u8> {
    let mut gif = gif_of(1, 8);
    let end = gif.len() - 1;
    gif.splice(end..end, *b"\x21\xfe\x1a<script>alert(1)</script>;\0");
    gif.extend(b"<html><script>alert(2)</script>");
    gif
}

/// An archive that says that it holds 4 GiB of zeroes, as zip bombs do.
fn bomb() -> Vec<u8> {
    let mut zip = b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0".to_vec();
    zip.extend([0; 4]);
    zip.extend(1000_u32.to_le_bytes());
    zip.extend(u32::MAX.to_le_bytes());
    zip.extend([1, 0, 0, 0, b'a']);
    zip.extend([0; 1000]);
    zip
}

#[tokio::test]
async fn what_lies_is_refused_with_a_clear_word() {
    let server = TestServer::start(Engine::Sqlite).await;
    let (ana, started) = server.customer("Ana", "+447700900118").await;
    let session = started.session.id;
    let refused: &[(&str, Vec<u8>, &str)] = &[
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec(), "SVG"),
        ("a.png", b"<?xml version='1.0'?><svg onload='alert(1)'/>".to_vec(), "SVG"),
        ("a.html", b"<html><script>alert(1)</script>".to_vec(), "HTML"),
        ("a.txt", b" \n<!DOCTYPE html><script>alert(1)</script>".to_vec(), "HTML"),
        ("a.xml", b"<?xml version='1.0'?><a/>".to_vec(), "XML"),
        ("a.pdf", b"<html>%PDF-1.4".to_vec(), "HTML"),
        ("a.pdf", picture(), "ends in .pdf, but holds PNG"),
        ("a.png", b"%PDF-1.4".to_vec(), "ends in .png, but holds PDF"),
        ("photo.jpg.exe", picture_of(9, 9, ImageFormat::Jpeg), "ends in .exe"),
        ("photo.jpg\u{202e}gpj.exe", picture_of(9, 9, ImageFormat::Jpeg), "ends in .exe"),
        ("a.exe", b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0".to_vec(), "not taken"),
        ("a.txt", b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0".to_vec(), "not taken"),
        ("a", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0>\0".to_vec(), "not taken"),
        ("a.txt", b"text \0 with a zero".to_vec(), "not taken"),
        ("a.bat", b"del *.*".to_vec(), "ends in .bat"),
        ("a.zip", b"PK\x03\x04".iter().copied().chain([0; 30]).chain(*b"x").collect(), ""),
        ("a.docx", bomb(), "ends in .docx, but holds ZIP"),
        ("a.jar", bomb(), "ends in .jar"),
        ("empty.txt", Vec::new(), "is empty"),
        ("a.png", b"\x89PNG\r\n\x1a\nnonsense".to_vec(), "cannot be read"),
        ("a.png", picture()[..2_000].to_vec(), "picture"),
        ("a.png", png_of(50_000, 50_000), "50000×50000 pixels"),
        ("a.png", png_of(20_000, 20_000), "20000×20000 pixels"),
        ("a.gif", b"GIF89a/*".to_vec(), "holds plain text"),
        ("a.gif", b"GIF89a\x01\0/*".to_vec(), "picture"),
    ];
    for (name, bytes, word) in refused {
        let answer = try_upload(&ana, session, name, bytes).await;
        if word.is_empty() {
            assert_eq!(answer.status, 201, "{name}: {}", answer.text());
            continue;
        }
        let (status, words) = fault(&answer);
        assert_eq!(status, 422, "{name}: {words}");
        assert!(words.starts_with("file ") && words.contains(word), "{name}: {words}");
    }
    for (name, declared, bytes) in [
        ("a.png", "image/svg+xml", picture()),
        ("a.png", "text/html", picture()),
        ("a.txt", "text/html", b"hello".to_vec()),
        ("a.txt", "image/png", b"hello".to_vec()),
    ] {
        let request = ana.on_session("POST", session, "/attachments");
        let (status, words) = fault(&form_of_type(request, name, declared, &bytes).send().await.unwrap());
        assert!(status == 422 && words.contains("is said to be"), "{name} {declared}: {status} {words}");
    }
    let left: Vec<_> = fs::read_dir(server.files().join("incoming")).unwrap().collect();
    assert!(left.is_empty(), "nothing stays of what is refused: {left:?}");
}

#[tokio::test]
async fn names_are_cleaned_and_never_paths() {
    let server = TestServer::start(Engine::Sqlite).await;
    let (ana, started) = server.customer("Ana", "+447700900118").await;
    let session = started.session.id;
    let long = format!("{}.png", "é".repeat(150));
    for (given, kept) in [
        ("../../../etc/cron.d/a.png", "a.png".to_owned()),
        ("..\\..\\a.png", "a.png".to_owned()),
        ("C:\\fakepath\\a b.png", "a b.png".to_owned()),
        ("a%00b.png", "a%00b.png".to_owned()),
        ("\u{202e}gnp.txt.png", "gnp.txt.png".to_owned()),
        ("con.png", "_con.png".to_owned()),
        ("clipboard", "clipboard.png".to_owned()),
        ("<b>&'.png", "<b>&'.png".to_owned()),
        (&long, format!("{}.png", "é".repeat(125))),
    ] {
        let file = upload(&ana, session, given, &picture_of(8, 8, ImageFormat::Png)).await;
        assert_eq!(file.name, kept, "{given:?}");
        let disposition = read(&ana, file.id).await.header("content-disposition").unwrap().to_owned();
        assert!(!disposition.contains(['/', '\\', '\r', '\n']), "{disposition}");
    }
    // A name with a zero in it, which no client of ours can send.
    let bytes = form_bytes("a\0b.png", "image/png", &picture_of(8, 8, ImageFormat::Png));
    let request = ana.on_session("POST", session, "/attachments");
    let answer = request.body("multipart/form-data; boundary=----here-it-parts", bytes).send().await.unwrap();
    assert!(matches!(answer.status, 400 | 422) || answer.text().contains("\"ab.png\""), "{}", answer.text());
    assert!(!server.files().join("etc").exists() && !server.files().parent().unwrap().join("etc").exists());
}

#[tokio::test]
async fn polyglots_lose_what_makes_them_so() {
    let server = TestServer::start(Engine::Sqlite).await;
    let (ana, started) = server.customer("Ana", "+447700900118").await;
    let file = upload(&ana, started.session.id, "a.gif", &polyglot()).await;
    let answer = read(&ana, file.id).await;
    assert!(!answer.text().contains("script") && !answer.text().contains("html"), "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("image/gif"));
    image::load_from_memory(&answer.body).unwrap();
}

#[tokio::test]
async fn pictures_forget_where_they_were_taken() {
    let server = TestServer::start(Engine::Sqlite).await;
    let (ana, started) = server.customer("Ana", "+447700900118").await;
    // EXIF that turns it, and says where.
    let mut exif =
        b"\xff\xe1\0\0Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0GPS 52.52 13.40"
            .to_vec();
    let length = u16::try_from(exif.len() - 2).unwrap().to_be_bytes();
    exif[2..4].copy_from_slice(&length);
    let mut jpeg = picture_of(600, 300, ImageFormat::Jpeg);
    jpeg.splice(2..2, exif);
    let file = upload(&ana, started.session.id, "a.jpg", &jpeg).await;
    assert_eq!((file.width, file.height), (Some(300), Some(600)), "as it is shown");
    let whole = read(&ana, file.id).await;
    assert!(!whole.text().contains("GPS"));
    let small = ana.request("GET", &format!("/attachments/{}/thumbnail", file.id)).send().await.unwrap();
    let small = image::load_from_memory(&small.body).unwrap();
    assert_eq!((small.width(), small.height()), (240, 480));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_limit_is_a_byte_sharp() {
    let mut flags = UNHURRIED.to_vec();
    flags.push("--upload-bytes=100000");
    let server = TestServer::start_with(Engine::Sqlite, &flags).await;
    let (ana, started) = server.customer("Ana", "+447700900118").await;
    let session = started.session.id;
    for (bytes, status) in [(99_999, 201), (100_000, 201), (100_001, 413), (250_000, 413), (5_000_000, 413)] {
        let answer = try_upload(&ana, session, "a.txt", &vec![b'x'; bytes]).await;
        assert_eq!(answer.status, status, "{bytes}: {}", answer.text());
        assert!(status == 201 || answer.text().contains("100000 bytes"), "{}", answer.text());
    }
    // In pieces, without a length beforehand.
    let form = form_bytes("a.txt", "text/plain", &vec![b'x'; 150_000]);
    let loadtest::client::Credential::Token(token) = ana.credential() else { panic!() };
    let mut bytes = format!(
        "POST /api/v1/sessions/{session}/attachments HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
         content-type: multipart/form-data; boundary=----here-it-parts\r\ntransfer-encoding: chunked\r\n\
         connection: close\r\n\r\n"
    )
    .into_bytes();
    for piece in form.chunks(10_000) {
        bytes.extend(format!("{:x}\r\n", piece.len()).bytes());
        bytes.extend(piece);
        bytes.extend(b"\r\n");
    }
    bytes.extend(b"0\r\n\r\n");
    assert_eq!(raw::exchange(&server, &bytes).await.status, 413);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_stays_bounded() {
    let server = TestServer::start(Engine::Sqlite).await;
    let (ana, started) = server.customer("Ana", "+447700900118").await;
    let session = started.session.id;
    // Whatever the first picture takes is there to stay.
    upload(&ana, session, "a.png", &picture()).await;
    let before = peak(server.pid());
    for (name, bytes, status) in [
        ("a.png", png_of(50_000, 50_000), 422),
        ("a.png", png_of(4_800, 4_800), 422),
        ("a.gif", gif_of(10_000, 1_000), 201),
        ("a.zip", bomb(), 201),
        ("a.txt", vec![b'x'; 20 * 1024 * 1024], 201),
        ("b.png", picture_of(4_000, 3_000, ImageFormat::Png), 201),
    ] {
        let answer = try_upload(&ana, session, name, &bytes).await;
        assert_eq!(answer.status, status, "{name}: {}", answer.text());
    }
    let grown = peak(server.pid()) - before;
    assert!(grown < 200 * 1024, "{grown} KiB more than before");
}

/// What a form must be.
#[tokio::test]
async fn a_form_without_a_file_is_told_so() {
    let server = TestServer::start(Engine::Sqlite).await;
    let (ana, started) = server.customer("Ana", "+447700900118").await;
    let post = || ana.on_session("POST", started.session.id, "/attachments");
    let kind = "multipart/form-data; boundary=----here-it-parts";
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let form = text(&form_bytes("a.txt", "text/plain", b"hello"));
    for (content_type, body, status) in [
        ("application/json", "{}".to_owned(), 415),
        ("text/plain", "hello".to_owned(), 415),
        ("multipart/form-data", form.clone(), 400),
        (kind, String::new(), 400),
        (kind, form.replace("name=\"file\"", "name=\"other\""), 422),
        (kind, form.replace("; filename=\"a.txt\"", ""), 422),
        (kind, form.replace("name=\"file\"", "name=\"other\"").replace("----\r\n", "--\r\n") + &form, 422),
    ] {
        let answer = post().body(content_type, body.clone()).send().await.unwrap();
        assert_eq!(answer.status, status, "{content_type} {body:?}: {}", answer.text());
    }
    say_with(&ana, started.session.id, "and all goes on", &[], false).await.unwrap();
}
