//! A shop without a box office: payments alone, on the real router and a real database.
#![expect(
    dead_code,
    clippy::panic,
    reason = "each test file uses its own part; a helper that cannot do its work fails the test"
)]

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use kernel::{AccountId, Currency, Money, OrderId, OrganisationId, PaymentId, Role};
use payments::api::{CheckoutUrl, NewPayment, PaymentStateName, PaymentView, create, open_checkout, payments_of};
use platform::{Failure, Fault, Never, Platform, Scope, Tx};
use sqlx::Row;
use testkit::{TestApp, TestAppBuilder};
use web::{Authenticator, Credential, Principal};

/// Nobody has an account here.
struct Nobody;

impl Authenticator for Nobody {
    fn authenticate<'a>(&'a self, _: &'a Platform, _: Credential) -> BoxFuture<'a, Result<Option<Principal>, Fault>> {
        async { Ok(None) }.boxed()
    }
    fn role<'a>(
        &'a self,
        _: &'a Platform,
        _: AccountId,
        _: OrganisationId,
    ) -> BoxFuture<'a, Result<Option<Role>, Fault>> {
        async { Ok(None) }.boxed()
    }
}

pub struct Shop {
    pub app: TestApp,
    pub organisation: OrganisationId,
    pub order: OrderId,
}

pub fn builder() -> TestAppBuilder {
    TestAppBuilder::new(|| vec![payments::module()], Arc::new(Nobody))
}

pub fn eur(amount: i64) -> Money {
    Money::new(amount, Currency::parse("EUR").unwrap())
}

async fn begin(tx: &mut Tx, new: NewPayment) -> Result<PaymentId, Failure<Never>> {
    Ok(create(tx, new).await?)
}

async fn list(
    tx: &mut Tx,
    (organisation, order): (OrganisationId, OrderId),
) -> Result<Vec<PaymentView>, Failure<Never>> {
    Ok(payments_of(tx, organisation, order).await?)
}

impl Shop {
    pub async fn open() -> Self {
        Self::of(builder().start().await)
    }

    pub fn of(app: TestApp) -> Self {
        let now = app.platform.clock.now();
        let (organisation, order) = (app.platform.random.id(now), app.platform.random.id(now));
        Self { app, organisation, order }
    }

    pub fn scope(&self) -> Scope {
        Scope::Tenant(self.organisation)
    }

    /// Begins a payment of 38 euros with half an hour to pay.
    pub async fn payment(&self) -> PaymentId {
        let expires_at = self.app.platform.clock.now() + jiff::SignedDuration::from_secs(1_800);
        let new = NewPayment {
            organisation: self.organisation,
            order: self.order,
            amount: eur(3_800),
            description: "2 × Friday <b>".to_owned(),
            expires_at,
        };
        self.app.platform.db.write(self.scope(), "begin", new, begin).await.unwrap()
    }

    pub async fn checkout(&self, payment: PaymentId) -> CheckoutUrl {
        let url = format!("{}/o/1", self.app.client.base());
        open_checkout(&self.app.platform, self.organisation, payment, &url).await.unwrap()
    }

    /// A payment whose page is open, and the page's address.
    pub async fn pending(&self) -> (PaymentId, String) {
        let payment = self.payment().await;
        (payment, self.checkout(payment).await.url)
    }

    /// Relays events and runs jobs until none is due. One pass of the worker can end while its last job is queueing another over HTTP, so
    /// the queue itself is asked.
    pub async fn drain(&self) {
        for _ in 0..20 {
            self.app.drain().await;
            if self.due().await.is_empty() {
                return;
            }
        }
        panic!("jobs never end: {:?}", self.due().await);
    }

    /// The kinds of the jobs that are due now.
    async fn due(&self) -> Vec<String> {
        self.texts("select task_identifier from graphile_worker.jobs where run_at <= now() and attempts < max_attempts")
            .await
    }

    /// Presses a button of the page and lets everything run that is due.
    pub async fn press(&self, url: &str, outcome: &str) {
        let pressed = self.app.client.post_form(url, &[("outcome", outcome)]).await;
        assert_eq!(pressed.status.as_u16(), 303, "{}", pressed.text());
        assert!(pressed.header("location").ends_with("/o/1"), "{}", pressed.header("location"));
        self.drain().await;
    }

    /// A payment that has succeeded.
    pub async fn paid(&self) -> PaymentId {
        let (payment, url) = self.pending().await;
        self.press(&url, "pay").await;
        assert_eq!(self.state(payment).await, PaymentStateName::Succeeded);
        payment
    }

    pub async fn payments(&self) -> Vec<PaymentView> {
        self.app.platform.db.read(self.scope(), "list", (self.organisation, self.order), list).await.unwrap()
    }

    pub async fn view(&self, payment: PaymentId) -> PaymentView {
        self.payments().await.into_iter().find(|view| view.id == payment).unwrap()
    }

    pub async fn state(&self, payment: PaymentId) -> PaymentStateName {
        self.view(payment).await.state
    }

    /// One column of text of a query, as the superuser sees it.
    pub async fn texts(&self, query: &'static str) -> Vec<String> {
        let pool = self.app.database.superuser().await;
        let rows = sqlx::query(query).fetch_all(&pool).await.unwrap();
        pool.close().await;
        rows.into_iter().map(|row| row.try_get::<String, _>(0).unwrap()).collect()
    }

    /// The kinds of the journal's entries, in order.
    pub async fn journal(&self) -> Vec<String> {
        self.texts("select kind from platform.journal order by position").await
    }

    /// What the notices in the inbox led to.
    pub async fn outcomes(&self) -> Vec<String> {
        self.texts("select coalesce(outcome, 'waiting') from payments.webhook_inbox order by received_at, event_id")
            .await
    }

    /// Every invariant holds but I-06, which asks for orders that this shop does not have; and nothing is left to do now.
    pub async fn check(&self) {
        let pool = self.app.database.superuser().await;
        let broken: Vec<_> = testkit::violations(&pool)
            .await
            .into_iter()
            .filter(|violation| !violation.invariant.starts_with("I-06"))
            .collect();
        assert!(broken.is_empty(), "{broken:#?}");
        let (_, links) = platform::journal::verify(&pool).await.unwrap();
        assert!(links.is_empty(), "{links:#?}");
        pool.close().await;
        assert_eq!(self.due().await, Vec::<String>::new(), "jobs are left");
    }
}
