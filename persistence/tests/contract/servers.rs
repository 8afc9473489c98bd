//! The servers that tests start: what they do to a server is what they say.

use persistence::testing::Watchdog;

#[test]
fn a_watchdog_says_why_it_does_not_start() {
    let refused = Watchdog::start("echo \"failed: no $1\"", &["bread"]).unwrap_err();
    assert_eq!(refused, "failed: no bread");
    assert_eq!(Watchdog::start::<&str>("exit 1", &[]).unwrap_err(), "the watchdog ended");
    let echo =
        Watchdog::start("echo ready; while read -r word; do echo \"$1 $word\"; done", &["you said"]).unwrap();
    assert_eq!(echo.command("hi"), "you said hi");
}
