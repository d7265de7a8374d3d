//! What closing through the order book would bring now.

use rust_decimal::Decimal;

use super::exact::{add, div, mul, sub};
use super::portfolio::PortfolioPosition;
use crate::domain::{Book, Level, Side};

const BASIS_POINTS: Decimal = Decimal::from_parts(10_000, 0, 0, false, 0);

/// A close through the visible book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CloseNow {
    /// Size that the book takes, base coin.
    pub filled: Decimal,
    /// Whether that is less than the position: then the result is unknown.
    pub too_thin: bool,
    /// Average price of the part that is filled; `None` when that is nothing.
    pub vwap: Option<Decimal>,
    /// Distance of `vwap` from the middle of the book in basis points; positive is a cost.
    pub slippage_mid_bps: Option<Decimal>,
    /// Taker fee of the part that is filled; positive means paid.
    pub fee: Option<Decimal>,
    /// `s·(cost − q·e)` less the fee: result of the close.
    pub net: Option<Decimal>,
    /// `net` and what the position has already realized.
    pub net_lifetime: Option<Decimal>,
}

/// Returns the price in the middle between the best bid and the best ask.
fn middle(book: &Book) -> Option<Decimal> {
    between(book.bids.first()?.price, book.asks.first()?.price)
}

/// Returns the distance between the best bid and ask, a fraction of their middle.
pub fn spread(bid: Decimal, ask: Decimal) -> Option<Decimal> {
    div(sub(ask, bid)?, between(bid, ask)?)
}

fn between(bid: Decimal, ask: Decimal) -> Option<Decimal> {
    div(add(bid, ask)?, Decimal::TWO)
}

/// Returns what closing `position` through `book` would bring; `None` when a sum does not fit.
///
/// A long walks the bids, a short the asks, from the best level on.
pub fn close_now(
    position: &PortfolioPosition,
    book: &Book,
    taker_fee: Option<Decimal>,
) -> Option<CloseNow> {
    let levels = if position.side == Side::Long { &book.bids } else { &book.asks };
    let (filled, cost) = walk(levels, position.size)?;
    let too_thin = filled < position.size;
    let vwap = div(cost, filled);
    let slippage_mid_bps = middle(book).zip(vwap).and_then(|(middle, vwap)| {
        let away = position.signed(sub(middle, vwap)?);
        mul(div(away, middle)?, BASIS_POINTS)
    });
    let fee = taker_fee.and_then(|rate| mul(rate, cost));
    let gross = if too_thin { None } else { position.entry }
        .and_then(|entry| sub(cost, mul(position.size, entry)?))
        .map(|gain| position.signed(gain));
    let net = gross.zip(fee).and_then(|(gross, fee)| sub(gross, fee));
    Some(CloseNow {
        filled,
        too_thin,
        vwap,
        slippage_mid_bps,
        fee,
        net,
        net_lifetime: net
            .zip(position.already_realized)
            .and_then(|(net, already)| add(net, already)),
    })
}

/// The size that `levels` take of `wanted`, and what that comes to.
fn walk(levels: &[Level], wanted: Decimal) -> Option<(Decimal, Decimal)> {
    let (mut filled, mut cost) = (Decimal::ZERO, Decimal::ZERO);
    for level in levels {
        if filled >= wanted {
            break;
        }
        let part = level.size.max(Decimal::ZERO).min(sub(wanted, filled)?);
        filled = add(filled, part)?;
        cost = add(cost, mul(part, level.price)?)?;
    }
    Some((filled, cost))
}

#[cfg(test)]
mod tests {
    use rust_decimal::dec;

    use super::*;
    use crate::domain::MarginMode;
    use crate::risk::{Maintenance, ReportedLiquidation};

    fn position(side: Side, size: Decimal) -> PortfolioPosition {
        PortfolioPosition {
            instrument: 0,
            side,
            margin_mode: MarginMode::Cross,
            maintenance: Maintenance::Progressive,
            size,
            entry: Some(dec!(100)),
            leverage: None,
            margin: None,
            already_realized: Some(dec!(-2)),
            reported: ReportedLiquidation::default(),
        }
    }

    fn book() -> Book {
        let level = |price, size| Level { price, size };
        Book {
            bids: vec![level(dec!(99), dec!(1)), level(dec!(98), dec!(3))],
            asks: vec![level(dec!(101), dec!(2)), level(dec!(103), dec!(2))],
            exchange_time: None,
        }
    }

    fn close(side: Side, size: Decimal) -> CloseNow {
        close_now(&position(side, size), &book(), Some(dec!(0.001))).unwrap()
    }

    #[test]
    fn walks_to_the_level_that_fills_the_rest() {
        let long = close(Side::Long, dec!(2));
        assert_eq!((long.filled, long.vwap, long.too_thin), (dec!(2), Some(dec!(98.5)), false));
        assert_eq!(long.fee, Some(dec!(0.197)));
        assert_eq!((long.net, long.net_lifetime), (Some(dec!(-3.197)), Some(dec!(-5.197))));
        assert_eq!(long.slippage_mid_bps, Some(dec!(150)));
        let short = close(Side::Short, dec!(4));
        assert_eq!((short.vwap, short.net), (Some(dec!(102)), Some(dec!(-8.408))));
        assert_eq!(short.slippage_mid_bps, Some(dec!(200)));
    }

    /// A part of a close must not pass for the result of the whole.
    #[test]
    fn a_thin_book_names_no_result() {
        let thin = close(Side::Long, dec!(4.1));
        assert_eq!((thin.filled, thin.too_thin, thin.vwap), (dec!(4), true, Some(dec!(98.25))));
        assert!(thin.fee.is_some());
        assert_eq!((thin.net, thin.net_lifetime), (None, None));
        let empty = close_now(&position(Side::Long, dec!(1)), &Book::default(), None).unwrap();
        assert_eq!((empty.filled, empty.vwap, empty.too_thin), (dec!(0), None, true));
        assert_eq!((middle(&Book::default()), spread(dec!(0), dec!(0))), (None, None));
    }
}
