//! Why a WebSocket was closed, and what the client should do about it.

/// Close codes that the server sends. The range is the advice (contract §4): 4000–4499 reconnect,
/// 4500–4999 do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(type = "number"))]
#[repr(u16)]
pub enum CloseCode {
    /// RFC 6455 §7.4.1: done.
    Normal = 1000,
    /// RFC 6455 §7.4.1: a binary frame came.
    Unsupported = 1003,
    /// RFC 6455 §7.4.1: text that is not UTF-8.
    BadUtf8 = 1007,
    /// RFC 6455 §7.4.1: a frame over the limit.
    TooBig = 1009,
    /// RFC 6455 §7.4.1: our fault.
    Internal = 1011,
    /// IANA: planned restart.
    Restart = 1012,
    /// IANA: overloaded, come back later.
    Overloaded = 1013,
    /// Silent for too long.
    HeartbeatMissed = 4000,
    /// Did not read what was sent; resume.
    TooSlow = 4001,
    /// No `hello` in time.
    HelloMissing = 4002,
    /// Too much; wait as the `bye` says.
    RateLimited = 4003,
    /// The credential is wrong, expired or withdrawn.
    BadCredential = 4500,
    /// The page's origin may not use this site.
    OriginRefused = 4501,
    /// A newer connection took this one's place.
    Replaced = 4502,
    /// Another version of the protocol.
    Version = 4503,
    /// The contact was blocked.
    Blocked = 4504,
}

impl CloseCode {
    /// Every code.
    pub const ALL: &[Self] = &[
        Self::Normal,
        Self::Unsupported,
        Self::BadUtf8,
        Self::TooBig,
        Self::Internal,
        Self::Restart,
        Self::Overloaded,
        Self::HeartbeatMissed,
        Self::TooSlow,
        Self::HelloMissing,
        Self::RateLimited,
        Self::BadCredential,
        Self::OriginRefused,
        Self::Replaced,
        Self::Version,
        Self::Blocked,
    ];

    /// The number in the close frame.
    pub const fn code(self) -> u16 {
        self as u16
    }

    /// The `reason` of the `bye` before it, and of the close frame.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Unsupported => "binary_frame",
            Self::BadUtf8 => "bad_utf8",
            Self::TooBig => "frame_too_big",
            Self::Internal => "internal",
            Self::Restart => "restart",
            Self::Overloaded => "overloaded",
            Self::HeartbeatMissed => "heartbeat_missed",
            Self::TooSlow => "too_slow",
            Self::HelloMissing => "hello_missing",
            Self::RateLimited => "rate_limited",
            Self::BadCredential => "bad_credential",
            Self::OriginRefused => "origin_refused",
            Self::Replaced => "replaced",
            Self::Version => "protocol_version",
            Self::Blocked => "blocked",
        }
    }

    /// Whether a client may come back after `code`, known or not.
    pub const fn may_reconnect(code: u16) -> bool {
        !matches!(code, 1000 | 1003 | 1008 | 4500..=4999)
    }
}
