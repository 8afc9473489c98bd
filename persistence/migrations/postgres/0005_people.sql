-- Who answers: what an agent is given and shown with, teams, skills, links that open a door once, the second factor,
-- and logins that their owner can tell apart.
--
-- Text that may be absent is empty, so that a change of some columns is one statement. An agent whose `password_hash`
-- is empty was invited and has not chosen a password.

alter table agents add column max_chats bigint not null default 5;
alter table agents add column languages jsonb not null default '[]';
alter table agents add column signature text not null default '';
alter table agents add column avatar_url text not null default '';
alter table agents add column totp_secret bytea;
alter table agents add column totp_confirmed boolean not null default false;
-- The step of the last code that was used: RFC 6238 §5.2 takes none twice.
alter table agents add column totp_step bigint not null default 0;
alter table agents add column updated_at_ms bigint not null default 0;
update agents set updated_at_ms = created_at_ms;

create table recovery_codes (
    agent_id uuid not null references agents (id) on delete cascade,
    hash bytea not null,
    primary key (agent_id, hash)
);

create table agent_tokens (
    hash bytea primary key,
    agent_id uuid not null references agents (id) on delete cascade,
    kind text not null,
    created_at_ms bigint not null,
    expires_at_ms bigint not null
);

create index agent_tokens_by_agent on agent_tokens (agent_id);

-- The key is the name as names are compared.
create table teams (
    id uuid primary key,
    name text not null,
    key text not null unique,
    created_at_ms bigint not null
);

create table team_members (
    team_id uuid not null references teams (id) on delete cascade,
    agent_id uuid not null references agents (id) on delete cascade,
    primary key (team_id, agent_id)
);

create index team_members_by_agent on team_members (agent_id);

create table skills (
    id uuid primary key,
    name text not null,
    key text not null unique,
    created_at_ms bigint not null
);

create table agent_skills (
    agent_id uuid not null references agents (id) on delete cascade,
    skill_id uuid not null references skills (id) on delete cascade,
    level bigint not null,
    primary key (agent_id, skill_id)
);

create index agent_skills_by_skill on agent_skills (skill_id);

-- The default stays: while servers are replaced one by one, those of the version before still write logins.
alter table logins add column id uuid not null default gen_random_uuid();
alter table logins add column label text not null default '';
alter table logins add column seen_at_ms bigint not null default 0;
update logins set seen_at_ms = created_at_ms;
create unique index logins_by_id on logins (id);
