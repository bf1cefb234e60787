//! Ticket types as JSON, and as the pages show them: the same values.

use jiff::Timestamp;
use kernel::{Money, PoolId, TicketTypeId};
use serde::Serialize;

use super::model::{EventSale, Pricing, SaleState, TicketType};
use crate::pool::model::Pool;

/// Up to so many places left the public is told the number; above it just "available".
pub const PLACES_TOLD_MAX: i32 = 20;

/// A ticket type as its organiser sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TicketTypeView {
    /// Which one.
    pub id: TicketTypeId,
    /// What it is called.
    pub name: String,
    /// What it includes.
    pub description: String,
    /// How it is priced.
    pub pricing: Pricing,
    /// The price, or the least for pay-what-you-want.
    pub price: Money,
    /// Sold from here on.
    pub sale_starts_at: Option<Timestamp>,
    /// Sold until here.
    pub sale_ends_at: Option<Timestamp>,
    /// The least an order may have, if it has any.
    pub minimum_per_order: i32,
    /// The most an order may have.
    pub maximum_per_order: i32,
    /// The most one person may have over all their orders; null: no limit.
    pub maximum_per_person: Option<i32>,
    /// Whether it is sold only together with a ticket that is none.
    pub is_addon: bool,
    /// The category of the event's layout whose seats it sells; null when it sells places without numbers.
    pub seat_category: Option<String>,
    /// The pools it draws from.
    pub pool_ids: Vec<PoolId>,
    /// Places left.
    pub available: i32,
    /// Whether it can be bought now.
    pub sale: SaleState,
    /// Whether it was taken off sale for good.
    pub is_archived: bool,
    /// How often it was edited; edits must name it in `If-Match`.
    pub version: i64,
}

/// A ticket type as anyone sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PublicTicketTypeView {
    /// Which one.
    pub id: TicketTypeId,
    /// What it is called.
    pub name: String,
    /// What it includes.
    pub description: String,
    /// How it is priced.
    pub pricing: Pricing,
    /// The price, or the least for pay-what-you-want.
    pub price: Money,
    /// Sold from here on.
    pub sale_starts_at: Option<Timestamp>,
    /// Sold until here.
    pub sale_ends_at: Option<Timestamp>,
    /// The least an order may have, if it has any.
    pub minimum_per_order: i32,
    /// The most an order may have now.
    pub maximum_per_order: i32,
    /// The most one person may have over all their orders; null: no limit.
    pub maximum_per_person: Option<i32>,
    /// Whether it is sold only together with a ticket that is none.
    pub is_addon: bool,
    /// The category of the event's layout whose seats it sells; null when it sells places without numbers.
    pub seat_category: Option<String>,
    /// Places left, when there are few; null when there are plenty.
    pub left: Option<i32>,
    /// Whether it can be bought now.
    pub sale: SaleState,
}

/// Places left of a ticket type: the fewest of its pools.
pub fn available(kind: &TicketType, pools: &[Pool]) -> i32 {
    kind.pools.iter().filter_map(|id| pools.iter().find(|pool| pool.id == *id)).map(Pool::available).min().unwrap_or(0)
}

/// A ticket type as its organiser sees it.
pub fn view(kind: TicketType, event: EventSale, pools: &[Pool], now: Timestamp) -> TicketTypeView {
    let available = available(&kind, pools);
    TicketTypeView {
        sale: kind.sale_state(event, available, now),
        available,
        id: kind.id,
        name: kind.name,
        description: kind.description,
        pricing: kind.pricing,
        price: kind.price,
        sale_starts_at: kind.sale_starts_at,
        sale_ends_at: kind.sale_ends_at,
        minimum_per_order: kind.minimum_per_order,
        maximum_per_order: kind.maximum_per_order,
        maximum_per_person: kind.maximum_per_person,
        is_addon: kind.is_addon,
        seat_category: kind.seat_category,
        pool_ids: kind.pools,
        is_archived: kind.is_archived,
        version: kind.version,
    }
}

/// A ticket type as anyone sees it.
pub fn public_view(kind: TicketType, event: EventSale, pools: &[Pool], now: Timestamp) -> PublicTicketTypeView {
    let view = view(kind, event, pools, now);
    PublicTicketTypeView {
        id: view.id,
        name: view.name,
        description: view.description,
        pricing: view.pricing,
        price: view.price,
        sale_starts_at: view.sale_starts_at,
        sale_ends_at: view.sale_ends_at,
        minimum_per_order: view.minimum_per_order,
        maximum_per_order: view.maximum_per_order.min(view.available.max(1)),
        maximum_per_person: view.maximum_per_person,
        is_addon: view.is_addon,
        seat_category: view.seat_category,
        left: Some(view.available).filter(|left| *left <= PLACES_TOLD_MAX),
        sale: view.sale,
    }
}
