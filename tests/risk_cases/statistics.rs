//! The keys of `risk-cases.json` that statistics and the journal answer.

/// Skipped by `risk_cases`, and covered by the tests of the statistics, which read the same file.
pub(crate) const STATISTICS: &[&str] = &[
    // volatility and distance
    "atr14",
    "liq_distance_atr",
    "liq_distance_sigma_1d",
    "sigma_1d",
    "sigma_1m_fast",
    "sigma_1m_slow",
    "sigma_480m",
    "sigma_60m",
    "sigma_annual",
    // probability of a touch
    "touch_1440m",
    "touch_480m",
    "touch_60m",
    "touch_fat_1440m",
    "touch_fat_480m",
    "touch_fat_60m",
    // value at risk
    "es95_1d_hist",
    "es95_1d_normal",
    "es99_1d_hist",
    "es99_1d_normal",
    "var95_1d_hist",
    "var95_1d_normal",
    "var99_1d_hist",
    "var99_1d_normal",
    "var99_1d_normal_capped",
    // equity curve
    "curve_pnl",
    "max_drawdown_abs",
    "max_drawdown_pct",
    // ledger of a day
    "fees_today",
    "funding_today",
    "net_today",
    "realised_today",
    // journal
    "avg_loss",
    "avg_win",
    "expectancy",
    "largest_loss",
    "largest_win",
    "losses",
    "net_profit",
    "payoff_ratio",
    "profit_factor",
    "trades",
    "win_rate",
    "wins",
];
