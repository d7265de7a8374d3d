//! What the parts of a word of the ledger can mean.

/// The contracts of a movement, or the other side of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Product {
    /// Contracts on assets of the old world (`RWA`).
    RealWorld,
    /// Contracts on stocks.
    Stock,
    /// Contracts on metals.
    Metal,
    /// USDT-margined contracts.
    UsdtFutures,
    /// USDC-margined contracts.
    UsdcFutures,
    /// Coin-margined contracts.
    CoinFutures,
    /// The spot wallet.
    Spot,
    /// Spot margin.
    SpotMargin,
    /// The wallet of peer-to-peer trades.
    Otc,
    /// Trading bots.
    Strategy,
    /// Copy trading.
    CopyTrading,
    /// Savings and other financial products.
    Finance,
    /// MT5.
    Mt5,
    /// The conversion of coins.
    Convert,
    /// The payment wallet.
    Pay,
    /// The chain.
    OnChain,
    /// Paper money.
    Paper,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LedgerEvent {
    /// A fill.
    Trade,
    /// A fill by the liquidation engine, or what it took or covered.
    Liquidation,
    /// Auto-deleveraging.
    Adl,
    /// The settlement of a dated contract.
    Delivery,
    /// A position rewritten after a split or the like.
    Rebase,
    /// A funding settlement.
    Funding,
    /// A fee booked on its own.
    Fee,
    /// Interest.
    Interest,
    /// A transfer.
    Transfer,
    /// A transfer by the exchange between parts of what the user owns.
    Internal,
    /// To or from a reserve.
    Reserve,
    /// A bonus or trial money.
    Bonus,
    /// A coupon or gift card.
    Coupon,
    /// An airdrop, a reward or a rebate.
    Airdrop,
    /// A loan taken.
    Borrow,
    /// A loan repaid.
    Repay,
    /// A share of profits in copy trading.
    ProfitShare,
    /// Margin added or returned, or frozen for an order.
    Margin,
    /// One coin for another.
    Conversion,
    /// Coins that the exchange took away.
    Confiscation,
}

/// Which way the money or the position went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Received.
    In,
    /// Paid.
    Out,
    /// A long was opened.
    OpenLong,
    /// A short was opened.
    OpenShort,
    /// A long was closed or made smaller.
    CloseLong,
    /// A short was closed or made smaller.
    CloseShort,
    /// Bought, in one-way mode.
    Buy,
    /// Sold, in one-way mode.
    Sell,
}

impl Direction {
    /// Returns whether a position was opened, which realizes nothing.
    pub const fn opens(self) -> bool {
        matches!(self, Self::OpenLong | Self::OpenShort)
    }
}
