//! Extractors: what a handler asks of a request, with problems for rejections.

mod body;
mod headers;
mod member;
mod reason;
mod signed;
mod uri;

pub use body::{Form, Json};
pub use headers::{IfMatch, RawBearer};
pub use member::Member;
pub use signed::{MaybeSigned, Signed};
pub use uri::{Path, Query};
