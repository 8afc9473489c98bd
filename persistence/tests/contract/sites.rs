//! Sites.

use persistence::{Site, StoreError, on_both_engines};
use protocol::SiteId;

use crate::fixture::{hours, site, uuid};

on_both_engines! {
    async fn a_site_is_kept_and_changed(test) {
        let store = &test.store;
        let demo = site("demo");
        store.create_site(&demo).await.unwrap();
        assert_eq!(store.site_by_key("demo").await.unwrap(), Some(demo.clone()));
        assert_eq!(store.site(demo.id).await.unwrap(), Some(demo.clone()));
        assert_eq!(store.site_by_key("other").await.unwrap(), None);
        assert_eq!(store.site(SiteId::new(uuid())).await.unwrap(), None);

        let twin = site("demo");
        let refused = store.create_site(&twin).await.unwrap_err();
        assert!(matches!(refused, StoreError::Conflict("site key")), "{refused:?}");

        let changed = Site {
            name: "Bo's".into(),
            color: "#000000".into(),
            greeting: String::new(),
            prechat: Vec::new(),
            allowed_origins: Vec::new(),
            identity_secrets: vec!["newest".into()],
            hours: None,
            ..demo
        };
        assert!(store.update_site(&changed).await.unwrap());
        assert!(!store.update_site(&twin).await.unwrap());
        let other = Site { hours: None, ..site("other") };
        store.create_site(&other).await.unwrap();
        assert_eq!(store.sites().await.unwrap(), [changed, other.clone()]);
        let other = Site { hours: Some(hours()), ..other };
        assert!(store.update_site(&other).await.unwrap());
        assert_eq!(store.site(other.id).await.unwrap(), Some(other));
    }
}
