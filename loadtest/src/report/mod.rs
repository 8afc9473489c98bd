//! What came of a load test, as it is kept, shown and compared. How it was measured is in [`crate::load`] and
//! [`crate::probe`].

mod compare;
mod figures;
mod files;
mod html;
mod progress;
mod repeat;
mod run;
mod spread;
mod table;
mod text;
mod units;
mod words;

pub use compare::{Allowance, Change, Comparison, Difference, Side};
pub use figures::{FIGURES, figures, less_is_better, unit};
pub use files::FileError;
pub use html::{comparison_html, html};
pub use progress::{Phase, Progress};
pub use run::{Connecting, Cost, Counts, Delivered, Machine, Metric, Moment, Probed, Run, Target, Verdict};
pub use spread::Spread;
pub use table::{scenarios, table};
