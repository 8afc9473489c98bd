//! The tables of a run's page.

use super::{
    super::{
        Metric, Run, unit, units,
        words::{self, spreads},
    },
    markup::{Markup, breakable, html},
};

/// The budgets and what became of them; nothing if there were none.
pub(super) fn budgets(run: &Run) -> Markup {
    let mut out = Markup::default();
    if run.verdicts.is_empty() {
        return out;
    }
    html!(
        out,
        "<section><h2>Budgets</h2><table class=\"wide\"><caption class=\"unseen\">Budgets and what was measured</caption><thead><tr>\
         <th scope=\"col\">Figure</th><th scope=\"col\">At most</th><th scope=\"col\">Measured</th>\
         <th scope=\"col\"><span class=\"unseen\">Verdict</span></th></tr></thead><tbody>"
    );
    for verdict in &run.verdicts {
        let (class, word) = if verdict.held() { ("good", "held") } else { ("bad", "broken") };
        let with = |value: f64| format!("{} {}", units::number(value), unit(&verdict.figure));
        let measured = verdict.measured.map_or_else(|| units::NOT_MEASURED.to_owned(), with);
        html!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td class=\"{}\">{}</td></tr>",
            breakable(&verdict.figure),
            with(verdict.budget),
            measured,
            class,
            word
        );
    }
    html!(out, "</tbody></table></section>");
    out
}

/// The distributions, a column each.
pub(super) fn times(run: &Run) -> Markup {
    let spreads = spreads(run);
    let mut out = Markup::default();
    html!(
        out,
        "<section><h2>Times<span class=\"unit\">, ms</span></h2>\
         <table><caption class=\"unseen\">Times in milliseconds</caption><thead><tr><td></td>"
    );
    for (name, _) in &spreads {
        html!(out, "<th scope=\"col\">{}</th>", *name);
    }
    html!(out, "</tr></thead><tbody><tr><th scope=\"row\">count</th>");
    for (_, spread) in &spreads {
        html!(out, "<td>{}</td>", units::count(spread.count));
    }
    html!(out, "</tr>");
    for (row, name) in ["min", "mean", "p50", "p90", "p95", "p99", "p99.9", "max"].into_iter().enumerate() {
        html!(out, "<tr><th scope=\"row\">{}</th>", name);
        for (_, spread) in &spreads {
            let values = [
                spread.min,
                spread.mean,
                spread.p50,
                spread.p90,
                spread.p95,
                spread.p99,
                spread.p999,
                spread.max,
            ];
            let text = if spread.count > 0 { units::number(values[row]) } else { "–".to_owned() };
            html!(out, "<td>{}</td>", text);
        }
        html!(out, "</tr>");
    }
    html!(
        out,
        "</tbody></table><p class=\"note\">Delivery and ack count from the moment at which a message was to be said, \
         so that a server that stalls is charged for all that had to wait. A dash: not measured.</p></section>"
    );
    out
}

/// What was said, received, lost and refused.
pub(super) fn messages(run: &Run) -> Markup {
    let (part, whole) = (&run.measured, &run.counts);
    let mut out = Markup::default();
    html!(
        out,
        "<section><h2>Messages</h2><table><caption class=\"unseen\">Messages</caption><thead><tr><td></td>\
         <th scope=\"col\">measured time</th><th scope=\"col\">whole load</th></tr></thead><tbody>"
    );
    let rows = [
        ("said", Some(part.sent), whole.sent),
        ("acknowledged", Some(part.acked), whole.acked),
        ("delivered", Some(part.delivered), whole.delivered),
        ("lost", None, whole.lost),
        ("doubled", None, whole.doubled),
        ("out of order", None, whole.out_of_order),
        ("unanswered", None, whole.unanswered),
        ("reconnects", None, whole.reconnects),
        ("visits", None, whole.visits),
    ];
    for (name, measured, all) in rows {
        let wrong = all > 0 && matches!(name, "lost" | "doubled" | "out of order");
        html!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"{}\">{}</td></tr>",
            name,
            measured.map(units::count).unwrap_or_default(),
            if wrong { "bad" } else { "" },
            units::count(all)
        );
    }
    html!(out, "</tbody></table></section>");
    errors(&mut out, run);
    out
}

fn errors(out: &mut Markup, run: &Run) {
    html!(out, "<section><h2>Errors</h2>");
    if run.counts.errors.is_empty() {
        html!(out, "<p class=\"note\">None.</p></section>");
        return;
    }
    html!(
        out,
        "<table><caption class=\"unseen\">Errors by name</caption><thead><tr><th scope=\"col\">Name</th><th scope=\"col\">Times</th></tr>\
         </thead><tbody>"
    );
    for (name, many) in &run.counts.errors {
        let many = units::count(*many);
        html!(out, "<tr><th scope=\"row\"><bdi>{}</bdi></th><td>{}</td></tr>", breakable(name), many);
    }
    html!(out, "</tbody></table></section>");
}

/// What it cost.
pub(super) fn costs(run: &Run) -> Markup {
    let mut out = Markup::default();
    html!(out, "<section><h2>Cost</h2><table><caption class=\"unseen\">What it cost</caption><tbody>");
    for (name, value) in words::costs(run) {
        html!(out, "<tr><th scope=\"row\">{}</th><td>{}</td></tr>", name, value);
    }
    html!(out, "</tbody></table></section>");
    out
}

/// The server's counters: what changed, and folded away what did not. Nothing if it was not asked.
pub(super) fn metrics(run: &Run) -> Markup {
    let mut out = Markup::default();
    if run.metrics.is_empty() {
        return out;
    }
    let (same, changed): (Vec<_>, Vec<_>) =
        run.metrics.iter().partition(|(_, metric)| metric.before == metric.after);
    html!(out, "<section class=\"across\"><h2>The server's own metrics</h2>");
    if changed.is_empty() {
        html!(out, "<p class=\"note\">None of them changed in the measured time.</p>");
    } else {
        metrics_table(&mut out, "Metrics that changed in the measured time", &changed);
    }
    if !same.is_empty() {
        let many = units::count(same.len() as u64);
        html!(out, "<details><summary>{} that did not change</summary>", many);
        metrics_table(&mut out, "Metrics that did not change", &same);
        html!(out, "</details>");
    }
    html!(out, "</section>");
    out
}

/// On a phone its rows become blocks. Browsers then forget that it is a table, so it says so.
fn metrics_table(out: &mut Markup, caption: &str, metrics: &[(&String, &Metric)]) {
    html!(
        out,
        "<table class=\"stack\" role=\"table\"><caption class=\"unseen\">{}</caption><thead role=\"rowgroup\">\
         <tr role=\"row\"><th scope=\"col\" role=\"columnheader\">Name</th>\
         <th scope=\"col\" role=\"columnheader\">Before</th><th scope=\"col\" role=\"columnheader\">After</th>\
         <th scope=\"col\" role=\"columnheader\">Difference</th></tr></thead><tbody role=\"rowgroup\">",
        caption
    );
    for (name, Metric { before, after }) in metrics {
        let difference = after - before;
        let sign = if difference > 0.0 { "+" } else { "" };
        html!(
            out,
            "<tr role=\"row\"><th scope=\"row\" role=\"rowheader\"><bdi>{}</bdi></th><td role=\"cell\">{}</td>\
             <td role=\"cell\">{}</td><td role=\"cell\">{}</td></tr>",
            breakable(name),
            units::number(*before),
            units::number(*after),
            format!("{sign}{}", units::number(difference))
        );
    }
    html!(out, "</tbody></table>");
}
