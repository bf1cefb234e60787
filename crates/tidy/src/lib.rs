//! A test that reads the repository and fails on what the style forbids.
