//! A store of a million entries, made past the server: 10,000 sessions with 100 each.

use anyhow::Context as _;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::commits;

/// What differs between the engines.
struct Words {
    /// An id from a number.
    id: fn(&str) -> String,
    no: &'static str,
    json: &'static str,
    /// `n` from 1 to 10,000.
    series: String,
    /// The same, and `lines` from 1 to 100.
    lines: String,
}

fn statements(words: &Words) -> Vec<String> {
    let Words { id, no, json, series, lines } = words;
    let (own, entry) = (id("n"), id("n * 1000 + line"));
    let site = "(select id from sites limit 1)";
    let when = "1700000000000 + n * 1000";
    vec![
        format!(
            "{series} insert into contacts (id, site_id, name, phone, created_at_ms, updated_at_ms)
            select {own}, {site}, 'Customer ' || n, '+44' || (7700000000 + n), {when}, {when} from n"
        ),
        format!(
            "{series} insert into grants (id, site_id, contact_id, verified, name, first_session_id, created_at_ms)
            select {own}, {site}, {own}, {no}, 'Customer ' || n, {own}, {when} from n"
        ),
        format!(
            "{series} insert into sessions (id, site_id, grant_id, contact_id, channel, status, last_seq, version,
                last_message_seq, last_message_sender, last_message_preview, last_message_at_ms,
                customer_read_seq, team_read_seq, customer_unread, team_unread, context, created_at_ms,
                updated_at_ms, closed_at_ms)
            select {own}, {site}, {own}, {own}, 'web', case when n % 50 = 0 then 'open' else 'closed' end, 100, 100,
                100, 'customer', 'The last of a hundred', {when}, 100, 100, 0, 0, '{{}}', {when}, {when},
                case when n % 50 = 0 then null else {when} end from n"
        ),
        format!(
            "{lines} insert into entries (session_id, seq, id, kind, sender_kind, sender_id, sender_name, body,
                event, created_at_ms)
            select {own}, line, {entry}, case when line = 1 then 'event' else 'message' end, 'customer', {own},
                'Customer ' || n, case when line = 1 then '' else 'A message of the length that people write, ' || line end,
                case when line = 1 then cast('{{\"type\":\"started\",\"channel\":\"web\"}}' as {json}) end, {when} + line
            from n cross join lines"
        ),
    ]
}

/// Fills a store that a server has made and left.
pub(crate) async fn fill(database_url: &str) -> anyhow::Result<()> {
    if database_url.starts_with("sqlite:") {
        let series = "with recursive n(n) as (select 1 union all select n + 1 from n where n < 10000)";
        let words = Words {
            id: |number| format!("unhex(printf('%032x', {number}))"),
            no: "0",
            json: "text",
            series: series.to_owned(),
            lines: format!(
                "{series}, lines(line) as (select 1 union all select line + 1 from lines where line < 100)"
            ),
        };
        let mut conn = commits::sqlite(database_url).await?;
        for statement in statements(&words) {
            sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut conn).await.context("filling SQLite")?;
        }
        // The last one to leave folds the write-ahead log into the database.
        conn.close().await?;
    } else {
        let series = "with n as (select generate_series(1, 10000)::bigint as n)";
        let words = Words {
            id: |number| format!("lpad(to_hex({number}), 32, '0')::uuid"),
            no: "false",
            json: "jsonb",
            series: series.to_owned(),
            lines: format!("{series}, lines as (select generate_series(1, 100) as line)"),
        };
        let mut conn = PgConnection::connect(database_url).await?;
        for statement in statements(&words) {
            sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut conn).await.context("filling Postgres")?;
        }
        // What it would do by itself some time later.
        for after in ["analyze", "checkpoint"] {
            sqlx::raw_sql(after).execute(&mut conn).await?;
        }
        conn.close().await?;
    }
    Ok(())
}
