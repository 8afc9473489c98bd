//! How fast strangers and friends may act (contract §5). Sizes are elsewhere; this is about rates and counts.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use dashmap::{DashMap, Entry};
use governor::{DefaultKeyedRateLimiter, Quota, clock::Clock as _};
use hub::Caller;
use persistence::Uploader;
use protocol::{AgentId, ContactId, ErrorCode, SessionId, limits::PAGES_PER_MINUTE};

use crate::{config::Limits, error::ApiError};

/// How long failed logins are remembered.
const LOGIN_WINDOW: Duration = Duration::from_secs(15 * 60);
/// The first delay after too many failures; doubles with each further one.
const LOGIN_DELAY: Duration = Duration::from_secs(30);
/// Accounts and addresses remembered for failed logins; beyond it the oldest is forgotten.
const LOGIN_ENTRIES: usize = 10_000;

/// A client's address, as far as limits tell addresses apart: an IPv6 customer has a whole /64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct AddressKey(IpAddr);

impl From<IpAddr> for AddressKey {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(v4) => IpAddr::V4(v4),
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        })
    }
}

/// All rates of one node.
pub(crate) struct RateLimits {
    customer_sends: DefaultKeyedRateLimiter<ContactId>,
    agent_sends: DefaultKeyedRateLimiter<(AgentId, SessionId)>,
    starts: DefaultKeyedRateLimiter<AddressKey>,
    pages: DefaultKeyedRateLimiter<ContactId>,
    login_tries: DefaultKeyedRateLimiter<AddressKey>,
    uploads: DefaultKeyedRateLimiter<Uploader>,
    customer_uploads: DefaultKeyedRateLimiter<AddressKey>,
    logins: Mutex<HashMap<(String, AddressKey), Failures>>,
    limits: Limits,
}

struct Failures {
    count: u32,
    last: Instant,
    blocked_until: Option<Instant>,
}

fn check<K: Clone + Eq + std::hash::Hash>(
    limiter: &DefaultKeyedRateLimiter<K>,
    key: &K,
    sentence: impl FnOnce() -> String,
) -> Result<(), ApiError> {
    limiter.check_key(key).map_err(|not_until| {
        ApiError::too_fast(
            sentence(),
            not_until.wait_time_from(governor::clock::DefaultClock::default().now()),
        )
    })
}

impl RateLimits {
    pub(crate) fn new(limits: &Limits) -> Self {
        let per_minute = |sends: NonZeroU32, burst| Quota::per_minute(sends).allow_burst(burst);
        Self {
            customer_sends: DefaultKeyedRateLimiter::keyed(per_minute(
                limits.customer_sends_per_minute,
                limits.customer_send_burst,
            )),
            agent_sends: DefaultKeyedRateLimiter::keyed(Quota::per_minute(limits.agent_sends_per_minute)),
            starts: DefaultKeyedRateLimiter::keyed(Quota::per_minute(limits.starts_per_minute)),
            pages: DefaultKeyedRateLimiter::keyed(Quota::per_minute(PAGES_PER_MINUTE)),
            login_tries: DefaultKeyedRateLimiter::keyed(Quota::per_minute(limits.login_tries_per_minute)),
            uploads: DefaultKeyedRateLimiter::keyed(Quota::per_minute(limits.uploads_per_minute)),
            customer_uploads: DefaultKeyedRateLimiter::keyed(Quota::per_minute(limits.uploads_per_minute)),
            logins: Mutex::default(),
            limits: limits.clone(),
        }
    }

    /// One send of `caller` to `session`.
    pub(crate) fn send(&self, caller: &Caller, session: SessionId) -> Result<(), ApiError> {
        match caller {
            Caller::Customer(grant) => check(&self.customer_sends, &grant.contact_id, || {
                format!(
                    "A little too fast: {} messages at once, then {} a minute, is the limit here.",
                    self.limits.customer_send_burst, self.limits.customer_sends_per_minute
                )
            }),
            Caller::Agent { agent, .. } => check(&self.agent_sends, &(agent.id, session), || {
                format!("{} messages a minute is the limit here.", self.limits.agent_sends_per_minute)
            }),
            Caller::System => Ok(()),
        }
    }

    /// One start from this address.
    pub(crate) fn start(&self, address: AddressKey) -> Result<(), ApiError> {
        check(&self.starts, &address, || {
            format!("{} new chats a minute is the limit here.", self.limits.starts_per_minute)
        })
    }

    /// One file. Who has many tokens has one address.
    pub(crate) fn upload(&self, uploader: Uploader, address: AddressKey) -> Result<(), ApiError> {
        let limit = || format!("{} files a minute is the limit here.", self.limits.uploads_per_minute);
        check(&self.uploads, &uploader, limit)?;
        match uploader {
            Uploader::Customer(_) => check(&self.customer_uploads, &address, limit),
            Uploader::Agent(_) => Ok(()),
        }
    }

    /// One page that a customer came to.
    pub(crate) fn page(&self, contact: ContactId) -> Result<(), ApiError> {
        check(&self.pages, &contact, || format!("{PAGES_PER_MINUTE} pages a minute is the limit here."))
    }

    /// One password to be checked for this address, right or wrong and of whichever account: each takes a core for a
    /// while, and one address must not take them all.
    pub(crate) fn login_try(&self, address: AddressKey) -> Result<(), ApiError> {
        check(&self.login_tries, &address, || {
            format!("{} logins a minute is the limit here.", self.limits.login_tries_per_minute)
        })
    }

    /// Begins to try a login: counted as failed until [`Self::login_succeeded`] says otherwise, so that tries made at
    /// the same time cannot all pass before the first has failed. How many tries are left before a delay.
    pub(crate) fn login_tried(
        &self,
        email: &str,
        address: AddressKey,
        now: Instant,
    ) -> Result<u32, ApiError> {
        let mut failures = self.logins.lock().unwrap_or_else(PoisonError::into_inner);
        failures.retain(|_, failure| now.duration_since(failure.last) < LOGIN_WINDOW);
        let key = (email.to_owned(), address);
        if let Some(until) = failures.get(&key).and_then(|failure| failure.blocked_until)
            && until > now
        {
            let limit = format!("{} failed tries is the limit here.", self.limits.login_failures);
            return Err(ApiError::too_fast(limit, until - now));
        }
        if failures.len() >= LOGIN_ENTRIES {
            let oldest = failures.iter().min_by_key(|(_, failure)| failure.last).map(|(key, _)| key.clone());
            if let Some(oldest) = oldest {
                failures.remove(&oldest);
            }
        }
        let failure = failures.entry(key).or_insert(Failures { count: 0, last: now, blocked_until: None });
        failure.count += 1;
        failure.last = now;
        let limit = self.limits.login_failures.get();
        if let Some(beyond) = failure.count.checked_sub(limit) {
            failure.blocked_until = Some(now + (LOGIN_DELAY * 2_u32.pow(beyond.min(5))).min(LOGIN_WINDOW));
        }
        Ok(limit.saturating_sub(failure.count))
    }

    /// A login succeeded.
    pub(crate) fn login_succeeded(&self, email: &str, address: AddressKey) {
        self.logins.lock().unwrap_or_else(PoisonError::into_inner).remove(&(email.to_owned(), address));
    }

    /// A login went well as far as it went, but is not complete: its try does not count, and those before it stay.
    pub(crate) fn login_unfinished(&self, email: &str, address: AddressKey) {
        let mut failures = self.logins.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (email.to_owned(), address);
        if let Some(failure) = failures.get_mut(&key) {
            failure.count = failure.count.saturating_sub(1);
            if failure.count < self.limits.login_failures.get() {
                failure.blocked_until = None;
            }
            if failure.count == 0 {
                failures.remove(&key);
            }
        }
    }

    /// Forgets who has been quiet; called now and then, or keys would gather for ever.
    pub(crate) fn forget_the_quiet(&self) {
        self.customer_sends.retain_recent();
        self.agent_sends.retain_recent();
        self.starts.retain_recent();
        self.pages.retain_recent();
        self.login_tries.retain_recent();
        self.uploads.retain_recent();
        self.customer_uploads.retain_recent();
    }
}

/// How many connections each key has.
pub(crate) struct Counted<K: Eq + std::hash::Hash> {
    counts: Arc<DashMap<K, u32>>,
    limit: u32,
    what: &'static str,
}

/// One counted connection; uncounted when dropped.
pub(crate) struct CountGuard<K: Eq + std::hash::Hash + Clone> {
    counts: Arc<DashMap<K, u32>>,
    key: K,
}

impl<K: Eq + std::hash::Hash + Clone> Counted<K> {
    /// At most `limit` a key; `what` says of whom.
    pub(crate) fn new(limit: u32, what: &'static str) -> Self {
        Self { counts: Arc::default(), limit, what }
    }

    pub(crate) fn count(&self, key: K) -> Result<CountGuard<K>, ApiError> {
        let mut count = self.counts.entry(key.clone()).or_insert(0);
        if *count >= self.limit {
            return Err(ApiError {
                retry_after: Some(Duration::from_secs(5)),
                ..ApiError::new(
                    ErrorCode::TooManyConnections,
                    format!("{} connections of one {} is the limit here.", self.limit, self.what),
                )
            });
        }
        *count += 1;
        drop(count);
        Ok(CountGuard { counts: self.counts.clone(), key })
    }
}

impl<K: Eq + std::hash::Hash + Clone> Drop for CountGuard<K> {
    fn drop(&mut self) {
        if let Entry::Occupied(mut count) = self.counts.entry(self.key.clone()) {
            if *count.get() <= 1 {
                count.remove();
            } else {
                *count.get_mut() -= 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::config::Cli;

    fn limits() -> Limits {
        Cli::try_parse_from(["hubbub"]).unwrap().serve.limits
    }

    #[test]
    fn failed_logins_are_delayed_ever_longer_and_forgotten_in_the_end() {
        let rates = RateLimits::new(&limits());
        let address = AddressKey::from(IpAddr::from([192, 0, 2, 1]));
        let start = Instant::now();
        let wait = |now| rates.login_tried("a@b", address, now).unwrap_err().retry_after.unwrap();
        for left in (0..5).rev() {
            assert_eq!(rates.login_tried("a@b", address, start).unwrap(), left);
        }
        assert_eq!(wait(start), LOGIN_DELAY);
        assert!(rates.login_tried("c@d", address, start).is_ok(), "another account is free");
        let later = start + LOGIN_DELAY;
        assert_eq!(rates.login_tried("a@b", address, later).unwrap(), 0);
        assert_eq!(wait(later), LOGIN_DELAY * 2);
        let much_later = later + LOGIN_WINDOW;
        assert_eq!(rates.login_tried("a@b", address, much_later).unwrap(), 4);
        rates.login_succeeded("a@b", address);
        assert_eq!(rates.login_tried("a@b", address, much_later).unwrap(), 4);
    }

    #[test]
    fn an_unfinished_login_counts_for_nothing_and_forgives_nothing() {
        let rates = RateLimits::new(&limits());
        let address = AddressKey::from(IpAddr::from([192, 0, 2, 1]));
        let start = Instant::now();
        for _ in 0..20 {
            assert_eq!(rates.login_tried("a@b", address, start).unwrap(), 4);
            rates.login_unfinished("a@b", address);
        }
        // Whoever knows the password must not forget by it how many codes were tried.
        for left in (1..5).rev() {
            assert_eq!(rates.login_tried("a@b", address, start).unwrap(), left);
            rates.login_tried("a@b", address, start).unwrap();
            rates.login_unfinished("a@b", address);
        }
        assert_eq!(rates.login_tried("a@b", address, start).unwrap(), 0);
        rates.login_unfinished("c@d", address);
        rates.login_tried("a@b", address, start).unwrap_err();
        // The fifth failure blocks; an unfinished one beside it does not open again.
        let later = start + LOGIN_DELAY;
        rates.login_tried("a@b", address, later).unwrap();
        rates.login_unfinished("a@b", address);
        rates.login_tried("a@b", address, later).unwrap_err();
    }

    #[test]
    fn one_ipv6_network_is_one_address() {
        let key = |text: &str| AddressKey::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:1"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
    }

    #[test]
    fn counted_connections_come_back() {
        let counted = Counted::new(2, "address");
        let one = counted.count(1).unwrap();
        let _two = counted.count(1).unwrap();
        assert!(counted.count(1).is_err());
        drop(one);
        assert!(counted.count(1).is_ok());
    }
}
