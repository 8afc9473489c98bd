-- What the team notes about a session beyond what sessions are found by, as JSON; and the workspace's settings, a JSON
-- document each. The same columns exist for SQLite.

alter table sessions add column work jsonb not null default '{}';

create table settings (
    key text primary key,
    value jsonb not null
);
