//! A run, or two of them, as one page without anything outside it.

use super::{Comparison, Run};

/// A run as a page.
pub fn html(run: &Run) -> String {
    run.version.clone()
}

/// Two runs as a page.
pub fn comparison_html(comparison: &Comparison, _a: &Run, _b: &Run) -> String {
    comparison.a.version.clone()
}
