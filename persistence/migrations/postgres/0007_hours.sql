-- Opening hours of a site, as JSON; null: always open. The same column exists for SQLite.

alter table sites add column hours jsonb;
