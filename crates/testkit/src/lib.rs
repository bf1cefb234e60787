//! Test support: an application per test, builders, fake clock, fake providers.
