//! A visitor's pages, and a customer's other sessions.

use persistence::{ListCursor, on_both_engines};
use protocol::rest::SeenPage;

use crate::fixture::{Shop, at, uuid};

fn page(n: i64) -> SeenPage {
    SeenPage {
        url: format!("https://shop.example/{n}"),
        title: (n % 2 == 0).then(|| format!("Page {n}")),
        seen_at: at(n),
    }
}

on_both_engines! {
    async fn the_newest_pages_stay(test) {
        let shop = Shop::open(&test.store).await;
        let (session, other) = (shop.start(100).await.id, shop.start(101).await.id);
        assert_eq!(test.store.pages_seen(session).await.unwrap(), []);
        for n in 1..=25 {
            test.store.page_seen(session, &page(n)).await.unwrap();
        }
        let again = SeenPage { url: "https://shop.example/again".into(), ..page(25) };
        test.store.page_seen(session, &again).await.unwrap();
        let mut expected: Vec<_> = (6..=25).rev().map(page).collect();
        expected[0] = again;
        assert_eq!(test.store.pages_seen(session).await.unwrap(), expected);
        assert_eq!(test.store.pages_seen(other).await.unwrap(), []);
        let nowhere = protocol::SessionId::new(uuid());
        assert!(test.store.page_seen(nowhere, &page(1)).await.is_err());
        assert_eq!(test.store.session_context(nowhere).await.unwrap(), None);
        assert!(test.store.session_context(session).await.unwrap().is_some());
    }

    async fn other_sessions_of_a_contact_come_in_pages(test) {
        let shop = Shop::open(&test.store).await;
        let mut ids = Vec::new();
        // Two of the same moment.
        for now in [100, 200, 200, 300] {
            ids.push(shop.start(now).await.id);
        }
        let newest = test.store.session(ids[3]).await.unwrap().unwrap();
        let mut found = Vec::new();
        let mut after: Option<ListCursor> = None;
        for _ in 0..4 {
            let page = test.store.related_sessions(&newest, None, after, 1).await.unwrap();
            assert_eq!(page.total, 3);
            found.extend(page.items.iter().map(|session| session.id));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let mut expected = vec![ids[1].max(ids[2]), ids[1].min(ids[2]), ids[0]];
        assert_eq!(found, expected);
        // Whoever else holds one is not told of it.
        let stranger = test.store.related_sessions(&newest, Some(protocol::AgentId::new(uuid())), None, 10).await;
        expected.retain(|id| *id != ids[3]);
        assert_eq!(stranger.unwrap().items.len(), 3, "nobody holds any");
    }
}
