-- Whether agents can be given sessions: what each chose, when one of the nodes last saw a connection of theirs, and when
-- they last did anything; and how long they were what. What follows from it is reckoned, not stored.

create table availability (
    agent_id uuid primary key references agents (id) on delete cascade,
    chosen text not null,
    seen_at_ms bigint,
    active_at_ms bigint,
    -- When they were last given a session.
    given_at_ms bigint not null
);

create table availability_history (
    agent_id uuid not null references agents (id) on delete cascade,
    since_ms bigint not null,
    status text not null,
    primary key (agent_id, since_ms)
);
