use std::sync::Arc;
use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use rust_decimal::dec;

use super::*;
use crate::config::Palette;
use crate::domain::{Book, OpenEnum, Order, OrderClass, OrderKind, OrderSide, OrderStatus, Symbol};
use crate::report::{Age, MarketPart, Report};
use crate::ui::fixtures::{NOON, empty_report, seen};
use crate::ui::theme::Theme;

const LIMIT: Duration = Duration::from_secs(5);

fn levels(prices: impl IntoIterator<Item = i64>) -> Vec<Level> {
    let level = |price| Level { price: Decimal::from(price), size: dec!(2) };
    prices.into_iter().map(level).collect()
}

fn order(kind: OrderKind, side: OrderSide, price: Decimal) -> Order {
    let rests = kind == OrderKind::Limit;
    Order {
        symbol: Symbol::default(),
        order_id: "1".into(),
        class: OrderClass::Plain,
        side: Some(side),
        position_side: None,
        reduce_only: None,
        kind: OpenEnum::Known(kind),
        price: rests.then_some(price),
        trigger_price: (!rests).then_some(price),
        size: rests.then_some(dec!(0.5)),
        filled: Some(dec!(0.2)),
        status: OpenEnum::Known(OrderStatus::Live),
        created_at: None,
        updated_at: None,
        take_profit: None,
        stop_loss: None,
    }
}

/// A book with asks from 101 and bids from 99, heard at noon.
fn report(orders: Vec<Order>) -> Report {
    let book = Book { asks: levels(101..=120), bids: levels((80..=99).rev()), exchange_time: None };
    let age = Age::new(Some(NOON), LIMIT);
    let mut report = empty_report();
    report.market = MarketPart {
        book: Some(Arc::new(book)),
        book_age: age,
        book_changed_at: Some(NOON),
        ..MarketPart::default()
    };
    (report.ticker.last, report.ticker.mark, report.ticker.age) =
        (Some(dec!(99)), Some(dec!(100)), age);
    (report.orders.rows, report.orders.age) = (orders, age);
    report
}

/// What is drawn of the panel in so many rows, `ms` after noon, without borders; the titles first.
fn drawn(report: &Report, ms: i64, height: u16) -> (String, Vec<String>) {
    let area = Rect::new(0, 0, 50, height);
    let mut buf = Buffer::empty(area);
    let panel = seen(report, ms, |inputs| panel(inputs, &UiState::default(), area));
    panel.draw(Theme::new(Palette::GreenRed, true, false), area, &mut buf);
    let line = |y: u16| (1..49).map(|x| buf[(x, y)].symbol()).collect::<String>();
    let words = |y| line(y).split_whitespace().collect::<Vec<_>>().join(" ");
    (words(0), (1..height - 1).map(words).collect())
}

#[test]
fn asks_stand_above_the_spread_and_bids_below_with_what_is_offered_up_to_them() {
    let (_, rows) = drawn(&report(Vec::new()), 0, 10);
    assert_eq!(
        rows[1..],
        [
            "103 2 6 ━━━━━━━",
            "102 2 4 ━━━━━",
            "101 2 2 ━━",
            "99 spread 200 bp mark 100",
            "99 2 2 ━━",
            "98 2 4 ━━━━━",
            "97 2 6 ━━━━━━━",
        ]
    );
}

#[test]
fn own_orders_stand_at_their_level_and_those_beyond_at_the_ends() {
    use OrderKind::{Limit, StopLoss, Trigger};
    use OrderSide::{Buy, Sell};
    let orders = vec![
        order(Limit, Sell, dec!(102)),
        order(Limit, Buy, dec!(85)),
        order(StopLoss, Sell, dec!(70)),
        order(Trigger, Buy, dec!(101.5)),
        order(Trigger, Sell, dec!(97.5)),
    ];
    let (_, rows) = drawn(&report(orders.clone()), 0, 10);
    assert_eq!(
        rows[1..],
        [
            "103 2 ━━━━━━━",
            "102 2 ━━━━━ sell 0.3 +1",
            "101 2 ━━",
            "99 spread 200 bp mark 100",
            "99 2 ━━",
            "98 2 ━━━━━",
            "97.5 sell trigger all ▼2.50%",
        ]
    );
    // The nearest has the one row; with more rows there are more.
    let area = Rect::new(0, 0, 60, 10);
    let mut buf = Buffer::empty(area);
    let report = report(orders);
    let panel = seen(&report, 0, |inputs| panel(inputs, &UiState::default(), area));
    panel.draw(Theme::new(Palette::GreenRed, true, false), area, &mut buf);
    let note: String = (0..60).map(|x| buf[(x, 9)].symbol()).collect();
    assert!(note.contains("2 own farther away"), "{note}");
    let (_, rows) = drawn(&report, 0, 18);
    assert_eq!(rows[rows.len() - 2..], ["85 buy 0.3 ▼15.00%", "70 SL all ▼30.00%"]);
}

/// The nearest prices beyond the levels had all the rows, and the one that ends the position had none.
#[test]
fn the_liquidation_price_has_a_row_however_far_it_is() {
    let own = |price: i64, is_liquidation| OwnPrice {
        price: price.into(),
        name: "",
        written: Span::plain(price.to_string()),
        role: Role::Plain,
        is_liquidation,
        size: None,
    };
    let all = [own(50, true), own(96, false), own(95, false), own(94, false)];
    let shown = |rows| {
        let side = Side::new(&levels([99, 98, 97]), |price: Decimal| -price, rows, &all);
        let prices = side.beyond.iter().map(|own| own.written.text.clone()).collect();
        (prices, side.hidden)
    };
    let of = |prices: &[&str], hidden| (prices.iter().map(ToString::to_string).collect(), hidden);
    let found: [(Vec<String>, usize); 4] = [2, 3, 6, 12].map(shown);
    assert_eq!(
        found,
        [of(&[], 4), of(&["50"], 3), of(&["96", "50"], 2), of(&["96", "95", "94", "50"], 0),]
    );
}

/// An order of another contract at the same price is none of this book.
#[test]
fn orders_of_other_contracts_are_not_in_the_ladder() {
    let mut other = order(OrderKind::Limit, OrderSide::Sell, dec!(102));
    other.symbol = "ETHUSDT_UMCBL".parse().unwrap();
    let (_, rows) = drawn(&report(vec![other]), 0, 10);
    assert_eq!(rows[2], "102 2 4 ━━━━━");
}

#[test]
fn a_book_that_is_not_heard_of_any_more_says_so_and_one_that_is_lost_is_gone() {
    let mut report = report(Vec::new());
    let head = |report: &Report, ms| drawn(report, ms, 10).0;
    assert!(!head(&report, 5_000).contains("STALE"));
    assert!(head(&report, 5_001).contains("STALE 5s"), "{}", head(&report, 5_001));
    report.market = MarketPart::default();
    let (head, rows) = drawn(&report, 0, 10);
    assert!(head.contains("no data"), "{head}");
    assert!(rows.join(" ").contains("waiting for the book") && !rows.join("").contains("101"));
}

/// A thin book leaves its rows blank: the spread stands still.
#[test]
fn the_spread_stands_in_the_middle_whatever_is_offered() {
    let mut report = report(Vec::new());
    let book = Book { asks: levels(101..=101), bids: Vec::new(), exchange_time: None };
    report.market.book = Some(Arc::new(book));
    let (_, rows) = drawn(&report, 0, 10);
    assert_eq!(rows[1..], ["", "", "101 2 2 ━━━━━━━", "99 spread mark 100", "", "", ""]);
}

#[test]
fn own_sizes_are_hidden_in_privacy_and_those_of_the_market_are_not() {
    let report = report(vec![order(OrderKind::Limit, OrderSide::Sell, dec!(102))]);
    let mut state = UiState::default();
    state.privacy = true;
    let panel = seen(&report, 0, |inputs| panel(inputs, &state, Rect::new(0, 0, 50, 10)));
    let text = format!("{panel:?}");
    assert!(text.contains("sell •••") && !text.contains("0.3") && text.contains("\"2\""));
}

#[test]
fn no_size_of_a_terminal_and_no_book_is_too_much() {
    let orders: Vec<Order> = (60..140)
        .map(|price| order(OrderKind::Limit, OrderSide::Buy, Decimal::from(price)))
        .collect();
    let report = report(orders);
    for height in 0..40 {
        let area = Rect::new(0, 0, height * 2, height);
        let _built = seen(&report, 0, |inputs| panel(inputs, &UiState::default(), area));
    }
    let huge = Level { price: Decimal::MAX, size: Decimal::MAX };
    let book = Book { asks: vec![huge, huge], bids: vec![huge], exchange_time: None };
    let mut report = report;
    report.market.book = Some(Arc::new(book));
    let _built =
        seen(&report, 0, |inputs| panel(inputs, &UiState::default(), Rect::new(0, 0, 50, 20)));
}
