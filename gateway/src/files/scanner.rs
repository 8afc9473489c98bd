//! A virus scanner that speaks clamd's protocol (clamd(8), INSTREAM). Nothing is taken unscanned where one is set.

use std::{io, net::SocketAddr, path::Path, path::PathBuf, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpStream, UnixStream},
    time::timeout,
};

/// How long a file may take to be scanned.
const TIME: Duration = Duration::from_secs(60);
/// How long the scanner may take to be there.
const CONNECT: Duration = Duration::from_secs(5);
/// Bytes of a piece.
const PIECE: usize = 64 * 1024;
/// Bytes of an answer that are read.
const ANSWER: u64 = 1_024;

/// Where the scanner listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScannerUrl {
    Tcp(String),
    Unix(PathBuf),
}

impl std::str::FromStr for ScannerUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "must be like tcp://127.0.0.1:3310 or unix:///run/clamav/clamd.ctl".to_owned();
        match text.split_once("://") {
            Some(("tcp", address)) => {
                let known = address.parse::<SocketAddr>().is_ok();
                let named = address.rsplit_once(':').is_some_and(|(host, port)| {
                    !host.is_empty() && !host.contains([':', '/', '@']) && port.parse::<u16>().is_ok()
                });
                if known || named { Ok(Self::Tcp(address.to_owned())) } else { Err(wrong()) }
            }
            Some(("unix", path)) if path.starts_with('/') => Ok(Self::Unix(path.into())),
            _ => Err(wrong()),
        }
    }
}

/// What the scanner says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Clean,
    /// With the name of what it found.
    Infected(String),
}

/// Has a file scanned.
///
/// # Errors
/// The scanner does not answer, or says that it could not.
pub(crate) async fn scan(scanner: &ScannerUrl, file: &Path) -> io::Result<Verdict> {
    let late = |_| io::Error::from(io::ErrorKind::TimedOut);
    match scanner {
        ScannerUrl::Tcp(address) => {
            let stream = timeout(CONNECT, TcpStream::connect(address)).await.map_err(late)??;
            timeout(TIME, ask(stream, file)).await.map_err(late)?
        }
        ScannerUrl::Unix(path) => {
            let stream = timeout(CONNECT, UnixStream::connect(path)).await.map_err(late)??;
            timeout(TIME, ask(stream, file)).await.map_err(late)?
        }
    }
}

async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin, file: &Path) -> io::Result<Verdict> {
    let sent = send(&mut stream, file).await;
    // One that refuses the file in the middle says why before it hangs up.
    let mut answer = Vec::new();
    let read = stream.take(ANSWER).read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).trim_matches(['\0', '\n', ' ']).to_owned();
    match answer.strip_prefix("stream: ").unwrap_or(&answer) {
        "OK" => sent.map(|()| Verdict::Clean),
        found if found.ends_with(" FOUND") => {
            let name = found.trim_end_matches(" FOUND");
            let name: String = name.chars().filter(|c| c.is_ascii_graphic()).take(100).collect();
            Ok(Verdict::Infected(name))
        }
        other => {
            sent?;
            read?;
            Err(io::Error::other(format!(
                "the scanner said {:?}",
                other.chars().take(200).collect::<String>()
            )))
        }
    }
}

async fn send(stream: &mut (impl AsyncWrite + Unpin), file: &Path) -> io::Result<()> {
    let mut file = tokio::fs::File::open(file).await?;
    let mut piece = vec![0; PIECE];
    stream.write_all(b"zINSTREAM\0").await?;
    loop {
        let read = file.read(&mut piece).await?;
        let length = u32::try_from(read).map_err(io::Error::other)?;
        stream.write_all(&length.to_be_bytes()).await?;
        if read == 0 {
            return stream.flush().await;
        }
        stream.write_all(&piece[..read]).await?;
    }
}
