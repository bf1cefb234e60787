use super::*;
use serde_json::json;

const SITE: Site<'static> = Site { name: "tickets.example.org", url: "https://tickets.example.org" };

fn tickets() -> serde_json::Value {
    json!({
        "buyer_name": "Ada Lovelace", "event_title": "Blue Harbour Jazz", "when_line": "Fri 12 March 2027, 19:00–01:00 CET",
        "place_lines": ["Pakhuis 14", "Rijnhaven 14, Rotterdam"], "order_code": "PK8DH2XQ",
        "order_url": "https://tickets.example.org/o/PK8DH2XQ/abc?x=1&y=2", "is_resend": false,
        "tickets": [
            {"code": "PK8DH2XQ-1", "holder_name": "Ada Lovelace", "type": "Friday"},
            {"code": "PK8DH2XQ-2", "holder_name": "Зоя Иванова", "type": "Friday"},
        ],
    })
}

fn every() -> [(&'static str, serde_json::Value); 6] {
    let order = json!({"buyer_name": "Ada", "event_title": "Jazz", "order_code": "PK8DH2XQ"});
    let (mut refunded, mut unpaid, mut late) = (order.clone(), order.clone(), order);
    refunded["refund"] = json!("€38.00");
    unpaid["refund"] = json!("");
    late["amount"] = json!("€38.00");
    [
        ("sign_in", json!({"code": "482913", "link": "https://tickets.example.org/login/link/abc", "minutes": 10})),
        (
            "invitation",
            json!({"organisation_name": "Harbour", "role": "box_office", "link": "https://tickets.example.org/i/abc", "inviter": "Bo"}),
        ),
        ("tickets", tickets()),
        ("order_cancelled", refunded),
        ("order_cancelled", unpaid),
        ("payment_too_late", late),
    ]
}

#[test]
fn every_template_gives_a_subject_a_letter_and_a_text() {
    for (template, data) in every() {
        let letter = render(template, &data, SITE).unwrap_or_else(|error| panic!("{error}"));
        assert!(!letter.subject.is_empty() && !letter.subject.contains('\n'), "{template}: {:?}", letter.subject);
        assert!(letter.html.starts_with("<!doctype html>"), "{template}: {}", &letter.html[..80]);
        assert!(
            letter.text.contains("Sent by tickets.example.org, https://tickets.example.org"),
            "{template}: {}",
            letter.text
        );
        for leftover in ["{{", "{%", "<mj-", "fonts.googleapis", "undefined"] {
            assert!(!letter.html.contains(leftover) && !letter.text.contains(leftover), "{template} has {leftover}");
        }
        for value in data.as_object().unwrap().values().filter_map(serde_json::Value::as_str) {
            let seen = words(value);
            assert!(letter.text.contains(&seen), "{template}: the text lacks {seen}");
        }
    }
}

#[test]
fn the_text_of_tickets_reads_well() {
    let letter = render("tickets", &tickets(), SITE).unwrap();
    assert_eq!(letter.subject, "Your tickets for Blue Harbour Jazz");
    insta::assert_snapshot!(letter.text, @r"
    Hello Ada Lovelace,

    you're going! They are in the attached PDF. Show the QR code
    at the door, on paper or on your phone.

    Blue Harbour Jazz
    Fri 12 March 2027, 19:00–01:00 CET
    Pakhuis 14
    Rijnhaven 14, Rotterdam

    Order PK8DH2XQ
      PK8DH2XQ-1  Ada Lovelace, Friday
      PK8DH2XQ-2  Зоя Иванова, Friday

    Your order:
    https://tickets.example.org/o/PK8DH2XQ/abc?x=1&y=2

    That page and the codes are as good as the tickets themselves: share them only
    with those who come along.

    --
    Sent by tickets.example.org, https://tickets.example.org
    ");
}

#[test]
fn the_text_of_a_cancelled_order_reads_well_with_and_without_a_refund() {
    let [.., (_, paid), (_, unpaid), _] = every();
    insta::assert_snapshot!(render("order_cancelled", &paid, SITE).unwrap().text, @r"
    Hello Ada,

    order PK8DH2XQ for Jazz is cancelled. Its tickets are no
    longer valid.

    €38.00 goes back to where you paid from. Banks take up to ten days to
    show it.

    If you did not expect this, write to the organiser.

    --
    Sent by tickets.example.org, https://tickets.example.org
    ");
    insta::assert_snapshot!(render("order_cancelled", &unpaid, SITE).unwrap().text, @r"
    Hello Ada,

    order PK8DH2XQ for Jazz is cancelled. Its tickets are no
    longer valid.

    If you did not expect this, write to the organiser.

    --
    Sent by tickets.example.org, https://tickets.example.org
    ");
}

#[test]
fn names_are_never_markup() {
    let evil = r#"<script>alert(1)</script><mj-raw><img src=x onerror="alert(2)"></mj-raw>"#;
    let mut data = tickets();
    for field in ["buyer_name", "event_title", "when_line", "order_code"] {
        data[field] = json!(evil);
    }
    data["place_lines"] = json!([evil]);
    data["tickets"] = json!([{"code": evil, "holder_name": evil, "type": evil}]);
    let html = render("tickets", &data, SITE).unwrap().html;
    assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("mj-raw>"), "{html}");
    assert_eq!(html.matches("&lt;script&gt;").count(), 12, "{html}");
}

#[test]
fn links_are_kept_whole_and_lead_to_the_web_only() {
    let html = render("tickets", &tickets(), SITE).unwrap().html;
    assert!(html.contains(r#"href="https://tickets.example.org/o/PK8DH2XQ/abc?x=1&amp;y=2""#), "{html}");
    let mut data = tickets();
    for bad in ["javascript:alert(1)", "data:text/html,x", ""] {
        data["order_url"] = json!(bad);
        assert!(render("tickets", &data, SITE).is_err(), "{bad}");
    }
    data["order_url"] = json!(r#"https://a.example/"><script>x</script>"#);
    assert!(!render("tickets", &data, SITE).unwrap().html.contains("<script"));
}

#[test]
fn a_subject_is_one_line_whatever_the_event_is_called() {
    let mut data = tickets();
    data["event_title"] = json!("Jazz\r\nBcc: eve@example.org\r\n\r\nHello");
    assert_eq!(render("tickets", &data, SITE).unwrap().subject, "Your tickets for Jazz Bcc: eve@example.org Hello");
}

#[test]
fn unknown_templates_and_missing_data_are_refused() {
    assert!(render("newsletter", &json!({}), SITE).is_err());
    assert!(render("layout", &json!({}), SITE).is_err());
    assert!(render("sign_in", &json!({"code": "1"}), SITE).is_err());
    assert!(render("sign_in", &json!([]), SITE).is_err());
}
