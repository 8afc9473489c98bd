-- What Hubbub does by itself, and what an agent does in one step. The key is the name as names are compared; the body is
-- the rule, or the macro's actions, as JSON: it is only ever read whole.

create table rules (
    id blob primary key,
    position integer not null,
    name text not null,
    key text not null unique,
    enabled integer not null,
    body text not null,
    created_at_ms integer not null,
    updated_at_ms integer not null
) strict, without rowid;

-- Without an owner it is everybody's.
create table macros (
    id blob primary key,
    owner_id blob references agents (id) on delete cascade,
    name text not null,
    key text not null,
    body text not null,
    created_at_ms integer not null,
    updated_at_ms integer not null
) strict, without rowid;

create unique index macros_of_all on macros (key) where owner_id is null;
create unique index macros_of_agent on macros (owner_id, key) where owner_id is not null;
