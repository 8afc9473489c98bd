-- What was said can be changed and taken away. A log is still only appended to: an event says what changed. But the older
-- text must not be read again by whoever reads the log, so it moves here, and the entry holds the newest.

alter table entries add column mentions text;
alter table entries add column edited_at_ms integer;
alter table entries add column deleted_at_ms integer;

create table entry_history (
    session_id blob not null,
    seq integer not null,
    -- The event that changed it.
    by_seq integer not null,
    body text not null,
    primary key (session_id, seq, by_seq)
) strict, without rowid;

-- How the customer found the chat, as JSON.
alter table sessions add column rating text;
