-- What a session is as a ticket: its number, and what the team notes about it. Messages change none of this, so indexes
-- on it cost them nothing.

create sequence session_numbers;

alter table sessions
    add column number bigint,
    add column subject text,
    add column priority smallint not null default 1,
    add column category text,
    add column tags jsonb not null default '[]',
    add column snoozed_until_ms bigint,
    add column queued_since_ms bigint;

-- Those that are there are numbered in the order in which they began.
update sessions s set number = o.number
from (select id, row_number() over (order by created_at_ms, id) as number from sessions) o
where o.id = s.id;
select setval('session_numbers', coalesce((select max(number) from sessions), 0) + 1, false);
alter table sessions
    alter column number set default nextval('session_numbers'),
    alter column number set not null;

-- Who is open and has no holder waits for one.
update sessions set queued_since_ms = coalesce(waiting_since_ms, created_at_ms)
where assignee_id is null and status in ('open', 'in_progress');

create unique index sessions_by_number on sessions (number);
create index sessions_queued on sessions (priority desc, queued_since_ms, id) where queued_since_ms is not null;
create index sessions_snoozed on sessions (snoozed_until_ms) where snoozed_until_ms is not null;
create index sessions_by_tag on sessions using gin (tags);
