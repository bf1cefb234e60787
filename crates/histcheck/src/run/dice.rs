//! The choices of the clients, repeatable from a seed.

/// SplitMix64 (Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators, 2014).
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// The same choices for the same seed and client.
    pub fn new(seed: u64, client: u32) -> Self {
        Self(seed ^ (u64::from(client) + 1).wrapping_mul(0xD6E8_FEB8_6659_FD93))
    }

    /// From 0 to `bound` - 1; 0 when there is nothing to choose from.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)).checked_rem(bound).unwrap_or(0)
    }

    /// True in so many cases of a hundred.
    pub fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    /// One of some things, the first ones more often when `is_skewed`.
    pub fn pick<'a, T>(&mut self, things: &'a [T], is_skewed: bool) -> Option<&'a T> {
        let count = u64::try_from(things.len()).unwrap_or(u64::MAX);
        let mut at = self.below(count);
        if is_skewed {
            at = at.min(self.below(count)).min(self.below(count)).min(self.below(count));
        }
        things.get(usize::try_from(at).ok()?)
    }
}
