//! The contracts of the simulated exchange, with the rules of the real ones.

use rust_decimal::Decimal;

use super::products::Product;

/// The rules of one contract. Prices are in ticks, sizes in steps.
#[derive(Debug)]
pub(super) struct Spec {
    pub(super) name: &'static str,
    /// The name in V3.
    pub(super) v3_name: &'static str,
    pub(super) product: Product,
    pub(super) base: &'static str,
    /// Decimal places of a price; a tick is one unit of the last place.
    pub(super) price_places: u32,
    pub(super) size_places: u32,
    /// The price at which the world begins, in ticks.
    pub(super) start_ticks: i64,
    /// Typical size of a book level, in steps.
    pub(super) depth: u64,
    pub(super) max_leverage: u32,
    /// Hours between two fundings.
    pub(super) interval_hours: i64,
    /// Annualized, a fraction.
    pub(super) volatility: f64,
    /// The contract whose random numbers it shares, so that both move alike; itself for most.
    pub(super) moves_with: usize,
    /// Upper end in the quote coin, highest leverage, maintenance rate in hundredths of a percent.
    pub(super) tiers: &'static [(i64, u32, i64)],
}

/// The tiers of BTCUSDT since 2025-09-26.
const BTC_TIERS: &[(i64, u32, i64)] = &[
    (200_000, 150, 40),
    (1_000_000, 100, 50),
    (5_000_000, 75, 70),
    (15_000_000, 50, 100),
    (50_000_000, 25, 200),
    (100_000_000, 20, 300),
    (150_000_000, 10, 600),
    (300_000_000, 5, 1_200),
    (500_000_000, 4, 1_500),
    (700_000_000, 3, 2_000),
    (900_000_000, 2, 3_000),
    (1_200_000_000, 1, 6_000),
];

const OTHER_TIERS: &[(i64, u32, i64)] = &[
    (100_000, 100, 50),
    (500_000, 75, 70),
    (2_000_000, 50, 100),
    (10_000_000, 20, 300),
    (50_000_000, 5, 1_200),
    (100_000_000, 1, 6_000),
];

/// Every contract; the first is the focus of the demo.
pub(super) const CONTRACTS: [Spec; 6] = [
    Spec {
        name: "BTCUSDT",
        v3_name: "BTCUSDT",
        product: Product::Usdt,
        base: "BTC",
        price_places: 1,
        size_places: 4,
        start_ticks: 836_923,
        depth: 30_000,
        max_leverage: 150,
        interval_hours: 8,
        volatility: 0.9,
        moves_with: 0,
        tiers: BTC_TIERS,
    },
    Spec {
        name: "ETHUSDT",
        v3_name: "ETHUSDT",
        product: Product::Usdt,
        base: "ETH",
        price_places: 2,
        size_places: 2,
        start_ticks: 248_055,
        depth: 4_000,
        max_leverage: 100,
        interval_hours: 8,
        volatility: 1.2,
        moves_with: 1,
        tiers: OTHER_TIERS,
    },
    Spec {
        name: "SOLUSDT",
        v3_name: "SOLUSDT",
        product: Product::Usdt,
        base: "SOL",
        price_places: 3,
        size_places: 1,
        start_ticks: 142_310,
        depth: 3_000,
        max_leverage: 75,
        interval_hours: 8,
        volatility: 1.5,
        moves_with: 2,
        tiers: OTHER_TIERS,
    },
    Spec {
        name: "DOGEUSDT",
        v3_name: "DOGEUSDT",
        product: Product::Usdt,
        base: "DOGE",
        price_places: 5,
        size_places: 0,
        start_ticks: 18_240,
        depth: 40_000,
        max_leverage: 75,
        interval_hours: 4,
        volatility: 1.6,
        moves_with: 3,
        tiers: OTHER_TIERS,
    },
    Spec {
        name: "BTCPERP",
        v3_name: "BTCPERP",
        product: Product::Usdc,
        base: "BTC",
        price_places: 1,
        size_places: 4,
        start_ticks: 836_411,
        depth: 12_000,
        max_leverage: 125,
        interval_hours: 8,
        volatility: 0.9,
        moves_with: 0,
        tiers: OTHER_TIERS,
    },
    Spec {
        name: "BTCUSD",
        v3_name: "BTCUSD_CM",
        product: Product::Coin,
        base: "BTC",
        price_places: 1,
        size_places: 4,
        start_ticks: 836_004,
        depth: 9_000,
        max_leverage: 125,
        interval_hours: 8,
        volatility: 0.9,
        moves_with: 0,
        tiers: OTHER_TIERS,
    },
];

/// How many of them are margined in USDT; they are the first ones.
pub(super) const USDT_CONTRACTS: usize = 4;

/// Fee rates of every contract.
pub(super) const MAKER_FEE: Decimal = Decimal::from_parts(2, 0, 0, false, 4);
pub(super) const TAKER_FEE: Decimal = Decimal::from_parts(6, 0, 0, false, 4);

impl Spec {
    /// Returns the price of a number of ticks.
    pub(super) fn price(&self, ticks: i64) -> Decimal {
        Decimal::new(ticks, self.price_places)
    }

    /// Returns the size of a number of steps.
    pub(super) fn size(&self, steps: i64) -> Decimal {
        Decimal::new(steps, self.size_places)
    }

    /// Returns the size step.
    pub(super) fn size_step(&self) -> Decimal {
        Decimal::new(1, self.size_places)
    }
}

/// Returns the index of a contract by its name in either generation; `None` for one that does not exist.
pub(super) fn index_of(name: &str) -> Option<usize> {
    CONTRACTS.iter().position(|spec| spec.name == name || spec.v3_name == name)
}

/// Returns a contract by its index; the first one for an index that is out of range.
pub(super) fn spec(index: usize) -> &'static Spec {
    const FIRST: &Spec = &CONTRACTS[0];
    CONTRACTS.get(index).unwrap_or(FIRST)
}
