//! Offers: accepted, declined, left unanswered, made again.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use hub::routing::{
    offers::{Next, NoOffer, Offers, Rules},
    policy::{Candidate, Need},
};
use protocol::{AgentId, Availability, OfferEnd, OfferEvent, Pass, UtcMillis, limits};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};

use super::{
    naive,
    words::{NOW, agent_id, agent_ref, agents, need, told},
};

const RULES: Rules =
    Rules { answer_within: Duration::from_secs(20), between_rounds: Duration::from_secs(30) };

/// A session that is offered to a team, and the time.
struct Play {
    offers: Offers,
    need: Need,
    team: Vec<Candidate>,
    now: UtcMillis,
    /// All that was recorded.
    log: Vec<(OfferEvent, UtcMillis)>,
}

impl Play {
    fn new(needs: &str, team: &str) -> Self {
        Self { offers: Offers::default(), need: need(needs), team: agents(team), now: NOW, log: Vec::new() }
    }

    fn record(&mut self, event: OfferEvent) {
        self.offers.apply(&event, self.now);
        self.log.push((event, self.now));
    }

    fn wait(&mut self, seconds: u64) {
        self.now = self.now.plus(Duration::from_secs(seconds));
    }

    /// Does what is to be done, and says it: `ask Bo (1)`, with the round; `standing`; `rest 30`, in seconds; `nobody`.
    fn next(&mut self) -> String {
        match self.offers.next(&self.need, &self.team, RULES, self.now) {
            Next::Ask(event, why) => {
                let OfferEvent::Offered { agent, until, round } = &event else { panic!("{event:?}") };
                assert_eq!(*until, self.now.plus(RULES.answer_within));
                assert_eq!(why.chosen.as_ref().map(|chosen| &chosen.agent), Some(agent));
                let said = format!("ask {} ({round})", agent.name);
                self.record(event);
                said
            }
            Next::Standing(until) => {
                assert_eq!(Some(until), self.offers.standing().map(|offer| offer.until));
                "standing".into()
            }
            Next::Rest(until) => format!("rest {}", until.since(self.now).as_secs()),
            Next::Nobody(why) => told(&why),
            Next::Enough => "enough".into(),
        }
    }

    fn answer(&mut self, name: &str, accepts: bool) -> Result<(), NoOffer> {
        let event = self.offers.answer(agent_id(name), accepts, self.now)?;
        self.record(event);
        Ok(())
    }

    fn declines(&mut self, name: &str) {
        self.answer(name, false).unwrap();
    }

    fn let_it_pass(&mut self) {
        self.wait(20);
        let event = self.offers.overdue(self.now).unwrap();
        self.record(event);
    }
}

fn ended(name: &str, end: OfferEnd) -> OfferEvent {
    OfferEvent::Ended { agent: agent_id(name), end }
}

#[test]
fn accepted() {
    let mut play = Play::new("", "Bo; Cleo 1/5");
    assert_eq!(play.next(), "ask Bo (1)");
    assert_eq!(play.next(), "standing");
    assert_eq!(play.answer("Bo", true), Ok(()));
    assert_eq!(play.log[1].0, ended("Bo", OfferEnd::Accepted));
    assert_eq!(play.offers, Offers::default(), "should it come back, it begins anew");
}

#[test]
fn declined_so_the_next_one_is_asked() {
    let mut play = Play::new("", "Bo; Cleo 1/5; Dan 2/5");
    assert_eq!(play.next(), "ask Bo (1)");
    play.declines("Bo");
    assert_eq!(play.offers.passed(), [(agent_id("Bo"), Pass::Declined)]);
    assert_eq!(play.next(), "ask Cleo (1)");
    play.declines("Cleo");
    assert_eq!(play.next(), "ask Dan (1)");
    let ends: Vec<_> =
        play.log.iter().map(|(event, _)| event).filter(|e| matches!(e, OfferEvent::Ended { .. })).collect();
    assert_eq!(ends, [&ended("Bo", OfferEnd::Declined), &ended("Cleo", OfferEnd::Declined)]);
}

#[test]
fn unanswered_so_the_next_one_is_asked() {
    let mut play = Play::new("", "Bo; Cleo 1/5");
    assert_eq!(play.next(), "ask Bo (1)");
    play.wait(19);
    assert_eq!(play.offers.overdue(play.now), None);
    play.wait(1);
    let over = play.offers.overdue(play.now).unwrap();
    assert_eq!(over, ended("Bo", OfferEnd::Unanswered));
    play.record(over);
    assert_eq!(play.offers.passed(), [(agent_id("Bo"), Pass::Unanswered)]);
    assert_eq!(play.next(), "ask Cleo (1)");
}

#[test]
fn only_who_is_asked_can_answer_and_only_in_time() {
    let mut play = Play::new("", "Bo; Cleo 1/5");
    assert_eq!(play.answer("Bo", true), Err(NoOffer), "not asked yet");
    play.next();
    assert_eq!(play.answer("Cleo", true), Err(NoOffer), "somebody else is asked");
    assert_eq!(play.answer("Cleo", false), Err(NoOffer));
    play.wait(20);
    assert_eq!(play.answer("Bo", true), Err(NoOffer), "too late, though nobody has looked yet");
    assert_eq!(play.answer("Bo", false), Err(NoOffer));
    assert_eq!(play.log.len(), 1);

    let mut play = Play::new("", "Bo");
    play.next();
    play.wait(19);
    assert_eq!(play.answer("Bo", true), Ok(()));
    assert_eq!(play.answer("Bo", true), Err(NoOffer), "twice");
}

#[test]
fn when_all_have_passed_the_round_begins_again_after_a_rest() {
    let mut play = Play::new("", "Bo; Cleo 1/5");
    play.next();
    play.declines("Bo");
    play.next();
    play.let_it_pass();
    assert_eq!(play.next(), "rest 30");
    play.wait(29);
    assert_eq!(play.next(), "rest 1");
    play.wait(1);
    assert_eq!(play.next(), "ask Bo (2)");
    assert_eq!(play.offers.passed(), []);
    play.declines("Bo");
    assert_eq!(play.next(), "ask Cleo (2)");
    play.declines("Cleo");
    // Each rest is longer than the one before, so that a night of offers to nobody stays short.
    assert_eq!(play.next(), "rest 60");
    play.wait(60);
    assert_eq!(play.next(), "ask Bo (3)");
}

#[test]
fn a_session_is_not_offered_without_end() {
    let mut play = Play::new("", "Bo");
    let mut seconds = 0;
    for round in 1..=limits::OFFERS {
        assert_eq!(play.next(), format!("ask Bo ({round})"));
        play.declines("Bo");
        if let Next::Rest(until) = play.offers.next(&play.need, &play.team, RULES, play.now) {
            seconds += until.since(play.now).as_secs();
            play.now = until;
        }
    }
    assert!(play.offers.is_enough());
    assert!(matches!(play.offers.next(&play.need, &play.team, RULES, play.now), Next::Enough));
    assert!(seconds > 13 * 3600, "longer than a night: {seconds} s");
}

#[test]
fn who_comes_in_the_rest_is_asked_at_once() {
    let mut play = Play::new("", "Bo; Cleo offline");
    play.next();
    play.declines("Bo");
    assert_eq!(play.next(), "rest 30");
    play.team = agents("Bo; Cleo");
    assert_eq!(play.next(), "ask Cleo (1)");
}

#[test]
fn with_nobody_able_there_is_no_round() {
    let mut play = Play::new("+law:1", "Bo; Cleo +law:1 5/5");
    assert_eq!(play.next(), "nobody | Cleo at_maximum 5/5, Bo lacks law:1");
    play.team = agents("Bo; Cleo +law:1");
    assert_eq!(play.next(), "ask Cleo (1)");
    play.declines("Cleo");
    play.team = agents("Bo; Cleo +law:1 away");
    assert_eq!(play.next(), "nobody | Cleo away, Bo lacks law:1");
    play.wait(3_600);
    play.team = agents("Bo; Cleo +law:1");
    assert_eq!(play.next(), "ask Cleo (2)");
}

#[test]
fn who_is_gone_did_not_decline() {
    let mut play = Play::new("", "Bo; Cleo 1/5");
    play.next();
    assert_eq!(play.offers.gone(agent_id("Cleo")), None, "it was not hers");
    let gone = play.offers.gone(agent_id("Bo")).unwrap();
    play.record(gone);
    assert_eq!(play.offers.passed(), []);
    play.team = agents("Bo offline; Cleo 1/5");
    assert_eq!(play.next(), "ask Cleo (1)");
    play.declines("Cleo");
    play.team = agents("Bo; Cleo 1/5");
    assert_eq!(play.next(), "ask Bo (1)");
}

#[test]
fn what_needs_nobody_any_more_is_withdrawn() {
    let mut play = Play::new("", "Bo; Cleo 1/5");
    assert_eq!(play.offers.withdraw(), None);
    play.next();
    play.declines("Bo");
    play.next();
    let withdrawn = play.offers.withdraw().unwrap();
    assert_eq!(withdrawn, ended("Cleo", OfferEnd::Withdrawn));
    play.record(withdrawn);
    assert_eq!(play.offers, Offers::default());
    assert_eq!(play.answer("Cleo", true), Err(NoOffer));
}

#[test]
fn the_next_one_is_told_who_passed() {
    let mut play = Play::new("", "Bo; Cleo 1/5; Dan 2/5");
    play.next();
    play.declines("Bo");
    play.next();
    play.let_it_pass();
    let Next::Ask(_, why) = play.offers.next(&play.need, &play.team, RULES, play.now) else { panic!() };
    assert_eq!(told(&why), "Dan only_one | Bo declined, Cleo unanswered");
}

#[test]
fn an_end_of_an_offer_that_does_not_stand_changes_nothing() {
    let mut offers = Offers::default();
    offers.apply(&ended("Bo", OfferEnd::Declined), NOW);
    assert_eq!(offers, Offers::default());
    offers.apply(&offers.offer(agent_ref("Cleo"), RULES, NOW), NOW);
    let before = offers.clone();
    offers.apply(&ended("Bo", OfferEnd::Accepted), NOW);
    assert_eq!(offers, before);
}

#[test]
fn what_hand_out_chose_is_offered_within_the_round() {
    let mut offers = Offers::default();
    let event = offers.offer(agent_ref("Bo"), RULES, NOW);
    let until = NOW.plus(RULES.answer_within);
    assert_eq!(event, OfferEvent::Offered { agent: agent_ref("Bo"), until, round: 1 });
    offers.apply(&event, NOW);
    offers.apply(&ended("Bo", OfferEnd::Declined), NOW);
    offers.apply(&offers.offer(agent_ref("Cleo"), RULES, NOW), NOW);
    assert_eq!(offers.passed(), [(agent_id("Bo"), Pass::Declined)]);
}

/// What an agent of the random play does with an offer.
#[derive(Debug, Clone, Copy)]
enum Mood {
    Accepts,
    Declines,
    Sleeps,
    Leaves,
}

/// Whoever comes and goes and answers as they like: each round asks nobody twice, ends only when nobody is left to
/// ask, and a session that somebody would take is taken.
#[test]
fn any_team_is_asked_fairly() {
    let mut random = StdRng::seed_from_u64(13);
    let mut rounds = HashMap::new();
    for game in 0..400 {
        let mut play = Play::new("", "");
        let size = random.random_range(1..7);
        play.team = (0..size).map(|n| naive::any_agent(&mut random, n)).collect();
        play.need = Need { passed: Vec::new(), ..naive::any_need(&mut random, size) };
        // In most games nobody accepts before the end.
        let moods = [Mood::Declines, Mood::Sleeps, Mood::Leaves, Mood::Declines];
        let mut asked: HashSet<AgentId> = HashSet::new();
        let mut round_now = 0;
        for step in 0..60 {
            if let Some(agent) = play.team.iter_mut().find(|_| random.random_bool(0.1)) {
                agent.availability = *Availability::ALL.choose(&mut random).unwrap();
            }
            match play.offers.next(&play.need, &play.team, RULES, play.now) {
                Next::Ask(event, why) => {
                    let OfferEvent::Offered { agent, round, .. } = &event else { panic!("{event:?}") };
                    let candidate = play.team.iter().find(|candidate| candidate.agent == *agent).unwrap();
                    assert!(naive::able(&play.need, candidate), "{why:?}");
                    if *round > round_now.max(1) {
                        let left = play
                            .team
                            .iter()
                            .filter(|one| naive::able(&play.need, one) && !asked.contains(&one.agent.id));
                        assert_eq!(left.count(), 0, "game {game}, step {step}: the round was not over");
                        assert_eq!(*round, round_now + 1);
                        asked.clear();
                    }
                    round_now = *round;
                    let id = agent.id;
                    assert!(!asked.contains(&id), "game {game}, step {step}: asked twice in a round");
                    play.record(event);
                    assert!(matches!(
                        play.offers.next(&play.need, &play.team, RULES, play.now),
                        Next::Standing(_)
                    ));
                    let mood = if step > 40 { Mood::Accepts } else { *moods.choose(&mut random).unwrap() };
                    let end = match mood {
                        Mood::Accepts => play.offers.answer(id, true, play.now).ok(),
                        Mood::Declines => play.offers.answer(id, false, play.now).ok(),
                        Mood::Sleeps => {
                            play.wait(20);
                            play.offers.overdue(play.now)
                        }
                        Mood::Leaves => play.offers.gone(id),
                    };
                    play.record(end.unwrap());
                    if !matches!(mood, Mood::Leaves) {
                        asked.insert(id);
                    }
                    if matches!(mood, Mood::Accepts) {
                        break;
                    }
                }
                Next::Standing(_) => panic!("answered already"),
                Next::Enough => break,
                Next::Rest(until) => play.now = until,
                Next::Nobody(why) => {
                    let able = play.team.iter().filter(|agent| naive::able(&play.need, agent));
                    assert_eq!(able.count(), 0, "game {game}, step {step}: {why:?}");
                    play.wait(1);
                }
            }
        }
        *rounds.entry(round_now).or_insert(0) += 1;
        let mut replayed = Offers::default();
        for (event, at) in &play.log {
            replayed.apply(event, *at);
        }
        assert_eq!(replayed, play.offers, "game {game}: another node would think otherwise");
    }
    assert!(rounds.len() > 5, "{rounds:?}");
}
