//! The parts of a word of the ledger, and what they say together.

use super::meaning::{Direction, LedgerEvent, Product};
use crate::domain::MarginMode;

/// How the parts begin that make a word look like trading, a fee or funding. `SYS` is the exchange's
/// side of a movement, which may be one of those.
const RESULTS: [&str; 32] = [
    "ADL",
    "BURST",
    "BUY",
    "CHARGE",
    "CLOS",
    "COMMISSION",
    "DEAL",
    "DEDUCT",
    "DELIVER",
    "DIVIDEND",
    "FEE",
    "FORCE",
    "FUNDING",
    "LIQ",
    "LONG",
    "LOSS",
    "OFFSET",
    "OPEN",
    "ORDER",
    "PNL",
    "POS",
    "PROFIT",
    "REALI",
    "REBASE",
    "RISK",
    "SELL",
    "SETTLE",
    "SHORT",
    "SYS",
    "TAX",
    "TRAD",
    "UNKNOWN",
];

/// Returns whether a word that is not understood looks like a result of trading, or says nothing.
pub(super) fn look_like_a_result(word: &str) -> bool {
    let word = word.trim().to_ascii_uppercase();
    word.is_empty() || word.split('_').any(is_of_results)
}

fn is_of_results(part: &str) -> bool {
    RESULTS.iter().any(|root| part.starts_with(root)) || part.ends_with("FEE")
}

/// What happened, the other side of a transfer, and the way of the money that the event implies.
type Moved = (LedgerEvent, Option<Product>, Option<Direction>);

/// The parts of a word that are not read yet, upper case.
pub(super) struct Parts<'a>(Vec<&'a str>);

impl<'a> Parts<'a> {
    pub(super) fn new(word: &'a str) -> Self {
        Self(word.split('_').filter(|part| !part.is_empty()).collect())
    }

    fn first(&self) -> &str {
        self.0.first().copied().unwrap_or_default()
    }

    fn has(&self, any: &[&str]) -> bool {
        self.0.iter().any(|part| any.contains(part))
    }

    /// Takes out a run of parts, wherever it stands, and returns whether it was there.
    fn take(&mut self, run: &[&str]) -> bool {
        let place = self.0.windows(run.len()).position(|window| window == run);
        if let Some(place) = place {
            self.0.drain(place..place + run.len());
        }
        place.is_some()
    }

    /// Takes out what says that a trade was made in one-way mode, and by whom positions are deleveraged.
    pub(super) fn leave_out_the_mode(&mut self) {
        for run in
            [&["IN", "SINGLE", "SIDE", "MODE"][..], &["IN", "SSM"], &["SSM"], &["DTE", "SYS"]]
        {
            self.take(run);
        }
    }

    /// Takes out the way of the money where the word ends with it.
    pub(super) fn money(&mut self) -> Option<Direction> {
        let direction = match self.0.last().copied() {
            Some("IN") => Direction::In,
            Some("OUT") => Direction::Out,
            _ => return None,
        };
        self.0.pop();
        Some(direction)
    }

    /// Takes out whose side of the movement it is, and returns whether it is the exchange's: whose balance
    /// that moved is not documented.
    pub(super) fn is_of_the_exchange(&mut self) -> bool {
        self.take(&["USER"]);
        self.0.iter().skip(1).any(|part| matches!(*part, "SYS" | "SYSTEM"))
    }

    /// Takes out the contracts that the word begins with.
    pub(super) fn contracts(&mut self) -> Option<Product> {
        let mut product = None;
        while self.0.len() > 1 {
            product = match self.first() {
                "RWA" => Some(Product::RealWorld),
                "STOCK" | "STOCKS" => Some(Product::Stock),
                "METAL" | "METALS" => Some(Product::Metal),
                "USDT" => Some(Product::UsdtFutures),
                "USDC" => Some(Product::UsdcFutures),
                "COIN" => Some(Product::CoinFutures),
                "CONTRACT" | "FUTURES" => product,
                _ => break,
            };
            self.0.remove(0);
        }
        product
    }

    /// Takes out the margin that the word begins with. V3 writes isolated margin in three ways.
    pub(super) fn margin(&mut self) -> Option<MarginMode> {
        let mode = match self.first() {
            "FIXED" | "ISOLATED" | "MARGIN" | "MARIN" => MarginMode::Isolated,
            "MAIN" | "CROSS" | "CROSSED" => MarginMode::Cross,
            _ => return None,
        };
        self.0.remove(0);
        Some(mode)
    }

    /// Takes out what was opened, closed, bought or sold.
    pub(super) fn trade(&mut self) -> Option<Direction> {
        use Direction as D;
        let found: [(&[&str], D); 8] = [
            (&["OPEN", "LONG"], D::OpenLong),
            (&["OPEN", "SHORT"], D::OpenShort),
            (&["CLOSE", "LONG"], D::CloseLong),
            (&["CLOSE", "SHORT"], D::CloseShort),
            // Deliveries, netting and liquidations do not say it: they make a position smaller.
            (&["LONG"], D::CloseLong),
            (&["SHORT"], D::CloseShort),
            (&["BUY"], D::Buy),
            (&["SELL"], D::Sell),
        ];
        if matches!(self.0.as_slice(), ["LONG" | "SHORT"]) {
            return None;
        }
        found.into_iter().find(|(run, _)| self.take(run)).map(|(_, direction)| direction)
    }

    /// Returns what happened in a word that opens, closes, buys or sells.
    pub(super) fn traded(&self, direction: Direction) -> Option<LedgerEvent> {
        Some(match self.0.join("_").as_str() {
            "" | "DEAL" | "OFFSET" | "REDUCE_ONLY_OFFSET" => LedgerEvent::Trade,
            "BURST" | "BURST_LOSS_QUERY" | "FORCE" | "REDUCE" | "OFFSET_REDUCE" => {
                LedgerEvent::Liquidation
            }
            "ADL" => LedgerEvent::Adl,
            "DELIVERY" => LedgerEvent::Delivery,
            "REBASE" => LedgerEvent::Rebase,
            // Of coins, in the multi-asset mode of V2.
            "EXCHANGE" if matches!(direction, Direction::Buy | Direction::Sell) => {
                LedgerEvent::Conversion
            }
            _ => return None,
        })
    }

    /// Returns what happened in a word that opens, closes, buys and sells nothing.
    pub(super) fn moved(&self) -> Option<Moved> {
        use Direction::{In, Out};
        use LedgerEvent as E;
        let of = |event, implied| Some((event, None, implied));
        match self.0.join("_").as_str() {
            "SETTLE_FEE" | "FUNDING_FEE" => of(E::Funding, None),
            "ORDER_PLF_FEE" | "LIQ_FEE" | "INS_LOAN_REPAY_FEE" => of(E::Fee, Some(Out)),
            "INTEREST_SETTLEMENT" | "SETTLE_INTEREST" => of(E::Interest, None),
            // What the insurance fund takes or covers; the wire spells it with two t.
            "RISK_LIQ"
            | "RISK_LIQ_DEFAULT"
            | "RISK_CAPITAL_TRANSFER"
            | "RISK_CAPTITAL_TRANSFER"
            | "LIQ_FUND" => of(E::Liquidation, None),
            "LIQ_REPAYMENT" => of(E::Repay, Some(Out)),
            "BACK"
            | "LEVER_POS"
            | "LEVER_ORDER_FROZEN"
            | "LEVER_ORDER_REFROZEN"
            | "ORDER_PLACE_FROZEN"
            | "ORDER_FROZEN_RETURN" => of(E::Margin, None),
            "ORDER_DEALT"
            | "ORDER_DEALT_FROZEN"
            | "LIQ_CONVERT"
            | "INS_LOAN_EXCHANGE"
            | "CONVERSION_UPON_DELISTING"
            | "REBASE_COIN_SPLIT"
            | "REBASE_COIN_MERGE" => of(E::Conversion, None),
            "SYSTEM_TRANSFER" | "LIQ_TRANSFER" | "INS_LOAN_TRANSFER" => of(E::Internal, None),
            "TRACE_LOCK" => Some((E::Internal, Some(Product::CopyTrading), None)),
            "TRACKING_TRADER_INCOME" => {
                Some((E::ProfitShare, Some(Product::CopyTrading), Some(In)))
            }
            "GRID_PROFIT" => Some((E::Transfer, Some(Product::Strategy), Some(In))),
            _ => self.of_a_family(),
        }
    }

    /// Returns what happened in a word of a family that one part names.
    fn of_a_family(&self) -> Option<Moved> {
        use LedgerEvent as E;
        // What leaves is the source and what comes is the target. Of a liquidation (`RISK`) it is documented
        // as a trade and named like a conversion, and one of the two would be a profit that is none.
        if (self.has(&["SOURCE", "TARGET"]) && self.first() != "RISK") || self.first() == "DELIST" {
            return Some((E::Conversion, None, None));
        }
        if self.has(&["MARGIN"]) && self.has(&["ADJUST", "APPEND", "INCREASE", "REDUCE"]) {
            return Some((E::Margin, None, None));
        }
        if self.0.iter().any(|part| is_of_results(part)) {
            return None;
        }
        let families: [(&[&str], LedgerEvent); 10] = [
            (&["BONUS", "GRANTS"], E::Bonus),
            (&["COUPON", "GIFT", "VOUCHER"], E::Coupon),
            (&["AIRDROP", "CASHBACK", "REBATE", "REWARD", "REWARDS"], E::Airdrop),
            (&["RESERVE"], E::Reserve),
            (&["SHARE", "TRACKING"], E::ProfitShare),
            (&["CONFISCATE"], E::Confiscation),
            (&["INTEREST"], E::Interest),
            (&["REPAY", "REPAYMENT"], E::Repay),
            (&["BORROW", "LOAN"], E::Borrow),
            (
                &["DEPOSIT", "PAPTRADING", "REFUND", "TRANS", "TRANSFER", "WITHDRAW", "WITHDRAWAL"],
                E::Transfer,
            ),
        ];
        let (_, event) = families.into_iter().find(|(parts, _)| self.has(parts))?;
        let wallet = matches!(event, E::Transfer | E::ProfitShare).then(|| self.wallet()).flatten();
        Some((event, wallet, self.implied()))
    }

    /// Returns the other side of a transfer.
    fn wallet(&self) -> Option<Product> {
        self.0.iter().find_map(|part| {
            Some(match *part {
                "EXCHANGE" | "SPOT" => Product::Spot,
                "CROSS" | "ISOLATED" => Product::SpotMargin,
                "OTC" => Product::Otc,
                "STRATEGY" => Product::Strategy,
                "TRACE" | "TRACKING" | "COPYTRADE" => Product::CopyTrading,
                "FINANCIAL" => Product::Finance,
                "MT5" => Product::Mt5,
                "CONVERT" => Product::Convert,
                "BGPAY" => Product::Pay,
                "CHAIN" => Product::OnChain,
                "PAPTRADING" => Product::Paper,
                _ => return None,
            })
        })
    }

    /// Returns the way of the money by what was done with it.
    fn implied(&self) -> Option<Direction> {
        let comes = ["BACK", "BORROW", "DEPOSIT", "FROM", "GRANT", "ISSUE", "REFUND"];
        let leaves = ["CONFISCATE", "EXPIRE", "EXPIRED", "PAY", "RECYCLE", "REPAY", "REPAYMENT"];
        let leaves_the_wallet = ["TO", "WITHDRAW", "WITHDRAWAL"];
        match (self.has(&comes), self.has(&leaves) || self.has(&leaves_the_wallet)) {
            (true, false) => Some(Direction::In),
            (false, true) => Some(Direction::Out),
            _ => None,
        }
    }
}
