//! Taking a buyer to the provider's page. The provider is never called inside a transaction.

use jiff::Timestamp;
use kernel::{OrganisationId, PaymentId};
use platform::{Failure, Fault, Never, NotFound, Platform, Refusal, RefusalKind, Scope, Tx};

use super::model::{NotPayable, Opening, Payment};
use super::store;
use crate::provider::{CheckoutRequest, OpenedCheckout, ProviderError, ProviderName, default_provider, find_provider};

/// Where the buyer pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutUrl {
    /// The provider's page.
    pub url: String,
    /// When the page closes. It may be later than the payment was begun with: places must be kept until then.
    pub expires_at: Timestamp,
}

/// Why there is no page to pay on.
#[derive(Debug, thiserror::Error)]
pub enum OpenCheckoutRefusal {
    /// No such payment.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// It is over, one way or the other.
    #[error(transparent)]
    NotPayable(#[from] NotPayable),
    /// The operator has configured no provider.
    #[error("Payments are not set up on this server, so only free tickets can be had.")]
    NoProvider,
    /// The provider said no.
    #[error("The payment provider does not accept this payment.")]
    Rejected,
}

impl Refusal for OpenCheckoutRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound(refusal) => refusal.code(),
            Self::NotPayable(NotPayable::Succeeded) => "already_paid",
            Self::NotPayable(NotPayable::Over) => "payment_over",
            Self::NoProvider => "no_payment_provider",
            Self::Rejected => "payment_rejected",
        }
    }
    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound(refusal) => refusal.kind(),
            Self::NotPayable(_) | Self::NoProvider | Self::Rejected => RefusalKind::Conflict,
        }
    }
}

#[derive(Clone)]
struct Begin {
    organisation: OrganisationId,
    payment: PaymentId,
    default: ProviderName,
}

enum Begun {
    Ask { provider: ProviderName, payment: Payment },
    IsOpen(CheckoutUrl),
}

#[derive(Clone)]
struct Finish {
    organisation: OrganisationId,
    payment: PaymentId,
    opened: OpenedCheckout,
}

/// Opens the provider's page for a payment, or finds the one that is open. Doing it twice, at once or after a crash, opens one page: the
/// payment's id is the key under which the provider is asked.
///
/// # Errors
/// A fault of the dependency `payment provider` when it did not answer; the payment stays as it was, and asking again is safe.
pub async fn open_checkout(
    platform: &Platform,
    organisation: OrganisationId,
    payment: PaymentId,
    return_url: &str,
) -> Result<CheckoutUrl, Failure<OpenCheckoutRefusal>> {
    let default = default_provider(platform).ok_or(OpenCheckoutRefusal::NoProvider)?.name();
    let scope = Scope::Tenant(organisation);
    let (name, payment) =
        match platform.db.write(scope, "begin_checkout", Begin { organisation, payment, default }, begin).await? {
            Begun::IsOpen(checkout) => return Ok(checkout),
            Begun::Ask { provider, payment } => (provider, payment),
        };
    let provider = find_provider(platform, name).ok_or(OpenCheckoutRefusal::NoProvider)?;
    let request = CheckoutRequest {
        payment: payment.id,
        amount: payment.amount,
        description: payment.description,
        return_url: return_url.to_owned(),
        expires_at: payment.expires_at,
    };
    let opened = provider.open_checkout(request).await.map_err(|error| match error {
        ProviderError::Unavailable(reason) => Failure::Fault(Fault::dependency("payment provider", reason)),
        ProviderError::Rejected(reason) => {
            tracing::warn!(payment = %payment.id, %reason, "the provider refused to open a checkout");
            Failure::Refused(OpenCheckoutRefusal::Rejected)
        }
    })?;
    platform
        .db
        .write(scope, "finish_checkout", Finish { organisation, payment: payment.id, opened }, finish)
        .await
        .map_err(Failure::widen)
}

async fn begin(tx: &mut Tx, command: Begin) -> Result<Begun, Failure<OpenCheckoutRefusal>> {
    let payment =
        store::lock(tx, command.organisation, command.payment).await?.ok_or(OpenCheckoutRefusal::NotFound(NotFound))?;
    match payment.opening(command.default, tx.now()).map_err(OpenCheckoutRefusal::NotPayable)? {
        Opening::IsOpen(url) => Ok(Begun::IsOpen(CheckoutUrl { url, expires_at: payment.expires_at })),
        Opening::Ask(provider) => {
            let asked = Payment { provider: Some(provider), ..payment };
            store::update(tx, &asked).await?;
            Ok(Begun::Ask { provider, payment: asked })
        }
    }
}

async fn finish(tx: &mut Tx, command: Finish) -> Result<CheckoutUrl, Failure<Never>> {
    let payment = store::lock(tx, command.organisation, command.payment)
        .await?
        .ok_or_else(|| Fault::corrupt("a payment went away"))?;
    let opened = payment.opened(&command.opened);
    store::update(tx, &opened).await?;
    Ok(CheckoutUrl { url: command.opened.url, expires_at: opened.expires_at })
}
