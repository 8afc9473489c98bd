//! Where files are kept, and which are taken.

use std::{fmt, path::PathBuf, str::FromStr};

use clap::Args;

use super::values::{PublicUrl, Unprinted};
use crate::files::{ScannerUrl, kinds};

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Files")]
pub struct FilesArgs {
    /// file:///FOLDER or s3://BUCKET/PREFIX; several servers need one that all reach [default: `files` in the data folder]
    #[arg(long, env = "HUBBUB_FILES_URL")]
    pub files_url: Option<FilesUrl>,
    /// Where the bucket is asked for, e.g. https://minio.example.com [default: at Amazon]
    #[arg(long, env = "HUBBUB_S3_ENDPOINT")]
    pub s3_endpoint: Option<PublicUrl>,
    /// The region of the bucket
    #[arg(long, env = "HUBBUB_S3_REGION", default_value = "us-east-1")]
    pub s3_region: String,
    /// The key for the bucket [default: that of the machine, where it is one of Amazon's]
    #[arg(long, env = "HUBBUB_S3_ACCESS_KEY", requires = "s3_secret_key")]
    pub s3_access_key: Option<String>,
    /// The secret of that key [default: none]
    #[arg(long, env = "HUBBUB_S3_SECRET_KEY", hide_env_values = true, requires = "s3_access_key", value_parser = Unprinted::<Secret>::default())]
    pub s3_secret_key: Option<Secret>,
    /// Types of files that are taken, by content, comma-separated [default: pictures, sound, films, PDF, office documents,
    /// text, CSV, ZIP]
    #[arg(long, env = "HUBBUB_UPLOAD_TYPES", value_delimiter = ',', value_parser = upload_type)]
    pub upload_types: Vec<&'static str>,
    /// tcp://HOST:PORT or unix:///PATH of a clamd that scans each file; while it does not answer, none is taken
    /// [default: none]
    #[arg(long, env = "HUBBUB_SCANNER")]
    pub scanner: Option<ScannerUrl>,
    /// Seconds between looking for files that nobody needs any more
    #[arg(long, env = "HUBBUB_FILES_SWEEP_SECONDS", default_value = "300", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub files_sweep_seconds: u64,
}

impl FilesArgs {
    /// The kinds that are taken.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = &'static kinds::Kind> + Clone {
        let asked = self.upload_types.clone();
        kinds::KINDS
            .iter()
            .filter(move |kind| if asked.is_empty() { kind.usual } else { asked.contains(&kind.mime) })
    }
}

fn upload_type(text: &str) -> Result<&'static str, String> {
    kinds::of(text.trim()).map(|kind| kind.mime).ok_or_else(|| {
        let known: Vec<_> = kinds::KINDS.iter().map(|kind| kind.mime).collect();
        format!("must be of {}", known.join(", "))
    })
}

/// Where files are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilesUrl {
    Folder(PathBuf),
    Bucket { name: String, prefix: String },
}

impl FromStr for FilesUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once("://") {
            Some(("file", folder)) if folder.starts_with('/') => Ok(Self::Folder(folder.into())),
            Some(("s3", rest)) => {
                let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
                let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
                let is_path = |byte: u8| is_name(byte) || byte == b'/';
                if name.is_empty() || !name.bytes().all(is_name) || !prefix.bytes().all(is_path) {
                    return Err("must be like s3://bucket/prefix".to_owned());
                }
                Ok(Self::Bucket { name: name.to_owned(), prefix: prefix.trim_matches('/').to_owned() })
            }
            _ => Err("must be file:///… or s3://…".to_owned()),
        }
    }
}

/// Not to be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() { Err("must not be empty".to_owned()) } else { Ok(Self(text.to_owned())) }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::config::Cli;

    #[test]
    fn a_bucket_and_its_secret() {
        let folder = "file:///srv/files".parse::<FilesUrl>().unwrap();
        assert_eq!(folder, FilesUrl::Folder("/srv/files".into()));
        let bucket = "s3://chat-files/a/b/".parse::<FilesUrl>().unwrap();
        assert_eq!(bucket, FilesUrl::Bucket { name: "chat-files".into(), prefix: "a/b".into() });
        for bad in ["s3://", "s3:///x", "s3://b/..%2f", "s3://user:pass@b", "http://x", "file://x", "x", ""] {
            assert!(bad.parse::<FilesUrl>().is_err(), "{bad}");
        }
        let words = ["hubbub", "--s3-access-key=AKIA", "--s3-secret-key=hush"];
        let serve = Cli::try_parse_from(words).unwrap().serve;
        assert!(!format!("{serve:?}").contains("hush"));
        assert!(Cli::try_parse_from(&words[..2]).is_err(), "one without the other");
    }

    #[test]
    fn types_are_those_that_are_known() {
        let kinds = |words: &[&str]| -> Vec<_> {
            let words = ["hubbub"].iter().chain(words);
            Cli::try_parse_from(words).unwrap().serve.files.kinds().map(|kind| kind.mime).collect()
        };
        assert!(kinds(&[]).contains(&"application/pdf") && !kinds(&[]).contains(&"image/svg+xml"));
        assert_eq!(kinds(&["--upload-types=image/png,image/svg+xml"]), ["image/png", "image/svg+xml"]);
        assert!(Cli::try_parse_from(["hubbub", "--upload-types=image/x"]).is_err());
    }
}
