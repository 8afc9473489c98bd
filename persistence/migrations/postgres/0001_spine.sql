-- What a chat needs to exist: sites, the team, contacts, the customers' credentials, and sessions with their logs.
--
-- Every table that grows with messages is keyed by its session first, so that sessions can move to another
-- database later. Times are UTC milliseconds. The same tables exist for SQLite.

create table meta (
    key text primary key,
    value text not null
);

create table sites (
    id uuid primary key,
    key text not null unique,
    name text not null,
    color text not null,
    greeting text not null,
    prechat jsonb not null,
    allowed_origins jsonb not null,
    identity_secrets jsonb not null,
    created_at_ms bigint not null
);

create table agents (
    id uuid primary key,
    email text not null unique,
    name text not null,
    role text not null,
    password_hash text not null,
    must_change_password boolean not null,
    disabled boolean not null,
    created_at_ms bigint not null
);

create table logins (
    hash bytea primary key,
    agent_id uuid not null references agents (id) on delete cascade,
    created_at_ms bigint not null,
    expires_at_ms bigint not null
);

create index logins_by_agent on logins (agent_id);
create index logins_by_expiry on logins (expires_at_ms);

-- An external id makes a contact a verified one: the site has vouched for it. Only unverified ones are found by
-- their phone, so that knowing a number never leads to somebody the site knows.
create table contacts (
    id uuid primary key,
    site_id uuid not null references sites (id),
    external_id text,
    name text,
    phone text,
    email text,
    created_at_ms bigint not null,
    updated_at_ms bigint not null
);

create unique index contacts_verified on contacts (site_id, external_id) where external_id is not null;
create unique index contacts_by_phone on contacts (site_id, phone) where external_id is null and phone is not null;

-- What a customer's token opens. Name, phone and email are as said at that start: all that this customer is shown.
create table grants (
    id uuid primary key,
    site_id uuid not null references sites (id),
    contact_id uuid not null references contacts (id),
    verified boolean not null,
    name text,
    phone text,
    email text,
    start_key uuid,
    first_session_id uuid not null,
    created_at_ms bigint not null
);

create unique index grants_by_start on grants (site_id, start_key) where start_key is not null;

create table customer_tokens (
    hash bytea primary key,
    grant_id uuid not null references grants (id),
    created_at_ms bigint not null
);

-- A session's row is what its log folds to, kept with every append, so that lists need not read logs.
create table sessions (
    id uuid primary key,
    site_id uuid not null references sites (id),
    grant_id uuid not null references grants (id),
    contact_id uuid not null references contacts (id),
    channel text not null,
    status text not null,
    assignee_id uuid references agents (id),
    last_seq bigint not null,
    version bigint not null,
    last_message_seq bigint,
    last_message_sender text,
    last_message_preview text,
    last_message_at_ms bigint,
    waiting_since_ms bigint,
    customer_read_seq bigint not null,
    team_read_seq bigint not null,
    customer_unread bigint not null,
    team_unread bigint not null,
    previous_id uuid,
    next_id uuid,
    locale text,
    context jsonb not null,
    created_at_ms bigint not null,
    updated_at_ms bigint not null,
    closed_at_ms bigint
);

create index sessions_recent on sessions (updated_at_ms, id);
create index sessions_by_status on sessions (status, updated_at_ms, id);
create index sessions_by_assignee on sessions (assignee_id, updated_at_ms, id);
create index sessions_waiting on sessions (waiting_since_ms, id) where waiting_since_ms is not null;
create index sessions_by_grant on sessions (grant_id, created_at_ms);
create index sessions_by_contact on sessions (contact_id, created_at_ms);

-- The logs. No foreign key: an append locks its session's row anyway, and a check per line would cost as much as
-- the line.
create table entries (
    session_id uuid not null,
    seq bigint not null,
    id uuid not null,
    kind text not null,
    sender_kind text not null,
    sender_id uuid,
    sender_name text,
    body text not null,
    event jsonb,
    created_at_ms bigint not null,
    primary key (session_id, seq)
);

create unique index entries_by_id on entries (session_id, id);
