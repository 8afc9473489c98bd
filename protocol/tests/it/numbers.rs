//! The contract's tables: error codes, close codes, limits, words.

use std::time::Duration;

use protocol::{
    Channel, CloseCode, ErrorCode, PartyKind, Role, SUBPROTOCOL, Status, UtcMillis, ViewName, limits,
};

#[test]
fn error_codes_and_their_statuses() {
    let table = [
        ("bad_frame", 400, false),
        ("bad_request", 400, false),
        ("unauthenticated", 401, false),
        ("bad_login", 401, false),
        ("totp_required", 401, false),
        ("forbidden", 403, false),
        ("origin_refused", 403, false),
        ("identity_mismatch", 403, false),
        ("blocked", 403, false),
        ("password_change_required", 403, false),
        ("not_found", 404, false),
        ("link_expired", 404, false),
        ("method_not_allowed", 405, false),
        ("request_timeout", 408, true),
        ("already_claimed", 409, false),
        ("offer_over", 409, false),
        ("wrong_status", 409, false),
        ("not_mergeable", 409, false),
        ("changed_meanwhile", 409, false),
        ("in_use", 409, false),
        ("answered_meanwhile", 409, false),
        ("too_late", 409, false),
        ("entry_deleted", 409, false),
        ("conflict", 409, false),
        ("last_admin", 409, false),
        ("too_large", 413, false),
        ("unsupported_type", 415, false),
        ("range_not_satisfiable", 416, false),
        ("infected", 422, false),
        ("invalid", 422, false),
        ("rate_limited", 429, true),
        ("too_many_connections", 429, true),
        ("internal", 500, true),
        ("overloaded", 503, true),
        ("store_unavailable", 503, true),
        ("scanner_unavailable", 503, true),
        ("files_unavailable", 503, true),
        ("draining", 503, true),
    ];
    let ours: Vec<_> =
        ErrorCode::ALL.iter().map(|code| (code.as_str(), code.status(), code.retryable())).collect();
    assert_eq!(ours, table);
    for code in ErrorCode::ALL {
        assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        assert!(!code.title().is_empty());
    }
}

/// Contract §4: the range is the advice.
#[test]
fn close_codes_and_their_advice() {
    let table = [
        (1000, "normal", false),
        (1003, "binary_frame", false),
        (1007, "bad_utf8", true),
        (1009, "frame_too_big", true),
        (1011, "internal", true),
        (1012, "restart", true),
        (1013, "overloaded", true),
        (4000, "heartbeat_missed", true),
        (4001, "too_slow", true),
        (4002, "hello_missing", true),
        (4003, "rate_limited", true),
        (4500, "bad_credential", false),
        (4501, "origin_refused", false),
        (4502, "replaced", false),
        (4503, "protocol_version", false),
        (4504, "blocked", false),
    ];
    let ours: Vec<_> = CloseCode::ALL
        .iter()
        .map(|code| (code.code(), code.reason(), CloseCode::may_reconnect(code.code())))
        .collect();
    assert_eq!(ours, table);
    // Codes that nobody has seen yet obey their range.
    for unknown in [4004, 4499, 1001, 1006, 1014] {
        assert!(CloseCode::may_reconnect(unknown), "{unknown}");
    }
    for unknown in [4505, 4999] {
        assert!(!CloseCode::may_reconnect(unknown), "{unknown}");
    }
}

/// Contract §4 and §5.
#[test]
fn limits_are_the_contracts() {
    assert_eq!(limits::MESSAGE_CHARS, 8_000);
    assert_eq!(limits::FRAME_BYTES, 65_536);
    assert_eq!(limits::HEADER_BYTES, 16_384);
    assert_eq!(limits::REQUEST_BYTES, 262_144);
    assert_eq!(limits::HEADER_TIME, Duration::from_secs(10));
    assert_eq!(limits::HELLO_TIME, Duration::from_secs(10));
    assert_eq!(limits::HEARTBEAT, Duration::from_secs(25));
    assert_eq!(limits::SILENCE, Duration::from_secs(60));
    assert_eq!(limits::TYPING, Duration::from_secs(6));
    assert_eq!(
        (limits::POLL_WAIT, limits::POLL_WAIT_DEFAULT),
        (Duration::from_secs(30), Duration::from_secs(25))
    );
    assert_eq!((limits::PAGE_DEFAULT, limits::PAGE_MAX), (50, 200));
    assert_eq!(limits::OPEN_ENTRIES, 50);
    assert_eq!(limits::ATTACHMENTS, 10);
    assert_eq!(limits::SUMMARIES_PER_SECOND, 4);
    assert_eq!(SUBPROTOCOL, "hubbub.v1");
}

#[test]
fn words_are_the_contracts() {
    let words = |all: &[Status]| all.iter().map(|word| word.as_str()).collect::<Vec<_>>();
    assert_eq!(words(Status::ALL), ["open", "in_progress", "resolved", "closed"]);
    assert_eq!(
        Role::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>(),
        ["agent", "supervisor", "admin"]
    );
    assert_eq!(
        Channel::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>(),
        ["web", "whatsapp", "email", "api"]
    );
    assert_eq!(
        ViewName::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>(),
        ["mine", "unassigned", "waiting", "snoozed", "mentions", "all"]
    );
    assert_eq!(PartyKind::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>(), ["customer", "agent"]);
}

/// Contract §3: RFC 3339 in UTC with milliseconds.
#[test]
fn times_have_milliseconds_and_a_z() {
    for (millis, text) in [
        (0, "1970-01-01T00:00:00.000Z"),
        (1, "1970-01-01T00:00:00.001Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (1_785_576_600_120, "2026-08-01T09:30:00.120Z"),
        (253_370_764_800_000, "9999-01-01T00:00:00.000Z"),
    ] {
        let json = serde_json::to_value(UtcMillis::new(millis)).unwrap();
        assert_eq!(json, text);
        assert_eq!(serde_json::from_value::<UtcMillis>(json).unwrap(), UtcMillis::new(millis));
    }
    let offset: UtcMillis = serde_json::from_str("\"2026-08-01T11:30:00.120+02:00\"").unwrap();
    assert_eq!(offset.get(), 1_785_576_600_120);
    for bad in [
        "\"\"",
        "\"2026-08-01\"",
        "\"2026-08-01T09:30:00\"",
        "\"now\"",
        "0",
        "null",
        "\"2026-13-01T00:00:00Z\"",
    ] {
        assert!(serde_json::from_str::<UtcMillis>(bad).is_err(), "{bad}");
    }
}
