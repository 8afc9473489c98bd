//! The few statements that differ between the engines, in pairs.

use uuid::Uuid;

use crate::store::Pools;

/// Keeps others from starting at the same time. SQLite's transactions that write are alone anyway.
pub(crate) fn bootstrap_lock(pools: &Pools) -> Option<&'static str> {
    match pools {
        Pools::Sqlite { .. } => None,
        Pools::Postgres(_) => Some("lock table sites, agents in share row exclusive mode"),
    }
}

/// Reads `id, last_seq, version` of the sessions in an [`id_list`].
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

/// A list of any length as one parameter: SQLite has no arrays.
pub(crate) fn id_list(ids: impl IntoIterator<Item = Uuid>) -> String {
    let ids: Vec<_> = ids.into_iter().map(|id| id.simple().to_string()).collect();
    serde_json::json!(ids).to_string()
}
