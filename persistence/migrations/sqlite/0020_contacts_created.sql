-- Contacts are listed by when they were made, too.

create index contacts_created on contacts (created_at_ms, id) where merged_into is null;
