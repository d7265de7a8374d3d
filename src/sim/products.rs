//! The three products of futures, and the coins in which they pay.

use rust_decimal::Decimal;

/// A product: contracts that pay in the same coin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Product {
    Usdt,
    Usdc,
    /// Inverse contracts, which pay in their base coin.
    Coin,
}

impl Product {
    pub(super) const ALL: [Self; 3] = [Self::Usdt, Self::Usdc, Self::Coin];

    /// Returns the product by its name on the wire, in whatever case.
    pub(super) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|product| product.wire().eq_ignore_ascii_case(name))
    }

    /// Returns its name as REST and the sockets of V2 spell it.
    pub(super) const fn wire(self) -> &'static str {
        match self {
            Self::Usdt => "USDT-FUTURES",
            Self::Usdc => "USDC-FUTURES",
            Self::Coin => "COIN-FUTURES",
        }
    }

    /// Returns its name as the sockets of V3 spell it.
    pub(super) const fn stream(self) -> &'static str {
        match self {
            Self::Usdt => "usdt-futures",
            Self::Usdc => "usdc-futures",
            Self::Coin => "coin-futures",
        }
    }

    /// Returns the coin of margin, PnL and fees.
    pub(super) const fn coin(self) -> Coin {
        match self {
            Self::Usdt => Coin::Usdt,
            Self::Usdc => Coin::Usdc,
            Self::Coin => Coin::Btc,
        }
    }

    /// Returns the coin in which prices are quoted.
    pub(super) const fn quote(self) -> &'static str {
        match self {
            Self::Usdt => "USDT",
            Self::Usdc => "USDC",
            Self::Coin => "USD",
        }
    }
}

/// A coin that the account may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coin {
    Usdt,
    Usdc,
    Btc,
}

impl Coin {
    pub(super) const ALL: [Self; 3] = [Self::Usdt, Self::Usdc, Self::Btc];

    pub(super) const fn wire(self) -> &'static str {
        match self {
            Self::Usdt => "USDT",
            Self::Usdc => "USDC",
            Self::Btc => "BTC",
        }
    }

    pub(super) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|coin| coin.wire() == name)
    }
}

/// What the account has of one coin.
#[derive(Debug, Clone, Default)]
pub(super) struct Purse {
    /// Balance; it includes what was borrowed, bonus and coupons.
    pub(super) wallet: Decimal,
    pub(super) debt: Decimal,
    pub(super) bonus: Decimal,
    pub(super) coupon: Decimal,
}

/// One purse for each coin.
#[derive(Debug, Clone, Default)]
pub(super) struct Purses {
    usdt: Purse,
    usdc: Purse,
    btc: Purse,
}

impl Purses {
    pub(super) const fn of(&self, coin: Coin) -> &Purse {
        match coin {
            Coin::Usdt => &self.usdt,
            Coin::Usdc => &self.usdc,
            Coin::Btc => &self.btc,
        }
    }

    pub(super) const fn of_mut(&mut self, coin: Coin) -> &mut Purse {
        match coin {
            Coin::Usdt => &mut self.usdt,
            Coin::Usdc => &mut self.usdc,
            Coin::Btc => &mut self.btc,
        }
    }
}
