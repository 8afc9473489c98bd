//! The page of two runs.

use super::{
    super::{Allowance, Change, Comparison, Run, unit, units},
    charts,
    markup::{Markup, breakable, html},
    page::{facts, mark, page, remarks, verdict},
};

/// Two runs as a page: the same as the table, and their plots laid over each other.
pub fn comparison_html(comparison: &Comparison, a: &Run, b: &Run) -> String {
    let mut body = Markup::default();
    let names = if comparison.a.scenario == comparison.b.scenario {
        format!("{}: B against A", comparison.b.scenario)
    } else {
        format!("{} against {}", comparison.b.scenario, comparison.a.scenario)
    };
    html!(body, "<header>{}<h1 dir=\"auto\">{}</h1></header>", mark("Hubbub load test, compared"), names);
    html!(body, "{}", judged(comparison));
    html!(body, "{}", facts(&[("A", comparison.a.words()), ("B", comparison.b.words())]));
    html!(body, "{}{}", remarks(&comparison.remarks), figures(comparison));
    html!(body, "<h2>Plots</h2>{}", charts::of_both(a, b));
    page(&format!("{names} · Hubbub load test"), &body)
}

fn judged(comparison: &Comparison) -> Markup {
    let broken: Vec<_> =
        comparison.budgets.iter().filter(|budget| !budget.held).map(Allowance::words).collect();
    if comparison.budgets.is_empty() {
        return Markup::default();
    }
    if comparison.passed {
        let held: Vec<_> = comparison.budgets.iter().map(Allowance::words).collect();
        return verdict(true, "Every budget held.", &held);
    }
    let many = units::counted(broken.len() as u64, "budget is", "budgets are");
    verdict(false, &format!("{many} broken."), &broken)
}

fn figures(comparison: &Comparison) -> Markup {
    let mut out = Markup::default();
    html!(
        out,
        "<section><h2>Figures</h2><table class=\"wide\"><caption class=\"unseen\">Figures of both runs</caption><thead><tr>\
         <th scope=\"col\">Figure</th><th scope=\"col\">A</th><th scope=\"col\">B</th>\
         <th scope=\"col\">B against A</th></tr></thead><tbody>"
    );
    for figure in &comparison.figures {
        let unit = match unit(figure.figure) {
            "" => String::new(),
            unit => format!(", {unit}"),
        };
        let class = match figure.change {
            Change::Better => "good",
            Change::Worse => "bad",
            Change::Same | Change::Unknown => "",
        };
        let value = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), units::number);
        html!(
            out,
            "<tr><th scope=\"row\">{}<span class=\"unit\">{}</span></th><td>{}</td><td>{}</td>\
             <td class=\"{}\">{} <span class=\"word\">{}</span></td></tr>",
            breakable(figure.figure),
            unit,
            value(figure.a),
            value(figure.b),
            class,
            figure.percent.map(units::change).unwrap_or_default(),
            figure.change.word()
        );
    }
    html!(out, "</tbody></table><p class=\"note\">A dash: not measured.</p></section>");
    out
}
