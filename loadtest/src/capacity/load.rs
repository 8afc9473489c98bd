//! What so many people do to so many nodes, per second. Plain sums; everything here is a mean.

use protocol::limits;
use serde::Serialize;

use super::plan::{Costs, Plan};

/// How large it is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Size {
    /// Customers connected at once, each with an open chat.
    pub customers: f64,
    /// Agents at work.
    pub agents: f64,
}

/// Rates, per second and of the whole cluster where nothing else is said.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Load {
    /// How many nodes share it.
    pub nodes: f64,
    /// Messages, of both sides.
    pub messages: f64,
    /// Entries appended to logs: messages, and what else happens to a chat.
    pub appends: f64,
    /// Read positions stored.
    pub marks: f64,
    /// Chats that begin.
    pub starts: f64,
    /// Connections that begin, each with its reads in the store.
    pub connects: f64,
    /// WebSockets pinged.
    pub heartbeats: f64,
    /// Long-polls answered.
    pub polls: f64,
    /// Frames of typing and reading that come in.
    pub typing_and_reading: f64,
    /// Changes of chats: what agents' lists must know.
    pub changes: f64,
    /// Changed chats noted for watching agents, one by one.
    pub list_notes: f64,
    /// Changed chats shown in agents' lists, one by one.
    pub list_frames: f64,
    /// Lists read anew from the store, because more changed between two looks than a list can hold.
    pub list_reads: f64,
    /// What is said over the link.
    pub link: LinkLoad,
}

/// What is said over the link, per second; nothing on one node.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct LinkLoad {
    /// Publications of what was committed.
    pub commits: f64,
    /// Typing, reading and delivery marks.
    pub signals: f64,
    /// Who is here.
    pub presence: f64,
    /// Summaries for lists, heard by every node.
    pub summaries: f64,
    /// Signs of life, heard by every node.
    pub beats: f64,
    /// Session channels subscribed to, of all nodes: a number, not a rate.
    pub subscriptions: f64,
    /// Subscriptions that begin or end.
    pub subscribes: f64,
    /// Of commits, signals and presence: heard by a node that did not say them.
    pub heard_elsewhere: f64,
    /// Of the same: heard by the node itself.
    pub echoes: f64,
    /// Bytes a second out of Redis.
    pub bytes_out: f64,
}

impl LinkLoad {
    /// All publications.
    pub fn publications(&self) -> f64 {
        self.commits + self.signals + self.presence + self.summaries + self.beats
    }

    /// All that Redis hands to subscribers.
    pub fn deliveries(&self, nodes: f64) -> f64 {
        self.heard_elsewhere + self.echoes + (self.summaries + self.beats) * nodes
    }

    /// Cores of Redis, which has one.
    pub fn redis_cores(&self, costs: &Costs, nodes: f64) -> f64 {
        self.publications() * costs.redis_publish_us.us()
            + self.deliveries(nodes) * costs.redis_deliver_us.us()
            + self.subscribes * costs.redis_subscribe_us.us()
    }
}

impl Load {
    /// The load of a plan at a size, on so many nodes.
    pub fn of(plan: &Plan, size: Size, nodes: f64) -> Self {
        let (work, server) = (&plan.workload, &plan.server);
        let Size { customers, agents } = size;
        let messages = customers * work.messages_per_minute / 60.0 * (1.0 + work.replies);
        let starts = customers / (work.chat_minutes * 60.0);
        let appends = messages + starts * server.entries_per_chat;
        let marks = messages * work.marks_per_message;
        let connects = starts + customers * work.page_loads_per_minute / 60.0;
        let changes = appends + marks + starts;
        let polling = customers * work.poll_share;
        let told = changes * server.list_scope;
        // Of a long list no more is told than the page of it that is shown.
        let shown = (starts * server.list_scope * server.unassigned_changes)
            .min(f64::from(limits::PAGE_DEFAULT) / server.list_looks_s);
        let overflows = told * server.list_looks_s > server.list_pending;
        let mut load = Self {
            nodes,
            messages,
            appends,
            marks,
            starts,
            connects,
            heartbeats: (customers - polling + agents) / limits::HEARTBEAT.as_secs_f64(),
            polls: polling / limits::POLL_WAIT_DEFAULT.as_secs_f64() + messages * work.poll_share,
            typing_and_reading: messages * (work.typing_per_message + work.marks_per_message),
            changes,
            list_notes: told * agents,
            list_frames: if overflows { 0.0 } else { changes + shown * agents },
            list_reads: if overflows { agents * work.agent_views / server.list_looks_s } else { 0.0 },
            link: LinkLoad::default(),
        };
        if nodes > 1.0 {
            load.link = load.said(plan, size);
        }
        load
    }

    /// What is said over the link.
    fn said(&self, plan: &Plan, Size { customers, agents }: Size) -> LinkLoad {
        let (work, server, costs) = (&plan.workload, &plan.server, &plan.costs);
        let elsewhere = 1.0 - 1.0 / self.nodes;
        let on_screens = agents * work.agent_chats;
        let commits = self.changes;
        let signals = self.typing_and_reading + self.messages * server.delivered_per_entry;
        let presence =
            self.connects * server.here_per_connect + (customers + on_screens) / server.here_again_s;
        // Of chats where something happens somebody looks on from the other side; of the others only some.
        let watched = (on_screens / customers.max(1.0)).min(1.0);
        let heard_elsewhere = (commits + signals + presence * watched) * elsewhere;
        let echoes = commits + signals + presence;
        let summaries = self.changes.min(customers * f64::from(limits::SUMMARIES_PER_SECOND));
        let beats = self.nodes / server.beat_s;
        let each = |publications: f64, watched: f64| publications * (1.0 + watched * elsewhere);
        let bytes_out = each(commits, 1.0) * costs.publication_bytes.value
            + (each(signals, 1.0) + each(presence, watched) + beats * self.nodes) * costs.signal_bytes.value
            + summaries * self.nodes * costs.summary_bytes.value;
        LinkLoad {
            commits,
            signals,
            presence,
            summaries,
            beats,
            subscriptions: customers + on_screens * elsewhere,
            subscribes: 2.0 * self.connects * elsewhere,
            heard_elsewhere,
            echoes,
            bytes_out,
        }
    }

    /// What the cluster's nodes do, without the log writers' commits.
    pub fn node_work(&self, costs: &Costs) -> NodeWork {
        let (nodes, link) = (self.nodes, &self.link);
        let notes = self.list_notes * costs.list_note_us.us();
        let heard = link.heard_elsewhere * costs.hear_us.us() + link.echoes * costs.echo_us.us();
        let shared = self.appends * costs.delivery_us.us()
            + self.typing_and_reading * costs.signal_us.us()
            + self.connects * costs.accept_us.us()
            + self.heartbeats * costs.heartbeat_us.us()
            + self.polls * costs.poll_us.us()
            + self.list_frames * costs.list_change_us.us()
            + self.list_reads * costs.list_page_us.us()
            + link.publications() * costs.publish_us.us()
            + heard
            + notes;
        let each = if nodes > 1.0 {
            (link.summaries * (1.0 - 1.0 / nodes) + link.beats) * costs.hear_us.us()
        } else {
            0.0
        };
        let hearing = if nodes > 1.0 { heard / nodes + each } else { 0.0 };
        NodeWork { shared, each, hearing }
    }

    /// Cores of the store for all but the log writers.
    pub fn store_reads(&self, plan: &Plan) -> f64 {
        let (costs, server) = (&plan.costs, &plan.server);
        let elsewhere = if self.nodes > 1.0 { 1.0 - 1.0 / self.nodes } else { 0.0 };
        self.connects * (server.reads_per_connect * costs.store_read_us.us())
            + self.connects * elsewhere * costs.store_position_us.us()
            + self.starts * costs.store_start_us.us()
            + self.list_reads * costs.store_list_us.us()
            + self.nodes / server.listing_s * costs.store_beat_us.us()
    }
}

/// Cores that nodes keep busy.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct NodeWork {
    /// What more nodes share, of all of them.
    pub shared: f64,
    /// What every node does, however many there are.
    pub each: f64,
    /// Of one node: what its one task that hears the others does.
    pub hearing: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(customers: f64) -> Size {
        Size { customers, agents: customers / 25.0 }
    }

    fn plan() -> Plan {
        Plan::read(None, &[]).unwrap()
    }

    #[test]
    fn the_sums_are_what_one_adds_up_by_hand() {
        let load = Load::of(&plan(), size(90_000.0), 4.0);
        assert!((load.messages - 600.0).abs() < 1e-6, "90,000 × 0.2 a minute, and a reply to each");
        assert!((load.starts - 100.0).abs() < 1e-6, "each for 15 minutes");
        assert!((load.appends - 800.0).abs() < 1e-6, "claimed and closed on top");
        assert!((load.marks - 480.0).abs() < 1e-6);
        assert!((load.connects - 400.0).abs() < 1e-6, "100 starts and 300 page loads");
        assert!((load.changes - 1_380.0).abs() < 1e-6);
        assert!((load.link.beats - 4.0 / 0.3).abs() < 1e-6);
        assert!((load.link.subscriptions - (90_000.0 + 3_600.0 * 0.75)).abs() < 1e-6);
        assert!((load.list_notes - 1_380.0 * 3_600.0).abs() < 1e-3);
    }

    #[test]
    fn a_node_that_is_alone_says_nothing() {
        let load = Load::of(&plan(), size(5_000.0), 1.0);
        assert_eq!(load.link, LinkLoad::default());
        let work = load.node_work(&plan().costs);
        assert_eq!((work.each, work.hearing), (0.0, 0.0));
        assert!(work.shared > 0.0);
    }

    #[test]
    fn what_every_node_hears_does_not_shrink_with_more_nodes() {
        let (few, many) = (Load::of(&plan(), size(1e5), 4.0), Load::of(&plan(), size(1e5), 40.0));
        let costs = plan().costs;
        let (few, many) = (few.node_work(&costs), many.node_work(&costs));
        assert!(many.shared / 40.0 < few.shared / 4.0);
        assert!(many.each > few.each);
    }

    #[test]
    fn a_list_that_cannot_hold_what_changes_is_read_anew() {
        let (calm, busy) = (Load::of(&plan(), size(1e5), 8.0), Load::of(&plan(), size(3e6), 64.0));
        assert!(calm.list_reads == 0.0 && calm.list_frames > 0.0);
        assert!(busy.list_reads > 0.0 && busy.list_frames == 0.0, "more than 10,000 changes a second");
    }
}
