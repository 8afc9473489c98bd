//! What a file is, found from its content alone.

use std::io::{self, Read, Seek, SeekFrom};

use super::{
    kinds::{HTML, SVG, TEXT, XML},
    zip,
};

/// Bytes at the beginning that tell files apart.
const HEAD: usize = 64 * 1024;
const PDF: &str = "application/pdf";
/// Bytes read at a time.
const PIECE: usize = 64 * 1024;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// Of this type, whether it is taken or not.
    Type(&'static str),
    /// Neither text nor anything that we know.
    Unknown,
}

/// Types that begin like words may begin, so that a text could be taken for one.
const LIKE_WORDS: &[&str] = &[PDF, "application/rtf", "application/postscript"];

/// Finds out what a file is. It is left anywhere.
///
/// # Errors
/// It cannot be read.
pub(crate) fn detect(file: &mut (impl Read + Seek)) -> io::Result<Found> {
    let mut head = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Ok(Found::Type(zip::kind(file, &head)?));
    }
    let known = infer::get(&head).map(|found| usual(found.mime_type()));
    // One that begins otherwise may be a page, too.
    let known = known.filter(|known| *known != PDF || head.starts_with(b"%PDF-"));
    let words = !known.is_some_and(|known| LIKE_WORDS.contains(&known));
    if words && is_text(file)? {
        return Ok(Found::Type(markup(&head).unwrap_or(TEXT)));
    }
    Ok(known.map_or(Found::Unknown, Found::Type))
}

/// The name that we know a type by.
fn usual(mime: &'static str) -> &'static str {
    match mime {
        "audio/m4a" => "audio/mp4",
        "audio/opus" => "audio/ogg",
        "audio/x-wav" => "audio/wav",
        "video/x-m4v" => "video/mp4",
        "text/xml" => XML,
        other => other,
    }
}

/// Whether all of it is text: no characters that nobody types. What is not UTF-8 may be an older encoding.
fn is_text(file: &mut (impl Read + Seek)) -> io::Result<bool> {
    let mut piece = vec![0; PIECE];
    file.seek(SeekFrom::Start(0))?;
    let mut first = true;
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            return Ok(!first);
        }
        let control = |byte: &u8| byte.is_ascii_control() && !b"\n\r\t\x0c\x1b".contains(byte);
        if piece[..read].iter().any(control) || (first && looks_binary(&piece[..read])) {
            return Ok(false);
        }
        first = false;
    }
}

/// Whether most of it is beyond ASCII and no UTF-8: no text in any encoding that is not marked by zeroes.
fn looks_binary(head: &[u8]) -> bool {
    let beyond = head.iter().filter(|byte| !byte.is_ascii()).count();
    beyond * 2 > head.len()
        && std::str::from_utf8(head).is_err_and(|error| head.len() - error.valid_up_to() > 4)
}

/// The words that a page begins with, as browsers look for them (WHATWG MIME sniffing §7.1), and a few more.
const PAGES: &[&str] = &[
    "<!doctype",
    "<html",
    "<head",
    "<script",
    "<iframe",
    "<h1",
    "<div",
    "<font",
    "<table",
    "<a",
    "<style",
    "<title",
    "<b",
    "<body",
    "<br",
    "<p",
    "<!--",
    "<img",
    "<link",
    "<meta",
    "<object",
    "<embed",
    "<form",
    "<input",
    "<svg",
    "<math",
    "<video",
    "<audio",
    "<base",
    "<template",
];

/// What a text is that a browser would not take for text.
fn markup(head: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    let text = text.trim_start_matches(['\u{feff}', '\0']).trim_start();
    let begins = |word: &str| {
        text.strip_prefix(word).is_some_and(|rest| {
            word == "<!--" || rest.starts_with(|c: char| !c.is_ascii_alphanumeric()) || rest.is_empty()
        })
    };
    if text.starts_with("<?xml") || text.starts_with("<!doctype svg") || begins("<svg") {
        let within = |word: &str| text.contains(word);
        return Some(match () {
            () if within("<svg") => SVG,
            () if within("<html") || within("xhtml") => HTML,
            () => XML,
        });
    }
    if PAGES.iter().any(|word| begins(word)) || begins("<!doctype html") {
        return Some(if text.starts_with("<!--") && text.contains("<svg") { SVG } else { HTML });
    }
    None
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn found(bytes: impl AsRef<[u8]>) -> Found {
        detect(&mut Cursor::new(bytes.as_ref().to_vec())).unwrap()
    }

    #[test]
    fn texts_are_texts_whatever_they_begin_with() {
        for text in [
            "hello",
            "BMW prices",
            "MZ is how it begins",
            "ID3 tags explained",
            "a < b",
            "price <100",
            "{\"a\":1}",
            "P1,P2\n1,2",
            "é",
            "\u{feff}x",
        ] {
            assert_eq!(found(text), Found::Type(TEXT), "{text:?}");
        }
        assert_eq!(found(b"caf\xe9 au lait"), Found::Type(TEXT), "an older encoding");
    }

    #[test]
    fn pages_are_pages_however_they_hide() {
        for page in [
            "<html>",
            " \n\t<!DOCTYPE html><p>",
            "<SCRIPT>alert(1)</SCRIPT>",
            "<!-- x --><html>",
            "\u{feff}<html>",
            "<img src=x onerror=alert(1)>",
            "<a href=javascript:1>",
        ] {
            assert_eq!(found(page), Found::Type(HTML), "{page:?}");
        }
        for svg in [
            "<svg onload=alert(1)>",
            "<?xml version=\"1.0\"?>\n<svg>",
            "<!DOCTYPE svg PUBLIC \"x\"><svg/>",
            "<!-- x --><svg>",
        ] {
            assert_eq!(found(svg), Found::Type(SVG), "{svg:?}");
        }
        assert_eq!(found("<?xml version=\"1.0\"?><a/>"), Found::Type(XML));
        assert_eq!(
            found("<?xml version=\"1.0\"?><html xmlns=\"http://www.w3.org/1999/xhtml\">"),
            Found::Type(HTML)
        );
    }

    #[test]
    fn what_is_no_text_is_what_it_is() {
        assert_eq!(found(b"%PDF-1.4 all words"), Found::Type("application/pdf"));
        assert_eq!(found(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Found::Type("image/png"));
        assert_eq!(found(b"GIF89a\x01\0\x01\0\0\0\0;"), Found::Type("image/gif"));
        assert_eq!(found(b"text\0with a zero"), Found::Unknown);
        assert_eq!(found([0x80; 100]), Found::Unknown);
        assert!(!matches!(found(b"MZ\x90\0\x03\0\0\0\x04"), Found::Type(TEXT)));
        let elf = found(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0");
        assert!(!matches!(elf, Found::Type(TEXT)));
    }
}
