//! Teams and skills.

use crate::{
    ErrorCode::Conflict,
    SkillId, TeamId,
    openapi::{
        document::Tag,
        operation::{Operation, Who, delete, get, patch, post},
    },
    rest::{EditSkill, EditTeam, Skill, Team},
};

pub(in crate::openapi) fn tag() -> Tag {
    Tag {
        name: "Teams and skills",
        about: "How the members of the team are sorted. Every agent reads them, supervisors and admins change them.",
        operations: vec![
            get("/teams", "listTeams", "List the teams").by(Who::Team).lists::<Team>(),
            post("/teams", "createTeam", "Make a team")
                .by(Who::Leads)
                .takes::<EditTeam>()
                .requires(&["name"])
                .makes::<Team>()
                .refuses(&[Conflict]),
            of_team(get("/teams/{team}", "getTeam", "Read a team")).by(Who::Team).answers::<Team>(),
            of_team(patch("/teams/{team}", "updateTeam", "Change a team"))
                .takes::<EditTeam>()
                .answers::<Team>()
                .refuses(&[Conflict]),
            of_team(delete("/teams/{team}", "deleteTeam", "Delete a team")).done(),
            get("/skills", "listSkills", "List the skills").by(Who::Team).lists::<Skill>(),
            post("/skills", "createSkill", "Make a skill")
                .by(Who::Leads)
                .takes::<EditSkill>()
                .makes::<Skill>()
                .refuses(&[Conflict]),
            of_skill(get("/skills/{skill}", "getSkill", "Read a skill")).by(Who::Team).answers::<Skill>(),
            of_skill(patch("/skills/{skill}", "renameSkill", "Rename a skill"))
                .takes::<EditSkill>()
                .answers::<Skill>()
                .refuses(&[Conflict]),
            of_skill(delete("/skills/{skill}", "deleteSkill", "Delete a skill"))
                .note("Also from those who have it.")
                .done(),
        ],
    }
}

fn of_team(operation: Operation) -> Operation {
    operation.by(Who::Leads).path::<TeamId>("team", "The team.")
}

fn of_skill(operation: Operation) -> Operation {
    operation.by(Who::Leads).path::<SkillId>("skill", "The skill.")
}
