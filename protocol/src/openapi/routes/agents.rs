//! The members of the team.

use crate::{
    AgentId,
    ErrorCode::{Conflict, Forbidden, LastAdmin},
    UtcMillis,
    openapi::{
        document::Tag,
        operation::{Operation, Who, delete, get, patch, post, put},
    },
    rest::{
        Agent, EditAgent, InvitedAgent, Link, NewAgent, SetAvailability, SetSkill, StatusSince, Workload,
    },
};

pub(in crate::openapi) fn tag() -> Tag {
    Tag {
        name: "Agents",
        about: "The members of the team, whatever their role: agent, supervisor or admin.",
        operations: vec![
            get("/agents", "listAgents", "List the team")
                .by(Who::Team)
                .note("E-mail addresses and dates are for admins, and of oneself.")
                .lists::<Agent>(),
            post("/agents", "inviteAgent", "Invite somebody into the team")
                .by(Who::Admins)
                .note("Nothing is mailed: the answer has the link to send. It works once, for seven days.")
                .takes::<NewAgent>()
                .makes::<InvitedAgent>()
                .refuses(&[Conflict]),
            of_agent(get("/agents/{agent}", "getAgent", "Read a member of the team")).answers::<Agent>(),
            of_agent(patch("/agents/{agent}", "updateAgent", "Change a member of the team"))
                .note(
                    "Admins change everything; of oneself, everybody changes name, signature, picture and languages. \
                     Another role, or `disabled`, ends the logins.",
                )
                .takes::<EditAgent>()
                .answers::<Agent>()
                .refuses(&[Forbidden, Conflict, LastAdmin]),
            of_agent(delete("/agents/{agent}", "disableAgent", "Shut a member out of the team"))
                .by(Who::Admins)
                .note("Agents are not erased, since logs name them.")
                .done()
                .refuses(&[LastAdmin]),
            of_agent(put("/agents/{agent}/skills", "setAgentSkills", "Say what a member can do"))
                .by(Who::Leads)
                .note("All their skills from now on.")
                .takes::<Vec<SetSkill>>()
                .answers::<Agent>(),
            of_agent(post("/agents/{agent}/invitation", "inviteAgentAgain", "Make a new invitation"))
                .by(Who::Admins)
                .note("Works once, for seven days. Ends the older ones.")
                .makes::<Link>()
                .refuses(&[Conflict]),
            of_agent(post("/agents/{agent}/password-reset", "resetPassword", "Make a link to choose another password"))
                .by(Who::Admins)
                .note("Works once, for an hour. Ends the older ones. The password in force stays until it is used.")
                .makes::<Link>(),
            of_agent(delete("/agents/{agent}/totp", "removeAgentSecondFactor", "Take a member's second factor away"))
                .by(Who::Admins)
                .note("Not one's own.")
                .done(),
            put("/agents/me/availability", "setAvailability", "Say whether one can be given sessions")
                .by(Who::Team)
                .takes::<SetAvailability>()
                .done(),
            of_agent(get("/agents/{agent}/availability", "listAvailability", "Read what a member was, from when"))
                .note("For supervisors, admins and oneself. The oldest first, at most 200.")
                .query::<UtcMillis>("from", "From then on.")
                .query::<UtcMillis>("to", "Until then; now, if it is left out.")
                .lists::<StatusSince>()
                .refuses(&[Forbidden]),
            get("/agents/workload", "listWorkload", "Read who has how much to do")
                .by(Who::Team)
                .lists::<Workload>(),
        ],
    }
}

fn of_agent(operation: Operation) -> Operation {
    operation.by(Who::Team).path::<AgentId>("agent", "The agent.")
}
