//! The mail with the tickets: a PDF and a calendar file, rendered by a job when an order is paid or its tickets are asked for again.

use kernel::events::{OrderPaid, TicketsResent};
use kernel::mail::{Attachment, MailRequest};
use kernel::{OrderId, OrganisationId};
use platform::jobs::{JobFailure, When};
use platform::journal::Delivered;
use platform::{Failure, Fault, Never, NotFound, Platform, Scope, Tx};
use serde_json::json;

use super::present::{Snapshot, order_url, snapshot};
use crate::document::{TicketSheet, render};
use crate::ticket::model::{TicketState, human_code};

/// The files of an order.
pub struct Files {
    /// The tickets; none while there are no valid ones.
    pub pdf: Option<Vec<u8>>,
    /// The event for a calendar (RFC 5545).
    pub calendar: String,
}

/// Renders the files of an order.
pub async fn files_of(
    platform: &Platform,
    organisation: OrganisationId,
    order: OrderId,
) -> Result<Files, Failure<NotFound>> {
    let (snapshot, organiser) = platform
        .db
        .read(Scope::Tenant(organisation), "show_order_files", (organisation, order), with_organiser)
        .await?;
    Ok(files(platform, &snapshot, &organiser).await?)
}

async fn with_organiser(
    tx: &mut Tx,
    key: (OrganisationId, OrderId),
) -> Result<(Snapshot, catalog::api::OrganisationPage), Failure<NotFound>> {
    let snapshot = snapshot(tx, key).await?;
    let organiser =
        catalog::api::page_of(tx, key.0).await?.ok_or_else(|| Fault::corrupt("an organisation without its page"))?;
    Ok((snapshot, organiser))
}

/// Drawing a PDF is work for the processor, so it is done beside the threads that answer requests.
async fn files(
    platform: &Platform,
    snapshot: &Snapshot,
    organiser: &catalog::api::OrganisationPage,
) -> Result<Files, Fault> {
    let sheets: Vec<TicketSheet> = sheets(snapshot, organiser);
    let pdf = if sheets.is_empty() {
        None
    } else {
        let drawn = tokio::task::spawn_blocking(move || render(&sheets))
            .await
            .map_err(|stopped| Fault::Interrupted(stopped.to_string()))?;
        Some(drawn.map_err(Fault::corrupt)?)
    };
    let url = order_url(platform, &snapshot.order);
    let mut event = snapshot.event.clone();
    if pdf.is_none() {
        // Only people with a valid ticket learn where to join online.
        event.online_url = String::new();
    }
    let calendar = catalog::api::calendar_file(&event, &organiser.name, &organiser.contact_email, &url);
    Ok(Files { pdf, calendar })
}

fn sheets(snapshot: &Snapshot, organiser: &catalog::api::OrganisationPage) -> Vec<TicketSheet> {
    snapshot
        .tickets
        .iter()
        .filter(|(ticket, _)| ticket.state == TicketState::Valid)
        .filter_map(|(ticket, qr)| {
            Some(TicketSheet {
                event_title: snapshot.event.title.clone(),
                when_line: catalog::api::when_line(&snapshot.event),
                doors: None,
                place_lines: catalog::api::place_lines(&snapshot.event),
                organiser: organiser.name.clone(),
                holder_name: ticket.holder_name.clone(),
                ticket_type: ticket.good_for(),
                price_line: if ticket.price.is_zero() { "Free".to_owned() } else { ticket.price.to_string() },
                order_code: snapshot.order.code.clone(),
                ticket_code: human_code(&snapshot.order.code, ticket.number),
                qr_payload: qr.clone()?,
                hue: snapshot.event.hue,
                legal: legal(organiser),
                note: snapshot.event.summary.clone(),
            })
        })
        .collect()
}

fn legal(organiser: &catalog::api::OrganisationPage) -> String {
    format!(
        "Organiser: {} · {}. This ticket admits one person once. Whoever shows this code first is let in, so do not share it. \
         Questions about the event, changes and refunds go to the organiser.",
        organiser.name, organiser.contact_email
    )
}

/// The journal's word that an order was paid, for `module`.
pub(crate) async fn on_order_paid(platform: Platform, delivered: Delivered<OrderPaid>) -> Result<(), JobFailure> {
    let Some(organisation) = delivered.organisation else {
        return Err(JobFailure::lasting("an order without an organisation"));
    };
    let order = delivered.event.order;
    send(&platform, organisation, order, format!("tickets:{order}"), false).await
}

/// The journal's word that the tickets were asked for again, for `module`.
pub(crate) async fn on_tickets_resent(
    platform: Platform,
    delivered: Delivered<TicketsResent>,
) -> Result<(), JobFailure> {
    let Some(organisation) = delivered.organisation else {
        return Err(JobFailure::lasting("an order without an organisation"));
    };
    let order = delivered.event.order;
    send(&platform, organisation, order, format!("tickets:{order}:{}", delivered.recorded_at.as_microsecond()), true)
        .await
}

/// Stores the files and queues the mail. Run twice it stores the same files and queues a mail that outreach sends once.
async fn send(
    platform: &Platform,
    organisation: OrganisationId,
    order: OrderId,
    dedupe_key: String,
    is_resend: bool,
) -> Result<(), JobFailure> {
    let (snapshot, organiser) = platform
        .db
        .read(Scope::Tenant(organisation), "show_order_files", (organisation, order), with_organiser)
        .await?;
    let files = files(platform, &snapshot, &organiser).await?;
    let Some(pdf) = files.pdf else { return Ok(()) };
    let folder = format!("orders/{}/{}", organisation.uuid(), order.uuid());
    let attachments = vec![
        Attachment {
            storage_key: format!("{folder}/tickets.pdf"),
            filename: format!("tickets-{}.pdf", snapshot.order.code),
            content_type: "application/pdf".to_owned(),
        },
        Attachment {
            storage_key: format!("{folder}/event.ics"),
            filename: "event.ics".to_owned(),
            content_type: "text/calendar; charset=utf-8; method=PUBLISH".to_owned(),
        },
    ];
    platform.storage.put(&format!("{folder}/tickets.pdf"), pdf).await?;
    platform.storage.put(&format!("{folder}/event.ics"), files.calendar.into_bytes()).await?;
    let tickets: Vec<_> = snapshot
        .tickets
        .iter()
        .filter(|(ticket, _)| ticket.state == TicketState::Valid)
        .map(|(ticket, _)| json!({"code": human_code(&snapshot.order.code, ticket.number), "holder_name": ticket.holder_name, "type": ticket.good_for()}))
        .collect();
    let mail = MailRequest {
        organisation: Some(organisation),
        dedupe_key,
        template: "tickets".to_owned(),
        to: snapshot.order.buyer.email.clone(),
        data: json!({
            "buyer_name": snapshot.order.buyer.name, "event_title": snapshot.event.title, "when_line": catalog::api::when_line(&snapshot.event),
            "place_lines": catalog::api::place_lines(&snapshot.event), "order_code": snapshot.order.code,
            "order_url": order_url(platform, &snapshot.order), "tickets": tickets, "is_resend": is_resend,
        }),
        attachments,
    };
    platform.db.write(Scope::Tenant(organisation), "queue_tickets_mail", mail, queue).await?;
    Ok(())
}

async fn queue(tx: &mut Tx, mail: MailRequest) -> Result<(), Failure<Never>> {
    Ok(tx.enqueue(&mail, When::Now).await?)
}
