//! The addresses under which entries name their files. They are signed, so that a page can show a picture without a
//! credential in its address, and hold for a while only: whoever reads an entry is handed fresh ones.

use std::{fmt::Write as _, sync::Arc};

use hmac::{Hmac, KeyInit as _, Mac as _};
use protocol::{Attachment, Entry, UtcMillis};
use sha2::Sha256;

/// An address is the same for all who ask within so long, so that a browser keeps what it has; and holds for as long
/// again.
const HOLDS_MS: i64 = 60 * 60 * 1_000;

/// Signs addresses, and knows its own again. All nodes on one store have the same secret.
#[derive(Clone)]
pub struct FileUrls {
    secret: Arc<[u8]>,
}

impl std::fmt::Debug for FileUrls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FileUrls")
    }
}

impl FileUrls {
    /// With the store's secret.
    pub fn new(secret: &str) -> Self {
        Self { secret: secret.as_bytes().into() }
    }

    /// The entry with addresses that hold for an hour at least, and two at most.
    pub fn sign(&self, entry: &mut Entry, now: UtcMillis) {
        let files = std::mem::take(&mut entry.attachments);
        entry.attachments = files.into_iter().map(|file| self.signed_file(file, now)).collect();
    }

    /// A file with such addresses.
    pub fn signed_file(&self, file: Attachment, now: UtcMillis) -> Attachment {
        Attachment {
            url: self.signed(&file.url, now),
            thumbnail_url: file.thumbnail_url.map(|path| self.signed(&path, now)),
            ..file
        }
    }

    /// A path, with its signature behind it; one that it had is replaced.
    pub fn signed(&self, path: &str, now: UtcMillis) -> String {
        let path = path.split('?').next().unwrap_or_default();
        let expires = (now.get().div_euclid(HOLDS_MS) + 2) * HOLDS_MS;
        let mut url = format!("{path}?expires={expires}&signature=");
        for byte in self.mac(path, expires).finalize().into_bytes() {
            // A string takes all.
            let _ = write!(url, "{byte:02x}");
        }
        url
    }

    /// Whether this is a signature of ours for this path that still holds.
    pub fn opens(&self, path: &str, expires: i64, signature: &str, now: UtcMillis) -> bool {
        let bytes: Option<Vec<u8>> = signature
            .as_bytes()
            .chunks(2)
            .map(|pair| {
                let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.bytes().all(is_hex))?;
                u8::from_str_radix(pair, 16).ok()
            })
            .collect();
        let ours = bytes.is_some_and(|bytes| self.mac(path, expires).verify_slice(&bytes).is_ok());
        ours && now.get() < expires
    }

    fn mac(&self, path: &str, expires: i64) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new_from_slice(&self.secret).expect("HMAC takes keys of any length");
        mac.chain_update(format!("{path}\n{expires}"))
    }
}

fn is_hex(byte: u8) -> bool {
    byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 60 * 60 * 1_000;

    fn parts(url: &str) -> (&str, i64, &str) {
        let (path, query) = url.split_once("?expires=").unwrap();
        let (expires, signature) = query.split_once("&signature=").unwrap();
        (path, expires.parse().unwrap(), signature)
    }

    #[test]
    fn an_address_holds_for_an_hour_at_least_and_two_at_most() {
        let urls = FileUrls::new("secret");
        for minute in 0..180 {
            let now = 17 * HOUR + minute * 60_000 + 1;
            let url = urls.signed("/files/1", UtcMillis::new(now));
            let (path, expires, signature) = parts(&url);
            let holds = |at: i64| urls.opens(path, expires, signature, UtcMillis::new(at));
            assert!(holds(now) && holds(now + HOUR), "{minute}");
            assert!(!holds(now + 2 * HOUR), "{minute}");
        }
        let at = |minute: i64| urls.signed("/files/1", UtcMillis::new(17 * HOUR + minute * 60_000));
        assert_eq!(at(0), at(59), "caches work");
        assert_ne!(at(59), at(60));
        assert_eq!(urls.signed(&at(0), UtcMillis::new(17 * HOUR)), at(0), "signed once");
    }

    #[test]
    fn nothing_else_opens() {
        let (urls, now) = (FileUrls::new("secret"), UtcMillis::new(17 * HOUR));
        let url = urls.signed("/files/1", now);
        let (path, expires, signature) = parts(&url);
        assert!(urls.opens(path, expires, signature, now));
        assert!(!urls.opens("/files/2", expires, signature, now), "another file");
        assert!(!urls.opens("/files/1/thumbnail", expires, signature, now), "its picture");
        assert!(!urls.opens(path, expires + HOUR, signature, now), "later");
        assert!(!FileUrls::new("other").opens(path, expires, signature, now), "another store");
        let mut tampered = signature.to_owned();
        tampered.replace_range(0..1, if signature.starts_with('0') { "1" } else { "0" });
        let short = &signature[..62];
        let odd = format!("{signature}0");
        let loud = signature.to_uppercase();
        for bad in [&tampered, short, &odd, "", "zz", "+1", "\u{e9}", loud.as_str()] {
            let same = bad == signature;
            assert_eq!(urls.opens(path, expires, bad, now), same, "{bad:?}");
        }
    }
}
