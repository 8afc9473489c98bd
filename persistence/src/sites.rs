//! Sites: the shops.

use protocol::{
    SiteId, UtcMillis,
    rest::{OpeningHours, PrechatField},
};
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use crate::{Site, Store, StoreError, store::on_engine};

const BY_KEY: &str = "select * from sites where key = $1";
const BY_ID: &str = "select * from sites where id = $1";
const ALL: &str = "select * from sites order by created_at_ms, id";

pub(crate) const CREATE: &str = "
    insert into sites (id, key, name, color, greeting, prechat, allowed_origins, identity_secrets, hours,
        created_at_ms)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    on conflict do nothing";

const UPDATE: &str = "
    update sites
    set name = $2, color = $3, greeting = $4, prechat = $5, allowed_origins = $6, identity_secrets = $7,
        hours = $8
    where id = $1";

#[derive(FromRow)]
struct Row {
    id: Uuid,
    key: String,
    name: String,
    color: String,
    greeting: String,
    prechat: Json<Vec<PrechatField>>,
    allowed_origins: Json<Vec<String>>,
    identity_secrets: Json<Vec<String>>,
    hours: Option<Json<OpeningHours>>,
    created_at_ms: i64,
}

impl From<Row> for Site {
    fn from(row: Row) -> Self {
        Self {
            id: SiteId::new(row.id),
            key: row.key,
            name: row.name,
            color: row.color,
            greeting: row.greeting,
            prechat: row.prechat.0,
            allowed_origins: row.allowed_origins.0,
            identity_secrets: row.identity_secrets.0,
            hours: row.hours.map(|hours| hours.0),
            created_at: UtcMillis::new(row.created_at_ms),
        }
    }
}

/// Inserts a site; the number of rows says whether it was new.
macro_rules! insert_site {
    ($conn:expr, $site:expr) => {
        sqlx::query($crate::sites::CREATE)
            .bind($site.id.uuid())
            .bind(&$site.key)
            .bind(&$site.name)
            .bind(&$site.color)
            .bind(&$site.greeting)
            .bind(sqlx::types::Json(&$site.prechat))
            .bind(sqlx::types::Json(&$site.allowed_origins))
            .bind(sqlx::types::Json(&$site.identity_secrets))
            .bind($site.hours.as_ref().map(sqlx::types::Json))
            .bind($site.created_at.get())
            .execute($conn)
            .await?
            .rows_affected()
    };
}
pub(crate) use insert_site;

impl Store {
    /// The site with this public key.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn site_by_key(&self, key: &str) -> Result<Option<Site>, StoreError> {
        on_engine!(read self, conn => {
            Ok(sqlx::query_as::<_, Row>(BY_KEY).bind(key).fetch_optional(conn).await?.map(Site::from))
        })
    }

    /// The site.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn site(&self, id: SiteId) -> Result<Option<Site>, StoreError> {
        on_engine!(read self, conn => {
            Ok(sqlx::query_as::<_, Row>(BY_ID).bind(id.uuid()).fetch_optional(conn).await?.map(Site::from))
        })
    }

    /// All sites, the oldest first.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn sites(&self) -> Result<Vec<Site>, StoreError> {
        on_engine!(read self, conn => {
            Ok(sqlx::query_as::<_, Row>(ALL).fetch_all(conn).await?.into_iter().map(Site::from).collect())
        })
    }

    /// Adds a site.
    ///
    /// # Errors
    /// `Conflict("site key")`: another has this key.
    pub async fn create_site(&self, site: &Site) -> Result<(), StoreError> {
        on_engine!(write self, conn => match insert_site!(conn, site) {
            0 => Err(StoreError::Conflict("site key")),
            _ => Ok(()),
        })
    }

    /// Changes everything of a site but its key and age; `false` if there is no such site.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn update_site(&self, site: &Site) -> Result<bool, StoreError> {
        on_engine!(write self, conn => {
            let done = sqlx::query(UPDATE)
                .bind(site.id.uuid())
                .bind(&site.name)
                .bind(&site.color)
                .bind(&site.greeting)
                .bind(Json(&site.prechat))
                .bind(Json(&site.allowed_origins))
                .bind(Json(&site.identity_secrets))
                .bind(site.hours.as_ref().map(Json))
                .execute(conn)
                .await?;
            Ok(done.rows_affected() == 1)
        })
    }
}
