//! One list, as everybody who watches it is shown it: its first sessions, by its order. Pure; tells nobody.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use persistence::{Session, SessionOrder, SessionPage};
use protocol::{Audience, ServerFrame, SessionId, SessionSummary, View};

use super::view::{order, view_holds};
use crate::{Caller, due::Current};

/// A session as of one version. Its frame is encoded once, for whichever lists and connections it is.
#[derive(Debug)]
pub struct Row {
    session: Arc<Session>,
    rules: Arc<Current>,
    frame: OnceLock<Bytes>,
}

impl Row {
    pub(super) fn new(session: Arc<Session>, rules: Arc<Current>) -> Arc<Self> {
        Arc::new(Self { session, rules, frame: OnceLock::new() })
    }

    /// The session.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The session as the team sees it.
    pub fn summary(&self) -> SessionSummary {
        self.rules.summary(&self.session, Audience::Team)
    }

    /// The `session` frame.
    pub fn frame(&self) -> Bytes {
        let encode = || {
            let frame = ServerFrame::Session { session: self.summary() };
            Bytes::from(frame.encode())
        };
        self.frame.get_or_init(encode).clone()
    }
}

/// Where a session stands in a list; the least stands first. The store's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place(i64, u128);

impl Place {
    fn of(session: &Session, order: SessionOrder) -> Self {
        let id = session.id.uuid().as_u128();
        match order {
            SessionOrder::Recent => Self(-session.updated_at.get(), !id),
            SessionOrder::Waiting => Self(session.waiting_since.map_or(i64::MAX, |since| since.get()), id),
        }
    }
}

/// The first sessions of a list at one moment.
#[derive(Debug)]
pub struct Page {
    rows: Vec<Arc<Row>>,
    versions: HashMap<SessionId, u64>,
    total: u64,
    frame: OnceLock<Bytes>,
    view: View,
}

impl Page {
    fn new(view: View, rows: Vec<Arc<Row>>, total: u64) -> Arc<Self> {
        let versions = rows.iter().map(|row| (row.session.id, row.session.version)).collect();
        Arc::new(Self { rows, versions, total, frame: OnceLock::new(), view })
    }

    /// The sessions in their order.
    pub fn rows(&self) -> &[Arc<Row>] {
        &self.rows
    }

    /// How many the list holds in all: counted when it was read, exact where nothing is cut off.
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// Whether the list has more than these.
    pub fn more(&self) -> bool {
        self.total > self.rows.len() as u64
    }

    /// The `listed` frame.
    pub fn frame(&self) -> Bytes {
        let encode = || {
            let sessions = self.rows.iter().map(|row| row.summary()).collect();
            let frame =
                ServerFrame::Listed { view: self.view, sessions, total: self.total, more: self.more() };
            Bytes::from(frame.encode())
        };
        self.frame.get_or_init(encode).clone()
    }
}

/// What makes one page of another.
#[derive(Debug, Default)]
pub struct Difference {
    /// These left the list.
    pub removed: Vec<SessionId>,
    /// These are new in it, or new versions.
    pub shown: Vec<Arc<Row>>,
}

impl Difference {
    pub(super) fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.shown.is_empty()
    }
}

/// A list. It knows twice as many sessions as it shows, so that the next ones are at hand when some leave.
pub(super) struct List {
    view: View,
    caller: Caller,
    limit: usize,
    rules: Arc<Current>,
    rows: BTreeMap<Place, Arc<Row>>,
    places: HashMap<SessionId, Place>,
    /// Of what stands behind this nothing is known; `None`: there is nothing.
    end: Option<Place>,
    /// How many the store counted.
    counted: u64,
    page: Arc<Page>,
    /// The page is not made of what is known now.
    changed: bool,
}

impl List {
    /// A list of which nothing is known yet. Every caller for whom `caller` stands sees the same in it.
    pub(super) fn new(view: View, caller: Caller, limit: u32, rules: Arc<Current>) -> Self {
        Self {
            view,
            caller,
            rules,
            limit: limit as usize,
            rows: BTreeMap::new(),
            places: HashMap::new(),
            end: Some(Place(i64::MIN, 0)),
            counted: 0,
            page: Page::new(view, Vec::new(), 0),
            changed: false,
        }
    }

    /// How many sessions are to be read of it.
    pub(super) fn reads(&self) -> u32 {
        u32::try_from(2 * self.limit).unwrap_or(u32::MAX)
    }

    /// Takes the list as it was read.
    pub(super) fn replace(&mut self, SessionPage { items, total, next }: SessionPage) {
        let order = order(self.view);
        let known = std::mem::take(&mut self.rows);
        let places = std::mem::take(&mut self.places);
        self.end = next.and(items.last()).map(|last| Place::of(last, order));
        for session in items {
            let place = Place::of(&session, order);
            let before = places.get(&session.id).and_then(|place| known.get(place));
            let same = before.filter(|row| row.session.version == session.version).cloned();
            self.places.insert(session.id, place);
            self.rows.insert(place, same.unwrap_or_else(|| Row::new(Arc::new(session), self.rules.clone())));
        }
        self.counted = total;
        self.changed = true;
    }

    /// Takes a session as it is now.
    pub(super) fn apply(&mut self, row: &Arc<Row>) {
        let session = &row.session;
        let known = self.places.get(&session.id).copied();
        if let Some(place) = known {
            if self.rows.get(&place).is_some_and(|known| known.session.version >= session.version) {
                // A list read from the store after the change may already hold it.
                return;
            }
            self.rows.remove(&place);
            self.places.remove(&session.id);
            self.changed = true;
        }
        if !view_holds(self.view, &self.caller, session) {
            return;
        }
        let place = Place::of(session, order(self.view));
        if self.end.is_some_and(|end| end < place) {
            return;
        }
        self.rows.insert(place, row.clone());
        self.places.insert(session.id, place);
        self.changed = true;
        if self.rows.len() > 2 * self.limit {
            if let Some((_, last)) = self.rows.pop_last() {
                self.places.remove(&last.session.id);
            }
            self.end = self.rows.last_key_value().map(|(place, _)| *place);
        }
    }

    /// Fewer are known than are to be shown, and there are more.
    pub(super) fn is_short(&self) -> bool {
        self.end.is_some() && self.rows.len() < self.limit
    }

    /// There are more than are known.
    pub(super) fn is_cut(&self) -> bool {
        self.end.is_some()
    }

    /// What is to be shown now; the same page until something changes.
    pub(super) fn page(&mut self) -> Arc<Page> {
        if std::mem::take(&mut self.changed) {
            let rows: Vec<_> = self.rows.values().take(self.limit).cloned().collect();
            let total = if self.end.is_some() { self.counted } else { self.rows.len() as u64 };
            self.page = Page::new(self.view, rows, total);
        }
        self.page.clone()
    }

    /// What to tell a client that has `before` and shall have `now`. It keeps a full list in order and drops what
    /// stands last by itself.
    pub(super) fn difference(&self, before: &Page, now: &Page) -> Difference {
        let order = order(self.view);
        let new = |row: &&Arc<Row>| before.versions.get(&row.session.id) != Some(&row.session.version);
        let mut difference =
            Difference { removed: Vec::new(), shown: now.rows.iter().filter(new).cloned().collect() };
        let last = now.rows.last().filter(|_| now.rows.len() >= self.limit);
        let last = last.map(|last| Place::of(&last.session, order));
        for row in &before.rows {
            let id = row.session.id;
            if now.versions.contains_key(&id)
                || last.is_some_and(|last| last < Place::of(&row.session, order))
            {
                continue;
            }
            match self.places.get(&id).and_then(|place| self.rows.get(place)) {
                // It moved down, and takes its place behind the others.
                Some(moved) => difference.shown.push(moved.clone()),
                None => difference.removed.push(id),
            }
        }
        difference
    }
}

#[cfg(test)]
mod tests;
