//! The only source of randomness: the operating system's, or a seeded one for tests and demo data.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::digest;
use jiff::Timestamp;
use kernel::Id;
use uuid::Uuid;

/// A source of random bytes and of ids made from them.
#[derive(Debug, Clone, Default)]
pub struct Random(Source);

#[derive(Debug, Clone, Default)]
enum Source {
    #[default]
    System,
    Seeded {
        seed: u64,
        drawn: Arc<AtomicU64>,
    },
}

impl Random {
    /// Unpredictable bytes.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// The same bytes in the same order for the same seed. Never for secrets of a real server.
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded { seed, drawn: Arc::default() })
    }

    /// So many random bytes.
    #[expect(
        clippy::expect_used,
        clippy::disallowed_methods,
        reason = "the one place that draws; without the operating system's randomness no secret can be made; stopping is the safe answer"
    )]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0_u8; N];
        match &self.0 {
            Source::System => aws_lc_rs::rand::fill(&mut bytes).expect("the operating system gives random bytes"),
            Source::Seeded { seed, drawn } => {
                for chunk in bytes.chunks_mut(32) {
                    let count = drawn.fetch_add(1, Ordering::SeqCst);
                    let mut input = seed.to_be_bytes().to_vec();
                    input.extend(count.to_be_bytes());
                    let block = digest::digest(&digest::SHA256, &input);
                    for (to, from) in chunk.iter_mut().zip(block.as_ref()) {
                        *to = *from;
                    }
                }
            }
        }
        bytes
    }

    /// A number from 0 to `below - 1`, without bias.
    pub fn below(&self, below: u64) -> u64 {
        let below = below.max(1);
        let zone = u64::MAX - u64::MAX % below;
        loop {
            let number = u64::from_be_bytes(self.bytes());
            if number < zone {
                return number % below;
            }
        }
    }

    /// A UUIDv7 (RFC 9562): milliseconds of `now`, then random bits.
    pub fn uuid_v7(&self, now: Timestamp) -> Uuid {
        let milliseconds = u64::try_from(now.as_millisecond()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(milliseconds, &self.bytes()).into_uuid()
    }

    /// A new typed id.
    pub fn id<T: Id>(&self, now: Timestamp) -> T {
        T::from(self.uuid_v7(now))
    }
}
