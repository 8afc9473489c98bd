//! Starts and tokens.

use persistence::{ContactClaim, Grant, StoreError, on_both_engines};
use protocol::{Audience, ContactSummary, Entry, EntryKind, PartyKind, ReadPositions, Seq, Status};
use serde_json::json;

use crate::fixture::{Shop, at, claim, committed, hash, some_hash, unread, uuid, writer};

on_both_engines! {
    async fn a_start_is_kept_whole(test) {
        let shop = Shop::open(&test.store).await;
        let mut grant = shop.grant();
        grant.phone = Some("+15550001".into());
        let mut new = shop.session(&grant, 100);
        let hello = shop.says(PartyKind::Customer, 2, "Hello 'there' \u{1F600}\n\"x\"", 101);
        new.change = shop.append(new.id, 1, vec![hello.clone()]).change;
        new.entries.push(hello.into());
        let session = test.store.create_session(&grant, &new).await.unwrap();

        assert_eq!(session.id, new.id);
        assert_eq!((session.site_id, session.site_key.as_ref()), (shop.site.id, shop.site.key.as_str()));
        assert_eq!((session.grant_id, session.status, session.last_seq), (grant.id, Status::Open, Seq::new(2)));
        assert_eq!((session.version, session.unread, session.read), (1, unread(0, 1), ReadPositions::default()));
        assert_eq!((session.created_at, session.updated_at, session.closed_at), (at(100), at(101), None));
        assert_eq!((session.waiting_since, session.assignee.clone()), (Some(at(101)), None));
        assert_eq!(session.last_message, new.change.last_message);
        assert_eq!((session.previous, session.next), (None, None));
        assert_eq!(session.contact.name.as_deref(), Some("Ana"));
        let claimed = ContactSummary {
            id: shop.contact,
            name: grant.name.clone(),
            phone: grant.phone.clone(),
            email: None,
            verified: false,
            blocked_until: None,
        };
        assert_eq!(*session.claimed, claimed);
        assert_eq!(test.store.session(new.id).await.unwrap(), Some(session));
        let stored = test.store.entries_after(new.id, Seq::ZERO, 10, Audience::Team).await.unwrap();
        assert_eq!(stored, new.entries.iter().map(|entry| (**entry).clone()).collect::<Vec<_>>());
    }

    async fn a_start_happens_once(test) {
        let shop = Shop::open(&test.store).await;
        let key = uuid();
        assert_eq!(test.store.find_start(shop.site.id, key).await.unwrap(), None);
        let mut first = shop.grant();
        first.start_key = Some(key);
        let session = shop.session(&first, 100);
        test.store.create_session(&first, &session).await.unwrap();
        let mut again = shop.grant();
        again.start_key = Some(key);
        let twin = shop.session(&again, 200);
        let refused = test.store.create_session(&again, &twin).await.unwrap_err();
        assert!(matches!(refused, StoreError::Conflict("start")), "{refused:?}");
        assert_eq!(test.store.session(twin.id).await.unwrap(), None);
        assert_eq!(test.store.grant_by_token(&again.token).await.unwrap(), None);

        let found = test.store.find_start(shop.site.id, key).await.unwrap().unwrap();
        assert_eq!((found.session_id, found.grant.id, found.created_at), (session.id, first.id, at(100)));
        assert_eq!(found.external_id, None);
        let elsewhere = Shop::open(&test.store).await;
        assert_eq!(test.store.find_start(elsewhere.site.id, key).await.unwrap(), None);
        let mut there = elsewhere.grant();
        there.start_key = Some(key);
        test.store.create_session(&there, &elsewhere.session(&there, 300)).await.unwrap();
    }

    async fn a_start_says_whom_the_site_vouched_for(test) {
        let shop = Shop::open(&test.store).await;
        let vouched = ContactClaim { verified_external_id: Some("7".into()), ..claim(shop.site.id) };
        let mut grant = shop.grant();
        grant.contact_id = test.store.upsert_contact(&vouched, at(1)).await.unwrap();
        grant.verified = true;
        grant.start_key = Some(uuid());
        test.store.create_session(&grant, &shop.session(&grant, 100)).await.unwrap();
        let found = test.store.find_start(shop.site.id, grant.start_key.unwrap()).await.unwrap().unwrap();
        assert_eq!((found.external_id.as_deref(), found.grant.verified), (Some("7"), true));
    }

    async fn the_same_start_at_once_is_one(test) {
        let shop = Shop::open(&test.store).await;
        let other = test.other_node().await;
        let key = uuid();
        let starts = (0..8).map(|n| {
            let store = if n % 2 == 0 { test.store.clone() } else { other.clone() };
            let mut grant = shop.grant();
            grant.start_key = Some(key);
            let session = shop.session(&grant, n);
            tokio::spawn(async move { store.create_session(&grant, &session).await })
        });
        let mut created = 0;
        for start in starts.collect::<Vec<_>>() {
            match start.await.unwrap() {
                Ok(_) => created += 1,
                Err(refused) => assert!(matches!(refused, StoreError::Conflict("start")), "{refused:?}"),
            }
        }
        assert_eq!(created, 1);
    }

    async fn a_token_opens_its_grant(test) {
        let shop = Shop::open(&test.store).await;
        let new = shop.grant();
        test.store.create_session(&new, &shop.session(&new, 100)).await.unwrap();
        let grant = Grant {
            id: new.id,
            site_id: new.site_id,
            contact_id: new.contact_id,
            verified: false,
            name: new.name.clone(),
            phone: None,
            email: None,
            blocked_until: None,
        };
        assert_eq!(test.store.grant_by_token(&new.token).await.unwrap(), Some(grant.clone()));
        assert_eq!(test.store.grant_by_token(&hash(9)).await.unwrap(), None);
        test.store.add_token(new.id, &hash(9), at(200)).await.unwrap();
        assert_eq!(test.store.grant_by_token(&hash(9)).await.unwrap(), Some(grant));
        let taken = test.store.add_token(new.id, &hash(9), at(200)).await.unwrap_err();
        assert!(matches!(taken, StoreError::Conflict(_)), "{taken:?}");
    }

    async fn a_token_reaches_its_own_sessions_or_all_of_the_verified(test) {
        let shop = Shop::open(&test.store).await;
        let vouched = ContactClaim { verified_external_id: Some("7".into()), ..claim(shop.site.id) };
        let contact = test.store.upsert_contact(&vouched, at(1)).await.unwrap();
        let mut reached = Vec::new();
        for (n, verified) in [(1, false), (2, false), (3, true), (4, true)] {
            let mut grant = shop.grant();
            if verified {
                grant.contact_id = contact;
                grant.verified = true;
            }
            let session = test.store.create_session(&grant, &shop.session(&grant, n)).await.unwrap();
            let grant = test.store.grant_by_token(&grant.token).await.unwrap().unwrap();
            reached.push((grant, session.id));
        }
        let of = async |n: usize, limit| -> Vec<_> {
            let sessions = test.store.sessions_of_grant(&reached[n].0, limit).await.unwrap();
            sessions.into_iter().map(|session| session.id).collect()
        };
        assert_eq!(of(0, 10).await, [reached[0].1]);
        assert_eq!(of(1, 10).await, [reached[1].1]);
        assert_eq!(of(2, 10).await, [reached[3].1, reached[2].1], "the newest first");
        assert_eq!(of(3, 1).await, [reached[3].1]);
    }

    async fn many_arrive_with_one_question(test) {
        let shop = Shop::open(&test.store).await;
        let vouched = ContactClaim { verified_external_id: Some("7".into()), ..claim(shop.site.id) };
        let contact = test.store.upsert_contact(&vouched, at(1)).await.unwrap();
        let mut tokens = vec![some_hash()];
        for (n, verified) in [(1, false), (2, false), (3, true), (4, true)] {
            let mut grant = shop.grant();
            (grant.contact_id, grant.verified) = if verified { (contact, true) } else { (shop.contact, false) };
            let session = test.store.create_session(&grant, &shop.session(&grant, n)).await.unwrap();
            tokens.push(grant.token);
            let writer = writer(&test.store);
            for seq in 1..5 {
                let mut append = shop.message(session.id, seq, PartyKind::Agent, "hi");
                if seq == 3 {
                    // A note, which no customer sees.
                    append.entries[0] = Entry { kind: EntryKind::Note, ..(*append.entries[0]).clone() }.into();
                }
                if seq == 4 {
                    // Nor this, which is the team's alone.
                    let event = Some(protocol::Event::Unsnoozed);
                    let internal = Entry { kind: EntryKind::Event, event, ..(*append.entries[0]).clone() };
                    append = shop.append(session.id, 4, vec![internal]);
                }
                committed(writer.append(append).await);
            }
        }
        tokens.push(hash(77));
        let first = test.store.grant_by_token(&tokens[1]).await.unwrap().unwrap();
        test.store.add_token(first.id, &hash(77), at(200)).await.unwrap();

        let before = test.store.calls();
        let arrivals = test.store.arrivals(&tokens.iter().map(|token| (*token, true)).collect(), 10, 2).await.unwrap();
        assert_eq!(test.store.calls(), before + 1);
        assert!(!arrivals.contains_key(&tokens[0]), "it opens nothing");
        assert_eq!(arrivals.len(), 5);
        for token in &tokens[1..] {
            let arrival = &arrivals[token];
            assert_eq!(Some(&arrival.grant), test.store.grant_by_token(token).await.unwrap().as_ref());
            assert_eq!(arrival.sessions, test.store.sessions_of_grant(&arrival.grant, 10).await.unwrap());
            let newest = arrival.sessions[0].id;
            let latest = test.store.entries_before(newest, None, 2, Audience::Customer).await.unwrap();
            assert_eq!(arrival.latest, latest);
            assert_eq!(latest.iter().map(|entry| entry.seq.get()).collect::<Vec<_>>(), [2, 3]);
        }
        assert_eq!(arrivals[&tokens[3]].sessions.len(), 2, "all of the contact's");

        let fewer = tokens[3..].iter().map(|token| (*token, *token == tokens[4])).collect();
        let fewer = test.store.arrivals(&fewer, 1, 2).await.unwrap();
        assert_eq!(fewer[&tokens[3]].sessions, arrivals[&tokens[3]].sessions[..1]);
        assert!(fewer[&hash(77)].latest.is_empty(), "not asked for");
        assert_eq!(fewer[&tokens[4]].latest, arrivals[&tokens[4]].latest);
    }

    async fn half_a_start_is_none(test) {
        let shop = Shop::open(&test.store).await;
        let grant = shop.grant();
        let mut session = shop.session(&grant, 100);
        session.context = json!({});
        // The same id twice: the second line is refused, and nothing remains of the first.
        let twin = (*session.entries[0]).clone();
        session.entries.push(Entry { seq: Seq::new(2), ..twin }.into());
        assert!(test.store.create_session(&grant, &session).await.is_err());
        assert_eq!(test.store.session(session.id).await.unwrap(), None);
        assert_eq!(test.store.grant_by_token(&grant.token).await.unwrap(), None);
        session.entries.pop();
        test.store.create_session(&grant, &session).await.unwrap();
        // And the writer goes on with it.
        let append = shop.message(session.id, 1, PartyKind::Customer, "hi");
        assert_eq!(committed(writer(&test.store).append(append).await), (2, unread(0, 1)));
        assert_eq!(test.store.grant_by_token(&some_hash()).await.unwrap(), None);
    }
}
