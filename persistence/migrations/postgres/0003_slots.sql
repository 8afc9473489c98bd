-- A message changes its session's row, but nothing that an index knows, unless it is the session's first within five
-- minutes: then Postgres writes the new version of the row beside the old one and leaves the indexes alone (HOT). It
-- did not as long as `updated_at_ms` was in three of them: every message was seven new index entries.
--
-- So lists are found by the five minutes in which a session was last changed, and sorted within them. Who waits is
-- looked for among the open ones by their status, since nearly every message changes who waits.

-- First of all, or the rewrite of the table would make them anew.
drop index sessions_recent;
drop index sessions_by_status;
drop index sessions_by_assignee;
drop index sessions_waiting;

-- Room for the new versions beside the old. Before the column, which rewrites the table.
alter table sessions set (fillfactor = 50);

alter table sessions add column updated_slot bigint not null generated always as (updated_at_ms / 300000) stored;

create index sessions_recent on sessions (updated_slot);
create index sessions_by_status on sessions (status, updated_slot);
create index sessions_by_assignee on sessions (assignee_id, updated_slot);
