//! The few statements that differ between the engines, in pairs.

use crate::{TokenHash, store::Pools};

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
            "insert into logins (hash, agent_id, created_at_ms, expires_at_ms)
            select $1, id, $4, $5 from agents where id = $2 and password_hash = $3 and not disabled"
        }
        Pools::Postgres(_) => {
            "insert into logins (hash, agent_id, created_at_ms, expires_at_ms)
            select $1, id, $4, $5 from agents where id = $2 and password_hash = $3 and not disabled for share"
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
pub(crate) fn hash_list(hashes: &[TokenHash]) -> String {
    let hex = |hash: &TokenHash| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    serde_json::json!(hashes.iter().map(hex).collect::<Vec<_>>()).to_string()
}
