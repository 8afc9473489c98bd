//! Every public method on both engines, one story per module.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod amending;
mod appending;
mod away;
mod behind;
mod bulk;
mod canned;
mod changes;
mod contacts;
mod contacts_kept;
mod continuing;
mod duty;
mod files;
mod fixture;
mod links;
mod lists;
mod load;
mod marks;
mod members;
mod merging;
mod nodes;
mod older_team;
mod positions;
mod proxy;
mod reading;
mod search;
mod second_factor;
mod servers;
mod settings;
mod sites;
mod slots;
mod starting;
mod starts;
mod surroundings;
mod team;
mod teams;
mod views;
mod writing_at_once;
