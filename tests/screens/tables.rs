//! The tables of positions, orders and fills: what they always show, and what they say when they cannot.

use std::sync::Arc;

use bitget_watch::domain::{Fill, OrderSide, Product, Symbol};
use bitget_watch::report::Report;
use ratatui::style::Color;

use super::fixtures::{NOW, age, context, d, healthy, unified, with};
use super::{SMALL, WIDE, fixtures, plain_text, shot, ui_with};

/// Returns the line of the titles of the positions.
fn titles(screen: &str) -> String {
    super::words(screen.lines().find(|line| line.contains("uPnL mark")).unwrap())
}

/// The entry price had no room at 80 columns, and a longer name took the liquidation price as well.
#[test]
fn at_80_columns_every_figure_of_a_position_that_matters_is_there() {
    let renamed = |report: Arc<Report>, name: &str| {
        with(report, |report| report.positions.rows[1].key = fixtures::row(name, false).key)
    };
    let old =
        |report: Arc<Report>| with(report, |report| report.positions.rows[1].age = age(14_000));
    let dear = |report: Arc<Report>| {
        with(report, |report| {
            let row = &mut report.positions.rows[0];
            row.entry_price = Some(d("163003.60"));
            row.liquidation_price = Some(d("158063.9"));
            row.unrealized_pnl = Some(d("-12345.67"));
            row.roe = Some(d("-0.9912"));
        })
    };
    let in_coins = |report: Arc<Report>| {
        with(report, |report| {
            let mut row = fixtures::row("BTCUSD", false);
            row.key.symbol = Symbol::from_wire("BTCUSD", Product::CoinFutures).unwrap();
            row.unrealized_pnl = Some(d("0.00010962"));
            (row.age, row.modelled, row.settle_rate) = (age(9_000), false, None);
            report.positions.rows.push(row);
        })
    };
    for report in [healthy(), unified()] {
        for report in [
            report.clone(),
            in_coins(report.clone()),
            renamed(report.clone(), "1000BONKUSDT"),
            old(renamed(report.clone(), "1000000BOBUSDT")),
            dear(report.clone()),
        ] {
            let screen = shot(context(), &report, SMALL, "");
            let titles = titles(&screen);
            let wanted = "Symbol Side Size uPnL mark ROE Entry Liq price To liq";
            assert!(titles.contains(wanted), "{screen}");
        }
    }
}

/// With each turn over a power of ten a column came or went.
#[test]
fn columns_stay_while_a_figure_goes_back_and_forth() {
    let moved = |pnl: &str| {
        with(healthy(), |report| report.positions.rows[0].unrealized_pnl = Some(d(pnl)))
    };
    let mut ui = ui_with(context(), (120, 40), "");
    let mut shown = Vec::new();
    for (second, pnl) in (0..).zip(["9.99", "1000000000.00", "9.99", "1000000000.00", "9.99"]) {
        ui.refresh(&moved(pnl), NOW.plus_millis(second * 1_000));
        shown.push(titles(&plain_text(ui.picture())));
    }
    assert_ne!(shown[0], shown[1], "a column goes once");
    assert!(shown.iter().skip(1).all(|titles| *titles == shown[1]), "{shown:?}");
    ui.refresh(&moved("9.99"), NOW.plus_millis(64_000));
    assert_eq!(titles(&plain_text(ui.picture())), shown[0], "after a minute it is back");
}

/// A price with a decimal that its contract does not have kept its column wide for a minute, and others had no room.
#[test]
fn a_column_is_not_kept_as_wide_as_prices_were_before_the_rules_of_their_contract() {
    let full = with(healthy(), |report| {
        let [first, second, third] = &mut report.positions.rows[..] else { unreachable!() };
        first.unrealized_pnl = Some(d("123456789.01"));
        second.liquidation_price = Some(d("140182.93"));
        (third.modelled, third.size) = (false, d("1000"));
    });
    let early = with(full.clone(), |report| {
        report.rules = Arc::default();
        report.positions.rows.iter_mut().for_each(|row| row.price_places = None);
    });
    let mut ui = ui_with(context(), (120, 40), "");
    let mut screen = |report: &Arc<Report>, ms| {
        ui.refresh(report, NOW.plus_millis(ms));
        plain_text(ui.picture())
    };
    let (first, then) = (screen(&early, 0), screen(&full, 900));
    assert!(first.contains("140,182.93 ") && !titles(&first).contains("Mark"), "{first}");
    assert!(then.contains("140,182.9 ") && titles(&then).contains("Entry Mark Liq"), "{then}");
}

/// The price and the size of an order are what it is: they are there on a phone too.
#[test]
fn an_order_never_loses_its_size_and_price() {
    for size in [(200, 60), (120, 40), SMALL, (40, 12)] {
        for keys in ["4", "\t"] {
            let screen = shot(context(), &healthy(), size, keys);
            let is_row = |line: &&str| super::words(line).contains("buy limit BTCUSDT");
            let line = screen.lines().find(is_row).unwrap();
            assert!(line.contains("62,000.0") && line.contains("0.25"), "{size:?}:\n{screen}");
        }
    }
}

/// Returns the line of the sum of the positions, with one blank for every gap.
fn total(report: &Arc<Report>, size: (u16, u16), keys: &str) -> Option<String> {
    let screen = shot(context(), report, size, keys);
    let found = screen.lines().find(|line| line.contains("│Total"));
    found.map(|line| super::words(line.trim_matches('│')))
}

/// Nobody said what all positions cost and bring together.
#[test]
fn below_the_positions_stands_what_they_come_to() {
    let words =
        "Total USDT uPnL -189.37 net -228.37 notional 70,217.44 fees -42.40 funding -0.9977";
    for report in [healthy(), unified()] {
        for size in [WIDE, (120, 40)] {
            assert_eq!(total(&report, size, "").as_deref(), Some(words), "{size:?}");
        }
        let shown = total(&report, (120, 40), "/eth").unwrap_or_default();
        assert_eq!(shown, "", "one row is its own sum");
        let shown = total(&report, (120, 40), "/btc").unwrap();
        assert!(shown.starts_with("Total shown USDT uPnL +200.19 net +173.74"), "{shown}");
        let shown = total(&report, (120, 40), "p").unwrap();
        assert!(shown.starts_with("Total USDT uPnL ••• net •••"), "{shown}");
        let unknown = with(report.clone(), |report| report.positions.rows[2].fees_paid = None);
        let shown = total(&unknown, (120, 40), "").unwrap();
        assert!(shown.contains("notional 70,217.44 fees ? funding"), "{shown}");
    }
}

#[test]
fn positions_in_several_coins_are_summed_in_the_currency_of_the_account() {
    let in_dollars = |report: Arc<Report>, rates: [Option<&str>; 3]| {
        with(report, |report| {
            let row = &mut report.positions.rows[1];
            row.key.symbol = Symbol::from_wire("BTCPERP", Product::UsdcFutures).unwrap();
            for (row, rate) in report.positions.rows.iter_mut().zip(rates) {
                row.settle_rate = rate.map(d);
            }
        })
    };
    let report = in_dollars(unified(), [Some("0.5"), Some("2"), Some("0.5")]);
    let shown = total(&report, (120, 40), "").unwrap();
    assert!(shown.starts_with("Total USD uPnL +20.42 net -8.5"), "{shown}");
    // The rates are as old as the report that tells them.
    let old = with(report, |report| report.account.age = age(30_000));
    let shown = total(&old, (120, 40), "").unwrap();
    assert!(shown.starts_with("Total USD STALE 30s uPnL +20.42"), "{shown}");
    // A classic account says no rate of the other coin.
    let report = in_dollars(healthy(), [Some("1"), None, Some("1")]);
    let shown = total(&report, (120, 40), "").unwrap();
    assert!(shown.starts_with("Total USDT without 1 of 3 uPnL -266.11 net"), "{shown}");
    // The strip at the top does not count what is not modelled, so this does not either.
    let report = with(in_dollars(unified(), [Some("1"); 3]), |report| {
        report.positions.rows[1].counted = false;
    });
    let shown = total(&report, (120, 40), "").unwrap();
    assert!(shown.starts_with("Total USD without 1 of 3 uPnL -266.11 net"), "{shown}");
    let none = in_dollars(healthy(), [None; 3]);
    let shown = total(&none, (120, 40), "").unwrap();
    assert!(shown.starts_with("Total USDT without 3 of 3 uPnL ? net ?"), "{shown}");
}

/// At 200 columns the take-profit was shown and the stop-loss was not.
#[test]
fn on_a_wide_screen_a_position_says_what_its_plans_would_bring() {
    for report in [healthy(), unified()] {
        let screen = shot(context(), &report, WIDE, "");
        let below = |name: &str| {
            let mut lines = screen.lines().skip_while(|line| !line.contains(name));
            super::words(lines.nth(1).unwrap())
        };
        let first = below("▶BTCUSDT_UMCBL");
        let plans =
            "TP 63,600.0 from now +155.67 net +258.97 SL 61,500.0 from now -893.70 net -790.40";
        assert!(first.contains(plans), "{screen}");
        assert!(first.contains("break-even 63,041.31 funding -1.25"), "{screen}");
        assert!(below("SHORT  ●").contains("TP — from now — net — SL — from now —"), "{screen}");
        // What a plan brings that nothing is known of is not known either.
        assert!(below("│ETHUSDT").contains("TP 63,600.00 from now ? net ? SL"), "{screen}");
        let unknown = with(report, |report| {
            let row = &mut report.positions.rows[1];
            row.plans_known = false;
        });
        let screen = shot(context(), &unknown, WIDE, "");
        assert!(
            super::words(&screen).contains("TP ? from now ? net ? SL ? from now ?"),
            "{screen}"
        );
    }
    let many = shot(context(), &fixtures::crowded(), WIDE, "");
    assert!(!many.contains("from now"), "a line more for each would hide rows:\n{many}");
}

/// Orders could be scrolled, and nothing could be asked of one.
#[test]
fn orders_have_a_cursor_and_a_detail_that_stay_on_their_order() {
    for report in [healthy(), unified()] {
        for (size, keys) in [(WIDE, "4"), ((120, 40), "\t"), (SMALL, "4"), ((40, 12), "\t")] {
            let mut ui = ui_with(context(), size, keys);
            let mut after = |keys: &str, report: &Arc<Report>| {
                super::type_keys(&mut ui, keys);
                ui.refresh(report, NOW);
                plain_text(ui.picture())
            };
            let screen = after("", &report);
            assert!(screen.contains("▶buy limit"), "{size:?}:\n{screen}");
            // Until it is moved it stays on the first row, whatever comes before it.
            let newer = with(report.clone(), |report| report.orders.rows.reverse());
            let screen = after("", &newer);
            assert!(screen.contains("▶sell SL"), "{size:?}:\n{screen}");
            after("", &report);
            let screen = after("j", &report);
            assert!(screen.contains("▶sell SL"), "{size:?}:\n{screen}");
            // It is an identity: another order before it moves nothing.
            let turned = with(report.clone(), |report| report.orders.rows.reverse());
            let screen = after("", &turned);
            assert!(screen.contains("▶sell SL"), "{size:?}:\n{screen}");
            let screen = after("\n", &turned);
            assert!(screen.contains(" BTCUSDT_UMCBL sell SL "), "{size:?}:\n{screen}");
            assert!(super::words(&screen).contains("From mark -2.77%"), "{size:?}:\n{screen}");
            let gone = with(turned, |report| {
                report.orders.rows.retain(|order| order.order_id.as_str() != "2");
            });
            let screen = after("", &gone);
            assert!(screen.contains("not in the last list of"), "{size:?}:\n{screen}");
            let screen = after("\n", &gone);
            assert!(screen.contains("▶buy limit"), "{size:?}:\n{screen}");
        }
    }
    let screen = shot(context(), &healthy(), (120, 40), "");
    assert!(!screen.contains("▶buy") && screen.contains("▶BTC"), "one cursor:\n{screen}");
}

/// An order of yesterday looked like one of today.
#[test]
fn what_is_not_of_today_says_its_day() {
    let report = with(healthy(), |report| {
        report.orders.rows[0].created_at = Some(fixtures::at(86_400));
        report.orders.rows[1].created_at = Some(fixtures::at(60));
    });
    let screen = shot(context(), &report, (120, 40), "4");
    let line = |words: &str| screen.lines().find(|line| line.contains(words)).unwrap();
    assert!(line("buy limit").contains("09-24 12:03:07"), "{screen}");
    assert!(line("sell SL").contains("  12:02:07"), "{screen}");
    assert!(
        line("-109.39").contains("  12:03 ") && line("-47.39").contains("09-24 13:49"),
        "{screen}"
    );
}

/// A winning short was half red, and so was every sale.
#[test]
fn the_way_of_a_position_or_an_order_has_no_colour_of_gain_or_loss() {
    for size in [WIDE, (120, 40), SMALL, (40, 12)] {
        for keys in ["", "4"] {
            let mut ui = ui_with(context(), size, keys);
            ui.refresh(&healthy(), NOW);
            let buffer = ui.picture();
            for (y, line) in (0..).zip(plain_text(buffer).lines()) {
                for word in ["LONG", "SHORT", "buy limit", "sell SL"] {
                    let Some(at) = line.find(word) else { continue };
                    let x = u16::try_from(line[..at].chars().count()).unwrap();
                    assert_eq!(buffer[(x, y)].fg, Color::Reset, "{word} {size:?} {keys:?}: {line}");
                }
            }
        }
    }
}

/// The rows of every box on the screen: its title, how many rows are inside, and how many of them are blank.
fn boxes(screen: &str) -> Vec<(String, usize, usize)> {
    let cells: Vec<Vec<char>> = screen.lines().map(|line| line.chars().collect()).collect();
    let mut found = Vec::new();
    for (y, line) in cells.iter().enumerate() {
        for (x, _) in line.iter().enumerate().filter(|(_, cell)| **cell == '┌') {
            let right = x + line[x..].iter().position(|cell| *cell == '┐').unwrap();
            let height = cells[y..].iter().position(|line| line[x] == '└').unwrap() - 1;
            let is_blank = |row: &&Vec<char>| row[x + 1..right].iter().all(|cell| *cell == ' ');
            let blank = cells[y + 1..=y + height].iter().filter(is_blank).count();
            found.push((line[x + 1..right].iter().collect(), height, blank));
        }
    }
    found
}

/// At 200x60 half of the price, of the risk and of the lists was blank.
#[test]
fn on_a_wide_screen_no_panel_is_half_empty() {
    let report = with(fixtures::several_coins(), |report| {
        let events = (*report.events).clone();
        report.events = Arc::new(events.iter().cycle().take(30).cloned().collect());
        report.fills = Arc::new((1..=40).map(fill).collect());
    });
    for keys in ["", "2", "3", "4", "5"] {
        let screen = shot(context(), &report, WIDE, keys);
        for (title, height, blank) in boxes(&screen) {
            // Of curves and candles the rows above and below them are part of the drawing.
            let is_drawing = title.contains("Chart") || title.contains("Equity");
            assert!(is_drawing || blank * 2 <= height, "{title} in {keys:?}:\n{screen}");
        }
    }
    let screen = shot(context(), &report, WIDE, "");
    let lines: Vec<&str> = screen.lines().filter(|line| line.contains('┌')).collect();
    assert!(lines[0].contains(" Price ") && lines[0].contains(" Chart "), "{screen}");
    assert!(screen.contains(" Fills ") && screen.contains("buy  BTCUSDT"), "{screen}");
}

fn fill(minutes_ago: i64) -> Fill {
    Fill {
        symbol: Symbol::default(),
        trade_id: format!("{minutes_ago}").as_str().into(),
        order_id: None,
        side: Some(OrderSide::Buy),
        closes: Some(false),
        forced: None,
        price: Some(d("63100.5")),
        size: Some(d("0.01")),
        realized_pnl: Some(d("0")),
        fees: Vec::new(),
        liquidity: None,
        time: Some(fixtures::at(minutes_ago * 60)),
    }
}

/// A table is as tall as its rows; the figures that matter most are there whatever its height is.
#[test]
fn a_table_is_as_tall_as_its_rows_and_hides_no_figure_that_matters() {
    let of =
        |count: usize| with(fixtures::crowded(), |report| report.positions.rows.truncate(count));
    for size in [WIDE, (120, 40), SMALL] {
        for (count, inside) in [(1, 2), (2, 4), (3, 5)] {
            let screen = shot(context(), &of(count), size, "");
            let found = boxes(&screen);
            let table = found.iter().find(|(title, ..)| title.contains("Positions")).unwrap();
            let second_lines = if size == WIDE { count } else { 0 };
            assert_eq!((table.1, table.2), (inside + second_lines, 0), "{size:?}:\n{screen}");
        }
        for count in [1, 3, 5, 8, 20, 30] {
            for keys in ["", "2"] {
                let screen = shot(context(), &of(count), size, keys);
                for (words, least) in [
                    ("Unrealized ", 1),
                    ("Net today ", 2),
                    ("Margin ratio ", 1),
                    ("Worst position", 1),
                ] {
                    // The strip at the top has the net of today too.
                    let found = screen.matches(words).count();
                    assert!(found >= least, "{words} {size:?} {count}:\n{screen}");
                }
            }
        }
    }
}

/// The words of an event began in another column in every line.
#[test]
fn events_stand_in_columns() {
    let report = with(healthy(), |report| {
        let mut events = (*report.events).clone();
        events[2].at = fixtures::at(86_400);
        report.events = Arc::new(events);
    });
    for (size, keys) in [((120, 40), ""), ((40, 12), "\t\t"), ((120, 40), "\t\t\n")] {
        let screen = shot(context(), &report, size, keys);
        let column = |word: &str| {
            let line = screen.lines().find(|line| line.contains(word)).unwrap();
            line[..line.find(word).unwrap()].chars().count()
        };
        let time = column("12:02:55");
        assert_eq!(column("12:02:37"), time, "{screen}");
        assert_eq!(column("09-24 12:03:07") + 6, time, "{screen}");
        assert_eq!(
            [column("backoff  "), column("opened  ")],
            [column("live       ws"); 2],
            "{screen}"
        );
        assert!(size.0 < 80 || screen.contains("opened     BTC"), "{screen}");
        assert!(screen.contains("backoff    ws"), "{screen}");
    }
}

/// On a phone the last position stood alone above blank lines, and the others were `more`.
#[test]
fn on_a_phone_the_positions_before_the_selected_one_are_seen_where_they_have_room() {
    let screen = shot(context(), &healthy(), (40, 13), "jj");
    let names = ["ETHUSDT_UMCBL LONG", "BTCUSDT_UMCBL SHORT", "+1 more"];
    assert!(names.iter().all(|name| screen.contains(name)), "{screen}");
}
