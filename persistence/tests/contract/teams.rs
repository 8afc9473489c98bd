//! Teams and skills.

use persistence::{StoreError, on_both_engines};
use protocol::{AgentId, SkillId, TeamId};

use crate::{
    fixture::{agent, at, uuid},
    members::{skill, team},
};

on_both_engines! {
    async fn a_team_is_kept_changed_and_dissolved(test) {
        let store = &test.store;
        let (bo, ana) = (agent("bo@x.example"), agent("ana@x.example"));
        store.create_agent(&bo).await.unwrap();
        store.create_agent(&ana).await.unwrap();
        let mut returns = team("Returns");
        returns.members = vec![bo.id, AgentId::new(uuid()), ana.id];
        store.create_team(&returns).await.unwrap();
        // Who is nobody is in no team.
        returns.members = vec![bo.id, ana.id];
        assert_eq!(store.team(returns.id).await.unwrap(), Some(returns.clone()));
        let sales = team("sales");
        store.create_team(&sales).await.unwrap();
        assert_eq!(store.teams().await.unwrap(), [returns.clone(), sales.clone()]);

        for twin in ["Returns", "rEtUrNs"] {
            let refused = store.create_team(&team(twin)).await.unwrap_err();
            assert!(matches!(refused, StoreError::Conflict("team")), "{refused:?}");
            let refused = store.update_team(sales.id, Some(twin), None).await.unwrap_err();
            assert!(matches!(refused, StoreError::Conflict("team")), "{refused:?}");
        }
        store.create_team(&team("ÄRGER")).await.unwrap();
        let refused = store.create_team(&team("ärger")).await.unwrap_err();
        assert!(matches!(refused, StoreError::Conflict("team")), "{refused:?}");

        assert!(store.update_team(returns.id, Some("RETURNS"), None).await.unwrap(), "its own name");
        returns.name = "RETURNS".into();
        assert_eq!(store.team(returns.id).await.unwrap(), Some(returns.clone()));
        assert!(store.update_team(returns.id, None, Some(&[ana.id])).await.unwrap());
        returns.members = vec![ana.id];
        assert_eq!(store.team(returns.id).await.unwrap(), Some(returns.clone()));
        assert!(store.delete_team(returns.id).await.unwrap());
        assert!(!store.delete_team(returns.id).await.unwrap());
        assert_eq!(store.team(returns.id).await.unwrap(), None);
        assert!(store.member(ana.id).await.unwrap().unwrap().teams.is_empty());
        assert!(!store.update_team(TeamId::new(uuid()), None, None).await.unwrap());
    }

    async fn a_skill_is_kept_renamed_and_deleted(test) {
        let store = &test.store;
        let bo = agent("bo@x.example");
        store.create_agent(&bo).await.unwrap();
        let (mut bikes, german) = (skill("Bikes"), skill("german"));
        store.create_skill(&german).await.unwrap();
        store.create_skill(&bikes).await.unwrap();
        store.set_member_skills(bo.id, &[(bikes.id, 3)], at(5)).await.unwrap();
        bikes.agents = 1;
        assert_eq!(store.skills().await.unwrap(), [bikes.clone(), german.clone()]);
        let refused = store.create_skill(&skill("BIKES")).await.unwrap_err();
        assert!(matches!(refused, StoreError::Conflict("skill")), "{refused:?}");
        let refused = store.rename_skill(german.id, "bikes").await.unwrap_err();
        assert!(matches!(refused, StoreError::Conflict("skill")), "{refused:?}");
        assert!(store.rename_skill(bikes.id, "E-Bikes").await.unwrap());
        bikes.name = "E-Bikes".into();
        assert_eq!(store.skill(bikes.id).await.unwrap(), Some(bikes.clone()));
        assert_eq!(store.skill(SkillId::new(uuid())).await.unwrap(), None);
        assert!(!store.rename_skill(SkillId::new(uuid()), "x").await.unwrap());
        assert!(store.delete_skill(bikes.id).await.unwrap());
        assert!(!store.delete_skill(bikes.id).await.unwrap());
        assert_eq!(store.skills().await.unwrap(), [german]);
    }
}
