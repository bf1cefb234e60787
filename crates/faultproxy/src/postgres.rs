//! As much of PostgreSQL's protocol, version 3, as it takes to see a COMMIT pass and to know when it was executed.
//!
//! Source: PostgreSQL documentation, "Frontend/Backend Protocol", sections "Message Flow" and "Message Formats".

use std::collections::HashSet;

/// Code of a request for TLS instead of a start.
const SSL_REQUEST: u32 = 80_877_103;
/// Code of a request for GSSAPI encryption instead of a start.
const GSS_REQUEST: u32 = 80_877_104;
/// What both are answered with: none here, go on without.
pub(crate) const NO_ENCRYPTION: u8 = b'N';
/// PostgreSQL itself takes no longer start (`MAX_STARTUP_PACKET_LENGTH`).
const START_BYTES_MAX: u32 = 10_000;
const LENGTH_BYTES: usize = 4;

/// Whether a first packet asks for encryption rather than starting a session; `code` is its second word.
pub(crate) fn asks_for_encryption(code: u32) -> bool {
    code == SSL_REQUEST || code == GSS_REQUEST
}

/// The length of a first packet, its own four bytes included, if it can be one.
pub(crate) fn start_length(word: u32) -> Option<usize> {
    (8..=START_BYTES_MAX).contains(&word).then_some(word).and_then(|length| usize::try_from(length).ok())
}

/// Whether a statement text commits: one of its statements is COMMIT. Statements are told apart by semicolons, wherever they stand, so a
/// string that holds `; commit;` is taken for one; END, and a COMMIT behind a comment, are not recognised.
pub fn commits(sql: &str) -> bool {
    sql.split(';').any(|statement| {
        let mut words = statement.split_whitespace().map(str::to_ascii_lowercase);
        words.next().as_deref() == Some("commit")
            && words.all(|word| ["work", "transaction", "and", "no", "chain"].contains(&word.as_str()))
    })
}

/// A whole message of the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// As it goes on.
    pub bytes: Vec<u8>,
    /// Whether executing it commits.
    pub is_commit: bool,
    /// How many times the server will have said "ready for query" once it has dealt with this message, the end of the start included.
    pub ready_after: u64,
}

/// Takes apart what a client says after the start of its session.
#[derive(Debug, Default)]
pub struct Frontend {
    buffer: Vec<u8>,
    statements: HashSet<Vec<u8>>,
    portals: HashSet<Vec<u8>>,
    /// Messages so far that the server answers with "ready for query".
    asked: u64,
}

impl Frontend {
    /// Takes what came.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole message, if there is one.
    pub fn next_message(&mut self) -> Option<Message> {
        let (kind, rest) = self.buffer.split_first()?;
        let kind = *kind;
        let length = usize::try_from(u32::from_be_bytes(*rest.first_chunk::<LENGTH_BYTES>()?)).ok()?.max(LENGTH_BYTES);
        if rest.len() < length {
            return None;
        }
        let later = self.buffer.split_off(1 + length);
        let bytes = std::mem::replace(&mut self.buffer, later);
        let is_commit = self.note(kind, bytes.get(1 + LENGTH_BYTES..).unwrap_or_default());
        // One for the start. A COMMIT of the extended protocol is answered behind the Sync that follows it.
        let ready_after = 1 + self.asked + u64::from(is_commit && kind == b'E');
        Some(Message { bytes, is_commit, ready_after })
    }

    /// Remembers which prepared statements and portals commit; answers whether this message does.
    fn note(&mut self, kind: u8, body: &[u8]) -> bool {
        let mut words = body.split(|byte| *byte == 0);
        let mut word = || words.next().unwrap_or_default();
        match kind {
            b'Q' => {
                self.asked += 1;
                commits(&String::from_utf8_lossy(word()))
            }
            b'S' | b'F' => {
                self.asked += 1;
                false
            }
            b'P' => {
                let (name, sql) = (word().to_vec(), word());
                keep(&mut self.statements, name, commits(&String::from_utf8_lossy(sql)));
                false
            }
            b'B' => {
                let (portal, statement) = (word().to_vec(), word());
                let does_commit = self.statements.contains(statement);
                keep(&mut self.portals, portal, does_commit);
                false
            }
            b'E' => self.portals.contains(word()),
            _ => false,
        }
    }
}

fn keep(names: &mut HashSet<Vec<u8>>, name: Vec<u8>, does_commit: bool) {
    if does_commit {
        names.insert(name);
    } else {
        names.remove(&name);
    }
}

/// Counts how often a server says "ready for query".
#[derive(Debug, Default)]
pub struct Backend {
    header: Vec<u8>,
    to_skip: usize,
    ready: u64,
}

impl Backend {
    /// Takes what came; answers how often the server has been ready so far.
    pub fn push(&mut self, mut bytes: &[u8]) -> u64 {
        while !bytes.is_empty() {
            let skipped = self.to_skip.min(bytes.len());
            self.to_skip -= skipped;
            bytes = bytes.get(skipped..).unwrap_or_default();
            let wanted = (1 + LENGTH_BYTES - self.header.len()).min(bytes.len());
            let (taken, rest) = bytes.split_at(wanted);
            self.header.extend_from_slice(taken);
            bytes = rest;
            if let Some((kind, length)) = self.header.split_first()
                && let Some(length) = length.first_chunk::<LENGTH_BYTES>()
            {
                self.ready += u64::from(*kind == b'Z');
                let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
                self.to_skip = length.saturating_sub(LENGTH_BYTES);
                self.header.clear();
            }
        }
        self.ready
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + LENGTH_BYTES).unwrap();
        [&[kind][..], &length.to_be_bytes(), body].concat()
    }

    #[test]
    fn a_commit_is_known_by_its_word() {
        for sql in ["commit", "COMMIT;", "  Commit work and no chain ", "select 1; commit"] {
            assert!(commits(sql), "{sql}");
        }
        for sql in
            ["", "begin; rollback; begin", "select commit", "commit prepared 'x'", "insert into commits values (1)"]
        {
            assert!(!commits(sql), "{sql}");
        }
    }

    #[test]
    fn commits_are_seen_in_both_protocols_however_the_bytes_come() {
        let said = [
            message(b'Q', b"begin\0"),
            message(b'P', b"s1\0commit\0\0\0"),
            message(b'P', b"s2\0select 1\0\0\0"),
            message(b'B', b"\0s2\0\0\0\0\0\0\0"),
            message(b'E', b"\0\0\0\0\0"),
            message(b'S', b""),
            message(b'B', b"\0s1\0\0\0\0\0\0\0"),
            message(b'E', b"\0\0\0\0\0"),
            message(b'S', b""),
            message(b'Q', b"commit\0"),
        ];
        let mut frontend = Frontend::default();
        let mut seen = Vec::new();
        for byte in said.concat() {
            frontend.push(&[byte]);
            seen.extend(frontend.next_message());
        }
        assert_eq!(seen.iter().map(|message| message.bytes.clone()).collect::<Vec<_>>(), said);
        let commits: Vec<(usize, u64)> = seen
            .iter()
            .enumerate()
            .filter(|(_, message)| message.is_commit)
            .map(|(index, message)| (index, message.ready_after))
            .collect();
        // Ready after the start, the first query, the first sync, and then the commit's own.
        assert_eq!(commits, [(7, 4), (9, 5)]);
    }

    #[test]
    fn a_server_that_is_ready_is_counted_however_the_bytes_come() {
        let said = [
            message(b'R', &[0; 4]),
            message(b'Z', b"I"),
            message(b'D', b"ZZZZZZ"),
            message(b'1', b""),
            message(b'Z', b"T"),
        ]
        .concat();
        for size in 1..=said.len() {
            let mut backend = Backend::default();
            let last = said.chunks(size).map(|piece| backend.push(piece)).last();
            assert_eq!(last, Some(2), "pieces of {size}");
        }
    }
}
