//! [`RequestKind`]: which request it is that fails, until it succeeds.

use std::fmt;

use super::{Interval, OrderClass, Product, Symbol};

/// Which request, without the details that change from one poll to the next.
///
/// Failures are keyed by it: one stands until the same request succeeds, whatever others do meanwhile.
/// The order is that of the screen: the account first, then the contracts, then history.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RequestKind {
    /// The exchange's clock.
    ServerTime,
    /// The kind of the account.
    AccountKind,
    /// The rights of the key.
    KeyRights,
    /// Open positions of one product.
    Positions(Product),
    /// The account.
    Account,
    /// Open orders of one class and product.
    Orders(Product, OrderClass),
    /// Newest own fills.
    Fills,
    /// Newest closed positions.
    ClosedPositions,
    /// Today's ledger entries.
    Ledger,
    /// The queue for automatic deleveraging.
    AdlRanks,
    /// Prices of one contract.
    Ticker(Symbol),
    /// Candles of one contract.
    Candles(Symbol, Interval),
    /// Rules of one contract.
    Contract(Symbol),
    /// Funding of one contract.
    Funding(Symbol),
    /// Maintenance tiers of one contract.
    Tiers(Symbol),
    /// The account's own fee rates for one contract.
    FeeRate(Symbol),
    /// History of the mark price of one contract.
    MarkCandles(Symbol, Interval),
    /// Ledger entries before today.
    LedgerHistory,
    /// Closed positions older than the newest page.
    ClosedHistory,
    /// All reads of history: the task that sends them has failed.
    History,
}

impl RequestKind {
    /// Returns whether it reads history in the background, as opposed to a poll.
    pub const fn is_history(&self) -> bool {
        matches!(
            self,
            Self::MarkCandles(..) | Self::LedgerHistory | Self::ClosedHistory | Self::History
        )
    }
}

impl fmt::Display for RequestKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ServerTime => f.write_str("server time"),
            Self::AccountKind => f.write_str("account kind"),
            Self::KeyRights => f.write_str("key rights"),
            Self::Positions(product) => write!(f, "positions{}", Of(*product)),
            Self::Account => f.write_str("account"),
            Self::Orders(product, class) => {
                let class = match class {
                    OrderClass::Plain => "",
                    OrderClass::ProfitLoss => " (TP/SL)",
                    OrderClass::Trigger => " (trigger)",
                    OrderClass::Trailing => " (trailing)",
                };
                write!(f, "open orders{}{class}", Of(*product))
            }
            Self::Fills => f.write_str("fills"),
            Self::ClosedPositions => f.write_str("closed positions"),
            Self::Ledger => f.write_str("today's ledger"),
            Self::AdlRanks => f.write_str("ADL ranks"),
            Self::Ticker(symbol) => write!(f, "ticker {symbol}"),
            Self::Candles(symbol, interval) => write!(f, "candles {interval} {symbol}"),
            Self::Contract(symbol) => write!(f, "contract rules {symbol}"),
            Self::Funding(symbol) => write!(f, "funding rate {symbol}"),
            Self::Tiers(symbol) => write!(f, "maintenance tiers {symbol}"),
            Self::FeeRate(symbol) => write!(f, "fee rate {symbol}"),
            Self::MarkCandles(symbol, interval) => write!(f, "mark candles {interval} {symbol}"),
            Self::LedgerHistory => f.write_str("ledger history"),
            Self::ClosedHistory => f.write_str("older closed positions"),
            Self::History => f.write_str("history"),
        }
    }
}

/// The product in a few words; none for the one that everything here is about.
struct Of(Product);

impl fmt::Display for Of {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Product::UsdtFutures => Ok(()),
            other @ (Product::UsdcFutures | Product::CoinFutures) => {
                write!(f, " of {}", other.label())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_in_plain_words() {
        let focus = Symbol::default;
        assert_eq!(RequestKind::FeeRate(focus()).to_string(), "fee rate BTCUSDT_UMCBL");
        let trigger = |product| RequestKind::Orders(product, OrderClass::Trigger).to_string();
        assert_eq!(trigger(Product::UsdtFutures), "open orders (trigger)");
        assert_eq!(trigger(Product::UsdcFutures), "open orders of USDC-M (trigger)");
        let positions = |product| RequestKind::Positions(product).to_string();
        assert_eq!(positions(Product::UsdtFutures), "positions");
        assert_eq!(positions(Product::CoinFutures), "positions of COIN-M");
        let days = RequestKind::MarkCandles(focus(), Interval::Day1);
        assert_eq!(days.to_string(), "mark candles 1d BTCUSDT_UMCBL");
    }
}
