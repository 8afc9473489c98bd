//! The promises of routing, checked against what the logs say, with a bookkeeping of its own.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::Duration,
};

use protocol::{
    AgentId, Entry, EntryId, EntryKind, Event, OfferEvent, Priority, RoutedBy, Sender, SessionId, UtcMillis,
};
use uuid::Uuid;

/// What one node has just read may lack what was committed this moment: hand-overs by hand, and who came into the queue.
const A_MOMENT: Duration = Duration::from_millis(2_500);

/// What the day was like.
#[derive(Debug, Default)]
pub(crate) struct Day {
    pub(crate) routed: usize,
    pub(crate) returned: usize,
    pub(crate) offers: usize,
    pub(crate) longest_wait: Duration,
}

/// Who held a chat, from when to when.
#[derive(Debug, Clone, Copy)]
struct Held {
    agent: Uuid,
    from: UtcMillis,
    until: Option<UtcMillis>,
    routed: bool,
}

/// When a chat was in line, and as what.
#[derive(Debug, Clone, Copy)]
struct InLine {
    session: SessionId,
    priority: Priority,
    /// It is offered to agents, not given.
    offered: bool,
    /// By which it stands there.
    since: UtcMillis,
    from: UtcMillis,
    until: Option<UtcMillis>,
    /// It left the line because routing gave it to somebody, or asked somebody.
    routed: bool,
}

/// Reads every log, and accuses.
pub(crate) fn judge(
    logs: &[(SessionId, Vec<Entry>)],
    maxima: &HashMap<Uuid, u32>,
    apart: &[SessionId],
    said: &[(SessionId, EntryId)],
) -> Day {
    let mut day = Day::default();
    let (mut held, mut lines) = (Vec::new(), Vec::new());
    for (session, log) in logs {
        let story = Story::read(*session, log, &mut day);
        held.extend(story.held.into_iter().chain(story.places));
        lines.extend(story.lines);
    }
    nothing_is_lost_or_doubled(logs, said);
    never_over_the_maximum(&held, maxima);
    // Who asks for what nobody has does not hold up the others.
    lines.retain(|line| !apart.contains(&line.session));
    first_come_first_served(&lines);
    let waits = lines.iter().filter_map(|line| Some(line.until?.since(line.from)));
    day.longest_wait = waits.max().unwrap_or_default();
    assert!(lines.iter().all(|line| line.until.is_some()), "somebody still waits");
    day
}

fn nothing_is_lost_or_doubled(logs: &[(SessionId, Vec<Entry>)], said: &[(SessionId, EntryId)]) {
    let mut stored = HashSet::new();
    for (session, log) in logs {
        let gapless = log.iter().enumerate().all(|(at, entry)| entry.seq.get() == at as u64 + 1);
        assert!(gapless, "{session} has gaps");
        for entry in log {
            assert!(stored.insert((*session, entry.id)), "{session}: {} is there twice", entry.id);
        }
    }
    for acked in said {
        assert!(stored.contains(acked), "{acked:?} was acked, and is not there");
    }
}

/// One chat's course.
#[derive(Default)]
struct Story {
    held: Vec<Held>,
    lines: Vec<InLine>,
    /// Places that offers kept free.
    places: Vec<Held>,
    /// Somebody was asked to take it since it came into the line; then it is about the offers.
    asked: bool,
}

/// The offers of a chat while it waits.
#[derive(Default)]
struct Offers {
    /// Who is being asked; which of those asked it is.
    standing: Option<(AgentId, usize)>,
    /// Who passed, and in which round.
    passed: HashSet<(AgentId, u32)>,
    round: u32,
}

impl Offers {
    fn happens(&mut self, session: SessionId, offer: &OfferEvent, at: UtcMillis, story: &mut Story) {
        match offer {
            OfferEvent::Offered { agent, round, until } => {
                assert!(self.standing.is_none(), "{session} was offered to two");
                assert!(*until > at, "{session}");
                assert!(
                    !self.passed.contains(&(agent.id, *round)),
                    "{session}: {agent:?} passed in this round"
                );
                self.round = *round;
                self.standing = Some((agent.id, story.places.len()));
                // It keeps a place free.
                story.places.push(Held { agent: agent.id.uuid(), from: at, until: None, routed: true });
                if let Some(line) = story.lines.last_mut().filter(|line| line.until.is_none()) {
                    (line.until, line.offered, line.routed) = (Some(at), true, true);
                }
                story.asked = true;
            }
            OfferEvent::Ended { agent, end } => {
                let (asked, place) = self.standing.take().expect("an offer that ends was made");
                assert_eq!(asked, *agent, "{session}");
                story.places[place].until = Some(at);
                if end.pass().is_some() {
                    self.passed.insert((*agent, self.round));
                }
            }
        }
    }
}

impl Story {
    fn read(session: SessionId, log: &[Entry], day: &mut Day) -> Self {
        let mut story = Self::default();
        let (mut waiting, mut active, mut priority) = (None, false, Priority::Normal);
        let mut holder: Option<(Uuid, bool)> = None;
        let mut why = None;
        let mut offers = Offers::default();
        for entry in log {
            let at = entry.created_at;
            if entry.kind == EntryKind::Message {
                waiting = match entry.sender {
                    Sender::Customer { .. } => waiting.or(Some(at)),
                    Sender::Agent { .. } | Sender::System => None,
                };
            }
            match &entry.event {
                Some(Event::Started { .. }) => active = true,
                Some(Event::Routed { why: said }) => {
                    day.routed += usize::from(said.mode == RoutedBy::Automatic);
                    day.returned += usize::from(said.mode == RoutedBy::Returned);
                    why = Some((entry.seq, said));
                }
                Some(Event::Assigned { agent }) => {
                    let routed = entry.sender == Sender::System;
                    if routed {
                        let (seq, said) = why.take().expect("an assignment by the system has its reasons");
                        assert_eq!(seq.next(), entry.seq, "{session}: the reasons stand before it");
                        let chosen = said.chosen.as_ref().map(|chosen| chosen.agent.id);
                        assert_eq!(chosen, agent.as_ref().map(|agent| agent.id), "{session}");
                        if let Some(chosen) = &said.chosen {
                            assert!(chosen.load.active < chosen.load.max, "{session}: {chosen:?}");
                        } else {
                            assert!(!said.skipped.is_empty(), "{session}: it went back without a reason");
                        }
                    }
                    if routed && agent.is_some() {
                        assert!(holder.is_none(), "{session} had a holder when it was given away");
                    }
                    holder = agent.as_ref().map(|agent| (agent.id.uuid(), routed));
                }
                Some(Event::Transferred { to, .. }) => holder = Some((to.id.uuid(), false)),
                Some(Event::StatusChanged { to, .. } | Event::Reopened { to }) => {
                    active = !matches!(to, protocol::Status::Resolved | protocol::Status::Closed);
                    if !active {
                        waiting = None;
                    }
                }
                Some(Event::Closed { .. }) => (active, waiting) = (false, None),
                Some(Event::PriorityChanged { to, .. }) => priority = *to,
                Some(Event::Offer { offer }) => {
                    day.offers += usize::from(matches!(offer, OfferEvent::Offered { .. }));
                    assert!(active && holder.is_none(), "{session} was offered, and did not wait");
                    if let OfferEvent::Offered { agent, .. } = offer {
                        let (seq, said) = why.take().expect("an offer has its reasons");
                        let chosen = said.chosen.as_ref().map(|chosen| chosen.agent.id);
                        assert_eq!((seq.next(), chosen), (entry.seq, Some(agent.id)), "{session}");
                    }
                    offers.happens(session, offer, at, &mut story);
                }
                _ => {}
            }
            if holder.is_some() {
                // Given back, it is offered anew.
                offers.passed.clear();
            }
            story.stands(session, at, holder.filter(|_| active), active, (priority, waiting.unwrap_or(at)));
            // Taken up again later, it is not routing that brings it.
            holder = holder.map(|(agent, _)| (agent, false));
        }
        assert!(!active, "{session} is not over");
        story
    }

    /// Closes and opens what the last entry ended and began.
    fn stands(
        &mut self,
        session: SessionId,
        at: UtcMillis,
        holder: Option<(Uuid, bool)>,
        active: bool,
        (priority, since): (Priority, UtcMillis),
    ) {
        let held = self.held.last().filter(|held| held.until.is_none()).map(|held| held.agent);
        if held != holder.map(|(agent, _)| agent) {
            if let Some(last) = self.held.last_mut().filter(|held| held.until.is_none()) {
                last.until = Some(at);
            }
            if let Some((agent, routed)) = holder {
                self.held.push(Held { agent, from: at, until: None, routed });
            }
        }
        let queued = active && holder.is_none();
        self.asked &= queued;
        if self.asked {
            return;
        }
        let stood = self.lines.last().filter(|line| line.until.is_none()).copied();
        let same = stood.is_some_and(|line| queued && line.priority == priority);
        if same || (stood.is_none() && !queued) {
            return;
        }
        if let Some(line) = self.lines.last_mut().filter(|line| line.until.is_none()) {
            line.until = Some(at);
            line.routed = holder.is_some_and(|(_, routed)| routed);
        }
        if queued {
            let since = stood.map_or(since, |line| line.since);
            let line =
                InLine { session, priority, offered: false, since, from: at, until: None, routed: false };
            self.lines.push(line);
        }
    }
}

/// Whenever routing gave somebody a chat, there was room.
fn never_over_the_maximum(held: &[Held], maxima: &HashMap<Uuid, u32>) {
    let mut of_agent: HashMap<Uuid, Vec<Held>> = HashMap::new();
    for one in held {
        of_agent.entry(one.agent).or_default().push(*one);
    }
    for (agent, held) in of_agent {
        for given in held.iter().filter(|one| one.routed) {
            let counts = |other: &&Held| {
                let there = other.from < given.from && other.until.is_none_or(|until| until > given.from);
                there && (other.routed || given.from.since(other.from) > A_MOMENT)
            };
            let had: Vec<_> = held.iter().filter(counts).collect();
            let max = maxima[&agent] as usize;
            assert!(had.len() < max, "{agent}, who takes {max}, was given {given:?} besides {had:#?}");
        }
    }
}

/// Nobody was given an agent while somebody who had stood in line for longer, or was in a greater hurry, went on standing.
fn first_come_first_served(lines: &[InLine]) {
    let mut by_priority: BTreeMap<u8, Vec<&InLine>> = BTreeMap::new();
    for line in lines {
        by_priority.entry(line.priority as u8).or_default().push(line);
    }
    for served in lines.iter().filter(|line| line.routed) {
        // Who is offered stands beside those who are given: one agent's "no" does not hold up the others.
        let at = served.until.unwrap();
        for (_, others) in by_priority.range(served.priority as u8..) {
            for other in others {
                let before = (std::cmp::Reverse(other.priority), other.since)
                    < (std::cmp::Reverse(served.priority), served.since);
                let stood = at.since(other.from) > A_MOMENT
                    && other.until.is_none_or(|until| until.since(at) > A_MOMENT && until > at);
                assert!(
                    !(before && stood && other.session != served.session && other.offered == served.offered),
                    "{other:?} went on standing when {served:?} was served"
                );
            }
        }
    }
}
