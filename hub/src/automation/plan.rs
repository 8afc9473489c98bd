//! From actions as they are written to effects: whom and what they name is looked up once, not with each message.

use std::{collections::HashMap, time::Duration};

use protocol::{
    AgentId, AgentRef, AskedSkill, RuleAction, SiteId, SkillId, SkillRef, TeamId, TeamRef, Template,
    rest::SetSkill,
};

use crate::{
    Filling,
    state::{Assignment, Effect, Update},
};

/// Who and what there is to be named.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Names {
    /// Agents who can hold a session.
    pub agents: HashMap<AgentId, String>,
    /// Teams.
    pub teams: HashMap<TeamId, String>,
    /// Skills.
    pub skills: HashMap<SkillId, String>,
    /// Sites.
    pub sites: HashMap<SiteId, String>,
}

impl Names {
    /// What a text by Hubbub itself is filled in with.
    pub(super) fn filling(&self, site: SiteId) -> Filling {
        Filling { site: self.sites.get(&site).cloned(), ..Filling::default() }
    }

    /// What these actions do.
    pub fn effects(&self, actions: &[RuleAction]) -> Vec<Effect> {
        actions.iter().map(|action| self.effect(action)).collect()
    }

    fn effect(&self, action: &RuleAction) -> Effect {
        let update = |update: Update| Effect::Update(Box::new(update));
        match action {
            RuleAction::Tags { add, remove } => {
                update(Update { added_tags: add.clone(), removed_tags: remove.clone(), ..Update::default() })
            }
            RuleAction::Priority { priority } => {
                update(Update { priority: Some(*priority), ..Update::default() })
            }
            RuleAction::Category { category } => {
                update(Update { category: Some(category.clone()), ..Update::default() })
            }
            RuleAction::Subject { subject } => {
                update(Update { subject: Some(subject.clone()), ..Update::default() })
            }
            RuleAction::Attribute { name, value } => {
                let attributes = [(name.clone(), value.clone())].into();
                update(Update { attributes, ..Update::default() })
            }
            RuleAction::Status { status } => update(Update { status: Some(*status), ..Update::default() }),
            RuleAction::Snooze { minutes } => Effect::Snooze(Duration::from_secs(u64::from(*minutes) * 60)),
            RuleAction::Assign { agent_id: None } => Effect::Assign(Assignment::Assign(None)),
            RuleAction::Assign { agent_id: Some(id) } => match self.agents.get(id) {
                Some(name) => {
                    Effect::Assign(Assignment::Assign(Some(AgentRef { id: *id, name: name.clone() })))
                }
                None => Effect::Gone("The agent is not of the team any more."),
            },
            RuleAction::AssignMe => Effect::AssignMe,
            RuleAction::Team { team_id: None } => update(Update { team: Some(None), ..Update::default() }),
            RuleAction::Team { team_id: Some(id) } => match self.teams.get(id) {
                Some(name) => {
                    let team = TeamRef { id: *id, name: name.clone() };
                    update(Update { team: Some(Some(team)), ..Update::default() })
                }
                None => Effect::Gone("The team is not there any more."),
            },
            RuleAction::Skills { skills } => match self.skills(skills) {
                Some(skills) => update(Update { skills: Some(skills), ..Update::default() }),
                None => Effect::Gone("A skill is not there any more."),
            },
            RuleAction::Message { body } => said(body, Effect::Message),
            RuleAction::Note { body } => said(body, Effect::Note),
        }
    }

    fn skills(&self, asked: &[SetSkill]) -> Option<Vec<AskedSkill>> {
        let skill = |asked: &SetSkill| {
            let id = asked.skill.parse().ok()?;
            let name = self.skills.get(&id)?.clone();
            Some(AskedSkill { skill: SkillRef { id, name }, level: asked.level })
        };
        asked.iter().map(skill).collect()
    }
}

fn said(body: &str, effect: fn(Template) -> Effect) -> Effect {
    // It was checked when it was written; by a version that knew other variables, perhaps.
    Template::parse(body).map_or(Effect::Gone("The text has a variable that is not known."), effect)
}
