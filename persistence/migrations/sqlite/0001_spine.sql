-- What a chat needs to exist: sites, the team, contacts, the customers' credentials, and sessions with their logs.
--
-- Every table that grows with messages is keyed by its session first, so that sessions can move to another
-- database later. Ids are 16-byte blobs, times UTC milliseconds. The same tables exist for Postgres.

create table meta (
    key text primary key,
    value text not null
) strict, without rowid;

create table sites (
    id blob primary key,
    key text not null unique,
    name text not null,
    color text not null,
    greeting text not null,
    prechat text not null,
    allowed_origins text not null,
    identity_secrets text not null,
    created_at_ms integer not null
) strict, without rowid;

create table agents (
    id blob primary key,
    email text not null unique,
    name text not null,
    role text not null,
    password_hash text not null,
    must_change_password integer not null,
    disabled integer not null,
    created_at_ms integer not null
) strict, without rowid;

create table logins (
    hash blob primary key,
    agent_id blob not null references agents (id) on delete cascade,
    created_at_ms integer not null,
    expires_at_ms integer not null
) strict, without rowid;

create index logins_by_agent on logins (agent_id);
create index logins_by_expiry on logins (expires_at_ms);

-- An external id makes a contact a verified one: the site has vouched for it. Only unverified ones are found by
-- their phone, so that knowing a number never leads to somebody the site knows.
create table contacts (
    id blob primary key,
    site_id blob not null references sites (id),
    external_id text,
    name text,
    phone text,
    email text,
    created_at_ms integer not null,
    updated_at_ms integer not null
) strict, without rowid;

create unique index contacts_verified on contacts (site_id, external_id) where external_id is not null;
create unique index contacts_by_phone on contacts (site_id, phone) where external_id is null and phone is not null;

-- What a customer's token opens. Name, phone and email are as said at that start: all that this customer is shown.
create table grants (
    id blob primary key,
    site_id blob not null references sites (id),
    contact_id blob not null references contacts (id),
    verified integer not null,
    name text,
    phone text,
    email text,
    start_key blob,
    first_session_id blob not null,
    created_at_ms integer not null
) strict, without rowid;

create unique index grants_by_start on grants (site_id, start_key) where start_key is not null;

create table customer_tokens (
    hash blob primary key,
    grant_id blob not null references grants (id),
    created_at_ms integer not null
) strict, without rowid;

-- A session's row is what its log folds to, kept with every append, so that lists need not read logs.
create table sessions (
    id blob primary key,
    site_id blob not null references sites (id),
    grant_id blob not null references grants (id),
    contact_id blob not null references contacts (id),
    channel text not null,
    status text not null,
    assignee_id blob references agents (id),
    last_seq integer not null,
    version integer not null,
    last_message_seq integer,
    last_message_sender text,
    last_message_preview text,
    last_message_at_ms integer,
    waiting_since_ms integer,
    customer_read_seq integer not null,
    team_read_seq integer not null,
    customer_unread integer not null,
    team_unread integer not null,
    previous_id blob,
    next_id blob,
    locale text,
    context text not null,
    created_at_ms integer not null,
    updated_at_ms integer not null,
    closed_at_ms integer
) strict, without rowid;

create index sessions_recent on sessions (updated_at_ms, id);
create index sessions_by_status on sessions (status, updated_at_ms, id);
create index sessions_by_assignee on sessions (assignee_id, updated_at_ms, id);
create index sessions_waiting on sessions (waiting_since_ms, id) where waiting_since_ms is not null;
create index sessions_by_grant on sessions (grant_id, created_at_ms);
create index sessions_by_contact on sessions (contact_id, created_at_ms);

-- The logs. No foreign key: an append locks its session's row anyway, and a check per line would cost as much as
-- the line.
create table entries (
    session_id blob not null,
    seq integer not null,
    id blob not null,
    kind text not null,
    sender_kind text not null,
    sender_id blob,
    sender_name text,
    body text not null,
    event text,
    created_at_ms integer not null,
    primary key (session_id, seq)
) strict, without rowid;

create unique index entries_by_id on entries (session_id, id);
