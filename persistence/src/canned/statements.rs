//! What is asked of the table.

/// Of `$table`: 0 one's own, 1 a team's, 2 everybody's.
macro_rules! reach {
    ($table:literal) => {
        concat!(
            "(case when ",
            $table,
            ".agent_id is not null then 0 when ",
            $table,
            ".team_id is not null then 1 else 2 end)"
        )
    };
}

/// Whether agent `$1` has that of `$table`.
macro_rules! has {
    ($table:literal) => {
        concat!(
            "(",
            $table,
            ".agent_id = $1 or (",
            $table,
            ".agent_id is null and (",
            $table,
            ".team_id is null or ",
            $table,
            ".team_id in (select m.team_id from team_members m where m.agent_id = $1))))"
        )
    };
}

/// Another one that agent `$1` has comes first by the same shortcut.
macro_rules! shadowed {
    () => {
        concat!(
            "exists (select 1 from canned_answers n where n.shortcut = c.shortcut and ",
            has!("n"),
            " and (",
            reach!("n"),
            ", n.id) < (",
            reach!("c"),
            ", c.id))"
        )
    };
}

/// What agent `$1` sees; `$2`: every team's, too.
macro_rules! seen {
    () => {
        concat!("(", has!("c"), " or ($2 and c.team_id is not null))")
    };
}

macro_rules! columns {
    () => {
        concat!(
            "c.id, c.agent_id, c.team_id, t.name as team_name, c.shortcut, c.title, c.category, c.body, c.uses,
            c.last_used_at_ms, c.created_at_ms, c.created_by, m.name as creator, c.updated_at_ms, c.updated_by,
            u.name as updater, ", shadowed!(), " as shadowed"
        )
    };
}

macro_rules! with_names {
    () => {
        " from canned_answers c left join teams t on t.id = c.team_id
        join agents m on m.id = c.created_by join agents u on u.id = c.updated_by "
    };
}

/// `$3` is the reach, `$4` the team, `$5` the category, `$6` only those that one has, `$7` to `$10` what is searched for.
macro_rules! filtered {
    () => {
        concat!(
            " where ",
            seen!(),
            " and ($3 is null or ",
            reach!("c"),
            " = $3) and ($4 is null or c.team_id = $4)
            and ($5 is null or c.category_key = $5) and (not $6 or (",
            has!("c"),
            " and not ",
            shadowed!(),
            "))
            and c.words like $7 escape '\\' and c.words like $8 escape '\\'
            and c.words like $9 escape '\\' and c.words like $10 escape '\\'"
        )
    };
}

/// The order is `$11`; of a search, `$12` is the whole shortcut and `$13` how it begins. After `$14`, `$15`, `$16`.
pub(super) const PAGE: &str = concat!(
    "select * from (select ",
    columns!(),
    ", case $11
        when 1 then -c.uses
        when 2 then -coalesce(c.last_used_at_ms, 0)
        when 3 then (case when c.shortcut = $12 then 0 when c.shortcut like $13 escape '\\' then 1 else 2 end)
            * 1000000000000 - c.uses
        else 0 end as rank",
    with_names!(),
    filtered!(),
    ") as found
    where (rank, shortcut, id) > ($14, $15, $16) order by rank, shortcut, id limit $17"
);
pub(super) const COUNT: &str = concat!("select count(*) from canned_answers c", filtered!());
pub(super) const ONE: &str = concat!("select ", columns!(), with_names!(), " where c.id = $3 and ", seen!());
pub(super) const CATEGORIES: &str = concat!(
    "select min(c.category), c.category_key, count(*) from canned_answers c
    where ",
    seen!(),
    " and c.category_key > $3 group by c.category_key order by c.category_key limit $4"
);
pub(super) const COUNT_CATEGORIES: &str = concat!(
    "select count(distinct c.category_key) from canned_answers c where c.category_key <> '' and ",
    seen!()
);
pub(super) const SHORTCUTS: &str = "select id, agent_id, team_id, shortcut from canned_answers";
pub(super) const UPDATE: &str = "
    update canned_answers set agent_id = $2, team_id = $3, shortcut = $4, title = $5, category = $6, category_key = $7,
        body = $8, words = $9, updated_at_ms = $10, updated_by = $11
    where id = $1";
pub(super) const DELETE: &str = "delete from canned_answers where id = $1";
pub(super) const USED: &str = "update canned_answers set uses = uses + 1, last_used_at_ms = $2 where id = $1";
