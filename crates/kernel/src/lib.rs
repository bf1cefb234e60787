//! The words every context shares: typed ids, money, e-mail addresses, time, paging, actors, event payloads. No I/O.

pub mod actor;
pub mod email;
pub mod events;
pub mod id;
pub mod mail;
pub mod money;
pub mod page;
pub mod right;
pub mod text;
pub mod zone;

pub use actor::Actor;
pub use email::Email;
pub use id::*;
pub use money::{Currency, Money};
pub use page::{Page, PageRequest};
pub use right::{Right, Role};
pub use text::{PersonName, Slug};
pub use zone::{WallClock, ZoneName};

/// An instant on the time line (RFC 3339 in JSON).
pub use jiff::Timestamp;
