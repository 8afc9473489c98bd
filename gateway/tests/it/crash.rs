//! Promise 1 under `kill -9`: whatever moment the process dies at, what was acked is there, once, in order; what was
//! not is there once at most; every reader goes on where it was.

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

use crate::support::{Load, TestServer, on_both_stores};

const ROUNDS: usize = 15;

on_both_stores! {
    async fn killed_in_mid_stream_again_and_again(engine: Engine) {
        let mut server = TestServer::start(engine).await;
        let load = Load::start(&server, 6, 1).await;
        let mut random = StdRng::seed_from_u64(1);
        for _ in 0..ROUNDS {
            load.acks(random.random_range(1..80)).await;
            server.kill().await;
            server.start_again().await;
        }
        load.acks(50).await;
        load.end().await;
    }
}
