//! [`RowFormatter`]: how the figures of one position are written, the same wherever they stand.

use rust_decimal::Decimal;

use super::inputs::Inputs;
use crate::domain::PositionKey;
use crate::report::PositionRow;
use crate::risk::{self, RiskLevel};
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{Absent, Formatter, Line, Span, side, side_word};

/// The coin in which most contracts pay.
const QUOTE: &str = "USDT";

/// How the figures of one position are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowFormatter<'a> {
    pub(super) row: &'a PositionRow,
    /// Of what moves with the price.
    pub(super) live: Formatter<'a>,
    /// Of what the list itself says.
    pub(super) list: Formatter<'a>,
}

/// Returns the title of a panel about one position: `BTCUSDT_UMCBL LONG`.
pub(super) fn title(key: &PositionKey) -> String {
    format!("{} {}", key.symbol, side_word(key.side))
}

impl<'a> RowFormatter<'a> {
    pub(super) fn new(inputs: &Inputs<'a>, state: &UiState, row: &'a PositionRow) -> Self {
        let list = inputs.report.positions.age_of(row.key.symbol.product());
        let list = inputs.formatter(state, list);
        Self { row, live: inputs.formatter(state, inputs.row_age(row)), list }
    }

    pub(super) fn name(&self) -> Line {
        let words = [Span::plain(self.row.key.symbol.to_string()), side(self.row.key.side)];
        words.map(|word| self.list.aged(word)).into()
    }

    pub(super) fn size(&self) -> Span {
        self.list.size(Some(self.row.size), self.row.size_places)
    }

    /// The size with its coin.
    pub(super) fn size_with_coin(&self) -> Span {
        let mut span = self.size();
        if let Some(coin) = self.row.key.symbol.base() {
            span.text = format!("{} {coin}", span.text);
        }
        span
    }

    /// The PnL. Two decimals are for dollars: in another coin they would hide most of it.
    pub(super) fn unrealized(&self) -> Span {
        self.in_settle_coin(
            self.row.unrealized_pnl,
            |pnl| self.live.gain(pnl),
            |pnl| self.live.coin_gain(pnl),
        )
    }

    /// The PnL in a narrow table.
    pub(super) fn unrealized_short(&self) -> Span {
        self.in_settle_coin(
            self.row.unrealized_pnl,
            |pnl| self.live.gain(pnl),
            |pnl| self.live.short_coin_gain(pnl),
        )
    }

    /// The exchange's PnL of its last report.
    pub(super) fn exchange_unrealized(&self) -> Span {
        self.in_settle_coin(
            self.row.exchange_unrealized_pnl,
            |pnl| self.list.gain(pnl),
            |pnl| self.list.coin_gain(pnl),
        )
    }

    pub(super) fn net(&self) -> Span {
        self.in_settle_coin(
            self.row.net_pnl,
            |pnl| self.live.gain(pnl),
            |pnl| self.live.coin_gain(pnl),
        )
    }

    pub(super) fn margin(&self) -> Span {
        self.in_settle_coin(
            self.row.margin,
            |margin| self.list.money(margin),
            |margin| self.list.coin(margin),
        )
    }

    /// Writes an amount as dollars or as that of a coin, with the name of any other than USDT.
    pub(super) fn in_settle_coin(
        &self,
        value: Option<Decimal>,
        dollars: impl Fn(Option<Decimal>) -> Span,
        coin: impl Fn(Option<Decimal>) -> Span,
    ) -> Span {
        let symbol = &self.row.key.symbol;
        let settle_coin = symbol.settle_coin();
        let mut span = if symbol.product().is_linear() { dollars(value) } else { coin(value) };
        // Most contracts pay in this one; any other is named.
        if let Some(name) = settle_coin.filter(|name| value.is_some() && *name != QUOTE) {
            span.text = format!("{} {name}", span.text);
        }
        span
    }

    pub(super) fn roe(&self) -> Span {
        self.live.signed_percent(self.row.roe, 2)
    }

    pub(super) fn mark(&self) -> Span {
        self.live.price(self.row.mark_price, self.row.price_places)
    }

    pub(super) fn entry(&self) -> Span {
        self.list.average(self.row.entry_price, self.row.price_places)
    }

    pub(super) fn break_even(&self) -> Span {
        let places = self.row.price_places.map(|places| places.saturating_add(1));
        self.list.price(self.against(self.row.break_even_price, places), places)
    }

    /// Returns a price rounded against the position to the decimals that are shown: at a break-even price
    /// that is rounded to the nearest there may still be a loss.
    pub(super) fn against(&self, price: Option<Decimal>, places: Option<u32>) -> Option<Decimal> {
        let step = places.and_then(|places| Decimal::try_new(1, places).ok());
        let rounded = price.zip(step);
        rounded
            .and_then(|(price, step)| risk::pessimistic_price(self.row.key.side, price, step))
            .or(price)
    }

    /// The exchange sends no liquidation price when there is none to fear.
    pub(super) fn liquidation(&self) -> Span {
        let list = self.list.absent(Absent::NotApplicable);
        self.endangered(list.price(self.row.liquidation_price, self.row.price_places))
    }

    /// Returns how figures are written that rest on the liquidation price.
    pub(super) const fn of_liquidation(&self) -> Formatter<'a> {
        let is_known = self.row.liquidation_price.is_some();
        self.live.absent(if is_known { Absent::Unknown } else { Absent::NotApplicable })
    }

    pub(super) fn distance(&self) -> Span {
        self.endangered(self.of_liquidation().percent(self.row.liquidation_distance))
    }

    /// Returns a figure in the weight of the position's level, which it keeps when it grows old: a block where
    /// liquidation is near.
    fn endangered(&self, figure: Span) -> Span {
        let role = level_role(self.row.risk.level);
        if self.row.liquidation_distance.is_some() && matches!(role, Role::Alarm | Role::Warn) {
            return Span { role, ..figure };
        }
        figure
    }

    /// The role of what shows the position's level without its word. Only a good level must not be believed any
    /// more.
    pub(super) fn level_role(&self) -> Role {
        let role = level_role(self.row.risk.level);
        self.live.aged(Span::new("", role)).role
    }

    pub(super) fn take_profit(&self) -> Span {
        self.plan(self.row.take_profit)
    }

    pub(super) fn stop_loss(&self) -> Span {
        self.plan(self.row.stop_loss)
    }

    fn plan(&self, price: Option<Decimal>) -> Span {
        let absent = if self.row.plans_known { Absent::NotApplicable } else { Absent::Unknown };
        self.list.absent(absent).price(price, self.row.price_places)
    }
}

/// Returns the role of what a level judges. A level keeps its colour when its figures grow stale.
pub(super) const fn level_role(level: Option<RiskLevel>) -> Role {
    match level {
        None => Role::Plain,
        Some(RiskLevel::Ok) => Role::Good,
        Some(RiskLevel::Watch) => Role::Warn,
        Some(RiskLevel::Danger | RiskLevel::Critical) => Role::Alarm,
    }
}
