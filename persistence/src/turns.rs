//! Appends that are decided while nobody else can append.

use protocol::SessionId;

use crate::{
    Append, Appended, Session, Store, StoreError, sessions, store::on_engine, writer::AppendOne as _,
};

/// Waits for the session's row and keeps others from it, in the words of either engine.
pub(crate) const HOLD: &str = "update sessions set version = version where id = $1";

impl Store {
    /// Shows the session as it is, and appends what follows from that; nobody appends in between. For a decision that
    /// lost too many races: it takes several round trips, and holds up whoever else wants to append.
    ///
    /// The answer is `Missing` if there is no such session, and `MovedOn` if `decide` wants nothing appended.
    ///
    /// # Errors
    /// `Unavailable`: whether it was written is not known. `Refused`: this append cannot be stored.
    pub async fn append_in_turn(
        &self,
        session: SessionId,
        decide: impl FnOnce(&Session) -> Option<Append> + Send,
    ) -> Result<Appended, StoreError> {
        on_engine!(write self, conn => {
            sqlx::query(HOLD).bind(session.uuid()).execute(&mut *conn).await?;
            let row: Option<sessions::Row> =
                sqlx::query_as(sessions::BY_ID).bind(session.uuid()).fetch_optional(&mut *conn).await?;
            let Some(row) = row else { return Ok(Appended::Missing) };
            let Some(append) = decide(&row.try_into()?) else { return Ok(Appended::MovedOn) };
            append.check()?;
            conn.append_one(&append).await
        })
    }
}
