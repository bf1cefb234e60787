//! The status of many seats in two bits each: four seats a byte, the first in the lowest bits. Pure.

use super::model::{SeatIndex, SeatStatus};

/// Seats in one byte.
const SEATS_A_BYTE: usize = 4;

/// The status of every seat. Bits behind the last seat are 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    bytes: Vec<u8>,
    seats: usize,
}

/// Bytes that do not hold so many seats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are not the status of {seats} seats")]
pub struct NotPacked {
    /// How many there should be.
    pub seats: usize,
}

impl Packed {
    /// So many free seats.
    pub fn free(seats: usize) -> Self {
        Self { bytes: vec![0; seats.div_ceil(SEATS_A_BYTE)], seats }
    }

    /// The status of seats, one after the other.
    pub fn of(statuses: impl ExactSizeIterator<Item = SeatStatus>) -> Self {
        let mut packed = Self::free(statuses.len());
        for (at, status) in statuses.enumerate() {
            packed.set(SeatIndex::of(at), status);
        }
        packed
    }

    /// Reads bytes that were written by [`Packed::bytes`].
    pub fn parse(bytes: &[u8], seats: usize) -> Result<Self, NotPacked> {
        let unused = seats.div_ceil(SEATS_A_BYTE) * SEATS_A_BYTE - seats;
        let rest = bytes.last().map_or(0, |last| last.checked_shr(shift_of(SEATS_A_BYTE - unused)).unwrap_or(0));
        let is_clean = unused == 0 || rest == 0;
        if bytes.len() == seats.div_ceil(SEATS_A_BYTE) && is_clean {
            Ok(Self { bytes: bytes.to_vec(), seats })
        } else {
            Err(NotPacked { seats })
        }
    }

    /// How many seats there are.
    pub fn len(&self) -> usize {
        self.seats
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.seats == 0
    }

    /// The bytes: seat `i` is in byte `i / 4`, bits `2 * (i % 4)` and the next.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The status of a seat; `None` beyond the last.
    pub fn get(&self, seat: SeatIndex) -> Option<SeatStatus> {
        let at = seat.at();
        let byte = self.bytes.get(at / SEATS_A_BYTE).filter(|_| at < self.seats)?;
        Some(SeatStatus::of_bits(byte.checked_shr(shift_of(at)).unwrap_or(0)))
    }

    /// Writes the status of a seat; nothing beyond the last.
    pub fn set(&mut self, seat: SeatIndex, status: SeatStatus) {
        let at = seat.at();
        if at >= self.seats {
            return;
        }
        if let Some(byte) = self.bytes.get_mut(at / SEATS_A_BYTE) {
            let shift = shift_of(at);
            *byte = (*byte & !(3 << shift)) | (status.bits() << shift);
        }
    }

    /// The seats whose status is another one there.
    pub fn differing(&self, other: &Self) -> Vec<SeatIndex> {
        let bytes = self.bytes.iter().zip(&other.bytes).enumerate().filter(|(_, (ours, theirs))| ours != theirs);
        let seats = bytes.flat_map(|(at, _)| at * SEATS_A_BYTE..(at + 1) * SEATS_A_BYTE).map(SeatIndex::of);
        seats.filter(|seat| self.get(*seat) != other.get(*seat)).collect()
    }

    /// Every seat in order.
    pub fn iter(&self) -> impl Iterator<Item = SeatStatus> + '_ {
        (0..self.seats).map(|at| self.get(SeatIndex::of(at)).unwrap_or(SeatStatus::Blocked))
    }
}

fn shift_of(at: usize) -> u32 {
    match at % SEATS_A_BYTE {
        0 => 0,
        1 => 2,
        2 => 4,
        _ => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn four_seats_are_one_byte_and_the_first_is_lowest() {
        let packed = Packed::of(SeatStatus::ALL.into_iter());
        assert_eq!(packed.bytes(), [0b11_10_01_00]);
        assert_eq!(packed.get(SeatIndex(4)), None);
    }

    proptest! {
        #[test]
        fn the_packed_form_round_trips(bits in proptest::collection::vec(0..4_u8, 0..70)) {
            let statuses: Vec<SeatStatus> = bits.iter().map(|bits| SeatStatus::of_bits(*bits)).collect();
            let packed = Packed::of(statuses.iter().copied());
            prop_assert_eq!(packed.iter().collect::<Vec<_>>(), statuses.clone());
            prop_assert_eq!(Packed::parse(packed.bytes(), statuses.len()), Ok(packed.clone()));
            let mut long = packed.bytes().to_vec();
            long.push(0);
            prop_assert!(Packed::parse(&long, statuses.len()).is_err(), "another byte is no part of it");
            if !statuses.len().is_multiple_of(4) {
                let mut dirty = packed.bytes().to_vec();
                *dirty.last_mut().unwrap() |= 0b1000_0000;
                prop_assert!(Packed::parse(&dirty, statuses.len()).is_err(), "bits behind the last seat are 0");
            }
        }
    }
}
