//! The loop with a scripted terminal and a clock that stands still until it is moved.

mod any_input;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use ratatui::crossterm::event::KeyCode;
use rust_decimal::dec;

use super::*;
use crate::config::UiConfig;
use crate::domain::{
    Account, AccountUpdate, Body, ManualClock, MarginMode, OpenEnum, Origin, Position, PositionKey,
    PositionSet, Product, Scope, Side, Symbol, Ticker, Update,
};
use crate::report::{Context, Report, build};
use crate::store::Store;
use crate::ui::{Rgb, Ui, UiContext};

/// What a step of a script does while the loop waits.
#[derive(Debug, Clone)]
enum Step {
    /// So many milliseconds pass.
    Pass(u64),
    /// The data change.
    Change,
    /// A key is pressed.
    Press(char),
    /// These bytes come.
    Bytes(Vec<u8>),
    /// SIGWINCH comes, and the terminal has this size.
    Resize(u16, u16),
    /// The terminal has this size, and the signal is still to come.
    Size(u16, u16),
    /// A signal comes.
    Signal(i32),
    /// SIGTSTP.
    Stop,
    /// SIGCONT: the process was stopped and continues.
    Continue,
    /// After a stop the job is continued by `bg`, perhaps to be ended by a signal.
    Background(Option<i32>),
    /// Nothing of the process runs for so many milliseconds.
    Freeze(u64),
    /// The terminal goes away.
    Hang,
    /// Writing fails from now on.
    Break,
}

fn sent(bytes: &[u8]) -> Step {
    Step::Bytes(bytes.to_vec())
}

#[derive(Default)]
struct Record {
    /// When each frame was drawn, in milliseconds.
    drawn: Vec<i64>,
    /// What each of them showed.
    painted: Vec<String>,
    copied: Vec<String>,
    /// What was sent besides frames.
    signals: String,
    suspended: u32,
    resumed: u32,
    waited: u32,
}

struct Script<'a> {
    steps: VecDeque<Step>,
    clock: &'a ManualClock,
    size: (u16, u16),
    broken: bool,
    background: bool,
    /// Comes while it waits in the background.
    killed_by: Option<i32>,
    /// How long the shell has the terminal when it is given back.
    asleep: Duration,
    record: Rc<RefCell<Record>>,
}

impl Script<'_> {
    fn continue_in_background(&mut self, signal: Option<i32>) {
        (self.background, self.killed_by) = (true, signal);
    }
}

impl Tty for Script<'_> {
    fn signal(&mut self, bytes: &str) -> io::Result<()> {
        self.record.borrow_mut().signals.push_str(bytes);
        Ok(())
    }

    fn wait(&mut self, wake: &Wake, timeout: Duration) -> io::Result<Ready> {
        match self.steps.pop_front() {
            // Time passes only as far as the loop would have slept.
            Some(Step::Pass(ms)) => {
                let span = Duration::from_millis(ms);
                if timeout < span {
                    let slept = timeout.max(Duration::from_millis(1)).min(span);
                    self.clock.advance(slept);
                    let rest = span.saturating_sub(slept);
                    self.steps.push_front(Step::Pass(u64::try_from(rest.as_millis()).unwrap()));
                } else {
                    self.clock.advance(span);
                }
            }
            Some(Step::Change) => wake.moved(),
            Some(Step::Press(letter)) => {
                return Ok(Ready::Input(letter.to_string().into_bytes()));
            }
            Some(Step::Bytes(bytes)) => return Ok(Ready::Input(bytes)),
            Some(Step::Size(width, height)) => self.size = (width, height),
            Some(Step::Resize(width, height)) => {
                self.size = (width, height);
                wake.resized();
            }
            Some(Step::Signal(number)) => wake.stop(number),
            Some(Step::Stop) => wake.suspend(),
            Some(Step::Continue) => wake.continued(),
            Some(Step::Background(signal)) => self.continue_in_background(signal),
            Some(Step::Freeze(ms)) => self.clock.advance(Duration::from_millis(ms)),
            Some(Step::Break) => self.broken = true,
            Some(Step::Hang) | None => return Ok(Ready::Gone),
        }
        Ok(Ready::Input(Vec::new()))
    }

    fn size(&self) -> io::Result<(u16, u16)> {
        Ok(self.size)
    }

    fn draw(&mut self, drawing: &Drawing<'_>) -> io::Result<()> {
        assert!(!self.background, "frames go to the foreground");
        if self.broken {
            return Err(io::Error::from_raw_os_error(rustix::io::Errno::IO.raw_os_error()));
        }
        let mut record = self.record.borrow_mut();
        record.drawn.push(self.clock.now().as_millis());
        record.painted.push(plain_text(drawing.cells));
        Ok(())
    }

    fn repaint(&mut self) {}

    fn copy(&mut self, text: &str) -> io::Result<()> {
        self.record.borrow_mut().copied.push(text.to_owned());
        Ok(())
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.record.borrow_mut().suspended += 1;
        self.clock.advance(self.asleep);
        if let Some(&Step::Background(signal)) = self.steps.front() {
            self.steps.pop_front();
            self.continue_in_background(signal);
        }
        Ok(())
    }

    fn in_background(&self) -> bool {
        self.background
    }

    fn wait_for_foreground(&mut self, wake: &Wake) -> io::Result<()> {
        if std::mem::take(&mut self.background) {
            self.record.borrow_mut().waited += 1;
            if let Some(signal) = self.killed_by {
                wake.stop(signal);
            }
        }
        Ok(())
    }

    fn resume(&mut self) -> io::Result<()> {
        assert!(!self.background, "modes are set in the foreground");
        self.record.borrow_mut().resumed += 1;
        Ok(())
    }
}

/// A screen of which every look differs, or none.
#[derive(Default)]
struct Plain {
    differs: bool,
    sizes: Vec<(u16, u16)>,
    keys: Vec<KeyCode>,
    colors: Vec<TerminalColors>,
    picture: Buffer,
}

impl Screen for Plain {
    fn on_key(&mut self, key: KeyEvent) -> Effect {
        self.keys.push(key.code);
        match key.code.as_char() {
            Some('q') => Effect::Quit,
            Some('z') => Effect::Suspend,
            Some('y') => Effect::Copy("words".to_owned()),
            Some('r') => Effect::Refetch,
            _ => Effect::None,
        }
    }

    fn on_size(&mut self, width: u16, height: u16) {
        self.sizes.push((width, height));
    }

    fn on_colors(&mut self, colors: TerminalColors) {
        self.colors.push(colors);
    }

    fn refresh(&mut self, _now: Timestamp) -> bool {
        self.differs
    }

    fn take_drawing(&mut self) -> Drawing<'_> {
        Drawing { cells: &self.picture, drawn: Vec::new() }
    }
}

struct Ran {
    exit: Exit,
    record: Record,
    sizes: Vec<(u16, u16)>,
    keys: Vec<KeyCode>,
    orders: Vec<Order>,
}

fn play(differs: bool, steps: Vec<Step>) -> Ran {
    let mut screen = Plain { differs, ..Plain::default() };
    let (exit, record, orders) = play_on(&mut screen, (80, 24), Duration::ZERO, steps);
    Ran { exit, record, sizes: screen.sizes, keys: screen.keys, orders }
}

fn play_on(
    screen: &mut dyn Screen,
    size: (u16, u16),
    asleep: Duration,
    steps: Vec<Step>,
) -> (Exit, Record, Vec<Order>) {
    let clock = ManualClock::at(Timestamp::from_millis(10_000));
    let record = Rc::new(RefCell::new(Record::default()));
    let mut tty = Script {
        steps: steps.into(),
        clock: &clock,
        size,
        broken: false,
        background: false,
        killed_by: None,
        asleep,
        record: Rc::clone(&record),
    };
    let wake = Wake::new().unwrap();
    let mut orders = Vec::new();
    let exit = {
        let pace = (Pacer::new(&UiConfig::default()), &Traffic::default());
        run(screen, &mut tty, &wake, &clock, pace, &mut |order| orders.push(order)).unwrap()
    };
    let record = std::mem::take(&mut *record.borrow_mut());
    (exit, record, orders)
}

#[test]
fn the_first_change_is_drawn_at_once_and_a_flood_at_the_cap() {
    let mut steps = vec![Step::Pass(500), Step::Change];
    for _ in 0..300 {
        steps.extend([Step::Pass(10), Step::Change]);
    }
    let drawn = play(true, steps).record.drawn;
    assert_eq!(drawn[0], 10_000, "the first paint needs no data");
    assert_eq!(drawn[1], 10_500, "the first change waits for nothing");
    let mut after_the_burst = drawn.windows(2).skip(4);
    assert!(after_the_burst.all(|pair| pair[1] - pair[0] >= 250), "{drawn:?}");
    assert!(drawn.len() >= 12, "three seconds at four frames a second: {drawn:?}");
}

#[test]
fn nothing_different_is_nothing_drawn() {
    let mut steps = Vec::new();
    for _ in 0..200 {
        steps.extend([Step::Change, Step::Pass(50)]);
    }
    assert_eq!(play(false, steps).record.drawn, [10_000], "only the first paint");
}

#[test]
fn ages_move_each_second_without_any_change() {
    let drawn = play(true, vec![Step::Pass(5_000)]).record.drawn;
    assert_eq!(drawn, [10_000, 11_300, 12_300, 13_300, 14_300]);
}

#[test]
fn a_key_is_answered_at_once_whatever_the_cap() {
    let ran = play(
        true,
        vec![Step::Pass(300), Step::Change, Step::Pass(20), Step::Press('x'), Step::Pass(1)],
    );
    assert_eq!(ran.record.drawn, [10_000, 10_300, 10_320]);
}

#[test]
fn a_sequence_in_two_reads_is_one_key() {
    for (first, second, key) in [
        (b"\x1b".as_slice(), b"[A".as_slice(), KeyCode::Up),
        (b"\x1b[", b"6~", KeyCode::PageDown),
        (b"\x1b[1;", b"5C", KeyCode::Right),
    ] {
        let steps = vec![sent(first), Step::Pass(20), sent(second), Step::Pass(2_000)];
        assert_eq!(play(true, steps).keys, [key]);
    }
}

#[test]
fn an_escape_alone_is_answered_after_25_ms() {
    let ran = play(false, vec![Step::Pass(100), sent(b"\x1b"), Step::Pass(500)]);
    assert_eq!((ran.keys, ran.record.drawn), (vec![KeyCode::Esc], vec![10_000, 10_125]));
}

/// A write may block: until it is known which key was pressed nothing is drawn.
#[test]
fn nothing_is_drawn_while_an_escape_waits_for_its_rest() {
    let steps = vec![
        Step::Pass(500),
        sent(b"\x1b"),
        Step::Change,
        Step::Pass(10),
        Step::Change,
        Step::Pass(10),
        sent(b"[A"),
        Step::Pass(1),
    ];
    let ran = play(true, steps);
    assert_eq!((ran.keys, ran.record.drawn), (vec![KeyCode::Up], vec![10_000, 10_520]));
}

#[test]
fn a_paste_whose_end_is_lost_holds_the_keys_for_a_second() {
    let paste = || sent(b"\x1b[200~abc");
    let ran = play(true, vec![paste(), Step::Pass(900), Step::Press('q'), Step::Pass(900)]);
    assert_eq!((ran.exit, ran.keys), (Exit::TerminalGone, vec![]));
    let ran = play(true, vec![paste(), Step::Pass(1_000), Step::Press('q')]);
    assert_eq!((ran.exit, ran.keys), (Exit::Quit, vec![KeyCode::Char('q')]));
}

#[test]
fn another_size_is_drawn_even_if_the_figures_are_the_same() {
    let ran = play(false, vec![Step::Pass(100), Step::Resize(40, 12), Step::Pass(1)]);
    assert_eq!(ran.sizes, [(80, 24), (40, 12)]);
    assert_eq!(ran.record.drawn, [10_000, 10_100]);
}

/// The terminal may be a new one, as after an attach of dtach; or the resize was seen before its signal.
#[test]
fn a_signal_at_the_same_size_has_everything_drawn() {
    let steps = vec![Step::Pass(100), Step::Resize(80, 24), Step::Pass(1)];
    let ran = play(false, steps);
    assert_eq!((ran.record.resumed, ran.record.drawn), (1, vec![10_000, 10_100]));
    let seen_early = vec![
        Step::Pass(100),
        Step::Size(40, 12),
        Step::Pass(100),
        Step::Resize(40, 12),
        Step::Pass(1),
    ];
    let ran = play(false, seen_early);
    assert_eq!((ran.record.resumed, ran.record.drawn), (0, vec![10_000, 10_100]));
}

#[test]
fn fc_38_fifty_resizes_a_second_are_drawn_once_each() {
    let steps = (0..500).flat_map(|n| [Step::Resize(81 - n % 2, 24), Step::Pass(20)]);
    let ran = play(false, steps.collect());
    assert_eq!(ran.record.drawn.len(), 501, "ten seconds, and the first paint");
    assert_eq!(ran.sizes.len(), 501);
}

#[test]
fn keys_reach_the_feeds_the_clipboard_and_the_shell() {
    let ran =
        play(true, vec![Step::Press('r'), Step::Press('y'), Step::Press('z'), Step::Press('q')]);
    assert_eq!((ran.exit, ran.orders), (Exit::Quit, vec![Order::Refetch]));
    assert_eq!((ran.record.copied, ran.record.suspended), (vec!["words".to_owned()], 1));
}

#[test]
fn fc_37_after_a_stop_everything_is_drawn_whether_it_differs_or_not() {
    let stopped = play(false, vec![Step::Pass(100), Step::Stop, Step::Pass(1)]);
    assert_eq!((stopped.record.suspended, stopped.record.drawn), (1, vec![10_000, 10_100]));
    let steps = vec![Step::Pass(100), Step::Resize(40, 12), Step::Continue, Step::Pass(1)];
    let continued = play(false, steps);
    assert_eq!(continued.record.resumed, 1);
    assert_eq!(continued.record.drawn, [10_000, 10_100, 10_100]);
    assert_eq!(continued.sizes, [(80, 24), (40, 12)]);
}

/// The script refuses frames and modes while it is in the background.
#[test]
fn in_the_background_it_waits_and_then_everything_is_drawn() {
    // Stopped from outside, by SIGTSTP, and by a key.
    let stops: [fn() -> Option<Step>; 3] =
        [|| None, || Some(Step::Stop), || Some(Step::Press('z'))];
    for stop in stops {
        let steps = |signal| {
            let continued = [Step::Background(signal), Step::Change, Step::Pass(1)];
            [Step::Pass(100)].into_iter().chain(stop()).chain(continued).collect()
        };
        let record = play(false, steps(None)).record;
        assert_eq!((record.waited, record.resumed), (1, 1));
        assert_eq!(record.drawn, [10_000, 10_100]);
        // `kill` of the job: it ends where it is.
        let ended = play(false, steps(Some(15)));
        assert_eq!((ended.exit, ended.record.resumed), (Exit::Signal(15), 0));
        assert_eq!(ended.record.drawn, [10_000]);
    }
}

/// A price and a position as they were at the start: no newer report comes.
struct OneReport {
    ui: Ui,
    report: Arc<Report>,
}

impl Screen for OneReport {
    fn on_key(&mut self, key: KeyEvent) -> Effect {
        self.ui.on_key(key)
    }

    fn on_size(&mut self, width: u16, height: u16) {
        self.ui.on_size(width, height);
    }

    fn refresh(&mut self, now: Timestamp) -> bool {
        self.ui.refresh(&self.report, now)
    }

    fn take_drawing(&mut self) -> Drawing<'_> {
        self.ui.take_drawing()
    }
}

fn holding() -> OneReport {
    let focus = Symbol::default();
    let at = Timestamp::from_millis(10_000);
    let mut store = Store::new(focus.clone());
    let mut ticker = Ticker::unknown(focus.clone());
    (ticker.last, ticker.mark) = (Some(dec!(65000)), Some(dec!(65000)));
    let key = PositionKey {
        symbol: focus,
        side: Side::Long,
        margin_mode: OpenEnum::Known(MarginMode::Cross),
        margin_coin: "USDT".into(),
    };
    let row = Position {
        key,
        position_mode: None,
        asset_mode: None,
        size: dec!(0.125),
        available: None,
        entry_price: Some(dec!(64000)),
        mark_price: Some(dec!(65000)),
        break_even_price: None,
        liquidation_price: None,
        leverage: None,
        margin: None,
        exchange_unrealized_pnl: None,
        exchange_margin_ratio: None,
        realized_pnl: None,
        funding_pnl: None,
        fees_paid: None,
        maintenance_margin_rate: None,
        updated_at: None,
        details: None,
    };
    let rows = vec![row];
    let set = PositionSet {
        scope: Scope::Complete,
        rows,
        closed: Vec::new(),
        unreadable: 0,
        products: Product::ALL.to_vec(),
    };
    let account = Account {
        margin_coin: "USDT".into(),
        equity: Some(dec!(2000)),
        unrealized_pnl: Some(dec!(125)),
        available: Some(dec!(1000)),
        ..Account::default()
    };
    let account = AccountUpdate { account, unreadable: 0 };
    let ledger = Body::Ledger { since: at.start_of_day(), rows: Vec::new(), complete: true };
    for body in [Body::Ticker(ticker), Body::Positions(set), Body::Account(account), ledger] {
        store.apply(Update { origin: Origin::Rest, as_of: at, received: at, sent: None, body });
    }
    let report = Arc::new(build(store.snapshot(), &Context::of_defaults(), at));
    OneReport { ui: Ui::new(UiContext::default()), report }
}

/// Ten minutes in which the feeds were stopped as well: what the first paint afterwards shows is not
/// proved again, whether a key or another process stopped the program.
#[test]
fn fc_37_the_first_paint_after_ten_minutes_marks_everything() {
    const STOPPED_MS: u64 = 600_000;
    let stopped = Duration::from_millis(STOPPED_MS);
    let by_key = vec![Step::Press('z'), Step::Pass(1)];
    for (asleep, stop) in [
        (stopped, vec![Step::Stop, Step::Pass(1)]),
        (Duration::ZERO, vec![Step::Freeze(STOPPED_MS), Step::Continue, Step::Pass(1)]),
        (Duration::ZERO, vec![Step::Freeze(STOPPED_MS), Step::Resize(130, 45), Step::Continue]),
        (Duration::ZERO, vec![Step::Freeze(STOPPED_MS)].into_iter().chain(by_key).collect()),
    ] {
        let steps = [Step::Pass(100), Step::Change, Step::Pass(200)].into_iter().chain(stop);
        let (_, record, _) = play_on(&mut holding(), (120, 40), asleep, steps.collect());
        let after = record.drawn.iter().position(|at| *at >= 600_000).unwrap();
        let line = |paint: &str, word: &str| {
            paint.lines().find(|line| line.contains(word)).unwrap().to_owned()
        };
        let before = &record.painted[after - 1];
        assert!(line(before, "LONG  ").contains("●") && !before.contains("STALE"), "{before}");
        let first = &record.painted[after];
        assert!(!first.contains("live"), "{first}");
        assert!(line(first, "LONG  ").contains(" ! "), "{first}");
        for part in ["Price B", " Positions ", "┌ PnL USDT", "Risk"] {
            assert!(line(first, part).contains("STALE"), "{part}: {first}");
        }
    }
}

/// It comes when it comes: nothing waits for it, none of it is a key, and the screen suits it at once.
#[test]
fn the_colours_are_heard_late_and_drawn_at_once() {
    let mut screen = Plain::default();
    let steps = vec![
        Step::Pass(500),
        sent(b"\x1b]10;rgb:0/0/0\x1b\\\x1b]11;rgb:ffff/ff"),
        Step::Pass(10),
        sent(b"ff/ffff\x1b\\"),
        Step::Pass(100),
        Step::Press('q'),
    ];
    let (exit, record, _) = play_on(&mut screen, (80, 24), Duration::ZERO, steps);
    assert_eq!((exit, screen.keys), (Exit::Quit, vec![KeyCode::Char('q')]));
    let white_and_black =
        TerminalColors { letters: Some(Rgb([0; 3])), background: Some(Rgb([1_000; 3])) };
    assert_eq!(screen.colors, [white_and_black]);
    assert_eq!(record.drawn, [10_000, 10_510]);
}

#[test]
fn signals_and_the_end_of_the_terminal_end_the_loop() {
    assert_eq!(play(true, vec![Step::Pass(10), Step::Signal(15)]).exit, Exit::Signal(15));
    assert_eq!(play(true, vec![Step::Hang]).exit, Exit::TerminalGone);
    let broken = vec![Step::Break, Step::Pass(2_000), Step::Change, Step::Pass(10)];
    assert_eq!(play(true, broken).exit, Exit::TerminalGone, "a write that fails with EIO");
}
