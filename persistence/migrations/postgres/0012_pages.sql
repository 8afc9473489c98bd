-- Where a visitor is while a chat goes on: the newest pages of each session.

create table session_pages (
    session_id uuid not null references sessions (id) on delete cascade,
    seen_at_ms bigint not null,
    url text not null,
    title text,
    primary key (session_id, seen_at_ms)
);
