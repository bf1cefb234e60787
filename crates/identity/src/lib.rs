//! Accounts, sign-in, sessions, tokens, organisations, members.
