//! What differs between FTS5 and Postgres, in pairs. Lists are JSON, as elsewhere.

use super::query::{AllOf, Phrase};
use crate::store::Pools;

/// How a batch is written. Rows of documents are `[doc, session, seq, words]`.
pub(super) struct Index {
    /// The words of a document, each behind its mark.
    pub(super) words: fn(&str, &[String]) -> String,
    pub(super) add: &'static [&'static str],
    pub(super) change: &'static [&'static str],
    /// Documents by number.
    pub(super) remove: &'static [&'static str],
    /// Rows of `search_sessions`.
    pub(super) note: &'static [&'static str],
    /// Words of names; answers those that are new.
    pub(super) learn: &'static str,
    /// Rows of `name_keys`.
    pub(super) learn_keys: &'static str,
}

pub(super) fn index(pools: &Pools) -> Index {
    match pools {
        Pools::Sqlite { .. } => Index {
            words: fts5_words,
            add: &[
                "insert into search_docs (doc, session_id, seq)
                select value ->> 0, unhex(value ->> 1), value ->> 2 from json_each($1)",
                "insert into search_words (rowid, words) select value ->> 0, value ->> 3 from json_each($1)",
            ],
            change: &[
                "delete from search_words where rowid in (select value ->> 0 from json_each($1))",
                "insert into search_words (rowid, words) select value ->> 0, value ->> 3 from json_each($1)",
            ],
            remove: &[
                "delete from search_words where rowid in (select value from json_each($1))",
                "delete from search_docs where doc in (select value from json_each($1))",
            ],
            note: &["insert into search_sessions (session_id, seq, contact_at_ms, head)
                select unhex(value ->> 0), value ->> 1, value ->> 2, value ->> 3 from json_each($1) where true
                on conflict (session_id) do update
                set seq = excluded.seq, contact_at_ms = excluded.contact_at_ms, head = excluded.head"],
            learn: "insert into name_words (word) select value from json_each($1) where true
                on conflict (word) do nothing returning word",
            learn_keys: "insert into name_keys (key, word) select value ->> 0, value ->> 1 from json_each($1) where true
                on conflict (key, word) do nothing",
        },
        Pools::Postgres(_) => Index {
            words: tsvector_words,
            add: &["insert into search_docs (doc, session_id, seq, words)
                select (v ->> 0)::bigint, (v ->> 1)::uuid, (v ->> 2)::bigint, (v ->> 3)::tsvector
                from json_array_elements($1::json) v"],
            change: &["update search_docs d set words = (v ->> 3)::tsvector from json_array_elements($1::json) v
                where d.doc = (v ->> 0)::bigint"],
            remove: &[
                "delete from search_docs where doc in (select value::bigint from json_array_elements_text($1::json))",
            ],
            note: &["insert into search_sessions (session_id, seq, contact_at_ms, head)
                select (v ->> 0)::uuid, (v ->> 1)::bigint, (v ->> 2)::bigint, v ->> 3
                from json_array_elements($1::json) v
                on conflict (session_id) do update
                set seq = excluded.seq, contact_at_ms = excluded.contact_at_ms, head = excluded.head"],
            learn: "insert into name_words (word) select value from json_array_elements_text($1::json)
                on conflict (word) do nothing returning word",
            learn_keys: "insert into name_keys (key, word) select v ->> 0, v ->> 1 from json_array_elements($1::json) v
                on conflict (key, word) do nothing",
        },
    }
}

fn fts5_words(mark: &str, words: &[String]) -> String {
    words.iter().map(|word| format!("{mark}{word}")).collect::<Vec<_>>().join(" ")
}

/// Words are letters and digits, so that nothing is to be escaped. More than this many in a row Postgres does not tell
/// apart.
fn tsvector_words(mark: &str, words: &[String]) -> String {
    let words = words.iter().enumerate();
    words.map(|(at, word)| format!("'{mark}{word}':{}", (at + 1).min(16_383))).collect::<Vec<_>>().join(" ")
}

/// The words of an expression: how each engine writes it.
struct Grammar {
    and: &'static str,
    or: &'static str,
    phrase: fn(&str, &Phrase) -> String,
}

/// Any of what is wanted, in the slice of this mark.
pub(super) fn expression(pools: &Pools, wanted: &[AllOf], mark: &str) -> String {
    let grammar = match pools {
        Pools::Sqlite { .. } => Grammar { and: " AND ", or: " OR ", phrase: fts5_phrase },
        Pools::Postgres(_) => Grammar { and: " & ", or: " | ", phrase: tsquery_phrase },
    };
    let any_of = |any: &[Phrase]| {
        let any = any.iter().map(|phrase| (grammar.phrase)(mark, phrase)).collect::<Vec<_>>();
        format!("({})", any.join(grammar.or))
    };
    let all_of = |all: &AllOf| {
        format!("({})", all.iter().map(|any| any_of(any)).collect::<Vec<_>>().join(grammar.and))
    };
    wanted.iter().map(all_of).collect::<Vec<_>>().join(grammar.or)
}

fn fts5_phrase(mark: &str, Phrase { words, prefix }: &Phrase) -> String {
    format!("\"{}\"{}", fts5_words(mark, words), if *prefix { "*" } else { "" })
}

fn tsquery_phrase(mark: &str, Phrase { words, prefix }: &Phrase) -> String {
    let words = words.iter().map(|word| format!("'{mark}{word}'")).collect::<Vec<_>>();
    format!("{}{}", words.join("<->"), if *prefix { ":*" } else { "" })
}
