//! The members of the team beyond their login: what they are given, how they are sorted, and their doors.

use std::fmt;

use protocol::{AgentId, LoginId, Role, SkillId, TeamId, UtcMillis, rest::LinkKind};

use super::{Agent, TokenHash};

/// A member of the team, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who, and what they may do.
    pub agent: Agent,
    /// What they are given and shown with.
    pub profile: Profile,
    /// Their teams, by name.
    pub teams: Vec<(TeamId, String)>,
    /// Their skills, by name.
    pub skills: Vec<HeldSkill>,
}

/// What a member is given and shown with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Chats at a time; 0: none.
    pub max_chats: u32,
    /// BCP 47, the preferred one first.
    pub languages: Vec<String>,
    /// Empty: none.
    pub signature: String,
    /// Empty: none.
    pub avatar_url: String,
    /// The second factor is confirmed.
    pub second_factor: bool,
    /// When the member was last changed.
    pub updated_at: UtcMillis,
}

/// A skill that a member has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldSkill {
    /// The skill.
    pub id: SkillId,
    /// Its name.
    pub name: String,
    /// How well: 1 to 5.
    pub level: u8,
}

/// A member to be invited.
#[derive(Debug, Clone)]
pub struct NewMember {
    /// Who; without a password.
    pub agent: Agent,
    /// Chats at a time.
    pub max_chats: u32,
    /// BCP 47.
    pub languages: Vec<String>,
    /// The teams; those that are gone meanwhile are left out.
    pub teams: Vec<TeamId>,
    /// The skills and how well; those that are gone meanwhile are left out.
    pub skills: Vec<(SkillId, u8)>,
}

/// A change of a member: what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct MemberEdit {
    /// The login name, lower-case.
    pub email: Option<String>,
    /// The display name.
    pub name: Option<String>,
    /// Another role ends the logins: what they open is decided when they begin.
    pub role: Option<Role>,
    /// Shut out: ends the logins and links.
    pub disabled: Option<bool>,
    /// Chats at a time.
    pub max_chats: Option<u32>,
    /// BCP 47.
    pub languages: Option<Vec<String>>,
    /// Empty: none.
    pub signature: Option<String>,
    /// Empty: none.
    pub avatar_url: Option<String>,
    /// The teams, all of them; those that are gone meanwhile are left out.
    pub teams: Option<Vec<TeamId>>,
}

/// What became of a [`MemberEdit`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberEdited {
    /// It is done.
    Done,
    /// There is no such member.
    Missing,
    /// Nothing was changed: no admin who can sign in would be left.
    LastAdmin,
}

/// Members who work together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// The team.
    pub id: TeamId,
    /// Its name; no other team's, however it is capitalised.
    pub name: String,
    /// Who is in it.
    pub members: Vec<AgentId>,
    /// When it was made.
    pub created_at: UtcMillis,
}

/// Something that members can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skill {
    /// The skill.
    pub id: SkillId,
    /// Its name; no other skill's, however it is capitalised.
    pub name: String,
    /// How many members have it.
    pub agents: u32,
    /// When it was made.
    pub created_at: UtcMillis,
}

/// A link that opens a door once.
#[derive(Debug, Clone)]
pub struct NewLink {
    /// Its token's hash.
    pub hash: TokenHash,
    /// What for.
    pub kind: LinkKind,
    /// Until when.
    pub expires_at: UtcMillis,
}

/// A second factor (RFC 6238).
#[derive(Clone, PartialEq, Eq)]
pub struct Totp {
    /// Shared with the authenticator.
    pub secret: Vec<u8>,
    /// A code of it was given once, so that it counts.
    pub confirmed: bool,
}

impl fmt::Debug for Totp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Totp").field("confirmed", &self.confirmed).finish_non_exhaustive()
    }
}

/// A login to be.
#[derive(Debug, Clone)]
pub struct NewLogin {
    /// A name for it that opens nothing.
    pub id: LoginId,
    /// Its cookie's hash.
    pub hash: TokenHash,
    /// What the browser says that it is.
    pub label: String,
    /// Now.
    pub created_at: UtcMillis,
    /// Until when.
    pub expires_at: UtcMillis,
}

/// A login that is good, and whose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidLogin {
    /// Its name.
    pub id: LoginId,
    /// Whose.
    pub agent: Agent,
    /// When [`Store::login_seen`](crate::Store::login_seen) was last told, or it began.
    pub seen_at: UtcMillis,
}

/// A login, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedLogin {
    /// Its name.
    pub id: LoginId,
    /// What the browser said that it is.
    pub label: String,
    /// When it began.
    pub created_at: UtcMillis,
    /// When it was last used, as far as was told.
    pub seen_at: UtcMillis,
}
