//! The attributes that the workspace defines.

use protocol::{
    UtcMillis,
    rest::{Attribute, AttributeOf, EditAttribute},
};
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use crate::{Store, StoreError, error::taken, rows::word, store::on_engine};

const ALL: &str = "
    select * from attribute_definitions where $1 is null or id = $1 order by subject, created_at_ms, id";
const CREATE: &str = "
    insert into attribute_definitions (id, subject, key, label, kind, choices, about, created_at_ms)
    values ($1, $2, $3, $4, $5, $6, $7, $8)";
const UPDATE: &str = "
    update attribute_definitions set label = coalesce($2, label), choices = coalesce($3, choices),
        about = case when $4 is null then about else nullif($4, '') end
    where id = $1";
const DELETE: &str = "delete from attribute_definitions where id = $1";

#[derive(FromRow)]
struct Row {
    id: Uuid,
    subject: String,
    key: String,
    label: String,
    kind: String,
    choices: Json<Vec<String>>,
    about: Option<String>,
    created_at_ms: i64,
}

impl TryFrom<Row> for Attribute {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            of: word(&row.subject)?,
            key: row.key,
            label: row.label,
            kind: word(&row.kind)?,
            choices: row.choices.0,
            about: row.about,
            created_at: UtcMillis::new(row.created_at_ms),
        })
    }
}

impl Store {
    /// All attributes that are defined, those of contacts first, in the order in which they were.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn attributes(&self) -> Result<Vec<Attribute>, StoreError> {
        self.read_attributes(None).await
    }

    /// Those of contacts, or of sessions.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn attributes_of(&self, of: AttributeOf) -> Result<Vec<Attribute>, StoreError> {
        let all = self.attributes().await?;
        Ok(all.into_iter().filter(|attribute| attribute.of == of).collect())
    }

    /// One of them.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn attribute(&self, id: Uuid) -> Result<Option<Attribute>, StoreError> {
        Ok(self.read_attributes(Some(id)).await?.pop())
    }

    async fn read_attributes(&self, only: Option<Uuid>) -> Result<Vec<Attribute>, StoreError> {
        let rows: Vec<Row> =
            on_engine!(read self, conn => Ok(sqlx::query_as(ALL).bind(only).fetch_all(conn).await?))?;
        rows.into_iter().map(Attribute::try_from).collect()
    }

    /// Defines an attribute.
    ///
    /// # Errors
    /// `Conflict("attribute")`: there is one of this key.
    pub async fn create_attribute(&self, new: &Attribute) -> Result<(), StoreError> {
        on_engine!(write self, conn => {
            sqlx::query(CREATE)
                .bind(new.id)
                .bind(new.of.as_str())
                .bind(&new.key)
                .bind(&new.label)
                .bind(new.kind.as_str())
                .bind(Json(&new.choices))
                .bind(new.about.as_deref())
                .bind(new.created_at.get())
                .execute(conn)
                .await
                .map_err(taken("attribute"))?;
            Ok(())
        })
    }

    /// Changes a definition; `false` if there is none.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn update_attribute(&self, id: Uuid, edit: &EditAttribute) -> Result<bool, StoreError> {
        on_engine!(write self, conn => {
            let done = sqlx::query(UPDATE)
                .bind(id)
                .bind(edit.label.as_deref())
                .bind(edit.choices.as_ref().map(Json))
                .bind(edit.about.as_deref())
                .execute(conn)
                .await?;
            Ok(done.rows_affected() == 1)
        })
    }

    /// Deletes a definition, not the values; `false` if there is none.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn delete_attribute(&self, id: Uuid) -> Result<bool, StoreError> {
        on_engine!(write self, conn => Ok(sqlx::query(DELETE).bind(id).execute(conn).await?.rows_affected() == 1))
    }
}
