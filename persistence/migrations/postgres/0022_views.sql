-- Lists of sessions with a name. The key is the name as names are compared; the filter is JSON: it is only ever read whole.
-- Without an owner it is everybody's.

create table views (
    id uuid primary key,
    owner_id uuid references agents (id) on delete cascade,
    position bigint not null,
    name text not null,
    key text not null,
    filter jsonb not null,
    created_at_ms bigint not null,
    updated_at_ms bigint not null
);

create unique index views_of_all on views (key) where owner_id is null;
create unique index views_of_agent on views (owner_id, key) where owner_id is not null;
