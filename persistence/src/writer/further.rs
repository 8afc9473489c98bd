//! What an append changes beyond its log's end and its session's row, in the same transaction: an older text is moved out
//! of the log, the agents who are named are kept with a note, files come and go with their messages, who is to be told is
//! told, a rating is kept.

/// An older text, beside the log.
pub(crate) const KEEP: &str = "
    insert into entry_history (session_id, seq, by_seq, body)
    select session_id, seq, $3, body from entries where session_id = $1 and seq = $2";

pub(crate) const EDIT: &str = "
    update entries set body = $3, edited_at_ms = $4 where session_id = $1 and seq = $2 and deleted_at_ms is null";

pub(crate) const DELETE: &str = "
    update entries set body = $3, attachments = null, deleted_at_ms = $4
    where session_id = $1 and seq = $2 and deleted_at_ms is null";

/// The events that brought older texts bring the newest, or none.
pub(crate) const EDIT_EVENTS: &str = "
    update entries set event = $4
    where session_id = $1 and seq > $2 and seq < $3 and kind in ('event', 'internal')
        and event ->> 'type' = 'edited' and event ->> 'entry' = $5";

pub(crate) const MENTION: &str = "update entries set mentions = $3 where session_id = $1 and seq = $2";

pub(crate) const RATE: &str = "update sessions set rating = $2 where id = $1";

pub(crate) const NOTIFY: &str = "
    insert into notifications (agent_id, created_at_ms, session_id, seq, kind)
    select id, $2, $3, $4, $5 from agents where id = $1
    on conflict (agent_id, created_at_ms, session_id, seq) do nothing";

/// Nobody has more than `$2`.
pub(crate) const FORGET: &str = "
    delete from notifications
    where agent_id = $1 and (created_at_ms, session_id, seq) <= (
        select created_at_ms, session_id, seq from notifications
        where agent_id = $1 order by created_at_ms desc, session_id desc, seq desc limit 1 offset $2)";

/// Does it for an append that was written where it expected.
macro_rules! reach_further {
    ($conn:expr, $append:expr) => {{
        use $crate::{rows::signed, writer::further};
        let append: &$crate::Append = $append;
        let session = append.session.uuid();
        if let Some(rating) = &append.change.rating {
            let rating = sqlx::types::Json(rating);
            sqlx::query(further::RATE).bind(session).bind(rating).execute(&mut *$conn).await?;
        }
        for entry in &append.entries {
            let (by, at) = (signed(entry.seq.get()), entry.created_at.get());
            let amended = match &entry.event {
                Some(protocol::Event::Edited { entry, seq, body, .. }) => {
                    Some((further::EDIT, *entry, *seq, body.as_str()))
                }
                Some(protocol::Event::Deleted { entry, seq, .. }) => {
                    Some((further::DELETE, *entry, *seq, ""))
                }
                _ => None,
            };
            if let Some((change, id, seq, body)) = amended {
                let target = signed(seq.get());
                let query = sqlx::query(further::KEEP).bind(session).bind(target).bind(by);
                query.execute(&mut *$conn).await?;
                let query = sqlx::query(change).bind(session).bind(target).bind(body).bind(at);
                query.execute(&mut *$conn).await?;
                let note = entry.event.as_ref().is_some_and(protocol::Event::is_internal);
                let event = protocol::Event::Edited { entry: id, seq, body: body.to_owned(), note };
                let query = sqlx::query(further::EDIT_EVENTS).bind(session).bind(target).bind(by);
                let query = query.bind(sqlx::types::Json(event)).bind(id.to_string());
                query.execute(&mut *$conn).await?;
            }
            if let Some(protocol::Event::Deleted { seq, .. }) = &entry.event {
                let query = sqlx::query($crate::files::DELETE).bind(session).bind(signed(seq.get()));
                query.bind(at).execute(&mut *$conn).await?;
            }
            $crate::files::attach_files!($conn, append.session, entry);
            if !entry.mentions.is_empty() {
                let query = sqlx::query(further::MENTION).bind(session).bind(by);
                query.bind(sqlx::types::Json(&entry.mentions)).execute(&mut *$conn).await?;
            }
            for (agent, kind) in entry.notifies() {
                let query = sqlx::query(further::NOTIFY).bind(agent.uuid()).bind(at).bind(session);
                query.bind(by).bind(kind.as_str()).execute(&mut *$conn).await?;
                let query = sqlx::query(further::FORGET).bind(agent.uuid());
                query.bind(i64::from(protocol::limits::NOTIFICATIONS)).execute(&mut *$conn).await?;
            }
        }
    }};
}
pub(crate) use reach_further;
