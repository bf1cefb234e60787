//! Webhooks: notices of providers, kept once each as they came, and worked on by a job.

pub mod process;
pub mod receive;
pub(crate) mod store;
