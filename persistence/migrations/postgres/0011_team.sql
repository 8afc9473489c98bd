-- For which team a session is, so that a list of a team's sessions reads no others. It stands in `work`, which messages do
-- not touch, so they do not touch this index either.

alter table sessions add column team_id uuid generated always as ((work -> 'team' ->> 'id')::uuid) stored;

create index sessions_by_team on sessions (team_id, updated_slot) where team_id is not null;
