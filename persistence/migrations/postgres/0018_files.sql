-- Files. A row is made when a file was taken, and says where it belongs once a message names it. The bytes are kept elsewhere,
-- under the same id; whatever is deleted here is thrown away there soon, and then this row too.

create table attachments (
    id uuid primary key,
    -- Where it was uploaded, then where its message is.
    session_id uuid not null references sessions (id),
    -- `customer`: by whose grant; `agent`.
    uploader_kind text not null,
    uploader_id uuid not null,
    name text not null,
    content_type text not null,
    size bigint not null,
    width bigint,
    height bigint,
    has_thumbnail boolean not null,
    created_at_ms bigint not null,
    -- The message or note that brought it.
    entry_seq bigint,
    deleted_at_ms bigint
);

create index attachments_by_entry on attachments (session_id, entry_seq) where entry_seq is not null;
create index attachments_waiting on attachments (uploader_id) where entry_seq is null and deleted_at_ms is null;
create index attachments_waiting_since on attachments (created_at_ms) where entry_seq is null and deleted_at_ms is null;
create index attachments_deleted on attachments (deleted_at_ms) where deleted_at_ms is not null;

-- What readers of the log are told of its files, as JSON.
alter table entries add column attachments jsonb;
