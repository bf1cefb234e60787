//! Pages of long lists, walked by an opaque cursor.

use serde::{Deserialize, Serialize};

/// The largest page a caller can ask for.
pub const PAGE_ITEMS_MAX: u32 = 100;
/// The page a caller gets without asking.
pub const PAGE_ITEMS_DEFAULT: u32 = 50;

/// One page of a list and the way to the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Page<T> {
    /// The items of this page, in the list's order.
    pub items: Vec<T>,
    /// Ask for the next page with this; null on the last page.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// Cuts a page from rows that were asked for with one row more than the page holds.
    pub fn cut(mut rows: Vec<T>, limit: u32, cursor: impl Fn(&T) -> String) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = if has_more { rows.last().map(cursor) } else { None };
        Self { items: rows, next_cursor }
    }

    /// The same page with every item changed.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(change).collect(), next_cursor: self.next_cursor }
    }
}

/// The `limit` and `cursor` of a list request.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PageRequest {
    /// Items a page, 1 to 100; 50 when left out.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl PageRequest {
    /// The number of items wanted, within bounds.
    pub fn items(&self) -> u32 {
        self.limit.unwrap_or(PAGE_ITEMS_DEFAULT).clamp(1, PAGE_ITEMS_MAX)
    }
    /// The `limit` of the SQL statement: one row more than the page, to know whether another follows.
    pub fn rows(&self) -> i64 {
        i64::from(self.items()) + 1
    }
}
