//! `hubbub-loadtest floor`: the yardstick.

use std::net::SocketAddr;

use anyhow::Context as _;
use clap::Args;
use tokio::net::TcpListener;

/// Where to listen.
#[derive(Debug, Args)]
pub(crate) struct Floor {
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
}

impl Floor {
    pub(crate) async fn run(&self) -> anyhow::Result<bool> {
        let listener = TcpListener::bind(self.listen).await.context("--listen")?;
        println!("listening on {}", listener.local_addr()?);
        loadtest::floor::serve(listener).await?;
        Ok(true)
    }
}
