//! Which nodes live, and which of them does the work that only one may do.
//!
//! All by the store's clock: the nodes' own may be wrong by an hour, and nothing here depends on them. A node takes
//! how long it has held something from a monotonic clock, begun before it asked. Where the store's clock itself is
//! set back by an hour, what a dead node left lasts an hour longer.

use std::time::Duration;

use uuid::Uuid;

use crate::{
    Lease, NodeId, Store, StoreError, dialect,
    rows::signed,
    store::{Pools, on_engine},
};

/// On SQLite, where the transaction is the one writer's.
const SAY: &str = "
    insert into nodes (id, seen_at_ms) values ($1, cast(round(unixepoch('subsec') * 1000) as integer))
    on conflict (id) do update set seen_at_ms = excluded.seen_at_ms";
const FORGET_OLD: &str = "
    delete from nodes where id <> $1 and seen_at_ms < (select seen_at_ms from nodes where id = $1) - $2";
const LIVING: &str = "select id from nodes order by id";

/// The three in one statement of Postgres. Nodes that all come back at once, after the store was away for longer
/// than their lives, must not wait for each other in a circle: so each has its own row first and forgets only those
/// that nobody else is writing.
const BEAT: &str = "
    with own as (
        insert into nodes (id, seen_at_ms)
        values ($1, floor(extract(epoch from clock_timestamp()) * 1000)::bigint)
        on conflict (id) do update set seen_at_ms = excluded.seen_at_ms
        returning id, seen_at_ms - $2 as heard_since
    ),
    forgotten as (
        delete from nodes where id in (
            select n.id from own join nodes n on n.id <> own.id and n.seen_at_ms < own.heard_since
            for update of n skip locked
        )
    )
    select id from own
    union all select n.id from own join nodes n on n.id <> own.id and n.seen_at_ms >= own.heard_since
    order by id";

const FORGET: &str = "delete from nodes where id = $1";
const GIVE_ALL_BACK: &str = "delete from leases where holder = $1";
const GIVE_BACK: &str = "delete from leases where holder = $1 and name = $2";

impl Store {
    /// Says that this node lives, forgets the nodes that have not said so for `life`, and answers all that live,
    /// this one among them, in the order of their ids. Every node says it several times within a `life` that is the
    /// same for all. Nodes learn of each other by it when Redis is gone (promise 7).
    ///
    /// # Errors
    /// `Unavailable`: whether it was heard is not known.
    pub async fn beat(&self, node: NodeId, life: Duration) -> Result<Vec<NodeId>, StoreError> {
        let (node, life) = (node.uuid(), millis(life));
        let living: Vec<Uuid> = match &self.pools {
            Pools::Sqlite { .. } => on_engine!(write self, conn => {
                sqlx::query(SAY).bind(node).execute(&mut *conn).await?;
                sqlx::query(FORGET_OLD).bind(node).bind(life).execute(&mut *conn).await?;
                Ok(sqlx::query_scalar(LIVING).fetch_all(conn).await?)
            }),
            Pools::Postgres(_) => on_engine!(statement self, conn => {
                Ok(sqlx::query_scalar(BEAT).bind(node).bind(life).fetch_all(conn).await?)
            }),
        }?;
        Ok(living.into_iter().map(NodeId::new).collect())
    }

    /// Forgets this node, which ends, and gives back all that it holds, so that nobody has to wait for its life to
    /// run out. It must not say [`Store::beat`] after this.
    ///
    /// # Errors
    /// `Unavailable`: then its life and its leases may have to run out.
    pub async fn leave(&self, node: NodeId) -> Result<(), StoreError> {
        on_engine!(write self, conn => {
            sqlx::query(FORGET).bind(node.uuid()).execute(&mut *conn).await?;
            sqlx::query(GIVE_ALL_BACK).bind(node.uuid()).execute(conn).await?;
            Ok(())
        })
    }

    /// Takes the lease for this node if nobody else holds it, renews it if this node does; says whether it holds it
    /// now. Then nobody else does until `life` after the call was begun, unless it is given back: so work that only
    /// one node may do is done by one node, and by another when that one is dead.
    ///
    /// # Errors
    /// `Unavailable`: whether it holds it is not known, so it must not do the work; it may ask again.
    pub async fn claim(&self, lease: Lease, node: NodeId, life: Duration) -> Result<bool, StoreError> {
        let claim = dialect::claim(&self.pools);
        on_engine!(statement self, conn => {
            let done = sqlx::query(claim)
                .bind(node.uuid())
                .bind(lease.as_str())
                .bind(millis(life))
                .execute(conn)
                .await?;
            Ok(done.rows_affected() == 1)
        })
    }

    /// Gives the lease back if this node holds it: the next one who asks gets it.
    ///
    /// # Errors
    /// `Unavailable`: then it may have to run out.
    pub async fn give_back(&self, lease: Lease, node: NodeId) -> Result<(), StoreError> {
        on_engine!(statement self, conn => {
            sqlx::query(GIVE_BACK).bind(node.uuid()).bind(lease.as_str()).execute(conn).await?;
            Ok(())
        })
    }
}

fn millis(life: Duration) -> i64 {
    signed(u64::try_from(life.as_millis()).unwrap_or(u64::MAX))
}
