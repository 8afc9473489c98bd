//! Agents and their logins.

use persistence::{Agent, StoreError, on_both_engines};
use protocol::AgentId;

use crate::fixture::{agent, at, hash, uuid};

on_both_engines! {
    async fn an_agent_is_kept(test) {
        let store = &test.store;
        let bo = agent("bo@x.example");
        store.create_agent(&bo).await.unwrap();
        assert_eq!(store.agent(bo.id).await.unwrap(), Some(bo.clone()));
        assert_eq!(store.agent_by_email("bo@x.example").await.unwrap(), Some(bo.clone()));
        assert_eq!(store.agent(AgentId::new(uuid())).await.unwrap(), None);
        assert_eq!(store.agent_by_email("ana@x.example").await.unwrap(), None);
        let refused = store.create_agent(&agent("bo@x.example")).await.unwrap_err();
        assert!(matches!(refused, StoreError::Conflict("agent")), "{refused:?}");
        let ana = agent("ana@x.example");
        store.create_agent(&ana).await.unwrap();
        assert_eq!(store.agents().await.unwrap(), [bo, ana]);
    }

    async fn a_login_lasts_until_it_expires_or_is_ended(test) {
        let store = &test.store;
        let bo = agent("bo@x.example");
        store.create_agent(&bo).await.unwrap();
        store.create_login(&hash(1), bo.id, at(10), at(20)).await.unwrap();
        store.create_login(&hash(2), bo.id, at(10), at(30)).await.unwrap();
        assert_eq!(store.agent_by_login(&hash(1), at(19)).await.unwrap(), Some(bo.clone()));
        assert_eq!(store.agent_by_login(&hash(1), at(20)).await.unwrap(), None);
        assert_eq!(store.agent_by_login(&hash(3), at(10)).await.unwrap(), None);
        let mut valid = store.valid_logins(at(19)).await.unwrap();
        valid.sort_unstable();
        assert_eq!(valid, [hash(1), hash(2)]);
        assert_eq!(store.valid_logins(at(20)).await.unwrap(), [hash(2)]);
        assert_eq!(store.delete_expired_logins(at(20)).await.unwrap(), 1);
        assert_eq!(store.delete_expired_logins(at(20)).await.unwrap(), 0);
        store.delete_login(&hash(2)).await.unwrap();
        store.delete_login(&hash(2)).await.unwrap();
        assert_eq!(store.agent_by_login(&hash(2), at(10)).await.unwrap(), None);
        let refused = store.create_login(&hash(4), AgentId::new(uuid()), at(1), at(2)).await.unwrap_err();
        assert!(matches!(refused, StoreError::Refused(_)), "{refused:?}");
    }

    async fn a_new_password_ends_the_other_logins(test) {
        let store = &test.store;
        let (bo, ana) = (agent("bo@x.example"), agent("ana@x.example"));
        store.create_agent(&bo).await.unwrap();
        store.create_agent(&ana).await.unwrap();
        for n in 1..=3 {
            store.create_login(&hash(n), bo.id, at(1), at(99)).await.unwrap();
        }
        store.create_login(&hash(4), ana.id, at(1), at(99)).await.unwrap();
        assert!(store.set_agent_password(bo.id, "fresh", false, Some(&hash(2))).await.unwrap());
        let changed = Agent { password_hash: "fresh".into(), must_change_password: false, ..bo.clone() };
        assert_eq!(store.agent_by_login(&hash(2), at(2)).await.unwrap(), Some(changed));
        let mut valid = store.valid_logins(at(2)).await.unwrap();
        valid.sort_unstable();
        assert_eq!(valid, [hash(2), hash(4)]);
        assert!(store.set_agent_password(bo.id, "fresher", true, None).await.unwrap());
        assert_eq!(store.valid_logins(at(2)).await.unwrap(), [hash(4)]);
        assert!(!store.set_agent_password(AgentId::new(uuid()), "x", true, None).await.unwrap());
    }

    async fn a_disabled_agent_is_out_at_once(test) {
        let store = &test.store;
        let bo = agent("bo@x.example");
        store.create_agent(&bo).await.unwrap();
        store.create_login(&hash(1), bo.id, at(1), at(99)).await.unwrap();
        assert!(store.set_agent_disabled(bo.id, true).await.unwrap());
        assert_eq!(store.agent_by_login(&hash(1), at(2)).await.unwrap(), None);
        // One that began to log in before, and ended after.
        store.create_login(&hash(2), bo.id, at(1), at(99)).await.unwrap();
        assert_eq!(store.agent_by_login(&hash(2), at(2)).await.unwrap(), None);
        assert!(store.valid_logins(at(2)).await.unwrap().is_empty());
        assert!(store.agent(bo.id).await.unwrap().unwrap().disabled);
        assert!(store.set_agent_disabled(bo.id, false).await.unwrap());
        assert_eq!(store.agent_by_login(&hash(1), at(2)).await.unwrap(), None, "its login is gone for good");
        assert!(!store.set_agent_disabled(AgentId::new(uuid()), true).await.unwrap());
    }
}
