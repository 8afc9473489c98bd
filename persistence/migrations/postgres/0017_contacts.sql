-- Contacts as the team keeps them: what the host says of them, blocks, merges, the words they are found by, what was done
-- to them; and the attributes that the workspace defines.

alter table contacts
    add column version bigint not null default 1,
    add column attributes jsonb not null default '{}',
    add column account_status text,
    add column blocked_until_ms bigint,
    add column block jsonb,
    add column merged_into uuid references contacts (id),
    -- The one at the end of the merges; null: itself.
    add column survivor_id uuid references contacts (id),
    add column merged_at_ms bigint,
    -- What the other one took over.
    add column taken jsonb,
    -- A start under this phone number is this contact's.
    add column found_by_phone boolean not null default true,
    -- The words it is found by, as they stand in contact_words; null: not there yet.
    add column words text,
    add column sort_name text collate "C" not null default '';

update contacts set found_by_phone = external_id is null;

drop index contacts_by_phone;
create unique index contacts_by_phone on contacts (site_id, phone) where found_by_phone and phone is not null;
create index contacts_phones on contacts (site_id, phone) where phone is not null;
create index contacts_emails on contacts (email) where email is not null;
create index contacts_external on contacts (external_id) where external_id is not null;
create index contacts_survivors on contacts (survivor_id) where survivor_id is not null;
create index contacts_merged on contacts (merged_into) where merged_into is not null;
create index contacts_recent on contacts (updated_at_ms, id) where merged_into is null;
create index contacts_named on contacts (sort_name, id) where merged_into is null;
create index contacts_blocked on contacts (blocked_until_ms, id) where blocked_until_ms is not null;
create index contacts_unsorted on contacts (id) where words is null;
create index grants_by_contact on grants (contact_id);

-- The kind of a word: n(ame), e(-mail), p(hone).
create table contact_words (
    word text collate "C" not null,
    kind text collate "C" not null,
    contact_id uuid not null references contacts (id) on delete cascade,
    primary key (word, kind, contact_id)
);

create index contact_words_by_contact on contact_words (contact_id);

create table contact_log (
    contact_id uuid not null references contacts (id) on delete cascade,
    at_ms bigint not null,
    id uuid not null,
    agent_id uuid,
    agent_name text,
    what jsonb not null,
    primary key (contact_id, at_ms, id)
);

create table attribute_definitions (
    id uuid primary key,
    subject text not null,
    key text not null,
    label text not null,
    kind text not null,
    choices jsonb not null,
    about text,
    created_at_ms bigint not null,
    unique (subject, key)
);
