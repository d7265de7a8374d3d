//! What must hold for every account, over wide inputs.

use proptest::prelude::*;
use rust_decimal::{Decimal, dec};

use super::tiers::tests::btc;
use super::*;
use crate::domain::{AccountKind, Book, Level, MarginMode, Side};

const FEE: Decimal = dec!(0.0006);

fn instrument(tiers: &TierTable, mark: Decimal) -> Instrument<'_> {
    Instrument {
        tiers: Some(tiers),
        taker_fee: Some(FEE),
        mark: Some(mark),
        price_step: Some(dec!(0.1)),
        size_step: Some(dec!(0.0001)),
        rate: Some(dec!(1)),
        collateral: dec!(0),
    }
}

fn position(side: Side, mode: MarginMode, size: Decimal, entry: Decimal) -> PortfolioPosition {
    PortfolioPosition {
        instrument: 0,
        side,
        margin_mode: mode,
        maintenance: Maintenance::Progressive,
        size,
        entry: Some(entry),
        leverage: Some(dec!(10)),
        margin: None,
        already_realized: Some(dec!(0)),
        reported: ReportedLiquidation::default(),
    }
}

fn portfolio<'a>(
    equity: Decimal,
    instruments: &'a [Instrument<'a>],
    positions: &'a [PortfolioPosition],
) -> Portfolio<'a> {
    Portfolio {
        rules: Rules::of_account(AccountKind::Classic),
        equity: Some(equity),
        other_maintenance: dec!(0),
        cross_factor: Decimal::ONE,
        collateral: dec!(0),
        available: Some(equity),
        instruments,
        positions,
        orders: Some(&[]),
    }
}

fn cents(range: std::ops::Range<i64>) -> impl Strategy<Value = Decimal> {
    range.prop_map(|n| Decimal::new(n, 2))
}

fn sides() -> impl Strategy<Value = Side> {
    prop::sample::select(&[Side::Long, Side::Short])
}

fn modes() -> impl Strategy<Value = MarginMode> {
    prop::sample::select(&[MarginMode::Isolated, MarginMode::Cross])
}

fn forms() -> impl Strategy<Value = Maintenance> {
    prop::sample::select(&[Maintenance::Progressive, Maintenance::Flat])
}

/// A handful of positions in two contracts, hedged or not, isolated or cross.
fn positions() -> impl Strategy<Value = Vec<PortfolioPosition>> {
    let one = (0usize..2, sides(), modes(), forms(), cents(1..900), cents(9_000_000..11_000_000));
    prop::collection::vec(one, 1..6).prop_map(|rows| {
        rows.into_iter()
            .map(|(instrument, side, mode, maintenance, size, entry)| PortfolioPosition {
                instrument,
                maintenance,
                ..position(side, mode, size, entry)
            })
            .collect()
    })
}

fn with_mark<'a>(instruments: &[Instrument<'a>; 2], mark: Decimal) -> [Instrument<'a>; 2] {
    let [first, second] = *instruments;
    [Instrument { mark: Some(mark), ..first }, second]
}

/// The average entry price after adding `more` at `price`: `(q·e + d·p) / (q + d)`.
fn average_entry(size: Decimal, entry: Decimal, more: Decimal, price: Decimal) -> Option<Decimal> {
    div(add(mul(size, entry)?, mul(more, price)?)?, add(size, more)?)
}

/// Checks that liquidation begins at the price that is found for it, and not before.
fn check_liquidation_price(
    held: &[PortfolioPosition],
    equity: Decimal,
    orders: Option<(Side, Decimal)>,
    collateral: Decimal,
) -> Result<(), TestCaseError> {
    let tiers = btc();
    let mark = dec!(100000);
    let first = Instrument { collateral, ..instrument(&tiers, mark) };
    let instruments = [first, instrument(&tiers, dec!(98000.5))];
    let orders: Vec<_> = orders
        .into_iter()
        .map(|(side, value)| OpeningOrder { instrument: 0, side, value })
        .collect();
    let account = Portfolio { orders: Some(&orders), ..portfolio(equity, &instruments, held) };
    let valuation = Valuation::new(account);
    for at in (0..held.len()).filter(|at| held[*at].instrument == 0) {
        let flat = held.iter().any(|held| held.maintenance == Maintenance::Flat);
        let now = valuation.position(at);
        let Some(price) = now.liquidation.unwrap().moving else { continue };
        let cover = valuation.cover(at, price).unwrap();
        let solvent = now.surplus.unwrap() > dec!(0);
        let left = cover.equity - cover.maintenance;
        if solvent && flat {
            // A wall of the flat form: nothing is left just behind it. The mark price may stand at the wall.
            let sides = if price == mark { [1, -1].as_slice() } else { &[1] };
            let lost = sides.iter().any(|side| {
                let away = if price < mark { -1 } else { 1 };
                let behind = price + Decimal::new(side * away, 6);
                let cover = valuation.cover(at, behind).unwrap();
                cover.equity - cover.maintenance < dec!(0.0001)
            });
            prop_assert!(lost, "something is left behind {}", price);
        } else if solvent {
            prop_assert!(left.abs() < dec!(0.000001), "{} left at {}", left, price);
        }
        if solvent {
            for part in 0..10 {
                let before = mark + (price - mark) * Decimal::from(part) / dec!(10);
                let cover = valuation.cover(at, before).unwrap();
                prop_assert!(
                    cover.maintenance < cover.equity,
                    "lost at {} before {}",
                    before,
                    price
                );
            }
        }
    }
    Ok(())
}

/// Ten bitcoin at 100,000 stand at the upper end of a tier: the mark price is the wall.
#[test]
fn a_wall_may_stand_at_the_mark_price() {
    for (side, margin_mode) in [
        (Side::Short, MarginMode::Cross),
        (Side::Long, MarginMode::Cross),
        (Side::Short, MarginMode::Isolated),
    ] {
        let short = |size, maintenance| PortfolioPosition {
            maintenance,
            ..position(side, margin_mode, size, dec!(100000))
        };
        let held = [
            short(dec!(3.23), Maintenance::Progressive),
            short(dec!(6.77), Maintenance::Flat),
            PortfolioPosition {
                instrument: 1,
                ..position(Side::Long, MarginMode::Cross, dec!(3.32), dec!(98000.5))
            },
        ];
        for cents in (500_000..2_000_000).step_by(1_001) {
            check_liquidation_price(&held, Decimal::new(cents, 2), None, dec!(0)).unwrap();
        }
        check_liquidation_price(&held, dec!(7222.03), None, dec!(0)).unwrap();
    }
}

/// A scenario ends where the exchange says that it does, should that be sooner. The legs of a hedge name one price,
/// which lies on the side of the larger one.
#[test]
fn a_scenario_counts_what_the_exchange_says_is_worse() {
    let tiers = btc();
    let instruments = [instrument(&tiers, dec!(100000))];
    let named = |mode, side, size, factor| PortfolioPosition {
        reported: ReportedLiquidation { ratio_factor: factor, price: Some(dec!(95000)) },
        ..position(side, mode, size, dec!(100000))
    };
    let one = Decimal::ONE;
    let hedge = [
        named(MarginMode::Cross, Side::Long, dec!(0.2), one),
        named(MarginMode::Cross, Side::Short, dec!(0.1), one),
    ];
    let worse = |positions| Portfolio {
        cross_factor: dec!(1.5),
        ..portfolio(dec!(9000), &instruments, positions)
    };
    let account = worse(&hedge);
    let bare =
        hedge.map(|held| PortfolioPosition { reported: ReportedLiquidation::default(), ..held });
    let by_rules = Valuation::new(portfolio(dec!(9000), &instruments, &bare));
    let valuation = Valuation::new(account);
    for (shift, is_lost) in [(dec!(-0.04), false), (dec!(-0.05), true), (dec!(0.1), false)] {
        let (found, ours) = (valuation.moves(shift), by_rules.moves(shift));
        for (found, ours) in found.positions.iter().zip(&ours.positions) {
            let (found, ours) = (found.unwrap(), ours.unwrap());
            assert_eq!((found.liquidated, ours.liquidated), (is_lost, false), "{shift}");
            let (needs, counts) = (ours.maintenance, ours.equity.unwrap());
            // A half more is needed, or a third of the 9,000 of now does not count.
            let worst = (needs * dec!(1.5) / counts).max(needs / (counts - dec!(3000)));
            assert_eq!(found.margin_ratio.unwrap().round_dp(12), worst.round_dp(12));
            let left = if is_lost { Some(Decimal::ZERO) } else { ours.equity };
            assert_eq!(found.equity, left);
        }
        let (all, ours) = (found.account.unwrap(), ours.account.unwrap());
        let left = if is_lost { Some(Decimal::ZERO) } else { ours.equity };
        assert_eq!((all.liquidated, all.equity), (is_lost, left), "{shift}");
    }
    // Another contract that gains when all move leaves more to lose; one that loses does not.
    let two = [instruments[0], instruments[0]];
    for (side, is_lost) in [(Side::Short, false), (Side::Long, true)] {
        let other = position(side, MarginMode::Cross, dec!(0.01), dec!(100000));
        let held = [hedge[0], PortfolioPosition { instrument: 1, ..other }];
        let account = Portfolio { cross_factor: dec!(1.5), ..portfolio(dec!(9000), &two, &held) };
        let found = Valuation::new(account).moves(dec!(-0.05));
        let own = found.positions[0].unwrap();
        assert_eq!((own.liquidated, found.account.unwrap().liquidated), (true, is_lost));
    }
    // A mark price that has passed it: a rise ends nothing beyond it.
    let passed = [PortfolioPosition {
        reported: ReportedLiquidation { ratio_factor: one, price: Some(dec!(100500)) },
        ..position(Side::Long, MarginMode::Isolated, dec!(0.2), dec!(100000))
    }];
    let valuation = Valuation::new(portfolio(dec!(9000), &instruments, &passed));
    for (shift, is_lost) in [(dec!(-0.01), true), (dec!(0.001), true), (dec!(0.01), false)] {
        assert_eq!(valuation.moves(shift).positions[0].unwrap().liquidated, is_lost, "{shift}");
    }
    // Where the ratio is worse, no move makes it better than it would be by either reason.
    let strained = [PortfolioPosition {
        reported: ReportedLiquidation { ratio_factor: dec!(9), price: None },
        ..position(Side::Long, MarginMode::Isolated, dec!(0.2), dec!(100000))
    }];
    let valuation = Valuation::new(portfolio(dec!(9000), &instruments, &strained));
    let now = valuation.position(0).worse.unwrap().margin_ratio.unwrap();
    let ratio = |shift| valuation.moves(shift).positions[0].unwrap().margin_ratio.unwrap();
    assert_eq!(now.round_dp(12), ratio(dec!(0)).round_dp(12));
    assert!(ratio(dec!(-0.005)) > now, "a fall is no relief to a long");
    let isolated = [named(MarginMode::Isolated, Side::Long, dec!(0.2), one)];
    let account = portfolio(dec!(9000), &instruments, &isolated);
    let found = Valuation::new(account).moves(dec!(-0.05)).account.unwrap();
    assert_eq!(found.lost, Lost { cross: false, isolated: 1, first_isolated: Some(0) });
    assert_eq!(found.equity, Some(dec!(7000)), "its margin is lost");
}

/// Which way a position loses is not that of its side where the other leg, or a coin that backs the account, turns
/// it round.
#[test]
fn the_exchange_ends_a_position_where_no_more_is_left_than_at_its_price() {
    let tiers = btc();
    let liquidated = |instrument: Instrument<'_>, held: &[PortfolioPosition], equity| {
        let instruments = [instrument];
        let collateral = instrument.collateral * dec!(100000);
        let account = Portfolio { collateral, ..portfolio(equity, &instruments, held) };
        let valuation = Valuation::new(account);
        let all = [dec!(-0.1), dec!(-0.03), dec!(0.03), dec!(0.1)].map(|shift| {
            let moves = valuation.moves(shift);
            let of_rows = moves.positions[0].unwrap().liquidated;
            assert_eq!(moves.account.unwrap().liquidated, of_rows, "{shift}");
            of_rows
        });
        let worse = valuation.position(0).worse;
        assert_eq!(valuation.account().worse.map(|of| of.surplus), worse.map(|of| of.surplus));
        (all, worse.map(|of| of.surplus))
    };
    let cross = |side, size, price| PortfolioPosition {
        reported: ReportedLiquidation { price, ..ReportedLiquidation::default() },
        ..position(side, MarginMode::Cross, size, dec!(100000))
    };
    let plain = instrument(&tiers, dec!(100000));
    // Nearly equal legs: what they need grows faster with the price than what they gain. Theirs is where ours is.
    let legs =
        |price| [cross(Side::Long, Decimal::ONE, price), cross(Side::Short, dec!(0.998), None)];
    let ours = {
        let instruments = [plain];
        let held = legs(None);
        let valuation = Valuation::new(portfolio(dec!(600), &instruments, &held));
        valuation.liquidation(0).unwrap().price.unwrap()
    };
    assert!(ours > dec!(100000), "{ours}");
    assert_eq!(liquidated(plain, &legs(Some(ours)), dec!(600)), ([false; 4], None));
    // A short on a bitcoin that backs the account and is larger: it loses in a fall.
    let backed = Instrument { collateral: dec!(1.5), ..plain };
    let short = [cross(Side::Short, Decimal::ONE, Some(dec!(96000)))];
    let (all, left) = liquidated(backed, &short, dec!(60000));
    assert_eq!(all, [true, false, false, false]);
    // Half a bitcoin falls by 4,000; what the short needs falls with it.
    assert!((left.unwrap() - dec!(2000)).abs() < dec!(30), "{left:?}");
    // A long that the exchange has ended above the mark price.
    let passed = [cross(Side::Long, dec!(0.2), Some(dec!(105000)))];
    let (all, left) = liquidated(plain, &passed, dec!(9000));
    assert_eq!((all, left), ([true, true, true, false], Some(Decimal::ZERO)));
}

proptest! {
    #[test]
    fn totals_are_the_sum_of_the_rows(held in positions(), equity in cents(1..900_000_000)) {
        let tiers = btc();
        let instruments = [instrument(&tiers, dec!(100000)), instrument(&tiers, dec!(98000.5))];
        let valuation = Valuation::new(portfolio(equity, &instruments, &held));
        let rows: Vec<_> = (0..held.len()).map(|at| valuation.position(at)).collect();
        let whole = valuation.account();
        let total = |of: fn(&PositionFigures) -> Option<Decimal>| sum(rows.iter().map(of));
        prop_assert_eq!(whole.unrealized, total(|row| row.unrealized));
        prop_assert_eq!(whole.notional_gross, total(|row| row.notional));
        prop_assert_eq!(whole.margin, total(|row| row.margin));
        let isolated = held.iter().zip(&rows).filter(|(h, _)| h.margin_mode == MarginMode::Isolated);
        let at_risk = sum(isolated.map(|(_, row)| row.equity_at_risk)).unwrap();
        prop_assert_eq!(whole.cross_equity, Some(equity - at_risk));
        for (held, row) in held.iter().zip(&rows) {
            if held.margin_mode == MarginMode::Cross {
                prop_assert_eq!(row.margin_ratio, whole.margin_ratio);
                prop_assert_eq!(row.maintenance_total, whole.cross_maintenance);
            }
        }
    }

    /// The moving form with the tier at that price is where the margin ratio becomes 1, and before
    /// it nothing is liquidated.
    #[test]
    fn the_ratio_is_one_at_the_liquidation_price(
        held in positions(), equity in cents(100_000..90_000_000),
        orders in prop::option::of((sides(), cents(100..5_000_000))),
        collateral in cents(-200..2_000),
    ) {
        check_liquidation_price(&held, equity, orders, collateral)?;
    }

    /// The further the price goes against a position, the less is left and the higher its ratio,
    /// until it is gone. Of a long that holds more equity than notional this is not true: what must be
    /// covered then shrinks faster than the equity. From 1.5 on no tier of the table lets that happen.
    #[test]
    fn the_ratio_rises_with_an_adverse_move(
        side in sides(), size in cents(1..10_000), leverage in 15i64..1_500,
    ) {
        let tiers = btc();
        let mark = dec!(100000);
        let instruments = [instrument(&tiers, mark)];
        let held = [position(side, MarginMode::Cross, size, dec!(99000))];
        let equity = size * mark / Decimal::new(leverage, 1);
        let valuation = Valuation::new(portfolio(equity, &instruments, &held));
        let mut last = (Some(dec!(0)), valuation.position(0).surplus.unwrap());
        for percent in 1..60 {
            let shift = -side.sign() * Decimal::new(percent, 2);
            let row = valuation.moves(shift).positions[0].unwrap();
            match (last.0, row.margin_ratio) {
                (Some(before), Some(now)) => prop_assert!(now > before, "{} {}", before, now),
                (None, now) => prop_assert_eq!(now, None),
                (Some(_), None) => prop_assert!(row.liquidated),
            }
            let left = valuation.aim(0, row.price.unwrap()).unwrap().surplus().unwrap();
            prop_assert!(left < last.1);
            last = (row.margin_ratio, left);
        }
    }

    /// A liquidated position loses the equity at risk and nothing more, whatever the gap.
    #[test]
    fn a_gap_loses_no_more_than_the_equity_at_risk(
        held in positions(), equity in cents(50_000_000..900_000_000), percent in -99i64..300,
    ) {
        let tiers = btc();
        let instruments = [instrument(&tiers, dec!(100000)), instrument(&tiers, dec!(98000.5))];
        let valuation = Valuation::new(portfolio(equity, &instruments, &held));
        let shift = Decimal::new(percent, 2);
        let all = valuation.moves(shift).account.unwrap();
        prop_assert_eq!(all.unrealized, valuation.unrealized.map(|now| {
            now + sum(held.iter().map(|held| {
                let mark = instruments[held.instrument].mark?;
                mul(held.signed_size(), mul(mark, shift)?)
            })).unwrap()
        }));
        prop_assert!(all.equity.unwrap() >= dec!(0));
        let rows = valuation.moves(shift).positions;
        for at in 0..held.len() {
            let row = rows[at].unwrap();
            let now = valuation.position(at);
            if row.liquidated && held.iter().filter(|h| h.instrument == held[at].instrument).count() == 1 {
                prop_assert_eq!(row.equity, Some(equity - now.equity_at_risk.unwrap()));
            }
        }
    }

    /// A move of one contract gives the figures of an account that stands at those prices.
    #[test]
    fn a_scenario_is_the_account_at_that_price(
        held in positions(), equity in cents(50_000_000..900_000_000), percent in -30i64..30,
        collateral in cents(-200..2_000),
    ) {
        let tiers = btc();
        let mark = dec!(100000);
        let first = Instrument { collateral, ..instrument(&tiers, mark) };
        let instruments = [first, instrument(&tiers, dec!(98000.5))];
        let shift = Decimal::new(percent, 2);
        let moved = with_mark(&instruments, mark * (dec!(1) + shift));
        let held: Vec<_> = held
            .into_iter()
            .map(|held| PortfolioPosition { margin: Some(dec!(50000)), ..held })
            .collect();
        let before = Valuation::new(portfolio(equity, &instruments, &held));
        let change = sum(held.iter().filter(|held| held.instrument == 0).map(|held| {
            mul(held.signed_size(), mark * shift)
        })).unwrap();
        let change = change + collateral * mark * shift;
        let after = Valuation::new(portfolio(equity + change, &moved, &held));
        let rows = before.moves(shift).positions;
        for at in (0..held.len()).filter(|at| held[*at].instrument == 0) {
            let (row, there) = (rows[at].unwrap(), after.position(at));
            prop_assert_eq!(row.margin_ratio, there.margin_ratio);
            prop_assert_eq!(Some(row.maintenance), there.maintenance_total);
            prop_assert_eq!(before.unrealized_after(at, shift), after.unrealized);
        }
    }

    /// Adding the answer brings the liquidation price to the target; a little more misses it.
    #[test]
    fn what_is_added_reaches_the_target(
        side in sides(), form in forms(), size in cents(1..3_000), percent in 2i64..60,
        equity in cents(100_000..900_000_000), other in cents(1..2_000),
        hedge in prop::option::of(cents(1..3_000)),
    ) {
        let tiers = btc();
        let mark = dec!(100000);
        let instruments = [instrument(&tiers, mark), instrument(&tiers, dec!(98000.5))];
        let own = PortfolioPosition { maintenance: form, ..position(side, MarginMode::Cross, size, dec!(99000)) };
        let still = position(Side::Long, MarginMode::Cross, other, dec!(98000));
        let opposite = if side == Side::Long { Side::Short } else { Side::Long };
        let mut held = vec![own, PortfolioPosition { instrument: 1, ..still }];
        held.extend(hedge.map(|size| PortfolioPosition { side: opposite, size, ..own }));
        let account = portfolio(equity, &instruments, &held);
        let valuation = Valuation::new(account);
        let target = target_price(side, mark, Decimal::new(percent, 2)).unwrap();

        let aim = valuation.aim(0, target).unwrap();
        let more = aim.margin_to_add().unwrap();
        let richer = Valuation::new(portfolio(equity + more, &instruments, &held));
        prop_assert!(richer.aim(0, target).unwrap().surplus().unwrap().abs() < dec!(0.000001));

        // The surplus at the target once the size has changed by `change` at the mark price.
        let left = |change: Decimal| {
            let entry = average_entry(size, dec!(99000), change, mark).unwrap();
            let entry = if change < dec!(0) { dec!(99000) } else { entry };
            let mut changed = held.clone();
            changed[0] = PortfolioPosition { size: size + change, entry: Some(entry), ..own };
            let fee = change.abs() * mark * FEE;
            Valuation::new(portfolio(equity - fee, &instruments, &changed))
                .aim(0, target)
                .and_then(|aim| aim.surplus())
                .unwrap()
        };
        if let Some(raw) = aim.size_to_add(mark).unwrap().raw {
            let missed = aim.surplus().unwrap() < dec!(0);
            prop_assert!(left(raw + dec!(0.00001)) < dec!(0));
            // A hair less: the wall of the flat form stands at a rounded quotient.
            let within = left(raw - dec!(0.000000000001));
            prop_assert!(missed || within > dec!(-0.000001), "{} left", within);
        }
        if let Some(cut) = aim.size_to_cut(mark).filter(|cut| cut.raw < size) {
            let rounded = cut.size.unwrap();
            prop_assert!(rounded >= cut.raw && rounded - cut.raw < dec!(0.0001));
            let within = left(-cut.raw - dec!(0.000000000001));
            prop_assert!(within > dec!(-0.000001), "{} left", within);
            if cut.raw > dec!(0.00001) {
                prop_assert!(left(-cut.raw + dec!(0.00001)) < dec!(0));
            }
        }
    }

    /// What is added to an isolated position brings its own margin along.
    #[test]
    fn an_isolated_position_can_grow_to_the_target(
        side in sides(), form in forms(), size in cents(1..3_000), margin in cents(1..90_000_000),
        percent in 10i64..60,
    ) {
        let (tiers, mark) = (btc(), dec!(100000));
        let instruments = [instrument(&tiers, mark)];
        let own = PortfolioPosition {
            maintenance: form,
            margin: Some(margin),
            ..position(side, MarginMode::Isolated, size, dec!(99000))
        };
        let target = target_price(side, mark, Decimal::new(percent, 2)).unwrap();
        let left = |change: Decimal| {
            let changed = [PortfolioPosition {
                size: size + change,
                entry: average_entry(size, dec!(99000), change, mark),
                margin: Some(margin + change * mark / dec!(10)),
                ..own
            }];
            let after = Valuation::new(portfolio(dec!(0), &instruments, &changed));
            after.aim(0, target).unwrap().surplus().unwrap()
        };
        let held = [own];
        let valuation = Valuation::new(portfolio(dec!(0), &instruments, &held));
        let aim = valuation.aim(0, target).unwrap();
        let cut = aim.size_to_cut(mark);
        if left(dec!(0)) < dec!(0) {
            prop_assert_eq!(aim.size_to_add(mark).unwrap().raw, Some(dec!(0)));
            prop_assert_eq!(cut, None, "a cut gives margin back in proportion");
        } else {
            prop_assert_eq!(cut.unwrap().raw, dec!(0));
            match aim.size_to_add(mark).unwrap().raw {
                Some(raw) => {
                    // A hair less: the wall of the flat form stands at a rounded quotient.
                    prop_assert!(left(raw - dec!(0.000000000001)) > dec!(-0.000001));
                    prop_assert!(left(raw + dec!(0.00001)) < dec!(0));
                }
                None => prop_assert!(left(dec!(5)) >= left(dec!(0))),
            }
        }
    }

    #[test]
    fn pnl_and_margin_grow_with_the_size(
        side in sides(), size in cents(1..3_000), times in 2i64..50, mark in cents(1..20_000_000),
    ) {
        let of = |size| position(side, MarginMode::Cross, size, dec!(99000.1));
        let times = Decimal::from(times);
        let (one, many) = (of(size), of(size * times));
        prop_assert_eq!(one.unrealized(mark).map(|pnl| pnl * times), many.unrealized(mark));
        let margin = |held: PortfolioPosition| held.initial_margin(mark, MarginDivisor::Unified, Some(FEE));
        prop_assert_eq!(margin(one).map(|margin| margin * times), margin(many));
    }

    #[test]
    fn no_input_panics(
        numbers in prop::collection::vec((any::<i128>(), 0u32..=28), 17),
        side in sides(), mode in modes(), form in forms(), known in any::<u16>(),
    ) {
        let wide: Vec<Decimal> = numbers
            .into_iter()
            .map(|(n, scale)| Decimal::from_i128_with_scale(n >> 32, scale))
            .collect();
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q] = wide[..] else { unreachable!() };
        let some = |bit: u32, value: Decimal| (known & (1 << bit) != 0).then_some(value);
        let tiers = TierTable::of_rate(a.abs());
        let two = btc();
        let first = Instrument {
            tiers: Some(&tiers), taker_fee: some(0, b), mark: some(1, c),
            price_step: some(3, e), size_step: some(4, f), rate: some(12, p), collateral: dec!(0),
        };
        let instruments = [first, Instrument { tiers: Some(&two), mark: some(5, g), ..first }];
        let own = PortfolioPosition {
            instrument: 0, side, margin_mode: mode, maintenance: form, size: h.abs(),
            entry: some(6, i), leverage: some(7, j), margin: some(8, k), already_realized: some(9, l),
            reported: ReportedLiquidation { ratio_factor: q.abs(), price: some(15, q) },
        };
        let held = [own, PortfolioPosition { instrument: 1, ..own }, PortfolioPosition { instrument: 7, ..own }];
        let orders = [OpeningOrder { instrument: 1, side, value: m }];
        let account = Portfolio {
            equity: some(10, n), available: some(11, o), orders: Some(&orders),
            ..portfolio(n, &instruments, &held)
        };
        let valuation = Valuation::new(account);
        let _ = (valuation.account(), valuation.moves(p));
        let levels = vec![Level { price: n, size: o }, Level { price: p, size: m }];
        let book = Book { bids: levels.clone(), asks: levels, exchange_time: None };
        let reported =
            Reported { unrealized: Some(a), margin_ratio: Some(b), break_even: Some(c), liquidation: Some(d) };
        for at in 0..4 {
            let _ = valuation.position(at);
            let _ = valuation.aim(at, o).map(|aim| (aim.size_to_add(p), aim.size_to_cut(p)));
            let _ = valuation.aim(at, p).map(|aim| aim.margin_to_add());
            let _ = infer_rules(&account, at, &reported);
        }
        let _ = (close_now(&own, &book, some(13, p)), spread(o, p));
        let _ = (funding(side, h, g, p, Some(0), some(14, a)), own.trigger_net(p, b));
    }
}

/// An unknown price of one contract leaves the isolated positions of the others alone.
#[test]
fn unknown_inputs_stay_where_they_belong() {
    let tiers = btc();
    let known = instrument(&tiers, dec!(100000));
    let instruments = [known, Instrument { mark: None, ..known }];
    let own = position(Side::Long, MarginMode::Isolated, dec!(1), dec!(99000));
    let held = [own, PortfolioPosition { instrument: 1, margin_mode: MarginMode::Cross, ..own }];
    let valuation = Valuation::new(portfolio(dec!(50000), &instruments, &held));
    let first = valuation.position(0);
    assert!(first.margin_ratio.is_some() && first.liquidation.is_some());
    let second = valuation.position(1);
    assert_eq!((second.unrealized, second.liquidation, second.surplus), (None, None, None));
    let whole = valuation.account();
    assert_eq!((whole.unrealized, whole.margin_ratio, whole.leverage), (None, None, None));
    assert_eq!(valuation.moves(dec!(0.1)).account, None);
}

/// Equal legs of a hedge: one price for both, far above, where the maintenance margin has grown up to
/// the equity (recorded once at 500 times the mark price).
#[test]
fn equal_hedge_legs_end_far_above() {
    let tiers = TierTable::of_rate(dec!(0.004));
    let instruments = [instrument(&tiers, dec!(100000))];
    let long = position(Side::Long, MarginMode::Cross, dec!(0.01), dec!(99000));
    let held = [long, PortfolioPosition { side: Side::Short, ..long }];
    let valuation = Valuation::new(portfolio(dec!(1000), &instruments, &held));
    let prices = [0, 1].map(|at| valuation.position(at).liquidation.unwrap());
    assert_eq!(prices[0], prices[1]);
    assert_eq!(prices[0].price.unwrap().round_dp(3), dec!(21739130.435));
    assert_eq!(prices[0].frozen_raw, None);
    assert_eq!(plausible_liquidation_price(prices[0].price, Some(dec!(100000))), None);
}

proptest! {
    /// The currency that an account is kept in changes nothing of its positions, and nothing of its ratio.
    #[test]
    fn an_account_in_another_currency_is_the_same_account(
        held in positions(), equity in cents(100_000..90_000_000), rate in 9_900i64..10_100,
    ) {
        let rate = Decimal::new(rate, 4);
        let tiers = btc();
        let settled = [instrument(&tiers, dec!(100000)), instrument(&tiers, dec!(98000.5))];
        let converted = settled.map(|of| Instrument { rate: Some(rate), ..of });
        let one = Valuation::new(portfolio(equity, &settled, &held));
        let other = Valuation::new(portfolio(equity * rate, &converted, &held));
        let near = |a: Option<Decimal>, b: Option<Decimal>| match (a, b) {
            (Some(a), Some(b)) => (a - b).abs() < dec!(0.000001),
            (a, b) => a == b,
        };
        for at in 0..held.len() {
            let (a, b) = (one.position(at), other.position(at));
            prop_assert!(near(a.margin_ratio, b.margin_ratio), "{:?} {:?}", a, b);
            prop_assert!(near(a.surplus, b.surplus));
            prop_assert!(near(a.equity_at_risk, b.equity_at_risk));
            let moving = |of: &PositionFigures| of.liquidation.and_then(|found| found.moving);
            prop_assert!(near(moving(&a), moving(&b)), "{:?} {:?}", a, b);
        }
        let (a, b) = (one.account(), other.account());
        prop_assert!(near(a.margin_ratio, b.margin_ratio));
        prop_assert!(near(a.leverage, b.leverage));
        prop_assert!(near(a.unrealized.map(|pnl| pnl * rate), b.unrealized));
        prop_assert!(near(a.surplus.map(|left| left * rate), b.surplus));
        let fall = |of: &Valuation<'_>| of.moves(dec!(-0.05)).account.and_then(|after| after.equity);
        prop_assert!(near(fall(&one).map(|left| left * rate), fall(&other)));
    }

    /// What is not modelled needs its margin from the same equity: as if that much equity were not there.
    #[test]
    fn what_is_not_modelled_takes_its_margin_from_what_is_left(
        held in positions(), equity in cents(100_000..90_000_000), needed in cents(0..50_000),
    ) {
        let tiers = btc();
        let instruments = [instrument(&tiers, dec!(100000)), instrument(&tiers, dec!(98000.5))];
        let alone = portfolio(equity, &instruments, &held);
        let shared = Portfolio { other_maintenance: needed, ..alone };
        let without = Portfolio { equity: Some(equity - needed), ..alone };
        let (shared, without) = (Valuation::new(shared), Valuation::new(without));
        prop_assert_eq!(shared.account().surplus, without.account().surplus);
        let cross = held.iter().enumerate().filter(|(_, held)| held.margin_mode == MarginMode::Cross);
        for (at, _) in cross {
            let (a, b) = (shared.position(at), without.position(at));
            prop_assert_eq!(a.surplus, b.surplus);
            let price = |of: PositionFigures| of.liquidation.and_then(|found| found.moving);
            prop_assert_eq!(price(a), price(b));
        }
    }
}
