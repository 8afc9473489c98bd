//! Members of the team: invited, changed, shut out.

use persistence::{
    HeldSkill, Member, MemberEdit, MemberEdited, NewLink, NewMember, Profile, Skill, StoreError, Team,
    TokenHash, on_both_engines,
};
use protocol::{AgentId, Role, SkillId, TeamId, rest::LinkKind};

use crate::fixture::{agent, at, hash, login, uuid};

pub(crate) fn invitation(token: TokenHash, expires: i64) -> NewLink {
    NewLink { hash: token, kind: LinkKind::Invitation, expires_at: at(expires) }
}

/// Somebody who has no password yet.
pub(crate) fn newcomer(email: &str) -> NewMember {
    let mut agent = agent(email);
    agent.password_hash = String::new();
    agent.must_change_password = false;
    NewMember { agent, max_chats: 5, languages: Vec::new(), teams: Vec::new(), skills: Vec::new() }
}

pub(crate) fn team(name: &str) -> Team {
    Team { id: TeamId::new(uuid()), name: name.into(), members: Vec::new(), created_at: at(1) }
}

pub(crate) fn skill(name: &str) -> Skill {
    Skill { id: SkillId::new(uuid()), name: name.into(), agents: 0, created_at: at(1) }
}

fn role(role: Role) -> MemberEdit {
    MemberEdit { role: Some(role), ..MemberEdit::default() }
}

fn disabled(disabled: bool) -> MemberEdit {
    MemberEdit { disabled: Some(disabled), ..MemberEdit::default() }
}

on_both_engines! {
    async fn a_member_is_invited_with_all_that_is_said_of_them(test) {
        let store = &test.store;
        let (returns, sales) = (team("Returns"), team("Sales"));
        let (bikes, german) = (skill("Bikes"), skill("German"));
        for team in [&sales, &returns] {
            store.create_team(team).await.unwrap();
        }
        for skill in [&german, &bikes] {
            store.create_skill(skill).await.unwrap();
        }
        let new = NewMember {
            max_chats: 0,
            languages: vec!["pt-BR".into(), "en".into()],
            // What is gone meanwhile is left out.
            teams: vec![sales.id, TeamId::new(uuid()), returns.id],
            skills: vec![(german.id, 5), (SkillId::new(uuid()), 3), (bikes.id, 1)],
            ..newcomer("bo@x.example")
        };
        store.create_member(&new, &invitation(hash(1), 50)).await.unwrap();
        let bo = Member {
            agent: new.agent.clone(),
            profile: Profile {
                max_chats: 0,
                languages: vec!["pt-BR".into(), "en".into()],
                signature: String::new(),
                avatar_url: String::new(),
                second_factor: false,
                updated_at: new.agent.created_at,
            },
            teams: vec![(returns.id, "Returns".into()), (sales.id, "Sales".into())],
            skills: vec![
                HeldSkill { id: bikes.id, name: "Bikes".into(), level: 1 },
                HeldSkill { id: german.id, name: "German".into(), level: 5 },
            ],
        };
        assert!(bo.agent.is_invited());
        assert_eq!(store.member(new.agent.id).await.unwrap(), Some(bo.clone()));
        assert_eq!(store.link(&hash(1), at(49)).await.unwrap(), Some((LinkKind::Invitation, bo.agent.clone())));
        assert!(!store.create_login(&login(hash(2), 1, 9), &agent("x@x.example")).await.unwrap());

        let twin = newcomer("bo@x.example");
        let refused = store.create_member(&twin, &invitation(hash(3), 50)).await.unwrap_err();
        assert!(matches!(refused, StoreError::Conflict("agent")), "{refused:?}");
        assert_eq!(store.link(&hash(3), at(2)).await.unwrap(), None, "all of it or nothing");
        let ana = newcomer("ana@x.example");
        store.create_member(&ana, &invitation(hash(4), 50)).await.unwrap();
        let all = store.members().await.unwrap();
        assert_eq!(all.len(), 2);
        assert_eq!(all[0], bo);
        assert_eq!((all[1].agent.id, all[1].teams.len(), all[1].skills.len()), (ana.agent.id, 0, 0));
        assert_eq!(store.member(AgentId::new(uuid())).await.unwrap(), None);
    }

    async fn a_member_is_changed_in_what_is_said_only(test) {
        let store = &test.store;
        let (returns, sales) = (team("Returns"), team("Sales"));
        store.create_team(&returns).await.unwrap();
        store.create_team(&sales).await.unwrap();
        let new = NewMember { teams: vec![returns.id], ..newcomer("bo@x.example") };
        store.create_member(&new, &invitation(hash(1), 50)).await.unwrap();
        let id = new.agent.id;
        let mut bo = store.member(id).await.unwrap().unwrap();
        assert_eq!(store.update_member(id, &MemberEdit::default(), at(10)).await.unwrap(), MemberEdited::Done);
        bo.profile.updated_at = at(10);
        assert_eq!(store.member(id).await.unwrap(), Some(bo.clone()));

        let edit = MemberEdit {
            email: Some("bob@x.example".into()),
            name: Some("Bob".into()),
            role: Some(Role::Admin),
            disabled: Some(false),
            max_chats: Some(100),
            languages: Some(vec!["de".into()]),
            signature: Some("Bob,\nReturns".into()),
            avatar_url: Some("https://x/y.png".into()),
            teams: Some(vec![sales.id, TeamId::new(uuid())]),
        };
        assert_eq!(store.update_member(id, &edit, at(11)).await.unwrap(), MemberEdited::Done);
        bo.agent.email = "bob@x.example".into();
        bo.agent.name = "Bob".into();
        bo.agent.role = Role::Admin;
        bo.profile = Profile {
            max_chats: 100,
            languages: vec!["de".into()],
            signature: "Bob,\nReturns".into(),
            avatar_url: "https://x/y.png".into(),
            second_factor: false,
            updated_at: at(11),
        };
        bo.teams = vec![(sales.id, "Sales".into())];
        assert_eq!(store.member(id).await.unwrap(), Some(bo));

        store.create_agent(&agent("ana@x.example")).await.unwrap();
        let taken = MemberEdit { email: Some("ana@x.example".into()), ..MemberEdit::default() };
        let refused = store.update_member(id, &taken, at(12)).await.unwrap_err();
        assert!(matches!(refused, StoreError::Conflict("agent")), "{refused:?}");
        let nobody = store.update_member(AgentId::new(uuid()), &edit, at(12)).await.unwrap();
        assert_eq!(nobody, MemberEdited::Missing);
    }

    async fn skills_are_set_as_a_whole(test) {
        let store = &test.store;
        let bo = agent("bo@x.example");
        store.create_agent(&bo).await.unwrap();
        let (bikes, german) = (skill("Bikes"), skill("German"));
        store.create_skill(&bikes).await.unwrap();
        store.create_skill(&german).await.unwrap();
        let levels = async || -> Vec<_> {
            let member = store.member(bo.id).await.unwrap().unwrap();
            member.skills.into_iter().map(|skill| (skill.name, skill.level)).collect()
        };
        assert!(store.set_member_skills(bo.id, &[(bikes.id, 2), (german.id, 3)], at(9)).await.unwrap());
        assert_eq!(levels().await, [("Bikes".to_owned(), 2), ("German".to_owned(), 3)]);
        assert_eq!(store.member(bo.id).await.unwrap().unwrap().profile.updated_at, at(9));
        let counts: Vec<_> = store.skills().await.unwrap().into_iter().map(|skill| skill.agents).collect();
        assert_eq!(counts, [1, 1]);
        let gone = SkillId::new(uuid());
        assert!(store.set_member_skills(bo.id, &[(german.id, 5), (gone, 1)], at(10)).await.unwrap());
        assert_eq!(levels().await, [("German".to_owned(), 5)]);
        assert!(store.delete_skill(german.id).await.unwrap());
        assert!(levels().await.is_empty(), "a skill that is deleted is nobody's");
        assert!(!store.set_member_skills(AgentId::new(uuid()), &[], at(11)).await.unwrap());
    }

    async fn another_role_or_being_shut_out_ends_logins(test) {
        let store = &test.store;
        let bo = agent("bo@x.example");
        store.create_agent(&bo).await.unwrap();
        assert!(store.create_login(&login(hash(1), 1, 99), &bo).await.unwrap());
        store.create_link(bo.id, &invitation(hash(9), 99), at(1)).await.unwrap();
        let edit = MemberEdit { name: Some("Bo B".into()), ..role(bo.role) };
        store.update_member(bo.id, &edit, at(2)).await.unwrap();
        assert!(store.login(&hash(1), at(2)).await.unwrap().is_some(), "the role is the same");
        store.update_member(bo.id, &role(Role::Agent), at(3)).await.unwrap();
        assert_eq!(store.login(&hash(1), at(3)).await.unwrap(), None);
        assert!(store.link(&hash(9), at(3)).await.unwrap().is_some());

        assert!(store.create_login(&login(hash(2), 3, 99), &bo).await.unwrap());
        store.update_member(bo.id, &disabled(true), at(4)).await.unwrap();
        assert_eq!(store.login(&hash(2), at(4)).await.unwrap(), None);
        store.update_member(bo.id, &disabled(false), at(5)).await.unwrap();
        assert_eq!(store.login(&hash(2), at(5)).await.unwrap(), None, "its login is gone for good");
        assert_eq!(store.link(&hash(9), at(5)).await.unwrap(), None, "and so is the link");
        assert!(store.create_login(&login(hash(3), 5, 99), &bo).await.unwrap());
    }

    async fn the_last_admin_who_can_sign_in_stays(test) {
        let store = &test.store;
        let mut boss = agent("boss@x.example");
        boss.role = Role::Admin;
        store.create_agent(&boss).await.unwrap();
        for edit in [disabled(true), role(Role::Agent), role(Role::Supervisor)] {
            let edited = store.update_member(boss.id, &edit, at(5)).await.unwrap();
            assert_eq!(edited, MemberEdited::LastAdmin);
        }
        // One who was only invited, and one who is shut out, cannot take over.
        let mut invited = newcomer("new@x.example");
        invited.agent.role = Role::Admin;
        store.create_member(&invited, &invitation(hash(1), 50)).await.unwrap();
        let mut gone = agent("gone@x.example");
        (gone.role, gone.disabled) = (Role::Admin, true);
        store.create_agent(&gone).await.unwrap();
        assert_eq!(store.update_member(boss.id, &disabled(true), at(5)).await.unwrap(), MemberEdited::LastAdmin);
        assert!(!store.member(boss.id).await.unwrap().unwrap().agent.disabled);
        // Who is none already can go.
        for id in [invited.agent.id, gone.id] {
            assert_eq!(store.update_member(id, &disabled(true), at(5)).await.unwrap(), MemberEdited::Done);
        }
        let other_things = MemberEdit { name: Some("Boss".into()), ..role(Role::Admin) };
        assert_eq!(store.update_member(boss.id, &other_things, at(6)).await.unwrap(), MemberEdited::Done);
        store.update_member(gone.id, &disabled(false), at(6)).await.unwrap();
        assert_eq!(store.update_member(boss.id, &role(Role::Agent), at(7)).await.unwrap(), MemberEdited::Done);
    }

    async fn of_two_admins_who_demote_each_other_one_stays(test) {
        let store = &test.store;
        let other = test.other_node().await;
        let (mut one, mut two) = (agent("one@x.example"), agent("two@x.example"));
        (one.role, two.role) = (Role::Admin, Role::Admin);
        store.create_agent(&one).await.unwrap();
        store.create_agent(&two).await.unwrap();
        for round in 0..20 {
            let (demoted, disabled) = (role(Role::Agent), disabled(true));
            let (first, second) = tokio::join!(
                store.update_member(one.id, &demoted, at(5)),
                other.update_member(two.id, &disabled, at(5)),
            );
            let outcomes = [first.unwrap(), second.unwrap()];
            assert!(
                outcomes.contains(&MemberEdited::Done) && outcomes.contains(&MemberEdited::LastAdmin),
                "round {round}: {outcomes:?}"
            );
            let back = MemberEdit { disabled: Some(false), ..role(Role::Admin) };
            store.update_member(one.id, &back, at(6)).await.unwrap();
            store.update_member(two.id, &back, at(6)).await.unwrap();
        }
    }
}
