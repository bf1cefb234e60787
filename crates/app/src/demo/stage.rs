//! The stage: the whole server on the real address, with a clock set by hand that starts in the past, and an audience that uses its API.

use anyhow::{Context, Result, bail};
use app::compose;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use platform::Platform;
use platform::clock::Clock;
use platform::jobs::Worker;
use platform::random::Random;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use web::{AppState, RateLimits};

/// The seed of everything that is random in the demo, secrets aside.
const SEED: u64 = 2027;

/// A server in the past.
pub struct Stage {
    platform: Platform,
    worker: Worker,
    http: reqwest::Client,
    stop: CancellationToken,
    today: Date,
    now: Timestamp,
}

impl Stage {
    /// Opens the stage `days` before today.
    pub fn build(platform: &Platform, listener: &std::net::TcpListener, days: i64) -> Result<Self> {
        let now = platform.clock.now();
        let clock = Clock::by_hand(now.checked_sub(SignedDuration::from_hours(days * 24))?);
        let random = Random::seeded(SEED);
        let past = Platform {
            db: platform.db.with_sources(clock.clone(), random.clone()),
            clock,
            random,
            // What is kept in memory belongs to one clock.
            locals: platform::Locals::default(),
            ..platform.clone()
        };
        let state = AppState::new(past.clone(), compose::authenticator()).with_limits(RateLimits::unlimited());
        let router = web::router(state, compose::modules(), compose::pages());
        let stop = CancellationToken::new();
        let listener = TcpListener::from_std(listener.try_clone()?)?;
        tokio::spawn(web::serve(listener, router, past.config.http.clone(), stop.clone()));
        let today = now.to_zoned(TimeZone::UTC).date();
        Ok(Self {
            worker: compose::worker(past.clone()),
            platform: past,
            http: reqwest::Client::new(),
            stop,
            today,
            now,
        })
    }

    /// Closes it. Connections that are open are let finish.
    pub async fn strike(self) {
        self.stop.cancel();
        // The real server takes the address over; a moment lets the stage's own accept loop see the signal first.
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }

    /// A day counted from today, with an hour on the wall: `2027-03-12T19:00`.
    pub fn day(&self, in_days: i64, hour: &str) -> Result<String> {
        Ok(format!("{}T{hour}", self.today.checked_add(in_days.days())?))
    }

    /// An instant counted from now.
    pub fn instant(&self, in_days: i64) -> Result<Timestamp> {
        Ok(self.now.checked_add(SignedDuration::from_hours(in_days * 24))?)
    }

    /// Moves the clock, and runs what became due.
    pub async fn wait(&self, duration: SignedDuration) -> Result<()> {
        self.platform.clock.advance(duration);
        self.settle().await
    }

    /// Moves the clock to so many days from now; never back.
    pub async fn wait_until(&self, in_days: i64, hours: i64) -> Result<()> {
        let goal = self.instant(in_days)?.checked_add(SignedDuration::from_hours(hours))?;
        let missing = self.platform.clock.now().duration_until(goal);
        if missing.is_positive() { self.wait(missing).await } else { Ok(()) }
    }

    /// Runs events and jobs until nothing is due, and sweeps.
    pub async fn settle(&self) -> Result<()> {
        self.worker.drain().await?;
        boxoffice::hold::sweep::sweep_all(&self.platform).await?;
        Ok(self.worker.drain().await?)
    }

    /// Sweeps without running jobs: webhooks that are under way stay under way.
    pub async fn let_holds_expire(&self, duration: SignedDuration) -> Result<()> {
        self.platform.clock.advance(duration);
        boxoffice::hold::sweep::sweep_all(&self.platform).await?;
        Ok(())
    }

    /// Calls the API; any answer but a success is an error that says what was said.
    pub async fn call(&self, method: Method, path: &str, token: Option<&str>, body: Value) -> Result<Value> {
        let url = if path.starts_with("http") { path.to_owned() } else { self.platform.url(path) };
        let mut request = self.http.request(method.clone(), &url);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await.with_context(|| format!("{method} {path}"))?;
        let status = answer.status();
        let text = answer.text().await?;
        if !status.is_success() {
            bail!("{method} {path} answered {status}: {text}");
        }
        Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// POST to the API.
    pub async fn post(&self, path: &str, token: Option<&str>, body: Value) -> Result<Value> {
        self.call(Method::POST, path, token, body).await
    }

    /// Presses a button of the test provider's page.
    pub async fn press(&self, checkout_url: &str, outcome: &str) -> Result<()> {
        let origin = self.platform.public_url.to_string();
        let form = [("outcome", outcome)];
        // The page leads back to the order; following it proves nothing here.
        let answer = self.http.post(checkout_url).header("Origin", origin).form(&form).send().await?;
        if answer.status().is_server_error() || answer.status().as_u16() == 403 {
            bail!("the test provider answered {}", answer.status());
        }
        Ok(())
    }

    /// Signs a person in with the code from the mailbox; answers an access token.
    pub async fn sign_in(&self, email: &str) -> Result<String> {
        // A second passes, so that the code is in the newest mail.
        self.platform.clock.advance(SignedDuration::from_secs(1));
        let begun = self.post("/api/v1/auth/sign-ins", None, json!({"email": email})).await?;
        self.worker.drain().await?;
        let mail = self.newest_mail(email).await?;
        let code = mail
            .split(|c: char| !c.is_ascii_digit())
            .find(|word| word.len() == 6)
            .context("a sign-in mail has a code")?;
        let path = format!("/api/v1/auth/sign-ins/{}/verify", text(&begun, "id")?);
        let signed =
            self.post(&path, None, json!({"code": code, "browser_secret": text(&begun, "browser_secret")?})).await?;
        text(&signed, "access_token")
    }

    /// The text of the newest mail to an address.
    pub async fn newest_mail(&self, to: &str) -> Result<String> {
        let mails = self.call(Method::GET, &format!("/dev/mail.json?limit=1&to={to}"), None, Value::Null).await?;
        mails
            .pointer("/items/0/text")
            .and_then(Value::as_str)
            .map(str::to_owned)
            .with_context(|| format!("no mail to {to}"))
    }
}

/// A text in an answer.
pub fn text(value: &Value, key: &str) -> Result<String> {
    let found = if key.starts_with('/') { value.pointer(key) } else { value.get(key) };
    found.and_then(Value::as_str).map(str::to_owned).with_context(|| format!("the answer has no {key}: {value}"))
}
