//! Agents, needs and explanations in a few words, so that a table of cases can be read.

use std::fmt::Write as _;

use hub::routing::{
    policy::{Candidate, Need},
    queue::Waiting,
};
use protocol::{
    AgentId, AgentRef, AskedSkill, Availability, Pass, Priority, Routed, SessionId, SkillId, SkillRef,
    SkipReason, TeamId, UtcMillis,
};
use uuid::Uuid;

/// When the tables take place.
pub(super) const NOW: UtcMillis = UtcMillis::new(1_000_000);

/// The same for the same name; ids are ordered as names are.
fn id(name: &str) -> Uuid {
    let mut bytes = [0; 16];
    bytes[..name.len()].copy_from_slice(name.as_bytes());
    Uuid::from_bytes(bytes)
}

pub(super) fn agent_id(name: &str) -> AgentId {
    AgentId::new(id(name))
}

pub(super) fn agent_ref(name: &str) -> AgentRef {
    AgentRef { id: agent_id(name), name: name.into() }
}

pub(super) fn session_id(name: &str) -> SessionId {
    SessionId::new(id(name))
}

fn skill_and_level(word: &str) -> (SkillRef, u8) {
    let (name, level) = word.split_once(':').unwrap();
    (SkillRef { id: SkillId::new(id(name)), name: name.into() }, level.parse().unwrap())
}

/// `Bo 1/5 away @sales +returns:3 ~de idle:20 disabled`: name, load, status (else online), teams, skills, languages,
/// milliseconds without work.
pub(super) fn agent(line: &str) -> Candidate {
    let mut words = line.split_whitespace();
    let mut agent = Candidate {
        agent: agent_ref(words.next().unwrap()),
        availability: Availability::Online,
        disabled: false,
        active: 0,
        max: 5,
        skills: Vec::new(),
        teams: Vec::new(),
        languages: Vec::new(),
        free_since: NOW,
    };
    for word in words {
        let rest = &word[1..];
        match word.as_bytes()[0] {
            b'@' => agent.teams.push(TeamId::new(id(rest))),
            b'+' => {
                let (skill, level) = skill_and_level(rest);
                agent.skills.push((skill.id, level));
            }
            b'~' => agent.languages.push(rest.into()),
            b'0'..=b'9' => {
                let (active, max) = word.split_once('/').unwrap();
                (agent.active, agent.max) = (active.parse().unwrap(), max.parse().unwrap());
            }
            _ if word == "disabled" => agent.disabled = true,
            _ => match word.split_once(':') {
                Some(("idle", ms)) => {
                    agent.free_since = UtcMillis::new(NOW.get() - ms.parse::<i64>().unwrap());
                }
                _ => agent.availability = word.parse().unwrap(),
            },
        }
    }
    agent
}

/// Agents, divided by semicolons.
pub(super) fn agents(lines: &str) -> Vec<Candidate> {
    lines.split(';').filter(|line| !line.trim().is_empty()).map(agent).collect()
}

/// `@sales +returns:3 ~de was:Bo declined:Cleo unanswered:Dan`; `~de!` is required.
pub(super) fn need(line: &str) -> Need {
    let mut need = Need::default();
    for word in line.split_whitespace() {
        let rest = &word[1..];
        match (word.as_bytes()[0], word.split_once(':')) {
            (b'@', _) => need.team = Some(TeamId::new(id(rest))),
            (b'+', _) => {
                let (skill, level) = skill_and_level(rest);
                need.skills.push(AskedSkill { skill, level });
            }
            (b'~', _) => {
                need.language_required = rest.ends_with('!');
                need.language = Some(rest.trim_end_matches('!').into());
            }
            (_, Some(("was", name))) => need.previous = Some(agent_id(name)),
            (_, Some(("declined", name))) => need.passed.push((agent_id(name), Pass::Declined)),
            (_, Some(("unanswered", name))) => need.passed.push((agent_id(name), Pass::Unanswered)),
            _ => panic!("{word:?} is no need"),
        }
    }
    need
}

/// `s1 high waits:20 @sales`: name, priority (else normal), milliseconds of waiting, and what it needs.
pub(super) fn waits(line: &str) -> Waiting {
    let mut words: Vec<&str> = line.split_whitespace().collect();
    let session = session_id(words.remove(0));
    let (mut priority, mut since) = (Priority::Normal, NOW);
    words.retain(|word| {
        if let Ok(said) = word.parse() {
            priority = said;
            return false;
        }
        word.strip_prefix("waits:").is_none_or(|ms| {
            since = UtcMillis::new(NOW.get() - ms.parse::<i64>().unwrap());
            false
        })
    });
    Waiting { session, priority, since, need: need(&words.join(" ")) }
}

/// Sessions, divided by semicolons.
pub(super) fn queue(lines: &str) -> Vec<Waiting> {
    lines.split(';').filter(|line| !line.trim().is_empty()).map(waits).collect()
}

/// `Cleo least_loaded | Bo at_maximum 5/5, Dan away`
pub(super) fn told(why: &Routed) -> String {
    let mut out = match &why.chosen {
        Some(chosen) => format!("{} {}", chosen.agent.name, chosen.because.as_str()),
        None => "nobody".into(),
    };
    for (place, skipped) in why.skipped.iter().enumerate() {
        out += if place == 0 { " | " } else { ", " };
        let reason = match &skipped.reason {
            SkipReason::Disabled => "disabled".into(),
            SkipReason::NotOnline { status } => status.as_str().into(),
            SkipReason::NotInTeam => "not_in_team".into(),
            SkipReason::MissingSkill { skill, level, has: None } => format!("lacks {}:{level}", skill.name),
            SkipReason::MissingSkill { skill, level, has: Some(has) } => {
                format!("lacks {}:{level} has {has}", skill.name)
            }
            SkipReason::Language => "language".into(),
            SkipReason::Declined => "declined".into(),
            SkipReason::Unanswered => "unanswered".into(),
            SkipReason::HandedOn => "handed_on".into(),
            SkipReason::Late => "late".to_owned(),
            SkipReason::AtMaximum { active, max } => format!("at_maximum {active}/{max}"),
        };
        write!(out, "{} {reason}", skipped.agent.name).unwrap();
    }
    if why.skipped_more > 0 {
        write!(out, " and {} more", why.skipped_more).unwrap();
    }
    out
}
