//! Payment providers, payments, refunds.
