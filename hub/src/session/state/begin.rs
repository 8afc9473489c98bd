//! A session before its first entry.

use std::sync::Arc;

use persistence::{Grant, Session, Unread};
use protocol::{
    Channel, ContactSummary, GrantId, ReadPositions, Seq, SessionId, SiteId, Status, UtcMillis, Work,
};

/// The session that carries a closed one on, before its first entry.
pub fn successor(old: &Session, id: SessionId, now: UtcMillis) -> Session {
    let Session { site_id, site_key, grant_id, contact, claimed, channel, .. } = Session::clone(old);
    let mut next = fresh(id, Origin { site_id, site_key, grant_id, contact, claimed, channel }, now);
    // Whom the customer was sent to, and how they speak, does not end with a chat.
    let Work { team, skills, language, .. } = old.ticket.work.clone();
    Arc::make_mut(&mut next.ticket).work = Work { team, skills, language, ..Work::default() };
    next
}

/// A session before its first entry.
pub fn empty(id: SessionId, grant: &Grant, site_key: &str, channel: Channel, now: UtcMillis) -> Session {
    let contact = Arc::new(grant.contact());
    let origin = Origin {
        site_id: grant.site_id,
        site_key: site_key.into(),
        grant_id: grant.id,
        claimed: contact.clone(),
        contact,
        channel,
    };
    fresh(id, origin, now)
}

/// What a session has from its beginning; all else comes from its log.
struct Origin {
    site_id: SiteId,
    site_key: Arc<str>,
    grant_id: GrantId,
    contact: Arc<ContactSummary>,
    claimed: Arc<ContactSummary>,
    channel: Channel,
}

fn fresh(id: SessionId, origin: Origin, now: UtcMillis) -> Session {
    let Origin { site_id, site_key, grant_id, contact, claimed, channel } = origin;
    Session {
        id,
        site_id,
        site_key,
        grant_id,
        contact,
        claimed,
        channel,
        status: Status::Open,
        assignee: None,
        number: 0,
        ticket: Arc::default(),
        last_seq: Seq::ZERO,
        version: 0,
        last_message: None,
        waiting_since: None,
        read: ReadPositions::default(),
        unread: Unread::default(),
        previous: None,
        next: None,
        created_at: now,
        updated_at: now,
        closed_at: None,
        rating: None,
    }
}
