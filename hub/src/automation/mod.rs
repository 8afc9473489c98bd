//! What Hubbub does by itself: rules that look at what was appended to a session, and append more, in the same append.
//!
//! Pure: told the rules, the session and what happened to it. So what a rule does is stored with what set it off, or
//! neither is, on whichever node; and each rule acts at most once in an append, and [`limits::RULE_RUNS`] times an hour in
//! a session, so no circle of rules goes on.

mod conditions;
mod known;
mod plan;

use std::{collections::HashMap, sync::Arc};

use persistence::Session;
use protocol::{
    Entry, EntryKind, Event, RuleAction, RuleRef, Seq, SiteId, SkippedAction, Trigger, UtcMillis, limits,
    rest::{RuleBody, RuleTrial, TriedAction, blanks},
};
use uuid::Uuid;

pub(crate) use known::KnownAutomation;
pub use plan::Names;

use crate::{
    Caller, Filling, Hours,
    state::{self, Draft, Effect, Effects},
};
use conditions::Facts;

/// How often rules look at what rules did. Each rule acts once, so this only bounds the looks.
const LOOKS: usize = 5;
/// Rules that act in one append.
const ACTING: usize = 20;

/// The rules in force, in their order.
#[derive(Debug, Default, Clone)]
pub struct Automation {
    rules: Vec<Compiled>,
    names: Names,
    hours: Arc<HashMap<SiteId, Hours>>,
}

#[derive(Debug, Clone)]
struct Compiled {
    rule: RuleRef,
    body: RuleBody,
    effects: Vec<Effect>,
}

impl Automation {
    /// These rules, with whom and what they name looked up; a site without hours is always open.
    pub fn new(
        rules: impl IntoIterator<Item = (RuleRef, RuleBody)>,
        names: Names,
        hours: Arc<HashMap<SiteId, Hours>>,
    ) -> Self {
        let compile = |(rule, body): (RuleRef, RuleBody)| {
            let effects = names.effects(&body.actions);
            Compiled { rule, body, effects }
        };
        let rules = rules.into_iter().map(compile).collect();
        Self { rules, names, hours }
    }

    /// Appends to `log` what the rules do about its entries from `from` on; the session is as after all of them.
    pub fn follow(
        &self,
        session: &mut Session,
        log: &mut Vec<Arc<Entry>>,
        mut from: usize,
        now: UtcMillis,
        mint: impl Fn() -> Uuid,
    ) {
        let mut acted: Vec<usize> = Vec::new();
        for _ in 0..LOOKS {
            let fresh = from..log.len();
            from = log.len();
            if fresh.is_empty() {
                return;
            }
            for (at, rule) in self.rules.iter().enumerate() {
                if acted.contains(&at) || acted.len() >= ACTING {
                    continue;
                }
                // Of several that it looks at, the first with which it fits.
                let drafts = log[fresh.clone()]
                    .iter()
                    .filter(|entry| rule.looks_at(entry))
                    .find_map(|because| rule.act(self, session, because, now));
                if let Some(drafts) = drafts {
                    acted.push(at);
                    let sender = Caller::System.sender();
                    state::extend(session, log, drafts, &sender, now, &mint);
                }
            }
        }
    }

    /// What a rule would do to a session as it is now, if `message` had just come.
    pub fn try_out(
        &self,
        body: &RuleBody,
        names: &Names,
        session: &Session,
        message: Option<&str>,
        now: UtcMillis,
    ) -> RuleTrial {
        let facts = self.facts(session, message, now);
        let is = |condition| facts.meet(condition);
        let effects = Effects::of(
            session,
            &Caller::System,
            &names.effects(&body.actions),
            &names.filling(session.site_id),
            now,
        );
        RuleTrial {
            fits: facts.fit(body),
            all: body.all.iter().map(is).collect(),
            any: body.any.iter().map(is).collect(),
            actions: tried(&body.actions, effects),
        }
    }

    fn facts<'a>(&self, session: &'a Session, message: Option<&'a str>, now: UtcMillis) -> Facts<'a> {
        let open = self.hours.get(&session.site_id).is_none_or(|hours| hours.is_open(now));
        Facts { session, message, open }
    }
}

impl Names {
    /// What these actions would do to a session as it is now, and say in words of `caller`. A blank that is not filled in
    /// stands there as `[name]`.
    pub fn preview(
        &self,
        actions: &[RuleAction],
        mut filling: Filling,
        session: &Session,
        caller: &Caller,
        now: UtcMillis,
    ) -> Vec<TriedAction> {
        for name in blanks(actions) {
            let shown = format!("[{name}]");
            filling.blanks.entry(name).or_insert(shown);
        }
        tried(actions, Effects::of(session, caller, &self.effects(actions), &filling, now))
    }
}

fn tried(actions: &[RuleAction], Effects { drafts, outcomes }: Effects) -> Vec<TriedAction> {
    let mut drafts = drafts.into_iter();
    let tried = actions.iter().zip(outcomes).map(|(action, outcome)| {
        let own: Vec<Draft> = drafts.by_ref().take(outcome.as_ref().map_or(0, |own| *own)).collect();
        TriedAction {
            action: action.word().to_owned(),
            changes: !own.is_empty(),
            refused: outcome.err().map(|refusal| refusal.to_string()),
            says: own.into_iter().find(|draft| draft.kind != EntryKind::Event).map(|draft| draft.body),
        }
    });
    tried.collect()
}

impl Compiled {
    fn looks_at(&self, entry: &Entry) -> bool {
        let trigger = match (&entry.event, entry.kind) {
            (None, EntryKind::Note) => None,
            (event, _) => Trigger::of(&entry.sender, event.as_ref()),
        };
        trigger.is_some_and(|trigger| self.body.on.contains(&trigger))
    }

    /// What it does, if it fits and that changes anything.
    fn act(
        &self,
        automation: &Automation,
        session: &Session,
        because: &Entry,
        now: UtcMillis,
    ) -> Option<Vec<Draft>> {
        let message = because.event.is_none().then_some(because.body.as_str());
        if !automation.facts(session, message, now).fit(&self.body)
            || state::runs_of_late(session, self.rule.id, now) >= limits::RULE_RUNS
        {
            return None;
        }
        let filling = automation.names.filling(session.site_id);
        let Effects { drafts, outcomes } =
            Effects::of(session, &Caller::System, &self.effects, &filling, now);
        if drafts.is_empty() {
            return None;
        }
        let skipped = self.body.actions.iter().zip(outcomes).filter_map(|(action, outcome)| {
            let why = outcome.err()?.to_string();
            Some(SkippedAction { action: action.word().to_owned(), why })
        });
        let ran = automated(self.rule.clone(), because.seq, skipped.collect());
        Some([ran].into_iter().chain(drafts).collect())
    }
}

fn automated(rule: RuleRef, because: Seq, skipped: Vec<SkippedAction>) -> Draft {
    Draft::event(Event::Automated { rule, because, skipped })
}
