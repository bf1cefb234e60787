//! The PDF as others read it: the words by poppler, the QR code by zbar.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use super::*;

/// Runs a program on a document; a machine without it fails the test, so that nothing passes unread.
fn run(program: &str, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child =
        Command::new(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap_or_else(
            |error| panic!("{program}: {error}; apt install poppler-utils zbar-tools (make test does)"),
        );
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join();
    assert!(output.status.success(), "{program} {arguments:?}: {}", output.status);
    output.stdout
}

/// The text of the document with each line break as one space.
fn words(pdf: &[u8]) -> String {
    let text = String::from_utf8(run("pdftotext", &["-", "-"], pdf)).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a scanner reads from a page printed at 150 dots an inch.
fn scan(pdf: &[u8], page: usize) -> String {
    let number = page.to_string();
    let image = run("pdftoppm", &["-r", "150", "-gray", "-f", &number, "-l", &number], pdf);
    // Tests of one process scan at the same time, and all pages are of one size.
    static SCANS: AtomicU32 = AtomicU32::new(0);
    let number = SCANS.fetch_add(1, Ordering::Relaxed);
    let path: PathBuf = std::env::temp_dir().join(format!("turnout-ticket-{}-{number}.pgm", std::process::id()));
    std::fs::write(&path, image).unwrap();
    let read = run(
        "zbarimg",
        &["--quiet", "--raw", "--set", "*.enable=0", "--set", "qr.enable=1", path.to_str().unwrap()],
        b"",
    );
    std::fs::remove_file(&path).unwrap();
    String::from_utf8(read).unwrap().trim_end_matches('\n').to_owned()
}

fn payload(last: &str) -> String {
    format!(
        "T1:V50B-0D6BZQJ000000000:F54LNVL67FKA6K$6K%-STIU+H05YGLWUW99 PV00D6IKS*RD9FL1II4LCU7DVRD 1C NS*2*+049EC+2:T69LQ$I8J0LHEM{last}"
    )
}

fn sheet() -> TicketSheet {
    TicketSheet {
        event_title: "Jazz am Kanal".to_owned(),
        when_line: "Friday 12 March 2027, 20:00–23:30 (Amsterdam)".to_owned(),
        doors: Some("Doors 19:00".to_owned()),
        place_lines: vec!["De Loods".to_owned(), "Kade 1, 1011 AB Amsterdam".to_owned(), "Netherlands".to_owned()],
        organiser: "Stichting De Loods".to_owned(),
        holder_name: "Ana de Vries".to_owned(),
        ticket_type: "Regular".to_owned(),
        price_line: "€ 22.50".to_owned(),
        order_code: "PK8DH2XQ".to_owned(),
        ticket_code: "PK8DH2XQ-1".to_owned(),
        qr_payload: payload("30"),
        hue: 264,
        legal: "Sold by Stichting De Loods, hello@loods.example.".to_owned(),
        note: "The courtyard is not heated: bring a coat.".to_owned(),
    }
}

fn long_sheet() -> TicketSheet {
    TicketSheet {
        event_title: "Donaudampfschifffahrtsgesellschaftskapitänsausbildungsfachtagung ".repeat(4),
        when_line: "Wednesday 29 September 2027, 09:30 – Saturday 2 October 2027, 18:00 (Buenos Aires)".to_owned(),
        doors: Some("Doors 08:45, and please do come early on the first day since the check takes a while".to_owned()),
        place_lines: ["Kultur- und Kongresszentrum an der Alten Donaubrücke, Halle 7 West, Zwischengeschoss"; 6]
            .map(str::to_owned)
            .to_vec(),
        organiser: "Verein zur Förderung der Binnenschifffahrtsökonomie und verwandter Wissenschaften e. V.".repeat(2),
        holder_name: "Wolfeschlegelsteinhausenbergerdorff".repeat(5),
        ticket_type: "Early bird, full access with gala dinner ".repeat(5),
        price_line: "€ 1,249,999,999,999.00 including value added tax".to_owned(),
        order_code: "WWWWWWWW".repeat(4),
        ticket_code: "WWWWWWWW-WWWWWWWWWWWWWW".to_owned(),
        legal: "Legal words of no end. ".repeat(100),
        note: "A note of no end. ".repeat(200),
        ..sheet()
    }
}

#[test]
fn the_words_of_a_ticket_can_be_found() {
    let words = words(&render(&[sheet()]).unwrap());
    for expected in [
        "Jazz am Kanal",
        "Friday 12 March 2027",
        "Amsterdam)",
        "Doors 19:00",
        "De Loods",
        "Kade 1, 1011 AB Amsterdam",
        "Netherlands",
        "Stichting De Loods",
        "Ana de Vries",
        "Regular",
        "€ 22.50",
        "PK8DH2XQ",
        "PK8DH2XQ-1",
        "hello@loods.example",
        "bring a coat",
        "Ticket 1 of 1",
    ] {
        assert!(words.contains(expected), "{expected:?} is not in {words}");
    }
}

#[test]
fn the_qr_code_of_each_page_reads_as_its_ticket() {
    let sheets = ["30", "31", " :"].map(|last| TicketSheet { qr_payload: payload(last), ..sheet() });
    let pdf = render(&sheets).unwrap();
    for (page, sheet) in (1..).zip(&sheets) {
        assert_eq!(scan(&pdf, page), sheet.qr_payload);
    }
}

#[test]
fn the_qr_code_of_a_crowded_page_reads_too() {
    assert_eq!(scan(&render(&[long_sheet()]).unwrap(), 1), payload("30"));
}

#[test]
fn the_same_tickets_are_the_same_bytes() {
    assert_eq!(render(&[sheet(), long_sheet()]).unwrap(), render(&[sheet(), long_sheet()]).unwrap());
}

#[test]
fn the_document_has_a_title_and_no_time() {
    let info = String::from_utf8(run("pdfinfo", &["-"], &render(&[sheet()]).unwrap())).unwrap();
    assert!(info.contains("Ticket: Jazz am Kanal (PK8DH2XQ)"), "{info}");
    assert!(
        info.contains("Tagged:          yes") && info.contains("Pages:           1") && info.contains("(A4)"),
        "{info}"
    );
    assert!(!info.contains("CreationDate") && !info.contains("ModDate"), "{info}");
}

/// Left, top, right and bottom of each word, in points.
fn boxes(pdf: &[u8]) -> Vec<([f32; 4], String)> {
    let layout = String::from_utf8(run("pdftotext", &["-bbox", "-", "-"], pdf)).unwrap();
    let lines = layout.lines().filter(|line| line.contains("<word "));
    lines
        .map(|line| {
            let mut quoted = line.split('"').skip(1).step_by(2);
            let edges = [(); 4].map(|()| quoted.next().unwrap().parse().unwrap());
            (edges, line.split('>').nth(1).unwrap().trim_end_matches("</word").to_owned())
        })
        .collect()
}

#[test]
fn long_texts_stay_in_their_places() {
    let words = boxes(&render(&[long_sheet()]).unwrap());
    assert!(words.len() > 100);
    let plate_left = PAGE_WIDTH - MARGIN - PLATE_WIDTH;
    for ([left, top, right, bottom], word) in words {
        assert!(
            left >= MARGIN - 0.5 && right <= PAGE_WIDTH - MARGIN + 0.5,
            "{word} leaves the page's sides: {left}..{right}"
        );
        assert!(top >= 0.0 && bottom <= PAGE_HEIGHT - 20.0, "{word} leaves the page: {top}..{bottom}");
        assert!(word == "Fold" || word == "here" || bottom <= FOLD || top >= FOLD, "{word} lies on the fold");
        let is_fact = top > BAND_HEIGHT && bottom < FOLD - 6.0;
        assert!(!is_fact || right <= plate_left - 8.0 || left >= plate_left, "{word} runs into the QR code");
    }
}

#[test]
fn names_of_all_scripts_can_be_found() {
    let names = [
        "Łukasz Żółć",
        "Đặng Văn Ánh",
        "Олена Їжакевич",
        "Γιώργος Παπαδόπουλος",
        "山田太郎",
        "김민준",
        "王小明",
        "ᚠᚢᚦ",
    ];
    // The runes, which no font here has, are drawn as squares and still read as themselves.
    for name in names {
        let words = words(&render(&[TicketSheet { holder_name: name.to_owned(), ..sheet() }]).unwrap());
        assert!(words.contains(name), "{name:?} is not in {words}");
    }
    // Readers put marks around right-to-left words and take Indic clusters apart; the letters are there.
    for (name, letters) in [("محمد", "محمد"), ("נועה", "נועה"), ("अनुष्का", "अनु")]
    {
        let words = words(&render(&[TicketSheet { holder_name: name.to_owned(), ..sheet() }]).unwrap());
        assert!(words.contains(letters), "{name:?} is not in {words}");
    }
}

#[test]
fn empty_and_odd_texts_are_survived() {
    let empty = TicketSheet { qr_payload: payload("30"), ..TicketSheet::default() };
    let odd = TicketSheet {
        event_title: "🎉🎉🎉".to_owned(),
        holder_name: "\u{202e}\u{0}\u{1}x\u{fffe}\u{ffff}ᚠᚢᚦ".to_owned(),
        hue: i16::MIN,
        ..sheet()
    };
    let pdf = render(&[empty, odd]).unwrap();
    assert!(words(&pdf).contains("Ticket 2 of 2"));
    assert!(render(&[]).is_ok());
}

#[test]
fn a_payload_that_no_qr_code_holds_is_an_error() {
    let sheet = TicketSheet { qr_payload: "x".repeat(3000), ..sheet() };
    assert!(matches!(render(&[sheet]), Err(RenderError::QrTooLong(_))));
}

#[test]
fn a_ticket_is_small_enough_to_mail() {
    let bytes = render(&vec![sheet(); 10]).unwrap().len();
    assert!(bytes < 150_000, "{bytes} bytes for ten tickets");
}
