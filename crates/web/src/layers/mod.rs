//! The layers around every handler, from the outside in: `shell.rs` has their order, each has a file.

mod authenticate;
mod client;
mod compress;
mod context;
mod cors;
mod csrf;
mod errors;
mod etag;
mod head;
mod observe;
mod once;
mod security;
mod shared;
mod shell;
mod timeout;
mod trace;

pub(crate) use observe::Figures;
pub use shared::SeenByAll;
pub(crate) use shared::SharedAnswers;
pub(crate) use shell::around;
