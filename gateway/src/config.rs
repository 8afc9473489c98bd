//! Every setting, its default and its variable. The only place that reads the environment, through clap.
#![expect(
    missing_docs,
    reason = "what has no doc here is plumbing of clap; settings have theirs, which is the --help"
)]

mod files;
mod values;

use std::{
    net::SocketAddr,
    num::{NonZeroU32, NonZeroUsize},
    path::PathBuf,
    thread::available_parallelism,
    time::Duration,
};

use clap::{Args, Parser, Subcommand, ValueEnum, builder::RangedU64ValueParser};
use hub::RedisUrl;
use ipnet::IpNet;
use protocol::{Email, Name, Role, RoutingMode, limits};

use self::values::{Unprinted, email, name, rate, routing, threads};
pub(crate) use self::{
    files::{FilesArgs, FilesUrl},
    values::{DatabaseUrl, Password, PublicUrl},
};
use crate::client_address::ForwardedHeader;

/// Self-hosted live chat for websites.
#[derive(Debug, Parser)]
// The texts are as wide as they are written, whatever is built beside: tests and scripts read them.
#[command(name = "hubbub", version, about, args_conflicts_with_subcommands = true, term_width = 0)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub serve: Serve,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the server (also without a word)
    Serve(Box<Serve>),
    /// Bring the database to this program's version, and end
    Migrate(StoreArgs),
    /// The team's members
    #[command(subcommand, arg_required_else_help = false)]
    Agent(AgentCommand),
}

#[derive(Debug, Subcommand)]
pub enum AgentCommand {
    /// Add a member; prints an invitation, a link with which they choose a password, unless one is given on standard input
    Add {
        #[command(flatten)]
        store: StoreArgs,
        /// The login name
        #[arg(long, value_parser = email)]
        email: Email,
        /// The name that customers see
        #[arg(long, value_parser = name)]
        name: Name,
        /// agent, supervisor or admin
        #[arg(long, default_value = "agent")]
        role: Role,
        /// Read the password from standard input; it need not be changed
        #[arg(long)]
        password_stdin: bool,
        /// The address that the invitation names
        #[arg(long, env = "HUBBUB_PUBLIC_URL", default_value = "http://127.0.0.1:8080")]
        public_url: PublicUrl,
    },
    /// List the members
    List {
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Shut a member out, at once and on every device
    Disable {
        #[command(flatten)]
        store: StoreArgs,
        /// The login name
        #[arg(long, value_parser = email)]
        email: Email,
        /// Let the member in again
        #[arg(long)]
        undo: bool,
    },
    /// Give a member a new password and end all of their logins; prints a one-time one unless given on standard input
    Password {
        #[command(flatten)]
        store: StoreArgs,
        /// The login name
        #[arg(long, value_parser = email)]
        email: Email,
        /// Read the password from standard input; it need not be changed
        #[arg(long)]
        password_stdin: bool,
        /// Take the second factor away, too: for who has lost the authenticator and the recovery codes
        #[arg(long)]
        remove_totp: bool,
    },
}

/// Where the data is.
#[derive(Debug, Clone, Args)]
pub struct StoreArgs {
    /// Folder of the embedded store
    #[arg(long, env = "HUBBUB_DATA_DIR", default_value = "data")]
    pub data_dir: PathBuf,
    /// sqlite://PATH or postgres://USER:PASSWORD@HOST/NAME [default: sqlite://data/hubbub.db, in the data folder]
    #[arg(long, env = "HUBBUB_DATABASE_URL", hide_env_values = true, value_parser = Unprinted::<DatabaseUrl>::default())]
    pub database_url: Option<DatabaseUrl>,
}

impl StoreArgs {
    /// Whether several servers could work on it.
    pub fn is_shared(&self) -> bool {
        self.database_url.as_ref().is_some_and(|url| !url.as_str().starts_with("sqlite:"))
    }

    /// The address of the database.
    pub fn url(&self) -> String {
        match &self.database_url {
            Some(url) => url.as_str().to_owned(),
            None => format!("sqlite://{}", self.data_dir.join("hubbub.db").display()),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Clone, Args)]
pub struct Serve {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, env = "HUBBUB_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    #[command(flatten)]
    pub store: StoreArgs,
    /// redis://[USER:PASSWORD@]HOST[:PORT], or rediss://… for TLS: several servers on one Postgres make a cluster by it
    /// [default: none, this server is alone]
    #[arg(long, env = "HUBBUB_REDIS_URL", hide_env_values = true, value_parser = Unprinted::<RedisUrl>::default())]
    pub redis_url: Option<RedisUrl>,
    /// Address and port for /metrics (Prometheus): not for the public [default: none]
    #[arg(long, env = "HUBBUB_METRICS_LISTEN")]
    pub metrics_listen: Option<SocketAddr>,
    /// The address under which browsers reach this server, e.g. https://chat.example.com [default: as asked]
    #[arg(long, env = "HUBBUB_PUBLIC_URL")]
    pub public_url: Option<PublicUrl>,
    /// Networks of proxies that are believed about who the client is, comma-separated [default: none]
    #[arg(long, env = "HUBBUB_TRUSTED_PROXIES", value_delimiter = ',')]
    pub trusted_proxies: Vec<IpNet>,
    /// The header in which these proxies say it; another is whatever the client sent
    #[arg(long, env = "HUBBUB_FORWARDED_HEADER", default_value = "x-forwarded-for")]
    pub forwarded_header: ForwardedHeader,
    /// text or json
    #[arg(long, env = "HUBBUB_LOG_FORMAT", default_value = "text")]
    pub log_format: LogFormat,
    /// What to log: off, error, warn, info, debug, trace, or a list such as `info,hub=debug`
    #[arg(long, env = "HUBBUB_LOG", default_value = "info")]
    pub log: String,
    /// E-mail of the first admin, made on an empty store
    #[arg(long, env = "HUBBUB_ADMIN_EMAIL", default_value = "admin@localhost", value_parser = email)]
    pub admin_email: Email,
    /// Password of the first admin [default: a random one, printed once, to be changed at the first login]
    #[arg(long, env = "HUBBUB_ADMIN_PASSWORD", hide_env_values = true, value_parser = Unprinted::<Password>::default())]
    pub admin_password: Option<Password>,
    /// Let every agent see every chat, not only their own and those that nobody has
    #[arg(long, env = "HUBBUB_AGENTS_SEE_ALL")]
    pub agents_see_all: bool,
    /// Threads that serve people: one does the same with a third less work, but on one processor [default: one for each
    /// processor]
    #[arg(long, env = "HUBBUB_THREADS", value_parser = threads)]
    pub threads: Option<NonZeroUsize>,
    /// Seconds over which connected clients are asked to go elsewhere when the server stops
    #[arg(long, env = "HUBBUB_DRAIN_SECONDS", default_value = "5", value_parser = clap::value_parser!(u64).range(0..=600))]
    pub drain_seconds: u64,
    /// Seconds for which somebody who went away still counts as here, so that a reload does not flicker
    #[arg(long, env = "HUBBUB_PRESENCE_GRACE_SECONDS", default_value = "15", value_parser = clap::value_parser!(u64).range(0..=3600))]
    pub presence_grace_seconds: u64,
    /// How chats find their agents: `manual`, agents take them; `automatic`, each is given to whoever has most
    /// room; `offer`, whoever has most room is asked
    #[arg(long, env = "HUBBUB_ROUTING", default_value = "manual", value_parser = routing)]
    pub routing: RoutingMode,
    /// Whether a chat is taken as a message when nobody of the team is here, or the site is closed
    #[arg(long, env = "HUBBUB_TAKE_MESSAGES", default_value = "true", action = clap::ArgAction::Set)]
    pub take_messages: bool,
    /// Seconds without any activity after which an agent is away
    #[arg(long, env = "HUBBUB_AWAY_AFTER_SECONDS", default_value = "900", value_parser = clap::value_parser!(u64).range(10..=86_400))]
    pub away_after_seconds: u64,
    /// Seconds after the last connection of an agent is gone until they are offline
    #[arg(long, env = "HUBBUB_OFFLINE_AFTER_SECONDS", default_value = "30", value_parser = clap::value_parser!(u64).range(0..=3600))]
    pub offline_after_seconds: u64,
    /// Seconds that an agent may be offline before their open chats go back in line (with automatic routing)
    #[arg(long, env = "HUBBUB_RETURN_AFTER_SECONDS", default_value = "120", value_parser = clap::value_parser!(u64).range(0..=86_400))]
    pub return_after_seconds: u64,
    /// Seconds between pings on a quiet WebSocket; after 2.4 times as long in silence it is closed
    #[arg(long, env = "HUBBUB_HEARTBEAT_SECONDS", default_value = "25", value_parser = clap::value_parser!(u32).range(1..=300))]
    pub heartbeat_seconds: u32,
    /// Seconds that a new WebSocket may take to say hello
    #[arg(long, env = "HUBBUB_HELLO_SECONDS", default_value_t = limits::HELLO_TIME.as_secs(), value_parser = clap::value_parser!(u64).range(1..=300))]
    pub hello_seconds: u64,
    #[command(flatten)]
    pub files: FilesArgs,
    #[command(flatten)]
    pub limits: Limits,
}

impl Serve {
    /// How many threads serve people.
    pub fn threads(&self) -> NonZeroUsize {
        let processors = || available_parallelism().unwrap_or(NonZeroUsize::MIN);
        self.threads.unwrap_or_else(processors)
    }

    pub fn heartbeat(&self) -> Duration {
        Duration::from_secs(self.heartbeat_seconds.into())
    }

    /// How long a silent connection is kept (contract §4: 60 s for a heartbeat of 25 s).
    pub fn silence(&self) -> Duration {
        self.heartbeat() * 12 / 5
    }

    pub fn drain_time(&self) -> Duration {
        Duration::from_secs(self.drain_seconds)
    }
}

/// Limits of the contract (§5).
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Limits")]
pub struct Limits {
    /// Characters of a message
    #[arg(long, env = "HUBBUB_MESSAGE_CHARS", default_value_t = limits::MESSAGE_CHARS, value_parser = RangedU64ValueParser::<usize>::new().range(1..=100_000))]
    pub message_chars: usize,
    /// Bytes of a file
    #[arg(long, env = "HUBBUB_UPLOAD_BYTES", default_value_t = limits::ATTACHMENT_BYTES, value_parser = clap::value_parser!(u64).range(1..=1_073_741_824))]
    pub upload_bytes: u64,
    /// Files of a message
    #[arg(long, env = "HUBBUB_MESSAGE_FILES", default_value_t = limits::ATTACHMENTS, value_parser = RangedU64ValueParser::<usize>::new().range(1..=50))]
    pub message_files: usize,
    /// Files a minute of one person, and of one address of customers
    #[arg(long, env = "HUBBUB_UPLOADS_PER_MINUTE", default_value = "30", value_parser = rate)]
    pub uploads_per_minute: NonZeroU32,
    /// Messages that a customer may send in one burst
    #[arg(long, env = "HUBBUB_CUSTOMER_SEND_BURST", default_value = "10", value_parser = rate)]
    pub customer_send_burst: NonZeroU32,
    /// Messages a minute that a customer may send after a burst
    #[arg(long, env = "HUBBUB_CUSTOMER_SENDS_PER_MINUTE", default_value = "30", value_parser = rate)]
    pub customer_sends_per_minute: NonZeroU32,
    /// Messages a minute of one agent in one chat
    #[arg(long, env = "HUBBUB_AGENT_SENDS_PER_MINUTE", default_value = "20", value_parser = rate)]
    pub agent_sends_per_minute: NonZeroU32,
    /// Frames a second of one WebSocket, after a burst of four times as many
    #[arg(long, env = "HUBBUB_FRAMES_PER_SECOND", default_value = "50", value_parser = rate)]
    pub frames_per_second: NonZeroU32,
    /// New chats a minute from one address
    #[arg(long, env = "HUBBUB_STARTS_PER_MINUTE", default_value = "10", value_parser = rate)]
    pub starts_per_minute: NonZeroU32,
    /// Failed logins in 15 minutes, per account and address, before they are delayed
    #[arg(long, env = "HUBBUB_LOGIN_FAILURES", default_value = "5", value_parser = rate)]
    pub login_failures: NonZeroU32,
    /// Logins a minute from one address, right or wrong, of whichever account
    #[arg(long, env = "HUBBUB_LOGIN_TRIES_PER_MINUTE", default_value = "30", value_parser = rate)]
    pub login_tries_per_minute: NonZeroU32,
    /// Connections of one customer
    #[arg(long, env = "HUBBUB_CONNECTIONS_PER_CONTACT", default_value = "20", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub connections_per_contact: u32,
    /// Connections from one address
    #[arg(long, env = "HUBBUB_CONNECTIONS_PER_ADDRESS", default_value = "200", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub connections_per_address: u32,
    /// Connections in all; beyond it, new ones are refused
    #[arg(long, env = "HUBBUB_MAX_CONNECTIONS", default_value = "10000", value_parser = RangedU64ValueParser::<usize>::new().range(1..=1_000_000))]
    pub max_connections: usize,
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn serve_may_be_left_out() {
        let cli = Cli::try_parse_from(["hubbub", "--listen", "127.0.0.1:0"]).unwrap();
        assert!(cli.command.is_none());
        assert_eq!(cli.serve.store.url(), "sqlite://data/hubbub.db");
        assert!(Cli::try_parse_from(["hubbub", "serve", "--data-dir", "x"]).is_ok());
    }
}
