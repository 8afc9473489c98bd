//! A chart, drawn as SVG. The drawing stretches with the page while its letters and strokes keep their size.

use super::{
    super::units,
    axis::Axis,
    markup::{Markup, html},
};

/// Of the drawing itself, in pixels.
const HEIGHT: f64 = 160.0;
/// Above it, for the names of what happened.
const ABOVE: f64 = 18.0;
/// Units across the drawing, whatever its width.
const WIDTH: f64 = 1_000.0;

/// A chart of a few lines.
#[derive(Debug)]
pub(super) struct Chart {
    /// Unique on the page.
    pub(super) id: &'static str,
    pub(super) title: String,
    /// Of the values.
    pub(super) unit: &'static str,
    /// What goes from left to right, as the head of the table's first column.
    pub(super) along: &'static str,
    /// What the chart says, for those who cannot see it.
    pub(super) about: String,
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) lines: Vec<Line>,
    /// Stretches that do not count.
    pub(super) shaded: Vec<(f64, f64)>,
    /// Where something happened, and what.
    pub(super) happened: Vec<(f64, &'static str)>,
    /// The values as they are read: by the pointer, and in the table.
    pub(super) rows: Vec<Row>,
}

/// A line of a chart.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) name: String,
    /// What could not be measured leaves a gap.
    pub(super) points: Vec<(f64, Option<f64>)>,
}

/// The values of all lines at one place.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) name: String,
    /// The stretch that it is read on.
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) values: Vec<Option<f64>>,
}

/// How lines differ besides their colour, in their order.
const STROKES: [&str; 3] = ["first", "second", "third"];

impl Chart {
    /// A figure with its legend, and its values as a table.
    pub(super) fn drawn(&self) -> Markup {
        let mut out = Markup::default();
        html!(
            out,
            "<figure class=\"chart\"><figcaption><h3>{}<span class=\"unit\">{}</span></h3>{}</figcaption>{}{}</figure>",
            self.title,
            format!(", {}{}", self.unit, if self.y.is_logarithmic() { ", logarithmic" } else { "" }),
            self.legend(),
            self.svg(),
            self.table()
        );
        out
    }

    fn legend(&self) -> Markup {
        let mut out = Markup::default();
        if self.lines.len() < 2 {
            // The title says it already.
            return out;
        }
        html!(out, "<ul class=\"legend\">");
        for (line, stroke) in self.lines.iter().zip(STROKES) {
            html!(
                out,
                "<li><svg class=\"swatch\" width=\"22\" height=\"8\" aria-hidden=\"true\">\
                 <line class=\"{}\" x1=\"1\" x2=\"21\" y1=\"4\" y2=\"4\"/></svg>{}</li>",
                stroke,
                line.name
            );
        }
        html!(out, "</ul>");
        out
    }

    fn svg(&self) -> Markup {
        let mut out = Markup::default();
        html!(
            out,
            "<div class=\"plot\"><svg role=\"img\" aria-labelledby=\"{}-title {}-about\" width=\"100%\" height=\"{}\">\
             <title id=\"{}-title\">{}, {}</title><desc id=\"{}-about\">{}</desc>",
            self.id,
            self.id,
            ABOVE + HEIGHT + 24.0,
            self.id,
            self.title,
            self.unit,
            self.id,
            self.about
        );
        for (from, to) in &self.shaded {
            let (from, to) = (self.x.place(*from) * 100.0, self.x.place(*to) * 100.0);
            html!(
                out,
                "<rect class=\"shade\" x=\"{}%\" width=\"{}%\" y=\"{}\" height=\"{}\"/>",
                from,
                to - from,
                ABOVE,
                HEIGHT
            );
        }
        for (place, name) in &self.y.ticks {
            let y = ABOVE + (1.0 - place) * HEIGHT;
            html!(out, "<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"{}\" y2=\"{}\"/>", y, y);
            html!(out, "<text class=\"y\" x=\"-8\" y=\"{}\">{}</text>", y + 4.0, name);
        }
        for (place, name) in &self.x.ticks {
            let bottom = ABOVE + HEIGHT;
            html!(out, "<text class=\"x\" x=\"{}%\" y=\"{}\">{}</text>", place * 100.0, bottom + 18.0, name);
        }
        self.happenings(&mut out);
        html!(
            out,
            "<svg y=\"{}\" width=\"100%\" height=\"{}\" viewBox=\"0 0 {} {}\" preserveAspectRatio=\"none\" \
             overflow=\"visible\">",
            ABOVE,
            HEIGHT,
            WIDTH,
            HEIGHT
        );
        // The first line is drawn last: it lies above the others.
        for (line, stroke) in self.lines.iter().zip(STROKES).rev() {
            html!(out, "<path class=\"{}\" d=\"{}\"/>", stroke, self.path(line));
        }
        html!(out, "</svg>");
        self.readings(&mut out);
        html!(out, "</svg></div>");
        out
    }

    fn happenings(&self, out: &mut Markup) {
        for (at, what) in &self.happened {
            let place = self.x.place(*at) * 100.0;
            // On the right half there is no room to the right.
            let (anchor, shift) = if place > 50.0 { ("end", -5.0) } else { ("start", 5.0) };
            html!(
                out,
                "<line class=\"happened\" x1=\"{}%\" x2=\"{}%\" y1=\"0\" y2=\"{}\"/>\
                 <text class=\"happened\" x=\"{}%\" dx=\"{}\" y=\"{}\" text-anchor=\"{}\">{}</text>",
                place,
                place,
                ABOVE + HEIGHT,
                place,
                shift,
                ABOVE - 7.0,
                anchor,
                *what
            );
        }
    }

    fn path(&self, line: &Line) -> Markup {
        let mut path = Markup::default();
        let mut drawing = false;
        for (place, (x, y)) in line.points.iter().enumerate() {
            let Some(y) = y else {
                drawing = false;
                continue;
            };
            let (x, y) = (self.x.place(*x) * WIDTH, (1.0 - self.y.place(*y)) * HEIGHT);
            html!(path, "{}{} {}", if drawing { "L" } else { "M" }, x, y);
            let alone = !drawing && line.points.get(place + 1).is_none_or(|(_, next)| next.is_none());
            if alone {
                // A stroke of no length is a dot, as its ends are round.
                html!(path, "h0");
            }
            drawing = true;
        }
        path
    }

    /// What the pointer reads: the browser shows a title where it rests.
    fn readings(&self, out: &mut Markup) {
        for row in &self.rows {
            let (from, to) = (self.x.place(row.from) * 100.0, self.x.place(row.to) * 100.0);
            html!(
                out,
                "<rect class=\"read\" x=\"{}%\" width=\"{}%\" y=\"{}\" height=\"{}\"><title>{}{}</title></rect>",
                from,
                to - from,
                ABOVE,
                HEIGHT,
                row.name,
                self.reading(row)
            );
        }
    }

    fn reading(&self, row: &Row) -> String {
        let read = |(line, value): (&Line, &Option<f64>)| match value {
            Some(value) => format!("\n{}: {} {}", line.name, units::number(*value), self.unit),
            None => format!("\n{}: {}", line.name, units::NOT_MEASURED),
        };
        self.lines.iter().zip(&row.values).map(read).collect()
    }

    fn table(&self) -> Markup {
        let mut out = Markup::default();
        html!(
            out,
            "<details><summary>As a table</summary><table><caption class=\"unseen\">{}, {}</caption>\
             <thead><tr><th scope=\"col\">{}</th>",
            self.title,
            self.unit,
            self.along
        );
        for line in &self.lines {
            html!(out, "<th scope=\"col\">{}</th>", line.name);
        }
        html!(out, "</tr></thead><tbody>");
        for row in &self.rows {
            html!(out, "<tr><th scope=\"row\">{}</th>", row.name);
            for value in &row.values {
                html!(out, "<td>{}</td>", value.map_or_else(|| "–".to_owned(), units::number));
            }
            html!(out, "</tr>");
        }
        html!(out, "</tbody></table></details>");
        out
    }
}
