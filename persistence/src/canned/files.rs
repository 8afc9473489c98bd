//! The files of canned answers.

use std::collections::HashMap;

use protocol::{AgentId, Attachment, CannedId, UtcMillis, rest::CannedAnswer};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    CannedFile, CannedFileKept, Store, StoreError,
    rows::{signed, unreadable, unsigned},
    store::on_engine,
};

/// The answer is changed by it, and nobody else changes it meanwhile.
const TOUCH: &str = "update canned_answers set updated_at_ms = $2, updated_by = $3 where id = $1";
const COUNT: &str = "select count(*) from canned_files where canned_id = $1 and deleted_at_ms is null";
const BYTES: &str =
    "select cast(coalesce(sum(size), 0) as bigint) from canned_files where deleted_at_ms is null";
const INSERT: &str = "
    insert into canned_files (id, canned_id, name, content_type, size, width, height, has_thumbnail, created_at_ms)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const READ: &str = "
    select f.* from canned_files f join canned_answers c on c.id = f.canned_id
    where f.id = $1 and f.deleted_at_ms is null";
const REMOVE: &str = "
    update canned_files set deleted_at_ms = $3 where id = $1 and canned_id = $2 and deleted_at_ms is null";
/// Of which the bytes may still be there.
pub(crate) const DELETED: &str = "
    select f.id from canned_files f left join canned_answers c on c.id = f.canned_id
    where f.deleted_at_ms is not null or c.id is null limit $1";
pub(crate) const FORGET: &str = "
    delete from canned_files where id = $1
    and (deleted_at_ms is not null or canned_id not in (select id from canned_answers))";

#[derive(FromRow)]
pub(super) struct Row {
    id: Uuid,
    canned_id: Uuid,
    name: String,
    content_type: String,
    size: i64,
    width: Option<i64>,
    height: Option<i64>,
    has_thumbnail: bool,
}

impl TryFrom<Row> for CannedFile {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let pixels = |side: i64| u32::try_from(side).map_err(|_| unreadable(format!("{side} pixels")));
        Ok(Self {
            canned: CannedId::new(row.canned_id),
            file: Attachment {
                id: row.id,
                name: row.name,
                content_type: row.content_type,
                size: unsigned(row.size)?,
                url: Attachment::path(row.id),
                thumbnail_url: row.has_thumbnail.then(|| Attachment::thumbnail_path(row.id)),
                width: row.width.map(pixels).transpose()?,
                height: row.height.map(pixels).transpose()?,
            },
        })
    }
}

/// Lays the files beside their answers.
pub(super) fn give_files(answers: &mut [CannedAnswer], rows: Vec<Row>) -> Result<(), StoreError> {
    let mut of: HashMap<CannedId, Vec<Attachment>> = HashMap::new();
    for row in rows {
        let CannedFile { canned, file } = row.try_into()?;
        of.entry(canned).or_default().push(file);
    }
    for answer in answers {
        answer.attachments = of.remove(&answer.id).unwrap_or_default();
    }
    Ok(())
}

impl Store {
    /// Gives a canned answer a file, unless it then has more than `files`, or all of them more than `bytes`.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn add_canned_file(
        &self,
        new: &CannedFile,
        by: AgentId,
        now: UtcMillis,
        (files, bytes): (usize, u64),
    ) -> Result<CannedFileKept, StoreError> {
        let CannedFile { canned, file } = new;
        on_engine!(write self, conn => {
            let touched = sqlx::query(TOUCH).bind(canned.uuid()).bind(now.get()).bind(by.uuid());
            if touched.execute(&mut *conn).await?.rows_affected() == 0 {
                return Ok(CannedFileKept::NoAnswer);
            }
            let there: i64 = sqlx::query_scalar(COUNT).bind(canned.uuid()).fetch_one(&mut *conn).await?;
            if unsigned(there)? >= files as u64 {
                return Ok(CannedFileKept::Full);
            }
            let held: i64 = sqlx::query_scalar(BYTES).fetch_one(&mut *conn).await?;
            if unsigned(held)?.saturating_add(file.size) > bytes {
                return Ok(CannedFileKept::FullOfBytes);
            }
            sqlx::query(INSERT)
                .bind(file.id)
                .bind(canned.uuid())
                .bind(&file.name)
                .bind(&file.content_type)
                .bind(signed(file.size))
                .bind(file.width.map(i64::from))
                .bind(file.height.map(i64::from))
                .bind(file.thumbnail_url.is_some())
                .bind(now.get())
                .execute(conn)
                .await?;
            Ok(CannedFileKept::Kept)
        })
    }

    /// A file of a canned answer that is there.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn canned_file(&self, id: Uuid) -> Result<Option<CannedFile>, StoreError> {
        let row: Option<Row> = on_engine!(read self, conn => {
            Ok(sqlx::query_as(READ).bind(id).fetch_optional(conn).await?)
        })?;
        row.map(CannedFile::try_from).transpose()
    }

    /// Takes a file from a canned answer; says whether it had it.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn remove_canned_file(
        &self,
        canned: CannedId,
        id: Uuid,
        by: AgentId,
        now: UtcMillis,
    ) -> Result<bool, StoreError> {
        on_engine!(write self, conn => {
            let removed = sqlx::query(REMOVE).bind(id).bind(canned.uuid()).bind(now.get());
            let removed = removed.execute(&mut *conn).await?.rows_affected() == 1;
            if removed {
                let touched = sqlx::query(TOUCH).bind(canned.uuid()).bind(now.get()).bind(by.uuid());
                touched.execute(conn).await?;
            }
            Ok(removed)
        })
    }
}
