//! The one harness of the black-box tests: a real `hubbub` process on a real store, driven over real sockets by the
//! reference client.

pub(crate) mod cluster;
pub(crate) mod document;
mod keeper;
mod load;
pub(crate) mod proxy;
pub(crate) mod raw;
pub(crate) mod seat;
mod server;
pub(crate) mod wire;

pub(crate) use load::Load;
pub(crate) use persistence::testing::Engine;
pub(crate) use server::{ADMIN_EMAIL, ADMIN_PASSWORD, TestServer, UNHURRIED};

/// Makes one test per engine of each function: `on_both_stores! { async fn name(engine: Engine) { … } }`.
macro_rules! on_both_stores {
    ($($(#[$doc:meta])* async fn $name:ident($engine:ident: Engine) $body:block)+) => {$(
        mod $name {
            use super::*;

            $(#[$doc])*
            async fn story($engine: $crate::support::Engine) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                story($crate::support::Engine::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                story($crate::support::Engine::Postgres).await;
            }
        }
    )+};
}
pub(crate) use on_both_stores;
