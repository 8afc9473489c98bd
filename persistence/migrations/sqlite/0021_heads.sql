-- What is noted of sessions is found by wider slices, and by who holds them: all of it is indexed anew.

delete from search_docs;
delete from search_sessions;
drop table search_words;
create virtual table search_words using fts5(words, content='', contentless_delete=1, tokenize='ascii');

update search_state set generation = generation + 1, next_doc = 1, sessions_at_ms = 0, contacts_at_ms = 0;
