//! Movements of the balance: what moved it, and whether that is a result of trading.

use rust_decimal::Decimal;

use super::{Fee, Symbol, Text, Timestamp};

/// What moved a balance.
///
/// A kind is one of four things: a [result](Self::is_result) of trading; a [flow](Self::is_flow), which
/// changes what the account is worth and is no result; [`Interest`](Self::Interest), which is a cost of
/// the account; or a move that leaves its worth as it was.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LedgerKind {
    /// A fill, with its realized PnL and fee; liquidation, deleveraging and delivery included. A result.
    Trade,
    /// A funding settlement. A result.
    Funding,
    /// A fee booked on its own, such as one taken in the exchange's coin or for a liquidation. A result.
    Fee,
    /// Interest on what is borrowed: a cost of the account, neither a result nor a flow.
    Interest,
    /// Deposits, withdrawals, and transfers to and from other wallets and products of the user. A flow.
    Transfer,
    /// Moved by the exchange between parts of what the user owns. A flow.
    Internal,
    /// Moved to or from the reserve of a loan. A flow.
    Reserve,
    /// A bonus or trial money, granted or taken back. A flow.
    Bonus,
    /// A coupon or gift card, credited or taken back. A flow.
    Coupon,
    /// Airdrops, rewards and rebates. A flow.
    Airdrop,
    /// A loan, taken (positive) or repaid (negative). A flow.
    Loan,
    /// A share of profits in copy trading, received or paid. A flow: what was shared was earned in
    /// another account.
    ProfitShare,
    /// Margin of a position or an order; it stays in the account.
    Margin,
    /// One coin for another, spot trades included; it stays in the account.
    Conversion,
    /// Something that does not look like a result of trading. A flow.
    Other,
    /// A word of the exchange that looks like trading, a fee or funding and is not understood. No total
    /// of results that should count it is known.
    Unknown(Text),
}

impl LedgerKind {
    /// Returns the word of the exchange that looks like a result and is not understood.
    pub const fn unknown_word(&self) -> Option<&Text> {
        if let Self::Unknown(word) = self { Some(word) } else { None }
    }

    /// Returns whether it is a result of trading.
    pub const fn is_result(&self) -> bool {
        matches!(self, Self::Trade | Self::Funding | Self::Fee)
    }

    /// Returns whether it changes what the account is worth without being a result of trading or a cost.
    pub const fn is_flow(&self) -> bool {
        matches!(
            self,
            Self::Transfer
                | Self::Internal
                | Self::Reserve
                | Self::Bonus
                | Self::Coupon
                | Self::Airdrop
                | Self::Loan
                | Self::ProfitShare
                | Self::Other
        )
    }
}

/// One movement of the balance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    /// The exchange's id.
    pub id: Text,
    /// The contract, where there is one.
    pub symbol: Option<Symbol>,
    /// The coin of the amount, upper case.
    pub coin: Text,
    /// What moved it.
    pub kind: LedgerKind,
    /// The amount without the fee; positive means received. Zero for a fee booked on its own.
    pub amount: Decimal,
    /// The fee, in its own coin.
    pub fee: Fee,
    /// When it happened.
    pub time: Timestamp,
}

impl LedgerEntry {
    /// Returns the coin of a fee that belongs to the results in `coin` but was taken in another coin,
    /// so that its worth in `coin` is not known; `None` when there is no such fee.
    pub fn fee_elsewhere(&self, coin: &str) -> Option<&Text> {
        // A fee booked on its own does not say of which trade it is.
        let belongs = self.kind == LedgerKind::Fee || self.coin.as_str() == coin;
        (belongs && self.fee.is_elsewhere(coin)).then_some(&self.fee.coin)
    }
}

impl Fee {
    /// Returns whether it was taken in another coin than `coin`.
    pub fn is_elsewhere(&self, coin: &str) -> bool {
        !self.paid.is_zero() && self.coin.as_str() != coin
    }
}
