//! Bugs planted on purpose, for the checks that must find them.
//!
//! Without the feature `mutants` there are none: every question is answered with a constant "no", and the compiler takes out what hangs on it.
//! A release is never built with the feature. With it, one build has all of them, and a test or the variable `TURNOUT_MUTANT` chooses one.

/// Whether a bug is planted.
#[cfg(not(feature = "mutants"))]
pub const fn is(_name: &str) -> bool {
    false
}

#[cfg(feature = "mutants")]
pub use planted::{choose, is};

#[cfg(feature = "mutants")]
mod planted {
    use std::cell::Cell;
    use std::sync::OnceLock;

    thread_local! {
        static CHOSEN: Cell<Option<&'static str>> = const { Cell::new(None) };
    }
    static FOR_ALL: OnceLock<Option<String>> = OnceLock::new();

    /// Plants a bug in this thread, or takes it out again.
    pub fn choose(name: Option<&'static str>) {
        CHOSEN.set(name);
    }

    /// Whether a bug is planted: in this thread, or in the whole process by the variable.
    pub fn is(name: &str) -> bool {
        match CHOSEN.get() {
            Some(chosen) => chosen == name,
            None => FOR_ALL.get_or_init(|| std::env::var("TURNOUT_MUTANT").ok()).as_deref() == Some(name),
        }
    }
}
