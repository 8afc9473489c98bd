//! What may be said of a member of the team, checked: every fault is named.

use hub::Clock;
use persistence::{Agent, MemberEdit, NewMember, Skill, Team};
use protocol::{
    AgentId, Email, ErrorCode, Invalid, MessageBody, Name, Role, SkillId, TeamId, UtcMillis, language_tag,
    limits, one_line,
    rest::{EditAgent, NewAgent, SetSkill},
};

use crate::error::{ApiError, Faults};

/// A member to be invited.
///
/// # Errors
/// Names every field that cannot be used.
pub(super) fn new_member(
    clock: &Clock,
    new: NewAgent,
    teams: &[Team],
    skills: &[Skill],
) -> Result<NewMember, ApiError> {
    let mut faults = Faults::default();
    let email = faults.take("email", Email::parse(&new.email));
    let name = faults.take("name", Name::parse(&new.name));
    let max_chats = new.max_chats.unwrap_or(limits::MAX_CHATS_DEFAULT);
    let max_chats = faults.take("max_chats", self::max_chats(max_chats));
    let languages = languages(&new.languages.unwrap_or_default(), &mut faults);
    let member_of = self::teams(None, &new.teams.unwrap_or_default(), teams, &mut faults);
    let skills = self::skills("skills", &new.skills.unwrap_or_default(), skills, &mut faults);
    faults.finish()?;
    let (Some(email), Some(name), Some(max_chats)) = (email, name, max_chats) else {
        return Err(ApiError::new(ErrorCode::Internal, "A fault was not named."));
    };
    let newcomer = newcomer(clock, &email, &name, new.role, clock.now());
    Ok(NewMember { max_chats, languages, teams: member_of, skills, ..newcomer })
}

/// Somebody who has no password yet, and of whom no more is said.
pub(crate) fn newcomer(clock: &Clock, email: &Email, name: &Name, role: Role, now: UtcMillis) -> NewMember {
    let agent = Agent {
        id: AgentId::new(clock.mint()),
        email: email.as_str().to_owned(),
        name: name.as_str().to_owned(),
        role,
        password_hash: String::new(),
        must_change_password: false,
        disabled: false,
        created_at: now,
    };
    let max_chats = limits::MAX_CHATS_DEFAULT;
    NewMember { agent, max_chats, languages: Vec::new(), teams: Vec::new(), skills: Vec::new() }
}

/// A change of `agent`.
///
/// # Errors
/// Names every field that cannot be used.
pub(super) fn change(agent: AgentId, edit: EditAgent, all_teams: &[Team]) -> Result<MemberEdit, ApiError> {
    let EditAgent { email, name, role, disabled, max_chats, languages, signature, avatar_url, teams } = edit;
    let mut faults = Faults::default();
    let email = email.and_then(|email| faults.take("email", Email::parse(&email)));
    let name = name.and_then(|name| faults.take("name", Name::parse(&name)));
    let edit = MemberEdit {
        email: email.map(Email::into_string),
        name: name.map(Name::into_string),
        role,
        disabled,
        max_chats: max_chats.and_then(|chats| faults.take("max_chats", self::max_chats(chats))),
        languages: languages.map(|languages| self::languages(&languages, &mut faults)),
        signature: signature.and_then(|text| faults.take("signature", self::signature(&text))),
        avatar_url: avatar_url.and_then(|url| faults.take("avatar_url", avatar(url.as_deref()))),
        teams: teams.map(|teams| self::teams(Some(agent), &teams, all_teams, &mut faults)),
    };
    faults.finish()?;
    Ok(edit)
}

/// Refuses what one may not change of oneself.
///
/// # Errors
/// Names it.
pub(super) fn own(edit: &EditAgent) -> Result<(), ApiError> {
    let reserved = [
        ("email", edit.email.is_some()),
        ("role", edit.role.is_some()),
        ("disabled", edit.disabled.is_some()),
        ("max_chats", edit.max_chats.is_some()),
        ("teams", edit.teams.is_some()),
    ];
    let named: Vec<_> = reserved.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect();
    if named.is_empty() {
        return Ok(());
    }
    let detail = format!("Only an admin can change {}.", named.join(", "));
    Err(ApiError::new(ErrorCode::Forbidden, detail))
}

fn max_chats(chats: u32) -> Result<u32, Invalid> {
    let (least, most) = (limits::MAX_CHATS.start(), limits::MAX_CHATS.end());
    if limits::MAX_CHATS.contains(&chats) {
        Ok(chats)
    } else {
        Err(Invalid(format!("must be a number from {least} to {most}")))
    }
}

fn languages(given: &[String], faults: &mut Faults) -> Vec<String> {
    if given.len() > limits::LANGUAGES {
        faults.add("languages", format!("has {} entries; the limit is {}", given.len(), limits::LANGUAGES));
        return Vec::new();
    }
    let mut languages = Vec::new();
    for (at, tag) in given.iter().enumerate() {
        let tag = faults.take(&format!("languages[{at}]"), language_tag(tag));
        languages.extend(tag.filter(|tag| !languages.contains(tag)));
    }
    languages
}

/// May be several lines, and nothing at all.
fn signature(text: &str) -> Result<String, Invalid> {
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    MessageBody::parse(text, limits::SIGNATURE_CHARS).map(MessageBody::into_string)
}

fn avatar(url: Option<&str>) -> Result<String, Invalid> {
    let Some(url) = url else { return Ok(String::new()) };
    let url = one_line(url, limits::AVATAR_URL_CHARS)?;
    let parsed: Option<http::Uri> = url.parse().ok();
    let fits = parsed.is_some_and(|uri| {
        let host = uri.authority().is_some_and(|at| !at.host().is_empty() && !at.as_str().contains('@'));
        uri.scheme_str() == Some("https") && host
    });
    if fits { Ok(url) } else { Err(Invalid("must be an address like https://example.com/me.png".into())) }
}

/// Teams that there are, each once, with room for one more.
fn teams(agent: Option<AgentId>, given: &[TeamId], all: &[Team], faults: &mut Faults) -> Vec<TeamId> {
    if given.len() > limits::GROUPS {
        faults.add("teams", format!("has {} entries; the limit is {}", given.len(), limits::GROUPS));
        return Vec::new();
    }
    let mut teams = Vec::new();
    for (at, id) in given.iter().enumerate() {
        match all.iter().find(|team| team.id == *id) {
            None => faults.add(&format!("teams[{at}]"), "is no team"),
            Some(team)
                if team.members.len() >= limits::TEAM_MEMBERS
                    && !agent.is_some_and(|agent| team.members.contains(&agent)) =>
            {
                let message = format!("is full: the limit of a team is {} members", limits::TEAM_MEMBERS);
                faults.add(&format!("teams[{at}]"), message);
            }
            Some(_) if teams.contains(id) => {}
            Some(_) => teams.push(*id),
        }
    }
    teams
}

/// Skills that there are, named by id or by name, each once. `field`: that of the list, empty where it is the body.
pub(super) fn skills(
    field: &str,
    given: &[SetSkill],
    known: &[Skill],
    faults: &mut Faults,
) -> Vec<(SkillId, u8)> {
    if given.len() > limits::AGENT_SKILLS {
        let field = if field.is_empty() { "body" } else { field };
        faults.add(field, format!("has {} entries; the limit is {}", given.len(), limits::AGENT_SKILLS));
        return Vec::new();
    }
    let mut skills: Vec<(SkillId, u8)> = Vec::new();
    for (at, set) in given.iter().enumerate() {
        let (id, name) = (set.skill.parse::<SkillId>().ok(), set.skill.trim().to_lowercase());
        let found = known.iter().find(|skill| Some(skill.id) == id || skill.name.to_lowercase() == name);
        match found {
            None => faults.add(&format!("{field}[{at}].skill"), "is no skill, neither by id nor by name"),
            Some(skill) if skills.iter().any(|(id, _)| *id == skill.id) => {
                faults.add(&format!("{field}[{at}].skill"), "is named twice");
            }
            Some(_) if !limits::SKILL_LEVELS.contains(&set.level) => {
                let (least, most) = (limits::SKILL_LEVELS.start(), limits::SKILL_LEVELS.end());
                faults
                    .add(&format!("{field}[{at}].level"), format!("must be a number from {least} to {most}"));
            }
            Some(skill) => skills.push((skill.id, set.level)),
        }
    }
    skills
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_https_and_signatures_may_be_lines() {
        assert_eq!(avatar(None).unwrap(), "");
        assert_eq!(avatar(Some(" https://x.example/y.png?z ")).unwrap(), "https://x.example/y.png?z");
        let long = format!("https://x.example/{}", "y".repeat(limits::AVATAR_URL_CHARS));
        for bad in [
            "",
            "x.example/y.png",
            "http://x.example/y.png",
            "javascript:alert(1)",
            "data:image/png;base64,AAAA",
            "https://",
            "https://user@x.example/",
            "https://x.example/a b",
            "https://x.example/\n",
            "//x.example/y.png",
            &long,
        ] {
            // A line break at the end is trimmed away.
            assert!(avatar(Some(bad)).is_err() || bad.trim() != bad, "{bad:?}");
        }
        assert_eq!(signature(" \n ").unwrap(), "");
        assert_eq!(signature(" Bo\r\nReturns ").unwrap(), "Bo\nReturns");
        assert!(signature(&"x".repeat(501)).unwrap_err().0.contains("500"));
        assert!(signature("a\u{1b}[0m").is_err());
    }
}
