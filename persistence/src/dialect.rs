//! The few statements that differ between the engines, in pairs.

use protocol::SessionId;
use uuid::Uuid;

use crate::{TokenHash, sessions::select_sessions, store::Pools};

/// Keeps others from starting at the same time. SQLite's transactions that write are alone anyway.
pub(crate) fn bootstrap_lock(pools: &Pools) -> Option<&'static str> {
    match pools {
        Pools::Sqlite { .. } => None,
        Pools::Postgres(_) => Some("lock table sites, agents in share row exclusive mode"),
    }
}

/// Remembers a login if its agent still is as they were when the password was checked. A change of the password ends
/// the agent's logins, so it must not come in between: Postgres locks the row and looks at it again; SQLite's
/// transactions that write are alone.
pub(crate) fn create_login(pools: &Pools) -> &'static str {
    match pools {
        Pools::Sqlite { .. } => {
            "insert into logins (hash, agent_id, created_at_ms, seen_at_ms, expires_at_ms, id, label)
            select $1, id, $4, $4, $5, $6, $7 from agents where id = $2 and password_hash = $3 and not disabled"
        }
        Pools::Postgres(_) => {
            "insert into logins (hash, agent_id, created_at_ms, seen_at_ms, expires_at_ms, id, label)
            select $1, id, $4, $4, $5, $6, $7 from agents where id = $2 and password_hash = $3 and not disabled for share"
        }
    }
}

/// The admins who can sign in; of two who would each be the last to go, one waits for the other and sees what it did.
pub(crate) fn lock_admins(pools: &Pools) -> &'static str {
    match pools {
        Pools::Sqlite { .. } => {
            "select id from agents where role = 'admin' and not disabled and password_hash <> '' order by id"
        }
        Pools::Postgres(_) => {
            "select id from agents where role = 'admin' and not disabled and password_hash <> '' order by id
            for update"
        }
    }
}

/// Those of a [`hash_list`] that are logins at `$1` of agents who are not disabled.
pub(crate) fn valid_logins(pools: &Pools) -> &'static str {
    match pools {
        Pools::Sqlite { .. } => {
            "select l.hash from logins l join agents a on a.id = l.agent_id
            where l.expires_at_ms > $1 and not a.disabled
                and l.hash in (select unhex(value) from json_each($2))"
        }
        Pools::Postgres(_) => {
            "select l.hash from logins l join agents a on a.id = l.agent_id
            where l.expires_at_ms > $1 and not a.disabled
                and l.hash = any (array (select decode(value, 'hex') from json_array_elements_text($2::json)))"
        }
    }
}

/// A list of any length as one parameter: SQLite has no arrays.
pub(crate) fn hash_list<'a>(hashes: impl IntoIterator<Item = &'a TokenHash>) -> String {
    let hex = |hash: &TokenHash| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    serde_json::json!(hashes.into_iter().map(hex).collect::<Vec<_>>()).to_string()
}

/// How far those of an [`id_list`] are. The array is made by a subquery so that Postgres plans for a few ids, by the
/// primary key, however many there are.
pub(crate) fn positions(pools: &Pools) -> &'static str {
    match pools {
        Pools::Sqlite { .. } => {
            "select id, last_seq, version from sessions where id in (select unhex(value) from json_each($1))"
        }
        Pools::Postgres(_) => {
            "select id, last_seq, version from sessions
            where id = any (array (select value::uuid from json_array_elements_text($1::json)))"
        }
    }
}

/// The files of a [`uuid_list`] that there are.
pub(crate) fn known_files(pools: &Pools) -> &'static str {
    match pools {
        Pools::Sqlite { .. } => {
            "select id from attachments where id in (select unhex(value) from json_each($1))
            union all
            select id from canned_files where id in (select unhex(value) from json_each($1))"
        }
        Pools::Postgres(_) => {
            "select id from attachments
            where id = any (array (select value::uuid from json_array_elements_text($1::json)))
            union all
            select id from canned_files
            where id = any (array (select value::uuid from json_array_elements_text($1::json)))"
        }
    }
}

/// The files of a [`uuid_list`] of canned answers, in the order in which they came.
pub(crate) fn canned_files(pools: &Pools) -> &'static str {
    match pools {
        Pools::Sqlite { .. } => {
            "select * from canned_files where canned_id in (select unhex(value) from json_each($1))
            and deleted_at_ms is null order by created_at_ms, id"
        }
        Pools::Postgres(_) => {
            "select * from canned_files
            where canned_id = any (array (select value::uuid from json_array_elements_text($1::json)))
            and deleted_at_ms is null order by created_at_ms, id"
        }
    }
}

/// As [`hash_list`].
pub(crate) fn id_list(ids: &[SessionId]) -> String {
    uuid_list(ids.iter().map(|id| id.uuid()))
}

/// As [`hash_list`].
pub(crate) fn uuid_list(ids: impl IntoIterator<Item = Uuid>) -> String {
    serde_json::json!(ids.into_iter().map(|id| id.simple().to_string()).collect::<Vec<_>>()).to_string()
}

/// `$1` holds the lease `$2` for `$3` milliseconds from now, unless another does. That a row is written says so.
pub(crate) fn claim(pools: &Pools) -> &'static str {
    match pools {
        Pools::Sqlite { .. } => {
            "insert into leases (holder, name, until_ms)
            values ($1, $2, cast(round(unixepoch('subsec') * 1000) as integer) + $3)
            on conflict (name) do update set holder = excluded.holder, until_ms = excluded.until_ms
            where leases.holder = excluded.holder or leases.until_ms < excluded.until_ms - $3"
        }
        Pools::Postgres(_) => {
            "insert into leases (holder, name, until_ms)
            values ($1, $2, floor(extract(epoch from clock_timestamp()) * 1000)::bigint + $3)
            on conflict (name) do update set holder = excluded.holder, until_ms = excluded.until_ms
            where leases.holder = excluded.holder or leases.until_ms < excluded.until_ms - $3"
        }
    }
}

/// What differs in a list's question.
pub(crate) struct ListWords {
    /// The sessions of each of some `slots`, before and after what narrows them: slot by slot, by an index that knows
    /// the slot. A planner that may choose would read all sessions in order and look for each whether its slot is among
    /// them.
    pub(crate) each_slot: [&'static str; 2],
    /// Those with a tag, which stands between the two.
    pub(crate) tagged: [&'static str; 2],
}

pub(crate) fn list_words(pools: &Pools) -> ListWords {
    match pools {
        Pools::Sqlite { .. } => ListWords {
            // On SQLite it is the order of the words that a cross join is done in.
            each_slot: [" cross join sessions s where s.updated_slot = slots.slot", ""],
            tagged: [" and exists (select 1 from json_each(s.tags) t where t.value = ", ")"],
        },
        Pools::Postgres(_) => ListWords {
            each_slot: [
                " cross join lateral (select s.id, s.updated_slot, s.updated_at_ms from sessions s
                    where s.updated_slot = slots.slot",
                " offset 0) as s",
            ],
            tagged: [" and s.tags ? ", ""],
        },
    }
}

/// Puts a JSON list of words, each with its kind in front, to the contact `$1`.
pub(crate) fn add_words(pools: &Pools) -> &'static str {
    match pools {
        Pools::Sqlite { .. } => {
            "insert into contact_words (word, kind, contact_id)
            select substr(value, 2), substr(value, 1, 1), $1 from json_each($2) where true on conflict do nothing"
        }
        Pools::Postgres(_) => {
            "insert into contact_words (word, kind, contact_id)
            select substr(value, 2), substr(value, 1, 1), $1 from json_array_elements_text($2::json)
            on conflict do nothing"
        }
    }
}

/// Keeps the contact that a grant `$1` is of from being merged until the session that it begins is there.
pub(crate) fn hold_home(pools: &Pools) -> Option<&'static str> {
    match pools {
        Pools::Sqlite { .. } => None,
        Pools::Postgres(_) => Some(
            "select c.id from grants g join contacts c on c.id = g.contact_id where g.id = $1 for key share of c",
        ),
    }
}

/// The sessions of an [`uuid_list`] `$1`, and what is done to them as their contact changes.
pub(crate) struct SessionsOfContact {
    /// Keeps others from them, and from the contacts of a list. SQLite's transactions that write are alone.
    pub(crate) hold: Option<&'static str>,
    pub(crate) hold_contacts: Option<&'static str>,
    /// They are of the contact `$2`.
    pub(crate) take: &'static str,
    /// They are to be read again.
    pub(crate) touch: &'static str,
    pub(crate) read: &'static str,
}

pub(crate) fn sessions_of_contact(pools: &Pools) -> SessionsOfContact {
    match pools {
        Pools::Sqlite { .. } => SessionsOfContact {
            hold: None,
            hold_contacts: None,
            take: "update sessions set contact_id = $2, version = version + 1
                where id in (select unhex(value) from json_each($1))",
            touch: "update sessions set version = version + 1 where id in (select unhex(value) from json_each($1))",
            read: select_sessions!("where s.id in (select unhex(value) from json_each($1)) order by s.id"),
        },
        Pools::Postgres(_) => SessionsOfContact {
            hold: Some(
                "select id from sessions
                where id = any (array (select value::uuid from json_array_elements_text($1::json)))
                order by id for update",
            ),
            hold_contacts: Some(
                "select id from contacts
                where id = any (array (select value::uuid from json_array_elements_text($1::json)))
                order by id for update",
            ),
            take: "update sessions set contact_id = $2, version = version + 1
                where id = any (array (select value::uuid from json_array_elements_text($1::json)))",
            touch: "update sessions set version = version + 1
                where id = any (array (select value::uuid from json_array_elements_text($1::json)))",
            read: select_sessions!(
                "where s.id = any (array (select value::uuid from json_array_elements_text($1::json))) order by s.id"
            ),
        },
    }
}
