//! `/metrics` for Prometheus, on a listener of its own: what a node does is not for the public.
//!
//! The hub counts as it goes; what can be read at any time is read when somebody asks.

use anyhow::Context as _;
use axum::{Router, extract::State, http::header::CONTENT_TYPE, response::IntoResponse, routing::get};
use hub::LinkHealth;
use metrics::{counter, describe_counter, describe_gauge, gauge};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::app::App;

/// The text format that Prometheus reads.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Counts from now on. Before the hub is made, or it counts nowhere.
///
/// # Errors
/// Something counts already: a defect in the order of starting.
pub(crate) fn count() -> anyhow::Result<PrometheusHandle> {
    let handle = PrometheusBuilder::new().install_recorder().context("counting for /metrics")?;
    describe_gauge!("hubbub_connections", "WebSockets and long-polls of this node.");
    describe_gauge!("hubbub_live_sessions", "Sessions in this node's memory.");
    describe_gauge!("hubbub_draining", "1 while the node asks its clients to go elsewhere.");
    describe_gauge!("hubbub_link_up", "1 while the other nodes are heard; 0: the store is asked instead.");
    describe_gauge!("hubbub_other_nodes", "Other nodes that are heard.");
    describe_counter!("hubbub_store_statements_total", "Questions and transactions sent to the store.");
    describe_counter!("hubbub_link_lost_total", "Messages to other nodes that never left this one.");
    Ok(handle)
}

/// The page.
pub(crate) fn router(app: App, handle: PrometheusHandle) -> Router {
    Router::new().route("/metrics", get(page)).with_state((app, handle))
}

async fn page(State((app, handle)): State<(App, PrometheusHandle)>) -> impl IntoResponse {
    set("hubbub_connections", app.connections.count());
    set("hubbub_live_sessions", app.hub.live_sessions());
    set("hubbub_draining", usize::from(app.draining.is_cancelled()));
    match app.hub.link_health() {
        LinkHealth::Alone => {}
        LinkHealth::Missing => set("hubbub_link_up", 0),
        LinkHealth::Well { others } => {
            set("hubbub_link_up", 1);
            set("hubbub_other_nodes", others);
        }
        LinkHealth::Silent { others, .. } => {
            set("hubbub_link_up", 0);
            set("hubbub_other_nodes", others);
        }
    }
    counter!("hubbub_store_statements_total").absolute(app.store.calls());
    counter!("hubbub_link_lost_total").absolute(app.hub.lost_messages());
    ([(CONTENT_TYPE, TEXT)], handle.render())
}

fn set(name: &'static str, value: usize) {
    gauge!(name).set(f64::from(u32::try_from(value).unwrap_or(u32::MAX)));
}
