//! What came of a load test, as it is kept, shown and compared. How it was measured is in [`crate::load`] and
//! [`crate::probe`].

mod figures;
mod run;
mod spread;

pub use figures::{FIGURES, figures};
pub use run::{Connecting, Cost, Counts, Delivered, Machine, Metric, Moment, Probed, Run, Target, Verdict};
pub use spread::Spread;
