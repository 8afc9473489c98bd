//! What files are taken, and how each is handed out.

/// A kind of file that we know.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// Its type, as it is stored and told.
    pub mime: &'static str,
    /// For people.
    pub name: &'static str,
    /// The endings that fit it, the usual one first.
    pub endings: &'static [&'static str],
    /// Other types that browsers and systems call it by.
    pub aliases: &'static [&'static str],
    pub serve: Serve,
    /// Taken unless an operator says otherwise.
    pub usual: bool,
}

/// How a file is handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Serve {
    /// A page may show it: it is decoded, and its metadata is taken away.
    Picture,
    /// A page may play it.
    Media,
    /// As a download of its type.
    Download,
    /// As a download of bytes that mean nothing: a browser would run what is in it.
    Bytes,
}

const fn kind(
    mime: &'static str,
    name: &'static str,
    endings: &'static [&'static str],
    aliases: &'static [&'static str],
    serve: Serve,
    usual: bool,
) -> Kind {
    Kind { mime, name, endings, aliases, serve, usual }
}

/// What an archive of several files is called, also where it is a document.
const ZIP: &[&str] = &["application/x-zip-compressed", "application/zip", "application/x-zip"];

pub(crate) const TEXT: &str = "text/plain";
pub(crate) const CSV: &str = "text/csv";
pub(crate) const HTML: &str = "text/html";
pub(crate) const SVG: &str = "image/svg+xml";
pub(crate) const XML: &str = "application/xml";

/// Every kind that can be taken.
pub(crate) const KINDS: &[Kind] = &[
    kind(
        "image/jpeg",
        "JPEG",
        &["jpg", "jpeg", "jpe", "jfif"],
        &["image/jpg", "image/pjpeg"],
        Serve::Picture,
        true,
    ),
    kind("image/png", "PNG", &["png"], &["image/x-png", "image/apng"], Serve::Picture, true),
    kind("image/gif", "GIF", &["gif"], &[], Serve::Picture, true),
    kind("image/webp", "WebP", &["webp"], &[], Serve::Picture, true),
    kind("application/pdf", "PDF", &["pdf"], &["application/x-pdf"], Serve::Download, true),
    kind(
        TEXT,
        "plain text",
        &[
            "txt", "text", "log", "md", "csv", "tsv", "json", "yaml", "yml", "toml", "ini", "conf", "ics",
            "vcf",
        ],
        &["application/json", "application/x-yaml", "application/yaml", "application/toml"],
        Serve::Download,
        true,
    ),
    kind(CSV, "CSV", &["csv"], &["application/csv", "application/vnd.ms-excel", TEXT], Serve::Download, true),
    kind("application/zip", "ZIP", &["zip"], ZIP, Serve::Download, true),
    kind(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "Word (DOCX)",
        &["docx"],
        ZIP,
        Serve::Download,
        true,
    ),
    kind(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "Excel (XLSX)",
        &["xlsx"],
        ZIP,
        Serve::Download,
        true,
    ),
    kind(
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "PowerPoint (PPTX)",
        &["pptx"],
        ZIP,
        Serve::Download,
        true,
    ),
    kind(
        "application/vnd.oasis.opendocument.text",
        "OpenDocument text (ODT)",
        &["odt"],
        ZIP,
        Serve::Download,
        true,
    ),
    kind(
        "application/vnd.oasis.opendocument.spreadsheet",
        "OpenDocument spreadsheet (ODS)",
        &["ods"],
        ZIP,
        Serve::Download,
        true,
    ),
    kind(
        "application/vnd.oasis.opendocument.presentation",
        "OpenDocument presentation (ODP)",
        &["odp"],
        ZIP,
        Serve::Download,
        true,
    ),
    kind("audio/mpeg", "MP3", &["mp3"], &["audio/mp3", "audio/x-mp3"], Serve::Media, true),
    kind("audio/mp4", "M4A", &["m4a"], &["audio/m4a", "audio/x-m4a", "audio/aac"], Serve::Media, true),
    kind("audio/ogg", "Ogg", &["ogg", "oga", "opus"], &["audio/opus", "application/ogg"], Serve::Media, true),
    kind("audio/wav", "WAV", &["wav"], &["audio/x-wav", "audio/wave", "audio/vnd.wave"], Serve::Media, true),
    kind("video/mp4", "MP4", &["mp4", "m4v"], &["video/x-m4v", "audio/mp4"], Serve::Media, true),
    kind("video/webm", "WebM", &["webm", "weba"], &["audio/webm"], Serve::Media, true),
    kind("video/quicktime", "QuickTime", &["mov", "qt"], &[], Serve::Media, true),
    // Only where an operator asks for them.
    kind("image/heif", "HEIC", &["heic", "heif"], &["image/heic"], Serve::Download, false),
    kind("image/avif", "AVIF", &["avif"], &[], Serve::Download, false),
    kind("image/tiff", "TIFF", &["tif", "tiff"], &[], Serve::Download, false),
    kind("image/bmp", "BMP", &["bmp"], &["image/x-ms-bmp"], Serve::Download, false),
    kind("audio/x-flac", "FLAC", &["flac"], &["audio/flac"], Serve::Download, false),
    kind("video/x-matroska", "Matroska", &["mkv"], &[], Serve::Download, false),
    kind("application/gzip", "gzip", &["gz", "tgz"], &["application/x-gzip"], Serve::Download, false),
    kind("application/x-7z-compressed", "7-Zip", &["7z"], &[], Serve::Download, false),
    kind("application/vnd.rar", "RAR", &["rar"], &["application/x-rar-compressed"], Serve::Download, false),
    kind("application/rtf", "RTF", &["rtf"], &["text/rtf"], Serve::Bytes, false),
    kind(SVG, "SVG", &["svg"], &[], Serve::Bytes, false),
    kind(HTML, "HTML", &["html", "htm", "xhtml"], &["application/xhtml+xml"], Serve::Bytes, false),
    kind(XML, "XML", &["xml"], &["text/xml"], Serve::Bytes, false),
];

/// The kind of this type.
pub(crate) fn of(mime: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.mime == mime)
}

impl Kind {
    /// Whether a name with this ending may hold it.
    pub(crate) fn fits(&self, ending: &str) -> bool {
        self.endings.contains(&ending)
    }

    /// Whether whoever calls it by this type means it. Systems know texts by many names, and some files by none.
    pub(crate) fn is_declared_by(&self, declared: &str) -> bool {
        let essence = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "" | "application/octet-stream" | "binary/octet-stream" => true,
            HTML | "text/xml" if self.mime != essence => self.aliases.contains(&essence.as_str()),
            text if self.mime == TEXT && text.starts_with("text/") => true,
            essence => self.mime == essence || self.aliases.contains(&essence),
        }
    }

    /// The type that it is handed out as.
    pub(crate) fn served_as(&self) -> &'static str {
        match self.serve {
            Serve::Bytes => "application/octet-stream",
            Serve::Picture | Serve::Media | Serve::Download => self.mime,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_kind_is_there_twice_and_none_that_runs_is_shown() {
        for (at, kind) in KINDS.iter().enumerate() {
            assert!(KINDS[..at].iter().all(|other| other.mime != kind.mime), "{}", kind.mime);
            assert!(!kind.endings.is_empty());
            let runs = ["html", "xml", "svg", "rtf"].iter().any(|word| kind.mime.contains(word));
            let document = kind.mime.contains("openxml");
            assert_eq!(kind.serve == Serve::Bytes, runs && !document, "{}", kind.mime);
            assert!(!(kind.usual && kind.serve == Serve::Bytes));
        }
    }

    #[test]
    fn a_type_is_declared_under_many_names() {
        let declared = |mime: &str, by: &str| of(mime).unwrap().is_declared_by(by);
        for (mime, by) in [
            ("image/jpeg", "image/JPG"),
            ("image/png", ""),
            ("image/png", "application/octet-stream"),
            (CSV, "application/vnd.ms-excel"),
            (TEXT, "text/markdown; charset=utf-8"),
            (TEXT, "application/json"),
            ("video/webm", "audio/webm"),
        ] {
            assert!(declared(mime, by), "{mime} {by}");
        }
        for (mime, by) in [
            ("image/jpeg", "image/png"),
            (TEXT, "text/html"),
            (TEXT, "image/png"),
            ("application/pdf", "text/html"),
            ("image/png", "image/svg+xml"),
        ] {
            assert!(!declared(mime, by), "{mime} {by}");
        }
    }
}
