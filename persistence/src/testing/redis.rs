//! A real Redis, thrown away with the test process.

use std::sync::OnceLock;

use super::Watchdog;

/// A Redis server of its own, on a free port of 127.0.0.1, that keeps nothing on the disk. It ends with this value or
/// with the test process, whatever becomes of that: a [`Watchdog`] holds it.
#[derive(Debug)]
pub struct TestRedis {
    port: u16,
    watchdog: Watchdog,
}

impl TestRedis {
    /// Starts one; it answers when this returns.
    ///
    /// # Panics
    /// If it does not start; says what to install if that is why.
    pub fn start() -> Self {
        let (watchdog, port) = Watchdog::serve(include_str!("redis.sh"), "redis", &[]);
        Self { port, watchdog }
    }

    /// The one that the tests of this process share; all see the same keys and channels.
    ///
    /// # Panics
    /// As [`TestRedis::start`].
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<TestRedis> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// The port it listens on, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Kills it (SIGKILL), as a crash of the machine does; nothing that it held remains.
    pub fn kill(&self) {
        self.watchdog.obey("kill");
    }

    /// Starts it again after [`TestRedis::kill`], empty, on the same port; it answers when this returns.
    pub fn start_again(&self) {
        self.watchdog.obey("start");
    }

    /// Freezes it (SIGSTOP): connections stay and can still be made, nothing answers.
    pub fn stall(&self) {
        self.watchdog.obey("stall");
    }

    /// Lets it go on.
    pub fn resume(&self) {
        self.watchdog.obey("resume");
    }

    /// Forgets all keys (FLUSHALL); connections and subscriptions stay. Not while it is stalled or killed.
    pub fn flush(&self) {
        self.watchdog.obey("flush");
    }
}
