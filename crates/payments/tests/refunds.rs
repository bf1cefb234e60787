//! Giving money back: never more than came, told to the provider once.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use kernel::{Money, PaymentId, RefundId};
use payments::api::{RefundRefusal, RefundView, RefundWanted, refunds_of, request_refund};
use payments::refund::send::{SendRefund, send};
use platform::{Failure, Never, Tx};
use support::{Shop, eur};

async fn request(tx: &mut Tx, wanted: RefundWanted) -> Result<RefundId, Failure<RefundRefusal>> {
    request_refund(tx, wanted).await
}

async fn list(
    tx: &mut Tx,
    (organisation, order): (kernel::OrganisationId, kernel::OrderId),
) -> Result<Vec<RefundView>, Failure<Never>> {
    Ok(refunds_of(tx, organisation, order).await?)
}

impl Shop {
    async fn give_back(&self, payment: PaymentId, amount: Money) -> Result<RefundId, Failure<RefundRefusal>> {
        let wanted = RefundWanted {
            organisation: self.organisation,
            payment,
            amount,
            reason: "The event was cancelled.".to_owned(),
        };
        self.app.platform.db.write(self.scope(), "give_back", wanted, request).await
    }
    async fn refunds(&self) -> Vec<(i64, &'static str)> {
        let refunds =
            self.app.platform.db.read(self.scope(), "refunds", (self.organisation, self.order), list).await.unwrap();
        refunds.into_iter().map(|refund| (refund.amount.amount, refund.state.as_str())).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn money_goes_back_once_however_often_the_job_runs() {
    let shop = Shop::open().await;
    let payment = shop.paid().await;
    let refund = shop.give_back(payment, eur(3_800)).await.unwrap();
    assert_eq!(shop.refunds().await, [(3_800, "requested")]);
    let job = SendRefund { organisation: shop.organisation, refund };
    let (one, two) = tokio::join!(send(shop.app.platform.clone(), job), send(shop.app.platform.clone(), job));
    assert!(one.is_ok() && two.is_ok());
    shop.drain().await;
    assert_eq!(shop.refunds().await, [(3_800, "succeeded")]);
    assert_eq!(shop.view(payment).await.refunded, eur(3_800));
    assert_eq!(shop.texts("select amount::text from payments.test_refund").await, ["3800"]);
    let journal = shop.journal().await;
    assert_eq!(
        journal.iter().filter(|kind| kind.starts_with("payments.refund")).collect::<Vec<_>>(),
        ["payments.refund_requested", "payments.refund_succeeded"]
    );
    shop.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refunds_that_cannot_be_are_refused() {
    let shop = Shop::open().await;
    let unpaid = shop.payment().await;
    assert!(matches!(shop.give_back(unpaid, eur(1)).await, Err(Failure::Refused(RefundRefusal::NotPaid))));
    let payment = shop.paid().await;
    for bad in [eur(0), eur(-1), Money::new(1, kernel::Currency::parse("USD").unwrap())] {
        assert!(matches!(shop.give_back(payment, bad).await, Err(Failure::Refused(RefundRefusal::BadAmount))));
    }
    shop.give_back(payment, eur(3_000)).await.unwrap();
    let refused = shop.give_back(payment, eur(801)).await;
    assert!(
        matches!(refused, Err(Failure::Refused(RefundRefusal::TooLarge { left })) if left == eur(800)),
        "{refused:?}"
    );
    let nobodys = PaymentId::from(uuid::Uuid::from_u128(7));
    assert!(matches!(shop.give_back(nobodys, eur(1)).await, Err(Failure::Refused(RefundRefusal::NotFound(_)))));
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_refunds_at_once_never_exceed_the_payment() {
    let shop = Shop::open().await;
    let payment = shop.paid().await;
    let tries = (0..20).map(|_| shop.give_back(payment, eur(300)));
    let accepted = futures_util::future::join_all(tries).await.into_iter().filter(Result::is_ok).count();
    assert_eq!(accepted, 12, "12 × 3.00 of 38.00");
    shop.drain().await;
    assert_eq!(shop.refunds().await, vec![(300, "succeeded"); 12]);
    assert_eq!(shop.texts("select sum(amount)::text from payments.test_refund").await, ["3600"]);
    shop.check().await;
}
