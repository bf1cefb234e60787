//! Attendees: the tickets of an event together with who is in.

pub mod browse;
