//! One choice.

use std::collections::HashSet;

use hub::routing::policy::{Candidate, choose};
use protocol::{Because, RoutedBy, SkipReason, limits::SKIPPED_NAMED};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::SliceRandom as _};

use super::{
    naive,
    words::{agents, need, told},
};

/// Each: what it shows, what the session needs, who is there, and what is told.
type Case = (&'static str, &'static str, &'static str, &'static str);

fn check(cases: &[Case]) {
    for (what, needs, team, expected) in cases {
        let why = choose(&need(needs), &agents(team), RoutedBy::Automatic);
        assert_eq!(told(&why), *expected, "{what}: [{needs}] of [{team}]");
        assert_eq!(why.considered as usize, agents(team).len(), "{what}");
    }
}

#[test]
fn who_is_able() {
    check(&[
        ("nobody is there", "", "", "nobody"),
        ("one is", "", "Bo", "Bo only_one"),
        ("busy by choice", "", "Bo busy", "nobody | Bo busy"),
        ("away", "", "Bo away", "nobody | Bo away"),
        ("offline", "", "Bo offline", "nobody | Bo offline"),
        ("disabled", "", "Bo disabled", "nobody | Bo disabled"),
        ("disabled says more than offline", "", "Bo disabled offline", "nobody | Bo disabled"),
        ("at the maximum", "", "Bo 5/5", "nobody | Bo at_maximum 5/5"),
        ("busy because of the maximum", "", "Bo 5/5 busy", "nobody | Bo at_maximum 5/5"),
        ("over it, since it was lowered", "", "Bo 5/3", "nobody | Bo at_maximum 5/3"),
        ("one below it", "", "Bo 4/5", "Bo only_one"),
        ("takes none", "", "Bo 0/0", "nobody | Bo at_maximum 0/0"),
        ("takes one", "", "Bo 0/1", "Bo only_one"),
        ("away says more than full", "", "Bo 5/5 away", "nobody | Bo away"),
        ("the able of two", "", "Bo away; Cleo", "Cleo only_one | Bo away"),
        ("in the team", "@sales", "Bo @sales", "Bo only_one"),
        ("in another team", "@sales", "Bo @help", "nobody | Bo not_in_team"),
        ("in both", "@sales", "Bo @help @sales", "Bo only_one"),
        ("in none", "@sales", "Bo", "nobody | Bo not_in_team"),
        ("any team will do", "", "Bo @help", "Bo only_one"),
        ("strangers to the team who are offline", "@sales", "Bo offline", "nobody | Bo not_in_team"),
        (
            "a team of the absent",
            "@sales",
            "Bo @sales offline; Cleo",
            "nobody | Bo offline, Cleo not_in_team",
        ),
        ("knows it", "+law:3", "Bo +law:3", "Bo only_one"),
        ("knows it better", "+law:3", "Bo +law:5", "Bo only_one"),
        ("knows too little", "+law:3", "Bo +law:2", "nobody | Bo lacks law:3 has 2"),
        ("does not know it", "+law:3", "Bo +tax:5", "nobody | Bo lacks law:3"),
        ("knows one of two", "+law:1 +tax:2", "Bo +law:5", "nobody | Bo lacks tax:2"),
        ("knows both", "+law:1 +tax:2", "Bo +tax:2 +law:1", "Bo only_one"),
        (
            "two who know one each",
            "+law:1 +tax:1",
            "Bo +law:1; Cleo +tax:1",
            "nobody | Bo lacks tax:1, Cleo lacks law:1",
        ),
        ("knows more than is asked", "", "Bo +law:5", "Bo only_one"),
        (
            "skill and team",
            "@sales +law:1",
            "Bo @sales; Cleo +law:1",
            "nobody | Bo lacks law:1, Cleo not_in_team",
        ),
        ("declined", "declined:Bo", "Bo", "nobody | Bo declined"),
        ("did not answer", "unanswered:Bo", "Bo", "nobody | Bo unanswered"),
        ("the next one, then", "declined:Bo", "Bo; Cleo", "Cleo only_one | Bo declined"),
        ("declined, and left", "declined:Bo", "Bo offline", "nobody | Bo offline"),
        ("declined, and is full now", "declined:Bo", "Bo 5/5", "nobody | Bo declined"),
    ]);
}

#[test]
fn who_is_preferred() {
    check(&[
        ("less to do", "", "Bo 2/5; Cleo 1/5", "Cleo least_loaded"),
        ("less to do, whatever the order", "", "Cleo 1/5; Bo 2/5", "Cleo least_loaded"),
        ("less, relative to the maximum", "", "Bo 2/10; Cleo 1/4", "Bo least_loaded"),
        ("equal fractions are equal", "", "Bo 1/3 idle:1; Cleo 2/6 idle:2", "Cleo longest_idle"),
        ("close fractions are not", "", "Bo 333/1000 idle:1; Cleo 1/3 idle:2", "Bo least_loaded"),
        (
            "closer than a float can tell",
            "",
            "Bo 4294967293/4294967294; Cleo 4294967294/4294967295",
            "Bo least_loaded",
        ),
        ("nothing to do, small or great maximum", "", "Bo 0/1 idle:1; Cleo 0/9 idle:2", "Cleo longest_idle"),
        ("who knows it best", "+law:1", "Bo +law:2; Cleo +law:4", "Cleo most_skilled"),
        ("load before knowledge", "+law:1", "Bo 1/5 +law:5; Cleo 0/5 +law:1", "Cleo least_loaded"),
        ("knowledge before idleness", "+law:1", "Bo +law:2 idle:1; Cleo +law:1 idle:9", "Bo most_skilled"),
        ("the sum counts", "+law:1 +tax:1", "Bo +law:5 +tax:1; Cleo +law:3 +tax:4", "Cleo most_skilled"),
        ("what is not asked does not", "+law:1", "Bo +law:2; Cleo +law:1 +tax:5", "Bo most_skilled"),
        ("nothing is asked", "", "Bo +law:1 idle:2; Cleo +law:5 idle:1", "Bo longest_idle"),
        ("longest idle", "", "Bo idle:5; Cleo idle:6; Dan idle:4", "Cleo longest_idle"),
        ("nothing tells them apart", "", "Dan; Cleo; Bo", "Bo equal"),
        ("the best of three by the second", "", "Bo 1/5; Cleo idle:2; Dan idle:1", "Cleo longest_idle"),
        ("the best of three by the first", "", "Bo 1/5; Cleo 3/5; Dan 2/5", "Bo least_loaded"),
        (
            "who is unable is not compared with",
            "",
            "Bo 1/5; Cleo away; Dan 5/5",
            "Bo only_one | Dan at_maximum 5/5, Cleo away",
        ),
    ]);
}

#[test]
fn whom_the_customer_had_before() {
    check(&[
        ("comes first", "was:Cleo", "Bo; Cleo 4/5", "Cleo returning_customer"),
        ("and alone", "was:Bo", "Bo", "Bo returning_customer"),
        ("before who speaks the language", "was:Bo ~de", "Bo 3/5; Cleo ~de", "Bo returning_customer"),
        ("never the absent", "was:Bo", "Bo away; Cleo 4/5", "Cleo only_one | Bo away"),
        ("never the offline", "was:Bo", "Bo offline; Cleo 4/5", "Cleo only_one | Bo offline"),
        ("never the full", "was:Bo", "Bo 5/5; Cleo 4/5", "Cleo only_one | Bo at_maximum 5/5"),
        ("never the disabled", "was:Bo", "Bo disabled; Cleo", "Cleo only_one | Bo disabled"),
        ("not of another team", "was:Bo @sales", "Bo; Cleo @sales", "Cleo only_one | Bo not_in_team"),
        (
            "not without the skill",
            "was:Bo +law:2",
            "Bo +law:1; Cleo +law:2",
            "Cleo only_one | Bo lacks law:2 has 1",
        ),
        ("not against the will", "was:Bo declined:Bo", "Bo; Cleo", "Cleo only_one | Bo declined"),
        ("not without a required language", "was:Bo ~de!", "Bo; Cleo ~de", "Cleo only_one | Bo language"),
        (
            "and is told of first",
            "was:Cleo",
            "Bo 5/5; Cleo offline",
            "nobody | Cleo offline, Bo at_maximum 5/5",
        ),
        ("who left the company", "was:Zoe", "Bo; Cleo 1/5", "Bo least_loaded"),
    ]);
}

#[test]
fn languages() {
    check(&[
        ("who speaks it", "~de", "Bo ~en; Cleo 4/5 ~de", "Cleo language"),
        ("nobody waits for it", "~de", "Bo ~en", "Bo only_one"),
        ("nobody here speaks it", "~de", "Bo ~en 1/5; Cleo ~fr", "Cleo least_loaded"),
        ("who speaks it is away", "~de", "Bo ~de away; Cleo", "Cleo only_one | Bo away"),
        ("two speak it", "~de", "Bo ~de 1/5; Cleo ~de; Dan", "Cleo least_loaded"),
        ("of another country", "~de", "Bo; Cleo ~de-AT", "Cleo language"),
        ("of another country, asked", "~pt-BR", "Bo; Cleo ~pt-PT", "Cleo language"),
        ("in capitals", "~DE", "Bo; Cleo ~de", "Cleo language"),
        ("with an underscore", "~de_DE", "Bo; Cleo ~de-CH", "Cleo language"),
        ("another one that begins alike", "~de", "Bo; Cleo ~den idle:1", "Cleo longest_idle"),
        ("required", "~de!", "Bo ~en; Cleo ~de 4/5", "Cleo only_one | Bo language"),
        ("required, and nobody speaks it", "~de!", "Bo ~en", "nobody | Bo language"),
        (
            "skills before languages, when they lack",
            "+law:1 ~de",
            "Bo ~de; Cleo +law:1",
            "Cleo only_one | Bo lacks law:1",
        ),
        ("language before load", "~de", "Bo 4/5 ~de; Cleo 0/5", "Bo language"),
        ("language before knowledge", "~de +law:1", "Bo +law:1 ~de; Cleo +law:5", "Bo language"),
    ]);
}

#[test]
fn a_required_language_that_is_not_known_is_no_hindrance() {
    let mut unknown = need("~de!");
    unknown.language = None;
    assert_eq!(told(&choose(&unknown, &agents("Bo ~en"), RoutedBy::Offer)), "Bo only_one");
}

#[test]
fn the_skipped_are_told_by_how_close_they_came() {
    let team = "Ann disabled; Ben @help; Cal @sales; Dan @sales +law:1; Eve @sales +law:3; Fay @sales +law:3 ~de offline;
        Gus @sales +law:3 ~de away; Hal @sales +law:3 ~de busy; Ida @sales +law:3 ~de; Jan @sales +law:3 ~de 2/2";
    check(&[(
        "closest first",
        "@sales +law:3 ~de! declined:Ida",
        team,
        "nobody | Jan at_maximum 2/2, Ida declined, Hal busy, Gus away, Fay offline, Eve language, Cal lacks law:3, \
         Dan lacks law:3 has 1, Ben not_in_team, Ann disabled",
    )]);
}

#[test]
fn a_long_list_of_the_skipped_is_cut_and_counted() {
    let line = |n: usize, rest: &str| format!("a{n:03}{rest};");
    let team: String = (0..SKIPPED_NAMED + 5)
        .map(|n| line(n, " offline"))
        .chain([line(900, " 5/5"), line(901, " 1/5"), line(902, "")])
        .collect();
    let why = choose(&need(""), &agents(&team), RoutedBy::Automatic);
    assert_eq!(why.skipped.len(), SKIPPED_NAMED);
    assert_eq!(why.skipped_more, 6);
    assert_eq!(why.considered as usize, SKIPPED_NAMED + 8);
    assert_eq!(why.skipped[0].reason, SkipReason::AtMaximum { active: 5, max: 5 });
    assert_eq!(why.skipped[1].agent.name, "a000");
    assert_eq!(why.chosen.unwrap().agent.name, "a902");
}

#[test]
fn what_made_it_act_and_the_load_are_told() {
    for by in [RoutedBy::Automatic, RoutedBy::Offer] {
        let why = choose(&need(""), &agents("Bo 3/7; Cleo 6/7"), by);
        assert_eq!(why.mode, by);
        let chosen = why.chosen.unwrap();
        assert_eq!((chosen.load.active, chosen.load.max), (3, 7));
    }
}

/// Whether the reason is true of the agent, asked the other way round: without it the agent would have come further.
fn is_true(reason: &SkipReason, agent: &Candidate) -> bool {
    match reason {
        SkipReason::Disabled => agent.disabled,
        SkipReason::NotOnline { status } => agent.availability == *status,
        SkipReason::AtMaximum { active, max } => {
            (agent.active, agent.max) == (*active, *max) && active >= max
        }
        SkipReason::MissingSkill { skill, level, has } => {
            let known = agent.skills.iter().find(|(id, _)| *id == skill.id).map(|(_, level)| *level);
            known == *has && known < Some(*level)
        }
        SkipReason::NotInTeam
        | SkipReason::Language
        | SkipReason::Declined
        | SkipReason::Unanswered
        | SkipReason::HandedOn => true,
        SkipReason::Late => false,
    }
}

#[test]
fn any_choice_is_that_of_the_rules_and_is_explained() {
    let mut random = StdRng::seed_from_u64(5);
    let mut reasons = HashSet::new();
    for round in 0..6_000 {
        let size = random.random_range(0..12);
        let mut team: Vec<_> = (0..size).map(|n| naive::any_agent(&mut random, n)).collect();
        let need = naive::any_need(&mut random, size);
        let why = choose(&need, &team, RoutedBy::Automatic);

        let chosen = why.chosen.as_ref().map(|chosen| (chosen.agent.id, chosen.because));
        assert_eq!(chosen, naive::choose(&need, &team), "round {round}: {need:?} of {team:?}");
        let able: Vec<_> = team.iter().filter(|agent| naive::able(&need, agent)).collect();
        let skipped = why.skipped.len() + why.skipped_more as usize;
        assert_eq!(skipped + able.len(), why.considered as usize, "round {round}");
        for skipped in &why.skipped {
            let agent = team.iter().find(|agent| agent.agent == skipped.agent).unwrap();
            assert!(!naive::able(&need, agent), "round {round}: {skipped:?}");
            assert!(is_true(&skipped.reason, agent), "round {round}: {skipped:?} of {agent:?}");
        }
        reasons.extend(chosen.map(|(_, because)| because));

        team.shuffle(&mut random);
        assert_eq!(
            choose(&need, &team, RoutedBy::Automatic),
            why,
            "round {round}: the order made a difference"
        );
    }
    assert_eq!(reasons.len(), Because::ALL.len(), "chance made every reason: {reasons:?}");
}
