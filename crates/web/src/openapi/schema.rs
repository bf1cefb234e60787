//! Puts a JSON schema into a line, and makes an example of it.

use serde_json::{Map, Value, json};

/// References followed before an example or a listing stops: schemas may contain themselves.
const DEPTH_MAX: u8 = 6;

/// One property of an object, as the page lists it.
pub(super) struct Property {
    /// `lines[].quantity`
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) is_required: bool,
    pub(super) description: String,
}

/// Follows `$ref` into the components.
pub(super) fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let target = schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
    target.and_then(|pointer| document.pointer(pointer)).unwrap_or(schema)
}

/// The kind of a schema in a few words: `string (date-time)`, `array of Line`, `"free" | "paid"`.
pub(super) fn kind(schema: &Value) -> String {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        return name.rsplit('/').next().unwrap_or(name).to_owned();
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        if let Some(choices) = schema.get(key).and_then(Value::as_array) {
            return choices.iter().map(kind).collect::<Vec<_>>().join(" or ");
        }
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        return words.iter().map(Value::to_string).collect::<Vec<_>>().join(" | ");
    }
    let names = match schema.get("type") {
        Some(Value::String(name)) => name.clone(),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        _ => "any".to_owned(),
    };
    match (schema.get("items"), schema.get("format").and_then(Value::as_str)) {
        (Some(items), _) => format!("{names} of {}", kind(items)),
        (None, Some(format)) => format!("{names} ({format})"),
        (None, None) => names,
    }
}

/// All properties of a schema, those of its parts behind a dot.
pub(super) fn properties(document: &Value, schema: &Value) -> Vec<Property> {
    let mut all = Vec::new();
    collect(document, schema, "", DEPTH_MAX, &mut all);
    all
}

fn collect(document: &Value, schema: &Value, before: &str, depth: u8, all: &mut Vec<Property>) {
    let schema = resolve(document, schema);
    if depth == 0 {
        return;
    }
    if let Some(items) = schema.get("items") {
        return collect(document, items, &format!("{before}[]"), depth - 1, all);
    }
    for choice in
        ["allOf", "oneOf", "anyOf"].iter().filter_map(|key| schema.get(*key)).filter_map(Value::as_array).flatten()
    {
        collect(document, choice, before, depth - 1, all);
    }
    let required = schema.get("required").and_then(Value::as_array);
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let full = if before.is_empty() { name.clone() } else { format!("{before}.{name}") };
        let described = property.get("description").or_else(|| resolve(document, property).get("description"));
        all.push(Property {
            name: full.clone(),
            kind: kind(property),
            is_required: required.is_some_and(|required| required.iter().any(|required| required == name)),
            description: described.and_then(Value::as_str).unwrap_or_default().to_owned(),
        });
        collect(document, property, &full, depth - 1, all);
    }
}

/// A value that fits the schema: its own example where it has one.
pub(super) fn example(document: &Value, schema: &Value) -> Value {
    example_within(document, schema, DEPTH_MAX)
}

fn example_within(document: &Value, schema: &Value, depth: u8) -> Value {
    let schema = resolve(document, schema);
    let given = schema
        .get("example")
        .or_else(|| schema.get("examples")?.get(0))
        .or_else(|| schema.get("default"))
        .or_else(|| schema.get("enum")?.get(0));
    if let Some(given) = given {
        return given.clone();
    }
    if depth == 0 {
        return Value::Null;
    }
    if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
        let members = parts.iter().filter_map(|part| example_within(document, part, depth - 1).as_object().cloned());
        return Value::Object(members.flatten().collect());
    }
    let choices = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array);
    if let Some(choice) =
        choices.and_then(|choices| choices.iter().find(|choice| choice.get("type") != Some(&json!("null"))))
    {
        return example_within(document, choice, depth - 1);
    }
    match type_of(schema) {
        "object" => {
            let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
            Value::Object(
                properties
                    .map(|(name, property)| (name.clone(), example_within(document, property, depth - 1)))
                    .collect::<Map<_, _>>(),
            )
        }
        "array" => json!([schema.get("items").map(|items| example_within(document, items, depth - 1))]),
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
        "boolean" => json!(true),
        "null" => Value::Null,
        _ => text(schema),
    }
}

fn type_of(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::String(name)) => name,
        Some(Value::Array(names)) => {
            names.iter().filter_map(Value::as_str).find(|name| *name != "null").unwrap_or("string")
        }
        _ if schema.get("properties").is_some() => "object",
        _ => "string",
    }
}

/// An example of a text: by its format, or by the prefix of an id.
fn text(schema: &Value) -> Value {
    let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
    let pattern = schema.get("pattern").and_then(Value::as_str).unwrap_or_default();
    if let Some((prefix, _)) = pattern.strip_prefix('^').and_then(|pattern| pattern.split_once("_[0-7]")) {
        return json!(format!("{prefix}_01h455vb4pex5vsknk084sn02q"));
    }
    json!(match format {
        "date-time" => "2027-03-12T18:00:00Z",
        "date" => "2027-03-12",
        "email" => "ada@example.org",
        "uuid" => "01890a5d-ac96-774b-bcce-b302099a8057",
        "uri" => "https://example.org",
        _ => "...",
    })
}
