//! Who is who: what a stranger says never reaches somebody the site vouched for.

use persistence::{ContactClaim, Session, Store, on_both_engines};
use protocol::{ContactId, ContactSummary};

use crate::fixture::{Shop, at, claim, site};

/// The contact as the team sees it.
async fn seen(shop: &Shop, contact: ContactId) -> ContactSummary {
    let mut grant = shop.grant();
    (grant.contact_id, grant.verified) = (contact, true);
    let session: Session = shop.store.create_session(&grant, &shop.session(&grant, 10)).await.unwrap();
    ContactSummary::clone(&session.contact)
}

async fn said(store: &Store, claim: &ContactClaim) -> ContactId {
    store.upsert_contact(claim, at(5)).await.unwrap()
}

on_both_engines! {
    async fn an_unverified_contact_is_found_by_its_phone(test) {
        let shop = Shop::open(&test.store).await;
        let first = ContactClaim {
            name: Some("Ana".into()),
            phone: Some("+15550001".into()),
            email: Some("ana@x.example".into()),
            ..claim(shop.site.id)
        };
        let ana = said(&test.store, &first).await;
        assert_eq!(ana, first.new_id);
        let later = ContactClaim {
            name: Some("Ana B".into()),
            phone: Some("+15550001".into()),
            email: None,
            ..claim(shop.site.id)
        };
        assert_eq!(said(&test.store, &later).await, ana);
        let contact = seen(&shop, ana).await;
        assert_eq!(contact.name.as_deref(), Some("Ana B"));
        assert_eq!(contact.email.as_deref(), Some("ana@x.example"), "what was not said stays");
        assert!(!contact.verified);

        let other = ContactClaim { phone: Some("+15550002".into()), ..claim(shop.site.id) };
        assert_eq!(said(&test.store, &other).await, other.new_id);
        let elsewhere = site("elsewhere");
        test.store.create_site(&elsewhere).await.unwrap();
        let there = ContactClaim { phone: Some("+15550001".into()), ..claim(elsewhere.id) };
        assert_eq!(said(&test.store, &there).await, there.new_id, "a site knows only its own contacts");
    }

    async fn without_a_phone_everybody_is_new(test) {
        let shop = Shop::open(&test.store).await;
        let [a, b] = [(); 2].map(|()| ContactClaim { name: Some("Ana".into()), ..claim(shop.site.id) });
        assert_eq!(said(&test.store, &a).await, a.new_id);
        assert_eq!(said(&test.store, &b).await, b.new_id);
    }

    async fn a_verified_contact_is_only_changed_by_the_verified(test) {
        let shop = Shop::open(&test.store).await;
        let vouched = ContactClaim {
            verified_external_id: Some("customer-7".into()),
            name: Some("Ana".into()),
            phone: Some("+15550001".into()),
            email: Some("ana@x.example".into()),
            ..claim(shop.site.id)
        };
        let ana = said(&test.store, &vouched).await;
        let stranger = ContactClaim {
            name: Some("Mallory".into()),
            phone: Some("+15550001".into()),
            email: Some("m@x.example".into()),
            ..claim(shop.site.id)
        };
        let mallory = said(&test.store, &stranger).await;
        assert_ne!(mallory, ana);
        let contact = seen(&shop, ana).await;
        assert_eq!((contact.name.as_deref(), contact.email.as_deref()), (Some("Ana"), Some("ana@x.example")));
        assert!(contact.verified);
        // Nor does vouching for somebody take over what a stranger said under the same phone.
        let again = ContactClaim { name: None, phone: None, email: Some("new@x.example".into()), ..vouched };
        assert_eq!(said(&test.store, &again).await, ana);
        let contact = seen(&shop, ana).await;
        assert_eq!(contact.email.as_deref(), Some("new@x.example"));
        assert_eq!(contact.phone.as_deref(), Some("+15550001"));
        assert_eq!(seen(&shop, mallory).await.name.as_deref(), Some("Mallory"));
    }

    async fn the_same_person_at_once_is_one_contact(test) {
        let shop = Shop::open(&test.store).await;
        let other = test.other_node().await;
        for verified_external_id in [None, Some("customer-7".to_owned())] {
            let claims: Vec<_> = (0..16)
                .map(|_| ContactClaim {
                    verified_external_id: verified_external_id.clone(),
                    phone: Some("+15550001".into()),
                    ..claim(shop.site.id)
                })
                .collect();
            let tasks: Vec<_> = claims
                .into_iter()
                .enumerate()
                .map(|(n, claim)| {
                    let store = if n % 2 == 0 { test.store.clone() } else { other.clone() };
                    tokio::spawn(async move { said(&store, &claim).await })
                })
                .collect();
            let mut found = Vec::new();
            for task in tasks {
                found.push(task.await.unwrap());
            }
            found.dedup();
            assert_eq!(found.len(), 1);
        }
    }
}
