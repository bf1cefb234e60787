//! Chance from a seed: SplitMix64 (Steele, Lea, Flood 2014), small and good enough to choose victims.

use crate::faults::Chance;

/// A stream of draws that is the same for the same seed.
#[derive(Debug, Clone)]
pub struct Draw(u64);

impl Draw {
    /// The stream of one connection of a seed.
    pub fn new(seed: u64, connection: u64) -> Self {
        let mut draw = Self(seed ^ connection.wrapping_mul(0xA24B_AED4_963E_E407));
        draw.next();
        draw
    }

    /// 64 random bits.
    #[expect(
        clippy::should_implement_trait,
        reason = "an endless stream is not an iterator that someone wants to collect"
    )]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below the bound; 0 for a bound of 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or(0)
    }

    /// True as often as the chance says.
    pub fn hits(&mut self, chance: Chance) -> bool {
        self.below(Chance::WHOLE) < chance.millionths()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_and_chances_are_kept() {
        let draws = |seed, connection| {
            let mut draw = Draw::new(seed, connection);
            (0..8).map(|_| draw.next()).collect::<Vec<_>>()
        };
        assert_eq!(draws(1, 2), draws(1, 2));
        assert_ne!(draws(1, 2), draws(1, 3));
        assert_ne!(draws(1, 2), draws(2, 2));
        let mut draw = Draw::new(7, 0);
        let hits = (0..100_000).filter(|_| draw.hits(Chance::of_millionths(20_000))).count();
        assert!((1_800..2_200).contains(&hits), "{hits} of 100,000 at two in a hundred");
        assert!(!draw.hits(Chance::NEVER) && draw.hits(Chance::ALWAYS) && draw.below(0) == 0);
    }
}
