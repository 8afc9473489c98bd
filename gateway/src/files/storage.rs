//! Where the bytes of files are: a folder, or a bucket that speaks S3. What comes in lies in a folder first, whole and
//! unseen, until it was looked at.

use std::{
    io,
    path::{Path as FsPath, PathBuf},
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use anyhow::Context as _;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream::BoxStream};
use object_store::{
    GetOptions, GetRange, ObjectStore, ObjectStoreExt as _, RetryConfig, aws::AmazonS3Builder,
    buffered::BufWriter, local::LocalFileSystem, path::Path, prefix::PrefixStore,
};
use protocol::UtcMillis;
use uuid::Uuid;

use super::http::Connector;
use crate::config::{FilesArgs, FilesUrl};

/// Parts in which a file goes to a bucket.
const PART: usize = 8 * 1024 * 1024;
/// How long a bucket may be tried.
const TRIES: RetryConfig =
    RetryConfig { max_retries: 2, retry_timeout: Duration::from_secs(20), backoff: backoff() };

const fn backoff() -> object_store::BackoffConfig {
    object_store::BackoffConfig {
        init_backoff: Duration::from_millis(100),
        max_backoff: Duration::from_secs(2),
        base: 2.0,
    }
}

/// What is kept of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Its bytes.
    Whole,
    /// A small picture of it.
    Thumbnail,
}

impl Part {
    pub(crate) const ALL: [Self; 2] = [Self::Whole, Self::Thumbnail];

    const fn folder(self) -> &'static str {
        match self {
            Self::Whole => "files",
            Self::Thumbnail => "thumbnails",
        }
    }

    /// Its place: made of the id alone, so that no name of a stranger is ever a path; in as many folders as a byte has
    /// values.
    fn path(self, id: Uuid) -> Path {
        let id = id.to_string();
        Path::from_iter([self.folder(), &id[..2], &id])
    }
}

/// Folders of a [`Part`], by the first byte of the ids.
pub(crate) const FOLDERS: u16 = 256;

/// The bytes of all files.
#[derive(Debug)]
pub(crate) struct Storage {
    store: Arc<dyn ObjectStore>,
    /// Where files lie while they come in: the storage itself, or a folder beside a bucket.
    scratch: Arc<dyn ObjectStore>,
    folder: PathBuf,
    local: bool,
}

/// A file on its way in; thrown away when dropped.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub path: PathBuf,
    at: Path,
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // What is taken was moved away, and what could not be removed is swept.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// What is read of a file.
pub(crate) type Content = BoxStream<'static, object_store::Result<Bytes>>;

impl Storage {
    /// Opens the storage.
    ///
    /// # Errors
    /// The folder has no name, or the bucket's words are no bucket's.
    pub(crate) fn open(args: &FilesArgs, data_dir: &FsPath) -> anyhow::Result<Self> {
        let beside = data_dir.join("files");
        let folder = match &args.files_url {
            Some(FilesUrl::Folder(folder)) => folder.clone(),
            Some(FilesUrl::Bucket { .. }) | None => beside,
        };
        let named = || format!("files cannot be kept in {}", folder.display());
        // It is made with the first file.
        let folder = std::path::absolute(&folder).with_context(named)?;
        let prefix = Path::from_absolute_path(&folder).with_context(named)?;
        let disk = LocalFileSystem::new().with_fsync(true);
        let scratch: Arc<dyn ObjectStore> = Arc::new(PrefixStore::new(disk, prefix));
        let (store, local): (Arc<dyn ObjectStore>, _) = match &args.files_url {
            Some(FilesUrl::Bucket { name, prefix }) => {
                let s3 = bucket(args, name).with_context(|| format!("the bucket {name} cannot be used"))?;
                (Arc::new(PrefixStore::new(s3, prefix.as_str())), false)
            }
            Some(FilesUrl::Folder(_)) | None => (Arc::new(scratch.clone()), true),
        };
        Ok(Self { store, scratch, folder, local })
    }

    /// A place for a file that comes in, and the file.
    ///
    /// # Errors
    /// The folder cannot be made, or not be written.
    pub(crate) async fn incoming(&self) -> io::Result<(Incoming, tokio::fs::File)> {
        let name = Uuid::new_v4().to_string();
        let folder = self.folder.join(INCOMING);
        let incoming = Incoming { path: folder.join(&name), at: Path::from_iter([INCOMING, &name]) };
        tokio::fs::create_dir_all(folder).await?;
        let file = tokio::fs::File::create_new(&incoming.path).await?;
        Ok((incoming, file))
    }

    /// Keeps what has come in. It must be whole on the disk.
    ///
    /// # Errors
    /// It could not be kept, or nobody knows.
    pub(crate) async fn keep(&self, incoming: Incoming, id: Uuid, part: Part) -> object_store::Result<()> {
        let to = part.path(id);
        if self.local {
            return self.scratch.rename(&incoming.at, &to).await;
        }
        let failed = |error: io::Error| object_store::Error::Generic { store: "files", source: error.into() };
        let mut file = tokio::fs::File::open(&incoming.path).await.map_err(failed)?;
        let mut writer = BufWriter::with_capacity(self.store.clone(), to, PART).with_max_concurrency(2);
        if let Err(error) = tokio::io::copy(&mut file, &mut writer).await {
            // A bucket forgets the parts of what was not finished by a rule of its own.
            let _ = writer.abort().await;
            return Err(failed(error));
        }
        tokio::io::AsyncWriteExt::shutdown(&mut writer).await.map_err(failed)
    }

    /// Reads a file, or a range of it.
    ///
    /// # Errors
    /// It is not there, or cannot be read now.
    pub(crate) async fn read(
        &self,
        id: Uuid,
        part: Part,
        range: Option<std::ops::Range<u64>>,
    ) -> object_store::Result<Content> {
        let options = GetOptions { range: range.map(GetRange::Bounded), ..GetOptions::default() };
        let found = self.store.get_opts(&part.path(id), options).await?;
        Ok(found.into_stream())
    }

    /// Makes the bytes of one file those of another, too: each goes alone. In a folder they are one on the disk.
    ///
    /// # Errors
    /// It is not there, or cannot be copied now.
    pub(crate) async fn copy(
        &self,
        from: Uuid,
        to: Uuid,
        part: Part,
        now: UtcMillis,
    ) -> object_store::Result<()> {
        let (from, to) = (part.path(from), part.path(to));
        if self.local {
            // The two have one age. As old as the first one is, the other would be swept before it has a row.
            let path = self.folder.join(from.as_ref());
            let failed = |error: io::Error| match error.kind() {
                io::ErrorKind::NotFound => {
                    object_store::Error::NotFound { path: from.to_string(), source: error.into() }
                }
                _ => object_store::Error::Generic { store: "files", source: error.into() },
            };
            let file = tokio::fs::File::options().write(true).open(path).await.map_err(failed)?;
            let file = file.into_std().await;
            let now = UNIX_EPOCH + Duration::from_millis(u64::try_from(now.get()).unwrap_or_default());
            let set = tokio::task::spawn_blocking(move || file.set_modified(now)).await;
            set.map_err(io::Error::from).and_then(|set| set).map_err(failed)?;
        }
        self.store.copy(&from, &to).await
    }

    /// Throws a file away, with its small picture. That there is none is no failure.
    ///
    /// # Errors
    /// It may still be there.
    pub(crate) async fn delete(&self, id: Uuid) -> object_store::Result<()> {
        for part in Part::ALL {
            match self.store.delete(&part.path(id)).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The files of one folder that were kept before a time.
    pub(crate) fn older(
        &self,
        part: Part,
        folder: u8,
        before: i64,
    ) -> BoxStream<'static, object_store::Result<Uuid>> {
        let path = Path::from_iter([part.folder(), &format!("{folder:02x}")]);
        let found = self.store.list(Some(&path)).filter_map(move |found| async move {
            match found {
                Ok(meta) if meta.last_modified.timestamp_millis() < before => {
                    meta.location.filename().and_then(|name| name.parse().ok()).map(Ok)
                }
                Ok(_) => None,
                Err(error) => Some(Err(error)),
            }
        });
        found.boxed()
    }

    /// Throws away what began to come in before a time, and never did.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub(crate) async fn sweep_incoming(&self, before: i64) -> object_store::Result<u64> {
        let mut found = self.scratch.list(Some(&Path::from(INCOMING)));
        let mut swept = 0;
        while let Some(meta) = found.next().await {
            let meta = meta?;
            if meta.last_modified.timestamp_millis() < before {
                self.scratch.delete(&meta.location).await?;
                swept += 1;
            }
        }
        Ok(swept)
    }
}

/// Where files lie while they come in.
const INCOMING: &str = "incoming";

fn bucket(args: &FilesArgs, name: &str) -> object_store::Result<object_store::aws::AmazonS3> {
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(name)
        .with_region(&args.s3_region)
        .with_retry(TRIES)
        .with_http_connector(Connector);
    if let Some(endpoint) = &args.s3_endpoint {
        builder = builder.with_endpoint(endpoint.as_str()).with_allow_http(!endpoint.is_https());
    }
    if let (Some(key), Some(secret)) = (&args.s3_access_key, &args.s3_secret_key) {
        builder = builder.with_access_key_id(key).with_secret_access_key(secret.as_str());
    }
    builder.build()
}
