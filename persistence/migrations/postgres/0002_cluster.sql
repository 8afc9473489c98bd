-- Many nodes, one chat: which nodes live, and which of them does the work that only one may do. Both by this
-- database's clock, since the nodes' own may be wrong. The same tables exist for SQLite.

create table nodes (
    id uuid primary key,
    seen_at_ms bigint not null
);

create table leases (
    name text primary key,
    holder uuid not null,
    until_ms bigint not null
);
