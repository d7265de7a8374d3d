//! What an export holds: its columns, and rows of the memory and of the exchange in the same form.

use super::codec::{decimal, kind_word, optional};
use crate::domain::{ClosedPosition, LedgerEntry, Product, Timestamp};

/// Which rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    /// Closed positions.
    Closed,
    /// Movements of the balance.
    Ledger,
    /// Equity once a minute.
    Equity,
    /// Alerts.
    Alerts,
}

/// One value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// A text, or a decimal as it is.
    Text(String),
    /// A time.
    Time(Timestamp),
    /// What is not known, or does not apply.
    Nothing,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What it is sorted by.
    pub at: Timestamp,
    /// What tells it from others of the same time; of memory and exchange the same.
    pub key: String,
    /// Its values, in the order of the columns.
    pub cells: Vec<Cell>,
}

impl Export {
    /// Returns the names of the columns.
    pub const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Closed => &[
                "closed_at",
                "opened_at",
                "symbol",
                "side",
                "margin_mode",
                "size",
                "entry_price",
                "exit_price",
                "coin",
                "realized_pnl",
                "funding_pnl",
                "fees_paid",
                "net_pnl",
            ],
            Self::Ledger => {
                &["time", "id", "symbol", "coin", "kind", "amount", "fee_coin", "fee_paid"]
            }
            Self::Equity => &[
                "time",
                "coin",
                "equity",
                "equity_low",
                "equity_high",
                "session_change",
                "available",
                "unrealized_pnl",
                "maintenance_margin",
                "margin_ratio",
                "risk_level",
            ],
            Self::Alerts => &[
                "raised_at",
                "since",
                "name",
                "metric",
                "subject",
                "severity",
                "value",
                "limit",
                "cleared_at",
            ],
        }
    }
}

impl Record {
    /// Returns the row of a closed position; `None` without the time of its end.
    pub fn of_closed(row: &ClosedPosition) -> Option<Self> {
        let at = row.closed_at?;
        let (symbol, side) = (row.symbol.to_string(), row.side.to_string());
        let mode = row.margin_mode.as_ref().and_then(|mode| mode.sent()).map(ToString::to_string);
        Some(Self {
            at,
            key: closed_key(&symbol, &side),
            cells: vec![
                Cell::Time(at),
                row.opened_at.map_or(Cell::Nothing, Cell::Time),
                Cell::Text(symbol.clone()),
                Cell::Text(side),
                text(mode),
                text(optional(row.size)),
                text(optional(row.entry_price)),
                text(optional(row.exit_price)),
                text(coin_of(&symbol)),
                text(optional(row.realized_pnl)),
                text(optional(row.funding_pnl)),
                text(optional(row.fees_paid)),
                text(optional(row.net_pnl)),
            ],
        })
    }

    /// Returns the row of a movement.
    pub fn of_ledger(row: &LedgerEntry) -> Self {
        Self {
            at: row.time,
            key: row.id.to_string(),
            cells: vec![
                Cell::Time(row.time),
                Cell::Text(row.id.to_string()),
                text(row.symbol.as_ref().map(ToString::to_string)),
                Cell::Text(row.coin.to_string()),
                Cell::Text(kind_word(&row.kind)),
                Cell::Text(decimal(row.amount)),
                Cell::Text(row.fee.coin.to_string()),
                Cell::Text(decimal(row.fee.paid)),
            ],
        }
    }
}

pub(super) fn text(value: Option<String>) -> Cell {
    value.map_or(Cell::Nothing, Cell::Text)
}

pub(super) fn closed_key(symbol: &str, side: &str) -> String {
    format!("{symbol} {side}")
}

/// Returns the coin that a contract pays in, by its name in the user's form.
pub(super) fn coin_of(symbol: &str) -> Option<String> {
    let name = |product: Product| symbol.strip_suffix(product.suffix());
    if name(Product::UsdtFutures).is_some() {
        return Some("USDT".to_owned());
    }
    if name(Product::UsdcFutures).is_some() {
        return Some("USDC".to_owned());
    }
    name(Product::CoinFutures)?.strip_suffix("USD").map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_their_coin() {
        let coin = |symbol| coin_of(symbol);
        assert_eq!(coin("BTCUSDT_UMCBL").as_deref(), Some("USDT"));
        assert_eq!(coin("BTCPERP_CMCBL").as_deref(), Some("USDC"));
        assert_eq!(coin("BTCUSD_DMCBL").as_deref(), Some("BTC"));
        assert_eq!((coin("BTCUSDM26_DMCBL"), coin("odd")), (None, None), "it does not say");
    }
}
