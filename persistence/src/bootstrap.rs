//! The first start of an empty store.

use crate::{
    Agent, Site, Store, StoreError, agents::insert_agent, dialect, sites::insert_site, store::on_engine,
};

const EMPTY: &str = "select not exists (select 1 from sites) and not exists (select 1 from agents)";

impl Store {
    /// Creates a first site and a first agent if there is neither; `true` if it did. Of two processes that start
    /// at once one does.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn bootstrap(&self, site: &Site, agent: &Agent) -> Result<bool, StoreError> {
        on_engine!(write self, conn => {
            if let Some(lock) = dialect::bootstrap_lock(&self.pools) {
                sqlx::query(lock).execute(&mut *conn).await?;
            }
            if !sqlx::query_scalar::<_, bool>(EMPTY).fetch_one(&mut *conn).await? {
                return Ok(false);
            }
            insert_site!(&mut *conn, site);
            insert_agent!(conn, agent);
            Ok(true)
        })
    }
}
