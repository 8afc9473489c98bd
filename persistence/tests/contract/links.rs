//! Links that open a door once, and the list of one's own logins.

use persistence::{ListedLogin, NewLink, on_both_engines};
use protocol::{AgentId, LoginId, rest::LinkKind};

use crate::{
    fixture::{agent, at, hash, login, uuid},
    members::{invitation, newcomer},
};

fn reset(n: u8, expires: i64) -> NewLink {
    NewLink { hash: hash(n), kind: LinkKind::Reset, expires_at: at(expires) }
}

on_both_engines! {
    async fn a_link_opens_once_and_until_it_expires(test) {
        let store = &test.store;
        let new = newcomer("bo@x.example");
        let id = new.agent.id;
        store.create_member(&new, &invitation(hash(1), 50)).await.unwrap();
        assert_eq!(store.link(&hash(1), at(50)).await.unwrap(), None, "expired");
        assert_eq!(store.use_link(&hash(1), "fresh", None, at(50)).await.unwrap(), None, "expired");
        assert_eq!(store.use_link(&hash(2), "fresh", None, at(5)).await.unwrap(), None, "nobody's");
        // A new one of its kind ends it, one of the other kind does not.
        assert!(store.create_link(id, &reset(3, 50), at(5)).await.unwrap());
        assert!(store.link(&hash(1), at(6)).await.unwrap().is_some());
        assert!(store.create_link(id, &invitation(hash(4), 50), at(7)).await.unwrap());
        assert_eq!(store.link(&hash(1), at(8)).await.unwrap(), None);
        let (kind, found) = store.link(&hash(3), at(8)).await.unwrap().unwrap();
        assert_eq!((kind, found.id), (LinkKind::Reset, id));

        let bo = store.use_link(&hash(4), "fresh", Some("Bo B"), at(9)).await.unwrap().unwrap();
        assert_eq!((bo.password_hash.as_str(), bo.name.as_str(), bo.is_invited()), ("fresh", "Bo B", false));
        assert_eq!(store.agent(id).await.unwrap(), Some(bo.clone()));
        assert!(store.create_login(&login(hash(9), 9, 99), &bo).await.unwrap());
        for n in [3, 4] {
            assert_eq!(store.use_link(&hash(n), "x", None, at(10)).await.unwrap(), None, "all are ended");
        }
        assert!(!store.create_link(AgentId::new(uuid()), &reset(5, 50), at(5)).await.unwrap());
    }

    async fn a_reset_ends_logins_and_not_of_those_who_are_shut_out(test) {
        let store = &test.store;
        let bo = agent("bo@x.example");
        store.create_agent(&bo).await.unwrap();
        assert!(store.create_login(&login(hash(1), 1, 99), &bo).await.unwrap());
        store.create_link(bo.id, &reset(2, 50), at(2)).await.unwrap();
        let changed = store.use_link(&hash(2), "fresh", None, at(3)).await.unwrap().unwrap();
        assert_eq!((changed.name, changed.must_change_password), (bo.name.clone(), false));
        assert_eq!(store.login(&hash(1), at(3)).await.unwrap(), None);
        // Whoever was verified with the old password came too late.
        assert!(!store.create_login(&login(hash(3), 3, 99), &bo).await.unwrap());

        store.create_link(bo.id, &reset(4, 50), at(4)).await.unwrap();
        assert!(store.set_agent_password(bo.id, "by hand", false, None).await.unwrap());
        assert_eq!(store.link(&hash(4), at(5)).await.unwrap(), None, "a new password ends the links to set one");
        store.create_link(bo.id, &reset(5, 50), at(5)).await.unwrap();
        assert!(store.set_agent_disabled(bo.id, true).await.unwrap());
        store.create_link(bo.id, &reset(6, 50), at(6)).await.unwrap();
        for n in [5, 6] {
            assert_eq!(store.link(&hash(n), at(7)).await.unwrap(), None);
            assert_eq!(store.use_link(&hash(n), "x", None, at(7)).await.unwrap(), None);
        }
        assert_eq!(store.agent(bo.id).await.unwrap().unwrap().password_hash, "by hand");
    }

    async fn of_two_who_use_a_link_at_once_one_does(test) {
        let store = &test.store;
        let other = test.other_node().await;
        let bo = agent("bo@x.example");
        store.create_agent(&bo).await.unwrap();
        for n in 0..20 {
            store.create_link(bo.id, &reset(n, 50), at(2)).await.unwrap();
            let token = hash(n);
            let (one, two) = tokio::join!(
                store.use_link(&token, "one", None, at(3)),
                other.use_link(&token, "two", None, at(3)),
            );
            assert!(one.unwrap().is_some() != two.unwrap().is_some(), "round {n}");
        }
    }

    async fn expired_links_are_forgotten(test) {
        let store = &test.store;
        let bo = agent("bo@x.example");
        store.create_agent(&bo).await.unwrap();
        store.create_link(bo.id, &reset(1, 50), at(2)).await.unwrap();
        assert_eq!(store.delete_expired_logins(at(49)).await.unwrap(), 0);
        assert!(store.link(&hash(1), at(3)).await.unwrap().is_some());
        assert_eq!(store.delete_expired_logins(at(50)).await.unwrap(), 0);
        assert_eq!(store.link(&hash(1), at(3)).await.unwrap(), None);
    }

    async fn logins_are_told_apart_and_ended_by_name(test) {
        let store = &test.store;
        let (bo, ana) = (agent("bo@x.example"), agent("ana@x.example"));
        store.create_agent(&bo).await.unwrap();
        store.create_agent(&ana).await.unwrap();
        let [one, two, three] = [(1, 10), (2, 20), (3, 30)].map(|(n, now)| login(hash(n), now, 90));
        for login in [&one, &two, &three] {
            assert!(store.create_login(login, &bo).await.unwrap());
        }
        let anas = login(hash(4), 1, 99);
        assert!(store.create_login(&anas, &ana).await.unwrap());
        assert_eq!(store.login(&hash(1), at(40)).await.unwrap().unwrap().seen_at, at(10));
        store.login_seen(&hash(1), at(50)).await.unwrap();
        store.login_seen(&hash(1), at(40)).await.unwrap();
        let found = store.login(&hash(1), at(60)).await.unwrap().unwrap();
        assert_eq!((found.id, found.seen_at), (one.id, at(50)), "the latest counts");
        let listed = store.logins_of(bo.id, at(60), 10).await.unwrap();
        let ids: Vec<_> = listed.iter().map(|login| login.id).collect();
        assert_eq!(ids, [one.id, three.id, two.id], "the last used first");
        let first =
            ListedLogin { id: one.id, label: "Firefox".into(), created_at: at(10), seen_at: at(50) };
        assert_eq!(listed[0], first);
        assert_eq!(store.logins_of(bo.id, at(60), 1).await.unwrap(), [first]);
        assert!(store.logins_of(bo.id, at(90), 10).await.unwrap().is_empty(), "expired");

        assert_eq!(store.end_login(bo.id, anas.id).await.unwrap(), None, "another's");
        assert_eq!(store.end_login(bo.id, LoginId::new(uuid())).await.unwrap(), None);
        assert_eq!(store.end_login(bo.id, two.id).await.unwrap(), Some(hash(2)));
        assert_eq!(store.end_login(bo.id, two.id).await.unwrap(), None);
        assert_eq!(store.end_other_logins(bo.id, &hash(1)).await.unwrap(), [hash(3)]);
        assert!(store.end_other_logins(bo.id, &hash(1)).await.unwrap().is_empty());
        assert!(store.login(&hash(1), at(60)).await.unwrap().is_some());
        assert!(store.login(&hash(4), at(60)).await.unwrap().is_some());
    }
}
