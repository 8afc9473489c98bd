//! The state of a worker: its members, what they said and heard, and what to report of it. One thread, so no locks.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
    time::Instant,
};

use hdrhistogram::Histogram;
use protocol::{Epoch, Seq};
use tokio::sync::Notify;

use super::{
    marker::Marker,
    peer::{self, Saying},
    plan::{self, Peer, Plan, Tick, Times},
    tally::{Arrival, Heard},
};
use crate::scenario::Messages;

/// Messages that wait for a connection that is down; beyond it, they are counted as not said.
const UNSAID: usize = 1_000;

/// Where the run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Nobody talks yet.
    Quiet,
    /// Everybody talks.
    Load,
    /// Nobody says anything new.
    Settle,
    /// Over.
    End,
}

/// One who is there all the time.
pub(super) struct Member {
    /// The session's name or id.
    pub(super) session: Rc<str>,
    /// The place in the session, from 0: 0 is the customer.
    pub(super) place: u32,
    pub(super) slow: bool,
    pub(super) sends: bool,
    /// To wake its task: something is due, or the link is to be cut.
    pub(super) wake: Rc<Notify>,
    pub(super) cursor: Option<Seq>,
    pub(super) epoch: Option<Epoch>,
    /// What it has of each member, by place.
    heard: Vec<Heard>,
    /// When what it shall say next was due.
    due: VecDeque<u64>,
    /// Said and not answered: number, when it was due.
    outstanding: VecDeque<(u32, u64)>,
    /// Next number.
    said: u32,
    /// Refused once, so that others may have overtaken them.
    again: Vec<u32>,
    /// Refused for good.
    refused: Vec<u32>,
    /// Was connected once.
    pub(super) was_here: bool,
}

/// Everything of one worker.
pub(super) struct World {
    pub(super) plan: Plan,
    pub(super) zero: Instant,
    /// Part of every id, so that two runs do not meet.
    pub(super) nonce: u64,
    pub(super) phase: Cell<Phase>,
    /// When all links were cut last, if they were.
    pub(super) cut_at: Cell<Option<u64>>,
    pub(super) members: RefCell<Vec<Member>>,
    pub(super) slice: RefCell<Slice>,
    chars: u32,
    think_us: Option<u64>,
    /// For each message, how many connections get it.
    others: u64,
    acked: Cell<u64>,
    delivered: Cell<u64>,
    /// Sends that are under way.
    pub(super) outstanding: Cell<u64>,
    /// Visits that are.
    pub(super) visiting: Cell<u64>,
    /// Acknowledged in visits, and not seen by the other one so far.
    pub(super) visits_unseen: Cell<u64>,
}

/// What is reported next.
pub(super) struct Slice {
    pub(super) tick: Tick,
    pub(super) connect: Histogram<u64>,
    pub(super) delivery: Histogram<u64>,
    pub(super) ack: Histogram<u64>,
    pub(super) reconnect: Histogram<u64>,
}

/// What the member's task must do about a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reaction {
    /// The session is open.
    Ready,
    /// Write this.
    Answer(&'static str),
    /// A send was refused for now: say it again after so many milliseconds.
    SayAgain(u64),
    /// A send is safe, and the next one is due after a while.
    Think(std::time::Duration),
}

impl World {
    pub(super) fn new(plan: Plan, nonce: u64) -> Self {
        let (chars, think_us) = match &plan.scenario.messages {
            Messages::None => (0, None),
            Messages::Open { chars, .. } => (*chars, None),
            Messages::Closed { think_ms, chars } => (*chars, Some(u64::from(*think_ms) * 1_000)),
        };
        Self {
            others: u64::from(plan.scenario.people.members.saturating_sub(1)),
            plan,
            zero: Instant::now(),
            nonce,
            phase: Cell::new(Phase::Quiet),
            cut_at: Cell::new(None),
            members: RefCell::default(),
            slice: RefCell::new(Slice {
                tick: Tick::default(),
                connect: plan::histogram(),
                delivery: plan::histogram(),
                ack: plan::histogram(),
                reconnect: plan::histogram(),
            }),
            chars,
            think_us,
            acked: Cell::new(0),
            delivered: Cell::new(0),
            outstanding: Cell::new(0),
            visiting: Cell::new(0),
            visits_unseen: Cell::new(0),
        }
    }

    /// Microseconds of the worker's clock.
    pub(super) fn now(&self) -> u64 {
        u64::try_from(self.zero.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    pub(super) fn peer(&self) -> Peer {
        self.plan.peer
    }

    /// How long a sender thinks between an ack and the next message, in a closed loop where he does.
    pub(super) fn thinks(&self) -> Option<std::time::Duration> {
        self.think_us.filter(|think| *think > 0).map(std::time::Duration::from_micros)
    }

    /// Adds a member.
    pub(super) fn add(&self, session: Rc<str>, place: u32, slow: bool, sends: bool) {
        self.members.borrow_mut().push(Member {
            session,
            place,
            slow,
            sends,
            wake: Rc::default(),
            cursor: None,
            epoch: None,
            heard: vec![Heard::default(); self.plan.scenario.people.members as usize],
            due: VecDeque::new(),
            outstanding: VecDeque::new(),
            said: 0,
            again: Vec::new(),
            refused: Vec::new(),
            was_here: false,
        });
    }

    /// A member shall say something that was due at `at`.
    pub(super) fn is_due(&self, member: usize, at: u64) {
        if self.phase.get() != Phase::Load {
            return;
        }
        let mut members = self.members.borrow_mut();
        let Some(member) = members.get_mut(member) else { return };
        if member.due.len() < UNSAID {
            member.due.push_back(at);
            member.wake.notify_one();
        } else {
            drop(members);
            self.error("not_said");
        }
    }

    /// The frame of the next message that a member shall say, if one is due.
    pub(super) fn next_to_say(&self, index: usize) -> Option<String> {
        let mut members = self.members.borrow_mut();
        let member = members.get_mut(index)?;
        let due = member.due.pop_front()?;
        let number = member.said;
        member.said += 1;
        member.outstanding.push_back((number, due));
        self.outstanding.set(self.outstanding.get() + 1);
        self.slice.borrow_mut().tick.sent += 1;
        Some(self.frame(index, member, number, due))
    }

    /// The frames of all that was said and not answered, oldest first: after a new connection, or a refusal.
    pub(super) fn unanswered(&self, index: usize) -> Vec<String> {
        let members = self.members.borrow();
        let Some(member) = members.get(index) else { return Vec::new() };
        member.outstanding.iter().map(|(number, due)| self.frame(index, member, *number, *due)).collect()
    }

    /// The oldest message without an answer: its number and its text alone.
    pub(super) fn oldest_unanswered(&self, index: usize) -> Option<(u32, String)> {
        let members = self.members.borrow();
        let member = members.get(index)?;
        let (number, due) = *member.outstanding.front()?;
        let mut text = String::new();
        Marker { member: member.place, number, due }.write(&mut text, self.chars);
        Some((number, text.trim().to_owned()))
    }

    fn frame(&self, index: usize, member: &Member, number: u32, due: u64) -> String {
        self.peer().say(&Saying {
            session: &member.session,
            run: self.nonce,
            connection: self.connection(index),
            marker: Marker { member: member.place, number, due },
            chars: self.chars,
        })
    }

    /// Unique among all workers.
    fn connection(&self, index: usize) -> u32 {
        self.plan.worker << 24 | index as u32
    }

    /// The id of a member's message.
    pub(super) fn id(&self, index: usize, number: u32) -> uuid::Uuid {
        peer::id(self.nonce, self.connection(index), number)
    }

    /// A member heard a frame.
    pub(super) fn hear(&self, index: usize, text: &str) -> Option<Reaction> {
        let place = self.members.borrow().get(index)?.place;
        let mut reaction = None;
        self.peer().hear(text, place, |heard| {
            let then = match heard {
                peer::Heard::Message(marker) => {
                    self.message(index, marker);
                    None
                }
                peer::Heard::Cursor(seq) => {
                    let mut members = self.members.borrow_mut();
                    members[index].cursor = members[index].cursor.max(Some(seq));
                    None
                }
                peer::Heard::Epoch(epoch) => {
                    self.members.borrow_mut()[index].epoch = Some(epoch);
                    None
                }
                peer::Heard::Acked(number) => {
                    self.acked(index, number);
                    self.thinks().map(Reaction::Think)
                }
                peer::Heard::Refused { number, code, again_ms } => {
                    self.error(&code);
                    number.and_then(|number| self.refused(index, number, again_ms)).map(Reaction::SayAgain)
                }
                peer::Heard::Ready => Some(Reaction::Ready),
                peer::Heard::Answer(text) => Some(Reaction::Answer(text)),
            };
            reaction = then.or(reaction);
        });
        reaction
    }

    /// A member heard a message.
    pub(super) fn message(&self, index: usize, marker: Marker) {
        let mut members = self.members.borrow_mut();
        let member = &mut members[index];
        let Some(heard) = member.heard.get_mut(marker.member as usize) else { return };
        let arrival = heard.take(marker.number);
        let (own, slow) = (member.place == marker.member, member.slow);
        // Where the sender said it again after a refusal, others may rightly be before it.
        let sender = index + marker.member as usize - member.place as usize;
        let excused = arrival == Arrival::Late
            && members.get(sender).is_some_and(|sender| sender.again.contains(&marker.number));
        drop(members);
        let mut slice = self.slice.borrow_mut();
        match arrival {
            Arrival::Doubled => slice.tick.doubled += 1,
            Arrival::Late if !excused => slice.tick.out_of_order += 1,
            Arrival::Late | Arrival::InOrder => {}
        }
        if !own && arrival != Arrival::Doubled {
            slice.tick.delivered += 1;
            self.delivered.set(self.delivered.get() + 1);
            if !slow {
                slice.delivery.saturating_record(self.now().saturating_sub(marker.due).max(1));
            }
        }
    }

    /// A member's message is safe; in a closed loop the next one is due.
    pub(super) fn acked(&self, index: usize, number: u32) {
        let mut members = self.members.borrow_mut();
        let member = &mut members[index];
        let Some(at) = member.outstanding.iter().position(|(said, _)| *said == number) else { return };
        let due = member.outstanding.remove(at).map_or(0, |(_, due)| due);
        let now = self.now();
        if self.think_us == Some(0) && self.phase.get() == Phase::Load {
            // Its task is just hearing this, and looks for what is due when it is done.
            member.due.push_back(now);
        }
        drop(members);
        self.outstanding.set(self.outstanding.get() - 1);
        self.acked.set(self.acked.get() + 1);
        let mut slice = self.slice.borrow_mut();
        slice.tick.acked += 1;
        slice.ack.saturating_record(now.saturating_sub(due).max(1));
    }

    /// A member's message was refused; for now, if it is to be said again after so many milliseconds.
    pub(super) fn refused(&self, index: usize, number: u32, again_ms: Option<u64>) -> Option<u64> {
        let mut members = self.members.borrow_mut();
        let member = &mut members[index];
        if !member.outstanding.iter().any(|(said, _)| *said == number) {
            // It was said again meanwhile, and is safe.
            return None;
        }
        if again_ms.is_some() {
            if !member.again.contains(&number) {
                member.again.push(number);
            }
        } else if let Some(at) = member.outstanding.iter().position(|(said, _)| *said == number) {
            member.outstanding.remove(at);
            member.refused.push(number);
            self.outstanding.set(self.outstanding.get() - 1);
            if self.think_us.is_some() && self.phase.get() == Phase::Load {
                member.due.push_back(self.now());
            }
        }
        again_ms
    }

    /// Acks and deliveries so far.
    pub(super) fn heard(&self) -> u64 {
        self.acked.get() + self.delivered.get()
    }

    /// Counts something that went wrong.
    pub(super) fn error(&self, code: &str) {
        let mut slice = self.slice.borrow_mut();
        match slice.tick.errors.get_mut(code) {
            Some(count) => *count += 1,
            None => drop(slice.tick.errors.insert(code.to_owned(), 1)),
        }
    }

    /// Visits, sends, and deliveries of what is safe, that are still to come to their end.
    pub(super) fn awaited(&self) -> u64 {
        let expected = self.acked.get() * self.others;
        self.visiting.get() + self.outstanding.get() + expected.saturating_sub(self.delivered.get())
    }

    /// What happened since the last time.
    pub(super) fn tick(&self) -> Tick {
        let mut slice = self.slice.borrow_mut();
        let connected = slice.tick.connected;
        let mut tick = std::mem::take(&mut slice.tick);
        slice.tick.connected = connected;
        tick.awaited = self.awaited();
        tick.connect = Times::take(&mut slice.connect);
        tick.delivery = Times::take(&mut slice.delivery);
        tick.ack = Times::take(&mut slice.ack);
        tick.reconnect = Times::take(&mut slice.reconnect);
        tick
    }

    /// Acknowledged messages that a member never got, and messages without any answer.
    pub(super) fn lost(&self) -> (u64, u64) {
        let members = self.members.borrow();
        let per_session = self.plan.scenario.people.members as usize;
        let mut lost = self.visits_unseen.get();
        // Who never got in is told elsewhere, and was owed nothing.
        for (index, member) in members.iter().enumerate().filter(|(_, member)| member.was_here) {
            let first = index - member.place as usize;
            for (place, heard) in member.heard.iter().enumerate() {
                let Some(sender) = members.get(first + place).filter(|_| place < per_session) else {
                    continue;
                };
                // Only Hubbub shows everybody their own messages too: a resume is seen by them where nobody else is.
                if place == member.place as usize && self.peer() != Peer::Hubbub {
                    continue;
                }
                lost += heard.lost(sender.said, |number| {
                    !sender.refused.contains(&number)
                        && !sender.outstanding.iter().any(|(said, _)| *said == number)
                });
            }
        }
        (lost, self.outstanding.get())
    }
}
