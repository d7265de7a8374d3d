//! The input of a case as the engine takes it.

use std::collections::BTreeMap;

use bitget_watch::domain::{Book, Level, MarginMode, Side, Tier, Timestamp};
use bitget_watch::risk::{
    Instrument, LiquidationForm, LiquidationTier, Maintenance, MarginDivisor, OpeningOrder,
    Portfolio, PortfolioPosition, ReportedLiquidation, Rules, TierTable,
};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::decimal;

/// What a case asks for besides the figures.
pub(crate) struct Ask {
    pub(crate) liq_distance: Option<Decimal>,
    pub(crate) target_liq: Option<Decimal>,
    pub(crate) stop: Option<Decimal>,
}

/// One contract of a case.
struct Listed {
    tiers: TierTable,
    mark: Option<Decimal>,
}

/// The input of one case.
pub(crate) struct Account {
    pub(crate) rules: Rules,
    equity: Option<Decimal>,
    available: Option<Decimal>,
    taker_fee: Option<Decimal>,
    pub(crate) last: Option<Decimal>,
    price_step: Option<Decimal>,
    size_step: Option<Decimal>,
    listed: Vec<Listed>,
    orders: Vec<OpeningOrder>,
    pub(crate) positions: Vec<PortfolioPosition>,
    pub(crate) focus: usize,
    pub(crate) book: Option<Book>,
    pub(crate) funding: Option<(Decimal, Option<u32>)>,
    pub(crate) settles: Option<(Timestamp, Timestamp)>,
    pub(crate) adl_rank: Option<Decimal>,
    pub(crate) ask: Ask,
}

fn word<'a>(value: &'a Value, default: &'a str) -> &'a str {
    value.as_str().unwrap_or(default)
}

fn rules(input: &Value) -> Rules {
    let given = &input["rules"];
    Rules {
        divisor: match word(&given["margin"], "mark") {
            // By the entry price until 2025-09: such a margin is given to the program.
            "mark" | "entry" => MarginDivisor::Mark,
            "uta" => MarginDivisor::Unified,
            other => panic!("margin {other}"),
        },
        liquidation: match word(&given["liq"], "moving") {
            "moving" => LiquidationForm::Moving,
            "frozen" => LiquidationForm::Frozen,
            other => panic!("liq {other}"),
        },
        tier: match word(&given["liq_tier"], "at_liq") {
            "at_liq" => LiquidationTier::AtLiquidation,
            "current" => LiquidationTier::Current,
            other => panic!("liq_tier {other}"),
        },
        charges_orders: match word(&given["order_mm"], "side") {
            "side" => true,
            "none" => false,
            other => panic!("order_mm {other}"),
        },
    }
}

fn side(word: &Value) -> Side {
    match word.as_str().unwrap() {
        "long" => Side::Long,
        "short" => Side::Short,
        other => panic!("side {other}"),
    }
}

fn table(rows: &Value) -> TierTable {
    let tiers: Vec<Tier> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| Tier {
            start: decimal(&row[0]).unwrap(),
            end: decimal(&row[1]).unwrap(),
            max_leverage: decimal(&row[2]),
            maintenance_margin_rate: decimal(&row[3]).unwrap(),
        })
        .collect();
    TierTable::new(&tiers).unwrap()
}

fn position(
    row: &Value,
    instrument: usize,
    maintenance: Maintenance,
    by_entry: bool,
) -> PortfolioPosition {
    let settled = |key: &str| decimal(&row[key]).unwrap_or_default();
    let margin_by_entry = || {
        let of = |key: &str| decimal(&row[key]).filter(|_| by_entry);
        Some(of("total")? * of("openPriceAvg")? / of("leverage")?)
    };
    PortfolioPosition {
        instrument,
        side: side(&row["holdSide"]),
        margin_mode: match row["marginMode"].as_str().unwrap() {
            "isolated" => MarginMode::Isolated,
            "crossed" => MarginMode::Cross,
            other => panic!("marginMode {other}"),
        },
        maintenance,
        size: decimal(&row["total"]).unwrap(),
        entry: decimal(&row["openPriceAvg"]),
        leverage: decimal(&row["leverage"]),
        margin: decimal(&row["marginSize"]).or_else(margin_by_entry),
        already_realized: Some(
            settled("achievedProfits") + settled("totalFee") - settled("deductedFee"),
        ),
        reported: ReportedLiquidation::default(),
    }
}

fn levels(rows: &Value) -> Vec<Level> {
    let level =
        |row: &Value| Level { price: decimal(&row[0]).unwrap(), size: decimal(&row[1]).unwrap() };
    rows.as_array().unwrap().iter().map(level).collect()
}

fn time(value: &Value) -> Option<Timestamp> {
    decimal(value).map(|ms| Timestamp::from_millis(ms.try_into().unwrap()))
}

impl Account {
    /// Reads the input of a case; `None` when it holds no positions.
    pub(crate) fn read(input: &Value) -> Option<Self> {
        let rows = input["positions"].as_array()?;
        let maintenance = match word(&input["rules"]["mm"], "tiered") {
            "tiered" => Maintenance::Progressive,
            "flat" => Maintenance::Flat,
            other => panic!("mm {other}"),
        };
        let by_entry = word(&input["rules"]["margin"], "mark") == "entry";
        let mut places = BTreeMap::new();
        let mut listed = Vec::new();
        for (symbol, tiers) in input["tiers"].as_object().unwrap() {
            places.insert(symbol.as_str(), listed.len());
            let of = rows.iter().find(|row| row["symbol"] == symbol.as_str());
            let mark = of.and_then(|row| decimal(&row["markPrice"]));
            listed.push(Listed { tiers: table(tiers), mark });
        }
        let place = |row: &Value| places[row["symbol"].as_str().unwrap()];
        let focus = &input["focus"];
        let in_focus = |row: &Value| {
            ["symbol", "holdSide"].iter().all(|key| focus[key].is_null() || focus[key] == row[key])
        };
        let orders = input["account"]["openOrders"].as_array();
        let order = |row: &Value| OpeningOrder {
            instrument: place(row),
            side: side(&row["posSide"]),
            value: decimal(&row["price"]).unwrap() * decimal(&row["size"]).unwrap(),
        };
        let (contract, market) = (&input["contract"], &input["market"]);
        let places_of_price = contract["pricePlace"].as_u64().map(|n| u32::try_from(n).unwrap());
        Some(Self {
            rules: rules(input),
            equity: decimal(&input["account"]["equity"]),
            available: decimal(&input["account"]["available"]),
            taker_fee: decimal(&input["fee"]["taker"]),
            last: decimal(&market["last"]),
            price_step: places_of_price
                .map(|n| decimal(&contract["priceEndStep"]).unwrap() * Decimal::new(1, n)),
            size_step: decimal(&contract["sizeMultiplier"]),
            listed,
            orders: orders.map(|rows| rows.iter().map(order).collect()).unwrap_or_default(),
            positions: rows
                .iter()
                .map(|row| position(row, place(row), maintenance, by_entry))
                .collect(),
            focus: rows.iter().position(in_focus).unwrap(),
            book: input["book"].is_object().then(|| Book {
                bids: levels(&input["book"]["bids"]),
                asks: levels(&input["book"]["asks"]),
                exchange_time: None,
            }),
            funding: decimal(&market["fundingRate"]).map(|rate| {
                let hours = decimal(&market["fundingInterval"]);
                (rate, hours.map(|hours| hours.try_into().unwrap()))
            }),
            settles: time(&market["nextFundingMs"]).zip(time(&market["nowMs"])),
            adl_rank: decimal(&input["adlRank"]),
            ask: Ask {
                liq_distance: decimal(&input["ask"]["liq_distance"]),
                target_liq: decimal(&input["ask"]["target_liq"]),
                stop: decimal(&input["ask"]["stop"]),
            },
        })
    }

    /// Returns the contracts at the prices of the case.
    pub(crate) fn instruments(&self) -> Vec<Instrument<'_>> {
        self.listed
            .iter()
            .map(|of| Instrument {
                tiers: Some(&of.tiers),
                taker_fee: self.taker_fee,
                mark: of.mark,
                price_step: self.price_step,
                size_step: self.size_step,
                rate: Some(Decimal::ONE),
                collateral: Decimal::ZERO,
            })
            .collect()
    }

    /// Returns the account of the case.
    pub(crate) fn portfolio<'a>(&'a self, instruments: &'a [Instrument<'a>]) -> Portfolio<'a> {
        Portfolio {
            rules: self.rules,
            equity: self.equity,
            other_maintenance: Decimal::ZERO,
            cross_factor: Decimal::ONE,
            collateral: Decimal::ZERO,
            available: self.available,
            instruments,
            positions: &self.positions,
            orders: Some(&self.orders),
        }
    }
}
