-- A message changes its session's row, but nothing that an index knows, unless it is the session's first within five
-- minutes; and no statement sets an indexed column to what it was, for SQLite would write its index entry anew. It
-- did: every message was four new index entries.
--
-- So lists are found by the five minutes in which a session was last changed, and sorted within them. Who waits is
-- looked for among the open ones by their status, since nearly every message changes who waits.

alter table sessions add column updated_slot integer not null default 0;

update sessions set updated_slot = updated_at_ms / 300000;

-- Not a generated column: its index entry would be written with every change of what it is generated from.
create trigger sessions_slot_begins after insert on sessions
begin
    update sessions set updated_slot = new.updated_at_ms / 300000 where id = new.id;
end;

create trigger sessions_slot_changes after update of updated_at_ms on sessions
when new.updated_at_ms / 300000 <> new.updated_slot
begin
    update sessions set updated_slot = new.updated_at_ms / 300000 where id = new.id;
end;

drop index sessions_recent;
drop index sessions_by_status;
drop index sessions_by_assignee;
drop index sessions_waiting;

create index sessions_recent on sessions (updated_slot);
create index sessions_by_status on sessions (status, updated_slot);
create index sessions_by_assignee on sessions (assignee_id, updated_slot);
