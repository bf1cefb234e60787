//! The page that shows the document: complete without scripts, and with nothing from outside.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Map, Value};

use super::access::Access;
use super::operations;
use super::schema::{Property, example, kind, properties, resolve};
use super::style::{anchor, badge, code_block, inline};
use crate::problem::escape;

/// One operation and where it stands.
struct Operation<'a> {
    path: &'a str,
    method: &'static str,
    body: &'a Map<String, Value>,
}

/// The main part of the page.
pub(super) fn main(document: &Value) -> String {
    let mut groups: BTreeMap<&str, Vec<Operation>> = BTreeMap::new();
    for (path, method, body) in operations(document) {
        let tag = body.get("tags").and_then(|tags| tags.get(0)).and_then(Value::as_str).unwrap_or("other");
        groups.entry(tag).or_default().push(Operation { path, method, body });
    }
    let mut page = String::new();
    let info = |name: &str| document.pointer(&format!("/info/{name}")).and_then(Value::as_str).unwrap_or_default();
    let _ = write!(
        page,
        "<div class=\"stack stack-xl\"><header class=\"stack\"><p class=\"eyebrow\">Version {}</p><h1 class=\"h1\">{} API</h1><p class=\"prose\">{}</p>\
         <p class=\"cluster\"><a class=\"btn btn-secondary btn-sm\" href=\"/api/v1/openapi.json\">OpenAPI 3.1 document</a>\
         <a class=\"btn btn-secondary btn-sm\" href=\"/docs/problems\">Problems</a></p></header>",
        escape(info("version")),
        escape(info("title")),
        inline(info("description")),
    );
    contents(&mut page, &groups);
    for (tag, group) in &groups {
        let _ = write!(
            page,
            "<section class=\"stack stack-lg\" id=\"{}\"><h2 class=\"h2\">{}</h2>",
            anchor(tag),
            escape(tag)
        );
        for operation in group {
            show(&mut page, document, operation);
        }
        page.push_str("</section>");
    }
    page.push_str("</div>");
    page
}

fn contents(page: &mut String, groups: &BTreeMap<&str, Vec<Operation>>) {
    page.push_str("<nav class=\"stack\" aria-label=\"Operations\">");
    for (tag, group) in groups {
        let _ = write!(
            page,
            "<details class=\"fold\"><summary><span class=\"strong\">{}</span> <span class=\"muted\">{}</span></summary><ul>",
            escape(tag),
            group.len()
        );
        for operation in group {
            let _ = write!(
                page,
                "<li><a class=\"link\" href=\"#{}\"><span class=\"mono small\">{} {}</span></a> <span class=\"small muted\">{}</span></li>",
                id_of(operation),
                operation.method.to_uppercase(),
                escape(operation.path),
                escape(text(operation.body, "summary")),
            );
        }
        page.push_str("</ul></details>");
    }
    page.push_str("</nav>");
}

fn id_of(operation: &Operation) -> String {
    anchor(&format!("{}-{}", operation.method, operation.path))
}

fn show(page: &mut String, document: &Value, operation: &Operation) {
    let access = Access::of(operation.body).map_or_else(|| "Not stated".to_owned(), Access::words);
    let _ = write!(
        page,
        "<article class=\"card\" id=\"{}\"><header class=\"card-head\"><h3 class=\"h3\">{} <span class=\"mono\">{}</span></h3><span class=\"badge\">{}</span></header><div class=\"card-body stack\">",
        id_of(operation),
        badge(operation.method),
        escape(operation.path),
        escape(&access),
    );
    let (summary, description) = (text(operation.body, "summary"), text(operation.body, "description"));
    for paragraph in [summary, description].into_iter().filter(|paragraph| !paragraph.is_empty()) {
        let _ = write!(page, "<p>{}</p>", inline(paragraph));
    }
    let body = body_schema(operation.body);
    parameters(page, document, operation.body);
    if let Some((media, schema)) = body {
        table(page, &format!("Body ({media}): {}", kind(schema)), &properties(document, schema));
    }
    responses(page, document, operation.body);
    let _ = write!(
        page,
        "<details class=\"fold\"><summary>Example</summary>{}</details>",
        code_block(&curl(document, operation))
    );
    page.push_str("</div></article>");
}

/// A text member of an operation, a parameter or a response.
fn text<'a>(object: impl Into<Option<&'a Map<String, Value>>>, name: &str) -> &'a str {
    object.into().and_then(|object| object.get(name)).and_then(Value::as_str).unwrap_or_default()
}

fn body_schema(operation: &Map<String, Value>) -> Option<(&str, &Value)> {
    let content = operation.get("requestBody")?.get("content")?.as_object()?;
    content.iter().next().and_then(|(media, content)| Some((media.as_str(), content.get("schema")?)))
}

fn parameters(page: &mut String, document: &Value, operation: &Map<String, Value>) {
    let listed = operation
        .get("parameters")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|parameter| resolve(document, parameter));
    let rows: Vec<Property> = listed
        .map(|parameter| Property {
            name: format!("{} ({})", text(parameter.as_object(), "name"), text(parameter.as_object(), "in")),
            kind: parameter.get("schema").map(kind).unwrap_or_default(),
            is_required: parameter.get("required").and_then(Value::as_bool).unwrap_or_default(),
            description: text(parameter.as_object(), "description").to_owned(),
        })
        .collect();
    table(page, "Parameters", &rows);
}

fn table(page: &mut String, title: &str, rows: &[Property]) {
    if rows.is_empty() {
        return;
    }
    let _ = write!(
        page,
        "<h4 class=\"strong\">{0}</h4><div class=\"table-wrap\" tabindex=\"0\" role=\"group\" aria-label=\"{0}\"><table class=\"table\"><thead><tr><th>Name</th><th>Type</th><th>Needed</th><th>Meaning</th></tr></thead><tbody>",
        escape(title)
    );
    for row in rows {
        let _ = write!(
            page,
            "<tr><td class=\"mono\">{}</td><td class=\"mono small\">{}</td><td>{}</td><td>{}</td></tr>",
            escape(&row.name),
            escape(&row.kind),
            if row.is_required { "yes" } else { "no" },
            inline(&row.description),
        );
    }
    page.push_str("</tbody></table></div>");
}

fn responses(page: &mut String, document: &Value, operation: &Map<String, Value>) {
    let Some(responses) = operation.get("responses").and_then(Value::as_object) else { return };
    page.push_str("<h4 class=\"strong\">Answers</h4>");
    for (status, response) in responses.iter().filter(|(status, _)| status.as_str() < "400") {
        let response = resolve(document, response);
        let schema = response
            .get("content")
            .and_then(Value::as_object)
            .and_then(|content| content.values().next())
            .and_then(|content| content.get("schema"));
        let _ = write!(
            page,
            "<p><span class=\"badge badge-success\">{}</span> {}</p>",
            escape(status),
            inline(text(response.as_object(), "description"))
        );
        if let Some(schema) = schema {
            let _ = write!(
                page,
                "<details class=\"fold\"><summary class=\"mono small\">{}</summary>",
                escape(&kind(schema))
            );
            table(page, "Body", &properties(document, schema));
            page.push_str("</details>");
        }
    }
    let problems: Vec<&str> =
        responses.keys().map(String::as_str).filter(|status| ("400".."600").contains(status)).collect();
    if !problems.is_empty() {
        let _ = write!(
            page,
            "<p class=\"small muted\"><a class=\"link\" href=\"/docs/problems\">Problems</a>: {}</p>",
            escape(&problems.join(", "))
        );
    }
}

/// A command that a reader can type.
fn curl(document: &Value, operation: &Operation) -> String {
    let server = document.pointer("/servers/0/url").and_then(Value::as_str).unwrap_or_default();
    let access = Access::of(operation.body);
    let secret = if matches!(access, Some(Access::Secret)) && body_schema(operation.body).is_none() {
        "?secret=SECRET"
    } else {
        ""
    };
    let mut command = format!("curl -X {} '{server}{}{secret}'", operation.method.to_uppercase(), operation.path);
    if access.is_some_and(Access::needs_token) {
        command.push_str(" \\\n  -H 'Authorization: Bearer TOKEN'");
    }
    if let Some((media, schema)) = body_schema(operation.body) {
        let _ = write!(command, " \\\n  -H 'Content-Type: {media}'");
        if media == "application/json" {
            let body = serde_json::to_string_pretty(&example(document, schema)).unwrap_or_default();
            let _ = write!(command, " \\\n  -d '{}'", body.replace('\'', "'\\''"));
        }
    }
    command
}
