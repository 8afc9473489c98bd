//! The order of those who wait, and what is given away.

use std::collections::{HashMap, HashSet};

use hub::routing::{
    policy::{Candidate, choose},
    queue::{Assignment, Place, Waiting, hand_out, places},
};
use protocol::{AgentId, Availability, Priority, RoutedBy, SessionId, UtcMillis};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::SliceRandom as _};
use uuid::Uuid;

use super::{
    naive,
    words::{NOW, agents, queue, session_id, told},
};

fn by_name(id: Uuid) -> String {
    id.into_bytes().into_iter().take_while(|byte| *byte != 0).map(char::from).collect()
}

/// Each: what it shows, who waits, who is there, who gets whom, and who is left waiting.
#[track_caller]
fn gives(what: &str, waiting: &str, team: &str, expected: &str, left: &str) {
    let (mut waiting, mut team) = (queue(waiting), agents(team));
    let assigned = hand_out(&mut waiting, &mut team, RoutedBy::Automatic, NOW);
    let pair =
        |given: &Assignment| format!("{}-{}", by_name(given.session.uuid()), by_name(given.agent.uuid()));
    assert_eq!(assigned.iter().map(pair).collect::<Vec<_>>().join(" "), expected, "{what}");
    let names: Vec<_> = waiting.iter().map(|waiting| by_name(waiting.session.uuid())).collect();
    assert_eq!(names.join(" "), left, "{what}");
}

#[test]
fn in_turn() {
    gives("nobody waits", "", "Bo", "", "");
    gives("nobody is there", "s1", "", "", "s1");
    gives("nobody is able", "s1", "Bo away", "", "s1");
    gives("one", "s1", "Bo", "s1-Bo", "");
    gives("longest first", "s1 waits:1; s2 waits:9", "Bo 0/1", "s2-Bo", "s1");
    gives("urgent first", "s1 waits:9; s2 urgent", "Bo 0/1", "s2-Bo", "s1");
    gives("low last", "s1 low waits:99; s2", "Bo 0/1", "s2-Bo", "s1");
    gives(
        "all four",
        "s1 low waits:9; s2 urgent; s3 waits:5; s4 high waits:1; s5 urgent waits:1",
        "Bo 0/4",
        "s5-Bo s2-Bo s4-Bo s3-Bo",
        "s1",
    );
    gives("ids settle a tie", "s2; s1", "Bo 0/1", "s1-Bo", "s2");
    gives("those left are sorted", "s3; s1 waits:2; s2 high; s4 low waits:9", "", "", "s2 s1 s3 s4");
}

#[test]
fn as_long_as_anybody_can_take_any() {
    gives("a backlog of the night", "s1 waits:9; s2 waits:8; s3 waits:7", "Bo", "s1-Bo s2-Bo s3-Bo", "");
    gives(
        "turn and turn about",
        "s1 waits:9; s2 waits:8; s3 waits:7; s4 waits:6",
        "Bo idle:9; Cleo idle:1",
        "s1-Bo s2-Cleo s3-Bo s4-Cleo",
        "",
    );
    gives("more to whom more can be given", "s1; s2; s3", "Bo 0/1; Cleo 0/5", "s1-Bo s2-Cleo s3-Cleo", "");
    gives("up to the maximum", "s1; s2; s3; s4", "Bo 4/5; Cleo 3/5", "s1-Cleo s2-Bo s3-Cleo", "s4");
    gives("a maximum that was raised", "s1; s2", "Bo 2/4", "s1-Bo s2-Bo", "");
    gives("a maximum that was lowered", "s1", "Bo 4/2", "", "s1");
}

#[test]
fn who_cannot_be_served_does_not_hold_up_those_behind() {
    gives("a skill that nobody has", "s1 waits:9 +law:1; s2", "Bo", "s2-Bo", "s1");
    gives("a team that is away", "s1 urgent @sales; s2", "Bo; Cleo @sales away", "s2-Bo", "s1");
    gives("a required language", "s1 ~de!; s2 ~de", "Bo ~en", "s2-Bo", "s1");
    gives("one who was declined", "s1 waits:9 declined:Bo; s2", "Bo", "s2-Bo", "s1");
    gives(
        "the only expert is full after the first",
        "s1 +law:1 waits:9; s2 +law:1 waits:8; s3 waits:7",
        "Bo; Cleo 4/5 +law:1",
        "s1-Cleo s3-Bo",
        "s2",
    );
    gives(
        "a previous agent makes no demand",
        "s1 +law:1 was:Bo waits:9; s2 +law:1 waits:8; s3 was:Bo waits:7",
        "Bo",
        "s3-Bo",
        "s1 s2",
    );
    gives(
        "the same skills in another order",
        "s1 +law:1 +tax:1; s2 +tax:1 +law:1; s3 +tax:1",
        "Bo +tax:1",
        "s3-Bo",
        "s1 s2",
    );
    gives("asked at another level", "s1 +law:5; s2 +law:2", "Bo +law:3", "s2-Bo", "s1");
    gives("asked of another team", "s1 @help; s2 @sales", "Bo @sales", "s2-Bo", "s1");
}

#[test]
fn loads_and_idleness_go_along() {
    let mut team = agents("Bo 1/3 idle:9; Cleo 0/3 idle:5; Dan away");
    let assigned = hand_out(&mut queue("s1; s2"), &mut team, RoutedBy::Offer, NOW);
    assert_eq!(told(&assigned[0].why), "Cleo least_loaded | Dan away");
    assert_eq!(told(&assigned[1].why), "Bo longest_idle | Dan away");
    let loads: Vec<_> = team.iter().map(|agent| (agent.active, agent.free_since)).collect();
    assert_eq!(loads, [(2, NOW), (1, NOW), (0, NOW)]);
    assert_eq!(assigned[0].why.mode, RoutedBy::Offer);
}

fn place(name: &str, position: u32, waiting: u32) -> Place {
    Place { session: session_id(name), position, waiting }
}

#[test]
fn places_in_the_queue() {
    assert_eq!(places(&[]), []);
    assert_eq!(
        places(&queue("s1 waits:1; s2 waits:3; s3 high")),
        [place("s3", 1, 3), place("s2", 2, 3), place("s1", 3, 3),]
    );
}

#[test]
fn who_waits_for_another_team_is_not_in_the_way() {
    let waiting =
        queue("s1 @sales waits:9; s2 @help waits:8; s3 waits:7; s4 @sales waits:6; s5 @help urgent");
    assert_eq!(
        places(&waiting),
        [place("s5", 1, 2), place("s1", 1, 2), place("s2", 2, 2), place("s3", 1, 1), place("s4", 2, 2),]
    );
}

#[test]
fn any_queue_has_places_without_gaps() {
    let mut random = StdRng::seed_from_u64(6);
    for _ in 0..300 {
        let size = random.random_range(0..40);
        let waiting: Vec<_> = (0..size).map(|n| naive::any_waiting(&mut random, n, 5)).collect();
        let team: HashMap<_, _> =
            waiting.iter().map(|waiting| (waiting.session, waiting.need.team)).collect();
        let mut lanes: HashMap<_, Vec<Place>> = HashMap::new();
        for place in places(&waiting) {
            lanes.entry(team[&place.session]).or_default().push(place);
        }
        assert_eq!(lanes.values().map(Vec::len).sum::<usize>(), waiting.len());
        for lane in lanes.into_values() {
            for (place, expected) in lane.iter().zip(1..) {
                assert_eq!((place.position, place.waiting as usize), (expected, lane.len()));
            }
        }
    }
}

fn turn(waiting: &Waiting) -> (std::cmp::Reverse<Priority>, UtcMillis, SessionId) {
    (std::cmp::Reverse(waiting.priority), waiting.since, waiting.session)
}

/// What holds of every hand-out, whoever waited and whoever was there.
fn holds(before: &[Waiting], team: &[Candidate], after: &[Waiting], now: &[Candidate], given: &[Assignment]) {
    let sessions: HashSet<_> = given.iter().map(|given| given.session).collect();
    assert_eq!(sessions.len(), given.len(), "nobody is given away twice");
    assert_eq!(after.len() + given.len(), before.len(), "nobody is lost");
    assert!(after.iter().all(|waiting| !sessions.contains(&waiting.session)));
    assert!(after.is_sorted_by_key(turn), "who is left is sorted");
    for (was, is) in team.iter().zip(now) {
        let taken = given.iter().filter(|given| given.agent == is.agent.id).count();
        assert_eq!(is.active as usize, was.active as usize + taken);
        assert!(taken == 0 || is.active <= is.max, "{:?} is over the maximum", is.agent);
        assert!(taken == 0 || is.availability == Availability::Online);
    }
    for waiting in after {
        let why = choose(&waiting.need, now, RoutedBy::Automatic);
        assert_eq!(why.chosen, None, "{:?} could have been served", waiting.session);
    }
    let need = |id| before.iter().find(|waiting: &&Waiting| waiting.session == id).unwrap();
    for given in given {
        let served = need(given.session);
        let passed_over = after.iter().find(|left| left.need == served.need && turn(left) < turn(served));
        assert_eq!(passed_over, None, "{:?} was served before", served.session);
        assert_eq!(given.why.chosen.as_ref().map(|chosen| chosen.agent.id), Some(given.agent));
    }
}

#[test]
fn any_hand_out_is_that_of_the_rules() {
    let mut random = StdRng::seed_from_u64(7);
    let mut given = 0;
    for round in 0..800 {
        let size = random.random_range(0..8);
        let team: Vec<_> = (0..size).map(|n| naive::any_agent(&mut random, n)).collect();
        let waiting: Vec<_> =
            (0..random.random_range(0..30)).map(|n| naive::any_waiting(&mut random, n, size)).collect();
        let (mut after, mut now) = (waiting.clone(), team.clone());
        let assigned = hand_out(&mut after, &mut now, RoutedBy::Automatic, NOW);
        holds(&waiting, &team, &after, &now, &assigned);

        let pairs: Vec<_> = assigned.iter().map(|given| (given.session, given.agent)).collect();
        assert_eq!(pairs, naive::hand_out(&waiting, &mut team.clone(), NOW), "round {round}");

        let (mut again, mut shuffled) = (waiting.clone(), team.clone());
        again.shuffle(&mut random);
        shuffled.shuffle(&mut random);
        let once_more = hand_out(&mut again, &mut shuffled, RoutedBy::Automatic, NOW);
        assert_eq!((once_more, again), (assigned, after), "round {round}: the order made a difference");
        given += pairs.len();
    }
    assert!(given > 2_000, "only {given} were given away: chance is too mean");
}

#[test]
fn five_thousand_wait_for_two_hundred() {
    let mut random = StdRng::seed_from_u64(8);
    let team: Vec<_> = (0..200).map(|n| naive::any_agent(&mut random, n)).collect();
    let waiting: Vec<_> = (0..5_000).map(|n| naive::any_waiting(&mut random, n, 0)).collect();
    let (mut after, mut now) = (waiting.clone(), team.clone());
    let assigned = hand_out(&mut after, &mut now, RoutedBy::Automatic, NOW);
    assert!(assigned.len() > 200, "{}", assigned.len());
    holds(&waiting, &team, &after, &now, &assigned);
}

/// A day: customers come, chats end, agents come and go with what they held; at each step what can be given away is.
#[test]
fn a_day_goes_by_and_everybody_is_served() {
    let mut random = StdRng::seed_from_u64(9);
    let mut team = agents(
        "Bo 0/3 @sales +law:2; Cleo 0/4 @sales ~de; Dan 0/2 @help +law:5; Eve 0/5 @help @sales; Fay 0/1 ~fr",
    );
    let needs = ["", "@sales", "@help", "+law:1", "+law:3", "~de", "~fr was:Fay", "@sales was:Cleo"];
    let (mut waiting, mut held): (Vec<Waiting>, Vec<(AgentId, Waiting)>) = (Vec::new(), Vec::new());
    let mut served = HashSet::new();
    let mut came = 0;
    for minute in 0..20_000_i64 {
        let now = UtcMillis::new(minute);
        if came < 2_000 && random.random_bool(0.35) {
            let line = format!("s{came} {}", needs[random.random_range(0..needs.len())]);
            let mut new = queue(&line).remove(0);
            new.since = now;
            new.priority = if random.random_bool(0.1) { Priority::High } else { Priority::Normal };
            waiting.push(new);
            came += 1;
        }
        if !held.is_empty() && random.random_bool(0.4) {
            let (agent, _) = held.swap_remove(random.random_range(0..held.len()));
            team.iter_mut().find(|candidate| candidate.agent.id == agent).unwrap().active -= 1;
        }
        if random.random_bool(0.01) {
            let place = random.random_range(0..team.len());
            let agent = &mut team[place];
            let leaves = agent.availability == Availability::Online && came < 2_000;
            agent.availability = if leaves { Availability::Offline } else { Availability::Online };
            if leaves {
                agent.active = 0;
                // They keep their place by waiting time.
                let back = held.extract_if(.., |(holder, _)| *holder == agent.agent.id);
                waiting.extend(back.map(|(_, session)| session));
            }
        }
        let (before, was) = (waiting.clone(), team.clone());
        let assigned = hand_out(&mut waiting, &mut team, RoutedBy::Automatic, now);
        holds(&before, &was, &waiting, &team, &assigned);
        for given in assigned {
            let session = before.iter().find(|waiting| waiting.session == given.session).unwrap().clone();
            served.insert(session.session);
            held.push((given.agent, session));
        }
    }
    assert_eq!((came, served.len()), (2_000, 2_000));
    assert_eq!(waiting, []);
    assert_eq!(team.iter().map(|agent| agent.active as usize).sum::<usize>(), held.len());
}
