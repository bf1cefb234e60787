//! What can be done to a connection, as a value and as a line of text.

use std::num::NonZeroU64;
use std::str::FromStr;
use std::time::Duration;

/// Everything that is done to a connection. The default does nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Faults {
    /// Every piece waits this long before it is passed on.
    pub delay: Duration,
    /// And at random up to this much longer.
    pub jitter: Duration,
    /// The most that passes in each direction, in bytes a second.
    pub bytes_per_second: Option<NonZeroU64>,
    /// The connection ends in the middle of what it says.
    pub cut: Option<Cut>,
    /// Connections are taken and nothing is passed on or answered until this is taken back; what was sent meanwhile is passed on then.
    pub black_hole: bool,
    /// New connections are reset at once; open ones go on.
    pub refuse: bool,
    /// How often the answer to a request is kept back and the connection cut, after the peer has begun to answer. A request is what
    /// the client sends until the peer answers. For [`crate::Protocol::Tcp`].
    pub swallow: Chance,
    /// How often the connection is cut before a COMMIT reaches PostgreSQL. For [`crate::Protocol::Postgres`].
    pub commit_cut: Chance,
    /// How often the connection is cut after PostgreSQL has executed a COMMIT and before its answer is passed on. For
    /// [`crate::Protocol::Postgres`].
    pub commit_swallow: Chance,
    /// How often a COMMIT is held back, with all that follows it, until this is never again: the transaction stays open, with its locks, and
    /// neither side knows that the other cannot be heard. For [`crate::Protocol::Postgres`].
    pub commit_hang: Chance,
    /// How connections end that are cut.
    pub end: End,
}

/// A connection that ends after so many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// Whose bytes are counted.
    pub direction: Direction,
    /// Exactly so many are passed on, counted from the connection's beginning.
    pub after_bytes: u64,
}

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the peer.
    Up,
    /// From the peer to the client.
    Down,
}

/// How a client is told that its connection has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum End {
    /// With a reset, as by a machine that went away. A Unix socket is closed instead: it knows no reset.
    #[default]
    Reset,
    /// In order, as by a process that was killed.
    Close,
}

/// How often something happens, in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Chance(u64);

impl Chance {
    /// What [`Chance::ALWAYS`] is in millionths.
    pub(crate) const WHOLE: u64 = 1_000_000;
    /// 0
    pub const NEVER: Self = Self(0);
    /// 1
    pub const ALWAYS: Self = Self(Self::WHOLE);

    /// So many of a million; more than a million is always.
    pub const fn of_millionths(millionths: u64) -> Self {
        if millionths < Self::WHOLE { Self(millionths) } else { Self::ALWAYS }
    }

    pub(crate) fn millionths(self) -> u64 {
        self.0
    }
}

/// A word that names no fault, or a value that does not fit it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is none of delay_ms=N jitter_ms=N bytes_per_second=N cut=up:N cut=down:N black_hole refuse swallow=0.N \
     commit_cut=0.N commit_swallow=0.N commit_hang=0.N end=reset end=close"
)]
pub struct UnknownFault(String);

impl FromStr for Faults {
    type Err = UnknownFault;

    /// Reads `delay_ms=20 commit_swallow=0.02 end=close`; nothing is no fault at all.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut faults = Self::default();
        for word in text.split_whitespace() {
            faults.read(word).ok_or_else(|| UnknownFault(word.to_owned()))?;
        }
        Ok(faults)
    }
}

impl Faults {
    fn read(&mut self, word: &str) -> Option<()> {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        match name {
            "delay_ms" => self.delay = Duration::from_millis(value.parse().ok()?),
            "jitter_ms" => self.jitter = Duration::from_millis(value.parse().ok()?),
            "bytes_per_second" => self.bytes_per_second = Some(value.parse().ok()?),
            "cut" => self.cut = Some(value.parse().ok()?),
            "black_hole" if value.is_empty() => self.black_hole = true,
            "refuse" if value.is_empty() => self.refuse = true,
            "swallow" => self.swallow = value.parse().ok()?,
            "commit_cut" => self.commit_cut = value.parse().ok()?,
            "commit_swallow" => self.commit_swallow = value.parse().ok()?,
            "commit_hang" => self.commit_hang = value.parse().ok()?,
            "end" => self.end = value.parse().ok()?,
            _ => return None,
        }
        Some(())
    }
}

impl FromStr for Cut {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownFault(text.to_owned());
        let (direction, after_bytes) = text.split_once(':').ok_or_else(unknown)?;
        let direction = match direction {
            "up" => Direction::Up,
            "down" => Direction::Down,
            _ => return Err(unknown()),
        };
        Ok(Self { direction, after_bytes: after_bytes.parse().map_err(|_| unknown())? })
    }
}

impl FromStr for End {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "reset" => Ok(Self::Reset),
            "close" => Ok(Self::Close),
            _ => Err(UnknownFault(text.to_owned())),
        }
    }
}

impl FromStr for Chance {
    type Err = UnknownFault;

    /// Reads `1`, `0.02`: at most six digits behind the point.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownFault(text.to_owned());
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        if part.len() > 6 || !part.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(unknown());
        }
        let whole: u64 = whole.parse().map_err(|_| unknown())?;
        let part: u64 = format!("{part:0<6}").parse().map_err(|_| unknown())?;
        let millionths = whole.checked_mul(Self::WHOLE).and_then(|whole| whole.checked_add(part));
        millionths.filter(|millionths| *millionths <= Self::WHOLE).map(Self).ok_or_else(unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_text_becomes_faults() {
        let faults: Faults =
            "delay_ms=20 jitter_ms=5 bytes_per_second=1000 cut=down:7 commit_swallow=0.02 end=close".parse().unwrap();
        let expected = Faults {
            delay: Duration::from_millis(20),
            jitter: Duration::from_millis(5),
            bytes_per_second: NonZeroU64::new(1000),
            cut: Some(Cut { direction: Direction::Down, after_bytes: 7 }),
            commit_swallow: Chance::of_millionths(20_000),
            end: End::Close,
            ..Faults::default()
        };
        assert_eq!(faults, expected);
        assert_eq!("".parse(), Ok(Faults::default()));
        assert_eq!("swallow=1".parse(), Ok(Faults { swallow: Chance::ALWAYS, ..Faults::default() }));
    }

    #[test]
    fn what_is_no_fault_is_refused() {
        for text in
            ["dealy_ms=1", "delay_ms=x", "cut=7", "cut=left:7", "refuse=1", "swallow=1.1", "swallow=.", "end=now"]
        {
            assert_eq!(text.parse::<Faults>(), Err(UnknownFault(text.to_owned())), "{text}");
        }
    }
}
