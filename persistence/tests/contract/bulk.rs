//! Jobs that do one thing to many sessions.

use persistence::on_both_engines;
use protocol::{
    ErrorCode, Priority, SessionId, limits,
    rest::{Bulk, BulkAction, BulkError, BulkState},
};

use crate::fixture::{Shop, agent, at, uuid};

fn job(now: i64) -> Bulk {
    Bulk {
        id: uuid(),
        action: BulkAction::Priority { priority: Priority::High },
        state: BulkState::Running,
        total: 3,
        done: 0,
        failed: 0,
        errors: Vec::new(),
        started_at: at(now),
        ended_at: None,
    }
}

on_both_engines! {
    async fn a_job_tells_how_far_it_is(test) {
        let shop = Shop::open(&test.store).await;
        let stranger = agent(&format!("eve-{}@shop.example", uuid()));
        test.store.create_agent(&stranger).await.unwrap();
        let mut bulk = job(1_000);
        assert!(test.store.begin_bulk(shop.agent.id, &bulk).await.unwrap());
        let read = async |now| test.store.bulk(shop.agent.id, bulk.id, at(now)).await.unwrap();
        assert_eq!(read(1_000).await, Some(bulk.clone()));
        assert_eq!(test.store.bulk(stranger.id, bulk.id, at(1_000)).await.unwrap(), None);

        (bulk.done, bulk.failed) = (1, 1);
        let message = "It was answered already.".to_owned();
        let session_id = SessionId::new(uuid());
        bulk.errors.push(BulkError { session_id, code: ErrorCode::WrongStatus, message });
        test.store.bulk_is_at(&bulk, at(2_000)).await.unwrap();
        assert_eq!(read(32_000).await, Some(bulk.clone()));
        assert_eq!(read(32_001).await.unwrap().state, BulkState::Stopped, "not heard of for half a minute");
        bulk.ended_at = Some(at(3_000));
        test.store.bulk_is_at(&bulk, at(3_000)).await.unwrap();
        assert_eq!(read(3_000).await.unwrap().state, BulkState::Stopped, "before its end");
        bulk.done = 2;
        test.store.bulk_is_at(&bulk, at(3_000)).await.unwrap();
        assert_eq!(read(100_000).await.unwrap().state, BulkState::Done);
    }

    async fn only_so_many_at_once_and_not_for_ever(test) {
        let shop = Shop::open(&test.store).await;
        let other = test.other_node().await;
        let jobs: Vec<_> = (0..4).map(|_| job(1_000)).collect();
        let (one, two, three, four) = tokio::join!(
            test.store.begin_bulk(shop.agent.id, &jobs[0]),
            other.begin_bulk(shop.agent.id, &jobs[1]),
            test.store.begin_bulk(shop.agent.id, &jobs[2]),
            other.begin_bulk(shop.agent.id, &jobs[3]),
        );
        let begun: Vec<_> = [one, two, three, four].map(Result::unwrap).into();
        assert_eq!(begun.iter().filter(|begun| **begun).count(), limits::BULK_JOBS as usize);
        // Lost ones do not count.
        let later = job(31_001);
        assert!(test.store.begin_bulk(shop.agent.id, &later).await.unwrap());
        // And after a day nobody asks any more.
        let day = 24 * 60 * 60 * 1_000;
        assert!(test.store.begin_bulk(shop.agent.id, &job(1_001 + day)).await.unwrap());
        let first = jobs.iter().zip(begun).find(|(_, begun)| *begun).unwrap().0;
        assert_eq!(test.store.bulk(shop.agent.id, first.id, at(1_001 + day)).await.unwrap(), None);
        assert!(test.store.bulk(shop.agent.id, later.id, at(1_001 + day)).await.unwrap().is_some());
    }
}
