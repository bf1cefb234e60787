//! What every page has: one heading, landmarks, a label for each control.

use crate::html::{faults, tags, words};
use crate::support::{free, organiser, page, paid, signed_in, start, visitor};

#[tokio::test]
async fn every_page_has_one_heading_and_labels_for_all_controls() {
    let app = start().await;
    let host = organiser(&app, "Northside").await;
    let event = host.event("Jazz", &[free("Friday", 9), paid("Saturday", 2_200, 9)]).await;
    let visitor = visitor(&app);
    let ada = signed_in(&app, "ada@example.org").await;
    let checkout = event.hold(&visitor, &["2", "1"]).await;
    let order = event.buy(&ada, &["2", "0"]).await;
    for path in [
        "/",
        "/discover",
        "/discover?q=nothing&city=Nowhere",
        "/login",
        "/login/verify?id=sgn_01h455vb4pex5vsknk084sn02q",
        &format!("/@{}", host.slug),
        &event.page(),
        &checkout,
        &order,
        &format!("{order}/1"),
    ] {
        let shown = page(&visitor, path).await;
        assert_eq!(faults(&shown), Vec::<String>::new(), "{path}: {shown}");
    }
    for path in ["/my/tickets", "/", &event.page()] {
        assert_eq!(faults(&page(&ada, path).await), Vec::<String>::new(), "{path}");
    }
}

#[tokio::test]
async fn the_theme_and_the_hue_are_in_the_page() {
    let app = start().await;
    let event = organiser(&app, "Northside").await.event("Jazz", &[free("Friday", 9)]).await;
    let visitor = visitor(&app);
    let dark =
        visitor.send(visitor.request(reqwest::Method::GET, &event.page()).header("Cookie", "theme=dark")).await.text();
    let html = tags(&dark).into_iter().find(|tag| tag.name == "html").unwrap();
    assert_eq!(html.attribute("data-theme").as_deref(), Some("dark"));
    assert_eq!(html.attribute("class").as_deref(), Some("hue h-265"));
    assert!(words(&dark).contains("Jazz"));
}

#[tokio::test]
async fn search_engines_read_the_event_and_the_list() {
    let app = start().await;
    let host = organiser(&app, "Northside").await;
    let event = host.event("Jazz", &[paid("Friday", 2_200, 9)]).await;
    let visitor = visitor(&app);
    let shown = page(&visitor, &event.page()).await;
    let data = shown.split("<script type=\"application/ld+json\">").nth(1).unwrap().split("</script>").next().unwrap();
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["@type"], "Event");
    assert_eq!(data["startDate"], "2027-03-12T19:00:00+01:00");
    assert_eq!(data["offers"][0]["price"], "22.00");
    assert!(shown.contains(&format!("<link rel=\"canonical\" href=\"{}{}\">", visitor.base(), event.page())));
    let sitemap = visitor.get("/sitemap.xml").await.text();
    for path in [event.page(), format!("/@{}", host.slug), "/discover".to_owned()] {
        assert!(sitemap.contains(&format!("<loc>{}{path}</loc>", visitor.base())), "{path}: {sitemap}");
    }
    assert!(visitor.get("/robots.txt").await.text().contains("Disallow: /o/"));
}

#[tokio::test]
async fn the_app_is_one_page_under_every_address() {
    let app = start().await;
    for path in ["/app", "/app/events/evt_1/scan", "/app/door"] {
        let answer = app.client.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.text().contains("<div id=\"root\"></div>"));
        assert!(answer.header("content-security-policy").contains("'wasm-unsafe-eval'"), "{path}");
        assert!(answer.header("permissions-policy").contains("camera=(self)"), "{path}");
    }
}
