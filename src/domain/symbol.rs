//! [`Symbol`]: the one type that knows every spelling of a contract's name.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::{Product, Text};

/// How V3 ends the names of coin-margined perpetual contracts; V2 does not.
const V3_COIN: &str = "_CM";
/// The longest accepted name, in characters.
const MAX_CHARS: usize = 40;

/// A contract's name, with the product that it belongs to: two products may use one name.
///
/// Users read and type `BTCUSDT_UMCBL`; the wire of V2 wants `BTCUSDT` with `USDT-FUTURES`, V3 wants
/// `BTCUSDT` with `usdt-futures`, CCXT says `BTC/USDT:USDT`. Perpetual contracts of the other products are
/// `BTCPERP_CMCBL` (margined in USDC) and `BTCUSD_DMCBL` (margined in the coin). Symbols outside the naming
/// of their product (dated futures, other quote coins) are kept and shown as they came.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol {
    name: Arc<str>,
    product: Product,
}

impl Symbol {
    /// Returns the symbol of a name as the exchange writes it among those of `product`; `None` for an
    /// invalid one.
    ///
    /// Lower case (seen in the exchange's documentation) is raised, and the suffix of V1, or that of V3 for
    /// coin-margined contracts, is removed.
    pub fn from_wire(raw: &str, product: Product) -> Option<Self> {
        // Fast path: nearly every name is in its final form, and this is called several times per second.
        let is_ready = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        if !raw.is_empty() && raw.len() <= MAX_CHARS && raw.bytes().all(is_ready) {
            return Some(Self { name: raw.into(), product });
        }
        let upper = raw.trim().to_uppercase();
        let name = upper.strip_suffix(product.suffix()).unwrap_or(&upper);
        let of_v3 = name.strip_suffix(V3_COIN).filter(|_| product == Product::CoinFutures);
        let name = of_v3.unwrap_or(name);
        let may_be = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | ':');
        let good =
            !name.is_empty() && name.chars().count() <= MAX_CHARS && name.chars().all(may_be);
        good.then(|| Self { name: name.into(), product })
    }

    /// Returns the product.
    pub const fn product(&self) -> Product {
        self.product
    }

    /// Returns the coin in which it pays: `USDT`, `USDC`, or the base coin; `None` for a coin-margined
    /// contract whose name does not tell.
    pub fn settle_coin(&self) -> Option<&str> {
        match self.product {
            Product::UsdtFutures => Some("USDT"),
            Product::UsdcFutures => Some("USDC"),
            Product::CoinFutures => self.base(),
        }
    }

    /// Returns the name on the wire of V2, without the product: `BTCUSDT`. That of V3 differs for
    /// coin-margined contracts alone.
    pub fn wire(&self) -> &str {
        &self.name
    }

    /// Returns the name on the wire of V3, without the product: `BTCUSDT`, `BTCUSD_CM`.
    pub fn v3_wire(&self) -> Cow<'_, str> {
        if self.product == Product::CoinFutures && self.base().is_some() {
            Cow::Owned(format!("{}{V3_COIN}", self.name))
        } else {
            Cow::Borrowed(&self.name)
        }
    }

    /// Returns the base coin of a perpetual contract (`BTC`); `None` outside the naming of its product.
    pub fn base(&self) -> Option<&str> {
        let base = self.name.strip_suffix(self.product.ending());
        base.filter(|base| !base.is_empty() && !base.contains(['-', '_', '/', ':']))
    }

    /// Returns CCXT's name, such as `BTC/USDT:USDT`; `None` outside the naming of its product.
    pub fn ccxt(&self) -> Option<String> {
        let base = self.base()?;
        Some(match self.product {
            Product::UsdtFutures => format!("{base}/USDT:USDT"),
            Product::UsdcFutures => format!("{base}/USDC:USDC"),
            Product::CoinFutures => format!("{base}/USD:{base}"),
        })
    }
}

/// The user's form: `BTCUSDT_UMCBL`; symbols outside the naming of their product as the exchange sends them.
impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.base().is_some() {
            f.pad(&format!("{}{}", self.name, self.product.suffix()))
        } else {
            f.pad(&self.name)
        }
    }
}

impl fmt::Debug for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Symbol({self})")
    }
}

/// The default of the program: `BTCUSDT_UMCBL`.
impl Default for Symbol {
    fn default() -> Self {
        Self { name: "BTCUSDT".into(), product: Product::UsdtFutures }
    }
}

/// A name that is not in the user's form, or of a product that cannot be the focus.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SymbolError {
    /// It is not in the user's form.
    #[error("symbol {given:?} is not in the form BTCUSDT_UMCBL (upper case, suffix _UMCBL, no separator){}",
        .suggestion.as_ref().map(|s| format!("; did you mean {s}?")).unwrap_or_default())]
    Form {
        /// What was given, without anything that could control a terminal.
        given: String,
        /// The correct form of a near miss.
        suggestion: Option<String>,
    },
    /// It names a contract of another product.
    #[error("symbol {given:?} is a {} contract: only USDT-M contracts can be watched as the focus, in the \
        form BTCUSDT_UMCBL; positions of all products are listed whatever the focus is", .product.label())]
    Product {
        /// What was given.
        given: String,
        /// The product of its suffix.
        product: Product,
    },
}

/// Reads the user's form of a contract that can be the focus, strictly.
impl FromStr for Symbol {
    type Err = SymbolError;

    fn from_str(given: &str) -> Result<Self, SymbolError> {
        let product = Product::UsdtFutures;
        match given.strip_suffix(product.suffix()) {
            Some(name) if is_contract_name(name, product) => {
                return Ok(Self { name: name.into(), product });
            }
            _ => {}
        }
        let told = Text::new(given).as_str().to_owned();
        let other = Product::OTHERS.into_iter().find(|product| {
            let name = given.strip_suffix(product.suffix());
            name.is_some_and(|name| is_contract_name(name, *product))
        });
        Err(match other {
            Some(product) => SymbolError::Product { given: told, product },
            None => SymbolError::Form { given: told, suggestion: suggest(given) },
        })
    }
}

fn is_contract_name(name: &str, product: Product) -> bool {
    name.chars().count() <= MAX_CHARS
        && name.strip_suffix(product.ending()).is_some_and(|base| {
            !base.is_empty() && base.chars().all(|c| c.is_alphanumeric() && !c.is_lowercase())
        })
}

/// Returns the correct form of a near miss, such as `BTC-USDT` or `BTC/USDT:USDT`.
fn suggest(given: &str) -> Option<String> {
    let product = Product::UsdtFutures;
    let upper = given.trim().to_uppercase();
    let name = upper.split(':').next()?.replace(['-', '/', ' '], "");
    let name = name.strip_suffix(product.suffix()).unwrap_or(&name).replace('_', "");
    is_contract_name(&name, product).then(|| format!("{name}{}", product.suffix()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owns_all_forms() {
        let symbol: Symbol = "BTCUSDT_UMCBL".parse().unwrap();
        assert_eq!(symbol.to_string(), "BTCUSDT_UMCBL");
        assert_eq!((symbol.wire(), symbol.product().wire()), ("BTCUSDT", "USDT-FUTURES"));
        assert_eq!((&*symbol.v3_wire(), symbol.product().v3_stream()), ("BTCUSDT", "usdt-futures"));
        assert_eq!(symbol.settle_coin(), Some("USDT"));
        assert_eq!(symbol.ccxt().as_deref(), Some("BTC/USDT:USDT"));
        assert_eq!("1000BONKUSDT_UMCBL".parse::<Symbol>().unwrap().base(), Some("1000BONK"));
        assert_eq!("牛来USDT_UMCBL".parse::<Symbol>().unwrap().wire(), "牛来USDT");
    }

    #[test]
    fn refuses_other_forms_and_names_the_right_one() {
        for given in ["BTC-USDT", "btcusdt_umcbl", "BTCUSDT", "BTC/USDT:USDT", "BTC_USDT_UMCBL"] {
            let error = given.parse::<Symbol>().unwrap_err().to_string();
            assert!(error.contains("did you mean BTCUSDT_UMCBL?"), "{given}: {error}");
        }
        for given in
            ["", "_UMCBL", "USDT_UMCBL", "BTCUSD_DMCBL", " BTCUSDT_UMCBL", "B\u{1b}USDT_UMCBL"]
        {
            let error = given.parse::<Symbol>().unwrap_err().to_string();
            assert!(error.contains("form BTCUSDT_UMCBL") && !error.contains('\u{1b}'), "{error}");
        }
    }

    #[test]
    fn other_products_have_forms_of_their_own() {
        let usdc = Symbol::from_wire("BTCPERP", Product::UsdcFutures).unwrap();
        assert_eq!((usdc.to_string(), usdc.base()), ("BTCPERP_CMCBL".to_owned(), Some("BTC")));
        assert_eq!((usdc.settle_coin(), &*usdc.v3_wire()), (Some("USDC"), "BTCPERP"));
        assert_eq!(usdc.ccxt().as_deref(), Some("BTC/USDC:USDC"));
        let coin = Symbol::from_wire("BTCUSD", Product::CoinFutures).unwrap();
        assert_eq!(
            (coin.to_string(), coin.settle_coin()),
            ("BTCUSD_DMCBL".to_owned(), Some("BTC"))
        );
        assert_eq!((coin.wire(), &*coin.v3_wire()), ("BTCUSD", "BTCUSD_CM"));
        assert_eq!(coin.ccxt().as_deref(), Some("BTC/USD:BTC"));
        for name in ["BTCUSD_CM", "btcusd_cm", "BTCUSD_DMCBL"] {
            assert_eq!(
                Symbol::from_wire(name, Product::CoinFutures).as_ref(),
                Some(&coin),
                "{name}"
            );
        }
    }

    #[test]
    fn one_name_in_two_products_is_two_contracts() {
        let [usdt, usdc, _] = Product::ALL.map(|of| Symbol::from_wire("BTCUSDT", of).unwrap());
        assert_eq!(
            (usdt.to_string(), usdc.to_string()),
            ("BTCUSDT_UMCBL".to_owned(), "BTCUSDT".to_owned())
        );
        assert!(usdt != usdc && usdt.cmp(&usdc).is_ne());
    }

    #[test]
    fn only_usdt_margined_contracts_can_be_the_focus() {
        for (given, label) in [("BTCPERP_CMCBL", "USDC-M"), ("BTCUSD_DMCBL", "COIN-M")] {
            let error = given.parse::<Symbol>().unwrap_err().to_string();
            let reason = "only USDT-M contracts can be watched as the focus";
            assert!(error.contains(reason) && error.contains(label), "{error}");
        }
    }

    #[test]
    fn shows_symbols_outside_the_naming_as_they_came() {
        let of = |name| Symbol::from_wire(name, Product::UsdtFutures);
        assert_eq!(of("BTCPERP").unwrap().to_string(), "BTCPERP");
        assert_eq!(of("ethusdt").unwrap().to_string(), "ETHUSDT_UMCBL");
        assert_eq!(of("BTCUSDT_UMCBL").unwrap(), Symbol::default());
        assert_eq!(of(" "), None);
        let dated = Symbol::from_wire("BTCUSDZ25", Product::CoinFutures).unwrap();
        assert_eq!((dated.to_string(), &*dated.v3_wire()), ("BTCUSDZ25".to_owned(), "BTCUSDZ25"));
        assert_eq!(dated.settle_coin(), None);
    }
}
