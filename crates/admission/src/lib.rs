//! Check-in lists, devices at the door, scans: every ticket comes in once.

pub mod api;
pub mod attendee;
pub mod device;
mod event;
pub mod gate;
mod label;
pub mod list;
pub mod scan;

use utoipa_axum::routes;
use web::{Module, OpenApiRouter};

/// What admission adds to the server.
pub fn module() -> Module {
    let routes = OpenApiRouter::new()
        .routes(routes!(list::browse::list_check_in_lists, list::create::create_check_in_list))
        .routes(routes!(list::show::show_check_in_list, list::edit::edit_check_in_list))
        .routes(routes!(device::browse::list_devices, device::add::add_device))
        .routes(routes!(device::revoke::revoke_device))
        .routes(routes!(scan::admit::scan_at_door))
        .routes(routes!(scan::admit::scan_as_member))
        .routes(routes!(scan::undo::undo_at_door))
        .routes(routes!(scan::undo::undo_as_member))
        .routes(routes!(scan::search::search_at_door))
        .routes(routes!(scan::search::search_as_member))
        .routes(routes!(scan::status::status_at_door))
        .routes(routes!(scan::status::status_as_member))
        .routes(routes!(attendee::browse::list_attendees));
    Module { name: "admission", routes, jobs: Vec::new(), subscribers: Vec::new() }
}
