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

impl StoreError {
    /// What it says about the write that met it.
    pub(crate) fn failure(&self) -> Failure {
        match self {
            Self::Unavailable(None) => Failure::Unknown,
            Self::Unavailable(Some(error)) | Self::Refused(error) => Failure::of(error),
            Self::Overloaded => Failure::Nothing,
            Self::Conflict(_) => Failure::Exists,
            Self::Newer { .. } | Self::BadUrl(_) | Self::Migrate(_) => Failure::Refused,
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match Failure::of(&error) {
            Failure::Unknown | Failure::Nothing | Failure::Raced => Self::Unavailable(Some(error)),
            Failure::Exists => Self::Conflict("id"),
            Failure::Refused => Self::Refused(error),
        }
    }
}

/// Names what a unique value belongs to, where a statement can meet only one.
pub(crate) fn taken(what: &'static str) -> impl Fn(sqlx::Error) -> StoreError {
    move |error| match StoreError::from(error) {
        StoreError::Conflict(_) => StoreError::Conflict(what),
        error => error,
    }
}

/// What a driver's error says about the statement or transaction that met it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The connection is of no more use, and whether the statement took effect is not known.
    Unknown,
    /// Nothing was written, and a later try may do better.
    Nothing,
    /// Nothing was written, and a try at once may do better.
    Raced,
    /// Nothing was written: a unique value is taken.
    Exists,
    /// Nothing was written: this value is refused, or cannot be read.
    Refused,
}

impl Failure {
    /// The one place that knows the drivers' errors.
    pub(crate) fn of(error: &sqlx::Error) -> Self {
        use sqlx::Error as E;
        match error {
            E::Database(refusal) if refusal.is_unique_violation() => Self::Exists,
            E::Database(refusal) => match refusal.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
                Some(postgres) => Self::of_postgres(postgres.code()),
                None => Self::of_sqlite(refusal.code().as_deref()),
            },
            E::PoolTimedOut => Self::Nothing,
            // The driver takes the connection to be in a transaction, and said nothing to the server. SQLite's writer
            // is thrown away for it, so a try at once has a new one.
            E::InvalidSavePointStatement => Self::Raced,
            // It is not in the transaction that it should be in.
            E::BeginFailed => Self::Unknown,
            E::Io(_) | E::Tls(_) | E::Protocol(_) | E::PoolClosed | E::WorkerCrashed => Self::Unknown,
            _ => Self::Refused,
        }
    }

    /// By SQLSTATE (Postgres manual, appendix A).
    fn of_postgres(code: &str) -> Self {
        match code {
            // Serialization, deadlock.
            "40001" | "40P01" => Self::Raced,
            // Whether the statement completed is not known.
            "40003" => Self::Unknown,
            // A lock or a statement that took too long.
            "55P03" | "57014" => Self::Nothing,
            // The connection is broken, or the server ends it (shutdown, crash, still starting, idle too long). Or its
            // transaction is not what it should be: within a failed one, too old, or on a read-only standby. Only
            // another connection can help.
            code if ["08", "57P", "25"].iter().any(|class| code.starts_with(class)) => Self::Unknown,
            // Out of disk, memory or connections; system errors.
            code if code.starts_with("53") || code.starts_with("58") => Self::Nothing,
            _ => Self::Refused,
        }
    }

    /// By the primary result code, the low byte (sqlite.org/rescode.html).
    fn of_sqlite(code: Option<&str>) -> Self {
        match code.and_then(|code| code.parse::<u32>().ok()).map(|code| code & 0xff) {
            // BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, FULL, CANTOPEN, PROTOCOL.
            Some(5 | 6 | 7 | 8 | 9 | 10 | 13 | 14 | 15) => Self::Nothing,
            _ => Self::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_no_other_try_can_help_is_refused() {
        for (code, failure) in [
            ("08006", Failure::Unknown),
            ("22021", Failure::Refused),
            ("23503", Failure::Refused),
            ("25006", Failure::Unknown),
            ("25P02", Failure::Unknown),
            ("25P04", Failure::Unknown),
            ("40001", Failure::Raced),
            ("40003", Failure::Unknown),
            ("42P01", Failure::Refused),
            ("53100", Failure::Nothing),
            ("55P03", Failure::Nothing),
            ("57014", Failure::Nothing),
            ("57P04", Failure::Unknown),
            ("58030", Failure::Nothing),
        ] {
            assert_eq!(Failure::of_postgres(code), failure, "{code}");
        }
        for (error, failure) in [
            (sqlx::Error::InvalidSavePointStatement, Failure::Raced),
            (sqlx::Error::BeginFailed, Failure::Unknown),
            (sqlx::Error::RowNotFound, Failure::Refused),
        ] {
            assert_eq!(Failure::of(&error), failure, "{error}");
            assert_eq!(StoreError::from(error).retryable(), failure != Failure::Refused);
        }
    }
}
