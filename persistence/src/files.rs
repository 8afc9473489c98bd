//! Files: who uploaded what, which entry brought it, and what is to be thrown away.

use std::collections::HashSet;

use protocol::{AgentId, GrantId, Seq, SessionId, UtcMillis};
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use crate::{
    File, FileEntry, Store, StoreError, Uploader,
    canned::files as canned,
    dialect,
    rows::{signed, time, unreadable, unsigned},
    store::on_engine,
};

/// `$12`: what the uploader may have waiting for a message, in bytes.
const INSERT: &str = "
    insert into attachments (id, session_id, uploader_kind, uploader_id, name, content_type, size, width, height,
        has_thumbnail, created_at_ms)
    select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 where (
        select coalesce(sum(size), 0) from attachments
        where uploader_id = $4 and entry_seq is null and deleted_at_ms is null) + $7 <= $12";
const WAITING: &str = "
    select cast(coalesce(sum(size), 0) as bigint) from attachments
    where uploader_id = $1 and entry_seq is null and deleted_at_ms is null";
const READ: &str = "
    select a.*, coalesce(e.kind, '') = 'note' as note
    from attachments a left join entries e on e.session_id = a.session_id and e.seq = a.entry_seq
    where a.id = $1";
const WITHDRAW: &str = "
    update attachments set deleted_at_ms = $3
    where id = $1 and uploader_id = $2 and entry_seq is null and deleted_at_ms is null";
const EXPIRE: &str = "
    update attachments set deleted_at_ms = $1
    where created_at_ms < $2 and entry_seq is null and deleted_at_ms is null";
const DELETED: &str = "
    select id from attachments where deleted_at_ms is not null order by deleted_at_ms limit $1";
const FORGET: &str = "delete from attachments where id = $1 and deleted_at_ms is not null";
const KEEP_SECRET: &str = "insert into settings (key, value) values ('files', $1) on conflict do nothing";
const SECRET: &str = "select value from settings where key = 'files'";

/// A file belongs to an entry from now on. None is written if it belongs to one already, or is gone.
pub(crate) const ATTACH: &str = "
    update attachments set session_id = $2, entry_seq = $3
    where id = $1 and entry_seq is null and deleted_at_ms is null";
pub(crate) const TELL: &str = "update entries set attachments = $3 where session_id = $1 and seq = $2";
/// With what brought them.
pub(crate) const DELETE: &str = "
    update attachments set deleted_at_ms = $3 where session_id = $1 and entry_seq = $2 and deleted_at_ms is null";

/// Gives an entry, which was just written, its files.
macro_rules! attach_files {
    ($conn:expr, $session:expr, $entry:expr) => {{
        let entry: &protocol::Entry = $entry;
        if !entry.attachments.is_empty() {
            let seq = $crate::rows::signed(entry.seq.get());
            for file in &entry.attachments {
                let query = sqlx::query($crate::files::ATTACH).bind(file.id).bind($session.uuid()).bind(seq);
                if query.execute(&mut *$conn).await?.rows_affected() != 1 {
                    // Whoever decided looked, so another message of the same sender took it meanwhile.
                    return Err($crate::rows::unreadable("a file that is not there any more".to_owned()));
                }
            }
            let kept: Vec<_> = entry.attachments.iter().map($crate::model::KeptFile::from).collect();
            let query = sqlx::query($crate::files::TELL).bind($session.uuid()).bind(seq);
            query.bind(sqlx::types::Json(kept)).execute(&mut *$conn).await?;
        }
    }};
}
pub(crate) use attach_files;

#[derive(FromRow)]
struct Row {
    id: Uuid,
    session_id: Uuid,
    uploader_kind: String,
    uploader_id: Uuid,
    name: String,
    content_type: String,
    size: i64,
    width: Option<i64>,
    height: Option<i64>,
    has_thumbnail: bool,
    created_at_ms: i64,
    entry_seq: Option<i64>,
    deleted_at_ms: Option<i64>,
    note: bool,
}

impl TryFrom<Row> for File {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let pixels = |side: i64| u32::try_from(side).map_err(|_| unreadable(format!("{side} pixels")));
        let seq = row.entry_seq.map(|seq| unsigned(seq).map(Seq::new)).transpose()?;
        Ok(Self {
            id: row.id,
            session: SessionId::new(row.session_id),
            uploader: match row.uploader_kind.as_str() {
                "customer" => Uploader::Customer(GrantId::new(row.uploader_id)),
                "agent" => Uploader::Agent(AgentId::new(row.uploader_id)),
                other => return Err(unreadable(format!("an uploader of kind {other:?}"))),
            },
            name: row.name,
            content_type: row.content_type,
            size: unsigned(row.size)?,
            pixels: match (row.width, row.height) {
                (Some(width), Some(height)) => Some((pixels(width)?, pixels(height)?)),
                _ => None,
            },
            thumbnail: row.has_thumbnail,
            created_at: UtcMillis::new(row.created_at_ms),
            entry: seq.map(|seq| FileEntry { seq, note: row.note }),
            deleted_at: time(row.deleted_at_ms),
        })
    }
}

impl Store {
    /// Remembers a file that was taken, unless its uploader then has more than `waiting` bytes that no message names.
    ///
    /// # Errors
    /// `Unavailable`; `Refused`: there is no such session.
    pub async fn create_file(&self, file: &File, waiting: u64) -> Result<bool, StoreError> {
        let (kind, uploader) = file.uploader.columns();
        on_engine!(statement self, conn => {
            let done = sqlx::query(INSERT)
                .bind(file.id)
                .bind(file.session.uuid())
                .bind(kind)
                .bind(uploader)
                .bind(&file.name)
                .bind(&file.content_type)
                .bind(signed(file.size))
                .bind(file.pixels.map(|(width, _)| i64::from(width)))
                .bind(file.pixels.map(|(_, height)| i64::from(height)))
                .bind(file.thumbnail)
                .bind(file.created_at.get())
                .bind(signed(waiting))
                .execute(conn)
                .await?;
            Ok(done.rows_affected() == 1)
        })
    }

    /// How many bytes of this uploader wait for a message.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn waiting_bytes(&self, uploader: Uploader) -> Result<u64, StoreError> {
        let bytes: i64 = on_engine!(read self, conn => {
            Ok(sqlx::query_scalar(WAITING).bind(uploader.columns().1).fetch_one(conn).await?)
        })?;
        unsigned(bytes)
    }

    /// A file, also one that is deleted and not forgotten yet.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn file(&self, id: Uuid) -> Result<Option<File>, StoreError> {
        let row: Option<Row> = on_engine!(read self, conn => {
            Ok(sqlx::query_as(READ).bind(id).fetch_optional(conn).await?)
        })?;
        row.map(File::try_from).transpose()
    }

    /// Those of some files that there are.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn files(&self, ids: &[Uuid]) -> Result<Vec<File>, StoreError> {
        let rows: Vec<Row> = on_engine!(read self, conn => {
            let mut rows = Vec::with_capacity(ids.len());
            for id in ids {
                rows.extend(sqlx::query_as(READ).bind(id).fetch_optional(&mut *conn).await?);
            }
            Ok(rows)
        })?;
        rows.into_iter().map(File::try_from).collect()
    }

    /// Deletes a file that waits for a message, if it is this uploader's; says whether it did.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn withdraw_file(
        &self,
        id: Uuid,
        uploader: Uploader,
        now: UtcMillis,
    ) -> Result<bool, StoreError> {
        on_engine!(statement self, conn => {
            let query = sqlx::query(WITHDRAW).bind(id).bind(uploader.columns().1).bind(now.get());
            Ok(query.execute(conn).await?.rows_affected() == 1)
        })
    }

    /// Deletes the files that were uploaded before a time and that no message names.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn expire_files(&self, before: UtcMillis, now: UtcMillis) -> Result<u64, StoreError> {
        on_engine!(statement self, conn => {
            let query = sqlx::query(EXPIRE).bind(now.get()).bind(before.get());
            Ok(query.execute(conn).await?.rows_affected())
        })
    }

    /// Deleted files, of sessions and of canned answers, whose bytes may still be there.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn deleted_files(&self, limit: u32) -> Result<Vec<Uuid>, StoreError> {
        on_engine!(read self, conn => {
            let limit = i64::from(limit);
            let mut ids: Vec<Uuid> = sqlx::query_scalar(DELETED).bind(limit).fetch_all(&mut *conn).await?;
            let left = limit.saturating_sub_unsigned(ids.len() as u64);
            let of_canned: Vec<Uuid> = sqlx::query_scalar(canned::DELETED).bind(left).fetch_all(conn).await?;
            ids.extend(of_canned);
            Ok(ids)
        })
    }

    /// Forgets deleted files whose bytes are gone.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn forget_files(&self, ids: &[Uuid]) -> Result<(), StoreError> {
        on_engine!(write self, conn => {
            for id in ids {
                for forget in [FORGET, canned::FORGET] {
                    sqlx::query(forget).bind(id).execute(&mut *conn).await?;
                }
            }
            Ok(())
        })
    }

    /// Which of these files the store knows.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn known_files(&self, ids: &[Uuid]) -> Result<HashSet<Uuid>, StoreError> {
        let known = dialect::known_files(&self.pools);
        let ids = dialect::uuid_list(ids.iter().copied());
        let known: Vec<Uuid> =
            on_engine!(read self, conn => Ok(sqlx::query_scalar(known).bind(ids).fetch_all(conn).await?))?;
        Ok(known.into_iter().collect())
    }

    /// The secret that addresses of files are signed with: `new`, if there was none.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn file_secret(&self, new: &str) -> Result<String, StoreError> {
        on_engine!(write self, conn => {
            sqlx::query(KEEP_SECRET).bind(Json(new)).execute(&mut *conn).await?;
            let secret: Json<String> = sqlx::query_scalar(SECRET).fetch_one(conn).await?;
            Ok(secret.0)
        })
    }
}
