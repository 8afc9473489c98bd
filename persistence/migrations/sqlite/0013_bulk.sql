-- Jobs that do one thing to many sessions: how far each is, for whoever asks on whichever node.

create table bulk_jobs (
    id blob primary key,
    agent_id blob not null references agents (id) on delete cascade,
    action text not null,
    total integer not null,
    done integer not null,
    failed integer not null,
    errors text not null,
    started_at_ms integer not null,
    seen_at_ms integer not null,
    ended_at_ms integer
) strict, without rowid;

create index bulk_jobs_by_agent on bulk_jobs (agent_id, started_at_ms);
