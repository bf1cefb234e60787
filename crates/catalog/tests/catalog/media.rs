//! Pictures: uploaded, stripped, served, set as covers.

use image::ImageEncoder;
use image::codecs::jpeg::JpegEncoder;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use testkit::Response;

use crate::support::{Team, complaints, house, pair};

const SECRET: &[u8] = b"taken at 51.9N 4.5E";

/// A photograph with a place in its metadata.
fn photograph(width: u32, height: u32) -> Vec<u8> {
    let pixels =
        image::RgbImage::from_fn(width, height, |x, y| image::Rgb([x.to_le_bytes()[0], y.to_le_bytes()[0], 90]));
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 90);
    let mut exif = b"II*\0\x08\0\0\0\x01\0\x0e\x01\x02\0\x13\0\0\0\x1a\0\0\0\0\0\0\0".to_vec();
    exif.extend(SECRET);
    encoder.set_exif_metadata(exif).unwrap();
    encoder.encode_image(&pixels).unwrap();
    bytes
}

fn has(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

async fn upload(team: &Team, bytes: Vec<u8>) -> Response {
    let form = Form::new()
        .text("comment", "ours")
        .part("file", Part::bytes(bytes).file_name("../../evil.php").mime_str("text/html").unwrap());
    team.editor.send(team.editor.request(Method::POST, &team.path("/media")).multipart(form)).await
}

fn path_of<'a>(team: &Team, picture: &'a Value) -> &'a str {
    picture["url"].as_str().unwrap().strip_prefix(team.editor.base()).unwrap()
}

#[tokio::test]
async fn an_uploaded_picture_is_served_without_its_metadata() {
    let house = house().await;
    let team = house.team("northside").await;
    let file = photograph(1_000, 500);
    assert!(has(&file, SECRET), "the sample carries a place");
    let answer = upload(&team, file).await;
    let picture = answer.expect(201);
    assert_eq!((picture["width"].as_u64(), picture["height"].as_u64()), (Some(1_000), Some(500)));
    let widths: Vec<u64> =
        picture["variants"].as_array().unwrap().iter().map(|variant| variant["width"].as_u64().unwrap()).collect();
    assert_eq!(widths, [400, 800, 1_000]);
    assert_eq!(answer.header("location"), path_of(&team, &picture));

    let served = house.app.client.get(path_of(&team, &picture)).await;
    assert_eq!((served.status.as_u16(), served.header("content-type")), (200, "image/webp"));
    assert_eq!(served.header("cache-control"), "public, max-age=31536000, immutable");
    assert!(!has(&served.body, SECRET) && has(&served.body, b"WEBP"));
    let tag = served.header("etag").to_owned();
    let known = house.app.client.request(Method::GET, path_of(&team, &picture)).header("If-None-Match", tag);
    assert_eq!(house.app.client.send(known).await.status.as_u16(), 304);
    let id = picture["id"].as_str().unwrap();
    for path in [
        format!("/media/{id}/801.webp"),
        format!("/media/{id}/800.png"),
        "/media/med_01h455vb4pex5vsknk084sn02q/800.webp".to_owned(),
    ] {
        assert_eq!(house.app.client.get(&path).await.status.as_u16(), 404, "{path}");
    }
    house.app.check().await;
}

#[tokio::test]
async fn a_picture_can_also_be_the_body_itself() {
    let house = house().await;
    let team = house.team("northside").await;
    let mut png = Vec::new();
    image::codecs::png::PngEncoder::new(&mut png)
        .write_image(&[200; 300 * 20 * 3], 300, 20, image::ExtendedColorType::Rgb8)
        .unwrap();
    let request = team.editor.request(Method::POST, &team.path("/media")).header("Content-Type", "image/png").body(png);
    let picture = team.editor.send(request).await.expect(201);
    assert_eq!(picture["variants"].as_array().unwrap().len(), 1, "it is never made larger");
}

#[tokio::test]
async fn what_is_no_picture_is_refused_whatever_it_is_called() {
    let house = house().await;
    let team = house.team("northside").await;
    let problem = upload(&team, b"<svg onload=alert(1)>".to_vec()).await.expect(422);
    assert_eq!(complaints(&problem), [pair("file", "picture_format_unknown")]);
    let cut = photograph(300, 200)[..600].to_vec();
    assert_eq!(complaints(&upload(&team, cut).await.expect(422)), [pair("file", "picture_damaged")]);
    let empty = Form::new().text("other", "x");
    let problem =
        team.editor.send(team.editor.request(Method::POST, &team.path("/media")).multipart(empty)).await.expect(422);
    assert_eq!(complaints(&problem), [pair("file", "required")]);
    team.editor.post(&team.path("/media"), json!({})).await.expect(415);
    let viewer = team
        .viewer
        .request(Method::POST, &team.path("/media"))
        .header("Content-Type", "image/jpeg")
        .body(photograph(10, 10));
    team.viewer.send(viewer).await.expect(403);
}

#[tokio::test]
async fn a_cover_is_shown_to_the_public_and_is_one_s_own() {
    let house = house().await;
    let (team, other) = (house.team("northside").await, house.team("southside").await);
    let picture = upload(&team, photograph(900, 450)).await.expect(201);
    let event = house.published(&team, json!({})).await;
    let edited = team.editor.patch(&team.event_path(&event), 2, json!({ "cover_id": picture["id"] })).await.expect(200);
    assert_eq!(edited["cover"], picture);
    assert_eq!(house.app.client.get("/api/v1/events/blue-harbour-jazz").await.expect(200)["cover"], picture);
    assert_eq!(house.app.client.get("/api/v1/events").await.expect(200)["items"][0]["cover"], picture);

    let foreign = other.create(json!({})).await;
    let problem =
        other.editor.patch(&other.event_path(&foreign), 1, json!({ "cover_id": picture["id"] })).await.expect(422);
    assert_eq!(complaints(&problem), [pair("cover_id", "not_found")]);
    let removed = team.editor.patch(&team.event_path(&event), 3, json!({ "cover_id": null })).await.expect(200);
    assert!(removed["cover"].is_null());
    house.app.check().await;
}
