//! Files that come with messages: taken in pieces into a folder that nobody reads, looked at, and only then kept.
//!
//! What a file is, its content says; a name or a declared type that says otherwise is refused. See `kinds` for what is
//! taken, `storage` for where it goes, `sweep` for how it ends.

mod detect;
pub(crate) mod form;
mod http;
pub(crate) mod kinds;
pub(crate) mod names;
pub(crate) mod picture;
pub(crate) mod range;
mod scanner;
pub(crate) mod storage;
mod strip;
pub(crate) mod sweep;
mod zip;

use std::{fs::File as DiskFile, path::Path, sync::Arc, time::Duration};

use persistence::{File, Uploader};
use protocol::{Attachment, ErrorCode, UtcMillis, rest::UploadLimits};
use tokio::{
    io::AsyncWriteExt as _,
    sync::{OwnedSemaphorePermit, Semaphore},
};
use uuid::Uuid;

pub(crate) use self::scanner::ScannerUrl;
use self::{
    detect::Found,
    kinds::{CSV, Kind, Serve, TEXT},
    picture::{Fault, Picture},
    scanner::Verdict,
    storage::{Incoming, Part, Storage},
};
use crate::{
    app::App,
    config::{FilesArgs, Serve as Config},
    error::ApiError,
    rate_limit::{CountGuard, Counted},
};

/// Uploads at once, on this node.
const UPLOADS: usize = 64;
/// Uploads of one person at once.
const UPLOADS_OF_ONE: u32 = 5;
/// Files of the largest size that one person may have waiting for a message.
const WAITING: u64 = 20;
/// How long an upload waits for its turn to be decoded.
const TURN: Duration = Duration::from_secs(30);

/// All that is needed to take files and to hand them out.
pub(crate) struct Files {
    pub storage: Storage,
    kinds: Vec<&'static Kind>,
    scanner: Option<ScannerUrl>,
    max_bytes: u64,
    max_files: usize,
    uploads: Arc<Semaphore>,
    per_uploader: Counted<Uploader>,
    /// Decoding takes much memory: one at a time.
    decoding: Semaphore,
}

/// A place for one upload.
pub(crate) struct UploadPlace {
    _of_all: OwnedSemaphorePermit,
    _of_one: CountGuard<Uploader>,
}

/// What came in, before anybody looked.
pub(crate) struct Upload {
    incoming: Incoming,
    file: tokio::fs::File,
    size: u64,
    limit: u64,
}

fn refused(why: impl Into<String>) -> ApiError {
    ApiError::invalid("file", why)
}

/// The storage failed us.
pub(crate) fn unavailable(error: &(dyn std::error::Error + 'static)) -> ApiError {
    tracing::error!(error, "the storage of files does not answer");
    ApiError {
        retry_after: Some(Duration::from_secs(5)),
        ..ApiError::new(
            ErrorCode::FilesUnavailable,
            "Files cannot be kept or read right now. Try again in a moment.",
        )
    }
}

impl Upload {
    /// Takes a piece.
    ///
    /// # Errors
    /// It is over the limit, or cannot be written.
    pub(crate) async fn write(&mut self, piece: &[u8]) -> Result<(), ApiError> {
        self.size += piece.len() as u64;
        if self.size > self.limit {
            return Err(too_large(self.limit));
        }
        self.file.write_all(piece).await.map_err(|error| unavailable(&error))
    }
}

/// A file of more bytes than are taken.
pub(crate) fn too_large(limit: u64) -> ApiError {
    let words =
        if limit.is_multiple_of(1 << 20) { format!("{} MiB", limit >> 20) } else { format!("{limit} bytes") };
    ApiError::new(ErrorCode::TooLarge, format!("The limit of a file is {words}."))
}

impl Files {
    /// # Errors
    /// The storage cannot be opened.
    pub(crate) fn open(config: &Config) -> anyhow::Result<Self> {
        let args: &FilesArgs = &config.files;
        if config.redis_url.is_some() && args.files_url.is_none() {
            tracing::warn!(
                "files are kept in this server's own folder, where the others do not find them: give all of them one --files-url"
            );
        }
        Ok(Self {
            storage: Storage::open(args, &config.store.data_dir)?,
            kinds: args.kinds().collect(),
            scanner: args.scanner.clone(),
            max_bytes: config.limits.upload_bytes,
            max_files: config.limits.message_files,
            uploads: Arc::new(Semaphore::new(UPLOADS)),
            per_uploader: Counted::new(UPLOADS_OF_ONE, "person"),
            decoding: Semaphore::new(1),
        })
    }

    /// Most bytes of a file.
    pub(crate) const fn max_bytes(&self) -> u64 {
        self.max_bytes
    }

    /// Most files of a message.
    pub(crate) const fn max_files(&self) -> usize {
        self.max_files
    }

    /// What pages are told of what is taken.
    pub(crate) fn limits(&self) -> UploadLimits {
        let mut endings: Vec<String> =
            self.kinds.iter().flat_map(|kind| kind.endings).map(|ending| format!(".{ending}")).collect();
        endings.sort_unstable();
        endings.dedup();
        UploadLimits {
            max_bytes: self.max_bytes,
            max_files: u32::try_from(self.max_files).unwrap_or(u32::MAX),
            types: self.kinds.iter().map(|kind| kind.mime.to_owned()).collect(),
            endings,
        }
    }

    /// A place for an upload of this person.
    ///
    /// # Errors
    /// There are too many at once.
    pub(crate) fn place(&self, uploader: Uploader) -> Result<UploadPlace, ApiError> {
        let of_one = self.per_uploader.count(uploader).map_err(|_| {
            ApiError::too_fast(
                format!("{UPLOADS_OF_ONE} uploads at once is the limit here."),
                Duration::from_secs(2),
            )
        })?;
        let of_all = self.uploads.clone().try_acquire_owned().map_err(|_| hub::HubError::Overloaded)?;
        Ok(UploadPlace { _of_all: of_all, _of_one: of_one })
    }

    /// Begins to take a file.
    ///
    /// # Errors
    /// There is no room for it.
    pub(crate) async fn begin(&self) -> Result<Upload, ApiError> {
        let (incoming, file) = self.storage.incoming().await.map_err(|error| unavailable(&error))?;
        Ok(Upload { incoming, file, size: 0, limit: self.max_bytes })
    }

    /// How many bytes a person may have waiting for a message.
    pub(crate) const fn max_waiting(&self) -> u64 {
        self.max_bytes.saturating_mul(WAITING)
    }

    /// Looks at what came in, and keeps its bytes; without a row they are swept.
    ///
    /// # Errors
    /// It is not taken, in words; or something that is needed for it does not answer.
    pub(crate) async fn finish(
        &self,
        upload: Upload,
        (name, declared): (&str, &str),
    ) -> Result<Attachment, ApiError> {
        let Upload { incoming, mut file, size, .. } = upload;
        if size == 0 {
            return Err(refused("is empty"));
        }
        let written = async {
            file.flush().await?;
            file.sync_all().await
        };
        written.await.map_err(|error| unavailable(&error))?;
        drop(file);
        let path = incoming.path.clone();
        let found = blocking(move || detect::detect(&mut DiskFile::open(path)?)).await?;
        let found = found.map_err(|error| unavailable(&error))?;
        let (kind, name) = self.accept(found, &names::clean(name), declared)?;
        self.scan(&incoming.path).await?;
        let picture = match kind.serve {
            Serve::Picture => Some(self.picture(&incoming.path, kind.mime).await?),
            Serve::Media | Serve::Download | Serve::Bytes => None,
        };
        let size = tokio::fs::metadata(&incoming.path).await.map_err(|error| unavailable(&error))?.len();
        let (pixels, thumbnail) = match picture {
            Some(Picture { pixels, thumbnail }) => (Some(pixels), thumbnail),
            None => (None, None),
        };
        // Nothing of it can be guessed, not even when it was made.
        let id = Uuid::new_v4();
        let file = Attachment {
            id,
            name,
            content_type: kind.mime.to_owned(),
            size,
            url: Attachment::path(id),
            thumbnail_url: thumbnail.is_some().then(|| Attachment::thumbnail_path(id)),
            width: pixels.map(|(width, _)| width),
            height: pixels.map(|(_, height)| height),
        };
        self.put(id, incoming, thumbnail).await?;
        Ok(file)
    }

    async fn put(&self, id: Uuid, incoming: Incoming, thumbnail: Option<Vec<u8>>) -> Result<(), ApiError> {
        if let Some(bytes) = thumbnail {
            let (small, mut small_file) =
                self.storage.incoming().await.map_err(|error| unavailable(&error))?;
            let written = async {
                small_file.write_all(&bytes).await?;
                small_file.flush().await?;
                small_file.sync_all().await
            };
            written.await.map_err(|error| unavailable(&error))?;
            drop(small_file);
            self.storage.keep(small, id, Part::Thumbnail).await.map_err(|error| unavailable(&error))?;
        }
        self.storage.keep(incoming, id, Part::Whole).await.map_err(|error| unavailable(&error))
    }

    /// Keeps the row of a file whose bytes are kept: what has no row is swept, while a row without bytes would be a
    /// promise.
    ///
    /// # Errors
    /// Its uploader has too many that no message names.
    pub(crate) async fn keep(&self, app: &App, file: &File) -> Result<(), ApiError> {
        if !app.store.create_file(file, self.max_waiting()).await? {
            // What is left is swept.
            let _ = self.storage.delete(file.id).await;
            return Err(self.too_many_waiting());
        }
        Ok(())
    }

    /// Makes the bytes of a file those of another, too.
    ///
    /// # Errors
    /// It is gone, or the storage does not answer.
    pub(crate) async fn copy(
        &self,
        from: Uuid,
        to: Uuid,
        thumbnail: bool,
        now: UtcMillis,
    ) -> Result<(), ApiError> {
        for part in Part::ALL.into_iter().filter(|part| thumbnail || *part == Part::Whole) {
            self.storage.copy(from, to, part, now).await.map_err(|error| match error {
                object_store::Error::NotFound { .. } => ApiError::not_found(),
                error => unavailable(&error),
            })?;
        }
        Ok(())
    }

    pub(crate) fn too_many_waiting(&self) -> ApiError {
        let limit = self.max_waiting() >> 20;
        ApiError::too_fast(
            format!(
                "{limit} MiB of files that were not sent yet is the limit here: send or remove some first."
            ),
            Duration::from_secs(60),
        )
    }

    /// Whether a file is taken: its kind, and what it is called then.
    fn accept(&self, found: Found, name: &str, declared: &str) -> Result<(&'static Kind, String), ApiError> {
        let ending = names::ending(name);
        let csv = ending.as_deref() == Some("csv") && self.kinds.iter().any(|kind| kind.mime == CSV);
        let mime = match found {
            Found::Type(TEXT) if csv => CSV,
            Found::Type(mime) => mime,
            Found::Unknown => {
                return Err(refused(format!("is of a kind that is not taken here. {}", self.taken())));
            }
        };
        let Some(kind) = self.kinds.iter().copied().find(|kind| kind.mime == mime) else {
            let what = kinds::of(mime).map_or(mime, |kind| kind.name);
            return Err(refused(format!("is {what} ({mime}), which is not taken here. {}", self.taken())));
        };
        if !kind.is_declared_by(declared) {
            let said: String = declared.chars().filter(char::is_ascii_graphic).take(100).collect();
            return Err(refused(format!("is said to be {said}, but holds {}", kind.name)));
        }
        match ending {
            None => Ok((kind, names::with_ending(name, kind.endings[0]))),
            Some(ending) if kind.fits(&ending) => Ok((kind, name.to_owned())),
            Some(ending) => {
                Err(refused(format!("has a name that ends in .{ending}, but holds {}", kind.name)))
            }
        }
    }

    fn taken(&self) -> String {
        let names: Vec<_> = self.kinds.iter().map(|kind| kind.name).collect();
        format!("Taken are: {}.", names.join(", "))
    }

    async fn scan(&self, path: &Path) -> Result<(), ApiError> {
        let Some(scanner) = &self.scanner else { return Ok(()) };
        match scanner::scan(scanner, path).await {
            Ok(Verdict::Clean) => Ok(()),
            Ok(Verdict::Infected(name)) => {
                tracing::warn!(found = name, "an upload was infected");
                Err(ApiError::new(ErrorCode::Infected, format!("A virus was found in this file: {name}.")))
            }
            Err(error) => {
                tracing::error!(%error, "the virus scanner does not answer");
                Err(ApiError {
                    retry_after: Some(Duration::from_secs(10)),
                    ..ApiError::new(
                        ErrorCode::ScannerUnavailable,
                        "Files are scanned for viruses here, and the scanner does not answer. Try again in a moment.",
                    )
                })
            }
        }
    }

    async fn picture(&self, path: &Path, mime: &'static str) -> Result<Picture, ApiError> {
        let turn = tokio::time::timeout(TURN, self.decoding.acquire()).await;
        let _turn = turn.map_err(|_| hub::HubError::Overloaded)?;
        let path = path.to_owned();
        let done = blocking(move || picture::prepare(&path, mime)).await?;
        done.map_err(|fault| match fault {
            Fault::Refused(why) => refused(why),
            Fault::Io(error) => unavailable(&error),
        })
    }
}

/// Work that takes a thread for a while. A defect in it is this file's alone.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "looking at a file failed");
        refused("cannot be read")
    })
}
