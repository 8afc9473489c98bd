//! A TCP link that can be made ill: what stands between a client and the nodes, and between a node and its Postgres
//! and Redis.
//!
//! A wire is transparent until it is told otherwise: an end of one side, orderly or not, becomes the same end of the
//! other. What it can do to its connections is in [`Weather`].

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering},
    },
    time::Duration,
};

use rand::{SeedableRng as _, rngs::StdRng, seq::SliceRandom as _};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::{Instant, timeout},
};

/// How long a connection onwards may take: a frozen machine takes none.
const CONNECT: Duration = Duration::from_secs(2);
/// What is read at once.
const CHUNK: usize = 16 << 10;

/// What becomes of the bytes of one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    /// They go on.
    Pass,
    /// They wait: nothing is read, until the kernel's buffers are full.
    Hold,
    /// They vanish. A connection that lost some is reset when the way is free again, as by a router that forgot it.
    Swallow,
}

/// How connections are broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// RST: what is under way is lost.
    Reset,
    /// FIN.
    Close,
}

/// Breaks each connection once, at a chosen point of its conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Snip {
    /// After this many more requests.
    pub(crate) requests: u32,
    /// In the middle of the request; else after it was carried out, instead of its answer.
    pub(crate) torn: bool,
}

#[derive(Debug, Clone)]
struct Weather {
    up: Flow,
    down: Flow,
    delay: Duration,
    /// Bytes of one write.
    slice: usize,
    refusing: bool,
    /// Counted, so that a connection notices one that came and went.
    cuts: (u32, Cut),
    snips: (u32, Snip),
}

const FAIR: Weather = Weather {
    up: Flow::Pass,
    down: Flow::Pass,
    delay: Duration::ZERO,
    slice: CHUNK,
    refusing: false,
    cuts: (0, Cut::Reset),
    snips: (0, Snip { requests: 0, torn: false }),
};

/// Where the nodes are, and which of them a load balancer would send somebody to.
#[derive(Debug)]
pub(crate) struct Nodes(Vec<(SocketAddr, AtomicBool)>);

impl Nodes {
    pub(crate) fn new(addresses: impl IntoIterator<Item = SocketAddr>) -> Arc<Self> {
        Arc::new(Self(addresses.into_iter().map(|address| (address, AtomicBool::new(true))).collect()))
    }

    pub(crate) fn serves(&self, node: usize, serves: bool) {
        self.0[node].1.store(serves, Ordering::Relaxed);
    }
}

/// To where a wire leads.
enum Route {
    /// There.
    To(SocketAddr),
    /// To any node; to the same as long as there is a connection.
    Balanced { nodes: Arc<Nodes>, random: Box<Mutex<StdRng>> },
}

struct Shared {
    route: Route,
    weather: watch::Sender<Weather>,
    live: AtomicUsize,
    /// The node of each connection so far, and since when; at first the one to begin with.
    moves: Mutex<Vec<(Instant, usize)>>,
    begun: AtomicBool,
}

/// A link on a port of its own. Ends, with its connections, when dropped.
pub(crate) struct Wire {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
    /// Whoever makes it ill for a while holds it.
    pub(crate) turn: tokio::sync::Mutex<()>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Wire {
    /// A link to one place.
    pub(crate) async fn to(target: SocketAddr) -> io::Result<Self> {
        Self::start(Route::To(target)).await
    }

    /// A client's link to the nodes, as through a load balancer: to `home` first, later to any.
    pub(crate) async fn balanced(nodes: Arc<Nodes>, home: usize, seed: u64) -> io::Result<Self> {
        let random = Box::new(Mutex::new(StdRng::seed_from_u64(seed)));
        let wire = Self::start(Route::Balanced { nodes, random }).await?;
        wire.shared.moves.lock().unwrap().push((Instant::now(), home));
        Ok(wire)
    }

    async fn start(route: Route) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            route,
            weather: watch::Sender::new(FAIR),
            live: AtomicUsize::new(0),
            moves: Mutex::default(),
            begun: AtomicBool::new(false),
        });
        let accepting = tokio::spawn(accept(listener, shared.clone()));
        Ok(Self { address, shared, accepting, turn: tokio::sync::Mutex::default() })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The node that connections went to at this time.
    pub(crate) fn node_at(&self, at: Instant) -> Option<usize> {
        let moves = self.shared.moves.lock().unwrap();
        moves.iter().rev().find(|(since, _)| *since <= at).map(|(_, node)| *node)
    }

    fn change(&self, change: impl FnOnce(&mut Weather)) {
        self.shared.weather.send_modify(change);
    }

    /// Breaks every connection; new ones are taken.
    pub(crate) fn cut(&self, how: Cut) {
        self.change(|weather| weather.cuts = (weather.cuts.0 + 1, how));
    }

    /// Breaks every connection once, in the midst of what it does.
    pub(crate) fn snip(&self, snip: Snip) {
        self.change(|weather| weather.snips = (weather.snips.0 + 1, snip));
    }

    /// Breaks every connection and takes no new ones.
    pub(crate) fn refuse(&self) {
        self.change(|weather| {
            weather.refusing = true;
            weather.cuts = (weather.cuts.0 + 1, Cut::Reset);
        });
    }

    /// What becomes of what the one who connected says (`up`), and of what is answered (`down`).
    pub(crate) fn flow(&self, up: Flow, down: Flow) {
        self.change(|weather| (weather.up, weather.down) = (up, down));
    }

    /// Every write comes later, and in pieces.
    pub(crate) fn slow(&self, delay: Duration, slice: usize) {
        self.change(|weather| (weather.delay, weather.slice) = (delay, slice));
    }

    /// All is well again.
    pub(crate) fn heal(&self) {
        self.change(|weather| {
            let (cuts, snips) = (weather.cuts, weather.snips);
            *weather = Weather { cuts, snips, ..FAIR };
        });
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    // Connections end with this task.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((client, _)) = accepted else { return };
                connections.spawn(serve(client, shared.clone()));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(client: TcpStream, shared: Arc<Shared>) {
    let mut weather = shared.weather.subscribe();
    if weather.borrow().refusing {
        return reset(&client);
    }
    shared.live.fetch_add(1, Ordering::Relaxed);
    match shared.connect().await {
        Some(server) => carry(client, server, &mut weather).await,
        None => reset(&client),
    }
    shared.live.fetch_sub(1, Ordering::Relaxed);
}

impl Shared {
    async fn connect(&self) -> Option<TcpStream> {
        let (nodes, order) = match &self.route {
            Route::To(target) => return connect(*target).await,
            Route::Balanced { nodes, random } => {
                let mut order: Vec<usize> = (0..nodes.0.len()).collect();
                order.shuffle(&mut *random.lock().unwrap());
                // Further connections of a client go where its others are.
                let others = self.live.load(Ordering::Relaxed) > 1;
                if others || !self.begun.swap(true, Ordering::Relaxed) {
                    let home = self.moves.lock().unwrap().last().map(|(_, node)| *node);
                    order.sort_by_key(|node| Some(*node) != home);
                }
                (nodes, order)
            }
        };
        for node in order {
            let (address, serves) = &nodes.0[node];
            if serves.load(Ordering::Relaxed)
                && let Some(stream) = connect(*address).await
            {
                self.moves.lock().unwrap().push((Instant::now(), node));
                return Some(stream);
            }
        }
        None
    }
}

async fn connect(target: SocketAddr) -> Option<TcpStream> {
    timeout(CONNECT, TcpStream::connect(target)).await.ok()?.ok()
}

fn reset(stream: &TcpStream) {
    // Whether the other side was still there to be told is all the same.
    let _ = stream.set_zero_linger();
}

/// How far a snip has come on one connection.
struct Snipping {
    seen: AtomicU32,
    /// Requests before it; none while there is no snip.
    left: Mutex<Option<u32>>,
}

impl Snipping {
    /// What becomes of bytes that were just read: how many go on, and whether that was all.
    fn bite(&self, way: Way, (count, snip): (u32, Snip), read: usize) -> (usize, bool) {
        let mut left = self.left.lock().unwrap();
        if self.seen.swap(count, Ordering::Relaxed) != count {
            *left = Some(snip.requests);
        }
        match (way, *left) {
            (Way::Up, Some(1)) if snip.torn => (read / 2, true),
            (Way::Down, Some(0)) => (0, true),
            (Way::Up, Some(requests)) => {
                *left = Some(requests.saturating_sub(1));
                (read, false)
            }
            (Way::Down, Some(_)) | (_, None) => (read, false),
        }
    }
}

/// Carries bytes both ways until the connection ends or is ended.
async fn carry(mut client: TcpStream, mut server: TcpStream, weather: &mut watch::Receiver<Weather>) {
    // Slices shall be packets.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let Weather { cuts: (cuts, _), snips: (snips, _), .. } = *weather.borrow();
    let snipping = Snipping { seen: AtomicU32::new(snips), left: Mutex::new(None) };
    let cut = {
        let (client_in, client_out) = client.split();
        let (server_in, server_out) = server.split();
        let up = pump(client_in, server_out, weather.clone(), Way::Up, &snipping);
        let down = pump(server_in, client_out, weather.clone(), Way::Down, &snipping);
        tokio::select! {
            ended = async { tokio::try_join!(up, down) } => if ended.is_ok() { Cut::Close } else { Cut::Reset },
            cut = weather.wait_for(|weather| weather.cuts.0 != cuts) => {
                cut.map_or(Cut::Reset, |weather| weather.cuts.1)
            }
        }
    };
    if cut == Cut::Reset {
        reset(&client);
        reset(&server);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

impl Way {
    fn flow(self, weather: &Weather) -> Flow {
        match self {
            Self::Up => weather.up,
            Self::Down => weather.down,
        }
    }
}

/// One way, until its end; an error ends the connection.
async fn pump(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    mut weather: watch::Receiver<Weather>,
    way: Way,
    snipping: &Snipping,
) -> io::Result<()> {
    let torn = || io::Error::from(io::ErrorKind::ConnectionReset);
    let mut buffer = vec![0; CHUNK];
    let mut lost = false;
    loop {
        let flow = way.flow(&weather.borrow_and_update());
        if flow == Flow::Hold {
            weather.changed().await.map_err(|_| torn())?;
            continue;
        }
        if lost && flow == Flow::Pass {
            return Err(torn());
        }
        let read = tokio::select! {
            read = from.read(&mut buffer) => read?,
            changed = weather.changed() => {
                changed.map_err(|_| torn())?;
                continue;
            }
        };
        if read == 0 {
            to.shutdown().await?;
            return Ok(());
        }
        if flow == Flow::Swallow {
            lost = true;
            continue;
        }
        let Weather { delay, slice, snips, .. } = *weather.borrow();
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        let (going, last) = snipping.bite(way, snips, read);
        for piece in buffer[..going].chunks(slice) {
            to.write_all(piece).await?;
            if slice < CHUNK {
                tokio::task::yield_now().await;
            }
        }
        if last {
            return Err(torn());
        }
    }
}
