-- Opening hours of a site, as JSON; null: always open. The same column exists for Postgres.

alter table sites add column hours text;
