//! Problems as pages: the plain error page, and the list of problems that `type` points at.

use super::{Problem, words};
use crate::{Frame, Html};

/// Makes text safe inside elements and quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// A whole page around a main part, in the classes of the public pages.
pub(crate) fn document(frame: &Frame, title: &str, main: &str) -> String {
    let theme = if frame.theme.is_empty() { String::new() } else { format!(" data-theme=\"{}\"", frame.theme) };
    format!(
        "<!doctype html>\n<html lang=\"en\"{theme}>\n<head>\n<meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1, viewport-fit=cover\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{} · Turnout</title>\n<link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\n\
         <link rel=\"stylesheet\" href=\"{}\">\n<script type=\"module\" src=\"{}\"></script>\n</head>\n<body>\n<a class=\"skip-link\" href=\"#main\">Skip to content</a>\n\
         <header class=\"site-header\"><a class=\"brand\" href=\"/\">Turnout</a><nav class=\"site-nav\" aria-label=\"Main\"><a class=\"btn btn-ghost btn-sm\" href=\"/discover\">Discover</a>\
         <a class=\"btn btn-ghost btn-sm\" href=\"/docs/api\">API</a></nav></header>\n<main id=\"main\" class=\"page\">\n{main}\n</main>\n</body>\n</html>\n",
        escape(title),
        escape(&frame.css),
        escape(&frame.js),
    )
}

/// The error page of a server whose site registered none.
pub fn plain_page(problem: &Problem, frame: &Frame) -> Html {
    let main = format!(
        "<div class=\"stack\"><p class=\"eyebrow\">{}</p><h1 class=\"h1\">{}</h1><p class=\"lede\">{}</p><p class=\"small muted\">Trace id: <span class=\"mono\">{}</span></p>\
         <p><a class=\"btn btn-primary\" href=\"/\">To the start page</a></p></div>",
        problem.status().as_u16(),
        escape(problem.title()),
        escape(problem.detail()),
        escape(&frame.trace_id),
    );
    Html::new(document(frame, problem.title(), &main)).with_status(problem.status())
}

/// The page that the `type` of every problem points at.
pub(crate) async fn problems_page(frame: Frame) -> Html {
    let rows: String = words::OWN_PROBLEMS
        .iter()
        .map(|own| {
            format!(
                "<tr id=\"{0}\"><td class=\"num\">{1}</td><td class=\"mono\">{0}</td><td>{2}</td></tr>",
                own.code,
                own.status,
                escape(own.detail)
            )
        })
        .collect();
    let main = format!(
        "<div class=\"stack\"><h1 class=\"h1\">Problems</h1><p class=\"lede\">Every answer that is not a success is <span class=\"mono\">application/problem+json</span> (RFC 9457).</p>\
         <p><span class=\"mono\">code</span> is a stable word for programs, <span class=\"mono\">detail</span> a sentence for people, <span class=\"mono\">errors</span> names each field that needs another look, \
         and <span class=\"mono\">trace_id</span> finds the request in the log. These can come from any operation; those of one operation are told with it on the <a class=\"link\" href=\"/docs/api\">API page</a>.</p>\
         <div class=\"table-wrap\"><table class=\"table\"><thead><tr><th class=\"num\">Status</th><th>Code</th><th>Meaning</th></tr></thead><tbody>{rows}</tbody></table></div></div>"
    );
    Html::new(document(&frame, "Problems", &main))
}
