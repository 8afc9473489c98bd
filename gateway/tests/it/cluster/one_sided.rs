//! One server of two loses Redis, and the other does not.

use loadtest::client::WsConnection;
use protocol::ViewName;

use super::{Chat, WITHOUT_REDIS, redis_gone::is_listed};
use crate::support::{
    cluster::{Cluster, PATIENCE},
    wire::Weather,
};

async fn story(weather: Weather) {
    let cluster = Cluster::start(1).await;
    let mut chat = Chat::start(&cluster, "+447700900850").await;
    let mut lists: Vec<WsConnection> = Vec::new();
    for node in 0..2 {
        let mut list = cluster.admin(node).await.websocket().connect().await.unwrap();
        list.set_patience(PATIENCE);
        list.watch(ViewName::All, None).await.unwrap();
        lists.push(list);
    }
    for round in 0..2 {
        cluster.wires[0].turns(weather);
        let times = chat.talk(&format!("{round}: {weather:?}, at once"), 3).await;
        assert!(times.worst < WITHOUT_REDIS, "{times:?}");
        // Also the one who hears itself well knows that it does not hear the other.
        cluster.link_is("silent").await;
        let times = chat.talk(&format!("{round}: {weather:?}"), 3).await;
        assert!(times.worst < WITHOUT_REDIS, "{times:?}");
        // What begins on either side is listed on the other.
        for node in 0..2 {
            let phone = format!("+44770090085{}", 1 + 2 * round + node);
            let (_, started) = cluster.nodes[node].customer("New", &phone).await;
            is_listed(&mut lists[1 - node], started.session.id).await;
        }
        cluster.wires[0].turns(Weather::Fair);
        cluster.link_is("ok").await;
        chat.talk(&format!("{round}: after {weather:?}"), 3).await;
    }
    chat.was_seen_by_both(&cluster).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_cut_off_from_redis_is_not_cut_off_from_chats() {
    // Each of these servers has a Redis of its own: they wait for nothing but time.
    tokio::join!(story(Weather::Cut), story(Weather::Mute), story(Weather::Deaf));
}
