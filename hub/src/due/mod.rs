//! What is due of a session by the clock: warnings and breaches of its service level, reminders, and its end.
//!
//! Pure: told the rules, the session, and what time it is. Every time at which something is due follows from the
//! session's row, so each node reckons the same, and what was done is seen from what the row remembers of it.

mod current;
mod watch;

use std::{collections::HashMap, sync::Arc, time::Duration};

use persistence::{Session, UnderWay};
use protocol::{
    AgentId, EntryKind, Event, PartyKind, Priority, Reminder, Routed, Sender, SiteId, SkipReason, SlaDue,
    SlaStanding, SlaTarget, Status, UtcMillis,
    rest::{ClosingSettings, ReminderSettings, Settings, SlaEscalation},
};

use crate::{
    Hours,
    sla::{Due, Dues, Facts, Policy, Subject, pick},
    state::Draft,
};

pub(crate) use current::Current;
pub(crate) use watch::Watch;

/// The settings that the clock goes by, ready to be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    sla: Vec<Policy>,
    reminders: ReminderSettings,
    closing: ClosingSettings,
    hours: Arc<HashMap<SiteId, Hours>>,
    /// Who leads the team, and is told of what nobody else would see.
    leads: Arc<[AgentId]>,
}

/// Something that happens at a time, if nothing happens before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Alarm {
    /// Little time is left until then.
    Warn(SlaTarget, UtcMillis),
    /// It was due then.
    Breach(SlaTarget, UtcMillis),
    Remind(Reminder),
    /// The customer is told that the chat will end.
    WarnOfEnd,
    End,
    Resolve,
    /// The time to re-open it is over.
    Expire,
}

impl Rules {
    /// The rules of these settings; a site without hours is always open.
    pub fn new(settings: &Settings, hours: Arc<HashMap<SiteId, Hours>>) -> Self {
        let Settings { sla, reminders, closing, .. } = settings;
        Self {
            sla: sla.iter().cloned().map(Policy::from).collect(),
            reminders: *reminders,
            closing: closing.clone(),
            hours,
            leads: Arc::default(),
        }
    }

    /// The same for a team that these lead.
    #[must_use]
    pub fn led_by(self, leads: Arc<[AgentId]>) -> Self {
        Self { leads, ..self }
    }

    /// Whether the customer's message is one of the words that end a chat.
    pub fn is_command(&self, body: &str) -> bool {
        self.closing.is_command(body)
    }

    /// What the customer reads when the chat ends by itself, or by a word.
    pub fn closing_text(&self) -> &str {
        &self.closing.closing_text
    }

    /// How it stands with what was promised of a session.
    pub fn standing(&self, session: &Session, now: UtcMillis) -> Option<SlaStanding> {
        if self.sla.is_empty() {
            return None;
        }
        let (policy, dues) = self.dues(&session.into())?;
        let shown = |due: Option<Due>| {
            due.map(|due| SlaDue {
                warn_at: due.warn_at,
                due_at: due.at,
                met_at: due.met_at,
                state: due.state(now),
            })
        };
        Some(SlaStanding {
            policy: policy.name.clone(),
            first_response: shown(dues.first_response),
            next_response: shown(dues.next_response),
            resolution: shown(dues.resolution),
        })
    }

    /// When something is due next; a time that has come: now.
    pub fn next(&self, session: &UnderWay) -> Option<UtcMillis> {
        self.alarms(session).into_iter().map(|(at, _)| at).min()
    }

    /// What happens to a session now, in this order. What follows from it may be due at once; the same is not.
    pub fn due(&self, session: &Session, now: UtcMillis) -> Vec<Draft> {
        let alarms = self.alarms(&session.into());
        let due: Vec<_> = alarms.into_iter().filter(|(at, _)| *at <= now).map(|(_, alarm)| alarm).collect();
        let from = session.status;
        // What ends needs nothing else.
        if due.contains(&Alarm::Expire) {
            return vec![Draft::event(Event::Closed { from })];
        }
        if due.contains(&Alarm::End) {
            let mut drafts = vec![Draft::event(Event::Closed { from })];
            drafts.splice(0..0, said(self.closing.closing_text.clone()));
            return drafts;
        }
        if due.contains(&Alarm::Resolve) {
            return vec![Draft::event(Event::StatusChanged { from, to: Status::Resolved })];
        }
        let priority = session.ticket.priority;
        let mut happening = Happening { session, leads: &self.leads, priority, drafts: Vec::new() };
        let policy = self.policy(&session.into());
        for alarm in &due {
            match *alarm {
                Alarm::Warn(target, _)
                    if due.iter().any(|it| matches!(it, Alarm::Breach(of, _) if *of == target)) => {}
                Alarm::Warn(target, due_at) => {
                    let policy = policy.map(|policy| policy.name.clone()).unwrap_or_default();
                    happening.tell(Event::SlaWarned { policy, target, due_at }, Told::Holder);
                }
                Alarm::Breach(target, due_at) => {
                    if let Some(policy) = policy {
                        happening.breach(policy, target, due_at);
                    }
                }
                Alarm::Remind(about) => happening.tell(Event::Reminded { about }, Told::Holder),
                Alarm::WarnOfEnd => {
                    let left = Duration::from_secs(self.closing.warn_before_s.into());
                    let minutes = left.as_secs().div_ceil(60).to_string();
                    happening.event(Event::Ending { at: now.plus(left) });
                    happening.drafts.extend(said(self.closing.warning_text.replace("{minutes}", &minutes)));
                }
                Alarm::End | Alarm::Resolve | Alarm::Expire => {}
            }
        }
        happening.drafts
    }

    fn policy(&self, session: &UnderWay) -> Option<&Policy> {
        let subject =
            Subject { priority: session.ticket.priority, site: session.site_id, tags: &session.ticket.tags };
        pick(&self.sla, &subject)
    }

    fn dues(&self, session: &UnderWay) -> Option<(&Policy, Dues)> {
        let policy = self.policy(session)?;
        Some((policy, policy.dues(&facts(session), self.hours.get(&session.site_id))))
    }

    fn alarms(&self, session: &UnderWay) -> Vec<(UtcMillis, Alarm)> {
        let course = &session.ticket.work.course;
        let mut alarms = Vec::new();
        match session.status {
            Status::Closed => {}
            Status::Resolved => {
                if let Some(window) = self.closing.reopen_window_s {
                    let since = course.resolved_at.unwrap_or(session.updated_at);
                    alarms.push((since.plus(seconds(window)), Alarm::Expire));
                }
            }
            Status::Open | Status::InProgress => {
                self.promises(session, &mut alarms);
                self.reminders(session, &mut alarms);
                self.end(session, &mut alarms);
            }
        }
        alarms
    }

    fn promises(&self, session: &UnderWay, alarms: &mut Vec<(UtcMillis, Alarm)>) {
        let Some((_, dues)) = self.dues(session) else { return };
        for (target, due) in [
            (SlaTarget::FirstResponse, dues.first_response),
            (SlaTarget::NextResponse, dues.next_response),
            (SlaTarget::Resolution, dues.resolution),
        ] {
            let Some(due) = due.filter(|due| due.met_at.is_none()) else { continue };
            let since = Some(target.since(session.created_at, session.waiting_since));
            let told = session.ticket.work.course.told.get(&target).filter(|told| Some(told.since) == since);
            if told.is_none_or(|told| !told.breached) {
                alarms.push((due.at, Alarm::Breach(target, due.at)));
            }
            if let (None, Some(warn_at)) = (told, due.warn_at) {
                alarms.push((warn_at, Alarm::Warn(target, due.at)));
            }
        }
    }

    fn reminders(&self, session: &UnderWay, alarms: &mut Vec<(UtcMillis, Alarm)>) {
        let course = &session.ticket.work.course;
        if session.ticket.snoozed_until.is_some() {
            return;
        }
        let mut remind = |about, since: UtcMillis, after: Option<u32>| {
            if let Some(after) = after
                && !course.reminded.contains(&about)
            {
                alarms.push((since.plus(seconds(after)), Alarm::Remind(about)));
            }
        };
        let ReminderSettings { unassigned_after_s, unresolved_after_s } = self.reminders;
        if let (false, Some(since)) = (session.held, session.ticket.queued_since) {
            remind(Reminder::Unassigned, since, unassigned_after_s);
        }
        // Who was put aside, or was re-opened, has begun anew.
        let again = course.pauses.last().and_then(|pause| pause.until).unwrap_or(session.created_at);
        remind(Reminder::Unresolved, again.max(session.created_at), unresolved_after_s);
    }

    /// Only the customer's silence ends a chat: who waits for an answer is not shown the door.
    fn end(&self, session: &UnderWay, alarms: &mut Vec<(UtcMillis, Alarm)>) {
        let quiet = session.waiting_since.is_none() && session.ticket.snoozed_until.is_none();
        let Some(said) = session.last_said.filter(|said| quiet && said.by == PartyKind::Agent) else {
            return;
        };
        let warned = session.ticket.work.course.ending.filter(|ending| ending.seq == said.seq);
        if let Some(after) = self.closing.inactive_after_s {
            let before = seconds(self.closing.warn_before_s);
            alarms.push(match warned {
                Some(ending) => (ending.at, Alarm::End),
                None if before.is_zero() => (said.at.plus(seconds(after)), Alarm::End),
                None => (said.at.plus(seconds(after).saturating_sub(before)), Alarm::WarnOfEnd),
            });
        }
        if let (Some(after), Status::InProgress) = (self.closing.resolve_after_s, session.status) {
            alarms.push((said.at.plus(seconds(after)), Alarm::Resolve));
        }
    }
}

/// What comes of the alarms, one after the other.
struct Happening<'a> {
    session: &'a Session,
    leads: &'a [AgentId],
    priority: Priority,
    drafts: Vec<Draft>,
}

/// Who is told in person of what is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// Whoever holds the session; if nobody does, those who lead.
    Holder,
    /// Both.
    Everybody,
}

impl Happening<'_> {
    fn tell(&mut self, event: Event, whom: Told) {
        let holder = self.session.assignee.as_ref().map(|agent| agent.id);
        let leads = self.leads.iter().copied().filter(|lead| Some(*lead) != holder);
        let leads = leads.take(if holder.is_some() && whom == Told::Holder { 0 } else { self.leads.len() });
        let mentions = holder.into_iter().chain(leads).collect();
        self.drafts.push(Draft { mentions, ..Draft::event(event) });
    }

    fn event(&mut self, event: Event) {
        self.drafts.push(Draft::event(event));
    }

    fn breach(&mut self, policy: &Policy, target: SlaTarget, due_at: UtcMillis) {
        let notifies = policy.escalate.contains(&SlaEscalation::Notify);
        let told = if notifies { Told::Everybody } else { Told::Holder };
        self.tell(Event::SlaBreached { policy: policy.name.clone(), target, due_at }, told);
        for step in &policy.escalate {
            match step {
                SlaEscalation::RaisePriority => {
                    let from = self.priority;
                    let above = Priority::ALL.iter().copied().filter(|other| *other > from).min();
                    if let Some(to) = above {
                        self.event(Event::PriorityChanged { from, to });
                        self.priority = to;
                    }
                }
                // Done with the breach itself.
                SlaEscalation::Notify => {}
                SlaEscalation::Reassign => {
                    let taken = |draft: &Draft| matches!(draft.event, Some(Event::Assigned { .. }));
                    if let Some(holder) = &self.session.assignee
                        && !self.drafts.iter().any(taken)
                    {
                        let why = Box::new(Routed::returned(holder.clone(), SkipReason::Late));
                        self.event(Event::Routed { why });
                        self.event(Event::Assigned { agent: None });
                    }
                }
            }
        }
    }
}

/// Something that Hubbub itself says; nothing, if it has no words.
pub(crate) fn said(body: String) -> Option<Draft> {
    let message = Draft {
        id: None,
        by: Some(Sender::System),
        kind: EntryKind::Message,
        body,
        event: None,
        mentions: Vec::new(),
        attachments: Vec::new(),
    };
    (!message.body.is_empty()).then_some(message)
}

fn facts(session: &UnderWay) -> Facts {
    let course = &session.ticket.work.course;
    // Of sessions from before answers were remembered: the team spoke last, so it has answered; unless that was only
    // Hubbub itself, and the customer still waits.
    let answered =
        session.last_said.is_some_and(|said| said.by == PartyKind::Agent) && session.waiting_since.is_none();
    let spoke = answered.then_some(session.created_at);
    Facts {
        created_at: session.created_at,
        first_agent_reply_at: course.answered_at.or(spoke),
        waiting_since: session.waiting_since,
        resolved_at: course.resolved_at.or(session.closed_at),
        pauses: course.pauses.clone(),
    }
}

fn seconds(seconds: u32) -> Duration {
    Duration::from_secs(seconds.into())
}
