//! How many places an event has for a crowd, counted so that nobody is let in for a place that two types share.

use std::collections::BTreeMap;

use kernel::PoolId;

use crate::pool::model::Pool;
use crate::ticket_type::model::TicketType;

/// The places of an event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Places {
    /// Nobody holds them.
    pub left: i64,
    /// Somebody holds them.
    pub held: i64,
    /// They are sold.
    pub sold: i64,
}

/// Counts the places that the types on sale can sell together. Types take from their pools one after the other, so that a place of a
/// shared pool is counted once; with pools that overlap in strange ways this may be fewer than the best order of sales could reach, never more.
pub fn places(types: &[TicketType], pools: &[Pool]) -> Places {
    let of = |room: fn(&Pool) -> i32| -> i64 {
        let mut rooms: BTreeMap<PoolId, i32> = pools.iter().map(|pool| (pool.id, room(pool).max(0))).collect();
        types.iter().filter(|kind| !kind.is_archived).map(|kind| i64::from(take_all(kind, &mut rooms))).sum()
    };
    let (in_all, unsold, left) = (of(|pool| pool.capacity), of(|pool| pool.capacity - pool.sold), of(Pool::available));
    Places { left, held: (unsold - left).max(0), sold: (in_all - unsold).max(0) }
}

/// The most places that one order can take.
pub fn places_an_order_max(types: &[TicketType]) -> i64 {
    types.iter().filter(|kind| !kind.is_archived).map(|kind| i64::from(kind.maximum_per_order)).max().unwrap_or(1)
}

fn take_all(kind: &TicketType, rooms: &mut BTreeMap<PoolId, i32>) -> i32 {
    let most = kind.pools.iter().map(|pool| rooms.get(pool).copied().unwrap_or(0)).min().unwrap_or(0);
    for pool in &kind.pools {
        if let Some(room) = rooms.get_mut(pool) {
            *room -= most;
        }
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticket_type::model::Pricing;
    use kernel::{Currency, Money, TicketTypeId};
    use uuid::Uuid;

    fn pool(id: u128, capacity: i32, held: i32, sold: i32) -> Pool {
        Pool { id: PoolId::from(Uuid::from_u128(id)), capacity, held, sold, version: 1 }
    }

    fn kind(pools: &[u128], is_archived: bool) -> TicketType {
        TicketType {
            id: TicketTypeId::from(Uuid::from_u128(9)),
            name: "Entry".to_owned(),
            description: String::new(),
            pricing: Pricing::Free,
            price: Money::zero(Currency::parse("EUR").unwrap()),
            sale_starts_at: None,
            sale_ends_at: None,
            minimum_per_order: 1,
            maximum_per_order: 4,
            maximum_per_person: None,
            is_addon: false,
            seat_category: None,
            pools: pools.iter().map(|id| PoolId::from(Uuid::from_u128(*id))).collect(),
            is_archived,
            version: 1,
        }
    }

    #[test]
    fn a_shared_room_is_counted_once() {
        // Two types with 80 places each in a room of 100.
        let pools = [pool(1, 100, 5, 20), pool(2, 80, 5, 20), pool(3, 80, 0, 0)];
        let types = [kind(&[1, 2], false), kind(&[1, 3], false), kind(&[3], true)];
        assert_eq!(places(&types, &pools), Places { left: 75, held: 5, sold: 20 });
        assert_eq!(places_an_order_max(&types), 4);
        assert_eq!(places(&[], &pools), Places::default());
    }
}
