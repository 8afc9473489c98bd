//! The evidence, sorted by what the rules ask for.

use std::collections::{BTreeMap, HashMap, HashSet};

use protocol::{Audience, EntryId, EntryKind, Seq, SessionId};

use crate::history::{Actor, ActorId, Evidence, FinalLog, Line, Record, What};

/// One try of a send. `at` is its place in the history.
pub(super) struct Try<'a> {
    pub(super) at: usize,
    pub(super) actor: ActorId,
    pub(super) session: SessionId,
    pub(super) body: &'a str,
    pub(super) kind: EntryKind,
    pub(super) link: u64,
}

/// One ack. `at` is its place in the history.
pub(super) struct Ack {
    pub(super) at: usize,
    pub(super) session: SessionId,
    pub(super) seq: Seq,
    pub(super) duplicate: bool,
}

/// All that happened to one id.
#[derive(Default)]
pub(super) struct Send<'a> {
    pub(super) tries: Vec<Try<'a>>,
    pub(super) acks: Vec<Ack>,
    pub(super) refused: bool,
    pub(super) unanswered: bool,
}

pub(super) struct Index<'a> {
    pub(super) evidence: &'a Evidence,
    pub(super) sends: BTreeMap<EntryId, Send<'a>>,
    pub(super) logs: BTreeMap<SessionId, &'a FinalLog>,
    /// Where each id stands in the logs.
    pub(super) places: HashMap<EntryId, Vec<(SessionId, &'a Line)>>,
    /// First messages, whose ids the server chose.
    pub(super) starts: HashSet<(SessionId, &'a str)>,
    visible: HashMap<(SessionId, Audience), Vec<Seq>>,
}

impl<'a> Index<'a> {
    pub(super) fn new(evidence: &'a Evidence) -> Self {
        let mut sends: BTreeMap<EntryId, Send<'a>> = BTreeMap::new();
        let mut starts = HashSet::new();
        for (at, Record { actor, what, .. }) in evidence.records.iter().enumerate() {
            match what {
                What::Tried { session, id, body, kind, link } => {
                    let tried = Try { at, actor: *actor, session: *session, body, kind: *kind, link: *link };
                    sends.entry(*id).or_default().tries.push(tried);
                }
                What::Acked { id, session, seq, duplicate } => {
                    let ack = Ack { at, session: *session, seq: *seq, duplicate: *duplicate };
                    sends.entry(*id).or_default().acks.push(ack);
                }
                What::Refused { id: Some(id), .. } => sends.entry(*id).or_default().refused = true,
                What::Unanswered { id } => sends.entry(*id).or_default().unanswered = true,
                What::Started { session, message: Some(message) } => {
                    starts.insert((*session, message.as_str()));
                }
                What::Started { message: None, .. }
                | What::Linked { .. }
                | What::Unlinked { .. }
                | What::Followed { .. }
                | What::Left { .. }
                | What::Refused { id: None, .. }
                | What::Saw { .. }
                | What::Reset { .. } => {}
            }
        }
        let mut places: HashMap<EntryId, Vec<(SessionId, &Line)>> = HashMap::new();
        for log in &evidence.logs {
            for line in &log.team {
                places.entry(line.id).or_default().push((log.session, line));
            }
        }
        let logs = evidence.logs.iter().map(|log| (log.session, log)).collect();
        let mut visible = HashMap::new();
        for log in &evidence.logs {
            for audience in [Audience::Customer, Audience::Team] {
                let mut seqs: Vec<Seq> = seen_by(log, audience).map(|line| line.seq).collect();
                seqs.sort_unstable();
                visible.insert((log.session, audience), seqs);
            }
        }
        Self { evidence, sends, logs, places, starts, visible }
    }

    pub(super) fn actor(&self, actor: ActorId) -> &'a Actor {
        &self.evidence.actors[actor.0]
    }

    /// The places of a log that this audience may see, rising.
    pub(super) fn visible(&self, session: SessionId, audience: Audience) -> &[Seq] {
        self.visible.get(&(session, audience)).map_or(&[], Vec::as_slice)
    }
}

/// The log as this audience may see it.
pub(super) fn seen_by(log: &FinalLog, audience: Audience) -> impl Iterator<Item = &Line> {
    let hidden = move |line: &&Line| audience == Audience::Customer && line.kind == EntryKind::Note;
    log.team.iter().filter(move |line| !hidden(line))
}
