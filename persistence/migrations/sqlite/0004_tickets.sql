-- What a session is as a ticket: its number, and what the team notes about it. Messages set none of this, so indexes on
-- it cost them nothing.

alter table sessions add column number integer not null default 0;
alter table sessions add column subject text;
alter table sessions add column priority integer not null default 1;
alter table sessions add column category text;
alter table sessions add column tags text not null default '[]';
alter table sessions add column snoozed_until_ms integer;
alter table sessions add column queued_since_ms integer;

-- Those that are there are numbered in the order in which they began.
update sessions set number = o.number
from (select id, row_number() over (order by created_at_ms, id) as number from sessions) o
where o.id = sessions.id;

-- Who is open and has no holder waits for one.
update sessions set queued_since_ms = coalesce(waiting_since_ms, created_at_ms)
where assignee_id is null and status in ('open', 'in_progress');

create unique index sessions_by_number on sessions (number) where number > 0;

create trigger sessions_number after insert on sessions
begin
    update sessions set number = (select coalesce(max(number), 0) + 1 from sessions where number > 0) where id = new.id;
end;

create index sessions_queued on sessions (priority desc, queued_since_ms, id) where queued_since_ms is not null;
create index sessions_snoozed on sessions (snoozed_until_ms) where snoozed_until_ms is not null;
