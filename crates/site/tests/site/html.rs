//! Just enough reading of HTML to fill in forms and to check what every page must have.

/// A tag with its attributes, as it stands in the text.
#[derive(Debug, Clone)]
pub struct Tag {
    pub name: String,
    text: String,
}

impl Tag {
    pub fn attribute(&self, name: &str) -> Option<String> {
        let from = self.text.find(&format!(" {name}=\""))? + name.len() + 3;
        let rest = &self.text[from..];
        Some(unescape(&rest[..rest.find('"')?]))
    }
    pub fn is(&self, word: &str) -> bool {
        self.text.contains(&format!(" {word}"))
    }
}

/// All opening tags, in order.
pub fn tags(html: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    for part in html.split('<').skip(1) {
        let text = part.split('>').next().unwrap_or_default();
        let name: String = text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        if !name.is_empty() {
            tags.push(Tag { name, text: text.to_owned() });
        }
    }
    tags
}

pub fn unescape(text: &str) -> String {
    text.replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#38;", "&")
        .replace("&amp;", "&")
}

/// The text of a page without its tags, blanks made one.
pub fn words(html: &str) -> String {
    let body = html.split("<main").nth(1).unwrap_or(html);
    let text: String =
        body.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect::<Vec<_>>().join(" ");
    unescape(&text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The fields of the form with this action as a browser would send them, and the action.
pub fn form(html: &str, action: &str) -> Vec<(String, String)> {
    let from =
        html.find(&format!("action=\"{action}\"")).unwrap_or_else(|| panic!("no form leads to {action}: {html}"));
    let rest = &html[from..];
    let body = &rest[..rest.find("</form>").unwrap()];
    let fields = tags(body).into_iter().filter(|tag| tag.name == "input" && tag.attribute("name").is_some());
    fields.map(|tag| (tag.attribute("name").unwrap(), tag.attribute("value").unwrap_or_default())).collect()
}

/// The same fields with some of them filled in.
pub fn fill(mut fields: Vec<(String, String)>, values: &[(&str, &str)]) -> Vec<(String, String)> {
    for (name, value) in values {
        let field = fields.iter_mut().find(|(other, _)| other == name).unwrap_or_else(|| panic!("no field {name}"));
        field.1 = (*value).to_owned();
    }
    fields
}

/// What every page must have: one title and h1, landmarks, a label for each control, ids that are used once, no inline script or style.
pub fn faults(html: &str) -> Vec<String> {
    let tags = tags(html);
    let mut faults = Vec::new();
    for name in ["html", "title", "h1", "main", "header", "footer"] {
        let count =
            tags.iter().filter(|tag| tag.name == name && (name != "header" || tag.is("class=\"site-header\""))).count();
        // SVG has titles of its own.
        if count != 1 && !(name == "title" && count > 1 && html.contains("<svg xmlns")) {
            faults.push(format!("{count} times <{name}>"));
        }
    }
    let labels: Vec<String> =
        tags.iter().filter(|tag| tag.name == "label").filter_map(|tag| tag.attribute("for")).collect();
    let ids: Vec<String> = tags.iter().filter_map(|tag| tag.attribute("id")).collect();
    for (at, id) in ids.iter().enumerate() {
        if ids[..at].contains(id) {
            faults.push(format!("id {id} twice"));
        }
    }
    for tag in tags.iter().filter(|tag| ["input", "select", "textarea"].contains(&tag.name.as_str())) {
        let is_hidden = tag.attribute("type").as_deref() == Some("hidden");
        let is_labelled = tag.attribute("id").is_some_and(|id| labels.contains(&id)) || tag.is("aria-label=");
        if !is_hidden && !is_labelled {
            faults.push(format!("no label: {tag:?}"));
        }
    }
    for name in ["aria-describedby", "aria-labelledby"] {
        for id in tags
            .iter()
            .filter_map(|tag| tag.attribute(name))
            .flat_map(|ids| ids.split(' ').map(str::to_owned).collect::<Vec<_>>())
        {
            if !ids.contains(&id) {
                faults.push(format!("{name} names {id}, which is not there"));
            }
        }
    }
    for tag in &tags {
        if tag.is("style=") || tag.name == "style" || tag.is("onclick=") {
            faults.push(format!("inline look or script: {tag:?}"));
        }
        if tag.name == "script" && !tag.is("src=") && tag.attribute("type").as_deref() != Some("application/ld+json") {
            faults.push(format!("inline script: {tag:?}"));
        }
    }
    faults
}
