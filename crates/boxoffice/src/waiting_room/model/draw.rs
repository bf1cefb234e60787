//! The draw: who is present at the opening gets a place by the order of HMAC-SHA256(seed, entry id).
//!
//! The seed is made before anyone can join and committed to by its hash; afterwards it is published, so that everyone can draw again and
//! compare. Nobody who joins can know where an id will stand, since the seed is secret until then.

use aws_lc_rs::{digest, hmac};
use kernel::WaitingEntryId;

/// The entries in the order of their draws: the first has number 1. The key is the seed, the message the id as it is written (`wte_...`).
pub fn draw(seed: &[u8; 32], entries: &[WaitingEntryId]) -> Vec<WaitingEntryId> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, seed);
    let mut drawn: Vec<(Vec<u8>, WaitingEntryId)> = entries
        .iter()
        .map(|entry| (hmac::sign(&key, entry.to_string().as_bytes()).as_ref().to_vec(), *entry))
        .collect();
    drawn.sort_unstable();
    drawn.into_iter().map(|(_, entry)| entry).collect()
}

/// SHA-256 of the roll: the ids of all who were drawn, sorted, each with a line break behind it. It keeps anyone from being added to or
/// taken off the list afterwards.
pub fn roll_hash(entries: &[WaitingEntryId]) -> [u8; 32] {
    let mut lines: Vec<String> = entries.iter().map(|entry| format!("{entry}\n")).collect();
    lines.sort_unstable();
    let mut hash = [0; 32];
    for (to, from) in hash.iter_mut().zip(digest::digest(&digest::SHA256, lines.concat().as_bytes()).as_ref()) {
        *to = *from;
    }
    hash
}

/// Bytes in hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn entries(count: u128) -> Vec<WaitingEntryId> {
        (1..=count).map(|number| WaitingEntryId::from(Uuid::from_u128(number))).collect()
    }

    fn seed(run: u64) -> [u8; 32] {
        platform::vault::sha256(&run.to_be_bytes())
    }

    /// Pearson's statistic over all (person, place) cells; the margins are fixed, so it has (n - 1)^2 degrees of freedom.
    fn chi_square(counts: &[Vec<f64>], runs: f64) -> f64 {
        let expected = runs / f64::from(u32::try_from(counts.len()).unwrap());
        counts.iter().flatten().map(|count| (count - expected).powi(2) / expected).sum()
    }

    #[test]
    fn the_draw_is_uniform_over_200_runs() {
        const PEOPLE: usize = 20;
        let people = entries(20);
        let mut counts = vec![vec![0.0; PEOPLE]; PEOPLE];
        for run in 0..200 {
            for (place, entry) in draw(&seed(run), &people).into_iter().enumerate() {
                counts[people.iter().position(|other| *other == entry).unwrap()][place] += 1.0;
            }
        }
        let statistic = chi_square(&counts, 200.0);
        println!("chi-square over 200 runs of {PEOPLE} people: {statistic:.1} with 361 degrees of freedom");
        // 361 degrees of freedom: mean 361, standard deviation 26.9. The middle 99.9 % lie between 279 and 457.
        assert!((279.0..457.0).contains(&statistic), "{statistic}");
    }

    #[test]
    fn a_draw_that_favours_the_early_would_be_noticed() {
        let people = entries(20);
        let mut counts = vec![vec![0.0; 20]; 20];
        for run in 0..200 {
            // Half of the time the first comer is drawn first.
            let mut drawn = draw(&seed(run), &people);
            if run % 2 == 0 {
                drawn.retain(|entry| *entry != people[0]);
                drawn.insert(0, people[0]);
            }
            for (place, entry) in drawn.into_iter().enumerate() {
                counts[people.iter().position(|other| *other == entry).unwrap()][place] += 1.0;
            }
        }
        assert!(chi_square(&counts, 200.0) > 457.0);
    }

    #[test]
    fn the_same_seed_draws_the_same_whatever_the_order_of_coming() {
        let people = entries(50);
        let mut reversed = people.clone();
        reversed.reverse();
        assert_eq!(draw(&seed(1), &people), draw(&seed(1), &reversed));
        assert_ne!(draw(&seed(1), &people), draw(&seed(2), &people));
        assert_eq!(roll_hash(&people), roll_hash(&reversed));
        assert_ne!(roll_hash(&people), roll_hash(&people[1..]));
    }

    #[test]
    fn the_draw_can_be_repeated_with_common_tools() {
        // printf %s wte_00000000000000000000000001 | openssl dgst -sha256 -mac HMAC -macopt hexkey:0707...07
        let key = hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]);
        let first = WaitingEntryId::from(Uuid::from_u128(1)).to_string();
        assert_eq!(first, "wte_00000000000000000000000001");
        let tag = hex(hmac::sign(&key, first.as_bytes()).as_ref());
        assert_eq!(tag, "55d912e63fd971c8f7445854932098472f421aecf35797d0287b6101cff410b0");
    }
}
