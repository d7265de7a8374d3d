//! [`Product`]: the families of contracts, which differ in the coin that they pay in.

use std::fmt;

/// A family of futures contracts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Product {
    /// Margined and settled in USDT.
    UsdtFutures,
    /// Margined and settled in USDC.
    UsdcFutures,
    /// Margined and settled in the base coin. A contract is worth one USD, so that its result in coin is
    /// not linear in the price.
    CoinFutures,
}

impl Product {
    /// All of them, the one of the focus first.
    pub const ALL: [Self; 3] = [Self::UsdtFutures, Self::UsdcFutures, Self::CoinFutures];
    /// Those that the focus never is of.
    pub const OTHERS: [Self; 2] = [Self::UsdcFutures, Self::CoinFutures];

    /// Returns the name in requests of both generations and in the subscriptions of V2.
    pub const fn wire(self) -> &'static str {
        match self {
            Self::UsdtFutures => "USDT-FUTURES",
            Self::UsdcFutures => "USDC-FUTURES",
            Self::CoinFutures => "COIN-FUTURES",
        }
    }

    /// Returns the name in the subscriptions of V3.
    pub const fn v3_stream(self) -> &'static str {
        match self {
            Self::UsdtFutures => "usdt-futures",
            Self::UsdcFutures => "usdc-futures",
            Self::CoinFutures => "coin-futures",
        }
    }

    /// Returns the product with a name on the wire, in any case; `None` for what is no futures contract.
    pub fn from_wire(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|product| product.wire().eq_ignore_ascii_case(raw.trim()))
    }

    /// Returns the product that the name of a contract tells, for rows that say nothing else; `None` where
    /// it does not tell.
    pub fn of_contract(name: &str) -> Option<Self> {
        let name = name.trim().to_uppercase();
        match () {
            () if name.contains("USDT") => Some(Self::UsdtFutures),
            () if name.contains("USDC") || name.contains("PERP") => Some(Self::UsdcFutures),
            () if name.contains("USD") => Some(Self::CoinFutures),
            () => None,
        }
    }

    /// Returns whether profit and loss are size times the change of the price, in the settle coin.
    pub const fn is_linear(self) -> bool {
        !matches!(self, Self::CoinFutures)
    }

    /// Returns the name that users know: `USDT-M`, `USDC-M`, `COIN-M`.
    pub const fn label(self) -> &'static str {
        match self {
            Self::UsdtFutures => "USDT-M",
            Self::UsdcFutures => "USDC-M",
            Self::CoinFutures => "COIN-M",
        }
    }

    /// Returns the suffix of the V1 name.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::UsdtFutures => "_UMCBL",
            Self::UsdcFutures => "_CMCBL",
            Self::CoinFutures => "_DMCBL",
        }
    }

    /// Returns how the names of its perpetual contracts end.
    pub(super) const fn ending(self) -> &'static str {
        match self {
            Self::UsdtFutures => "USDT",
            Self::UsdcFutures => "PERP",
            Self::CoinFutures => "USD",
        }
    }
}

/// The name in documents: `usdt_futures`, `usdc_futures`, `coin_futures`.
impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::UsdtFutures => "usdt_futures",
            Self::UsdcFutures => "usdc_futures",
            Self::CoinFutures => "coin_futures",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_known_by_each_of_its_names() {
        for product in Product::ALL {
            assert_eq!(Product::from_wire(product.wire()), Some(product));
            assert_eq!(Product::from_wire(product.v3_stream()), Some(product));
        }
        assert_eq!((Product::from_wire("SPOT"), Product::from_wire("")), (None, None));
    }

    #[test]
    fn the_name_of_a_contract_tells_it() {
        let of = Product::of_contract;
        assert_eq!(of("BTCUSDT_251226"), Some(Product::UsdtFutures));
        assert_eq!((of("BTCPERP"), of("ETHUSDC")), (of("BTCPERP"), Some(Product::UsdcFutures)));
        assert_eq!((of("BTCUSD_CM"), of("btcusdz25")), (of("BTCUSD"), Some(Product::CoinFutures)));
        assert_eq!(of("ETHBTC"), None);
    }
}
