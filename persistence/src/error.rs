//! What can go wrong with the store, by what the caller can do about it.

/// A failure of the store. "Not there" is `Ok(None)`, never an error.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Try again later. Whether anything was written is not known; the same ids may be sent again.
    #[error("the store does not answer")]
    Unavailable(#[source] Option<sqlx::Error>),
    /// The writer's queue is full. Nothing was written; try again later.
    #[error("the store's queue is full")]
    Overloaded,
    /// Something with this unique value exists; the word names it.
    #[error("the {0} exists already")]
    Conflict(&'static str),
    /// The database was written by a newer Hubbub; this one must not touch it.
    #[error("the database is of a newer version ({found}) than this program knows ({known})")]
    Newer {
        /// The database's migration.
        found: i64,
        /// The last one this program has.
        known: i64,
    },
    /// The address of the database cannot be used; the text says why.
    #[error("the database address cannot be used: {0}")]
    BadUrl(String),
    /// This one value was refused, or a row cannot be read: a defect of ours, not of the store's health.
    #[error("the store refused")]
    Refused(#[source] sqlx::Error),
    /// The migrations could not be run.
    #[error("the database could not be migrated")]
    Migrate(#[source] sqlx::migrate::MigrateError),
}

impl StoreError {
    /// Whether the same call may succeed later.
    pub fn retryable(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Overloaded)
    }
}
