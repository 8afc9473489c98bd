//! The goals: how each is computed from what was measured, and what must and may come of it. A table; nothing of a
//! goal stands anywhere else.

use crate::{
    cells::{Cells, OWN_FIGURES, Spread},
    loads::{LOADS, Load, load},
    servers::Subject::{self, Cluster, Floor, Postgres, Sqlite},
};

/// One goal.
pub(crate) struct Goal {
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    pub(crate) lines: &'static [Line],
}

/// One thing that is computed for a goal.
pub(crate) struct Line {
    pub(crate) of: &'static str,
    pub(crate) value: Value,
    pub(crate) unit: Unit,
    /// What it is held against; without, it stands there to be read.
    pub(crate) limit: Option<Limit>,
}

/// What must hold, and what would be good.
#[derive(Clone, Copy)]
pub(crate) enum Limit {
    AtMost { must: f64, aim: f64 },
    AtLeast { must: f64, aim: f64 },
}

impl Limit {
    /// Whether what must hold does, and whether the aim is reached.
    pub(crate) fn judge(self, value: f64) -> (bool, bool) {
        match self {
            Self::AtMost { must, aim } => (value <= must, value <= aim),
            Self::AtLeast { must, aim } => (value >= must, value >= aim),
        }
    }
}

/// How a value is written.
#[derive(Clone, Copy)]
pub(crate) enum Unit {
    Times,
    /// Of a share.
    Percent,
    /// Single commits.
    Commits,
    Kib,
    Seconds,
    Count,
}

/// A figure of a load on a server.
#[derive(Clone, Copy)]
pub(crate) struct Figure {
    load: &'static str,
    on: Subject,
    name: &'static str,
}

/// How a value is computed, for each repetition from that repetition's figures.
pub(crate) enum Value {
    Plain(Figure),
    /// The first as a multiple of the second.
    Ratio(Figure, Figure),
    /// What the first has more than the second, as a share of the second.
    OnTop(Figure, Figure),
    /// What the first has more than the second, as a multiple of the third.
    Over(Figure, Figure, Figure),
    /// Of all loads on Hubbub, the sum of these figures.
    Sum(&'static [&'static str]),
}

const fn figure(name: &'static str, load: &'static str, on: Subject) -> Figure {
    Figure { load, on, name }
}

/// CPU of the server for a delivery.
const fn server(load: &'static str, on: Subject) -> Figure {
    figure("server_us_per_delivery", load, on)
}

/// The same with the store's.
const fn total(load: &'static str, on: Subject) -> Figure {
    figure("total_us_per_delivery", load, on)
}

const fn line(of: &'static str, value: Value, unit: Unit, limit: Option<Limit>) -> Line {
    Line { of, value, unit, limit }
}

const fn at_most(must: f64, aim: f64) -> Option<Limit> {
    Some(Limit::AtMost { must, aim })
}

const fn at_least(must: f64, aim: f64) -> Option<Limit> {
    Some(Limit::AtLeast { must, aim })
}

/// Times the floor's CPU for a delivery of the same load.
const fn to_floor(load: &'static str, on: Subject) -> Value {
    Value::Ratio(server(load, on), server(load, Floor))
}

/// The same with the store's.
const fn total_to_floor(load: &'static str, on: Subject) -> Value {
    Value::Ratio(total(load, on), server(load, Floor))
}

/// How much longer than the floor's an ack takes (median), in single commits.
const fn ack(load: &'static str, on: Subject) -> Value {
    let name = "ack_p50_ms";
    Value::Over(figure(name, load, on), figure(name, load, Floor), figure("commit_ms", load, on))
}

const fn of_both(name: &'static str, on: Subject, load: &'static str, other: &'static str) -> Value {
    Value::Ratio(figure(name, load, on), figure(name, other, on))
}

const PG: &str = "Postgres, server";
const PG_TOTAL: &str = "Postgres, server and store";
const LITE: &str = "SQLite";

use Unit::{Commits, Count, Kib, Percent, Seconds, Times};

pub(crate) const GOALS: &[Goal] = &[
    Goal {
        name: "G1",
        what: "CPU per delivery, 500 sessions × 2, saturated, durable acks: times the floor",
        lines: &[
            line(PG, to_floor("pairs", Postgres), Times, at_most(1.6, 1.3)),
            line(LITE, to_floor("pairs", Sqlite), Times, None),
        ],
    },
    Goal {
        name: "G2",
        what: "the same with Postgres' own CPU",
        lines: &[line(PG_TOTAL, total_to_floor("pairs", Postgres), Times, at_most(2.5, 2.0))],
    },
    Goal {
        name: "G3",
        what: "CPU per delivery at 5,000 messages a second, open loop: times the floor",
        lines: &[
            line(PG, to_floor("pairs-5000", Postgres), Times, at_most(2.0, 1.6)),
            line(PG_TOTAL, total_to_floor("pairs-5000", Postgres), Times, None),
            line(LITE, to_floor("pairs-5000", Sqlite), Times, None),
        ],
    },
    Goal {
        name: "G4",
        what: "CPU per delivery, 10 sessions × 50 followers: times the floor",
        lines: &[
            line(PG, to_floor("crowd", Postgres), Times, at_most(1.5, 1.2)),
            line(PG_TOTAL, total_to_floor("crowd", Postgres), Times, None),
            line(LITE, to_floor("crowd", Sqlite), Times, None),
        ],
    },
    Goal {
        name: "G5",
        what: "durable ack p50 at 500 messages a second: over the floor's, in single commits (T)",
        lines: &[
            line("Postgres", ack("pairs-500", Postgres), Commits, at_most(2.0, 1.5)),
            line(LITE, ack("pairs-500", Sqlite), Commits, at_most(2.0, 1.5)),
        ],
    },
    Goal {
        name: "G6",
        what: "durable ack p50 at 5,000 messages a second: over the floor's, in single commits (T)",
        lines: &[
            line("Postgres", ack("pairs-5000", Postgres), Commits, at_most(5.0, 4.0)),
            line(LITE, ack("pairs-5000", Sqlite), Commits, at_most(5.0, 4.0)),
        ],
    },
    Goal {
        name: "G7",
        what: "log writer at 500 rows a batch: of COPY's rows a second",
        lines: &[
            line(
                "COPY of the rows",
                of_store(Postgres, "writer_rows_s", "copy_rows_s"),
                Percent,
                at_least(0.85, 0.92),
            ),
            line(
                "COPY, and the sessions' rows changed",
                of_store(Postgres, "writer_rows_s", "copy_and_update_rows_s"),
                Percent,
                None,
            ),
        ],
    },
    Goal {
        name: "G8",
        what: "memory (PSS) per idle connection with an open session, 10,000 of them",
        lines: &[
            line(PG, memory("idle", Postgres), Kib, at_most(16.0, 10.0)),
            line(LITE, memory("idle", Sqlite), Kib, at_most(16.0, 10.0)),
        ],
    },
    Goal {
        name: "G9",
        what: "CPU per accepted and authenticated connection: times the floor",
        lines: &[
            line(PG, accept("server_us_per_accept", Postgres), Times, at_most(3.0, 2.0)),
            line(PG_TOTAL, accept("total_us_per_accept", Postgres), Times, None),
            line(LITE, accept("server_us_per_accept", Sqlite), Times, None),
        ],
    },
    Goal {
        name: "G10",
        what: "storm of 5,000 with resume: CPU per reconnect, times the floor; store queries, times those of a calm time",
        lines: &[
            line(PG, reconnect(Postgres), Times, at_most(3.0, 2.0)),
            line(LITE, reconnect(Sqlite), Times, None),
            line("queries, Postgres", of_both(QUERIES, Postgres, "storm", "calm"), Times, at_most(3.0, 3.0)),
            line("queries, SQLite", of_both(QUERIES, Sqlite, "storm", "calm"), Times, at_most(3.0, 3.0)),
        ],
    },
    Goal {
        name: "G11",
        what: "growth: CPU per delivery at 9,000 connections, times that at 1,000, at the same message rate",
        lines: &[
            line(PG, growth(Postgres), Times, at_most(1.2, 1.1)),
            line(LITE, growth(Sqlite), Times, None),
            line("the floor", growth(Floor), Times, None),
        ],
    },
    Goal {
        name: "G12",
        what: "lost, doubled, out of order in any of these runs, also across kill -9",
        lines: &[line(
            "all runs of Hubbub",
            Value::Sum(&["lost", "doubled", "out_of_order"]),
            Count,
            at_most(0.0, 0.0),
        )],
    },
    Goal {
        name: "G13",
        what: "CPU per delivery to the other node, of both nodes: times that of one node (G1)",
        lines: &[
            line(
                "both nodes",
                Value::Ratio(server("cluster", Cluster), server("pairs", Postgres)),
                Times,
                at_most(2.5, 2.0),
            ),
            line(
                "with Postgres",
                Value::Ratio(total("cluster", Cluster), total("pairs", Postgres)),
                Times,
                None,
            ),
        ],
    },
    Goal {
        name: "G14",
        what: "long-poll: CPU per delivery, times that of a WebSocket (G1); memory per waiting poll",
        lines: &[
            line(
                PG,
                Value::Ratio(server("polls", Postgres), server("pairs", Postgres)),
                Times,
                at_most(4.0, 3.0),
            ),
            line(LITE, Value::Ratio(server("polls", Sqlite), server("pairs", Sqlite)), Times, None),
            line("memory, Postgres", memory("idle-polls", Postgres), Kib, at_most(24.0, 16.0)),
            line("memory, SQLite", memory("idle-polls", Sqlite), Kib, at_most(24.0, 16.0)),
        ],
    },
    Goal {
        name: "G15",
        what: "200 agents watch a list of 5,000 sessions under 1,000 messages a second: CPU on top",
        lines: &[
            line(
                PG,
                Value::OnTop(server("queue-watched", Postgres), server("queue", Postgres)),
                Percent,
                at_most(0.3, 0.1),
            ),
            line(
                LITE,
                Value::OnTop(server("queue-watched", Sqlite), server("queue", Sqlite)),
                Percent,
                at_most(0.3, 0.1),
            ),
        ],
    },
    Goal {
        name: "G16",
        what: "start on a store of a million entries, until it is ready",
        lines: &[
            line("Postgres", Value::Plain(figure("ready_s", "start", Postgres)), Seconds, at_most(1.0, 0.3)),
            line(LITE, Value::Plain(figure("ready_s", "start", Sqlite)), Seconds, at_most(1.0, 0.3)),
        ],
    },
    Goal {
        name: "G17",
        what: "SQLite, one core: durable messages acknowledged a second, of the rows a second that the engine inserts in batches",
        lines: &[
            line("inserted one by one", of_engine("insert_each_rows_s"), Times, at_least(0.6, 0.8)),
            line("many in a statement", of_engine("insert_at_once_rows_s"), Times, None),
        ],
    },
];

const QUERIES: &str = "statements_per_s";

const fn of_store(on: Subject, name: &'static str, other: &'static str) -> Value {
    Value::Ratio(figure(name, "store", on), figure(other, "store", on))
}

const fn of_engine(rows: &'static str) -> Value {
    Value::Ratio(figure("acked_per_s", "pairs", Sqlite), figure(rows, "store", Sqlite))
}

const fn memory(load: &'static str, on: Subject) -> Value {
    Value::Plain(figure("server_kib_per_connection", load, on))
}

const fn accept(name: &'static str, on: Subject) -> Value {
    Value::Ratio(figure(name, "idle", on), figure("server_us_per_accept", "idle", Floor))
}

const fn reconnect(on: Subject) -> Value {
    let name = "server_us_per_reconnect";
    Value::Ratio(figure(name, "storm", on), figure(name, "storm", Floor))
}

const fn growth(on: Subject) -> Value {
    of_both("server_us_per_delivery", on, "wide", "pairs-5000")
}

impl Value {
    fn figures(&self) -> Vec<Figure> {
        match self {
            Self::Plain(one) => vec![*one],
            Self::Ratio(one, other) | Self::OnTop(one, other) => vec![*one, *other],
            Self::Over(one, other, unit) => vec![*one, *other, *unit],
            Self::Sum(_) => Vec::new(),
        }
    }

    /// In each repetition of which enough is known.
    pub(crate) fn of(&self, cells: &Cells) -> Spread {
        let repetitions = 0..cells.repetitions();
        Spread(repetitions.filter_map(|n| self.at(cells, n)).filter(|value| value.is_finite()).collect())
    }

    fn at(&self, cells: &Cells, repetition: usize) -> Option<f64> {
        let of = |figure: &Figure| cells.figure(figure.load, figure.on, figure.name, repetition);
        Some(match self {
            Self::Plain(one) => of(one)?,
            Self::Ratio(one, other) => of(one)? / of(other)?,
            Self::OnTop(one, other) => of(one)? / of(other)? - 1.0,
            Self::Over(one, other, unit) => (of(one)? - of(other)?) / of(unit)?,
            Self::Sum(names) => {
                let ours = |subject| matches!(subject, Sqlite | Postgres | Cluster);
                let cells = cells.iter().filter(|cell| cell.repetition == repetition && ours(cell.subject));
                let counted: Vec<f64> = cells
                    .flat_map(|cell| names.iter().filter_map(|name| cell.figures.get(*name).copied()))
                    .collect();
                (!counted.is_empty()).then(|| counted.iter().sum())?
            }
        })
    }
}

impl Goal {
    /// The loads that it takes, on the servers that it takes.
    pub(crate) fn takes(&self, load: &Load, subject: Subject) -> bool {
        let takes_all = |line: &Line| matches!(line.value, Value::Sum(_)) && load.name == "kill";
        let takes_it = |figure: &Figure| figure.load == load.name && figure.on == subject;
        self.lines.iter().any(|line| takes_all(line) || line.value.figures().iter().any(takes_it))
    }
}

pub(crate) fn goal(name: &str) -> Option<&'static Goal> {
    GOALS.iter().find(|goal| goal.name.eq_ignore_ascii_case(name))
}

/// What is wrong with the table: figures that are measured nowhere.
pub(crate) fn mistakes() -> Vec<String> {
    let mut wrong = Vec::new();
    for goal in GOALS {
        for figure in goal.lines.iter().flat_map(|line| line.value.figures()) {
            let known =
                loadtest::report::FIGURES.contains(&figure.name) || OWN_FIGURES.contains(&figure.name);
            let measured = load(figure.load).is_some_and(|load| load.on.contains(&figure.on));
            if !(known && measured) {
                wrong.push(format!("{}: {} of {} on {}", goal.name, figure.name, figure.load, figure.on));
            }
        }
    }
    let unused = LOADS
        .iter()
        .filter(|load| !GOALS.iter().any(|goal| load.on.iter().any(|subject| goal.takes(load, *subject))));
    wrong.extend(unused.map(|load| format!("no goal takes {}", load.name)));
    wrong
}
