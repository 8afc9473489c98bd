//! Canned answers. There are at most a few thousand, so they are searched without an index.

pub(crate) mod files;
mod statements;

use std::collections::{HashMap, HashSet};

use protocol::{
    AgentId, AgentRef, CannedId, TeamId, TeamRef, UtcMillis, limits,
    rest::{CannedAnswer, CannedCategory, CannedScope},
};
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use self::files::give_files;
use self::statements::{CATEGORIES, COUNT, COUNT_CATEGORIES, DELETE, ONE, PAGE, SHORTCUTS, UPDATE, USED};
use crate::{
    CannedCursor, CannedFilter, CannedKept, CannedOrder, CannedOwner, CannedPage, CannedReader, CannedText,
    Store, StoreError, dialect,
    error::taken,
    rows::{count, present, time, unsigned},
    store::on_engine,
};

/// Rows of one statement: SQLite takes 32,766 parameters, Postgres 65,535.
const ROWS: usize = 200;

#[derive(FromRow)]
struct Row {
    id: Uuid,
    agent_id: Option<Uuid>,
    team_id: Option<Uuid>,
    team_name: Option<String>,
    shortcut: String,
    title: String,
    category: String,
    body: String,
    uses: i64,
    last_used_at_ms: Option<i64>,
    created_at_ms: i64,
    created_by: Uuid,
    creator: String,
    updated_at_ms: i64,
    updated_by: Uuid,
    updater: String,
    shadowed: bool,
}

#[derive(FromRow)]
struct Ranked {
    #[sqlx(flatten)]
    row: Row,
    rank: i64,
}

impl TryFrom<Row> for CannedAnswer {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let (scope, team) = match (row.agent_id, row.team_id) {
            (Some(_), _) => (CannedScope::Personal, None),
            (None, Some(id)) => (
                CannedScope::Team,
                Some(TeamRef { id: TeamId::new(id), name: present(row.team_name, "name")? }),
            ),
            (None, None) => (CannedScope::All, None),
        };
        Ok(Self {
            id: CannedId::new(row.id),
            shortcut: row.shortcut,
            title: row.title,
            category: row.category,
            body: row.body,
            scope,
            team,
            attachments: Vec::new(),
            shadowed: row.shadowed,
            uses: unsigned(row.uses)?,
            last_used_at: time(row.last_used_at_ms),
            created_at: UtcMillis::new(row.created_at_ms),
            created_by: AgentRef { id: AgentId::new(row.created_by), name: row.creator },
            updated_at: UtcMillis::new(row.updated_at_ms),
            updated_by: AgentRef { id: AgentId::new(row.updated_by), name: row.updater },
        })
    }
}

impl CannedOwner {
    fn columns(self) -> (Option<Uuid>, Option<Uuid>) {
        match self {
            Self::Agent(agent) => (Some(agent.uuid()), None),
            Self::Team(team) => (None, Some(team.uuid())),
            Self::All => (None, None),
        }
    }
}

impl CannedText {
    /// What it is searched by. Not the engines' `lower`: SQLite's knows ASCII only.
    fn words(&self) -> String {
        [self.shortcut.as_str(), &self.title, &self.body].join("\n").to_lowercase()
    }
}

fn reach(scope: CannedScope) -> i64 {
    match scope {
        CannedScope::Personal => 0,
        CannedScope::Team => 1,
        CannedScope::All => 2,
    }
}

/// The text itself in a pattern of `like`.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// A pattern for each of four words; what is left over of a longer search is one with the last.
fn patterns(search: &str) -> [String; 4] {
    let mut words = search.split_whitespace();
    std::array::from_fn(|at| match at {
        3 => format!("%{}%", escaped(&words.by_ref().collect::<Vec<_>>().join(" "))),
        _ => format!("%{}%", escaped(words.next().unwrap_or_default())),
    })
}

/// The parameters of what is filtered.
macro_rules! bind_filter {
    ($sql:expr, $query:ident, $reader:expr, $filter:expr, $patterns:expr) => {{
        let [a, b, c, d] = $patterns.clone();
        sqlx::$query($sql)
            .bind($reader.agent.uuid())
            .bind($reader.leads)
            .bind($filter.scope.map(reach))
            .bind($filter.team.map(|team| team.uuid()))
            .bind($filter.category.as_deref().map(str::to_lowercase))
            .bind($filter.usable)
            .bind(a)
            .bind(b)
            .bind(c)
            .bind(d)
    }};
}

impl Store {
    /// Canned answers that the reader sees.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn canned_answers(
        &self,
        reader: CannedReader,
        filter: &CannedFilter,
        after: Option<&CannedCursor>,
        limit: u32,
    ) -> Result<CannedPage, StoreError> {
        let search = filter.search.trim().to_lowercase();
        let patterns = patterns(&search);
        let order = match filter.order {
            CannedOrder::Shortcut => 0_i64,
            CannedOrder::Uses => 1,
            CannedOrder::Recent => 2,
            CannedOrder::Match => 3,
        };
        let (rank, shortcut, id) = match after {
            Some(CannedCursor { rank, shortcut, id }) => (*rank, shortcut.as_str(), id.uuid()),
            None => (i64::MIN, "", Uuid::nil()),
        };
        let of_answers = dialect::canned_files(&self.pools);
        let (mut rows, total, files): (Vec<Ranked>, i64, Vec<files::Row>) = on_engine!(read self, conn => {
            let rows = bind_filter!(PAGE, query_as, reader, filter, patterns)
                .bind(order)
                .bind(&search)
                .bind(format!("{}%", escaped(&search)))
                .bind(rank)
                .bind(shortcut)
                .bind(id)
                // One more than asked for tells whether there is another page.
                .bind(i64::from(limit) + 1)
                .fetch_all(&mut *conn)
                .await?;
            let total = bind_filter!(COUNT, query_scalar, reader, filter, patterns).fetch_one(&mut *conn).await?;
            let ids = dialect::uuid_list(rows.iter().map(|ranked: &Ranked| ranked.row.id));
            let files = sqlx::query_as(of_answers).bind(ids).fetch_all(conn).await?;
            Ok((rows, total, files))
        })?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = rows.last().filter(|_| more).map(|last| CannedCursor {
            rank: last.rank,
            shortcut: last.row.shortcut.clone(),
            id: CannedId::new(last.row.id),
        });
        let items = rows.into_iter().map(|ranked| ranked.row.try_into());
        let mut items = items.collect::<Result<Vec<_>, _>>()?;
        give_files(&mut items, files)?;
        Ok(CannedPage { items, total: unsigned(total)?, next })
    }

    /// The canned answer, if the reader sees it.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn canned_answer(
        &self,
        reader: CannedReader,
        id: CannedId,
    ) -> Result<Option<CannedAnswer>, StoreError> {
        let of_answers = dialect::canned_files(&self.pools);
        let found: Option<(Row, Vec<files::Row>)> = on_engine!(read self, conn => {
            let row = sqlx::query_as(ONE)
                .bind(reader.agent.uuid())
                .bind(reader.leads)
                .bind(id.uuid())
                .fetch_optional(&mut *conn)
                .await?;
            let Some(row) = row else { return Ok(None) };
            let ids = dialect::uuid_list([id.uuid()]);
            Ok(Some((row, sqlx::query_as(of_answers).bind(ids).fetch_all(conn).await?)))
        })?;
        let Some((row, files)) = found else { return Ok(None) };
        let mut answer = CannedAnswer::try_from(row)?;
        give_files(std::slice::from_mut(&mut answer), files)?;
        Ok(Some(answer))
    }

    /// The categories of what the reader sees, by name, behind `after`; and how many there are.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn canned_categories(
        &self,
        reader: CannedReader,
        after: &str,
        limit: u32,
    ) -> Result<(Vec<CannedCategory>, u64), StoreError> {
        let (rows, total): (Vec<(String, String, i64)>, i64) = on_engine!(read self, conn => {
            let rows = sqlx::query_as(CATEGORIES)
                .bind(reader.agent.uuid())
                .bind(reader.leads)
                .bind(after.to_lowercase())
                .bind(i64::from(limit))
                .fetch_all(&mut *conn)
                .await?;
            let total = sqlx::query_scalar(COUNT_CATEGORIES)
                .bind(reader.agent.uuid())
                .bind(reader.leads)
                .fetch_one(conn)
                .await?;
            Ok((rows, total))
        })?;
        let category = |(name, _, answers)| Ok(CannedCategory { name, answers: count(answers)? });
        Ok((rows.into_iter().map(category).collect::<Result<_, StoreError>>()?, unsigned(total)?))
    }

    /// Keeps canned answers, all of them or none. With `replace`, they take the place of those of the same owner and
    /// shortcut; without it, such a one is refused.
    ///
    /// # Errors
    /// `Conflict("shortcut")`: another with it was made at the same time.
    pub async fn keep_canned(
        &self,
        texts: &[CannedText],
        by: AgentId,
        now: UtcMillis,
        replace: bool,
    ) -> Result<CannedKept, StoreError> {
        on_engine!(write self, conn => {
            let rows: Vec<(Uuid, Option<Uuid>, Option<Uuid>, String)> =
                sqlx::query_as(SHORTCUTS).fetch_all(&mut *conn).await?;
            let (ids, refused) = placed(&rows, texts, replace);
            if let Some(refused) = refused {
                return Ok(refused);
            }
            for (texts, ids) in texts.chunks(ROWS).zip(ids.chunks(ROWS)) {
                let mut query = QueryBuilder::new(
                    "insert into canned_answers (id, agent_id, team_id, shortcut, title, category, category_key, body,
                        words, created_at_ms, created_by, updated_at_ms, updated_by) ",
                );
                query.push_values(texts.iter().zip(ids), |mut row, (text, id)| {
                    let (agent, team) = text.owner.columns();
                    row.push_bind(id.unwrap_or(text.id.uuid()))
                        .push_bind(agent)
                        .push_bind(team)
                        .push_bind(&text.shortcut)
                        .push_bind(&text.title)
                        .push_bind(&text.category)
                        .push_bind(text.category.to_lowercase())
                        .push_bind(&text.body)
                        .push_bind(text.words())
                        .push_bind(now.get())
                        .push_bind(by.uuid())
                        .push_bind(now.get())
                        .push_bind(by.uuid());
                });
                query.push(
                    " on conflict (id) do update set title = excluded.title, category = excluded.category,
                        category_key = excluded.category_key, body = excluded.body, words = excluded.words,
                        updated_at_ms = excluded.updated_at_ms, updated_by = excluded.updated_by",
                );
                query.build().execute(&mut *conn).await.map_err(taken("shortcut"))?;
            }
            let replaced = ids.iter().flatten().count();
            let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
            Ok(CannedKept::Kept { created: number(ids.len() - replaced), replaced: number(replaced) })
        })
    }

    /// Changes a canned answer to this; `false` if there is none of its id.
    ///
    /// # Errors
    /// `Conflict("shortcut")`: its owner has another with this shortcut.
    pub async fn update_canned(
        &self,
        text: &CannedText,
        by: AgentId,
        now: UtcMillis,
    ) -> Result<bool, StoreError> {
        let (agent, team) = text.owner.columns();
        on_engine!(statement self, conn => {
            let done = sqlx::query(UPDATE)
                .bind(text.id.uuid())
                .bind(agent)
                .bind(team)
                .bind(&text.shortcut)
                .bind(&text.title)
                .bind(&text.category)
                .bind(text.category.to_lowercase())
                .bind(&text.body)
                .bind(text.words())
                .bind(now.get())
                .bind(by.uuid())
                .execute(conn)
                .await
                .map_err(taken("shortcut"))?;
            Ok(done.rows_affected() == 1)
        })
    }

    /// Deletes a canned answer; `false` if there is none.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn delete_canned(&self, id: CannedId) -> Result<bool, StoreError> {
        on_engine!(statement self, conn => {
            Ok(sqlx::query(DELETE).bind(id.uuid()).execute(conn).await?.rows_affected() == 1)
        })
    }

    /// Counts a use of a canned answer; nothing happens if there is none.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn canned_used(&self, id: CannedId, now: UtcMillis) -> Result<(), StoreError> {
        on_engine!(statement self, conn => {
            sqlx::query(USED).bind(id.uuid()).bind(now.get()).execute(conn).await?;
            Ok(())
        })
    }
}

/// In whose place each of the texts comes; or why they cannot be kept.
fn placed(
    rows: &[(Uuid, Option<Uuid>, Option<Uuid>, String)],
    texts: &[CannedText],
    replace: bool,
) -> (Vec<Option<Uuid>>, Option<CannedKept>) {
    let there: HashMap<_, _> =
        rows.iter().map(|(id, agent, team, shortcut)| (((*agent, *team), shortcut.as_str()), *id)).collect();
    let place = |text: &CannedText| there.get(&(text.owner.columns(), text.shortcut.as_str())).copied();
    let ids: Vec<_> = texts.iter().map(place).collect();
    let mut seen = HashSet::new();
    let mut exist = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        let twice = !seen.insert((text.owner, text.shortcut.as_str()));
        if twice || (ids[at].is_some() && !replace) {
            exist.push(at);
        }
    }
    if !exist.is_empty() {
        return (ids, Some(CannedKept::Exists(exist)));
    }
    let new = ids.iter().filter(|id| id.is_none()).count();
    if new > 0 && rows.len() + new > limits::CANNED {
        return (ids, Some(CannedKept::Full(limits::CANNED)));
    }
    let mut own: HashMap<Uuid, usize> = HashMap::new();
    for (text, id) in texts.iter().zip(&ids) {
        if let (CannedOwner::Agent(agent), None) = (text.owner, id) {
            *own.entry(agent.uuid()).or_default() += 1;
        }
    }
    let full = own.into_iter().any(|(agent, new)| {
        rows.iter().filter(|row| row.1 == Some(agent)).count() + new > limits::CANNED_PERSONAL
    });
    (ids, full.then_some(CannedKept::FullOfOwn(limits::CANNED_PERSONAL)))
}
