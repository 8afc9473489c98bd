//! What is played, and on which servers: the table that goals take their figures from.

use crate::servers::Subject;

/// One thing to measure, on several servers in turn.
pub(crate) struct Load {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) what: What,
    pub(crate) on: &'static [Subject],
    /// Seconds that are measured, where it is not for the command line to say.
    pub(crate) seconds: Option<f64>,
}

/// What is done.
#[derive(Clone, Copy)]
pub(crate) enum What {
    /// `hubbub-loadtest run` plays a scenario, with these changes.
    Play { scenario: &'static str, set: &'static [&'static str], besides: Besides },
    /// The server starts on a store of a million entries.
    Start,
    /// `cargo bench -p persistence --bench goals`: the store without a server.
    Store,
}

/// What is done besides the playing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Besides {
    Nothing,
    /// Single commits are timed on the same store, when the load is over.
    Commits,
    /// The server is killed (SIGKILL) in the middle, and started again.
    Kill,
}

const EVERYBODY: &[Subject] =
    &[Subject::Floor, Subject::Sqlite, Subject::Postgres, Subject::Nchan, Subject::Socketio];
const FLOOR_AND_HUBBUB: &[Subject] = &[Subject::Floor, Subject::Sqlite, Subject::Postgres];
const HUBBUB: &[Subject] = &[Subject::Sqlite, Subject::Postgres];

const fn play(scenario: &'static str, set: &'static [&'static str]) -> What {
    What::Play { scenario, set, besides: Besides::Nothing }
}

/// All loads, in the order in which they are played.
pub(crate) const LOADS: &[Load] = &[
    Load {
        name: "pairs",
        about: "500 sessions of two, as fast as the server can",
        what: play("saturate", &[]),
        on: EVERYBODY,
        seconds: None,
    },
    Load {
        name: "pairs-5000",
        about: "500 sessions of two, 5,000 messages a second",
        what: What::Play {
            scenario: "steady",
            set: &["messages.rates=[{ per_s = 5000 }]"],
            besides: Besides::Commits,
        },
        on: EVERYBODY,
        seconds: None,
    },
    Load {
        name: "pairs-500",
        about: "500 sessions of two, 500 messages a second",
        what: What::Play {
            scenario: "steady",
            set: &["messages.rates=[{ per_s = 500 }]"],
            besides: Besides::Commits,
        },
        on: FLOOR_AND_HUBBUB,
        seconds: None,
    },
    Load {
        name: "crowd",
        about: "10 sessions of fifty, as fast as the server can",
        what: play("broadcast", &[]),
        on: EVERYBODY,
        seconds: None,
    },
    Load {
        name: "wide",
        about: "4,500 sessions of two, 5,000 messages a second",
        what: play("steady", &["people.sessions=4500", "messages.rates=[{ per_s = 5000 }]"]),
        on: FLOOR_AND_HUBBUB,
        seconds: None,
    },
    Load {
        name: "idle",
        about: "10,000 quiet connections with an open session",
        what: play("idle", &[]),
        on: EVERYBODY,
        seconds: Some(3.0),
    },
    Load {
        name: "storm",
        about: "5,000 connections cut at once, which come back with resume; 100 messages a second",
        what: play("storm", &[]),
        on: EVERYBODY,
        seconds: Some(15.0),
    },
    Load {
        name: "calm",
        about: "the same without the cut",
        what: play(
            "steady",
            &[
                "people.sessions=5000",
                "people.members=1",
                "people.senders=customers",
                "messages.rates=[{ per_s = 100 }]",
            ],
        ),
        on: HUBBUB,
        seconds: Some(15.0),
    },
    Load {
        name: "cluster",
        about: "500 sessions of two, each on two nodes, as fast as they can",
        what: play("saturate", &[]),
        on: &[Subject::Cluster],
        seconds: None,
    },
    Load {
        name: "polls",
        about: "500 customers on long-poll, to whom 500 agents write as fast as the server can",
        what: play("saturate", &["people.long_poll=1.0", "people.senders=agents"]),
        on: HUBBUB,
        seconds: None,
    },
    Load {
        name: "idle-polls",
        about: "10,000 long-polls that wait",
        what: play("idle", &["people.long_poll=1.0"]),
        on: HUBBUB,
        seconds: Some(3.0),
    },
    Load {
        name: "queue",
        about: "5,000 sessions of two, 1,000 messages a second",
        what: play("steady", &["people.sessions=5000", "messages.rates=[{ per_s = 1000 }]"]),
        on: HUBBUB,
        seconds: None,
    },
    Load {
        name: "queue-watched",
        about: "the same, and 200 agents watch the list of all",
        what: play(
            "steady",
            &["people.sessions=5000", "messages.rates=[{ per_s = 1000 }]", "people.watchers=200"],
        ),
        on: HUBBUB,
        seconds: None,
    },
    Load {
        name: "kill",
        about: "100 sessions of two, 500 messages a second; kill -9 in the middle, and a start",
        what: What::Play { scenario: "steady", set: &["people.sessions=100"], besides: Besides::Kill },
        on: HUBBUB,
        seconds: Some(12.0),
    },
    Load {
        name: "start",
        about: "a start on a store of 10,000 sessions with 100 entries each",
        what: What::Start,
        on: HUBBUB,
        seconds: None,
    },
    Load {
        name: "store",
        about: "the log writer, and the engines themselves, without a server",
        what: What::Store,
        on: HUBBUB,
        seconds: None,
    },
];

pub(crate) fn load(name: &str) -> Option<&'static Load> {
    LOADS.iter().find(|load| load.name == name)
}
