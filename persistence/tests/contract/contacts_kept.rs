//! Contacts as the team keeps them: edits, blocks, merges and their undoing, and how they are found.

use std::collections::{BTreeMap, HashMap};

use persistence::{
    Beginning, ContactChange, ContactChanged, ContactClaim, ContactCursor, ContactEdit, ContactFilter,
    ContactOrder, ContactRefusal, Session, Store, StoreError, on_both_engines,
};
use protocol::{
    AgentRef, ContactId, SessionId,
    rest::{Attribute, AttributeKind, AttributeOf, ContactBlock, ContactDone, EditAttribute},
};

use crate::fixture::{Shop, at, claim, uuid};

impl Shop {
    fn by(&self) -> AgentRef {
        AgentRef { id: self.agent.id, name: self.agent.name.clone() }
    }

    async fn try_to(
        &self,
        contact: ContactId,
        change: ContactChange,
        now: i64,
    ) -> Result<ContactChanged, ContactRefusal> {
        let ids = [uuid(), uuid()];
        let by = self.by();
        self.store.change_contact(contact, &change, &by, ids, at(now), |_, _| None).await.unwrap()
    }

    async fn done(&self, contact: ContactId, change: ContactChange, now: i64) -> ContactChanged {
        self.try_to(contact, change, now).await.unwrap()
    }

    /// Somebody new, or known, with a chat.
    async fn chats(&self, verified: Option<&str>, name: &str, phone: Option<&str>) -> (ContactId, Session) {
        let claim = ContactClaim {
            verified_external_id: verified.map(str::to_owned),
            name: Some(name.into()),
            phone: phone.map(str::to_owned),
            ..claim(self.site.id)
        };
        let contact = self.store.upsert_contact(&claim, at(5)).await.unwrap();
        let mut grant = self.grant();
        (grant.contact_id, grant.verified) = (contact, verified.is_some());
        let session = self.store.create_session(&grant, &self.session(&grant, 10)).await.unwrap();
        (contact, session)
    }

    async fn owner(&self, session: SessionId) -> ContactId {
        self.store.session(session).await.unwrap().unwrap().contact.id
    }
}

async fn found(store: &Store, q: &str) -> Vec<String> {
    let filter = ContactFilter { words: Beginning::of_anything(q), ..ContactFilter::default() };
    let page = store.list_contacts(&filter, ContactOrder::Name, None, 50).await.unwrap();
    page.items.into_iter().filter_map(|contact| contact.name).collect()
}

fn block(until: Option<i64>) -> ContactChange {
    ContactChange::Block(ContactBlock { reason: "spam".into(), until: until.map(at), at: at(50), by: None })
}

fn edit(name: &str) -> ContactEdit {
    ContactEdit { name: Some(Some(name.into())), ..ContactEdit::default() }
}

on_both_engines! {
    async fn what_was_merged_is_one_and_is_two_again(test) {
        let shop = Shop::open(&test.store).await;
        let (ana, first) = shop.chats(None, "Ana", Some("+447700900001")).await;
        let (same, second) = shop.chats(Some("user-1"), "Ana P", Some("+447700900002")).await;
        assert!(matches!(shop.try_to(same, ContactChange::Merge(ana), 20).await, Err(ContactRefusal::NotMergeable(_))), "the verified one stays");
        let done = shop.done(ana, ContactChange::Merge(same), 20).await;
        assert_eq!((done.contact, done.sessions.len(), done.people.len()), (same, 1, 2));
        let moved = &done.sessions[0];
        assert_eq!((moved.id, moved.contact.id, moved.contact.verified), (first.id, same, false), "nobody vouched for who began it");
        assert_eq!(moved.claimed.id, ana, "the customer is told nothing new");
        assert!(moved.version > first.version);
        let again = shop.done(ana, ContactChange::Merge(same), 21).await;
        assert_eq!((again.contact, again.sessions.len()), (same, 0));
        let kept = test.store.contact(same).await.unwrap().unwrap();
        assert_eq!((kept.name.as_deref(), kept.phone.as_deref(), kept.merged.len()), (Some("Ana P"), Some("+447700900002"), 1), "the site's word stays");
        assert_eq!(kept.merged[0].phone.as_deref(), Some("+447700900001"));
        assert!(matches!(&kept.log[0].what, ContactDone::MergedFrom { contact_id, .. } if *contact_id == ana));

        // Whoever says the number now is a stranger: it does not lead to somebody the site knows.
        let (stranger, _) = shop.chats(None, "Mallory", Some("+447700900001")).await;
        assert!(stranger != ana && stranger != same);

        let parted = shop.done(ana, ContactChange::Unmerge, 30).await;
        assert_eq!((parted.contact, parted.sessions.len(), parted.sessions[0].contact.id), (ana, 1, ana));
        assert_eq!((shop.owner(first.id).await, shop.owner(second.id).await), (ana, same));
        assert!(matches!(shop.try_to(ana, ContactChange::Unmerge, 31).await, Err(ContactRefusal::NotMergeable(_))));
        let (still, _) = shop.chats(None, "Mallory", Some("+447700900001")).await;
        assert_eq!(still, stranger, "who has the number meanwhile keeps it");
    }

    async fn what_one_lacks_it_takes_over_and_gives_back(test) {
        let shop = Shop::open(&test.store).await;
        let (source, _) = shop.chats(None, "Ana", Some("+447700900003")).await;
        let (target, _) = shop.chats(None, "Ana P", None).await;
        let mut more = edit("Ana");
        more.email = Some(Some("ana@shop.example".into()));
        more.attributes = BTreeMap::from([("plan".to_owned(), Some("gold".to_owned()))]);
        shop.done(source, ContactChange::Edit(more, None), 15).await;
        shop.done(source, block(None), 16).await;
        shop.done(source, ContactChange::Merge(target), 20).await;
        let kept = test.store.contact(target).await.unwrap().unwrap();
        assert_eq!((kept.name.as_deref(), kept.phone.as_deref(), kept.email.as_deref()), (Some("Ana P"), Some("+447700900003"), Some("ana@shop.example")));
        assert_eq!((kept.attributes["plan"].as_str(), kept.blocked.is_some()), ("gold", true), "merging is no way out");
        let (known, session) = shop.chats(None, "Ana again", Some("+447700900003")).await;
        assert_eq!((known, session.contact.id), (source, target), "a start under the number is theirs who has it now");

        let mut own = ContactEdit { email: Some(Some("own@shop.example".into())), ..ContactEdit::default() };
        own.attributes = BTreeMap::from([("size".to_owned(), Some("L".to_owned()))]);
        shop.done(target, ContactChange::Edit(own, None), 25).await;
        shop.done(source, ContactChange::Unmerge, 30).await;
        let back = test.store.contact(target).await.unwrap().unwrap();
        assert_eq!((back.phone, back.email.as_deref(), back.blocked), (None, Some("own@shop.example"), None), "what was changed since stays");
        assert_eq!(back.attributes, BTreeMap::from([("size".to_owned(), "L".to_owned())]));
        let own = test.store.contact(source).await.unwrap().unwrap();
        assert_eq!((own.phone.as_deref(), own.blocked.is_some(), own.merged_into), (Some("+447700900003"), true, None));
        assert_eq!(shop.owner(session.id).await, source);
        assert_eq!(shop.chats(None, "Ana", Some("+447700900003")).await.0, source);
    }

    /// Whatever was merged and parted, in whatever order: when all is undone, each session is where it began.
    async fn any_merges_can_be_undone_in_any_order(test) {
        const PEOPLE: usize = 8;
        let shop = Shop::open(&test.store).await;
        let mut random = 7_u64;
        let mut below = |limit: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) as usize % limit
        };
        let mut people = Vec::new();
        let mut sessions: Vec<(SessionId, usize)> = Vec::new();
        for n in 0..PEOPLE {
            let external = format!("user-{n}");
            let verified = (n % 4 == 0).then_some(external.as_str());
            // Two have the same number as one that the site vouched for.
            let phone = (n % 3 != 0).then(|| format!("+4477009001{:02}", n / 2));
            let (contact, session) = shop.chats(verified, &format!("Person {n}"), phone.as_deref()).await;
            if let Some(known) = people.iter().position(|one| *one == contact) {
                sessions.push((session.id, known));
            } else {
                people.push(contact);
                sessions.push((session.id, people.len() - 1));
            }
        }
        let mut into: HashMap<usize, usize> = HashMap::new();
        let root = |into: &HashMap<usize, usize>, mut one: usize| {
            while let Some(next) = into.get(&one) {
                one = *next;
            }
            one
        };
        let mut now = 100;
        for _ in 0..120 {
            now += 1;
            let one = below(people.len());
            if below(3) == 0 {
                let undone = shop.try_to(people[one], ContactChange::Unmerge, now).await;
                assert_eq!(undone.is_ok(), into.remove(&one).is_some());
            } else {
                let other = below(people.len());
                match shop.try_to(people[one], ContactChange::Merge(people[other]), now).await {
                    Ok(_) => drop(into.insert(one, other)),
                    Err(refusal) => assert!(matches!(refusal, ContactRefusal::NotMergeable(_)), "{refusal:?}"),
                }
            }
            for (session, home) in &sessions {
                assert_eq!(shop.owner(*session).await, people[root(&into, *home)]);
            }
        }
        assert!(into.len() > 1, "nothing was left to be undone");
        while let Some(one) = into.keys().nth(below(into.len().max(1))).copied() {
            now += 1;
            shop.done(people[one], ContactChange::Unmerge, now).await;
            into.remove(&one);
        }
        for (session, home) in &sessions {
            assert_eq!(shop.owner(*session).await, people[*home]);
        }
    }

    async fn two_who_merge_each_into_the_other_make_no_circle(test) {
        let shop = Shop::open(&test.store).await;
        let other = Shop { store: test.other_node().await, site: shop.site.clone(), agent: shop.agent.clone(), contact: shop.contact };
        for round in 0..10 {
            let (one, _) = shop.chats(None, "One", None).await;
            let (two, _) = shop.chats(None, "Two", None).await;
            let ids = || [uuid(), uuid()];
            let (by, into_two, into_one) = (shop.by(), ContactChange::Merge(two), ContactChange::Merge(one));
            let (ahead, across) = tokio::join!(
                shop.store.change_contact(one, &into_two, &by, ids(), at(20 + round), |_, _| None),
                other.store.change_contact(two, &into_one, &by, ids(), at(20 + round), |_, _| None),
            );
            let won = [&ahead, &across].into_iter().filter(|done| matches!(done, Ok(Ok(_)))).count();
            assert_eq!(won, 1, "{ahead:?} {across:?}");
        }
    }

    async fn of_two_edits_at_once_the_second_is_told(test) {
        let shop = Shop::open(&test.store).await;
        let (ana, session) = shop.chats(None, "Ana", Some("+447700900004")).await;
        let version = test.store.contact(ana).await.unwrap().unwrap().version;
        let done = shop.done(ana, ContactChange::Edit(edit("Ana B"), Some(version)), 20).await;
        assert_eq!((done.sessions.len(), done.sessions[0].contact.name.as_deref()), (1, Some("Ana B")));
        assert!(done.sessions[0].version > session.version, "lists hear of it");
        let late = shop.try_to(ana, ContactChange::Edit(edit("Ana C"), Some(version)), 21).await;
        assert_eq!(late.err(), Some(ContactRefusal::ChangedMeanwhile));
        shop.done(ana, ContactChange::Edit(edit("Ana D"), None), 22).await;
        let now = test.store.contact(ana).await.unwrap().unwrap();
        assert_eq!((now.name.as_deref(), now.version), (Some("Ana D"), version + 2));
        let nothing = shop.done(ana, ContactChange::Edit(edit("Ana D"), Some(now.version)), 23).await;
        assert!(nothing.sessions.is_empty(), "what is the same is no news");
        let (ben, _) = shop.chats(None, "Ben", Some("+447700900005")).await;
        let taken = ContactEdit { phone: Some(Some("+447700900004".into())), ..ContactEdit::default() };
        assert_eq!(shop.try_to(ben, ContactChange::Edit(taken, None), 24).await.err(), Some(ContactRefusal::PhoneTaken));
        assert_eq!(shop.try_to(ContactId::new(uuid()), ContactChange::Unblock, 25).await.err(), Some(ContactRefusal::Missing));
        let nobody = ContactChange::Merge(ContactId::new(uuid()));
        assert_eq!(shop.try_to(ana, nobody, 26).await.err(), Some(ContactRefusal::OtherMissing));
    }

    async fn a_block_ends_by_itself_and_holds_for_all_that_went_on_in_one(test) {
        let shop = Shop::open(&test.store).await;
        let (ana, first) = shop.chats(None, "Ana", Some("+447700900006")).await;
        let (other, second) = shop.chats(None, "Ana at work", Some("+447700900007")).await;
        shop.done(other, ContactChange::Merge(ana), 20).await;
        let done = shop.done(ana, block(Some(100)), 50).await;
        assert_eq!((done.blocked_until, done.people.len(), done.sessions.len()), (Some(at(100)), 2, 2));
        for session in [first.id, second.id] {
            let session = test.store.session(session).await.unwrap().unwrap();
            assert!(session.contact.is_blocked(at(99)) && !session.contact.is_blocked(at(100)) && session.claimed.blocked_until.is_none());
        }
        for phone in ["+447700900006", "+447700900007"] {
            assert_eq!(test.store.start_blocked_until(shop.site.id, None, Some(phone)).await.unwrap(), Some(at(100)));
        }
        assert_eq!(test.store.start_blocked_until(shop.site.id, None, Some("+447700900008")).await.unwrap(), None);
        let mut blocked = test.store.blocked_since(at(40), at(60)).await.unwrap();
        blocked.sort_unstable();
        let mut both = vec![ana, other];
        both.sort_unstable();
        assert_eq!(blocked, both);
        assert!(test.store.blocked_since(at(40), at(100)).await.unwrap().is_empty(), "it is over");
        let listed = async |blocked, now| {
            let filter = ContactFilter { blocked: Some((blocked, at(now))), ..ContactFilter::default() };
            test.store.list_contacts(&filter, ContactOrder::Recent, None, 50).await.unwrap().items.iter().any(|one| one.id == ana)
        };
        assert!(listed(true, 60).await && !listed(false, 60).await && !listed(true, 100).await && listed(false, 100).await);
        shop.done(ana, ContactChange::Unblock, 70).await;
        assert_eq!(test.store.start_blocked_until(shop.site.id, None, Some("+447700900006")).await.unwrap(), None);
    }

    async fn contacts_are_found_by_what_people_type(test) {
        let shop = Shop::open(&test.store).await;
        shop.chats(None, "Nguyễn Thị Đào", Some("+84912345678")).await;
        let (ana, _) = shop.chats(None, "Ana Pérez", Some("+447700900010")).await;
        let (work, _) = shop.chats(None, "Anabel Gil", Some("+447700900011")).await;
        let mail = ContactEdit { email: Some(Some("ana.perez@shop.example".into())), ..ContactEdit::default() };
        shop.done(ana, ContactChange::Edit(mail, None), 20).await;
        for (typed, names) in [
            ("nguyen", vec!["Nguyễn Thị Đào"]),
            ("dao ngu", vec!["Nguyễn Thị Đào"]),
            ("0912 345 678", vec!["Nguyễn Thị Đào"]),
            ("+84 912-345", vec!["Nguyễn Thị Đào"]),
            ("pere ana", vec!["Ana Pérez"]),
            ("ana.perez@sh", vec!["Ana Pérez"]),
            ("ANA gil", vec!["Anabel Gil"]),
            ("zoe", vec![]),
            ("' or 1=1 --", vec![]),
        ] {
            assert_eq!(found(&test.store, typed).await, names, "{typed}");
        }
        let by = async |filter: ContactFilter| {
            let page = test.store.list_contacts(&filter, ContactOrder::Recent, None, 50).await.unwrap();
            page.items.iter().map(|one| one.id).collect::<Vec<_>>()
        };
        let phone = ContactFilter { phone: Some("+447700900011".into()), ..ContactFilter::default() };
        assert_eq!(by(phone.clone()).await, [work]);
        let mail = ContactFilter { email: Some("ana.perez@shop.example".into()), ..ContactFilter::default() };
        assert_eq!(by(mail).await, [ana]);
        // What was merged is found as the other one.
        shop.done(work, ContactChange::Merge(ana), 30).await;
        assert_eq!(by(phone).await, [ana]);
        assert_eq!(found(&test.store, "anabel").await, ["Ana Pérez"]);
        shop.done(ana, ContactChange::Edit(edit("Bea"), None), 31).await;
        assert_eq!(found(&test.store, "perez").await, ["Bea"], "by the e-mail address");
        assert_eq!(found(&test.store, "bea").await, ["Bea"]);
    }

    async fn lists_go_on_where_they_ended(test) {
        let shop = Shop::open(&test.store).await;
        for n in 0..7 {
            shop.chats(None, &format!("Person {}", n % 3), None).await;
        }
        let filter = ContactFilter { site_id: Some(shop.site.id), ..ContactFilter::default() };
        for order in [ContactOrder::Recent, ContactOrder::Created, ContactOrder::Name] {
            let all = test.store.list_contacts(&filter, order, None, 50).await.unwrap();
            assert_eq!((all.total, all.next), (8, None));
            let mut cursor: Option<ContactCursor> = None;
            let mut seen = Vec::new();
            for _ in 0..3 {
                let page = test.store.list_contacts(&filter, order, cursor.as_ref(), 3).await.unwrap();
                assert_eq!(page.total, 8);
                seen.extend(page.items.iter().map(|one| one.id));
                cursor = page.next;
            }
            assert_eq!((seen, cursor), (all.items.iter().map(|one| one.id).collect::<Vec<_>>(), None), "{order:?}");
        }
    }

    async fn only_who_never_chatted_is_deleted(test) {
        let shop = Shop::open(&test.store).await;
        let (ana, _) = shop.chats(None, "Ana", None).await;
        assert!(!test.store.delete_contact(ana).await.unwrap());
        assert!(test.store.delete_contact(shop.contact).await.unwrap());
        assert!(test.store.contact(shop.contact).await.unwrap().is_none());
        assert!(!test.store.delete_contact(shop.contact).await.unwrap());
    }

    async fn attributes_are_defined(test) {
        let define = |key: &str| Attribute {
            id: uuid(),
            of: AttributeOf::Contact,
            key: key.into(),
            label: "Plan".into(),
            kind: AttributeKind::List,
            choices: vec!["gold".into()],
            about: Some("What they pay".into()),
            created_at: at(7),
        };
        let plan = define("plan");
        test.store.create_attribute(&plan).await.unwrap();
        let again = test.store.create_attribute(&define("plan")).await;
        assert!(matches!(again, Err(StoreError::Conflict("attribute"))), "{again:?}");
        let of_sessions = Attribute { of: AttributeOf::Session, ..define("plan") };
        test.store.create_attribute(&of_sessions).await.unwrap();
        assert_eq!(test.store.attributes_of(AttributeOf::Contact).await.unwrap(), std::slice::from_ref(&plan));
        let edit = EditAttribute { choices: Some(vec!["gold".into(), "tin".into()]), about: Some(String::new()), ..EditAttribute::default() };
        assert!(test.store.update_attribute(plan.id, &edit).await.unwrap());
        let now = test.store.attribute(plan.id).await.unwrap().unwrap();
        assert_eq!((now.label.as_str(), now.choices.len(), now.about), ("Plan", 2, None));
        assert!(test.store.delete_attribute(plan.id).await.unwrap() && !test.store.delete_attribute(plan.id).await.unwrap());
        assert!(!test.store.update_attribute(plan.id, &edit).await.unwrap());
    }
}
