//! The contract, one call at a time.
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! use loadtest::client::{Server, introduction};
//!
//! let server = Server::new("http://127.0.0.1:8080")?;
//! let (customer, started) = server.start("demo", introduction("Ana", "+44 7700 900118")).await?;
//! let mut ana = customer.websocket().follow(started.session.id, None, None).connect().await?;
//! let id = ana.say(started.session.id, "hello").await?;
//! let ack = ana.acked(id).await?;
//! assert!(!ack.duplicate);
//!
//! let agent = server.login("admin@localhost", "correct horse battery").await?;
//! agent.claim(started.session.id).await?;
//! assert_eq!(agent.whole_log(started.session.id).await?.len(), 3);
//! # Ok(()) }
//! ```

mod agent;
mod caller;
mod connect;
mod expectations;
mod failure;
mod frames;
mod long_poll;
mod request;
mod server;
mod websocket;

pub use agent::{AgentClient, LOGIN_COOKIE};
pub use caller::{Caller, Credential, EntriesPage};
pub use connect::Connect;
pub use failure::{Failure, Refusal};
pub use frames::{ErrorFrame, Listed, Opened, Welcome};
pub use long_poll::Poll;
pub use request::{Answer, Exchange, Observer, Request};
pub use server::{Server, introduction};
pub use websocket::{Bye, Closed, Incoming, WsConnection};
