//! A chat as a file, longer than the pieces in which it is read.

use protocol::Entry;

use crate::support::{TestServer, on_both_stores};

/// More than two pages of the store, and a page exactly.
const SAID: [usize; 3] = [0, 49, 130];

on_both_stores! {
    async fn a_transcript_is_whole_in_every_format(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        for said in SAID {
            let (ana, started) = server.customer("Ana", "+447700900118").await;
            let session = started.session.id;
            for number in 0..said {
                ana.say(session, &format!("line {number:03}")).await.unwrap();
            }
            let log = ana.whole_log(session).await.unwrap();
            assert_eq!(log.len(), said + 1, "what was said, and the start");
            for caller in [&ana, admin.caller()] {
                let file = async |format| {
                    let request = caller.on_session("GET", session, "/transcript").query("format", format);
                    request.done().await.unwrap().text()
                };
                let json: Vec<Entry> = serde_json::from_str(&file("json").await).unwrap();
                assert!(json.iter().map(|entry| entry.seq).eq(log.iter().map(|entry| entry.seq)), "{said}");
                assert_eq!(file("txt").await.lines().count(), log.len());
                let csv = file("csv").await;
                assert_eq!((csv.lines().count(), csv.matches("seq,time").count()), (log.len() + 1, 1));
                let html = file("html").await;
                assert_eq!((html.matches("<dt").count(), html.matches("<!doctype").count()), (log.len(), 1));
                assert!(html.trim_end().ends_with("</html>"), "{html}");
            }
        }
    }
}
