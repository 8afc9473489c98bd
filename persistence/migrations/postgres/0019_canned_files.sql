-- Files of canned answers. They are read only beside their answer, which may go in many ways; so none of them is a reference here:
-- what has no answer any more, or is deleted, is thrown away soon, first its bytes, then its row.

create table canned_files (
    id uuid primary key,
    canned_id uuid not null,
    name text not null,
    content_type text not null,
    size bigint not null,
    width bigint,
    height bigint,
    has_thumbnail boolean not null,
    created_at_ms bigint not null,
    deleted_at_ms bigint
);

create index canned_files_by_answer on canned_files (canned_id);
