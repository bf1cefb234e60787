//! The simulated database kept honest: random sequences of commands on it and on a real PostgreSQL, through the real lanes, must give the same
//! answers and leave the same tables.
//!
//! `DIFFERENTIAL_SEQUENCES=2000 cargo test --package sim --test differential -- --nocapture`
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod real;
mod told;

#[path = "../../../app/tests/support/house.rs"]
mod support;

use boxoffice::lane::command::Command;
use sim::World;
use sim::dice::Dice;
use sim::scene;

use real::Real;
use told::{settled, summary};

/// How many sequences the ordinary test compares.
const SEQUENCES: u64 = 200;

/// Commands that are asked for at the same instant.
fn next_group(world: &mut World, dice: &mut Dice) -> Vec<Command> {
    let wanted = 1 + dice.below(4);
    (0..wanted).filter_map(|_| world.next_command(dice)).collect()
}

/// One sequence; answers how many commands it had.
async fn compare(real: &mut Real, number: u64) -> usize {
    let mut dice = Dice::of(20_261_201, number);
    let mut world = World::calm(number, real.microseconds());
    real.open(&world, number).await;
    let mut commands = 0;
    for _ in 0..4 + dice.below(4) {
        let group = next_group(&mut world, &mut dice);
        for command in &group {
            if let Command::Settle(settle) = command {
                let payment = scene::number(settle.payment.uuid());
                if world.succeed(payment) {
                    real.succeed(payment).await;
                }
            }
        }
        let simulated = world.ask_all(&group);
        let asked = real.ask_all(&group).await;
        assert_eq!(simulated.len(), asked.len());
        for ((command, simulated), asked) in group.iter().zip(&simulated).zip(&asked) {
            real.learn(simulated, asked);
            let (simulated, asked) = (summary(simulated, scene::number), summary(asked, |id| real.number(id)));
            assert_eq!(simulated, asked, "sequence {number}: the answers to {command:?}");
        }
        commands += group.len();
        let seconds = i64::from(*[0, 1, 60, 599, 600, 1_200].get(dice.below(6)).unwrap());
        world.pass(seconds * 1_000_000);
        real.pass(seconds);
    }
    let (simulated, kept) = (settled(told::tables(&world)), settled(real.tables().await));
    assert_eq!(simulated, kept, "sequence {number}: the tables");
    commands
}

#[tokio::test]
async fn the_simulated_database_answers_and_keeps_what_the_real_one_does() {
    let sequences = std::env::var("DIFFERENTIAL_SEQUENCES").ok().and_then(|text| text.parse().ok());
    let sequences: u64 = sequences.unwrap_or(SEQUENCES);
    let mut real = Real::start().await;
    let mut commands = 0;
    for number in 0..sequences {
        commands += compare(&mut real, number).await;
    }
    real.check().await;
    println!("{sequences} sequences, {commands} commands: the same answers, the same tables");
    assert!(commands > usize::try_from(sequences).unwrap() * 5, "too little was asked");
}
