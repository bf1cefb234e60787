//! What the shell adds to the document: the server, who may call what, the problems that any operation can answer.

use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;

use super::METHODS;
use super::access::Access;

const DESCRIPTION: &str = "Event ticketing. JSON in snake_case, instants in RFC 3339, money as `{\"amount\": 1250, \"currency\": \"EUR\"}` in minor units, \
    prefixed ids (`ord_...`). Lists answer `items` and `next_cursor`. Unknown fields are refused. Every answer that is not a success is \
    `application/problem+json` (RFC 9457). A POST may carry an `Idempotency-Key`: its first answer is stored and given again.";

/// Completes the modules' document.
pub(crate) fn finish(document: &OpenApi, public_url: &str) -> Value {
    let mut document = match serde_json::to_value(document) {
        Ok(Value::Object(document)) => document,
        _ => Map::new(),
    };
    put(&mut document, "openapi", json!("3.1.0"));
    put(&mut document, "info", info());
    put(&mut document, "servers", json!([{"url": public_url}]));
    within(&mut document, "components", |components| {
        put(components, "securitySchemes", security_schemes());
        within(components, "schemas", |schemas| put(schemas, "Problem", problem_schema()));
        within(components, "responses", |responses| put(responses, "Problem", problem_response()));
    });
    within(&mut document, "paths", |paths| {
        for (path, item) in paths.iter_mut() {
            for method in METHODS {
                if let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) {
                    complete(path, method, operation);
                }
            }
        }
    });
    Value::Object(document)
}

fn complete(path: &str, method: &str, operation: &mut Map<String, Value>) {
    put(operation, "operationId", Value::String(operation_id(path, method)));
    let access = Access::of(operation);
    if let Some(access) = access {
        put(operation, "security", access.requirements());
    }
    let mut statuses = vec!["429", "default"];
    if access.is_some_and(Access::needs_token) {
        statuses.extend(["401", "403"]);
    }
    if path.contains('{') {
        statuses.push("404");
    }
    if operation.contains_key("requestBody") {
        statuses.extend(["400", "413", "415", "422"]);
    }
    within(operation, "responses", |responses| {
        for status in statuses {
            responses.entry(status).or_insert_with(|| json!({"$ref": "#/components/responses/Problem"}));
        }
    });
    if method == "post" && path.starts_with("/api/v1/") {
        add_idempotency_key(operation);
    }
}

/// A name that no other operation has, as generators of clients need it: `post_organisations_events` for the path without its version and
/// parameters, which are told by `by`: `get_orders_by_code`.
fn operation_id(path: &str, method: &str) -> String {
    let mut words = vec![method.to_owned()];
    for part in path.trim_start_matches("/api/v1").split('/').filter(|part| !part.is_empty()) {
        match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(parameter) => words.extend(["by".to_owned(), parameter.trim_start_matches('*').to_owned()]),
            None => words.push(part.replace(|c: char| !c.is_ascii_alphanumeric(), "_")),
        }
    }
    words.join("_")
}

fn add_idempotency_key(operation: &mut Map<String, Value>) {
    let parameter = json!({
        "name": "Idempotency-Key", "in": "header", "required": false,
        "description": "A word of your own for this request, kept 48 hours. Sent again, the first answer comes back and nothing happens twice.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255}
    });
    match operation.get_mut("parameters").and_then(Value::as_array_mut) {
        Some(parameters) => parameters.push(parameter),
        None => put(operation, "parameters", json!([parameter])),
    }
}

fn info() -> Value {
    json!({
        "title": "Turnout",
        "version": env!("CARGO_PKG_VERSION"),
        "description": DESCRIPTION,
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}
    })
}

fn security_schemes() -> Value {
    json!({
        "access_token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "The access token of a person, from signing in."},
        "api_key": {"type": "http", "scheme": "bearer", "description": "A key of an organisation: `tk_...`."},
        "device_token": {"type": "http", "scheme": "bearer", "description": "The token of a door device: `td_...`."},
        "session": {"type": "apiKey", "in": "cookie", "name": "turnout_session", "description": "The session of a browser; `__Host-turnout_session` over TLS."},
        "object_secret": {"type": "apiKey", "in": "query", "name": "secret", "description": "The secret that came with a hold or an order."}
    })
}

fn problem_response() -> Value {
    json!({
        "description": "A problem (RFC 9457).",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    })
}

fn problem_schema() -> Value {
    json!({
        "type": "object",
        "description": "What went wrong. Some problems carry further members with figures that help.",
        "required": ["type", "title", "status", "detail", "code", "errors", "trace_id"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference", "description": "Where the problem is explained."},
            "title": {"type": "string", "description": "The class of the problem."},
            "status": {"type": "integer", "description": "The status of the answer."},
            "detail": {"type": "string", "description": "A sentence for people."},
            "code": {"type": "string", "description": "A stable word for programs."},
            "errors": {"type": "array", "description": "What is wrong, field by field.", "items": {
                "type": "object", "required": ["field", "code", "message"],
                "properties": {"field": {"type": "string"}, "code": {"type": "string"}, "message": {"type": "string"}}
            }},
            "trace_id": {"type": "string", "description": "Finds the request in the log."}
        }
    })
}

fn put(target: &mut Map<String, Value>, name: &str, value: Value) {
    target.insert(name.to_owned(), value);
}

/// Changes the object of that name, which is made when it is missing.
fn within(target: &mut Map<String, Value>, name: &str, change: impl FnOnce(&mut Map<String, Value>)) {
    let place = target.entry(name).or_insert(Value::Null);
    let mut object = match place.take() {
        Value::Object(object) => object,
        _ => Map::new(),
    };
    change(&mut object);
    *place = Value::Object(object);
}
