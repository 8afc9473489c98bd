//! A run, or two of them, as one page without anything outside it: no script, no picture, no font. The plots are drawn
//! here, as SVG, so that a report opens from a disk, an e-mail or a build server's store of files.

mod axis;
mod chart;
mod charts;
mod compare;
mod markup;
mod page;
mod slices;
mod tables;

use super::{Run, repeat, unit, units, words};
use markup::{Markup, html};
use page::{facts, mark, page, remarks, verdict};

pub use compare::comparison_html;

/// A run as a page.
pub fn html(run: &Run) -> String {
    let word = if run.passed() { "passed" } else { "failed" };
    let name = format!("{}: {word}", run.scenario.name);
    let mut body = Markup::default();
    html!(
        body,
        "<header>{}<h1 dir=\"auto\">{}</h1><p class=\"about\" dir=\"auto\">{}</p></header>",
        mark("Hubbub load test"),
        name,
        run.scenario.about
    );
    html!(body, "{}{}{}{}", judged(run), headline(run), remarks(&words::remarks(run)), facts(&about(run)));
    html!(body, "{}<h2>Plots</h2>", tables::budgets(run));
    if run.moments.iter().any(|moment| moment.at_s <= 0.0 || moment.at_s > run.measured.seconds) {
        html!(body, "<p class=\"note\">Shaded: under load, but not in the measured time.</p>");
    }
    html!(body, "{}", charts::of(run));
    html!(
        body,
        "<div class=\"tables\">{}{}{}</div>{}{}",
        tables::times(run),
        tables::costs(run),
        tables::messages(run),
        tables::metrics(run),
        again(run)
    );
    page(&format!("{name} · Hubbub load test"), &body)
}

fn judged(run: &Run) -> Markup {
    let wrong = words::failures(run);
    if run.passed() {
        let budgets = match run.verdicts.len() {
            0 => String::new(),
            many => format!(" {} held.", units::counted(many as u64, "budget", "budgets")),
        };
        return verdict(true, &format!("Nothing lost, doubled or out of order.{budgets}"), &wrong);
    }
    verdict(false, "This run failed.", &wrong)
}

/// The five figures that are asked for first.
fn headline(run: &Run) -> Markup {
    let figures = super::figures(run);
    let figure = |name: &str| figures.get(name).map(|value| (units::number(*value), unit(name)));
    let beside = |words: &str, name: &str| match figure(name) {
        Some((value, unit)) => format!("{words} {value} {unit}"),
        None => String::new(),
    };
    let connected =
        format!("{} of {} connected", units::count(run.connecting.made), units::count(run.connecting.wanted));
    let five = [
        ("Delivered", "delivered_per_s", format!("{} in all", units::count(run.measured.delivered))),
        ("Delivery, p99", "delivery_p99_ms", beside("half within", "delivery_p50_ms")),
        ("Ack, p99", "ack_p99_ms", beside("half within", "ack_p50_ms")),
        ("CPU a delivery", "server_us_per_delivery", beside("with the store", "total_us_per_delivery")),
        ("Memory a connection", "server_kib_per_connection", connected),
    ];
    let mut out = Markup::default();
    html!(out, "<dl class=\"figures\">");
    for (name, key, below) in five {
        let (value, unit, below) = match figure(key) {
            Some((value, unit)) => (value, unit, below),
            None => ("–".to_owned(), "", units::NOT_MEASURED.to_owned()),
        };
        html!(
            out,
            "<div><dt>{}</dt><dd>{}<span class=\"unit\"> {}</span></dd><dd class=\"below\">{}</dd></div>",
            name,
            value,
            unit,
            below
        );
    }
    html!(out, "</dl>");
    out
}

fn about(run: &Run) -> Vec<(&'static str, String)> {
    vec![
        ("Against", format!("{} at {}", run.target.peer, run.target.urls.join(", "))),
        ("Machine", words::machine(run)),
        ("Began", words::began(&run.began_at)),
        ("Measured", units::time((run.measured.seconds * 10.0).round() / 10.0)),
        ("Connections", words::connected(run)),
        (
            "Tool",
            format!(
                "hubbub-loadtest {}, {}, seed {}",
                run.version,
                units::counted(run.workers.into(), "worker", "workers"),
                run.seed
            ),
        ),
    ]
}

/// How to play it again.
fn again(run: &Run) -> Markup {
    let mut out = Markup::default();
    html!(
        out,
        "<section class=\"across\"><h2>Play it again</h2><p class=\"note\">Save this as scenario.toml:</p>\
         <pre tabindex=\"0\" role=\"region\" aria-label=\"The scenario as TOML\"><code>{}</code></pre>\
         <p class=\"note\">Then, with the login of the server that is asked and <code>--server-pid</code> or <code>--store-pid</code> where it \
         was watched:</p><pre tabindex=\"0\" role=\"region\" aria-label=\"The command line\"><code>{}</code></pre></section>",
        repeat::scenario(run),
        repeat::command(run)
    );
    out
}
