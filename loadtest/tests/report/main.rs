//! What an operator sees of a run: the table, the page, and two runs compared.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod compare;
mod example;
mod page;
mod table;
