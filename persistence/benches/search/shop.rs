//! A shop of a year: sessions of ten entries each, with words of several languages.

use persistence::testing::Engine;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

use crate::TIMES;

/// When the year ends.
pub(crate) const NOW: i64 = 1_800_000_000_000;
const YEAR: i64 = 365 * 24 * 3_600_000;
/// Of these is one an event.
const ENTRIES: u64 = 10;
const AGENTS: u64 = 50;
const VOCABULARY: u64 = 60_000;
/// Rows of a statement.
const TOGETHER: u64 = 2_000;

const SYLLABLES: [&str; 32] = [
    "ba", "con", "đi", "ết", "für", "gá", "häu", "in", "jo", "ka", "lầm", "mo", "nữ", "ör", "pa", "qué",
    "ro", "sã", "tin", "ướ", "ver", "wo", "xin", "yên", "ze", "ча", "го", "ред", "αν", "της", "schl", "ung",
];
const FIRST: [&str; 24] = [
    "Anh",
    "Björn",
    "Chloé",
    "Đức",
    "Elif",
    "François",
    "Giang",
    "Hương",
    "Ines",
    "Jürgen",
    "Katarzyna",
    "Linh",
    "María",
    "Nhung",
    "Olga",
    "Phương",
    "Quỳnh",
    "Rafał",
    "Søren",
    "Thảo",
    "Uyên",
    "Vân",
    "Xuân",
    "Zoë",
];

/// Numbers that look like chance, the same in every run.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: u64) -> u64 {
        (self.next() >> 16) % end
    }

    /// The lower, the likelier: the second half as likely as the first, and so on.
    fn zipf(&mut self, end: u64) -> u64 {
        let share = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        ((end as f64).powf(share) - 1.0) as u64
    }
}

fn word(n: u64) -> String {
    let mut word = String::new();
    let mut rest = n + 32;
    while rest > 0 {
        word.push_str(SYLLABLES[(rest % 32) as usize]);
        rest /= 32;
    }
    word
}

fn family(n: u64) -> String {
    // A name that two in five have, as in Viet Nam.
    if n % 5 < 2 { "Nguyễn".into() } else { format!("{}ová", word(500 + n % 3_000)) }
}

fn phone(contact: u64) -> String {
    format!("+849{:08}", contact * 7_919 % 100_000_000)
}

fn name(contact: u64) -> String {
    format!("{} {}", family(contact / 3), FIRST[(contact % 24) as usize])
}

fn body(session: u64, seq: u64) -> String {
    let mut chance = Chance((session * ENTRIES + seq + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    chance.next();
    let mut words: Vec<String> =
        (0..4 + chance.below(12)).map(|_| word(20 + chance.zipf(VOCABULARY))).collect();
    if chance.below(10) == 0 {
        words.insert(1, "order".into());
    }
    if chance.below(10) == 0 {
        words.insert(0, "please".into());
    }
    if chance.below(50) == 0 {
        words.push("late again".into());
    }
    if seq == 5 && session % 10_000 == 77 {
        words.push(format!("serial{session}x"));
    }
    words.join(" ")
}

/// How many there are of each.
pub(crate) struct Shop {
    sessions: u64,
}

impl Shop {
    pub(crate) fn of(entries: u64) -> Self {
        Self { sessions: entries / ENTRIES }
    }

    pub(crate) async fn fill(&self, url: &str, engine: Engine) {
        let mut run = Run::open(url, engine).await;
        run.text(&format!(
            "insert into sites (id, key, name, color, greeting, prechat, allowed_origins, identity_secrets, created_at_ms)
            values ({}, 'made-up', 'Shop', '#000', 'Hi', '[]', '[]', '[]', 1)",
            run.id("'00000000000000000000000000000000'")
        ))
        .await;
        let (id, no) = (run.id("v ->> 0"), if engine == Engine::Sqlite { "0" } else { "false" });
        let text = |at: u32| format!("v ->> {at}");
        let number = |at: u32| {
            if engine == Engine::Sqlite { format!("v ->> {at}") } else { format!("(v ->> {at})::bigint") }
        };
        let json = |at: u32| {
            if engine == Engine::Sqlite { format!("v ->> {at}") } else { format!("(v ->> {at})::jsonb") }
        };
        let site = run.id("'00000000000000000000000000000000'");
        let other = |at: u32| run.id(&format!("v ->> {at}"));
        let agents = format!(
            "insert into agents (id, email, name, role, password_hash, must_change_password, disabled, created_at_ms)
            select {id}, {}, 'A', 'agent', 'x', {no}, {no}, 1 from rows",
            text(1)
        );
        let contacts = format!(
            "insert into contacts (id, site_id, name, phone, email, created_at_ms, updated_at_ms)
            select {id}, {site}, {}, {}, {}, 1, 1 from rows",
            text(1),
            text(2),
            text(3)
        );
        let grants = format!(
            "insert into grants (id, site_id, contact_id, verified, name, first_session_id, created_at_ms)
            select {id}, {site}, {id}, {no}, {}, {id}, 1 from rows",
            text(1)
        );
        let sessions = format!(
            "insert into sessions (id, site_id, grant_id, contact_id, channel, status, assignee_id, last_seq, version,
                customer_read_seq, team_read_seq, customer_unread, team_unread, context, tags, created_at_ms, updated_at_ms)
            select {id}, {site}, {}, {}, 'web', {}, {}, {ENTRIES}, 1, 0, 0, 0, 0, '{{}}', {}, {}, {} from rows",
            other(1), other(1), text(2), other(3), json(4), number(5), number(6)
        );
        let lines = format!(
            "insert into entries (session_id, seq, id, kind, sender_kind, body, created_at_ms)
            select {id}, {}, {}, {}, 'system', {}, {} from rows",
            number(1),
            other(2),
            text(3),
            text(4),
            number(5)
        );
        let hex = |n: u64| format!("{n:032x}");
        let rows = (0..AGENTS).map(|n| serde_json::json!([hex(n), format!("a{n}@x")])).collect::<Vec<_>>();
        run.rows(&agents, &rows).await;
        let mut from = 0;
        while from < self.sessions {
            let to = (from + TOGETHER / ENTRIES).min(self.sessions);
            let people: Vec<_> = (from..to)
                .filter(|n| n % 2 == 0)
                .map(|n| {
                    serde_json::json!([
                        hex(n),
                        name(n),
                        phone(n),
                        format!("{}{n}@example.com", word(n % 5_000))
                    ])
                })
                .collect();
            run.rows(&contacts, &people).await;
            run.rows(&grants, &people).await;
            let when = |n: u64| NOW - YEAR + (YEAR as f64 * (n as f64 / self.sessions as f64)) as i64;
            let chats: Vec<_> = (from..to)
                .map(|n| {
                    let status = match self.sessions - n {
                        0..500 => "open",
                        500..2_000 => "in_progress",
                        2_000..10_000 => "resolved",
                        _ => "closed",
                    };
                    let tags = match n % 100 {
                        0 => r#"["refund"]"#,
                        1..6 => r#"["vip"]"#,
                        _ => "[]",
                    };
                    let last = when(n) + 60_000 * ENTRIES as i64;
                    serde_json::json!([
                        hex(n),
                        hex(n - n % 2),
                        status,
                        hex(n % AGENTS),
                        tags,
                        when(n),
                        last.min(NOW)
                    ])
                })
                .collect();
            run.rows(&sessions, &chats).await;
            let said: Vec<_> = (from..to)
                .flat_map(|n| (1..=ENTRIES).map(move |seq| (n, seq)))
                .map(|(n, seq)| {
                    let (kind, body) =
                        if seq == 1 { ("event", String::new()) } else { ("message", body(n, seq)) };
                    serde_json::json!([
                        hex(n),
                        seq,
                        hex(n * 100 + seq),
                        kind,
                        body,
                        when(n) + 60_000 * seq as i64
                    ])
                })
                .collect();
            run.rows(&lines, &said).await;
            from = to;
        }
        run.settle().await;
    }

    /// Whether nothing was written yet.
    ///
    /// # Panics
    /// If it was filled with another number of entries, or not to the end.
    pub(crate) async fn is_empty(&self, url: &str, engine: Engine) -> bool {
        let count = Run::open(url, engine).await.count().await;
        assert!(count == 0 || count == self.sessions, "it has {count} chats, not {}", self.sessions);
        count == 0
    }

    /// What a store does by itself some time later.
    pub(crate) async fn settle(&self, url: &str, engine: Engine) {
        Run::open(url, engine).await.settle().await;
    }

    pub(crate) async fn sizes(&self, url: &str, engine: Engine) -> String {
        Run::open(url, engine).await.sizes().await
    }

    /// What is searched for, by kind.
    pub(crate) fn searches(&self) -> Vec<(&'static str, Vec<String>)> {
        let mut chance = Chance(88_172_645_463_325_252);
        let mut some = |make: &dyn Fn(u64) -> String| -> Vec<String> {
            (0..TIMES).map(|_| make(chance.below(self.sessions) / 2 * 2)).collect()
        };
        vec![
            ("a rare word", some(&|n| format!("serial{}x ", n / 10_000 * 10_000 + 77))),
            ("a word", some(&|n| format!("{} ", word(2_000 + n % 20_000)))),
            ("a common word", some(&|_| "order ".into())),
            ("two common words", some(&|_| "please order ".into())),
            ("a common and another", some(&|n| format!("order {} ", word(500 + n % 5_000)))),
            ("a phrase", some(&|_| "\"late again\"".into())),
            ("a beginning", some(&|_| "ord".into())),
            ("a letter", some(&|_| "o".into())),
            ("nothing", some(&|n| format!("nothing{n}x "))),
            ("a common name", some(&|_| "nguyen".into())),
            ("a name", some(&|n| name(n))),
            (
                "a name with a typo",
                some(&|n| {
                    let family = family(n / 3);
                    family.chars().enumerate().filter(|(at, _)| *at != 3).map(|(_, c)| c).collect()
                }),
            ),
            ("a phone number", some(&|n| format!("0{}", &phone(n)[3..]))),
            ("four digits", some(&|n| phone(n)[8..].to_owned())),
            ("a number", some(&|n| format!("#{}", n + 1))),
        ]
    }
}

/// A connection, as text goes through it.
enum Run {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Run {
    async fn open(url: &str, engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                let mut conn = SqliteConnection::connect(url).await.unwrap();
                sqlx::raw_sql("pragma synchronous = off; pragma cache_size = -200000")
                    .execute(&mut conn)
                    .await
                    .unwrap();
                Self::Sqlite(conn)
            }
            Engine::Postgres => Self::Postgres(PgConnection::connect(url).await.unwrap()),
        }
    }

    fn id(&self, hex: &str) -> String {
        match self {
            Self::Sqlite(_) => format!("unhex({hex})"),
            Self::Postgres(_) => format!("({hex})::uuid"),
        }
    }

    async fn text(&mut self, statement: &str) {
        let statement = AssertSqlSafe(statement.to_owned());
        match self {
            Self::Sqlite(conn) => {
                sqlx::raw_sql(statement).execute(conn).await.unwrap();
            }
            Self::Postgres(conn) => {
                sqlx::raw_sql(statement).execute(conn).await.unwrap();
            }
        }
    }

    async fn rows(&mut self, statement: &str, rows: &[serde_json::Value]) {
        let rows = serde_json::json!(rows).to_string();
        match self {
            Self::Sqlite(conn) => {
                let statement = statement.replace("from rows", "from (select value as v from json_each($1))");
                sqlx::query(AssertSqlSafe(statement)).bind(rows).execute(conn).await.unwrap();
            }
            Self::Postgres(conn) => {
                let statement = statement.replace("from rows", "from json_array_elements($1::json) v");
                sqlx::query(AssertSqlSafe(statement)).bind(rows).execute(conn).await.unwrap();
            }
        }
    }

    async fn count(&mut self) -> u64 {
        const COUNT: &str = "select count(*) from sessions";
        let count: i64 = match self {
            Self::Sqlite(conn) => sqlx::query_scalar(COUNT).fetch_one(conn).await.unwrap(),
            Self::Postgres(conn) => sqlx::query_scalar(COUNT).fetch_one(conn).await.unwrap(),
        };
        count.unsigned_abs()
    }

    async fn settle(&mut self) {
        match self {
            Self::Sqlite(_) => self.text("pragma wal_checkpoint(truncate)").await,
            Self::Postgres(_) => {
                self.text("vacuum analyze").await;
                self.text("checkpoint").await;
            }
        }
    }

    async fn sizes(&mut self) -> String {
        match self {
            Self::Sqlite(conn) => {
                let all: i64 = sqlx::query_scalar(
                    "select page_count * page_size from pragma_page_count, pragma_page_size",
                )
                .fetch_one(&mut *conn)
                .await
                .unwrap();
                let index: i64 = sqlx::query_scalar("select sum(length(block)) from search_words_data")
                    .fetch_one(conn)
                    .await
                    .unwrap();
                format!("{} MB, {} MB of it the words", all >> 20, index >> 20)
            }
            Self::Postgres(conn) => sqlx::query_scalar(
                "select pg_size_pretty(pg_database_size(current_database())) || ', documents '
                    || pg_size_pretty(pg_table_size('search_docs')) || ', their indexes '
                    || pg_size_pretty(pg_indexes_size('search_docs'))",
            )
            .fetch_one(conn)
            .await
            .unwrap(),
        }
    }
}
