//! The log writer by itself: it commits what came during its last commit, so its batches grow with the load.

use serde::Serialize;

use super::plan::Plan;

/// One node's log writer in a steady state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Writer {
    /// Statements a second: appends and read marks are one each.
    pub commits: f64,
    /// Appends and marks taken together in one turn.
    pub rows_per_turn: f64,
    /// Seconds from the beginning of a turn to its end.
    pub turn_s: f64,
    /// Share of the time in which a turn is under way.
    pub busy: f64,
    /// Cores of the store that it keeps busy.
    pub store_cores: f64,
    /// Share of what it could write, with full batches.
    pub of_most: f64,
}

impl Writer {
    /// Of a node to which so many appends and marks come in a second, at random.
    ///
    /// With `x` the mean number of arrivals during a turn, a turn takes them, or, if there were none (`exp(-x)`), the
    /// next one: `x + exp(-x)` rows. How long a turn takes depends on its rows, and `x` on how long it takes; that is
    /// iterated until it holds.
    pub fn steady(plan: &Plan, appends: f64, marks: f64) -> Self {
        let rate = appends + marks;
        if rate <= 0.0 {
            return Self::default();
        }
        let costs = &plan.costs;
        let wait = plan.machine.round_trip_ms * 1e-3 + costs.store_flush_ms.ms();
        let (row, mark) = (costs.store_row_us.us(), costs.store_mark_us.us());
        let share = appends / rate;
        let per_row = share * row + (1.0 - share) * mark;
        let full = plan.server.writer_batch;
        let statement = wait + costs.store_commit_us.us();

        let statements = |turn: f64| {
            let idle = (-rate * turn).exp();
            let some = |rate: f64, share: f64| (1.0 - (-rate * turn).exp()) + idle * share;
            // Rounding must not leave a turn with less than one statement.
            (some(appends, share) + some(marks, 1.0 - share)).clamp(1.0, 2.0)
        };
        let rows = |turn: f64| (rate * turn + (-rate * turn).exp()).min(full);
        let mut turn = statement + per_row;
        for _ in 0..500 {
            let next = statements(turn) * statement + rows(turn) * per_row;
            if (next - turn).abs() < 1e-9 {
                break;
            }
            turn = next;
        }
        let most = full / (statements(f64::MAX) * statement + full * per_row);
        let rows_per_turn = rows(turn);
        let turns = (rate / rows_per_turn).min(1.0 / turn);
        let commits = turns * statements(turn);
        Self {
            commits,
            rows_per_turn,
            turn_s: turn,
            busy: turns * turn,
            store_cores: commits * costs.store_commit_us.us() + rate.min(most) * per_row,
            of_most: rate / most,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        Plan::read(None, &[]).unwrap()
    }

    #[test]
    fn an_idle_writer_commits_each_by_itself() {
        let writer = Writer::steady(&plan(), 1.0, 0.0);
        assert!(
            (writer.rows_per_turn - 1.0).abs() < 0.01 && (writer.commits - 1.0).abs() < 0.01,
            "{writer:?}"
        );
        assert!(writer.busy < 0.01);
    }

    #[test]
    fn batches_grow_with_the_load_and_commits_do_not() {
        let (few, many) = (Writer::steady(&plan(), 1_000.0, 0.0), Writer::steady(&plan(), 15_000.0, 0.0));
        assert!(many.rows_per_turn > 5.0 * few.rows_per_turn, "{few:?} {many:?}");
        assert!(many.commits < 3.0 * few.commits);
        assert!((many.commits * many.rows_per_turn - 15_000.0).abs() < 1.0, "all are written");
        assert!(many.busy > 0.99 && many.of_most < 1.0);
    }

    #[test]
    fn what_is_too_much_is_said_to_be() {
        let writer = Writer::steady(&plan(), 1e6, 0.0);
        assert!(writer.of_most > 1.0 && writer.rows_per_turn <= plan().server.writer_batch, "{writer:?}");
        assert!(writer.store_cores <= 1.0, "one statement at a time: {writer:?}");
        assert_eq!(Writer::steady(&plan(), 0.0, 0.0), Writer::default());
    }
}
