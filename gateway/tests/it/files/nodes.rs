//! Files of a cluster: uploaded at one node, read at another, by the same addresses.

use tempfile::TempDir;

use super::{below, newest, picture, read, say_with, upload};
use crate::support::cluster::Cluster;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_node_has_every_file() {
    let shared = TempDir::new().unwrap();
    let flag = format!("--files-url=file://{}", shared.path().display());
    let cluster = Cluster::start_with(1, &[&flag]).await;
    let (one, two) = (&cluster.nodes[0], &cluster.nodes[1]);
    let (ana, started) = one.customer("Ana", "+447700900118").await;
    let there = loadtest::client::Caller::new(two.client(), ana.credential().clone());
    let admin = two.admin().await;
    let session = started.session.id;
    let file = upload(&ana, session, "photo.png", &picture()).await;
    // Sent by way of the other node, which asks the store for it.
    say_with(&there, session, "look", &[file.id], false).await.unwrap();
    assert_eq!(read(admin.caller(), file.id).await.status, 200);
    let entry = newest(&ana, session).await;
    assert_eq!(entry, newest(admin.caller(), session).await, "the same addresses");
    for server in [one, two] {
        let signed = server.client().stranger().request("GET", below(&entry.attachments[0].url));
        assert_eq!(signed.send().await.unwrap().status, 200);
    }
    let path = format!("/entries/{}", entry.id);
    there.on_session("DELETE", session, &path).done().await.unwrap();
    for server in [one, two] {
        let signed = server.client().stranger().request("GET", below(&entry.attachments[0].url));
        assert_eq!(signed.send().await.unwrap().status, 404);
    }
}
