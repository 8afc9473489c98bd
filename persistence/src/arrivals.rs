//! What connections must know that begin in the same moment: one question for all of them. When thousands come back at
//! once, one for each would take longer than all else that they need.

use std::collections::{HashMap, HashSet};

use protocol::Entry;
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    Arrival, Grant, Session, Store, StoreError, TokenHash, dialect, entries,
    rows::hash,
    sessions::{self, select_sessions},
    starts,
    store::{Pools, on_engine},
};

/// The sessions of many, of each the newest `$2`.
macro_rules! newest_of_each {
    ($owner:literal, $listed:expr) => {
        select_sessions!(concat!(
            "where s.id in (select id from (
                select id, row_number() over (partition by ",
            $owner,
            " order by created_at_ms desc, id desc) as place from sessions where ",
            $owner,
            $listed,
            ") as ranked where place <= $2) order by s.created_at_ms desc, s.id desc"
        ))
    };
}

/// The last `$2` entries of each session, as a customer may see them.
macro_rules! latest_of_each {
    ($listed:expr) => {
        concat!(
            "select e.session_id, e.seq, e.id, e.kind, e.sender_kind, e.sender_id, e.sender_name, e.body, e.event,
                e.mentions, e.attachments, e.created_at_ms, e.edited_at_ms, e.deleted_at_ms
            from sessions s join entries e on e.session_id = s.id
            where e.kind in ('message', 'event') and e.seq >= (select min(seq) from (
                select seq from entries x where x.session_id = s.id and x.kind in ('message', 'event') order by seq desc limit $2
            ) as last) and s.id",
            $listed,
            " order by e.session_id, e.seq"
        )
    };
}

/// In a [`dialect::id_list`].
macro_rules! listed {
    (sqlite) => {
        " in (select unhex(value) from json_each($1))"
    };
    (postgres) => {
        " = any (array (select value::uuid from json_array_elements_text($1::json)))"
    };
}

struct Sql {
    grants: &'static str,
    of_grants: &'static str,
    of_contacts: &'static str,
    entries: &'static str,
}

const SQLITE: Sql = Sql {
    grants: "select k.hash, g.*, r.blocked_until_ms from customer_tokens k join grants g on g.id = k.grant_id
        join contacts h on h.id = g.contact_id join contacts r on r.id = coalesce(h.survivor_id, h.id)
        where k.hash in (select unhex(value) from json_each($1))",
    of_grants: newest_of_each!("grant_id", listed!(sqlite)),
    of_contacts: newest_of_each!("contact_id", listed!(sqlite)),
    entries: latest_of_each!(listed!(sqlite)),
};

const POSTGRES: Sql = Sql {
    grants: "select k.hash, g.*, r.blocked_until_ms from customer_tokens k join grants g on g.id = k.grant_id
        join contacts h on h.id = g.contact_id join contacts r on r.id = coalesce(h.survivor_id, h.id)
        where k.hash = any (array (select decode(value, 'hex') from json_array_elements_text($1::json)))",
    of_grants: newest_of_each!("grant_id", listed!(postgres)),
    of_contacts: newest_of_each!("contact_id", listed!(postgres)),
    entries: latest_of_each!(listed!(postgres)),
};

#[derive(FromRow)]
struct TokenRow {
    hash: Vec<u8>,
    #[sqlx(flatten)]
    grant: starts::Row,
}

#[derive(FromRow)]
struct EntryRow {
    session_id: Uuid,
    #[sqlx(flatten)]
    entry: entries::Row,
}

impl Store {
    /// What these tokens open, each with its newest `sessions`, and, where it says so, with the last `entries` of the
    /// newest of them that a customer may see; those that open nothing are left out. An arrival's sessions are not
    /// older than the call, and its entries not older than its sessions.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn arrivals(
        &self,
        tokens: &HashMap<TokenHash, bool>,
        sessions: u32,
        entries: u32,
    ) -> Result<HashMap<TokenHash, Arrival>, StoreError> {
        let sql = match &self.pools {
            Pools::Sqlite { .. } => SQLITE,
            Pools::Postgres(_) => POSTGRES,
        };
        let hashes = dialect::hash_list(tokens.keys());
        let limit = i64::from(sessions);
        on_engine!(read self, conn => {
            let rows: Vec<TokenRow> = sqlx::query_as(sql.grants).bind(&hashes).fetch_all(&mut *conn).await?;
            let grants = rows.into_iter().map(|row| Ok((hash(row.hash)?, Grant::from(row.grant))));
            let grants: Vec<(TokenHash, Grant)> = grants.collect::<Result<_, StoreError>>()?;
            let mut found = Found::default();
            for (query, verified) in [(sql.of_grants, false), (sql.of_contacts, true)] {
                let owners = grants.iter().filter(|(_, grant)| grant.verified == verified);
                let owners: HashSet<Uuid> = owners
                    .map(|(_, grant)| if verified { grant.contact_id.uuid() } else { grant.id.uuid() })
                    .collect();
                if !owners.is_empty() {
                    let owners = dialect::uuid_list(owners);
                    let rows = sqlx::query_as(query).bind(&owners).bind(limit).fetch_all(&mut *conn).await?;
                    *found.of(verified) = sessions::sessions(rows)?;
                }
            }
            let mut arrivals: Vec<(TokenHash, Arrival)> =
                grants.into_iter().map(|(hash, grant)| (hash, found.arrival(grant))).collect();
            let wanted = arrivals.iter().filter(|(hash, _)| tokens.get(hash) == Some(&true));
            let newest = wanted.filter_map(|(_, arrival)| arrival.sessions.first());
            let newest: HashSet<Uuid> = newest.map(|session| session.id.uuid()).collect();
            if !newest.is_empty() {
                let newest = dialect::uuid_list(newest);
                let query = sqlx::query_as(sql.entries).bind(&newest).bind(i64::from(entries));
                let mut latest: HashMap<Uuid, Vec<Entry>> = HashMap::new();
                for EntryRow { session_id, entry } in query.fetch_all(conn).await? {
                    latest.entry(session_id).or_default().push(entry.try_into()?);
                }
                for (_, arrival) in &mut arrivals {
                    let newest = arrival.sessions.first().map(|session| session.id.uuid());
                    // Two tokens may open the same.
                    arrival.latest = newest.and_then(|id| latest.get(&id)).cloned().unwrap_or_default();
                }
            }
            Ok(arrivals.into_iter().collect())
        })
    }
}

/// Sessions, the newest first.
#[derive(Default)]
struct Found {
    of_grants: Vec<Session>,
    of_contacts: Vec<Session>,
}

impl Found {
    fn of(&mut self, verified: bool) -> &mut Vec<Session> {
        if verified { &mut self.of_contacts } else { &mut self.of_grants }
    }

    fn arrival(&self, grant: Grant) -> Arrival {
        let sessions = if grant.verified {
            let own = |session: &&Session| {
                session.contact.verified
                    && session.contact.id == grant.contact_id
                    && session.site_id == grant.site_id
            };
            self.of_contacts.iter().filter(own).cloned().collect()
        } else {
            self.of_grants.iter().filter(|session| session.grant_id == grant.id).cloned().collect()
        };
        Arrival { grant, sessions, latest: Vec::new() }
    }
}
