//! Finding sessions.

use persistence::{
    AssigneeFilter, ContactChange, ContactClaim, ContactEdit, FoundPage, IndexProgress, LogWriter, Search,
    SearchQuery, SessionFilter, Store, on_both_engines,
};
use protocol::{
    AgentRef, Entry, EntryKind, Event, PartyKind, Seq, SessionId, Status, Ticket,
    rest::{Match, MatchField},
};

use crate::fixture::{Shop, at, claim, committed, uuid, writer};

/// Indexes all there is.
async fn index(store: &Store) {
    index_since(store, 0).await;
}

/// Indexes what was changed then or later.
async fn index_since(store: &Store, since: i64) {
    let begin = IndexProgress { sessions: at(since), contacts: at(since) };
    while let Some(batch) = store.unindexed(begin, at(10_000)).await.unwrap() {
        assert!(store.index(&batch).await.unwrap());
    }
}

fn search(text: &str) -> Search {
    Search {
        query: SearchQuery::parse(text).unwrap(),
        filter: SessionFilter::default(),
        newest_first: false,
        after: None,
        limit: 50,
    }
}

async fn find(store: &Store, text: &str) -> FoundPage {
    store.search_sessions(&search(text)).await.unwrap()
}

async fn ids(store: &Store, text: &str) -> Vec<SessionId> {
    find(store, text).await.items.into_iter().map(|found| found.session.id).collect()
}

fn shown(found: &Match) -> String {
    let parts = found.snippet.iter();
    parts.map(|part| if part.hit { format!("[{}]", part.text) } else { part.text.clone() }).collect()
}

/// A chat of a new contact, in which this is said.
async fn chat(shop: &Shop, writer: &LogWriter, name: &str, phone: Option<&str>, said: &[&str]) -> SessionId {
    let who = ContactClaim {
        name: Some(name.into()),
        phone: phone.map(str::to_owned),
        email: Some("someone@example.com".into()),
        ..claim(shop.site.id)
    };
    let mut grant = shop.grant();
    grant.contact_id = shop.store.upsert_contact(&who, at(3)).await.unwrap();
    let session = shop.store.create_session(&grant, &shop.session(&grant, 100)).await.unwrap().id;
    for (n, body) in said.iter().enumerate() {
        let append = shop.message(session, n as u64 + 1, PartyKind::Customer, body);
        committed(writer.append(append).await);
    }
    session
}

on_both_engines! {
    async fn what_was_said_is_found(test) {
        let shop = Shop::open(&test.store).await;
        let writer = writer(&test.store);
        let first = chat(&shop, &writer, "Nguyễn Văn Đức", Some("+84912345678"), &["Where is my PARCEL?", "It is late"]).await;
        let second = chat(&shop, &writer, "Margarethe", None, &["một ly cà phê sữa", "parcel parcel parcel"]).await;
        assert!(find(&test.store, "parcel").await.items.is_empty(), "nothing is indexed yet");
        index(&test.store).await;

        for (text, expected) in [
            ("parcel", vec![second, first]),
            ("parc", vec![second, first]),
            ("parcel late", vec![]),
            ("where parcel", vec![first]),
            ("\"my parcel\"", vec![first]),
            ("\"parcel my\"", vec![]),
            ("parcel my", vec![first]),
            ("ca phe", vec![second]),
            ("CÀ PHÊ", vec![second]),
            ("nguyen", vec![first]),
            ("duc nguyễn", vec![first]),
            ("nguyn", vec![first]),
            ("ngyuen", vec![first]),
            ("margarete", vec![second]),
            ("nothing", vec![]),
            ("+84 912-345-678", vec![first]),
            ("0912 345 678", vec![first]),
            ("0912345678", vec![first]),
            ("912 345", vec![first]),
            ("5678", vec![first]),
            ("0912 345 679", vec![]),
            ("someone@example.com", vec![second, first]),
            ("#1", vec![first]),
            ("2", vec![second]),
            ("!!! ???", vec![]),
            ("parcel\" OR *", vec![]),
            ("NEAR(parcel) -my ^where col:x", vec![]),
            ("' : & | ! ( ) <-> * \\", vec![]),
        ] {
            assert_eq!(ids(&test.store, text).await, expected, "{text}");
        }
        let page = find(&test.store, "my par").await;
        let found = &page.items[0].found;
        assert_eq!((found.field, found.seq, shown(found)), (MatchField::Entry, Some(Seq::new(2)), "Where is [my] [PARCEL]?".into()));
        assert_eq!((page.total, page.exact), (1, true));
        let found = &find(&test.store, "nguyn").await.items[0].found;
        assert_eq!((found.field, found.seq, shown(found)), (MatchField::Name, None, "[Nguyễn] Văn Đức".into()));
        let found = &find(&test.store, "345678").await.items[0].found;
        assert_eq!((found.field, shown(found)), (MatchField::Phone, "[+84912345678]".into()));
    }

    async fn what_was_changed_or_taken_away_is_not_found(test) {
        let shop = Shop::open(&test.store).await;
        let writer = writer(&test.store);
        let session = chat(&shop, &writer, "Ana", None, &["my password is apple", "and pear"]).await;
        index(&test.store).await;
        let log = test.store.entries_after(session, Seq::ZERO, 10, protocol::Audience::Team).await.unwrap();
        let event = |seq: u64, event| Entry {
            kind: EntryKind::Event,
            event: Some(event),
            ..shop.says(PartyKind::Customer, seq, "", 1_010)
        };
        let (entry, seq) = (log[1].id, log[1].seq);
        let edited = event(4, Event::Edited { entry, seq, body: "my password is banana".into(), note: false });
        committed(writer.append(shop.append(session, 3, vec![edited])).await);
        // At once, and when it is indexed anew.
        for _ in 0..2 {
            assert_eq!(ids(&test.store, "apple").await, []);
            assert_eq!(ids(&test.store, "pear").await, [session]);
            index(&test.store).await;
            assert_eq!(ids(&test.store, "banana").await, [session]);
        }
        let deleted = event(5, Event::Deleted { entry, seq, note: false });
        committed(writer.append(shop.append(session, 4, vec![deleted])).await);
        for _ in 0..2 {
            assert_eq!(ids(&test.store, "banana").await, []);
            index(&test.store).await;
        }
        assert_eq!(ids(&test.store, "password").await, []);
    }

    async fn a_new_name_is_found_and_the_old_is_not(test) {
        let shop = Shop::open(&test.store).await;
        let writer = writer(&test.store);
        let session = chat(&shop, &writer, "Ana", Some("+84912345678"), &["hello"]).await;
        index(&test.store).await;
        let renamed = ContactClaim { name: Some("Björn".into()), phone: Some("+84912345678".into()), ..claim(shop.site.id) };
        test.store.upsert_contact(&renamed, at(500)).await.unwrap();
        assert_eq!(ids(&test.store, "ana").await, []);
        index(&test.store).await;
        assert_eq!(ids(&test.store, "bjorn").await, [session]);
        assert_eq!(ids(&test.store, "ana").await, []);
        assert!(test.store.unindexed(IndexProgress { sessions: at(0), contacts: at(0) }, at(1)).await.unwrap().is_none());
    }

    async fn filters_narrow_what_is_found(test) {
        let shop = Shop::open(&test.store).await;
        let writer = writer(&test.store);
        let (mut mine, mut all) = (Vec::new(), Vec::new());
        for n in 0..6_u64 {
            let session = chat(&shop, &writer, "Ana", None, &["the same word"]).await;
            let mut append = shop.message(session, 2, PartyKind::Agent, "taken");
            if n % 2 == 0 {
                append.change.status = Status::InProgress;
                append.change.assignee = Some(shop.agent.id);
                mine.insert(0, session);
            }
            committed(writer.append(append).await);
            all.insert(0, session);
        }
        index(&test.store).await;
        let mut same = search("same");
        same.newest_first = true;
        let with = async |filter: SessionFilter| {
            let page = test.store.search_sessions(&Search { filter, ..same.clone() }).await.unwrap();
            assert!(page.exact && page.next.is_none());
            page.items.into_iter().map(|found| found.session.id).collect::<Vec<_>>()
        };
        let none = SessionFilter::default();
        assert_eq!(with(none.clone()).await, all);
        assert_eq!(with(SessionFilter { statuses: vec![Status::InProgress], ..none.clone() }).await, mine);
        assert_eq!(with(SessionFilter { assignee: AssigneeFilter::Agent(shop.agent.id), ..none.clone() }).await, mine);
        let stranger = protocol::AgentId::new(uuid());
        let unassigned: Vec<_> = all.iter().copied().filter(|id| !mine.contains(id)).collect();
        assert_eq!(with(SessionFilter { visible_to: Some(stranger), ..none.clone() }).await, unassigned);
        assert_eq!(with(SessionFilter { statuses: vec![Status::Closed], ..none }).await, []);
    }

    async fn pages_follow_each_other_while_more_is_said(test) {
        let shop = Shop::open(&test.store).await;
        let writer = writer(&test.store);
        let mut all = Vec::new();
        for n in 0..23 {
            let name = if n % 5 == 0 { "Word" } else { "Ana" };
            let said = if n % 3 == 0 { vec!["a word", "and a word"] } else { vec!["a word"] };
            all.push(chat(&shop, &writer, name, None, &said).await);
        }
        index(&test.store).await;
        for newest_first in [false, true] {
            for limit in [1, 4, 22, 23, 24] {
                let mut search = Search { newest_first, limit, ..search("word") };
                let mut found = Vec::new();
                for _ in 0..40 {
                    let page = test.store.search_sessions(&search).await.unwrap();
                    assert!(page.items.len() <= limit as usize);
                    assert!(page.total >= (found.len() + page.items.len()) as u64 || !page.exact);
                    found.extend(page.items.into_iter().map(|found| found.session.id));
                    search.after = page.next.map(|next| next.to_string().parse().unwrap());
                    if search.after.is_none() {
                        assert!(page.exact);
                        break;
                    }
                    if limit == 4 {
                        // What comes meanwhile is not found on later pages, and moves nobody.
                        chat(&shop, &writer, "Cy", None, &["another word"]).await;
                        index(&test.store).await;
                    }
                }
                let before = found.len();
                found.sort();
                found.dedup();
                assert_eq!(found.len(), before, "by {limit}: nobody comes twice");
                assert!(all.iter().all(|id| found.contains(id)), "by {limit}");
            }
        }
    }

    async fn of_two_who_index_one_is_late(test) {
        let shop = Shop::open(&test.store).await;
        let writer = writer(&test.store);
        let session = chat(&shop, &writer, "Ana", None, &["once"]).await;
        let begin = IndexProgress { sessions: at(0), contacts: at(0) };
        let one = test.store.unindexed(begin, at(10_000)).await.unwrap().unwrap();
        let other = test.other_node().await;
        let two = other.unindexed(begin, at(10_000)).await.unwrap().unwrap();
        assert!(other.index(&two).await.unwrap());
        assert!(!test.store.index(&one).await.unwrap());
        assert_eq!(ids(&test.store, "once").await, [session]);
        assert_eq!(other.index_progress().await.unwrap(), IndexProgress { sessions: at(10_000), contacts: at(10_000) });
    }

    async fn whoever_is_merged_is_found_as_who_they_are_now(test) {
        let shop = Shop::open(&test.store).await;
        let writer = writer(&test.store);
        let (phone, other) = ("+447700900118", "+447700900119");
        let first = chat(&shop, &writer, "Ana", Some(phone), &["hello"]).await;
        let second = chat(&shop, &writer, "Beatriz", None, &["hello"]).await;
        index(&test.store).await;
        let contact = async |session| test.store.session(session).await.unwrap().unwrap().contact.id;
        let (ana, beatriz) = (contact(first).await, contact(second).await);
        let change = async |change: ContactChange, now: i64| {
            let by = AgentRef { id: shop.agent.id, name: shop.agent.name.clone() };
            let done = test.store.change_contact(ana, &change, &by, [uuid(), uuid()], at(now), |_, _| None).await;
            done.unwrap().unwrap();
            // Only what is said to have changed is read.
            index_since(&test.store, now).await;
        };
        change(ContactChange::Merge(beatriz), 5_000).await;
        for (text, expected) in [("beatriz", vec![second, first]), ("ana", vec![]), (phone, vec![second, first])] {
            assert_eq!(ids(&test.store, text).await, expected, "{text} when merged");
        }
        change(ContactChange::Unmerge, 6_000).await;
        for (text, expected) in [("beatriz", vec![second]), ("ana", vec![first]), (phone, vec![first])] {
            assert_eq!(ids(&test.store, text).await, expected, "{text} when that is undone");
        }
        let edit = ContactEdit { phone: Some(Some(other.into())), ..ContactEdit::default() };
        change(ContactChange::Edit(edit, None), 7_000).await;
        let starts = ContactClaim { name: Some("Anastasia".into()), phone: Some(other.into()), ..claim(shop.site.id) };
        assert_eq!(test.store.upsert_contact(&starts, at(8_000)).await.unwrap(), ana);
        index_since(&test.store, 8_000).await;
        for (text, expected) in [("anastasia", vec![first]), (other, vec![first]), (phone, vec![])] {
            assert_eq!(ids(&test.store, text).await, expected, "{text} when changed");
        }
    }

    async fn filters_narrow_who_is_found(test) {
        let shop = Shop::open(&test.store).await;
        let writer = writer(&test.store);
        let (mut mine, mut free) = (Vec::new(), Vec::new());
        for n in 0..8_u64 {
            let session = chat(&shop, &writer, "Natasha", None, &["hello"]).await;
            let mut append = shop.message(session, 2, PartyKind::Agent, "taken");
            append.change.assignee = (n % 4 == 0).then_some(shop.agent.id);
            let tag = ["late delivery", "Späti!", "🎄", "late"][n as usize % 4];
            let ticket = Ticket { tags: vec![tag.into()], category: Some("Über uns".into()), ..Ticket::default() };
            append.change.ticket = Some(ticket.into());
            committed(writer.append(append).await);
            if n % 4 == 0 { mine.insert(0, session) } else { free.insert(0, session) }
        }
        let all = async |filter: &SessionFilter, text: &str| {
            let search = Search { filter: filter.clone(), newest_first: true, ..search(text) };
            let mut found: Vec<_> = test.store.search_sessions(&search).await.unwrap().items.into_iter().map(|found| found.session.id).collect();
            found.sort_by(|one, other| other.cmp(one));
            found
        };
        let none = SessionFilter::default();
        let stranger = protocol::AgentId::new(uuid());
        let tagged = |tag: &str| SessionFilter { tag: Some(tag.into()), ..none.clone() };
        let mut everybody = [mine.clone(), free.clone()].concat();
        everybody.sort_by(|one, other| other.cmp(one));
        index(&test.store).await;
        // A name, and one that is nearly so.
        for name in ["natasha", "natsha"] {
            for (filter, expected) in [
                (none.clone(), everybody.clone()),
                (SessionFilter { assignee: AssigneeFilter::Agent(shop.agent.id), ..none.clone() }, mine.clone()),
                (SessionFilter { assignee: AssigneeFilter::Nobody, ..none.clone() }, free.clone()),
                (SessionFilter { visible_to: Some(shop.agent.id), ..none.clone() }, everybody.clone()),
                (SessionFilter { visible_to: Some(stranger), ..none.clone() }, free.clone()),
                (SessionFilter { category: Some("Über uns".into()), ..none.clone() }, everybody.clone()),
                (SessionFilter { category: Some("uber uns".into()), ..none.clone() }, vec![]),
                (tagged("late delivery"), mine.clone()),
                (tagged("late"), vec![free[0], free[3]]),
                (tagged("Späti!"), vec![free[2], free[5]]),
                (tagged("🎄"), vec![free[1], free[4]]),
                (tagged("delivery"), vec![]),
            ] {
                assert_eq!(all(&filter, name).await, expected, "{name} {filter:?}");
            }
        }
        // Whoever it goes to finds it, and who had it no more.
        let mut append = shop.message(mine[0], 3, PartyKind::Agent, "over to you");
        append.change.assignee = None;
        committed(writer.append(append).await);
        index(&test.store).await;
        let nobody = SessionFilter { assignee: AssigneeFilter::Nobody, ..none.clone() };
        assert!(all(&nobody, "natasha").await.contains(&mine[0]));
        let held = SessionFilter { assignee: AssigneeFilter::Agent(shop.agent.id), ..none.clone() };
        assert_eq!(all(&held, "natasha").await, mine[1..]);
        assert_eq!(ids(&test.store, "§nobody").await, [], "who holds it is no word");
    }

    async fn words_are_found_among_the_chats_of_a_number(test) {
        let shop = Shop::open(&test.store).await;
        let writer = writer(&test.store);
        let phone = "+84 912 345 678";
        let first = chat(&shop, &writer, "Ana", Some(phone), &["my parcel", "is late"]).await;
        let second = chat(&shop, &writer, "Ana", Some(phone), &["a raincoat"]).await;
        let other = chat(&shop, &writer, "Bea", Some("+84912345679"), &["my parcel", "0912345678 is not mine"]).await;
        index(&test.store).await;
        let of = async |text: &str, phone: &str| {
            let query = SearchQuery::parse(text).unwrap().of_phone(phone).unwrap();
            let page = test.store.search_sessions(&Search { query, ..search(text) }).await.unwrap();
            assert_eq!((page.total, page.exact, page.next), (page.items.len() as u64, true, None));
            let mut found: Vec<_> = page.items.into_iter().map(|found| found.session.id).collect();
            found.sort_by(|one, other| other.cmp(one));
            found
        };
        for (text, phone, expected) in [
            ("parcel", "0912345678", vec![first]),
            ("parcel", "5679", vec![other]),
            ("ana", phone, vec![second, first]),
            ("anatoly", phone, vec![]),
            ("bea", phone, vec![]),
            ("raincoat late", phone, vec![]),
            ("#2", phone, vec![second]),
            ("#3 ", phone, vec![]),
            ("5678", "0912345678", vec![second, first]),
            ("parcel", "0912 345 670", vec![]),
            ("!!!", phone, vec![]),
        ] {
            assert_eq!(of(text, phone).await, expected, "{text} of {phone}");
        }
        assert!(SearchQuery::parse("parcel").unwrap().of_phone("123").is_err());
        // So many that their chats are not gone through one by one.
        for _ in 0..310 {
            chat(&shop, &writer, "Ana", Some(phone), &[]).await;
        }
        index(&test.store).await;
        assert_eq!(of("parcel", phone).await, [first]);
    }
}
