//! The team's REST bodies as they go over the line.

use protocol::{
    LoginId, PartyKind, Role, SkillId, TeamId, You,
    rest::{
        AcceptWelcome, Agent, AgentLogin, AgentMe, AgentSkill, ChangePassword, ConfirmPassword, ConfirmTotp,
        EditAgent, EditSkill, EditTeam, InvitedAgent, Link, LinkKind, Login, NewAgent, NewTotp,
        RecoveryCodes, SetSkill, Skill, Team, TeamRef, Welcome, WelcomeToken,
    },
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::samples::*;

const TEAM: &str = "00000000-0000-7000-8000-000000000007";
const SKILL: &str = "00000000-0000-7000-8000-000000000008";
const LOGIN: &str = "00000000-0000-7000-8000-000000000009";

/// Of what holds secrets, and so cannot be printed or compared.
#[track_caller]
fn written(value: &impl Serialize, expected: &Value) {
    assert_eq!(serde_json::to_value(value).unwrap(), *expected);
}

#[test]
fn of_signing_in() {
    let login = Login { email: "a@b".into(), password: "p".into(), totp: None };
    written(&login, &json!({ "email": "a@b", "password": "p" }));
    let login = Login { totp: Some("123456".into()), ..login };
    written(&login, &json!({ "email": "a@b", "password": "p", "totp": "123456" }));
    let change = ChangePassword { current: "c".into(), new: "n".into() };
    written(&change, &json!({ "current": "c", "new": "n" }));
    let you = You {
        kind: PartyKind::Agent,
        id: agent_id().uuid(),
        name: Some("Tess".into()),
        role: Some(Role::Agent),
    };
    let you_json = json!({ "kind": "agent", "id": AGENT, "name": "Tess", "role": "agent" });
    let me = AgentMe {
        you,
        email: "tess@example.com".into(),
        password_change_required: true,
        second_factor: false,
    };
    wire(&me, json!({ "you": you_json, "email": "tess@example.com", "password_change_required": true }));
    wire(
        &AgentMe { second_factor: true, ..me },
        json!({
            "you": you_json, "email": "tess@example.com", "password_change_required": true, "second_factor": true,
        }),
    );
    written(&WelcomeToken { token: "t".into() }, &json!({ "token": "t" }));
    let welcome = Welcome {
        kind: LinkKind::Invitation,
        name: "Tess".into(),
        email: "tess@example.com".into(),
        second_factor: false,
    };
    wire(&welcome, json!({ "kind": "invitation", "name": "Tess", "email": "tess@example.com" }));
    wire(
        &Welcome { kind: LinkKind::Reset, second_factor: true, ..welcome },
        json!({ "kind": "reset", "name": "Tess", "email": "tess@example.com", "second_factor": true }),
    );
    for kind in [LinkKind::Invitation, LinkKind::Reset] {
        assert_eq!(kind.as_str().parse(), Ok(kind));
        written(&kind, &json!(kind.as_str()));
    }
    let accept = AcceptWelcome { token: "t".into(), password: "p".into(), name: None, totp: None };
    written(&accept, &json!({ "token": "t", "password": "p" }));
    let accept = AcceptWelcome { name: Some("Tess".into()), totp: Some("123456".into()), ..accept };
    written(&accept, &json!({ "token": "t", "password": "p", "name": "Tess", "totp": "123456" }));
    written(&ConfirmPassword { password: "p".into() }, &json!({ "password": "p" }));
    written(
        &NewTotp { secret: "ABC".into(), url: "otpauth://totp/x".into() },
        &json!({ "secret": "ABC", "url": "otpauth://totp/x" }),
    );
    written(&ConfirmTotp { code: "123456".into() }, &json!({ "code": "123456" }));
    written(&RecoveryCodes { recovery_codes: vec!["x".into()] }, &json!({ "recovery_codes": ["x"] }));
    wire(
        &AgentLogin {
            id: LoginId::new(uuid(9)),
            label: "Firefox".into(),
            created_at: time(),
            seen_at: time(),
            current: true,
        },
        json!({ "id": LOGIN, "label": "Firefox", "created_at": TIME, "seen_at": TIME, "current": true }),
    );
}

#[test]
fn of_members() {
    // As every agent sees a colleague.
    let colleague = Agent {
        id: agent_id(),
        name: "Tess".into(),
        role: Role::Supervisor,
        avatar_url: None,
        teams: vec![TeamRef { id: TeamId::new(uuid(7)), name: "Returns".into() }],
        skills: vec![AgentSkill { id: SkillId::new(uuid(8)), name: "Bikes".into(), level: 3 }],
        languages: vec!["en".into(), "pt-BR".into()],
        max_chats: 5,
        disabled: false,
        email: None,
        signature: None,
        invited: None,
        second_factor: None,
        created_at: None,
        updated_at: None,
    };
    let mut expected = json!({
        "id": AGENT, "name": "Tess", "role": "supervisor", "avatar_url": null,
        "teams": [{ "id": TEAM, "name": "Returns" }], "skills": [{ "id": SKILL, "name": "Bikes", "level": 3 }],
        "languages": ["en", "pt-BR"], "max_chats": 5, "disabled": false,
    });
    wire(&colleague, expected.clone());
    let member = Agent {
        avatar_url: Some("https://x/y.png".into()),
        email: Some("tess@example.com".into()),
        signature: Some("Tess".into()),
        invited: Some(true),
        second_factor: Some(false),
        created_at: Some(time()),
        updated_at: Some(time()),
        ..colleague
    };
    let more = json!({
        "avatar_url": "https://x/y.png", "email": "tess@example.com", "signature": "Tess", "invited": true,
        "second_factor": false, "created_at": TIME, "updated_at": TIME,
    });
    expected.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    wire(&member, expected.clone());
    wire(
        &InvitedAgent {
            agent: member,
            invitation: Link { url: "https://x/console/welcome#t".into(), expires_at: time() },
        },
        json!({
            "agent": expected, "invitation": { "url": "https://x/console/welcome#t", "expires_at": TIME },
        }),
    );
    let new = NewAgent {
        email: "a@b".into(),
        name: "Tess".into(),
        role: Role::Agent,
        max_chats: None,
        languages: None,
        teams: None,
        skills: None,
    };
    wire(&new, json!({ "email": "a@b", "name": "Tess", "role": "agent" }));
    wire(
        &NewAgent {
            max_chats: Some(0),
            languages: Some(vec!["en".into()]),
            teams: Some(vec![TeamId::new(uuid(7))]),
            skills: Some(vec![SetSkill { skill: "Bikes".into(), level: 1 }]),
            ..new
        },
        json!({
            "email": "a@b", "name": "Tess", "role": "agent", "max_chats": 0, "languages": ["en"], "teams": [TEAM],
            "skills": [{ "skill": "Bikes", "level": 1 }],
        }),
    );
    wire(&EditAgent::default(), json!({}));
    wire(
        &EditAgent {
            email: Some("a@b".into()),
            name: Some("Tess".into()),
            role: Some(Role::Admin),
            disabled: Some(false),
            max_chats: Some(1),
            languages: Some(Vec::new()),
            signature: Some(String::new()),
            // Null is not the same as nothing.
            avatar_url: Some(None),
            teams: Some(Vec::new()),
        },
        json!({
            "email": "a@b", "name": "Tess", "role": "admin", "disabled": false, "max_chats": 1, "languages": [],
            "signature": "", "avatar_url": null, "teams": [],
        }),
    );
    let avatar = EditAgent { avatar_url: Some(Some("https://x".into())), ..EditAgent::default() };
    wire(&avatar, json!({ "avatar_url": "https://x" }));
}

#[test]
fn of_teams_and_skills() {
    wire(
        &Team {
            id: TeamId::new(uuid(7)),
            name: "Returns".into(),
            members: vec![agent_id()],
            created_at: time(),
        },
        json!({ "id": TEAM, "name": "Returns", "members": [AGENT], "created_at": TIME }),
    );
    wire(&EditTeam::default(), json!({}));
    wire(
        &EditTeam { name: Some("Returns".into()), members: Some(vec![agent_id()]) },
        json!({ "name": "Returns", "members": [AGENT] }),
    );
    wire(
        &Skill { id: SkillId::new(uuid(8)), name: "Bikes".into(), agents: 2, created_at: time() },
        json!({ "id": SKILL, "name": "Bikes", "agents": 2, "created_at": TIME }),
    );
    wire(&EditSkill { name: "Bikes".into() }, json!({ "name": "Bikes" }));
}
