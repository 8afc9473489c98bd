//! The workspace's settings.

use persistence::on_both_engines;
use protocol::{
    RoutingMode,
    rest::{EditSettings, RoutingSettings, Settings},
};

on_both_engines! {
    async fn settings_are_kept_and_no_change_is_lost(test) {
        let store = &test.store;
        assert_eq!(store.settings().await.unwrap(), Settings::default());
        let routing = RoutingSettings { mode: Some(RoutingMode::Automatic), ..RoutingSettings::default() };
        let edit = EditSettings { routing: Some(routing.clone()), ..EditSettings::default() };
        let set = store.change_settings(|settings| settings.with(edit.clone()));
        let stays = store.change_settings(|settings| settings);
        let (set, stays) = tokio::join!(set, stays);
        assert_eq!(set.unwrap(), Settings { routing: routing.clone(), ..Settings::default() });
        stays.unwrap();
        assert_eq!(store.settings().await.unwrap(), Settings { routing, ..Settings::default() });
    }
}
