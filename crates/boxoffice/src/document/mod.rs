//! Documents that are printed or kept: tickets as PDF.

mod canvas;
mod colour;
mod fonts;
mod text;
mod ticket_pdf;

pub use ticket_pdf::{RenderError, TicketSheet, render};
