-- Jobs that do one thing to many sessions: how far each is, for whoever asks on whichever node.

create table bulk_jobs (
    id uuid primary key,
    agent_id uuid not null references agents (id) on delete cascade,
    action jsonb not null,
    total bigint not null,
    done bigint not null,
    failed bigint not null,
    errors jsonb not null,
    started_at_ms bigint not null,
    seen_at_ms bigint not null,
    ended_at_ms bigint
);

create index bulk_jobs_by_agent on bulk_jobs (agent_id, started_at_ms);
