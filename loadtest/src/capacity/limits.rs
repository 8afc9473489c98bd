//! What fills up first, if a cluster grows with the same habits and nodes are added as they are needed.

use serde::Serialize;

use super::{answer::Answer, load::Size, plan::Plan};

/// From one size to the next that is looked at.
const STEP: f64 = 1.05;
/// Customers from which and up to which it is looked.
const LEAST: f64 = 1_000.0;
const MOST: f64 = 100e6;

/// Something that nodes share, and the number of customers at which it is full.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Limit {
    /// What.
    pub name: &'static str,
    /// Customers at once, within 5 %.
    pub customers: f64,
    /// What to do then.
    pub remedy: &'static str,
}

/// All limits below a hundred million customers, the first one first. What follows from an earlier one is among them.
pub fn limits(plan: &Plan, agents_per_customer: f64) -> Vec<Limit> {
    let mut limits: Vec<Limit> = Vec::new();
    let mut customers = LEAST;
    while customers < MOST {
        let size = Size { customers, agents: customers * agents_per_customer };
        let mut full = Answer::of(plan, size, None).resources;
        full.retain(|resource| resource.shared && resource.used >= 1.0);
        // What follows from the first is at once much fuller than it.
        full.reverse();
        for resource in full {
            if !limits.iter().any(|limit| limit.name == resource.name) {
                limits.push(Limit { name: resource.name, customers, remedy: resource.remedy });
            }
        }
        customers *= STEP;
    }
    limits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(settings: &[&str], name: &str) -> f64 {
        let settings: Vec<_> = settings.iter().map(|setting| (*setting).to_owned()).collect();
        let plan = Plan::read(None, &settings).unwrap();
        let limits = limits(&plan, 0.04);
        assert!(limits.is_sorted_by(|one, other| one.customers <= other.customers));
        limits.iter().find(|limit| limit.name == name).map_or(f64::INFINITY, |limit| limit.customers)
    }

    #[test]
    fn lists_are_full_when_ten_thousand_chats_change_between_two_looks() {
        // 10,000 changes a second. A customer makes 2 × 0.2 / 60 messages, each with 0.8 read positions; and every
        // 15 minutes a start, a claim and a close.
        let each = 0.4 / 60.0 * 1.8 + 3.0 / 900.0;
        let found = at(&[], "agents' lists");
        assert!((1.0..=STEP).contains(&(found / (10_000.0 / each))), "{found}");
    }

    #[test]
    fn a_limit_moves_with_what_it_is_made_of() {
        let scoped = "server.list_scope=0.001";
        let (now, faster) =
            (at(&[scoped], "Postgres' cores"), at(&[scoped, "machine.store_cores=32"], "Postgres' cores"));
        assert!(faster > 1.8 * now, "{now} {faster}");
        assert!(at(&[scoped], "agents' lists") > 50e6);
    }
}
