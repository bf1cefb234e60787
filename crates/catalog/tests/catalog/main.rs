//! What someone outside sees of the catalogue, through the router, on a real PostgreSQL.

mod discovery;
mod events;
mod media;
mod pages;
mod states;
mod support;
mod wall_time;
