-- Whether agents can be given sessions: what each chose, when one of the nodes last saw a connection of theirs, and when
-- they last did anything; and how long they were what. What follows from it is reckoned, not stored.

create table availability (
    agent_id blob primary key references agents (id) on delete cascade,
    chosen text not null,
    seen_at_ms integer,
    active_at_ms integer,
    -- When they were last given a session.
    given_at_ms integer not null
) strict, without rowid;

create table availability_history (
    agent_id blob not null references agents (id) on delete cascade,
    since_ms integer not null,
    status text not null,
    primary key (agent_id, since_ms)
) strict, without rowid;
