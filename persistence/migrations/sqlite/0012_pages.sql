-- Where a visitor is while a chat goes on: the newest pages of each session.

create table session_pages (
    session_id blob not null references sessions (id) on delete cascade,
    seen_at_ms integer not null,
    url text not null,
    title text,
    primary key (session_id, seen_at_ms)
) strict, without rowid;
