//! What both generations say alike of the own account: fee rates, orders, fees, results.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::number::{Num, Raw, Told};
use super::rows::{self, Read, Row};
use super::{Answer, ShapeError, open_enum};
use crate::domain::{
    AdlRank, Body, ClosedPosition, FeeRate, LedgerEntry, LedgerKind, Order, OrderClass, OrderSet,
    Scope, Symbol, Text, Timestamp,
};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct FeeModel {
    maker_fee_rate: Num,
    taker_fee_rate: Num,
}

/// Reads the account's own fee rates.
pub(super) fn fee_rate(symbol: &Symbol, data: &str) -> Result<Body, ShapeError> {
    const WHAT: &str = "fee rates";
    let model: FeeModel = rows::object(WHAT, data)?;
    let (Some(maker), Some(taker)) = (model.maker_fee_rate.0, model.taker_fee_rate.0) else {
        return Err(ShapeError::new(WHAT, "a rate is missing"));
    };
    Ok(Body::FeeRate { symbol: symbol.clone(), rate: FeeRate { maker, taker } })
}

/// Returns a page of resting orders. With a page behind it, what is absent may still exist.
pub(super) fn listed_orders(
    classes: Vec<OrderClass>,
    read: Read<Order>,
    next: Option<Text>,
) -> Answer {
    let scope = if next.is_none() { Scope::Complete } else { Scope::Partial };
    let (rows, unreadable) = (read.rows, read.unreadable);
    let set = OrderSet { scope, classes, rows, unreadable };
    Answer { bodies: vec![Body::Orders(set)], next, ..Answer::default() }
}

/// Returns the orders of a push: those that changed.
pub(super) fn pushed_orders(read: Read<Order>) -> Body {
    Body::Orders(OrderSet {
        scope: Scope::Partial,
        classes: Vec::new(),
        rows: read.rows,
        unreadable: read.unreadable,
    })
}

/// Returns a page of closed positions.
pub(super) fn listed_closed(page: &rows::Page<'_>, read: Read<ClosedPosition>) -> Answer {
    let next = page.next(read.count());
    Answer { bodies: vec![Body::ClosedPositions(read.rows)], next, ..Answer::default() }
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
    /// Returns a place in the queue for automatic deleveraging. A rank beyond 0 to 1 is none.
    fn read(&self, rank: Num) -> Option<AdlRank> {
        Some(AdlRank {
            symbol: self.symbol.text().and_then(Symbol::from_wire)?,
            side: open_enum::side(&self.hold_side)?,
            margin_coin: open_enum::coin(&self.margin_coin),
            rank: rank.0.filter(|rank| (Decimal::ZERO..=Decimal::ONE).contains(rank))?,
        })
    }
}

/// Reads the data of `adlRank`; `rank` takes the member of the generation. Near 1 is first in the
/// queue.
pub(super) fn adl_ranks(data: &str, rank: fn(&AdlModel<'_>) -> Num) -> Result<Body, ShapeError> {
    let read =
        rows::list("a list of ranks", data, |row: AdlModel<'_>| Row::from(row.read(rank(&row))))?;
    Ok(Body::AdlRanks(read.rows))
}

/// Returns the fees over the life of a position, positive when paid, from fees that are negative when
/// paid; `None` unless both are known.
pub(super) fn fees_paid(open: Option<Decimal>, close: Option<Decimal>) -> Option<Decimal> {
    Some(-open?.checked_add(close?)?)
}

/// Returns `realized + funding − fees`, where the exchange did not send it.
pub(super) fn net(
    realized: Option<Decimal>,
    funding: Option<Decimal>,
    fees: Option<Decimal>,
) -> Option<Decimal> {
    realized?.checked_add(funding?)?.checked_sub(fees?)
}

/// Returns a paid fee from one that is negative when paid; an empty value is none, nonsense is unknown.
pub(super) fn bill_fee(fee: Option<Told>) -> Option<Decimal> {
    Some(-fee.map_or(Some(Decimal::ZERO), Told::or_zero)?)
}

/// Returns the bills of one page. One that cannot be read makes the list useless for totals, so it is
/// an error.
pub(super) fn ledger<'a, R: Deserialize<'a>>(
    since: Timestamp,
    page: &rows::Page<'a>,
    bill: impl Fn(&R) -> Option<LedgerEntry>,
) -> Result<Answer, ShapeError> {
    const WHAT: &str = "a list of bills";
    let read = rows::list(WHAT, page.rows(), |model: R| Row::from(bill(&model)))?;
    if read.unreadable > 0 {
        return Err(ShapeError::new(WHAT, format!("{} of them cannot be read", read.unreadable)));
    }
    let next = page.next(read.rows.len());
    let body = Body::Ledger { since, rows: read.rows, complete: next.is_none() };
    Ok(Answer { bodies: vec![body], next, ..Answer::default() })
}

/// Returns what a word of the ledger means; `funding` is that of a settlement. Both generations name
/// trades alike, in their own case.
pub(super) fn ledger_kind(word: &str, funding: &[&str]) -> LedgerKind {
    let word = word.to_ascii_lowercase();
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| word.starts_with(prefix));
    if funding.contains(&word.as_str()) {
        LedgerKind::Funding
    } else if ["buy", "sell", "buy_deal", "sell_deal"].contains(&word.as_str())
        || starts(&["open_", "close_", "force_", "burst_", "delivery_", "adl_", "offset_"])
    {
        LedgerKind::Trade
    } else if starts(&["trans_", "transfer_"]) {
        LedgerKind::Transfer
    } else if word.ends_with("append_margin")
        || ["reduce_margin", "increase_margin", "margin_back", "adjust_down_lever_append_margin"]
            .contains(&word.as_str())
    {
        LedgerKind::Internal
    } else {
        LedgerKind::Other
    }
}
