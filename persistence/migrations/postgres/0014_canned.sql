-- What the team says often, written once: of one agent, of a team, or of all (neither).

create table canned_answers (
    id uuid primary key,
    agent_id uuid references agents (id) on delete cascade,
    team_id uuid references teams (id) on delete cascade,
    -- In the order of its bytes, as in SQLite.
    shortcut text collate "C" not null,
    title text not null,
    category text not null,
    category_key text collate "C" not null,
    body text not null,
    -- All that it is searched by, in lower case.
    words text not null,
    uses bigint not null default 0,
    last_used_at_ms bigint,
    created_at_ms bigint not null,
    created_by uuid not null references agents (id),
    updated_at_ms bigint not null,
    updated_by uuid not null references agents (id),
    check (agent_id is null or team_id is null)
);

create unique index canned_of_agent on canned_answers (agent_id, shortcut) where agent_id is not null;
create unique index canned_of_team on canned_answers (team_id, shortcut) where team_id is not null;
create unique index canned_of_all on canned_answers (shortcut) where agent_id is null and team_id is null;
