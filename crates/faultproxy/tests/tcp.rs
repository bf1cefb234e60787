//! What a client of any TCP peer sees of each fault. The peer is an echo that counts what reached it.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use faultproxy::{Address, Chance, Cut, Direction, End, Faults, Plan, Protocol, Proxy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const LONG: Duration = Duration::from_secs(10);

struct Echo {
    proxy: Proxy,
    reached: Arc<AtomicUsize>,
}

async fn echo(stream: &mut TcpStream, reached: &AtomicUsize) -> std::io::Result<()> {
    let mut chunk = vec![0; 4096];
    loop {
        let length = stream.read(&mut chunk).await?;
        if length == 0 {
            return Ok(());
        }
        reached.fetch_add(length, Ordering::SeqCst);
        stream.write_all(chunk.get(..length).unwrap()).await?;
    }
}

impl Echo {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let peer = Address::Tcp(listener.local_addr().unwrap());
        let reached = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&reached);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let count = Arc::clone(&count);
                tokio::spawn(async move { echo(&mut stream, &count).await });
            }
        });
        Self { proxy: Proxy::start(&Address::free_port(), peer, Protocol::Tcp, 1).await.unwrap(), reached }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.proxy.address().socket_address().unwrap()).await.unwrap()
    }

    fn set(&self, faults: Faults) {
        self.proxy.control().set(faults);
    }
}

/// Says something and reads what comes back until it is all there or the connection ends.
async fn ask(stream: &mut TcpStream, text: &[u8]) -> (Vec<u8>, Option<ErrorKind>) {
    let mut answer = Vec::new();
    let failed = async {
        stream.write_all(text).await?;
        let mut chunk = vec![0; 4096];
        while answer.len() < text.len() {
            match stream.read(&mut chunk).await? {
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                length => answer.extend_from_slice(chunk.get(..length).unwrap_or_default()),
            }
        }
        Ok::<(), std::io::Error>(())
    }
    .await
    .err();
    (answer, failed.map(|error| error.kind()))
}

#[tokio::test]
async fn without_a_fault_everything_passes_and_each_side_may_end_first() {
    let echo = Echo::start().await;
    let mut stream = echo.connect().await;
    let long = vec![7; 300_000];
    let (answer, failed) = ask(&mut stream, &long).await;
    assert!(failed.is_none() && answer == long);
    stream.shutdown().await.unwrap();
    assert_eq!(stream.read(&mut [0; 8]).await.unwrap(), 0, "the peer's own end is passed on");
}

#[tokio::test]
async fn delay_and_jitter_make_an_answer_late_in_both_directions() {
    let echo = Echo::start().await;
    let mut stream = echo.connect().await;
    ask(&mut stream, b"warm").await;
    let (delay, jitter) = (Duration::from_millis(60), Duration::from_millis(20));
    echo.set(Faults { delay, jitter, ..Faults::default() });
    let since = Instant::now();
    assert_eq!(ask(&mut stream, b"late").await, (b"late".to_vec(), None));
    assert!(since.elapsed() >= 2 * delay, "{:?}", since.elapsed());
    assert_eq!(echo.proxy.control().counters().delayed, 2);
}

#[tokio::test]
async fn a_throttle_keeps_its_rate() {
    let echo = Echo::start().await;
    let mut stream = echo.connect().await;
    echo.set("bytes_per_second=20000".parse().unwrap());
    let since = Instant::now();
    let (answer, failed) = ask(&mut stream, &[1; 10_000]).await;
    assert!(failed.is_none() && answer.len() == 10_000);
    assert!(since.elapsed() >= Duration::from_millis(400), "{:?}", since.elapsed());
}

#[tokio::test]
async fn a_cut_passes_exactly_so_many_bytes() {
    let echo = Echo::start().await;
    echo.set(Faults {
        cut: Some(Cut { direction: Direction::Up, after_bytes: 5 }),
        end: End::Close,
        ..Faults::default()
    });
    let mut stream = echo.connect().await;
    let (_, failed) = ask(&mut stream, b"hello, world").await;
    assert!(failed.is_some());
    wait_until(|| echo.reached.load(Ordering::SeqCst) == 5).await;
    let cut = Cut { direction: Direction::Down, after_bytes: 3 };
    echo.set(Faults { cut: Some(cut), end: End::Close, ..Faults::default() });
    let mut stream = echo.connect().await;
    assert_eq!(ask(&mut stream, b"hello").await, (b"hel".to_vec(), Some(ErrorKind::UnexpectedEof)));
    assert_eq!(echo.proxy.control().counters().cut, 2);
}

#[tokio::test]
async fn a_reset_is_a_reset_and_a_close_is_none() {
    let echo = Echo::start().await;
    for (end, expected) in [(End::Reset, ErrorKind::ConnectionReset), (End::Close, ErrorKind::UnexpectedEof)] {
        let mut stream = echo.connect().await;
        ask(&mut stream, b"open").await;
        echo.proxy.control().cut_all(end);
        let ended = stream.read_u8().await.unwrap_err().kind();
        assert_eq!(ended, expected, "{end:?}");
    }
}

#[tokio::test]
async fn a_black_hole_answers_nothing_until_it_is_healed() {
    let echo = Echo::start().await;
    let mut old = echo.connect().await;
    ask(&mut old, b"open").await;
    echo.set(Faults { black_hole: true, ..Faults::default() });
    let mut new = echo.connect().await;
    let both = async { tokio::join!(ask(&mut old, b"old"), ask(&mut new, b"new")) };
    tokio::pin!(both);
    assert!(tokio::time::timeout(Duration::from_millis(300), &mut both).await.is_err(), "nothing answers");
    assert_eq!(echo.reached.load(Ordering::SeqCst), 4, "and nothing arrives");
    echo.proxy.control().heal();
    let answers = tokio::time::timeout(LONG, both).await.unwrap();
    assert_eq!(answers, ((b"old".to_vec(), None), (b"new".to_vec(), None)));
}

#[tokio::test]
async fn refused_is_who_comes_anew() {
    let echo = Echo::start().await;
    let mut old = echo.connect().await;
    ask(&mut old, b"open").await;
    echo.set("refuse".parse().unwrap());
    let mut new = echo.connect().await;
    assert_eq!(ask(&mut new, b"new").await.1.map(|_| ()), Some(()));
    assert_eq!(ask(&mut old, b"old").await, (b"old".to_vec(), None));
    assert_eq!(echo.proxy.control().counters().refused, 1);
}

#[tokio::test]
async fn a_swallowed_answer_is_one_to_a_request_that_arrived() {
    let echo = Echo::start().await;
    let mut stream = echo.connect().await;
    assert_eq!(ask(&mut stream, b"first").await, (b"first".to_vec(), None));
    echo.set(Faults { swallow: Chance::ALWAYS, ..Faults::default() });
    let (answer, failed) = ask(&mut stream, b"second").await;
    assert_eq!((answer, failed), (Vec::new(), Some(ErrorKind::ConnectionReset)));
    assert_eq!(echo.reached.load(Ordering::SeqCst), "firstsecond".len());
    assert_eq!(echo.proxy.control().counters().swallowed, 1);
}

#[tokio::test]
async fn a_plan_gives_each_connection_its_own_faults_and_the_same_each_time() {
    let echo = Echo::start().await;
    echo.proxy.control().follow(Plan::Each(Arc::new(|number, draw| {
        let after_bytes = 1 + draw.below(4);
        let cut = (number % 2 == 1).then_some(Cut { direction: Direction::Down, after_bytes });
        Faults { cut, end: End::Close, ..Faults::default() }
    })));
    for number in 0..8 {
        let mut stream = echo.connect().await;
        let (answer, failed) = ask(&mut stream, b"hello").await;
        assert_eq!(failed.is_some(), number % 2 == 1, "connection {number} got {answer:?}");
        assert!(failed.is_none() || (1..=4).contains(&answer.len()));
    }
}

async fn wait_until(is_so: impl Fn() -> bool) {
    let since = Instant::now();
    while !is_so() {
        assert!(since.elapsed() < LONG, "it never came about");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
