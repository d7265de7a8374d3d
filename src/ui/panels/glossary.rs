//! What the labels of a panel mean, one line each.

use crate::ui::views::PanelId;

/// A label and its meaning.
pub(super) type Entry = (&'static str, &'static str);

const POSITIONS: &[Entry] = &[
    ("uPnL mark", "unrealized PnL at the live mark price"),
    ("ROE", "uPnL over the margin of the position"),
    ("Liq price", "the exchange's liquidation price"),
    ("To liq", "how far the mark may move to it"),
    ("Lev", "the leverage that is set"),
    ("Net", "PnL, funding and fees of its whole life"),
    ("from now, net", "what a plan brings; of the whole life"),
    ("Total", "without: not in the sums of the account"),
    ("State", "age; exch. or ○: the exchange's own figures"),
    ("Net today", "realized, funding and fees of the UTC day"),
    ("Session", "change of equity since the start"),
    ("Max drawdown", "the largest fall from a peak since then"),
    ("Net, Net PnL", "PnL, funding and fees of its whole life"),
    ("Close now", "Net PnL, if closed through the book"),
    ("Funding so far", "paid or received since it was opened"),
    ("Margin ratio", "maintenance over equity; 100% liquidates"),
    ("chance 24h", "chance of its liquidation within a day"),
    ("VaR 95% 1 day", "loss that 19 of 20 days stay below"),
    ("prov.", "provisional: by the normal curve so far"),
    ("Acct leverage", "all notional over the equity"),
    ("Maintenance", "margin that must be left"),
];

const ORDERS: &[Entry] = &[
    ("Price", "where it rests, or what triggers it"),
    ("From mark", "how far the mark must go to its price"),
    ("Executes", "its limit once triggered, or at market"),
    ("full size", "it closes the whole position"),
    ("Position", "the position that it belongs to"),
    ("Reduce", "whether it can only make it smaller"),
    ("TP, SL", "plans that wait for its fill"),
];

const EVENTS: &[Entry] = &[
    ("problem:", "a condition began that you must know of"),
    ("solved:", "it ended"),
    ("ADL", "closed by automatic deleveraging"),
];

const FILLS: &[Entry] = &[
    ("Realized", "PnL of what it closed, before fees"),
    ("Fee", "what it cost, in the coin that was taken"),
    ("Kind", "maker or taker"),
    ("Forced", "closed by the exchange, and how"),
];

const POSITION_RISK: &[Entry] = &[
    ("To liquidation", "how far the mark may move, and in price"),
    ("Liq. exchange", "the exchange's liquidation price"),
    ("Liq. computed", "ours, from its rules at the live mark"),
    ("Sigmas of 1d", "distance in standard deviations of a day"),
    ("ATRs 1h", "the same in average true ranges of an hour"),
    ("Liq. chance 24h", "chance that the price is touched in a day"),
    ("Margin ratio", "maintenance over equity; 100% liquidates"),
    ("Loss until liq.", "what may be lost before liquidation"),
    ("Close … now", "net of its life, closed through the book"),
    ("  slippage cost", "against the middle of the book"),
    ("Bankruptcy", "price at which nothing is left"),
    ("Leverage now", "notional over what backs it"),
    ("ADL queue", "5 of 5 is deleveraged first"),
    ("  per day, year", "funding at the present rate"),
];

const ACCOUNT_RISK: &[Entry] = &[
    ("Margin ratio", "of the cross positions; 100% liquidates"),
    ("Loss until liq.", "what may be lost before liquidation"),
    ("At stake", "what a liquidation would take"),
    ("Backed by", "other coins back the account too"),
    ("Liq. chance 24h", "of the position nearest to liquidation"),
    ("VaR 95% 1 day", "loss that 19 of 20 days stay below"),
    ("ES", "mean loss of the days beyond it"),
    ("Acct leverage", "all notional over the equity"),
    ("vol. 1 day", "standard deviation of a day of the focus"),
    ("VaR method", "until 250 days are known it is provisional"),
    ("Maintenance", "margin that must be left"),
];

const COINS: &[Entry] = &[
    ("Equity", "with unrealized PnL, in the coin"),
    ("Value USD", "by the exchange's rate"),
    ("Debt", "borrowed, interest included"),
    ("Collateral USD", "what of it backs positions"),
    ("Locked", "by orders"),
    ("bonus, coupon", "share of equity that may be taken back"),
];

const SCENARIOS: &[Entry] = &[
    ("Move", "change of the mark price"),
    ("Ratio", "margin ratio then; LIQ: liquidated"),
    ("All:", "every contract moves alike"),
    ("All: LIQ", "what of the account is liquidated"),
];

const WHAT_IF: &[Entry] = &[
    ("Liq. target", "where liquidation should be; + and - move it"),
    ("Margin to add", "that brings it there"),
    ("Margin to spare", "that could be taken out"),
    ("Cut size", "or this much smaller a position"),
    ("Room to add", "size that still may be added"),
];

const DAYS: &[Entry] = &[
    ("Net", "realized, funding and fees of a UTC day"),
    ("Realized", "PnL of what was closed"),
    ("Fees, Funding", "paid with a minus, received with a plus"),
];

const JOURNAL: &[Entry] = &[
    ("Win rate", "share of closed positions with a gain"),
    ("Profit factor", "sum of gains over sum of losses"),
    ("Expectancy", "mean net result of a position"),
    ("Payoff ratio", "average win over average loss"),
];

const CLOSED: &[Entry] = &[
    ("Net", "realized, funding and fees of its life"),
    ("Held", "from opening to close"),
    ("Entry, Exit", "average prices"),
];

const LINKS: &[Entry] = &[
    ("Attempts", "failed ones in a row"),
    ("Latency", "of the last answer or ping"),
    ("Traffic", "requests and frames of a second"),
    ("Clock offset", "the exchange's clock minus ours"),
];

/// Returns the labels of a panel that has the keys, with those of the panels beside it that cannot have them.
pub(super) const fn of(panel: PanelId) -> &'static [Entry] {
    match panel {
        PanelId::Positions
        | PanelId::Price
        | PanelId::Book
        | PanelId::Trades
        | PanelId::Chart
        | PanelId::Pnl
        | PanelId::Risk
        | PanelId::EquityCurve => POSITIONS,
        PanelId::Orders | PanelId::OrderDetail => ORDERS,
        PanelId::Events | PanelId::EventTexts => EVENTS,
        PanelId::AccountRisk => ACCOUNT_RISK,
        PanelId::Coins => COINS,
        PanelId::PositionRisk | PanelId::Detail => POSITION_RISK,
        PanelId::Scenarios => SCENARIOS,
        PanelId::WhatIf => WHAT_IF,
        PanelId::Days => DAYS,
        PanelId::Journal => JOURNAL,
        PanelId::ClosedPositions => CLOSED,
        PanelId::Fills => FILLS,
        PanelId::Links | PanelId::Ages | PanelId::Trouble => LINKS,
        PanelId::Help | PanelId::Away => &[],
    }
}
