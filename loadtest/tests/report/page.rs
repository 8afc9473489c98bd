use std::collections::BTreeSet;

use loadtest::report::{Comparison, comparison_html, html, table};

use crate::example;

/// What stands between two words, each time.
fn all<'a>(page: &'a str, from: &str, to: &str) -> Vec<&'a str> {
    page.split(from).skip(1).map(|rest| rest.split(to).next().unwrap()).collect()
}

fn both() -> String {
    let (a, b) = (example::run(), example::wrecked());
    comparison_html(&Comparison::of(&a, &b, &[("ack_p99_ms".to_owned(), 10.0)].into()), &a, &b)
}

#[test]
fn a_stranger_cannot_write_into_the_page() {
    for page in [html(&example::wrecked()), both()] {
        assert!(!page.contains("<script"));
        assert!(!page.contains('\u{1b}'));
        assert!(page.contains("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;\u{fffd}[31m&#39;"));
        // The title's quotes and the policy's would otherwise end early.
        assert_eq!(all(&page, "<title>", "</title>")[0].matches('<').count(), 0);
    }
}

#[test]
fn a_page_asks_for_nothing_outside_it() {
    for page in [html(&example::run()), html(&example::wrecked()), both()] {
        let policy = all(&page, "Content-Security-Policy\" content=\"", "\"")[0];
        assert!(policy.contains("default-src &#39;none&#39;"), "{policy}");
        for word in ["src=\"", "href=\"", "url(", "@import", "style=\"", " on"] {
            let tags = all(&page, "<", ">");
            let found = tags.iter().find(|tag| tag.contains(word) && !tag.starts_with("meta"));
            assert_eq!(found, None, "{word}");
        }
    }
}

#[test]
fn tags_are_closed_in_turn() {
    for page in [html(&example::run()), html(&example::wrecked()), both()] {
        let mut open = Vec::new();
        let body = format!("<body>{}", page.split("<body>").nth(1).unwrap());
        for tag in all(&body, "<", ">") {
            let name = tag.split([' ', '\n']).next().unwrap();
            if let Some(name) = name.strip_prefix('/') {
                if name != "html" {
                    assert_eq!(open.pop(), Some(name), "{tag}");
                }
            } else if !tag.ends_with('/') && name != "wbr" {
                open.push(name);
            }
        }
        assert!(open.is_empty(), "{open:?}");
    }
}

#[test]
fn everything_measured_is_drawn_and_named() {
    let page = html(&example::run());
    let ids = all(&page, " id=\"", "\"");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");
    for reference in all(&page, "aria-labelledby=\"", "\"").iter().flat_map(|ids| ids.split(' ')) {
        assert!(ids.contains(&reference), "{reference}");
    }
    for chart in ["times", "distribution", "messages", "connections", "cpu", "memory"] {
        assert!(ids.contains(&format!("{chart}-title").as_str()), "{chart}");
    }
    for words in [
        "ack_<wbr>p99_<wbr>ms",
        "hubbub_<wbr>entries_<wbr>committed_<wbr>total",
        "+75,000",
        "all links cut",
        "rate_<wbr>limited",
    ] {
        assert!(page.contains(words), "{words}");
    }
    assert!(page.contains("cut_all_at_s = 3.0"), "the scenario is there to be played again");
    assert!(page.contains("--seed 4711"));
}

#[test]
fn lines_stay_within_their_drawing_and_leave_gaps() {
    let page = html(&example::run());
    let paths = all(&page, "<path class=\"", "/>");
    let lines: Vec<_> =
        paths.iter().filter(|path| path.starts_with("first") || path.starts_with("second")).collect();
    assert!(lines.len() >= 9, "{}", lines.len());
    for line in &lines {
        let path = line.split("d=\"").nth(1).unwrap().trim_end_matches('"');
        let points = path.split(['M', 'L']).skip(1).map(|point| {
            let mut numbers =
                point.trim_end_matches("h0").split(' ').map(|number| number.parse::<f64>().unwrap());
            (numbers.next().unwrap(), numbers.next().unwrap())
        });
        let points: Vec<_> = points.collect();
        assert!(points.is_sorted_by(|left, right| left.0 <= right.0), "{path}");
        assert!(
            points.iter().all(|(x, y)| (0.0..=1_000.0).contains(x) && (0.0..=160.0).contains(y)),
            "{path}"
        );
    }
    let times = page.split("id=\"times-about\"").nth(1).unwrap();
    let times = times.split("</figure>").next().unwrap();
    let gaps = all(times, "<path class=\"first\" d=\"", "\"")[0].matches('M').count();
    assert_eq!(gaps, 2, "nothing was delivered while the links were cut");
}

#[test]
fn what_was_not_measured_is_said_to_be_so() {
    let page = html(&example::wrecked());
    assert!(page.contains("Not measured, so not drawn: Times, as the run went on;"));
    assert!(page.contains("This run failed."));
    assert!(!page.contains("NaN"));
}

#[test]
fn absurd_numbers_are_no_reason_to_fail() {
    for absurd in [f64::NAN, f64::INFINITY, -1.0, 0.0, 5e-324, 1e300] {
        let mut run = example::run();
        for moment in &mut run.moments {
            moment.p99_ms = Some(absurd);
            moment.probed.server_cores = Some(absurd);
            moment.connected = u64::MAX;
        }
        run.metrics.clear();
        run.moments[3].at_s = absurd;
        run.moments[4].seconds = absurd;
        run.measured.seconds = absurd;
        run.measured.delivery.curve = vec![(absurd, absurd)];
        run.scenario.cut_all_at_s = Some(absurd);
        let comparison = Comparison::of(&run, &run, &[("delivery_p99_ms".to_owned(), 1.0)].into());
        for text in [
            html(&run),
            comparison_html(&comparison, &run, &run),
            table(&run, false),
            comparison.table(false),
        ] {
            for word in ["NaN", "inf"] {
                let before = text.split(word).next().unwrap();
                let before: String =
                    before.chars().rev().take(80).collect::<Vec<_>>().into_iter().rev().collect();
                assert!(!text.contains(word), "{absurd}: {word} after {before}");
            }
        }
    }
}

#[test]
fn a_week_is_a_page_of_bearable_size() {
    let mut run = example::run();
    let moment = run.moments[20].clone();
    run.moments =
        (0..600_000).map(|at| loadtest::report::Moment { at_s: f64::from(at), ..moment.clone() }).collect();
    assert!(html(&run).len() < 1_500_000, "{}", html(&run).len());
}
