//! What each generation calls the same things in its payloads.

use bitget_watch::domain::Body;
use bitget_watch::exchange::{Request, Response, ShapeError};
use serde_json::Value;

use crate::payloads::{Payloads, V2, V3};

/// Payloads of one generation, and where their first rows and the fields of these are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names {
    pub(crate) of: Payloads,
    pub(crate) positions: &'static str,
    pub(crate) position: &'static str,
    pub(crate) held: &'static str,
    pub(crate) position_mode: &'static str,
    pub(crate) changed: &'static str,
    pub(crate) orders: &'static str,
    pub(crate) order: &'static str,
    pub(crate) status: &'static str,
    pub(crate) account: &'static str,
    pub(crate) ticker: &'static str,
    pub(crate) fills: &'static str,
    pub(crate) ledger: &'static str,
    pub(crate) ledger_entry: &'static str,
}

pub(crate) const CLASSIC: Names = Names {
    of: V2,
    positions: "rest_all_position_isolated_hedge_live_2025-08",
    position: "/0",
    held: "holdSide",
    position_mode: "posMode",
    changed: "uTime",
    orders: "rest_orders_pending_hedge_2023-11",
    order: "/entrustedList/0",
    status: "status",
    account: "rest_accounts_live_2025-08",
    ticker: "rest_ticker_btcusdt_2025-06",
    fills: "rest_fills_2023-11",
    ledger: "rest_account_bill_transfer_2023-11",
    ledger_entry: "/bills/0",
};

pub(crate) const UNIFIED: Names = Names {
    of: V3,
    positions: "rest_position_current_long_cross",
    position: "/list/0",
    held: "posSide",
    position_mode: "holdMode",
    changed: "updatedTime",
    orders: "rest_trade_unfilled_orders_live",
    order: "/list/0",
    status: "orderStatus",
    account: "rest_account_assets",
    ticker: "rest_market_tickers",
    fills: "rest_trade_fills_live",
    ledger: "rest_account_financial_records",
    ledger_entry: "/list/0",
};

impl Names {
    /// The data of a payload.
    pub(crate) fn parsed(&self, name: &str) -> Value {
        serde_json::from_str(&self.of.data(name)).unwrap()
    }

    /// The positions with `change` made to the first row.
    pub(crate) fn positions_with(&self, change: impl FnOnce(&mut Value)) -> Value {
        let mut data = self.parsed(self.positions);
        change(data.pointer_mut(self.position).unwrap());
        data
    }

    /// A list of positions like the first row, in these contracts.
    pub(crate) fn positions_in(&self, contracts: &[&str]) -> Value {
        let first = self.parsed(self.positions).pointer(self.position).unwrap().clone();
        let row = |name: &&str| {
            let mut row = first.clone();
            row["symbol"] = (*name).into();
            row
        };
        let rows = Value::Array(contracts.iter().map(row).collect());
        let list = self.position.trim_end_matches("/0").trim_start_matches('/');
        if list.is_empty() { rows } else { serde_json::json!({ list: rows }) }
    }

    /// The place of a row of [`positions_in`](Self::positions_in).
    pub(crate) fn position_at(&self, index: usize) -> String {
        format!("{}{index}", self.position.trim_end_matches('0'))
    }

    /// The orders with `change` made to the first row.
    pub(crate) fn orders_with(&self, change: impl FnOnce(&mut Value)) -> Value {
        let mut data = self.parsed(self.orders);
        change(data.pointer_mut(self.order).unwrap());
        data
    }

    pub(crate) fn read(&self, request: &Request, data: &str) -> Result<Response, ShapeError> {
        self.of.api().read_response(request, data)
    }

    pub(crate) fn bodies(&self, request: &Request, data: &str) -> Vec<Body> {
        self.read(request, data).unwrap().bodies
    }
}

/// Names that the exchange uses for the same thing, here and there.
pub(crate) const SAME: [(&str, &str); 27] = [
    ("symbol", "instId"),
    ("marginRatio", "marginRate"),
    ("accountEquity", "equity"),
    ("accountEquity", "totalEquity"),
    ("locked", "frozen"),
    ("assetMode", "assetsMode"),
    ("instId", "coin"),
    ("status", "planStatus"),
    ("positionId", "posId"),
    ("openAvgPrice", "openPriceAvg"),
    ("closeAvgPrice", "closePriceAvg"),
    ("closeTotalPos", "closeSize"),
    ("pnl", "achievedProfits"),
    ("totalFunding", "settleFee"),
    ("ctime", "cTime"),
    ("utime", "uTime"),
    ("createdTime", "execTime"),
    ("total", "size"),
    ("avgPrice", "openPriceAvg"),
    ("liquidationPrice", "liqPrice"),
    ("positionBalance", "marginSize"),
    ("totalFunding", "totalFundingFee"),
    ("unrealisedPnl", "unrealisedPnL"),
    ("assets", "coin"),
    ("posSide", "holdSide"),
    ("orderStatus", "status"),
    ("createdTime", "cTime"),
];
