-- What is noted of sessions is found by wider slices, and by who holds them: all of it is indexed anew.

truncate search_docs, search_sessions;

update search_state set generation = generation + 1, next_doc = 1, sessions_at_ms = 0, contacts_at_ms = 0;
