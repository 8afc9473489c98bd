-- What the team says often, written once: of one agent, of a team, or of all (neither).

create table canned_answers (
    id blob primary key,
    agent_id blob references agents (id) on delete cascade,
    team_id blob references teams (id) on delete cascade,
    shortcut text not null,
    title text not null,
    category text not null,
    category_key text not null,
    body text not null,
    -- All that it is searched by, in lower case.
    words text not null,
    uses integer not null default 0,
    last_used_at_ms integer,
    created_at_ms integer not null,
    created_by blob not null references agents (id),
    updated_at_ms integer not null,
    updated_by blob not null references agents (id),
    check (agent_id is null or team_id is null)
) strict, without rowid;

create unique index canned_of_agent on canned_answers (agent_id, shortcut) where agent_id is not null;
create unique index canned_of_team on canned_answers (team_id, shortcut) where team_id is not null;
create unique index canned_of_all on canned_answers (shortcut) where agent_id is null and team_id is null;
