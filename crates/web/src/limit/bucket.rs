//! One limit: so many in a window, for each key, by the generic cell rate algorithm.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

type Limiter = RateLimiter<String, DashMapStateStore<String>, DefaultClock, StateInformationMiddleware>;

/// A limit with a name.
pub(super) struct Bucket {
    name: &'static str,
    quota: NonZeroU32,
    window_seconds: u32,
    limiter: Limiter,
    clock: DefaultClock,
}

/// How a caller stands with one limit after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    name: &'static str,
    quota: u32,
    window_seconds: u32,
    remaining: u32,
    /// Seconds until the quota is whole again; for a refused request, until one more is allowed.
    seconds: u32,
    is_allowed: bool,
}

impl Bucket {
    pub(super) fn new(name: &'static str, quota: NonZeroU32, window_seconds: u32) -> Self {
        let interval = (Duration::from_secs(u64::from(window_seconds)) / quota.get()).max(Duration::from_nanos(1));
        let rate = Quota::with_period(interval).unwrap_or_else(|| Quota::per_second(quota)).allow_burst(quota);
        let limiter = RateLimiter::dashmap(rate).with_middleware::<StateInformationMiddleware>();
        Self { name, quota, window_seconds, limiter, clock: DefaultClock::default() }
    }

    pub(super) fn take(&self, key: &str) -> Standing {
        let (remaining, seconds, is_allowed) = match self.limiter.check_key(&key.to_owned()) {
            Ok(snapshot) => {
                let remaining = snapshot.remaining_burst_capacity();
                let used = u64::from(self.quota.get().saturating_sub(remaining));
                let seconds = (used * u64::from(self.window_seconds)).div_ceil(u64::from(self.quota.get()));
                (remaining, u32::try_from(seconds).unwrap_or(u32::MAX), true)
            }
            Err(refused) => (0, whole_seconds(refused.wait_time_from(self.clock.now())), false),
        };
        Standing {
            name: self.name,
            quota: self.quota.get(),
            window_seconds: self.window_seconds,
            remaining,
            seconds,
            is_allowed,
        }
    }

    pub(super) fn forget_the_quiet(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }
}

fn whole_seconds(wait: Duration) -> u32 {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    u32::try_from(seconds).unwrap_or(u32::MAX).max(1)
}

impl Standing {
    pub(super) fn is_allowed(&self) -> bool {
        self.is_allowed
    }

    pub(super) fn retry_after_seconds(&self) -> Option<u32> {
        (!self.is_allowed).then_some(self.seconds)
    }

    /// An item of `RateLimit`.
    pub(super) fn limit(&self) -> String {
        format!("\"{}\";r={};t={}", self.name, self.remaining, self.seconds)
    }

    /// An item of `RateLimit-Policy`.
    pub(super) fn policy(&self) -> String {
        format!("\"{}\";q={};w={}", self.name, self.quota, self.window_seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_for_each_key_alone() {
        let bucket = Bucket::new("holds", NonZeroU32::new(2).unwrap(), 3600);
        assert_eq!(bucket.take("a").limit(), "\"holds\";r=1;t=1800");
        assert_eq!(bucket.take("a").limit(), "\"holds\";r=0;t=3600");
        let refused = bucket.take("a");
        assert_eq!((refused.is_allowed(), refused.policy().as_str()), (false, "\"holds\";q=2;w=3600"));
        assert!(refused.retry_after_seconds().is_some_and(|seconds| (1..=1800).contains(&seconds)));
        assert!(bucket.take("b").is_allowed());
    }
}
