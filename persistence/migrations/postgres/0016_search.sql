-- What sessions are found by: a reading of the log, written some time after it. What is said is a document, and so is what
-- is noted of a session (`seq` 0). The documents are counted, and so the newest are known; their words are indexed by
-- slices of 32,768 documents, so that what is said every day is not read whole.

create table search_docs (
    doc bigint primary key,
    session_id uuid not null,
    seq bigint not null,
    -- Folded, and marked with their slice.
    words tsvector not null
);

create unique index search_docs_by_place on search_docs (session_id, seq);
-- What is written together is sorted into the index at once: nobody waits for it, and searches need not read a list of
-- what is still to be sorted.
create index search_docs_words on search_docs using gin (words) with (fastupdate = off);

-- How far each session is indexed, and of what its own document was made.
create table search_sessions (
    session_id uuid primary key,
    seq bigint not null,
    contact_at_ms bigint not null,
    head text not null
);

-- One row. The generation grows with every batch: of two nodes that make the same one, one is late.
create table search_state (
    only_one integer primary key check (only_one = 1),
    generation bigint not null,
    next_doc bigint not null,
    sessions_at_ms bigint not null,
    contacts_at_ms bigint not null
);

insert into search_state values (1, 0, 1, 0, 0);

-- Every word that is in a name, and what is near to it.
create table name_words (
    word text primary key
);

create table name_keys (
    key text not null,
    word text not null,
    primary key (key, word)
);

create index contacts_by_change on contacts (updated_at_ms);
