//! What it costs to give away a backlog: 5,000 who wait, 200 agents of five chats each. `cargo bench -p hub`.

use divan::{Bencher, black_box};
use hub::routing::{
    policy::{Candidate, Need},
    queue::{Waiting, hand_out, places},
};
use protocol::{
    AgentId, AgentRef, AskedSkill, Availability, Pass, Priority, RoutedBy, SessionId, SkillId, SkillRef,
    TeamId, UtcMillis,
};
use uuid::Uuid;

const WAITING: u128 = 5_000;
const AGENTS: u128 = 200;
const NOW: UtcMillis = UtcMillis::new(1_000_000);

fn main() {
    divan::main();
}

/// Each knows three of ten skills, and is in one of four teams.
fn agents() -> Vec<Candidate> {
    let agent = |n: u128| Candidate {
        agent: AgentRef { id: AgentId::new(Uuid::from_u128(n)), name: format!("Agent {n}") },
        availability: Availability::Online,
        disabled: false,
        active: 0,
        max: 5,
        skills: (0..3).map(|i| (SkillId::new(Uuid::from_u128((n + i * 3) % 10)), 3)).collect(),
        teams: vec![TeamId::new(Uuid::from_u128(n % 4))],
        languages: vec!["en".into(), "de".into()],
        free_since: NOW,
    };
    (0..AGENTS).map(agent).collect()
}

fn queue(need: impl Fn(u128) -> Need) -> Vec<Waiting> {
    let waiting = |n: u128| Waiting {
        session: SessionId::new(Uuid::from_u128(n)),
        priority: Priority::Normal,
        since: UtcMillis::new(i64::try_from(n * 7_919 % WAITING).unwrap_or_default()),
        need: need(n),
    };
    (0..WAITING).map(waiting).collect()
}

fn skill(n: u128, level: u8) -> AskedSkill {
    AskedSkill { skill: SkillRef { id: SkillId::new(Uuid::from_u128(n)), name: format!("skill {n}") }, level }
}

fn hands_out(bencher: Bencher<'_, '_>, need: impl Fn(u128) -> Need) {
    let (waiting, candidates) = (queue(need), agents());
    bencher.with_inputs(|| (waiting.clone(), candidates.clone())).bench_local_refs(
        |(waiting, candidates)| black_box(hand_out(waiting, candidates, RoutedBy::Automatic, NOW)),
    );
}

/// 1,000 are given away; the others wait for room.
#[divan::bench]
fn anybody_will_do(bencher: Bencher<'_, '_>) {
    hands_out(bencher, |_| Need::default());
}

/// Forty kinds of needs, which all can be met for a while.
#[divan::bench]
fn teams_and_skills(bencher: Bencher<'_, '_>) {
    hands_out(bencher, |n| Need {
        team: Some(TeamId::new(Uuid::from_u128(n % 4))),
        skills: vec![skill(n % 10, 2)],
        language: Some("de".into()),
        previous: Some(AgentId::new(Uuid::from_u128(n % 300))),
        ..Need::default()
    });
}

/// Nobody can take any, and no two need the same: the worst.
#[divan::bench]
fn each_needs_what_nobody_has(bencher: Bencher<'_, '_>) {
    hands_out(bencher, |n| Need {
        skills: vec![skill(n % 10, 5)],
        passed: vec![(AgentId::new(Uuid::from_u128(n)), Pass::Declined)],
        ..Need::default()
    });
}

/// Everybody's place.
#[divan::bench]
fn everybodys_place(bencher: Bencher<'_, '_>) {
    let waiting = queue(|n| Need { team: Some(TeamId::new(Uuid::from_u128(n % 4))), ..Need::default() });
    bencher.bench_local(|| places(black_box(&waiting)));
}
