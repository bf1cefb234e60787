//! Finds where an HTTP/1.1 response ends (RFC 9112). As little as a keep-alive client needs, so that it costs little.

use std::ops::Range;

/// A whole response at the beginning of a buffer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Where the body is. A chunked one still has its chunk sizes in it.
    pub body: Range<usize>,
    /// Where the next response begins.
    pub end: usize,
    /// The server closes the connection after it.
    pub closes: bool,
}

/// Bytes that are no response this client understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the answer is not HTTP/1.1 with a length")]
pub struct Malformed;

#[derive(Clone, Copy)]
enum Framing {
    Length(usize),
    Chunked,
}

/// The response at the beginning of the buffer; none while it is not complete.
///
/// # Errors
/// [`Malformed`] when it is not HTTP/1.1, or ends only with the connection.
pub fn parse(buffer: &[u8]) -> Result<Option<Response>, Malformed> {
    let Some(head) = find(buffer, b"\r\n\r\n") else { return Ok(None) };
    let (mut lines, body) = (buffer.get(..head).unwrap_or_default().split(|byte| *byte == b'\n'), head + 4);
    let status = status_of(lines.next().unwrap_or_default())?;
    let (mut framing, mut closes) = (None, false);
    for line in lines {
        if let Some(value) = value_of(line, b"content-length:") {
            let length = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()).ok_or(Malformed)?;
            framing = Some(Framing::Length(length));
        } else if let Some(value) = value_of(line, b"transfer-encoding:") {
            framing = value.eq_ignore_ascii_case(b"chunked").then_some(Framing::Chunked);
        } else if let Some(value) = value_of(line, b"connection:") {
            closes = value.eq_ignore_ascii_case(b"close");
        }
    }
    if status == 204 || status == 304 {
        framing = Some(Framing::Length(0));
    }
    let end = match framing.ok_or(Malformed)? {
        Framing::Length(length) => body + length,
        Framing::Chunked => match end_of_chunks(buffer, body)? {
            Some(end) => end,
            None => return Ok(None),
        },
    };
    Ok((end <= buffer.len()).then_some(Response { status, body: body..end, end, closes }))
}

/// Where a text begins.
pub fn find(buffer: &[u8], text: &[u8]) -> Option<usize> {
    let first = *text.first()?;
    let mut from = 0;
    loop {
        from += buffer.get(from..)?.iter().position(|byte| *byte == first)?;
        if buffer.get(from..)?.starts_with(text) {
            return Some(from);
        }
        from += 1;
    }
}

/// The text behind `"name":"` in a JSON body, as it stands there; for ids and secrets, which need no escapes.
pub fn text_field<'a>(body: &'a [u8], name_and_quote: &[u8]) -> Option<&'a [u8]> {
    let begin = find(body, name_and_quote)? + name_and_quote.len();
    let rest = body.get(begin..)?;
    rest.get(..rest.iter().position(|byte| *byte == b'"')?)
}

fn status_of(line: &[u8]) -> Result<u16, Malformed> {
    let code = line.strip_prefix(b"HTTP/1.1 ").and_then(|rest| rest.get(..3)).ok_or(Malformed)?;
    std::str::from_utf8(code).ok().and_then(|code| code.parse().ok()).ok_or(Malformed)
}

fn value_of<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (found, value) = line.split_at_checked(name.len())?;
    found.eq_ignore_ascii_case(name).then(|| value.trim_ascii())
}

/// Where a chunked body ends; none while it is not complete.
fn end_of_chunks(buffer: &[u8], body: usize) -> Result<Option<usize>, Malformed> {
    let mut at = body;
    loop {
        let rest = buffer.get(at..).unwrap_or_default();
        let Some(line) = find(rest, b"\r\n") else { return Ok(None) };
        let size = rest.get(..line).unwrap_or_default().split(|byte| *byte == b';').next().unwrap_or_default();
        let size = std::str::from_utf8(size).ok().and_then(|size| usize::from_str_radix(size.trim(), 16).ok());
        let size = size.ok_or(Malformed)?;
        at += line + 2 + size + 2;
        if at > buffer.len() {
            return Ok(None);
        }
        // Servers of ours send no trailers: the last chunk is followed by an empty line.
        if size == 0 {
            return Ok(Some(at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREATED: &[u8] =
        b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\ncontent-length: 11\r\n\r\n{\"id\":\"x1\"}";

    #[test]
    fn a_response_is_found_when_its_last_byte_is_there_and_not_before() {
        for length in 0..CREATED.len() {
            assert_eq!(parse(&CREATED[..length]), Ok(None), "{length} bytes");
        }
        let found = parse(CREATED).unwrap().unwrap();
        assert_eq!((found.status, found.end, found.closes), (201, CREATED.len(), false));
        assert_eq!(&CREATED[found.body], b"{\"id\":\"x1\"}");
    }

    #[test]
    fn what_follows_belongs_to_the_next() {
        let two = [CREATED, b"HTTP/1.1 409"].concat();
        assert_eq!(parse(&two).unwrap().unwrap().end, CREATED.len());
    }

    #[test]
    fn chunks_end_with_an_empty_one() {
        let text = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nwxyz\r\n1A;x=1\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n";
        for length in 0..text.len() {
            assert_eq!(parse(&text[..length]), Ok(None), "{length} bytes");
        }
        let found = parse(text).unwrap().unwrap();
        assert_eq!((found.status, found.end), (200, text.len()));
    }

    #[test]
    fn not_modified_has_no_body_whatever_its_length_says() {
        let text = b"HTTP/1.1 304 Not Modified\r\nContent-Length: 900\r\nConnection: close\r\n\r\n";
        let found = parse(text).unwrap().unwrap();
        assert_eq!((found.status, found.body.len(), found.closes), (304, 0, true));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            &b"HTTP/1.0 200 OK\r\n\r\n"[..],
            b"HTTP/1.1 200 OK\r\nx: y\r\n\r\n",
            b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n",
            b"HTTP/1.1 abc\r\n\r\n",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        ] {
            assert_eq!(parse(text), Err(Malformed));
        }
    }

    #[test]
    fn fields_are_read_as_they_stand() {
        let body = br#"{"id":"hld_1","secret":"s-_9","pools":[{"id":"pol_2"}]}"#;
        assert_eq!(text_field(body, br#""id":""#), Some(&b"hld_1"[..]));
        assert_eq!(text_field(body, br#""secret":""#), Some(&b"s-_9"[..]));
        assert_eq!(text_field(body, br#""code":""#), None);
        assert_eq!(find(b"aab", b"ab"), Some(1));
    }
}
