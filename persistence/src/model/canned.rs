//! Canned answers: whose they are, and which to list.

use protocol::{
    AgentId, Attachment, CannedId, TeamId,
    rest::{CannedAnswer, CannedScope},
};

/// Who asks for canned answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CannedReader {
    /// Sees their own, those of their teams, and those for all.
    pub agent: AgentId,
    /// Sees every team's, too.
    pub leads: bool,
}

/// Whose a canned answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CannedOwner {
    /// One agent's.
    Agent(AgentId),
    /// A team's.
    Team(TeamId),
    /// Everybody's.
    All,
}

/// A canned answer as it is to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannedText {
    /// Its id, if it is new.
    pub id: CannedId,
    /// Whose it is.
    pub owner: CannedOwner,
    /// In lower case; unlike any other of the same owner's.
    pub shortcut: String,
    /// May be empty.
    pub title: String,
    /// May be empty.
    pub category: String,
    /// The text.
    pub body: String,
}

/// What became of canned answers that were to be kept: all of them, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CannedKept {
    /// They are kept.
    Kept {
        /// So many are new.
        created: u32,
        /// So many took the place of others.
        replaced: u32,
    },
    /// The shortcuts of these, by their place, are there already.
    Exists(Vec<usize>),
    /// There would be more than this limit of the workspace.
    Full(usize),
    /// One agent would have more than this limit of their own.
    FullOfOwn(usize),
}

/// A file of a canned answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannedFile {
    /// Whose it is.
    pub canned: CannedId,
    /// What is told of it, by addresses that ask for a credential.
    pub file: Attachment,
}

/// What became of a file that was to be kept with a canned answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CannedFileKept {
    /// It is kept.
    Kept,
    /// There is no such answer any more.
    NoAnswer,
    /// The answer has as many as it can have.
    Full,
    /// Those of all answers have as many bytes as they can have.
    FullOfBytes,
}

/// Which canned answers to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CannedFilter {
    /// Every word of it, up to four, is in the shortcut, the title or the text.
    pub search: String,
    /// Only of this category.
    pub category: Option<String>,
    /// Only of this scope.
    pub scope: Option<CannedScope>,
    /// Only this team's.
    pub team: Option<TeamId>,
    /// Only those that the reader has, without the shadowed ones.
    pub usable: bool,
    /// In which order.
    pub order: CannedOrder,
}

/// In which order canned answers are listed; by shortcut, where that does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CannedOrder {
    /// By shortcut.
    #[default]
    Shortcut,
    /// The most used first.
    Uses,
    /// The last used first.
    Recent,
    /// Those whose shortcut begins with what is searched for first, then the most used.
    Match,
}

/// Where a page of canned answers begins: behind this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannedCursor {
    /// Its place by the order.
    pub rank: i64,
    /// Its shortcut.
    pub shortcut: String,
    /// The answer.
    pub id: CannedId,
}

/// A page of canned answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannedPage {
    /// The answers.
    pub items: Vec<CannedAnswer>,
    /// How many the filter finds in all.
    pub total: u64,
    /// Where the next page begins.
    pub next: Option<CannedCursor>,
}
