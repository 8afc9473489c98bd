//! What becomes of a session whose actor died.

use persistence::{
    WriterConfig,
    testing::{Engine, TestStore},
};
use protocol::ConnectionId;
use uuid::Uuid;

use super::*;

/// What an actor that panicked leaves behind: a handle that nobody reads.
#[tokio::test]
async fn a_session_whose_actor_died_gets_another_one() {
    let test = TestStore::new(Engine::Sqlite).await;
    let (writer, _task) = LogWriter::start(test.store.clone(), WriterConfig::default());
    let hub = Hub::new(test.store.clone(), writer, None, Clock::system(), Config::default());
    let session = SessionId::new(Uuid::from_u128(1));
    let dies = || {
        let (dead, commands, _stale) = SessionHandle::new();
        drop(commands);
        hub.inner.sessions.insert(session, dead);
    };
    let caller = Caller::Agent {
        agent: protocol::AgentRef { id: protocol::AgentId::new(Uuid::from_u128(2)), name: "Bo".into() }
            .into(),
        role: protocol::Role::Admin,
        sees_all: true,
    };
    dies();
    let (reply, answer) = oneshot::channel();
    hub.tell(session, Command::Typing { caller: caller.clone(), on: true, reply });
    assert!(matches!(answer.await.unwrap(), Err(HubError::NotFound)), "there is no such session");

    // Nor does it begin from what somebody read while the dead one lived.
    dies();
    let grant = persistence::Grant {
        id: protocol::GrantId::new(Uuid::from_u128(3)),
        site_id: protocol::SiteId::new(Uuid::from_u128(4)),
        contact_id: protocol::ContactId::new(Uuid::from_u128(5)),
        verified: false,
        name: None,
        phone: None,
        email: None,
        blocked_until: None,
    };
    let row = state::empty(session, &grant, "shop", protocol::Channel::Web, hub.clock().now());
    let fresh = Fresh { session: Arc::new(row), asked_at: tokio::time::Instant::now() };
    let (outbound, _queue) = outbound(QueueLimits::default());
    let follower =
        Follower { connection: ConnectionId::new(Uuid::from_u128(6)), caller, outbound, unseen: false };
    let step = hub.follow_knowing(&follower, session, From::Latest(1), true, Some(fresh)).await;
    assert!(matches!(step, Err(HubError::NotFound)), "{step:?}");
}
