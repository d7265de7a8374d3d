//! One night in which much happens, as the watchman tells it: by the log of alerts, by the overlay on coming
//! back, by the metrics and by the memory.
//!
//! A fall of 12 % and a second dip, a cut of twenty minutes, funding, a position that the exchange liquidates,
//! and an account that becomes one of the other kind. What is told is compared with what the exchange itself
//! says of the night.
//!
//! Minutes after 15:20 UTC: 5 to 7 the fall, 10 a part of it back, 12 the dip, 15 to 35 the cut, 40 the funding,
//! 42 the other contract falls and its position is liquidated, 45 the account changes, 56 the user is back.

mod checks;

use std::collections::BTreeMap;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bitget_watch::alerts::{
    Deliver, DeliveryError, Message, Monitor, Notifier, Privacy, TerminalKind, TerminalOutbox,
    WaySet,
};
use bitget_watch::config::{AlertConfig, AlertLimit};
use bitget_watch::domain::AccountKind::{self, Classic, Unified};
use bitget_watch::domain::{AlertChange, Body, Clock, Metric, Text, Timestamp, Update};
use bitget_watch::memory::{LastLook, Recorder, Settings, Writer};
use bitget_watch::metrics::{Counters, Scrape, text};
use bitget_watch::report::Report;
use bitget_watch::sim::{Entry, Fault};
use bitget_watch::ui::run::plain_text;
use bitget_watch::ui::{Ui, UiContext};
use futures_util::future::BoxFuture;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use rstest::rstest;
use rust_decimal::{Decimal, dec};
use tokio::time::Instant;

use super::rig::{BEGIN, Rig, Setup, VirtualClock, pass, seconds};

/// 15:20 UTC: forty minutes before the funding of the contracts.
const EVENING_MS: i64 = (3 * 60 + 20) * 60_000;

/// A way that keeps what it is given.
#[derive(Debug, Default)]
struct Phone(Mutex<Vec<Message>>);

impl Deliver for Phone {
    fn deliver<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<Text, DeliveryError>> {
        self.0.lock().unwrap().push(message.clone());
        Box::pin(std::future::ready(Ok("taken".into())))
    }
}

fn rules() -> Vec<AlertConfig> {
    let ways = ["terminal", "phone"].map(str::to_owned).to_vec();
    let figure = |metric, limit| AlertConfig { limit: Some(limit), ..AlertConfig::new(metric) };
    let rules = [
        AlertConfig {
            hysteresis: dec!(1),
            ..figure(Metric::LiquidationDistance, AlertLimit::Below(dec!(6)))
        },
        figure(Metric::MarginRatio, AlertLimit::Above(dec!(60))),
        figure(Metric::Drawdown, AlertLimit::Above(dec!(20))),
        AlertConfig { lasting: seconds(60), ..AlertConfig::new(Metric::DataStale) },
        AlertConfig::new(Metric::LinkDown),
        AlertConfig::new(Metric::PositionClosed),
    ];
    rules.map(|rule| AlertConfig { send: ways.clone(), ..rule }).to_vec()
}

/// The watchman: what `watch` runs beside its feeds.
struct Night {
    rig: Rig,
    phone: Arc<Phone>,
    /// Nobody takes from it all night: the link behind the terminal stands still.
    terminal: TerminalOutbox,
    looked: LastLook,
    counters: Arc<Mutex<Counters>>,
    folder: tempfile::TempDir,
    /// Equity of the exchange, every second of the night.
    equity: Vec<(Timestamp, Decimal)>,
    /// What the exchange settled at 16:00.
    funding: Decimal,
    /// Realized PnL of the liquidation, by the exchange.
    liquidated: Decimal,
}

impl Night {
    async fn begin(kind: AccountKind) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(VirtualClock(Instant::now(), EVENING_MS));
        let phone = Arc::new(Phone::default());
        let mut ways = WaySet::new(clock, Privacy::default(), 15);
        ways.add("phone", true, Arc::clone(&phone) as Arc<dyn Deliver>);
        let terminal = ways.add_terminal();
        let (outbox, tasks) = ways.split();
        for task in tasks {
            tokio::spawn(task);
        }
        let mut setup = Setup::new(kind, 15);
        setup.sim.flat = true;
        setup.later_ms = EVENING_MS;
        setup.notifier = Some(Notifier::new(Monitor::new(rules())).sending_by(outbox));
        let rig = Rig::start(setup).await;
        rig.sim.with_world(|world| {
            world.open("BTCUSDT", true, true, dec!(0.8));
            world.open("ETHUSDT", true, false, dec!(3));
        });
        let folder = tempfile::tempdir().unwrap();
        let night = Self {
            rig,
            phone,
            terminal,
            looked: LastLook::default(),
            counters: Arc::default(),
            folder,
            equity: Vec::new(),
            funding: Decimal::ZERO,
            liquidated: Decimal::ZERO,
        };
        night.remember();
        night.rig.until_complete(20).await;
        night.looked.look(night.report().taken_at);
        night
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("history.db")
    }

    /// Runs memory and counters beside the engine, as the program does; a batch is on the disk before time
    /// goes on.
    fn remember(&self) {
        let settings = Settings { path: self.path(), keep_days: 365, account_label: "main".into() };
        let (told, reports) = channel();
        let writer = Writer::start(settings, move |report| told.send(report).unwrap()).unwrap();
        let mut engine = self.rig.published.clone().unwrap();
        let (store, clock) = (self.rig.store.clone(), Arc::clone(&self.rig.clock));
        let (looked, counters) = (self.looked.clone(), Arc::clone(&self.counters));
        tokio::spawn(async move {
            let mut recorder = Recorder::default();
            while let Some(report) = engine.next().await {
                counters.lock().unwrap().follow(&report);
                let Some(mut batch) = recorder.follow(&report) else { continue };
                batch.looked_at = looked.newest();
                writer.send(batch);
                let memory = Arc::new(reports.recv().unwrap());
                store.apply(Update::local(clock.now(), Body::Memory(memory)));
            }
        });
    }

    fn report(&self) -> Arc<Report> {
        self.rig.published.as_ref().unwrap().newest()
    }

    async fn pass(&mut self, span_seconds: u64) {
        for _ in 0..span_seconds {
            pass(1_000).await;
            let now = self.rig.sim.with_world(|world| (world.time(), world.equity()));
            self.equity.push(now);
        }
    }

    /// Moves a price every ten seconds, to thousandths of the entry price less or more than that.
    async fn lead(&mut self, contract: &str, steps: &[i64]) {
        let positions = self.rig.sim.with_world(|world| world.positions());
        let entry = positions.iter().find(|held| held.contract == contract).unwrap().entry;
        for thousandths in steps {
            let to = entry * Decimal::new(1_000 + thousandths, 3);
            self.rig.sim.with_world(|world| world.set_price(contract, to));
            self.pass(10).await;
        }
    }

    /// Minutes after the begin of the evening.
    async fn until(&mut self, minute: i64) {
        let to = BEGIN + EVENING_MS + minute * 60_000;
        let now = self.rig.sim.with_world(|world| world.time()).as_millis();
        self.pass(u64::try_from((to - now) / 1_000).unwrap()).await;
    }

    /// The sum of what the exchange's ledger has since a minute.
    fn ledger_since(&self, minute: i64) -> Decimal {
        let since = BEGIN + EVENING_MS + minute * 60_000;
        let entries = self.rig.sim.with_world(|world| world.ledger_since(since));
        entries.iter().map(|(_, amount)| *amount).sum()
    }

    fn metrics(&self) -> String {
        let counters = self.counters.lock().unwrap().clone();
        let requests = BTreeMap::new();
        let now = self.rig.clock.now();
        let scrape = Scrape { account: "main", now, counters: &counters, requests: &requests };
        text(&self.report(), &scrape).unwrap()
    }

    /// The screen after a key.
    fn screen(&self, key: char) -> String {
        let (report, now) = (self.report(), self.rig.clock.now());
        let mut ui = Ui::new(UiContext::default());
        ui.on_size(120, 40);
        ui.refresh(&report, now);
        ui.on_key(KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE));
        ui.refresh(&report, now);
        plain_text(ui.picture())
    }
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn a_scripted_night_is_told_right(#[values(Classic, Unified)] kind: AccountKind) {
    let mut night = Night::begin(kind).await;
    night.until(5).await;
    night.lead("BTCUSDT", &[-10, -20, -30, -40, -50, -60, -70, -80, -90, -100, -110, -120]).await;
    night.until(10).await;
    night.lead("BTCUSDT", &[-100, -80, -60]).await;
    night.until(12).await;
    night.lead("BTCUSDT", &[-80, -100, -120, -120, -100, -80, -60]).await;
    night.until(15).await;
    night.rig.sim.inject(Entry::now(Fault::Refuse).lasting(Duration::from_secs(1_200)));
    night.rig.sim.inject(Entry::now(Fault::Rst));
    night.until(25).await;
    let in_the_cut = night.metrics();
    night.until(42).await;
    night.funding = night.ledger_since(39);
    night.lead("ETHUSDT", &[-30, -60, -93, -105]).await;
    night.until(45).await;
    night.liquidated = night.ledger_since(42);
    let change = if kind == Classic { Fault::Upgrade } else { Fault::Switching };
    night.rig.sim.inject(Entry::now(change).lasting(seconds(45)));
    night.until(56).await;
    night.looked.look(night.report().taken_at);
    night.pass(70).await;
    for message in night.phone.0.lock().unwrap().iter() {
        println!("{:?} {} {}", message.change, message.id.unwrap(), message.text);
    }
    println!("{}", night.screen('w'));
    night.check_log();
    // The terminal that took nothing is told all of it when it does.
    let raised =
        checks::expected().iter().filter(|(change, ..)| *change != AlertChange::Cleared).count();
    let bytes = night.terminal.take(TerminalKind::default(), false);
    assert_eq!(bytes.matches("\x1b]9;bitget-watch DEMO: DANGER: ").count(), raised);
    night.check_memory();
    night.check_away(kind);
    night.check_metrics(&in_the_cut);
}
