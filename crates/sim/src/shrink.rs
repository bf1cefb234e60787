//! Making a failure small: steps are left out, in ever smaller pieces, as long as the same promise breaks (Zeller and Hildebrandt 2002, ddmin).

use crate::run::{STEPS_A_WORLD, play};

/// How many times a script is tried at most.
const TRIES_MAX: u32 = 4_000;

/// A small script that breaks a promise.
#[derive(Debug, Clone)]
pub struct Small {
    /// The world's seed.
    pub seed: u64,
    /// The steps that are left.
    pub steps: Vec<u64>,
    /// What happens, in words; the last line is what broke.
    pub log: Vec<String>,
}

/// Makes the failure of a seed small. None when the seed's world keeps its promises.
pub fn shrink(seed: u64) -> Option<Small> {
    let breaks = |steps: &[u64]| play(seed, steps.iter().copied(), false).violation.map(|violation| violation.check);
    let mut steps: Vec<u64> = (0..STEPS_A_WORLD).collect();
    let check = breaks(&steps)?;
    let (mut pieces, mut tries) = (2_usize, 0);
    while steps.len() > 1 && tries < TRIES_MAX {
        let length = steps.len().div_ceil(pieces);
        let mut is_smaller = false;
        let mut from = 0;
        while from < steps.len() && tries < TRIES_MAX {
            let to = (from + length).min(steps.len());
            let rest: Vec<u64> = steps[..from].iter().chain(&steps[to..]).copied().collect();
            tries += 1;
            if breaks(&rest) == Some(check) {
                steps = rest;
                is_smaller = true;
            } else {
                from = to;
            }
        }
        if is_smaller {
            pieces = (pieces - 1).max(2);
        } else if length == 1 {
            break;
        } else {
            pieces = (pieces * 2).min(steps.len());
        }
    }
    let log = play(seed, steps.iter().copied(), true).into_log();
    Some(Small { seed, steps, log })
}
