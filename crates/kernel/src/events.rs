//! What happened: the payloads of journal events that leave their context. They carry ids, never personal data.

use serde::{Deserialize, Serialize};

use crate::{Currency, EventId, HoldId, Money, OrderId, OrganisationId, PaymentId, RefundId, Slug, TicketId, ZoneName};

/// A fact for the journal. Its kind is stable: renaming a type does not rename old rows.
pub trait JournalEvent: Serialize + for<'de> Deserialize<'de> + Send + Sync + 'static {
    /// `boxoffice.order_paid`
    const KIND: &'static str;
    /// The kind of thing that changed: `order`.
    const AGGREGATE: &'static str;
    /// Which one changed.
    fn aggregate_id(&self) -> uuid::Uuid;
}

/// The public face of an organisation: a business's name and address for letters, not personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganisationProfile {
    /// The name in addresses.
    pub slug: Slug,
    /// The name on pages.
    pub name: String,
    /// Where attendees can write to.
    pub contact_email: String,
    /// What it usually sells in.
    pub currency: Currency,
    /// Where it usually is.
    pub time_zone: ZoneName,
}

macro_rules! journal_events {
    ($($(#[$doc:meta])* $name:ident = $kind:literal on $aggregate:literal by $id:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }
        impl JournalEvent for $name {
            const KIND: &'static str = $kind;
            const AGGREGATE: &'static str = $aggregate;
            fn aggregate_id(&self) -> uuid::Uuid { self.$id.uuid() }
        }
    )*};
}

journal_events! {
    /// An organisation was founded.
    OrganisationCreated = "identity.organisation_created" on "organisation" by organisation {
        /// The new tenant.
        organisation: OrganisationId,
        /// What it shows to the public.
        profile: OrganisationProfile,
    }
    /// An organisation changed what it shows to the public.
    OrganisationEdited = "identity.organisation_edited" on "organisation" by organisation {
        /// The tenant.
        organisation: OrganisationId,
        /// What it shows to the public.
        profile: OrganisationProfile,
    }
    /// An event was created as a draft.
    EventCreated = "catalog.event_created" on "event" by event {
        /// The draft.
        event: EventId,
    }
    /// An event's facts were edited.
    EventEdited = "catalog.event_edited" on "event" by event {
        /// The event.
        event: EventId,
        /// The fields that changed.
        fields: Vec<String>,
    }
    /// An event went public.
    EventPublished = "catalog.event_published" on "event" by event {
        /// The event.
        event: EventId,
        /// True when only people with the address find it.
        unlisted: bool,
    }
    /// An event was called off.
    EventCancelled = "catalog.event_cancelled" on "event" by event {
        /// The event.
        event: EventId,
    }
    /// An order was placed; a free one is paid in the same instant.
    OrderPlaced = "boxoffice.order_placed" on "order" by order {
        /// The order.
        order: OrderId,
        /// Its event.
        event: EventId,
        /// The hold it came from; none when it was bought in one step.
        hold: Option<HoldId>,
        /// What it costs.
        total: Money,
    }
    /// An order is paid and its tickets are valid.
    OrderPaid = "boxoffice.order_paid" on "order" by order {
        /// The order.
        order: OrderId,
        /// Its event.
        event: EventId,
        /// The tickets issued.
        tickets: Vec<TicketId>,
    }
    /// An order was cancelled and its places went back.
    OrderCancelled = "boxoffice.order_cancelled" on "order" by order {
        /// The order.
        order: OrderId,
        /// Its event.
        event: EventId,
    }
    /// Nobody paid in time.
    OrderExpired = "boxoffice.order_expired" on "order" by order {
        /// The order.
        order: OrderId,
        /// Its event.
        event: EventId,
    }
    /// The money came after the places were gone; it is being given back.
    OrderUnfulfilled = "boxoffice.order_unfulfilled" on "order" by order {
        /// The order.
        order: OrderId,
        /// Its event.
        event: EventId,
        /// The payment that came too late.
        payment: PaymentId,
    }
    /// The mail with the tickets was asked for again.
    TicketsResent = "boxoffice.tickets_resent" on "order" by order {
        /// The order.
        order: OrderId,
    }
    /// A payment was begun.
    PaymentCreated = "payments.payment_created" on "payment" by payment {
        /// The payment.
        payment: PaymentId,
        /// What it pays.
        order: OrderId,
        /// How much.
        amount: Money,
    }
    /// The provider has the money.
    PaymentSucceeded = "payments.payment_succeeded" on "payment" by payment {
        /// The payment.
        payment: PaymentId,
        /// What it pays.
        order: OrderId,
        /// How much.
        amount: Money,
    }
    /// The provider will not get the money.
    PaymentFailed = "payments.payment_failed" on "payment" by payment {
        /// The payment.
        payment: PaymentId,
        /// What it was for.
        order: OrderId,
        /// The provider's word for why.
        reason: String,
    }
    /// Money is to be given back.
    RefundRequested = "payments.refund_requested" on "refund" by refund {
        /// The refund.
        refund: RefundId,
        /// Of this payment.
        payment: PaymentId,
        /// How much.
        amount: Money,
    }
    /// Money was given back.
    RefundSucceeded = "payments.refund_succeeded" on "refund" by refund {
        /// The refund.
        refund: RefundId,
        /// Of this payment.
        payment: PaymentId,
        /// How much.
        amount: Money,
    }
    /// The provider could not give the money back; a person must look.
    RefundFailed = "payments.refund_failed" on "refund" by refund {
        /// The refund.
        refund: RefundId,
        /// Of this payment.
        payment: PaymentId,
    }
}
