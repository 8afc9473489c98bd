//! Canned answers: who sees which, which one a shortcut means, and keeping many at once.

use persistence::{
    CannedFile, CannedFileKept, CannedFilter, CannedKept, CannedOrder, CannedOwner, CannedReader, CannedText,
    Store, StoreError, on_both_engines,
};
use protocol::{AgentId, Attachment, CannedId, TeamId, limits, rest::CannedScope};
use uuid::Uuid;

use crate::{
    fixture::{agent, at, uuid},
    members::team,
};

fn text(owner: CannedOwner, shortcut: &str) -> CannedText {
    CannedText {
        id: CannedId::new(uuid()),
        owner,
        shortcut: shortcut.into(),
        title: String::new(),
        category: String::new(),
        body: format!("{shortcut} for {owner:?}"),
    }
}

async fn keep(store: &Store, by: AgentId, texts: &[CannedText]) {
    let kept = store.keep_canned(texts, by, at(5), false).await.unwrap();
    assert_eq!(kept, CannedKept::Kept { created: texts.len().try_into().unwrap(), replaced: 0 });
}

/// What is found, a page of two at a time, as it would be at once.
async fn found(store: &Store, reader: CannedReader, filter: &CannedFilter) -> Vec<CannedId> {
    let whole = store.canned_answers(reader, filter, None, 200).await.unwrap();
    assert_eq!((whole.total, whole.next), (whole.items.len() as u64, None));
    let (mut paged, mut after) = (Vec::new(), None);
    for _ in 0..=whole.items.len() {
        let page = store.canned_answers(reader, filter, after.as_ref(), 2).await.unwrap();
        assert_eq!(page.total, whole.total);
        paged.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(paged, whole.items);
    paged.iter().map(|answer| answer.id).collect()
}

struct World {
    ana: CannedReader,
    bo: CannedReader,
    su: CannedReader,
    /// Ana's own, her two teams' in the order in which they were made, a strange team's, everybody's.
    texts: [CannedText; 5],
    strange: TeamId,
}

async fn world(store: &Store) -> World {
    let people = ["ana@x.example", "bo@x.example", "su@x.example"].map(agent);
    for one in &people {
        store.create_agent(one).await.unwrap();
    }
    let [ana, bo, su] = people.map(|one| CannedReader { agent: one.id, leads: one.name == "su" });
    let [mut sales, mut returns, strange] = ["Sales", "Returns", "Strange"].map(team);
    sales.members = vec![ana.agent];
    returns.members = vec![ana.agent, bo.agent];
    for one in [&sales, &returns, &strange] {
        store.create_team(one).await.unwrap();
    }
    let owners = [
        CannedOwner::Agent(ana.agent),
        CannedOwner::Team(returns.id),
        CannedOwner::Team(sales.id),
        CannedOwner::Team(strange.id),
        CannedOwner::All,
    ];
    let texts = owners.map(|owner| text(owner, "hello"));
    keep(store, ana.agent, &texts).await;
    World { ana, bo, su, texts, strange: strange.id }
}

on_both_engines! {
    async fn a_shortcut_means_the_nearest(test) {
        let store = &test.store;
        let World { ana, bo, su, texts, strange } = world(store).await;
        let [own, first, second, strangers, everybodys] = texts.each_ref().map(|text| text.id);
        let all = CannedFilter::default();
        let usable = CannedFilter { usable: true, ..CannedFilter::default() };
        assert_eq!(found(store, ana, &all).await, [own, first, second, everybodys]);
        assert_eq!(found(store, ana, &usable).await, [own]);
        assert_eq!(found(store, bo, &all).await, [first, everybodys]);
        assert_eq!(found(store, bo, &usable).await, [first]);
        assert_eq!(found(store, su, &all).await, [first, second, strangers, everybodys]);
        assert_eq!(found(store, su, &usable).await, [everybodys]);
        let of = |scope| CannedFilter { scope: Some(scope), ..CannedFilter::default() };
        assert_eq!(found(store, ana, &of(CannedScope::Personal)).await, [own]);
        assert_eq!(found(store, ana, &of(CannedScope::Team)).await, [first, second]);
        assert_eq!(found(store, ana, &of(CannedScope::All)).await, [everybodys]);
        let of_strange = CannedFilter { team: Some(strange), ..CannedFilter::default() };
        assert_eq!(found(store, su, &of_strange).await, [strangers]);
        assert!(found(store, bo, &of_strange).await.is_empty());

        for (reader, id, sees) in [(bo, own, false), (bo, strangers, false), (su, own, false), (su, strangers, true), (bo, first, true)] {
            assert_eq!(store.canned_answer(reader, id).await.unwrap().is_some(), sees);
        }
        let read = store.canned_answer(ana, second).await.unwrap().unwrap();
        assert_eq!((read.scope, read.team.unwrap().name.as_str(), read.shadowed), (CannedScope::Team, "Sales", true));
        assert_eq!((read.created_by.name.as_str(), read.created_at, read.uses, read.last_used_at), ("ana", at(5), 0, None));

        // What goes with a team goes.
        let CannedOwner::Team(returns) = texts[1].owner else { panic!("a team's") };
        assert!(store.delete_team(returns).await.unwrap());
        assert_eq!(found(store, bo, &all).await, [everybodys]);
    }

    async fn they_are_found_sorted_and_counted(test) {
        let store = &test.store;
        let ana = agent("ana@x.example");
        store.create_agent(&ana).await.unwrap();
        let reader = CannedReader { agent: ana.id, leads: false };
        let own = |shortcut: &str, title: &str, category: &str, body: &str| CannedText {
            title: title.into(),
            category: category.into(),
            body: body.into(),
            ..text(CannedOwner::Agent(ana.id), shortcut)
        };
        let texts = [
            own("árbol", "", "Grüße", "100% \\ sure"),
            own("bye", "See YOU", "grüße", "A refund takes 5_days"),
            own("refund", "", "", "bye"),
            own("refund-late", "", "", "hello"),
        ];
        keep(store, ana.id, &texts).await;
        let [tree, bye, refund, late] = texts.each_ref().map(|text| text.id);
        let searched = |search: &str| CannedFilter { search: search.into(), ..CannedFilter::default() };
        for (search, ids) in [
            ("", &[bye, refund, late, tree][..]),
            ("REFUND", &[bye, refund, late]),
            ("see refund", &[bye]),
            ("see refund a days", &[bye]),
            ("see refund a takes 5_days", &[bye]),
            ("ÁRB", &[tree]),
            ("0% \\", &[tree]),
            ("%", &[tree]),
            ("_", &[bye]),
            ("x", &[]),
        ] {
            assert_eq!(found(store, reader, &searched(search)).await, ids, "{search}");
        }
        store.canned_used(bye, at(7)).await.unwrap();
        store.canned_used(late, at(9)).await.unwrap();
        store.canned_used(bye, at(8)).await.unwrap();
        store.canned_used(CannedId::new(uuid()), at(8)).await.unwrap();
        let ordered = |order, search: &str| CannedFilter { order, ..searched(search) };
        assert_eq!(found(store, reader, &ordered(CannedOrder::Uses, "")).await, [bye, late, refund, tree]);
        assert_eq!(found(store, reader, &ordered(CannedOrder::Recent, "")).await, [late, bye, refund, tree]);
        assert_eq!(found(store, reader, &ordered(CannedOrder::Match, "Refund")).await, [refund, late, bye]);
        assert_eq!(found(store, reader, &ordered(CannedOrder::Match, "")).await, [bye, late, refund, tree]);
        let read = store.canned_answer(reader, bye).await.unwrap().unwrap();
        assert_eq!((read.uses, read.last_used_at), (2, Some(at(8))));

        let of = CannedFilter { category: Some("GRÜSSE".into()), ..CannedFilter::default() };
        assert!(found(store, reader, &of).await.is_empty(), "it is another word");
        let of = CannedFilter { category: Some("GRÜßE".into()), ..CannedFilter::default() };
        assert_eq!(found(store, reader, &of).await, [bye, tree]);
        let (categories, total) = store.canned_categories(reader, "", 10).await.unwrap();
        assert_eq!((categories.len(), categories[0].answers, total), (1, 2, 1));
        assert!(store.canned_categories(reader, &categories[0].name, 10).await.unwrap().0.is_empty());
    }

    async fn they_are_changed_replaced_and_deleted(test) {
        let store = &test.store;
        let World { ana, bo, texts, .. } = world(store).await;
        let everybodys = &texts[4];
        let twin = text(CannedOwner::All, "hello");
        let again = store.keep_canned(&[text(CannedOwner::All, "new"), twin.clone()], bo.agent, at(6), false).await;
        assert_eq!(again.unwrap(), CannedKept::Exists(vec![1]));
        let twice = store.keep_canned(&[twin.clone(), twin.clone()], bo.agent, at(6), true).await;
        assert_eq!(twice.unwrap(), CannedKept::Exists(vec![1]));
        let mut texts: Vec<_> = (0..450).map(|n| text(CannedOwner::All, &format!("n{n:03}"))).collect();
        texts.push(CannedText { title: "Twin".into(), ..twin.clone() });
        let kept = store.keep_canned(&texts, bo.agent, at(6), true).await.unwrap();
        assert_eq!(kept, CannedKept::Kept { created: 450, replaced: 1 });
        assert_eq!(store.canned_answer(bo, twin.id).await.unwrap(), None);
        let read = store.canned_answer(bo, everybodys.id).await.unwrap().unwrap();
        assert_eq!((read.title.as_str(), read.created_at, read.updated_at), ("Twin", at(5), at(6)));
        assert_eq!((read.created_by.name.as_str(), read.updated_by.name.as_str()), ("ana", "bo"));

        let mut changed = CannedText { owner: CannedOwner::Agent(bo.agent), shortcut: "n001".into(), ..everybodys.clone() };
        assert!(store.update_canned(&changed, bo.agent, at(7)).await.unwrap());
        let read = store.canned_answer(bo, changed.id).await.unwrap().unwrap();
        assert_eq!((read.scope, read.shortcut.as_str(), read.updated_at), (CannedScope::Personal, "n001", at(7)));
        assert_eq!(store.canned_answer(ana, changed.id).await.unwrap(), None);
        changed.owner = CannedOwner::All;
        let taken = store.update_canned(&changed, bo.agent, at(7)).await.unwrap_err();
        assert!(matches!(taken, StoreError::Conflict("shortcut")), "{taken:?}");
        assert!(store.delete_canned(changed.id).await.unwrap());
        assert!(!store.delete_canned(changed.id).await.unwrap());
        assert!(!store.update_canned(&changed, bo.agent, at(7)).await.unwrap());
    }

    async fn there_is_an_end_to_them(test) {
        let store = &test.store;
        let ana = agent("ana@x.example");
        store.create_agent(&ana).await.unwrap();
        let own: Vec<_> = (0..=limits::CANNED_PERSONAL).map(|n| text(CannedOwner::Agent(ana.id), &format!("n{n}"))).collect();
        let full = store.keep_canned(&own, ana.id, at(5), false).await.unwrap();
        assert_eq!(full, CannedKept::FullOfOwn(limits::CANNED_PERSONAL));
        keep(store, ana.id, &own[1..]).await;
        let full = store.keep_canned(&own[..1], ana.id, at(5), false).await.unwrap();
        assert_eq!(full, CannedKept::FullOfOwn(limits::CANNED_PERSONAL));
        let room = limits::CANNED - limits::CANNED_PERSONAL;
        let all: Vec<_> = (0..=room).map(|n| text(CannedOwner::All, &format!("n{n}"))).collect();
        assert_eq!(store.keep_canned(&all, ana.id, at(5), false).await.unwrap(), CannedKept::Full(limits::CANNED));
        keep(store, ana.id, &all[1..]).await;
        let again = store.keep_canned(&all[1..3], ana.id, at(5), true).await.unwrap();
        assert_eq!(again, CannedKept::Kept { created: 0, replaced: 2 });
    }

    async fn files_are_its_own_until_it_goes(test) {
        let store = &test.store;
        let World { ana, su, texts, .. } = world(store).await;
        let (all, own) = (texts[4].id, texts[0].id);
        let file = |canned| CannedFile {
            canned,
            file: Attachment {
                id: Uuid::new_v4(),
                name: "Größe.png".into(),
                content_type: "image/png".into(),
                size: 10,
                url: String::new(),
                thumbnail_url: None,
                width: Some(640),
                height: Some(480),
            },
        };
        let add = async |file: &CannedFile, limits| store.add_canned_file(file, su.agent, at(9), limits).await.unwrap();
        let (one, two, other) = (file(all), file(all), file(own));
        assert_eq!(add(&one, (2, 30)).await, CannedFileKept::Kept);
        assert_eq!(add(&two, (1, 30)).await, CannedFileKept::Full);
        assert_eq!(add(&two, (2, 19)).await, CannedFileKept::FullOfBytes);
        assert_eq!(add(&two, (2, 30)).await, CannedFileKept::Kept);
        assert_eq!(add(&other, (2, 30)).await, CannedFileKept::Kept);
        assert_eq!(add(&file(CannedId::new(uuid())), (2, 99)).await, CannedFileKept::NoAnswer);
        let read = store.canned_answer(ana, all).await.unwrap().unwrap();
        let mut ids = [one.file.id, two.file.id];
        ids.sort_unstable();
        assert_eq!(read.attachments.iter().map(|file| file.id).collect::<Vec<_>>(), ids);
        assert_eq!(read.attachments[0], Attachment { id: ids[0], url: Attachment::path(ids[0]), ..one.file.clone() });
        assert_eq!((read.updated_at, read.updated_by.id), (at(9), su.agent));
        let listed = store.canned_answers(ana, &CannedFilter::default(), None, 200).await.unwrap();
        assert_eq!(listed.items.iter().map(|answer| answer.attachments.len()).sum::<usize>(), 3);

        assert!(!store.remove_canned_file(own, one.file.id, su.agent, at(10)).await.unwrap(), "not this one's");
        assert!(store.remove_canned_file(all, one.file.id, su.agent, at(10)).await.unwrap());
        assert!(!store.remove_canned_file(all, one.file.id, su.agent, at(10)).await.unwrap());
        assert_eq!(store.canned_file(one.file.id).await.unwrap(), None);
        assert_eq!(store.deleted_files(10).await.unwrap(), [one.file.id]);
        assert!(store.delete_canned(all).await.unwrap());
        assert_eq!(store.canned_file(two.file.id).await.unwrap(), None);
        assert_eq!(store.deleted_files(10).await.unwrap().len(), 2);
        let known = [one.file.id, two.file.id, other.file.id];
        assert_eq!(store.known_files(&known).await.unwrap().len(), 3);
        store.forget_files(&known).await.unwrap();
        assert_eq!(store.known_files(&known).await.unwrap(), [other.file.id].into(), "that one is there");
        assert_eq!(store.canned_file(other.file.id).await.unwrap().unwrap().canned, own);
    }
}
