//! The rules of routing, alone: tables to read, and chance against the same rules written naively.

mod availability;
mod estimate;
mod naive;
mod offers;
mod policy;
mod queue;
mod words;
