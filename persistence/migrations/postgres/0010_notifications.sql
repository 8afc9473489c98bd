-- What each agent is told in person: which line of which log. Its words are read from the log, so that what is changed
-- or taken away there is so here, too.

create table notifications (
    agent_id uuid not null references agents (id) on delete cascade,
    created_at_ms bigint not null,
    session_id uuid not null,
    seq bigint not null,
    kind text not null,
    read_at_ms bigint,
    primary key (agent_id, created_at_ms, session_id, seq)
);
