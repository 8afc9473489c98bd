//! What every page has: its head, its looks, its first words.

use super::markup::{Markup, html};

/// Nothing is loaded and nothing runs: whatever a stranger's name might smuggle in, the browser refuses. The looks
/// stand in the page itself, which is what `unsafe-inline` allows; they are fixed text.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// A whole page.
pub(super) fn page(title: &str, body: &Markup) -> String {
    let mut out = Markup::default();
    html!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n<style>\n{}</style>\n</head>\n\
         <body>\n<main>\n{}\n</main>\n</body>\n</html>\n",
        POLICY,
        title,
        Markup::fixed(include_str!("style.css")),
        body
    );
    out.into_text()
}

/// The page's own name, above its title.
pub(super) fn mark(what: &str) -> Markup {
    let mut out = Markup::default();
    html!(
        out,
        "<p class=\"mark\"><svg width=\"20\" height=\"20\" viewBox=\"0 0 20 20\" aria-hidden=\"true\">\
         <path class=\"pebble\" d=\"M9 0h2a9 9 0 0 1 9 9v8a3 3 0 0 1-3 3H9a9 9 0 0 1-9-9V9a9 9 0 0 1 9-9z\"/>\
         <path class=\"bars\" d=\"M6 8v4M10 5.5v9M14 8v4\"/></svg>{}</p>",
        what
    );
    out
}

/// How it went: what is wrong, loudly; or that nothing is, quietly.
pub(super) fn verdict(passed: bool, head: &str, sentences: &[String]) -> Markup {
    let (class, sign) = if passed {
        ("verdict good", "M4.5 10.5l3.5 3.5 7.5-8")
    } else {
        ("verdict bad", "M10 3.5l7.5 13h-15zM10 8.5v3.5M10 14.2v.1")
    };
    let mut out = Markup::default();
    html!(
        out,
        "<section class=\"{}\"><svg width=\"20\" height=\"20\" viewBox=\"0 0 20 20\" aria-hidden=\"true\">\
         <path d=\"{}\"/></svg><div><p><strong>{}</strong></p>",
        class,
        sign,
        head
    );
    if !sentences.is_empty() {
        html!(out, "<ul>");
        sentences.iter().for_each(|sentence| html!(out, "<li>{}</li>", sentence));
        html!(out, "</ul>");
    }
    html!(out, "</div></section>");
    out
}

/// Sentences that the reader must know to trust the figures.
pub(super) fn remarks(remarks: &[String]) -> Markup {
    let mut out = Markup::default();
    if !remarks.is_empty() {
        html!(out, "<section class=\"remarks\"><h2>To be known</h2><ul>");
        remarks.iter().for_each(|remark| html!(out, "<li>{}</li>", remark));
        html!(out, "</ul></section>");
    }
    out
}

/// Names and what they stand for.
pub(super) fn facts(facts: &[(&str, String)]) -> Markup {
    let mut out = Markup::default();
    html!(out, "<dl class=\"facts\">");
    for (name, value) in facts {
        html!(out, "<div><dt>{}</dt><dd dir=\"auto\">{}</dd></div>", *name, value);
    }
    html!(out, "</dl>");
    out
}
