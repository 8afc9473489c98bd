-- What each agent is told in person: which line of which log. Its words are read from the log, so that what is changed
-- or taken away there is so here, too.

create table notifications (
    agent_id blob not null references agents (id) on delete cascade,
    created_at_ms integer not null,
    session_id blob not null,
    seq integer not null,
    kind text not null,
    read_at_ms integer,
    primary key (agent_id, created_at_ms, session_id, seq)
) strict, without rowid;
