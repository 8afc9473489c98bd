//! Who does what when, from a seed: the same seed plans the same run.

use std::collections::BTreeSet;

use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::participant::Transport;

use super::Options;

/// Who speaks what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mix {
    /// Most over WebSocket, some over long-poll, some change on the way.
    Mixed,
    /// All over WebSocket.
    WebSocket,
    /// All over long-poll.
    LongPoll,
}

impl Mix {
    /// What an agent's program begins with.
    pub(super) fn of_agent(self, number: usize) -> Transport {
        match self {
            Self::Mixed if number % 3 == 1 => Transport::LongPoll,
            Self::Mixed | Self::WebSocket => Transport::WebSocket,
            Self::LongPoll => Transport::LongPoll,
        }
    }
}

/// How a session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// It just stops.
    Open,
    /// The agent resolves it; one more message re-opens it.
    Reopened,
    /// The agent closes it; one more message goes on in a new session, and its retry, too.
    Continued,
}

/// What one customer does.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) transport: Transport,
    /// Changes the transport before this message.
    pub(super) switch: Option<(usize, Transport)>,
    /// Starts with a first message.
    pub(super) first_message: bool,
    /// The connection is cut in the middle of these sends.
    pub(super) cuts: BTreeSet<usize>,
    /// These are sent once more after their ack, under the same id, with another text.
    pub(super) repeats: BTreeSet<usize>,
    /// These leave together with the next one, without waiting for the ack.
    pub(super) in_a_row: BTreeSet<usize>,
    /// The agent's connection is cut in the middle of these answers.
    pub(super) desk_cuts: BTreeSet<usize>,
    pub(super) ending: Ending,
    pub(super) phone: String,
}

#[derive(Debug)]
pub(super) struct Plan {
    pub(super) scripts: Vec<Script>,
    pub(super) messages: usize,
    pub(super) seed: u64,
}

impl Plan {
    pub(super) fn new(options: &Options) -> Self {
        let Options { customers, messages, seed, mix, reconnects, .. } = *options;
        let mut random = StdRng::seed_from_u64(seed);
        // Two runs must not meet in one contact, and so in its rate limit, even with the same seed.
        let run: u32 = rand::rng().random_range(0..1_000_000);
        let mut scripts: Vec<Script> = (0..customers)
            .map(|number| {
                let half = messages / 2;
                let (transport, switch) = match (mix, number % 4) {
                    (Mix::WebSocket, _) | (Mix::Mixed, 0) => (Transport::WebSocket, None),
                    (Mix::LongPoll, _) | (Mix::Mixed, 1) => (Transport::LongPoll, None),
                    (Mix::Mixed, 2) => (Transport::WebSocket, Some((half, Transport::LongPoll))),
                    (Mix::Mixed, _) => (Transport::LongPoll, Some((half, Transport::WebSocket))),
                };
                let ending = [Ending::Open, Ending::Reopened, Ending::Continued][number % 3];
                Script {
                    transport,
                    switch,
                    first_message: random.random_bool(0.5),
                    cuts: BTreeSet::new(),
                    repeats: [random.random_range(0..messages)].into(),
                    in_a_row: (0..messages).filter(|_| random.random_bool(0.2)).collect(),
                    desk_cuts: BTreeSet::new(),
                    ending,
                    // +888 belongs to no country, so nobody's phone is in a test.
                    phone: format!("+888{run:06}{number:04}"),
                }
            })
            .collect();
        let answers = messages / 2;
        for _ in 0..reconnects {
            let script = random.random_range(0..customers);
            if answers > 0 && random.random_bool(0.3) {
                scripts[script].desk_cuts.insert(random.random_range(0..answers));
            } else {
                scripts[script].cuts.insert(random.random_range(0..messages));
            }
        }
        Self { scripts, messages, seed }
    }
}

/// What is said: mostly plain, sometimes what breaks careless servers.
pub(super) fn words(who: &str, number: usize) -> String {
    let spice = match number % 8 {
        1 => "\nsecond line\n\n\tthird, with a tab",
        2 => " <script>alert('&amp;')</script> \"quoted\" \\ back",
        3 => " 👩🏽‍🚀 naïve Zoë, e\u{301}, ﷽",
        4 => " ‏שלום‏ مرحبا",
        5 => " '; drop table entries; --",
        6 => " null NaN {\"type\":\"bye\"}",
        7 => {
            let long = " and so on".repeat(200);
            return format!("{who} #{number}{long}");
        }
        _ => "",
    };
    format!("{who} #{number}{spice}")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use protocol::{MessageBody, Phone, limits::MESSAGE_CHARS};

    use super::*;

    #[test]
    fn all_that_is_said_is_stored_as_it_is_said() {
        for number in 0..32 {
            let words = words("customer 1", number);
            assert_eq!(MessageBody::parse(&words, MESSAGE_CHARS).unwrap().as_str(), words);
        }
    }

    #[test]
    fn the_same_seed_plans_the_same_run() {
        let options = Options {
            url: String::new(),
            site: String::new(),
            email: String::new(),
            password: String::new(),
            customers: 20,
            agents: 3,
            messages: 10,
            seed: 7,
            mix: Mix::Mixed,
            reconnects: 30,
            timeout: Duration::ZERO,
        };
        let (one, other) = (Plan::new(&options), Plan::new(&options));
        let mut cuts = 0;
        for (one, other) in one.scripts.iter().zip(&other.scripts) {
            assert_eq!(
                (&one.cuts, &one.desk_cuts, &one.repeats),
                (&other.cuts, &other.desk_cuts, &other.repeats)
            );
            assert!(Phone::parse(&one.phone).is_ok());
            cuts += one.cuts.len() + one.desk_cuts.len();
        }
        assert!((20..=30).contains(&cuts), "{cuts}");
    }
}
