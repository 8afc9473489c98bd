-- What sessions are found by: a reading of the log, written some time after it. What is said is a document, and so is what
-- is noted of a session (`seq` 0). The documents are counted, and so the newest are known; their words are indexed by
-- slices of 32,768 documents, so that what is said every day is not read whole.

create table search_docs (
    doc integer primary key,
    session_id blob not null,
    seq integer not null
) strict;

create unique index search_docs_by_place on search_docs (session_id, seq);

-- The words are folded and marked with their slice already, so nothing but spaces parts them. They are not stored.
create virtual table search_words using fts5(words, content='', contentless_delete=1, tokenize='ascii');

-- How far each session is indexed, and of what its own document was made.
create table search_sessions (
    session_id blob primary key,
    seq integer not null,
    contact_at_ms integer not null,
    head text not null
) strict, without rowid;

-- One row. The generation grows with every batch: of two nodes that make the same one, one is late.
create table search_state (
    only_one integer primary key check (only_one = 1),
    generation integer not null,
    next_doc integer not null,
    sessions_at_ms integer not null,
    contacts_at_ms integer not null
) strict;

insert into search_state values (1, 0, 1, 0, 0);

-- Every word that is in a name, and what is near to it.
create table name_words (
    word text primary key
) strict, without rowid;

create table name_keys (
    key text not null,
    word text not null,
    primary key (key, word)
) strict, without rowid;

create index contacts_by_change on contacts (updated_at_ms);
