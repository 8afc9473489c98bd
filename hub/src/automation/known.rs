//! The rules in force, kept in memory: what happens to a session asks them.

use std::sync::{Arc, Mutex, PoisonError};

use persistence::StoreError;
use protocol::{RuleRef, rest::Rule};
use tokio::time::{Duration, Instant};

use super::{Automation, Names};
use crate::Hub;

/// How old the copy of the rules may be: the time that another node's change takes to arrive here.
const FRESH: Duration = Duration::from_secs(1);
/// How old the copy of the names may be.
const NAMES_FRESH: Duration = Duration::from_secs(10);

/// The copies, and when they were read.
#[derive(Default)]
pub(crate) struct KnownAutomation(Mutex<Known>);

#[derive(Default)]
struct Known {
    automation: Arc<Automation>,
    rules: Vec<Rule>,
    names: Names,
    read: Option<Instant>,
    named: Option<Instant>,
}

impl KnownAutomation {
    pub(crate) fn automation(&self) -> Arc<Automation> {
        self.known().automation.clone()
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hub {
    /// The rules as they were a moment ago; before the server has read them, none.
    pub fn automation(&self) -> Arc<Automation> {
        self.inner.automation.automation()
    }

    /// Lets a change of the rules count at once here.
    ///
    /// # Errors
    /// `Unavailable`: then within a second.
    pub async fn rules_changed(&self) -> Result<(), StoreError> {
        {
            let mut known = self.inner.automation.known();
            (known.read, known.named) = (None, None);
        }
        self.fresh_automation().await
    }

    /// Who and what rules and macros can name, as the store has it.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn names(&self) -> Result<Names, StoreError> {
        let store = &self.inner.store;
        let agents = store.agents().await?.into_iter().filter(|agent| !agent.disabled);
        Ok(Names {
            agents: agents.map(|agent| (agent.id, agent.name)).collect(),
            teams: store.teams().await?.into_iter().map(|team| (team.id, team.name)).collect(),
            skills: store.skills().await?.into_iter().map(|skill| (skill.id, skill.name)).collect(),
            sites: store.sites().await?.into_iter().map(|site| (site.id, site.name)).collect(),
        })
    }

    /// Reads the rules if the copy is old.
    pub(crate) async fn fresh_automation(&self) -> Result<(), StoreError> {
        let old = |read: Option<Instant>, fresh| read.is_none_or(|read| read.elapsed() >= fresh);
        let (read_rules, read_names) = {
            let known = self.inner.automation.known();
            let read_names = !known.rules.is_empty() && old(known.named, NAMES_FRESH);
            (old(known.read, FRESH), read_names)
        };
        if !read_rules {
            return Ok(());
        }
        let rules = self.inner.store.rules().await?;
        let changed = self.inner.automation.known().rules != rules;
        let names = if read_names || changed { Some(self.names().await?) } else { None };
        let hours = self.compiled_hours();
        let mut known = self.inner.automation.known();
        known.read = Some(Instant::now());
        if let Some(names) = names {
            known.named = Some(Instant::now());
            if !changed && known.names == names {
                return Ok(());
            }
            known.names = names;
            known.rules = rules;
        } else if Arc::ptr_eq(&known.automation.hours, &hours) {
            return Ok(());
        }
        let in_force = known.rules.iter().filter(|rule| rule.enabled);
        let bodies =
            in_force.map(|rule| (RuleRef { id: rule.id, name: rule.name.clone() }, rule.does.clone()));
        known.automation = Arc::new(Automation::new(bodies.collect::<Vec<_>>(), known.names.clone(), hours));
        Ok(())
    }
}
