//! What an archive is, from the names of its files. Nothing in it is ever unpacked, so that it may be as large as it
//! likes inside.

use std::io::{self, Read, Seek, SeekFrom};

/// The end of an archive is within so many bytes of the end of its file (APPNOTE.TXT §4.3.16).
const END: u64 = 22 + 65_535;
/// Bytes of its list that are read.
const LIST: u64 = 1024 * 1024;

pub(crate) const ZIP: &str = "application/zip";
const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const EXCEL: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const POWERPOINT: &str = "application/vnd.openxmlformats-officedocument.presentationml.presentation";
const OPEN_DOCUMENT: [&str; 3] = [
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.presentation",
];
/// Programs, and documents with programs in them.
const JAVA: &str = "application/java-archive";
const MACROS: &str = "application/vnd.ms-office.macros";

/// The type of an archive that begins with `head`.
///
/// # Errors
/// It cannot be read.
pub(crate) fn kind(file: &mut (impl Read + Seek), head: &[u8]) -> io::Result<&'static str> {
    // The first file of an open document says what it is (ODF 1.3 part 2 §3.3).
    if let Some(said) = head.get(30..).and_then(|rest| rest.strip_prefix(b"mimetype")) {
        let document = OPEN_DOCUMENT
            .into_iter()
            .find(|mime| said.strip_prefix(mime.as_bytes()).is_some_and(|rest| rest.starts_with(b"PK")));
        if let Some(document) = document {
            return Ok(document);
        }
    }
    let names = names(file)?;
    let has = |name: &str| names.iter().any(|other| other.eq_ignore_ascii_case(name.as_bytes()));
    let within = |folder: &str| {
        names.iter().any(|name| {
            name.get(..folder.len()).is_some_and(|start| start.eq_ignore_ascii_case(folder.as_bytes()))
        })
    };
    let macros = names.iter().any(|name| name.to_ascii_lowercase().ends_with(b"vbaproject.bin"));
    Ok(match () {
        () if has("META-INF/MANIFEST.MF") || has("AndroidManifest.xml") || has("classes.dex") => JAVA,
        () if has("[Content_Types].xml") && macros => MACROS,
        () if has("[Content_Types].xml") && within("word/") => WORD,
        () if has("[Content_Types].xml") && within("xl/") => EXCEL,
        () if has("[Content_Types].xml") && within("ppt/") => POWERPOINT,
        () => ZIP,
    })
}

/// The names in an archive's list, as far as it can be read.
fn names(file: &mut (impl Read + Seek)) -> io::Result<Vec<Vec<u8>>> {
    let size = file.seek(SeekFrom::End(0))?;
    let mut end = Vec::new();
    file.seek(SeekFrom::Start(size.saturating_sub(END)))?;
    file.by_ref().take(END).read_to_end(&mut end)?;
    let mark = end.windows(4).rposition(|window| window == b"PK\x05\x06");
    let Some(record) = mark.and_then(|at| end.get(at..at + 22)) else { return Ok(Vec::new()) };
    let start = u64::from(number(&record[16..20]));
    if start >= size {
        return Ok(Vec::new());
    }
    let mut list = Vec::new();
    file.seek(SeekFrom::Start(start))?;
    file.by_ref().take(LIST).read_to_end(&mut list)?;
    let (mut names, mut rest) = (Vec::new(), list.as_slice());
    while rest.starts_with(b"PK\x01\x02") && rest.len() >= 46 {
        let length = |at: usize| usize::from(u16::from_le_bytes([rest[at], rest[at + 1]]));
        let (name, extra, comment) = (length(28), length(30), length(32));
        let Some(bytes) = rest.get(46..46 + name) else { break };
        names.push(bytes.to_vec());
        rest = rest.get(46 + name + extra + comment..).unwrap_or_default();
    }
    Ok(names)
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |number, byte| (number << 8) | u32::from(*byte))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    /// An archive of empty files with these names.
    fn archive(names: &[&str]) -> Vec<u8> {
        let (mut bytes, mut list) = (Vec::new(), Vec::new());
        for name in names {
            let at = u32::try_from(bytes.len()).unwrap();
            let length = u16::try_from(name.len()).unwrap().to_le_bytes();
            bytes.extend(b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
            bytes.extend(length);
            bytes.extend([0; 2]);
            bytes.extend(name.as_bytes());
            list.extend(b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
            list.extend(length);
            list.extend([0; 12]);
            list.extend(at.to_le_bytes());
            list.extend(name.as_bytes());
        }
        let at = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        let size = u32::try_from(list.len()).unwrap().to_le_bytes();
        let count = u16::try_from(names.len()).unwrap().to_le_bytes();
        bytes.extend(list);
        bytes.extend(b"PK\x05\x06\0\0\0\0");
        bytes.extend([count, count].concat());
        bytes.extend([size, at].concat());
        bytes.extend([0; 2]);
        bytes
    }

    fn kind_of(bytes: &[u8]) -> &'static str {
        kind(&mut Cursor::new(bytes), bytes).unwrap()
    }

    #[test]
    fn documents_are_told_from_archives_and_programs() {
        for (names, mime) in [
            (&["a.txt"][..], ZIP),
            (&["_rels/.rels", "[Content_Types].xml", "word/document.xml"], WORD),
            (&["[Content_Types].xml", "xl/workbook.xml"], EXCEL),
            (&["[Content_Types].xml", "ppt/presentation.xml"], POWERPOINT),
            (&["[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"], MACROS),
            (&["META-INF/MANIFEST.MF", "A.class"], JAVA),
            (&["word/document.xml"], ZIP),
        ] {
            assert_eq!(kind_of(&archive(names)), mime, "{names:?}");
        }
        let mut text = archive(&["mimetype"]);
        let content = [OPEN_DOCUMENT[0].as_bytes(), b"PK"].concat();
        text.splice(38..38, content);
        assert_eq!(kind_of(&text), OPEN_DOCUMENT[0]);
    }

    proptest! {
        #[test]
        fn whatever_it_holds_it_is_something(mut bytes in prop::collection::vec(any::<u8>(), 0..300), cut in 0_usize..200) {
            kind_of(&bytes);
            let mut whole = archive(&["a", "[Content_Types].xml", "word/x"]);
            whole.truncate(cut);
            whole.append(&mut bytes);
            kind_of(&whole);
        }
    }
}
