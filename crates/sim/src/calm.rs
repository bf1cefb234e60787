//! A world in which nothing breaks: the simulated database beside the real one, command by command.

use boxoffice::lane::command::{Command, Outcome};
use boxoffice::order::settle::Settle;

use crate::dice::Dice;
use crate::scene;
use crate::script::Mood;
use crate::world::World;

impl World {
    /// One event, one node, so many microseconds after the beginning.
    pub fn calm(seed: u64, microseconds: i64) -> Self {
        let mut world = Self::with_mood(Mood::calm(), Dice::of(seed, u64::MAX), false);
        world.pass(microseconds);
        world.heard = Some(Vec::new());
        world
    }

    /// What somebody wants next, or a payment that has come.
    pub fn next_command(&mut self, dice: &mut Dice) -> Option<Command> {
        if dice.one_in(5) { self.next_settlement(dice) } else { self.wish(dice) }
    }

    /// Money that comes for one of the orders, sometimes for the second time.
    fn next_settlement(&mut self, dice: &mut Dice) -> Option<Command> {
        let at = dice.below(self.store.payments.len());
        let row = self.store.payment(at)?;
        let (order, amount, payment) = (row.order, row.payment.amount, row.payment.id);
        let event = self.store.order(order)?.known.order.event;
        let (organisation, order) = (scene::organisation(), scene::order(order));
        Some(Command::Settle(Settle { organisation, event, order, payment, amount }))
    }

    /// The provider has the money of a payment; tells whether that is news.
    pub fn succeed(&mut self, payment: usize) -> bool {
        let was_told = self.store.payment(payment).is_none_or(|row| row.told > 0);
        self.take_money(payment);
        !was_told
    }

    /// Asks for some things at once and waits for all answers, in the order of the questions.
    pub fn ask_all(&mut self, commands: &[Command]) -> Vec<Outcome> {
        for command in commands {
            self.send(0, command.clone(), None, false);
        }
        let mut dice = Dice::new(0);
        while self.run_some_task(&mut dice) {}
        let mut heard = self.heard.replace(Vec::new()).unwrap_or_default();
        heard.sort_by_key(|(call, _)| *call);
        heard.into_iter().map(|(_, outcome)| outcome).collect()
    }
}
