//! The second factor.

use persistence::{Totp, on_both_engines};
use protocol::AgentId;

use crate::fixture::{agent, hash, uuid};

on_both_engines! {
    async fn it_counts_once_confirmed_and_each_code_once(test) {
        let store = &test.store;
        let bo = agent("bo@x.example");
        store.create_agent(&bo).await.unwrap();
        assert_eq!(store.totp(bo.id).await.unwrap(), None);
        assert!(store.begin_totp(bo.id, b"first").await.unwrap());
        assert!(store.begin_totp(bo.id, b"secret").await.unwrap(), "until it is confirmed, it can begin anew");
        let waiting = Totp { secret: b"secret".to_vec(), confirmed: false };
        assert_eq!(store.totp(bo.id).await.unwrap(), Some(waiting.clone()));
        assert!(!store.member(bo.id).await.unwrap().unwrap().profile.second_factor);
        assert!(!store.use_totp_step(bo.id, 7).await.unwrap(), "it does not count yet");
        assert!(!store.confirm_totp(bo.id, b"first", 7, &[]).await.unwrap(), "another began meanwhile");
        let codes = [hash(1), hash(2)];
        assert!(store.confirm_totp(bo.id, b"secret", 7, &codes).await.unwrap());
        assert!(!store.confirm_totp(bo.id, b"secret", 8, &codes).await.unwrap(), "once");
        assert!(!store.begin_totp(bo.id, b"other").await.unwrap());
        assert_eq!(store.totp(bo.id).await.unwrap(), Some(Totp { confirmed: true, ..waiting }));
        assert!(store.member(bo.id).await.unwrap().unwrap().profile.second_factor);

        assert!(!store.use_totp_step(bo.id, 7).await.unwrap(), "the code that confirmed it is used");
        assert!(store.use_totp_step(bo.id, 9).await.unwrap());
        for step in [9, 8] {
            assert!(!store.use_totp_step(bo.id, step).await.unwrap(), "{step}");
        }
        assert!(store.use_totp_step(bo.id, 10).await.unwrap());
        assert!(store.use_recovery_code(bo.id, &hash(1)).await.unwrap());
        assert!(!store.use_recovery_code(bo.id, &hash(1)).await.unwrap());
        assert!(!store.use_recovery_code(bo.id, &hash(3)).await.unwrap());
        assert!(!store.use_recovery_code(AgentId::new(uuid()), &hash(2)).await.unwrap());

        assert!(store.remove_totp(bo.id).await.unwrap());
        assert!(!store.remove_totp(bo.id).await.unwrap());
        assert_eq!(store.totp(bo.id).await.unwrap(), None);
        assert!(!store.use_totp_step(bo.id, 11).await.unwrap());
        assert!(!store.use_recovery_code(bo.id, &hash(2)).await.unwrap(), "the codes go with it");
        assert!(store.begin_totp(bo.id, b"again").await.unwrap());
    }

    async fn a_code_given_twice_at_once_counts_once(test) {
        let store = &test.store;
        let other = test.other_node().await;
        let bo = agent("bo@x.example");
        store.create_agent(&bo).await.unwrap();
        store.begin_totp(bo.id, b"secret").await.unwrap();
        store.confirm_totp(bo.id, b"secret", 1, &[hash(1)]).await.unwrap();
        for step in 2..22 {
            let (one, two) = tokio::join!(store.use_totp_step(bo.id, step), other.use_totp_step(bo.id, step));
            assert!(one.unwrap() != two.unwrap(), "step {step}");
        }
        let code = hash(1);
        let (one, two) =
            tokio::join!(store.use_recovery_code(bo.id, &code), other.use_recovery_code(bo.id, &code));
        assert!(one.unwrap() != two.unwrap());
    }
}
