-- Many nodes, one chat: which nodes live, and which of them does the work that only one may do. Both by this
-- database's clock, since the nodes' own may be wrong. The same tables exist for Postgres.

create table nodes (
    id blob primary key,
    seen_at_ms integer not null
) strict, without rowid;

create table leases (
    name text primary key,
    holder blob not null,
    until_ms integer not null
) strict, without rowid;
