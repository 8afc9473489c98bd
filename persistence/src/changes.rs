//! Sessions in the order in which they were last changed: what is due of them is reckoned by who asks.

use std::sync::Arc;

use protocol::{SessionId, SiteId, Status, UtcMillis};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    Changed, Said, Store, StoreError, UnderWay,
    lists::SLOT_MS,
    rows::{present, seq, time, word},
    sessions::TicketRow,
    store::on_engine,
};

/// By the index on status and slot: a slot is read whole and sorted, and as a rule nothing older is read.
pub(crate) const CHANGED: &str = "
    select id, site_id, status, assignee_id is not null as held, subject, priority, category, tags, snoozed_until_ms,
        queued_since_ms, work, last_message_seq, last_message_sender, last_message_at_ms, waiting_since_ms,
        created_at_ms, updated_at_ms, closed_at_ms
    from sessions
    where status = $1 and updated_slot >= $2 and (updated_at_ms, id) > ($3, $4)
    order by updated_slot, updated_at_ms, id limit $5";

#[derive(FromRow)]
struct Row {
    id: Uuid,
    site_id: Uuid,
    status: String,
    held: bool,
    #[sqlx(flatten)]
    ticket: TicketRow,
    last_message_seq: Option<i64>,
    last_message_sender: Option<String>,
    last_message_at_ms: Option<i64>,
    waiting_since_ms: Option<i64>,
    created_at_ms: i64,
    updated_at_ms: i64,
    closed_at_ms: Option<i64>,
}

impl TryFrom<Row> for UnderWay {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let last_said = match row.last_message_seq {
            None => None,
            Some(at) => Some(Said {
                seq: seq(at)?,
                by: word(&present(row.last_message_sender, "last_message_sender")?)?,
                at: UtcMillis::new(present(row.last_message_at_ms, "last_message_at_ms")?),
            }),
        };
        Ok(Self {
            id: SessionId::new(row.id),
            site_id: SiteId::new(row.site_id),
            status: word(&row.status)?,
            held: row.held,
            ticket: Arc::new(row.ticket.try_into()?),
            last_said,
            waiting_since: time(row.waiting_since_ms),
            created_at: UtcMillis::new(row.created_at_ms),
            updated_at: UtcMillis::new(row.updated_at_ms),
            closed_at: time(row.closed_at_ms),
        })
    }
}

impl Store {
    /// The sessions of this status that were changed after this, the one that was changed first, first.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn changed_since(
        &self,
        status: Status,
        after: Changed,
        limit: u32,
    ) -> Result<Vec<UnderWay>, StoreError> {
        let rows: Vec<Row> = on_engine!(read self, conn => {
            Ok(sqlx::query_as(CHANGED)
                .bind(status.as_str())
                .bind(after.at.get() / SLOT_MS)
                .bind(after.at.get())
                .bind(after.id.uuid())
                .bind(i64::from(limit))
                .fetch_all(conn)
                .await?)
        })?;
        rows.into_iter().map(UnderWay::try_from).collect()
    }
}
