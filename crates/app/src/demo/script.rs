//! The story: two organisations, seven events, orders in every state, some people scanned in.

use anyhow::{Context, Result, bail};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::cast::{ADA, DOOR, GRACE, buyer};
use super::city::{CANCELLED, CONCERT, CONFERENCE, DRAFT, MEETUP, RECITAL, SUPPER, Scene};
use super::hall;
use super::stage::{Stage, text};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// An organisation with someone who may do everything in it.
struct House {
    path: String,
    owner: &'static str,
}

impl House {
    /// A fresh access token of the owner: they last fifteen minutes, and days pass.
    async fn token(&self, stage: &Stage) -> Result<String> {
        stage.sign_in(self.owner).await
    }
}

/// A published event and its ticket types.
struct Show {
    path: String,
    slug: String,
    types: Vec<String>,
}

/// Tells the whole story.
pub async fn tell(stage: &Stage) -> Result<()> {
    let northside = found(stage, ADA, "Northside Events", "northside", "Europe/Amsterdam").await?;
    let harbour = found(stage, GRACE, "Harbour Tech", "harbour-tech", "Europe/Brussels").await?;
    invite_door_staff(stage, &northside).await?;
    let (ada, grace) = (northside.token(stage).await?, harbour.token(stage).await?);
    let supper = open(stage, &northside, &ada, &SUPPER, "Europe/Amsterdam").await?;
    let concert = open(stage, &northside, &ada, &CONCERT, "Europe/Amsterdam").await?;
    let conference = open(stage, &harbour, &grace, &CONFERENCE, "Europe/Brussels").await?;
    let meetup = open(stage, &harbour, &grace, &MEETUP, "Europe/Amsterdam").await?;
    let recital = open_with_seats(stage, &northside, &ada, &RECITAL, "Europe/Amsterdam").await?;
    let cancelled = open(stage, &northside, &ada, &CANCELLED, "Europe/Amsterdam").await?;
    create(stage, &northside, &ada, &DRAFT, "Europe/Amsterdam").await?;
    sell_before_the_supper(stage, &supper, &concert, &conference, &meetup).await?;
    sell_seats(stage, &recital).await?;
    call_off(stage, &northside, &cancelled).await?;
    stage.wait_until(-3, 0).await?;
    scan_the_supper(stage, &northside, &supper).await?;
    sell_since(stage, &northside, &concert, &conference, &meetup).await
}

async fn found(stage: &Stage, owner: &'static str, name: &str, slug: &str, zone: &str) -> Result<House> {
    let token = stage.sign_in(owner).await?;
    let new = json!({"name": name, "slug": slug, "contact_email": format!("hello@{slug}.example"), "currency": "EUR", "time_zone": zone});
    let house = stage.post("/api/v1/organisations", Some(&token), new).await?;
    stage.settle().await?;
    Ok(House { path: format!("/api/v1/organisations/{}", text(&house, "id")?), owner })
}

async fn invite_door_staff(stage: &Stage, house: &House) -> Result<()> {
    let owner = house.token(stage).await?;
    stage.post(&format!("{}/invitations", house.path), Some(&owner), json!({"email": DOOR, "role": "door"})).await?;
    stage.settle().await?;
    let mail = stage.newest_mail(DOOR).await?;
    let (_, rest) = mail.split_once("#token=").context("an invitation has a link")?;
    let token: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).collect();
    let door = stage.sign_in(DOOR).await?;
    stage.post("/api/v1/invitations/accept", Some(&door), json!({"token": token})).await?;
    Ok(())
}

async fn create(stage: &Stage, house: &House, owner: &str, scene: &Scene, zone: &str) -> Result<Show> {
    let (venue_name, address, city, country) = scene.place;
    let ends = stage.day(scene.in_days + scene.nights, scene.hours.1)?;
    let new = json!({
        "title": scene.title, "summary": scene.summary, "description": scene.description, "category": scene.category, "hue": scene.hue,
        "attendance": scene.attendance, "venue_name": venue_name, "address": address, "city": city, "country": country, "online_url": scene.online_url,
        "zone": zone, "starts_local": stage.day(scene.in_days, scene.hours.0)?, "ends_local": ends, "currency": "EUR",
    });
    let event = stage.post(&format!("{}/events", house.path), Some(owner), new).await?;
    let path = format!("{}/events/{}", house.path, text(&event, "id")?);
    let mut types = Vec::new();
    for offer in scene.offers {
        let ends_at = offer.sale_ends_in_days.map(|days| stage.instant(days)).transpose()?;
        let new = json!({
            "name": offer.name, "description": offer.description, "pricing": offer.pricing, "price": {"amount": offer.price, "currency": "EUR"},
            "capacity": offer.capacity, "sale_ends_at": ends_at,
        });
        let kind = stage.post(&format!("{path}/ticket-types"), Some(owner), new).await?;
        types.push(text(&kind, "id")?);
    }
    Ok(Show { path, slug: text(&event, "slug")?, types })
}

async fn open(stage: &Stage, house: &House, owner: &str, scene: &Scene, zone: &str) -> Result<Show> {
    let show = create(stage, house, owner, scene, zone).await?;
    stage.post(&format!("{}/publish", show.path), Some(owner), json!({})).await?;
    Ok(show)
}

/// The same, with the seats of the hall: each type sells one of its categories.
async fn open_with_seats(stage: &Stage, house: &House, owner: &str, scene: &Scene, zone: &str) -> Result<Show> {
    let show = create(stage, house, owner, scene, zone).await?;
    let layout = stage.post(&format!("{}/layouts", house.path), Some(owner), hall::document()).await?;
    let [stalls, balcony] = show.types.as_slice() else { bail!("the recital has two ticket types") };
    let seating = json!({"layout_id": text(&layout, "id")?, "categories": {"stalls": [stalls], "balcony": [balcony]}});
    stage.call(Method::PUT, &format!("{}/seating", show.path), Some(owner), seating).await?;
    let house_seats = json!({"seats": ["stalls-1-11", "stalls-1-12"], "is_blocked": true});
    stage.post(&format!("{}/seats/block", show.path), Some(owner), house_seats).await?;
    stage.post(&format!("{}/publish", show.path), Some(owner), json!({})).await?;
    Ok(show)
}

/// Parties of one to four get the best seats there are.
async fn sell_seats(stage: &Stage, recital: &Show) -> Result<()> {
    for number in 0..30_usize {
        buy(stage, recital, wish(500 + number, usize::from(number % 4 == 3), 1 + number % 4)).await?;
    }
    stage.settle().await
}

/// What a buyer orders: of the type with this number, so many, and how the payment goes.
struct Wish {
    buyer: usize,
    kind: usize,
    quantity: usize,
    outcome: &'static str,
}

fn wish(buyer: usize, kind: usize, quantity: usize) -> Wish {
    Wish { buyer, kind, quantity, outcome: "pay" }
}

async fn buy(stage: &Stage, show: &Show, wish: Wish) -> Result<Value> {
    let kind = show.types.get(wish.kind).context("a ticket type of the demo")?;
    let hold = stage
        .post(
            &format!("/api/v1/events/{}/holds", show.slug),
            None,
            json!({"lines": [{"ticket_type_id": kind, "quantity": wish.quantity}]}),
        )
        .await?;
    let (name, email) = buyer(wish.buyer);
    let attendees: Vec<Value> = (1..wish.quantity).fold(vec![json!({"name": name})], |mut all, guest| {
        all.push(json!({"name": buyer(wish.buyer + guest * 7).0}));
        all
    });
    let order =
        json!({"secret": text(&hold, "secret")?, "buyer": {"name": name, "email": email}, "attendees": attendees});
    let order = stage.post(&format!("/api/v1/holds/{}/order", text(&hold, "id")?), None, order).await?;
    if let Some(checkout) = order.pointer("/payment/checkout_url").and_then(Value::as_str)
        && !wish.outcome.is_empty()
    {
        stage.press(checkout, wish.outcome).await?;
    }
    Ok(order)
}

async fn sell_before_the_supper(
    stage: &Stage,
    supper: &Show,
    concert: &Show,
    conference: &Show,
    meetup: &Show,
) -> Result<()> {
    for day in 0..24_usize {
        buy(stage, concert, wish(day, usize::from(day % 3 == 2), 1 + day % 2)).await?;
        if day % 2 == 0 {
            buy(stage, supper, wish(40 + day, 0, 2)).await?;
            buy(stage, meetup, wish(70 + day, 0, 1)).await?;
        }
        if day % 3 == 0 {
            let kind = if day < 18 { 0 } else { 1 };
            buy(stage, conference, wish(100 + day, kind, 1)).await?;
            buy(stage, conference, wish(130 + day, 2 + day % 2, 1)).await?;
        }
        stage.wait(HOUR * 26).await?;
    }
    Ok(())
}

async fn call_off(stage: &Stage, house: &House, show: &Show) -> Result<()> {
    buy(stage, show, wish(200, 0, 1)).await?;
    let owner = house.token(stage).await?;
    stage.post(&format!("{}/cancel", show.path), Some(&owner), json!({})).await?;
    stage.settle().await
}

async fn scan_the_supper(stage: &Stage, house: &House, supper: &Show) -> Result<()> {
    let owner = house.token(stage).await?;
    let list =
        stage.post(&format!("{}/check-in-lists", supper.path), Some(&owner), json!({"name": "Barn door"})).await?;
    let devices = format!("{}/check-in-lists/{}/devices", supper.path, text(&list, "id")?);
    let device = stage.post(&devices, Some(&owner), json!({"name": "Noor's phone"})).await?;
    let door = text(&device, "token")?;
    let attendees =
        stage.call(Method::GET, &format!("{}/attendees?limit=100", supper.path), Some(&owner), Value::Null).await?;
    let all = attendees.pointer("/items").and_then(Value::as_array).cloned().unwrap_or_default();
    // One in eight stays at home.
    for (number, attendee) in all.iter().enumerate().filter(|(number, _)| number % 8 != 7) {
        let nonce = Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 + u128::try_from(number).unwrap_or(0));
        stage.post("/api/v1/door/scans", Some(&door), json!({"code": text(attendee, "code")?, "nonce": nonce})).await?;
        stage.wait(SignedDuration::from_secs(50)).await?;
    }
    Ok(())
}

/// The last days: the concert nearly sells out, and every way an order can end is taken once.
async fn sell_since(stage: &Stage, house: &House, concert: &Show, conference: &Show, meetup: &Show) -> Result<()> {
    for number in 0..8 {
        buy(stage, conference, wish(300 + number, 1 + number % 3, 1)).await?;
        buy(stage, meetup, wish(320 + number, 0, 1)).await?;
        stage.wait(HOUR * 5).await?;
    }
    let regretted = buy(stage, conference, wish(340, 1, 2)).await?;
    let late = buy(stage, conference, Wish { outcome: "pay_twice", ..wish(341, 1, 1) }).await?;
    stage.settle().await?;
    cancel_and_refund(stage, conference, &regretted).await?;
    drop(late);
    buy(stage, concert, Wish { outcome: "decline", ..wish(342, 0, 1) }).await?;
    stage.wait(HOUR).await?;
    fill(stage, house, concert).await?;
    stage.wait_until(0, 0).await?;
    buy(stage, conference, Wish { outcome: "", ..wish(360, 1, 1) }).await?;
    stage.settle().await
}

async fn cancel_and_refund(stage: &Stage, show: &Show, order: &Value) -> Result<()> {
    let token = stage.sign_in(GRACE).await?;
    let code = text(order, "code")?;
    let found = stage.call(Method::GET, &format!("{}/orders?q={code}", show.path), Some(&token), Value::Null).await?;
    stage
        .post(
            &format!("{}/orders/{}/cancel", show.path, text(&found, "/items/0/id")?),
            Some(&token),
            json!({"refund": true}),
        )
        .await?;
    stage.settle().await
}

/// Buys until exactly three places are left, with one buyer whose money comes after the places are gone.
async fn fill(stage: &Stage, house: &House, concert: &Show) -> Result<()> {
    let left = places_left(stage, house, concert).await?;
    let floor = left.first().copied().unwrap_or(0);
    buy_all(stage, concert, 400, 0, floor - 4).await?;
    stage.settle().await?;
    // Four places are left on the floor: one buyer takes all four and pays after the hold has ended.
    let too_late = Wish { outcome: "pay_late", ..wish(450, 0, 4) };
    buy(stage, concert, too_late).await?;
    stage.let_holds_expire(SignedDuration::from_mins(31)).await?;
    buy_all(stage, concert, 460, 0, 2).await?;
    stage.settle().await?;
    let balcony = left.get(1).copied().unwrap_or(0);
    buy_all(stage, concert, 470, 1, balcony - 1).await?;
    stage.settle().await
}

async fn buy_all(stage: &Stage, show: &Show, first: usize, kind: usize, places: i64) -> Result<()> {
    for number in 0..usize::try_from(places.max(0)).unwrap_or(0) {
        buy(stage, show, wish(first + number, kind, 1)).await?;
    }
    Ok(())
}

async fn places_left(stage: &Stage, house: &House, show: &Show) -> Result<Vec<i64>> {
    let owner = house.token(stage).await?;
    let types = stage.call(Method::GET, &format!("{}/ticket-types", show.path), Some(&owner), Value::Null).await?;
    let items = types.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
    Ok(items.iter().filter_map(|kind| kind.get("available").and_then(Value::as_i64)).collect())
}
