//! Servers on one Postgres and one Redis: what the people of one do, those of the others see (promises 2, 5 and 7).

mod answers;
mod blocks;
mod chat;
mod desk;
mod ends;
mod lists;
mod merging;
mod moving;
mod one_sided;
mod redis_gone;
mod truth;
mod views;

use std::time::Duration;

use loadtest::participant::Transport;
use protocol::SessionId;
use tokio::time::Instant;

use crate::support::{cluster::Cluster, seat::Seat};

/// What messages need from one server to another without Redis (promise 7), and what a busy machine adds to it.
const WITHOUT_REDIS: Duration = Duration::from_secs(5);

/// A customer at the first server and an agent at the second.
struct Chat {
    customer: Seat,
    agent: Seat,
}

impl Chat {
    async fn start(cluster: &Cluster, phone: &str) -> Self {
        let (ana, started) = cluster.nodes[0].customer("Ana", phone).await;
        let session = started.session.id;
        let agent = cluster.admin(1).await.caller().clone();
        Self {
            customer: Seat::take(ana, session, Transport::WebSocket).await,
            agent: Seat::take(agent, session, Transport::WebSocket).await,
        }
    }

    fn session(&self) -> SessionId {
        self.customer.session
    }

    /// Both have seen the whole log, as either server has it.
    async fn was_seen_by_both(&mut self, cluster: &Cluster) {
        for node in 0..2 {
            let log = cluster.at(node, &self.agent.who).whole_log(self.session()).await.unwrap();
            for seat in [&mut self.customer, &mut self.agent] {
                seat.sees(|entry| entry.seq == log.last().unwrap().seq).await;
                assert_eq!(seat.seen(), log);
            }
        }
    }

    /// So many messages each way, one after the other: how long each took from its sending to the other side's screen.
    async fn talk(&mut self, words: &str, rounds: usize) -> Times {
        let mut times = Vec::new();
        for n in 0..rounds {
            for customer_speaks in [true, false] {
                let Self { customer, agent } = self;
                let (from, to) = if customer_speaks { (customer, agent) } else { (agent, customer) };
                let body = format!("{words} {n} {}", times.len());
                let began = Instant::now();
                from.say(&body).await;
                to.hears(&body).await;
                times.push(began.elapsed());
            }
        }
        times.sort_unstable();
        let times = Times { middle: times[times.len() / 2], worst: *times.last().unwrap() };
        eprintln!("{words}: {times:?}");
        times
    }
}

/// How long messages took.
#[derive(Debug)]
struct Times {
    #[expect(dead_code, reason = "for people")]
    middle: Duration,
    worst: Duration,
}
