//! Positions and the account.

use serde::{Serialize, Serializer};

use super::values::{List, Time, Word, object, word};
use crate::domain::{CoinBalance, Timestamp};
use crate::report::{AccountPart, PositionRisk, PositionRow, PositionsPart};

pub(super) struct Positions<'a>(pub(super) &'a PositionsPart, pub(super) Timestamp);

impl Serialize for Positions<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(part, now) = self;
        let freshness = part.age.at(*now);
        object!(serializer;
            "freshness" => word(freshness),
            "age_ms" => freshness.age_ms(),
            "unreadable_rows" => part.unreadable_rows,
            "rows" => List(part.rows.iter().map(Row)),
        )
    }
}

struct Row<'a>(&'a PositionRow);

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(row) = self;
        object!(serializer;
            "symbol" => Word(&row.key.symbol),
            "side" => Word(row.key.side),
            "margin_mode" => Word(&row.key.margin_mode),
            "position_mode" => row.position_mode.as_ref().map(Word),
            "size" => row.size,
            "available" => row.available,
            "entry_price" => row.entry_price,
            "mark_price" => row.mark_price,
            "break_even_price" => row.break_even_price,
            "liquidation_price" => row.liquidation_price,
            "liquidation_distance" => row.liquidation_distance,
            "leverage" => row.leverage,
            "margin" => row.margin,
            "notional" => row.notional,
            "unrealized_pnl" => row.unrealized_pnl,
            "exchange_unrealized_pnl" => row.exchange_unrealized_pnl,
            "roe" => row.roe,
            "realized_pnl" => row.realized_pnl,
            "funding_pnl" => row.funding_pnl,
            "fees_paid" => row.fees_paid,
            "net_pnl" => row.net_pnl,
            "maintenance_margin_rate" => row.maintenance_margin_rate,
            "margin_ratio" => row.margin_ratio,
            "take_profit" => row.take_profit,
            "stop_loss" => row.stop_loss,
            "opened_at" => row.opened_at.map(Time),
            "updated_at" => row.updated_at.map(Time),
            "risk" => RiskOfRow(&row.risk),
            "product" => Word(row.key.symbol.product()),
            "settle_coin" => row.key.symbol.settle_coin(),
            "modelled" => row.modelled,
        )
    }
}

struct RiskOfRow<'a>(&'a PositionRisk);

impl Serialize for RiskOfRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(risk) = self;
        object!(serializer;
            "level" => risk.level.map(Word),
            "reason" => risk.reason,
            "liquidation_price_ours" => risk.liquidation_price_ours,
            "bankruptcy_price" => risk.bankruptcy_price,
            "surplus" => risk.surplus,
            "effective_leverage" => risk.effective_leverage,
            "liquidation_sigmas" => risk.liquidation_sigmas,
            "liquidation_atrs" => risk.liquidation_atrs,
            "touch_probability" => risk.touch_probability,
            "scenarios" => risk.scenarios,
            "what_if" => risk.what_if,
            "close_now" => risk.close_now,
            "at_take_profit" => risk.at_take_profit,
            "at_stop_loss" => risk.at_stop_loss,
            "next_funding_payment" => risk.next_funding_payment,
            "funding_per_day" => risk.funding_per_day,
            "funding_yearly_on_margin" => risk.funding_yearly_on_margin,
            "adl_rank" => risk.adl_rank,
        )
    }
}

struct Coin<'a>(&'a CoinBalance);

impl Serialize for Coin<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(coin) = self;
        object!(serializer;
            "coin" => coin.coin.as_str(),
            "equity" => coin.equity,
            "available" => coin.available,
            "locked" => coin.locked,
            "debt" => coin.debt,
            "usd_value" => coin.usd_value,
        )
    }
}

pub(super) struct Account<'a>(pub(super) &'a AccountPart, pub(super) Timestamp);

impl Serialize for Account<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(part, now) = self;
        let freshness = part.age.at(*now);
        object!(serializer;
            "freshness" => word(freshness),
            "age_ms" => freshness.age_ms(),
            "margin_coin" => part.margin_coin.as_ref().map(Word),
            "equity" => part.equity,
            "available" => part.available,
            "locked" => part.locked,
            "unrealized_pnl" => part.unrealized_pnl,
            "initial_margin" => part.initial_margin,
            "maintenance_margin" => part.maintenance_margin,
            "margin_ratio" => part.margin_ratio,
            "effective_leverage" => part.effective_leverage,
            "asset_mode" => part.asset_mode.as_ref().map(Word),
            "coins" => part.coins.iter().map(Coin).collect::<Vec<_>>(),
            "bonus" => part.bonus,
            "usdt_usd" => part.usdt_usd,
        )
    }
}
