//! Parts of the own account that both generations spell alike: fee rates, orders, fees, results.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::number::{Num, Presence, Raw, negated};
use super::rows::{self, Read, Row};
use super::{Response, ShapeError, open_enum};
use crate::domain::{
    AdlRank, Body, ClosedPosition, FeeRate, LedgerEntry, Order, OrderClass, OrderSet, Product,
    Scope, Symbol, Text, Timestamp,
};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct FeeModel {
    maker_fee_rate: Num,
    taker_fee_rate: Num,
}

/// Parses the account's own fee rates.
pub(super) fn fee_rate(symbol: &Symbol, data: &str) -> Result<Body, ShapeError> {
    const WHAT: &str = "fee rates";
    let model: FeeModel = rows::object(WHAT, data)?;
    let (Some(maker), Some(taker)) = (model.maker_fee_rate.0, model.taker_fee_rate.0) else {
        return Err(ShapeError::new(WHAT, "a rate is missing"));
    };
    Ok(Body::FeeRate { symbol: symbol.clone(), rate: FeeRate { maker, taker } })
}

/// Returns a page of open orders. While another page follows, absent orders may still exist.
pub(super) fn listed_orders(
    product: Product,
    classes: Vec<OrderClass>,
    read: Read<Order>,
    next: Option<Text>,
) -> Response {
    let scope = if next.is_none() { Scope::Complete } else { Scope::Partial };
    let (mut rows, unreadable) = (read.rows, read.unreadable);
    open_enum::listed_status(&mut rows);
    let set = OrderSet { scope, classes, rows, unreadable, products: vec![product] };
    Response { bodies: vec![Body::Orders(set)], next, ..Response::default() }
}

/// Returns the orders of a push: only those that changed.
pub(super) fn pushed_orders(read: Read<Order>) -> Body {
    Body::Orders(OrderSet {
        scope: Scope::Partial,
        classes: Vec::new(),
        rows: read.rows,
        unreadable: read.unreadable,
        products: Vec::new(),
    })
}

/// Returns a page of closed positions.
pub(super) fn listed_closed(page: &rows::Page<'_>, read: Read<ClosedPosition>) -> Response {
    let next = page.next(read.count());
    Response { bodies: vec![Body::ClosedPositions(read.rows)], next, ..Response::default() }
}

/// A row of `adlRank`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct AdlModel<'a> {
    #[serde(borrow)]
    symbol: Raw<'a>,
    #[serde(borrow)]
    margin_coin: Raw<'a>,
    #[serde(borrow)]
    hold_side: Raw<'a>,
    /// The rank of V2.
    pub(super) rank: Num,
    /// The rank of V3; in V2 it runs the other way and is deprecated.
    pub(super) adl_rank: Num,
}

impl AdlModel<'_> {
    /// Returns a place in the queue for automatic deleveraging; `None` for a rank outside of 0 to 1.
    fn read(&self, rank: Num) -> Option<AdlRank> {
        Some(AdlRank {
            symbol: open_enum::named_contract(&self.symbol)?,
            side: open_enum::side(&self.hold_side)?,
            margin_coin: open_enum::coin(&self.margin_coin),
            rank: rank.0.filter(|rank| (Decimal::ZERO..=Decimal::ONE).contains(rank))?,
        })
    }
}

/// Parses the data of `adlRank`; `rank` picks the field of the generation. Near 1 is first in line.
pub(super) fn adl_ranks(data: &str, rank: fn(&AdlModel<'_>) -> Num) -> Result<Body, ShapeError> {
    let read =
        rows::list("a list of ranks", data, |row: AdlModel<'_>| Row::from(row.read(rank(&row))))?;
    Ok(Body::AdlRanks(read.rows))
}

/// Returns the fees of a position, positive when paid, from the wire's fees, which are negative when
/// paid; `None` unless both are known.
pub(super) fn fees_paid(open: Option<Decimal>, close: Option<Decimal>) -> Option<Decimal> {
    Some(negated(open?.checked_add(close?)?))
}

/// Returns `realized + funding − fees`, for rows without the exchange's own net result; `None` unless
/// all three are known.
pub(super) fn net(
    realized: Option<Decimal>,
    funding: Option<Decimal>,
    fees: Option<Decimal>,
) -> Option<Decimal> {
    realized?.checked_add(funding?)?.checked_sub(fees?)
}

/// Returns the fee of a ledger entry, positive when paid, from the wire's, which is negative when paid.
/// A missing or empty fee is zero, an invalid one `None`.
pub(super) fn ledger_fee(fee: Option<Presence>) -> Option<Decimal> {
    Some(negated(fee.map_or(Some(Decimal::ZERO), Presence::or_zero)?))
}

/// Returns the ledger entries of one page. An unreadable one would make totals wrong, so it is an
/// error.
pub(super) fn ledger<'a, R: Deserialize<'a>>(
    since: Timestamp,
    page: &rows::Page<'a>,
    entry: impl Fn(&R) -> Option<LedgerEntry>,
) -> Result<Response, ShapeError> {
    const WHAT: &str = "a list of ledger entries";
    let read = rows::list(WHAT, page.rows(), |model: R| Row::from(entry(&model)))?;
    if read.unreadable > 0 {
        return Err(ShapeError::new(WHAT, format!("{} of them unreadable", read.unreadable)));
    }
    let next = page.next(read.rows.len());
    let body = Body::Ledger { since, rows: read.rows, complete: next.is_none() };
    Ok(Response { bodies: vec![body], next, ..Response::default() })
}
