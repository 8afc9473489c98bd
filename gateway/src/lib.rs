//! The edge of Hubbub: WebSocket, long-poll, REST, login, static files.
//!
//! [`run`] is the door that `main` and every test come through. Live sessions are changed through the hub alone; the
//! store is used directly for logins, lists, history and the workspace's own records.

mod api;
mod app;
mod assets;
mod auth;
mod blocks;
mod bootstrap;
mod cli;
mod client_address;
mod config;
mod error;
mod files;
mod headers;
mod lifecycle;
mod metrics;
mod rate_limit;
mod readiness;
mod realtime;
mod router;
mod server;
mod sites;

pub use cli::{agent, migrate};
pub use config::{AgentCommand, Cli, Command, LogFormat, Serve, StoreArgs};
pub use lifecycle::run;
