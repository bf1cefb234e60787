//! A ticket as its holder shows it at the door.

use askama::filters::Safe;
use boxoffice::order::present::TicketView;
use boxoffice::ticket::qr::QrMatrix;

use crate::layout::price;

/// A ticket with its code drawn.
pub(crate) struct TicketCard {
    pub code: String,
    /// The ticket alone, as large as the screen.
    pub url: String,
    pub holder: String,
    pub kind: String,
    pub price: String,
    /// The QR code as SVG on a white plate; none for tickets that open no door.
    pub qr: Option<Safe<String>>,
    pub badge_class: &'static str,
    pub badge: &'static str,
    /// Why there is no code.
    pub void: &'static str,
}

impl TicketCard {
    /// The card of a ticket. A ticket of an event that was called off opens no door.
    pub(crate) fn of(ticket: TicketView, order_path: &str, is_event_cancelled: bool) -> Self {
        let text = ticket.qr.filter(|_| !is_event_cancelled);
        let svg = text
            .and_then(|text| QrMatrix::encode(&text).ok())
            .map(|matrix| Safe(matrix.to_svg(&format!("QR code of ticket {}", ticket.code))));
        let (badge_class, badge, void) = match (ticket.state.as_str(), is_event_cancelled) {
            ("valid", false) => {
                ("badge-success", "Valid", "The code of this ticket cannot be drawn. Ask the organiser.")
            }
            ("valid", true) => ("badge-danger", "Event cancelled", "The event does not take place."),
            ("transferred", _) => ("", "Passed on", "Somebody else has this ticket now."),
            _ => ("badge-danger", "Cancelled", "This ticket was cancelled and is not valid."),
        };
        Self {
            url: format!("{order_path}/{number}", number = ticket.code.rsplit('-').next().unwrap_or_default()),
            code: ticket.code,
            holder: ticket.holder_name,
            kind: match ticket.seat {
                Some(seat) => format!("{} · {}", ticket.type_name, seat.name),
                None => ticket.type_name,
            },
            price: price(ticket.price),
            qr: svg,
            badge_class,
            badge,
            void,
        }
    }
}
