//! Appends to two logs that happen together, or not at all.

use protocol::SessionId;

use crate::{
    Append, Appended, Session, Store, StoreError, sessions, starts::LINK, store::on_engine, turns::HOLD,
    writer::AppendOne as _,
};

const MESSAGES: &str = "select count(*) from entries where session_id = $1 and kind = 'message'";

/// What is appended to two sessions, and where the first goes on after it.
#[derive(Debug, Clone)]
pub struct TwoAppends {
    /// To the first, then to the second.
    pub appends: [Append; 2],
    /// The session that carries the first on.
    pub next: Option<SessionId>,
}

impl Store {
    /// Shows two sessions as they are, and how many messages the first has, and appends what follows from that to both;
    /// nobody appends to either in between. Both are as they are after it; `None`: one of them is missing, or is the
    /// other.
    ///
    /// # Errors
    /// `Unavailable`: whether it was written is not known. `Refused`: it cannot be stored. The inner one is `decide`'s:
    /// nothing was written.
    pub async fn append_to_two<E: Send>(
        &self,
        [first, second]: [SessionId; 2],
        decide: impl FnOnce([&Session; 2], u64) -> Result<Option<TwoAppends>, E> + Send,
    ) -> Result<Option<Result<[Session; 2], E>>, StoreError> {
        if first == second {
            return Ok(None);
        }
        on_engine!(write self, conn => {
            // In the order in which the log writer locks them, or two could wait for each other.
            for id in [first.min(second), first.max(second)] {
                sqlx::query(HOLD).bind(id.uuid()).execute(&mut *conn).await?;
            }
            let mut rows = Vec::with_capacity(2);
            for id in [first, second] {
                let row: Option<sessions::Row> =
                    sqlx::query_as(sessions::BY_ID).bind(id.uuid()).fetch_optional(&mut *conn).await?;
                let Some(row) = row else { return Ok(None) };
                rows.push(Session::try_from(row)?);
            }
            let messages: i64 = sqlx::query_scalar(MESSAGES).bind(first.uuid()).fetch_one(&mut *conn).await?;
            let two = match decide([&rows[0], &rows[1]], messages.unsigned_abs()) {
                Err(refusal) => return Ok(Some(Err(refusal))),
                Ok(two) => two,
            };
            if let Some(TwoAppends { appends, next }) = two {
                for append in &appends {
                    append.check()?;
                    if !matches!(conn.append_one(append).await?, Appended::Committed { .. }) {
                        // Nobody else could append, so what was decided does not fit what was shown.
                        return Err(StoreError::Refused(sqlx::Error::Encode("appends that do not fit".into())));
                    }
                }
                sqlx::query(LINK)
                    .bind(first.uuid())
                    .bind(next.map(|next| next.uuid()))
                    .execute(&mut *conn)
                    .await?;
                rows.clear();
                for id in [first, second] {
                    let row: sessions::Row =
                        sqlx::query_as(sessions::BY_ID).bind(id.uuid()).fetch_one(&mut *conn).await?;
                    rows.push(Session::try_from(row)?);
                }
            }
            let [first, second] = <[Session; 2]>::try_from(rows)
                .map_err(|_| StoreError::Refused(sqlx::Error::RowNotFound))?;
            Ok(Some(Ok([first, second])))
        })
    }
}
