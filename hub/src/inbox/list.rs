//! One list, as everybody who watches it is shown it: its first sessions, by its order. Pure; tells nobody.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, OnceLock, Weak},
};

use bytes::Bytes;
use persistence::{Session, SessionOrder, SessionPage};
use protocol::{Audience, ServerFrame, SessionId, SessionSort, SessionSummary, View};

use super::view::Question;
use crate::due::Current;

/// Sessions that are known of a list of which only the number is shown: up to so many it is exact.
const COUNTED: usize = 100;

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
    sort: SessionSort,
}

impl Page {
    fn new(view: View, sort: SessionSort, rows: Vec<Arc<Row>>, total: u64) -> Arc<Self> {
        let versions = rows.iter().map(|row| (row.session.id, row.session.version)).collect();
        Arc::new(Self { rows, versions, total, frame: OnceLock::new(), view, sort })
    }

    /// What stands first.
    pub const fn sort(&self) -> SessionSort {
        self.sort
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
            let (view, sort) = (self.view.clone(), self.sort);
            let frame = ServerFrame::Listed { view, sort, sessions, total: self.total, more: self.more() };
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
    /// These are new in it.
    pub added: Vec<SessionId>,
    /// The new ones, and new versions.
    pub shown: Vec<Arc<Row>>,
}

impl Difference {
    pub(super) fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.shown.is_empty()
    }
}

/// The rows of all lists: what is in several is kept, and encoded, once.
#[derive(Default)]
pub(super) struct Rows {
    known: HashMap<SessionId, Weak<Row>>,
    /// When so many are known, those that no list has any more are forgotten.
    crowded: usize,
}

impl Rows {
    /// The row of a session as it is now.
    pub(super) fn row(&mut self, session: impl Into<Arc<Session>>, rules: &Arc<Current>) -> Arc<Row> {
        let session = session.into();
        let known = self.known.get(&session.id).and_then(Weak::upgrade);
        if let Some(same) = known.filter(|row| row.session.version == session.version) {
            return same;
        }
        if self.known.len() >= self.crowded {
            self.known.retain(|_, row| row.strong_count() > 0);
            self.crowded = 2 * self.known.len() + 1_000;
        }
        let id = session.id;
        let row = Row::new(session, rules.clone());
        self.known.insert(id, Arc::downgrade(&row));
        row
    }
}

/// A list. It knows twice as many sessions as it shows, so that the next ones are at hand when some leave.
pub(super) struct List {
    view: View,
    /// What it asks; `None` until it was read.
    question: Option<Question>,
    /// At most so many are shown; none: only how many there are.
    limit: usize,
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
    pub(super) fn new(view: View, limit: u32) -> Self {
        let page = Page::new(view.clone(), SessionSort::Recent, Vec::new(), 0);
        Self {
            view,
            question: None,
            limit: limit as usize,
            rows: BTreeMap::new(),
            places: HashMap::new(),
            end: Some(Place(i64::MIN, 0)),
            counted: 0,
            page,
            changed: false,
        }
    }

    /// How many sessions are to be read of it.
    pub(super) fn reads(&self) -> u32 {
        u32::try_from(self.keeps()).unwrap_or(u32::MAX)
    }

    /// How many sessions are known of it, at most.
    fn keeps(&self) -> usize {
        if self.is_bare() { COUNTED } else { 2 * self.limit }
    }

    /// Only the number of its sessions is shown.
    pub(super) fn is_bare(&self) -> bool {
        self.limit == 0
    }

    /// Takes the list as it was read. True if it was asked something else before: what a client has is of no use then.
    pub(super) fn replace(
        &mut self,
        question: Question,
        SessionPage { items, total, next }: SessionPage,
        mut row: impl FnMut(Session) -> Arc<Row>,
    ) -> bool {
        let order = question.order;
        self.rows.clear();
        self.places.clear();
        self.end = next.and(items.last()).map(|last| Place::of(last, order));
        for session in items {
            let place = Place::of(&session, order);
            self.places.insert(session.id, place);
            self.rows.insert(place, row(session));
        }
        self.counted = total;
        self.changed = true;
        let before = self.question.replace(question);
        before.zip(self.question.as_ref()).is_some_and(|(before, now)| now.differs(&before))
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
        let Some(question) = self.question.as_ref().filter(|question| question.holds(session)) else {
            return;
        };
        let place = Place::of(session, question.order);
        if self.end.is_some_and(|end| end < place) {
            return;
        }
        self.rows.insert(place, row.clone());
        self.places.insert(session.id, place);
        self.changed = true;
        if self.rows.len() > self.keeps() {
            if let Some((_, last)) = self.rows.pop_last() {
                self.places.remove(&last.session.id);
            }
            self.end = self.rows.last_key_value().map(|(place, _)| *place);
        }
    }

    /// Fewer are known than are to be shown or counted, and there are more.
    pub(super) fn is_short(&self) -> bool {
        self.end.is_some() && self.rows.len() < self.keeps() / 2
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
            let sort = self.question.as_ref().map_or(SessionSort::Recent, Question::sort);
            self.page = Page::new(self.view.clone(), sort, rows, total);
        }
        self.page.clone()
    }

    /// What to tell a client that has `before` and shall have `now`. It keeps a full list in order and drops what
    /// stands last by itself.
    pub(super) fn difference(&self, before: &Page, now: &Page) -> Difference {
        let Some(order) = self.question.as_ref().map(|question| question.order) else {
            return Difference::default();
        };
        let mut difference = Difference::default();
        for row in &now.rows {
            let had = before.versions.get(&row.session.id);
            if had.is_none() {
                difference.added.push(row.session.id);
            }
            if had != Some(&row.session.version) {
                difference.shown.push(row.clone());
            }
        }
        let last = now.rows.last().filter(|_| now.rows.len() >= self.limit);
        let last = last.map(|last| Place::of(&last.session, order));
        for row in &before.rows {
            let id = row.session.id;
            if now.versions.contains_key(&id) {
                continue;
            }
            match self.places.get(&id).and_then(|place| self.rows.get(place)) {
                None => difference.removed.push(id),
                // It stood behind the last one before: it is dropped there.
                Some(_) if last.is_some_and(|last| last < Place::of(&row.session, order)) => {}
                // It moved down, and takes its place behind the others.
                Some(moved) => difference.shown.push(moved.clone()),
            }
        }
        difference
    }
}

#[cfg(test)]
mod tests;
