//! Agents and their logins.

use persistence::{Agent, Store, StoreError, TokenHash, on_both_engines};
use protocol::AgentId;

use crate::fixture::{agent, at, hash, login, some_hash, uuid};

async fn whose(store: &Store, cookie: TokenHash, now: i64) -> Option<Agent> {
    store.login(&cookie, at(now)).await.unwrap().map(|login| login.agent)
}

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
        assert!(store.create_login(&login(hash(1), 10, 20), &bo).await.unwrap());
        assert!(store.create_login(&login(hash(2), 10, 30), &bo).await.unwrap());
        assert_eq!(whose(store, hash(1), 19).await, Some(bo.clone()));
        assert_eq!(whose(store, hash(1), 20).await, None);
        assert_eq!(whose(store, hash(3), 10).await, None);
        let all = [hash(1), hash(2), hash(3)];
        let mut valid = store.valid_logins(&all, at(19)).await.unwrap();
        valid.sort_unstable();
        assert_eq!(valid, [hash(1), hash(2)]);
        assert_eq!(store.valid_logins(&all, at(20)).await.unwrap(), [hash(2)]);
        assert_eq!(store.valid_logins(&[hash(1)], at(19)).await.unwrap(), [hash(1)], "only who was asked about");
        assert!(store.valid_logins(&[], at(19)).await.unwrap().is_empty());
        let many: Vec<_> = (0..5_000).map(|_| some_hash()).chain([hash(2)]).collect();
        assert_eq!(store.valid_logins(&many, at(19)).await.unwrap(), [hash(2)]);
        assert_eq!(store.delete_expired_logins(at(20)).await.unwrap(), 1);
        assert_eq!(store.delete_expired_logins(at(20)).await.unwrap(), 0);
        store.delete_login(&hash(2)).await.unwrap();
        store.delete_login(&hash(2)).await.unwrap();
        assert_eq!(whose(store, hash(2), 10).await, None);
        assert!(!store.create_login(&login(hash(4), 1, 2), &agent("nobody@x.example")).await.unwrap());
    }

    async fn a_new_password_ends_the_other_logins(test) {
        let store = &test.store;
        let (bo, ana) = (agent("bo@x.example"), agent("ana@x.example"));
        store.create_agent(&bo).await.unwrap();
        store.create_agent(&ana).await.unwrap();
        for n in 1..=3 {
            assert!(store.create_login(&login(hash(n), 1, 99), &bo).await.unwrap());
        }
        assert!(store.create_login(&login(hash(4), 1, 99), &ana).await.unwrap());
        let all = [hash(1), hash(2), hash(3), hash(4)];
        assert!(store.set_agent_password(bo.id, "fresh", false, Some(&hash(2))).await.unwrap());
        let changed = Agent { password_hash: "fresh".into(), must_change_password: false, ..bo.clone() };
        assert_eq!(whose(store, hash(2), 2).await, Some(changed));
        let mut valid = store.valid_logins(&all, at(2)).await.unwrap();
        valid.sort_unstable();
        assert_eq!(valid, [hash(2), hash(4)]);
        assert!(store.set_agent_password(bo.id, "fresher", true, None).await.unwrap());
        // Whoever was verified with the old password came too late.
        assert!(!store.create_login(&login(hash(5), 2, 99), &bo).await.unwrap());
        assert_eq!(whose(store, hash(5), 2).await, None);
        assert_eq!(store.valid_logins(&all, at(2)).await.unwrap(), [hash(4)]);
        assert!(!store.set_agent_password(AgentId::new(uuid()), "x", true, None).await.unwrap());
    }

    async fn no_login_outlives_a_new_password(test) {
        let store = &test.store;
        let other = test.other_node().await;
        let mut bo = agent("bo@x.example");
        store.create_agent(&bo).await.unwrap();
        for n in 0..20 {
            let (cookie, next) = (hash(n), format!("password {n}"));
            let begun = login(cookie, 1, 99);
            let (created, changed) = tokio::join!(
                store.create_login(&begun, &bo),
                other.set_agent_password(bo.id, &next, false, None),
            );
            created.unwrap();
            assert!(changed.unwrap());
            assert!(store.valid_logins(&[cookie], at(2)).await.unwrap().is_empty(), "round {n}");
            bo.password_hash = next;
        }
    }

    async fn a_disabled_agent_is_out_at_once(test) {
        let store = &test.store;
        let bo = agent("bo@x.example");
        store.create_agent(&bo).await.unwrap();
        assert!(store.create_login(&login(hash(1), 1, 99), &bo).await.unwrap());
        assert!(store.set_agent_disabled(bo.id, true).await.unwrap());
        assert_eq!(whose(store, hash(1), 2).await, None);
        // One that began to log in before, and ended after.
        assert!(!store.create_login(&login(hash(2), 1, 99), &bo).await.unwrap());
        assert_eq!(whose(store, hash(2), 2).await, None);
        assert!(store.valid_logins(&[hash(1), hash(2)], at(2)).await.unwrap().is_empty());
        assert!(store.agent(bo.id).await.unwrap().unwrap().disabled);
        assert!(store.set_agent_disabled(bo.id, false).await.unwrap());
        assert_eq!(whose(store, hash(1), 2).await, None, "its login is gone for good");
        assert!(!store.set_agent_disabled(AgentId::new(uuid()), true).await.unwrap());
    }
}
