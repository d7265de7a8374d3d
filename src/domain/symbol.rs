//! [`Symbol`]: the one type that knows every spelling of a contract's name.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::Text;

/// The suffix of the name that users know. It is the V1 name of USDT-M perpetual contracts.
const SUFFIX: &str = "_UMCBL";
/// The quote coin of every USDT-M contract.
const QUOTE: &str = "USDT";
/// The longest accepted name, in characters.
const MAX_CHARS: usize = 40;

/// A contract's name.
///
/// Users read and type `BTCUSDT_UMCBL`; the wire of V2 wants `BTCUSDT` with `USDT-FUTURES`, V3 wants
/// `BTCUSDT` with `usdt-futures`, CCXT says `BTC/USDT:USDT`. Symbols that the exchange sends outside
/// the USDT-M naming (dated futures, other quote coins) are kept and shown as they came.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol(Arc<str>);

impl Symbol {
    /// The product type of USDT-M contracts on the V2 wire.
    pub const V2_PRODUCT: &'static str = "USDT-FUTURES";
    /// The product type of USDT-M contracts on the V3 wire.
    pub const V3_PRODUCT: &'static str = "usdt-futures";

    /// Returns the symbol of a name as the exchange writes it; `None` for an invalid one.
    ///
    /// Lower case (seen in the exchange's documentation) is raised, and a V1 suffix removed.
    pub fn from_wire(raw: &str) -> Option<Self> {
        // Fast path: nearly every name is in its final form, and this is called several times per second.
        let is_ready = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        if !raw.is_empty() && raw.len() <= MAX_CHARS && raw.bytes().all(is_ready) {
            return Some(Self(raw.into()));
        }
        let upper = raw.trim().to_uppercase();
        let name = upper.strip_suffix(SUFFIX).unwrap_or(&upper);
        let may_be = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | ':');
        let good =
            !name.is_empty() && name.chars().count() <= MAX_CHARS && name.chars().all(may_be);
        good.then(|| Self(name.into()))
    }

    /// Returns the name on the wire of V2 and V3, without the product type: `BTCUSDT`.
    pub fn wire(&self) -> &str {
        &self.0
    }

    /// Returns the base coin of a USDT-M contract (`BTC`); `None` outside that naming.
    pub fn base(&self) -> Option<&str> {
        self.0.strip_suffix(QUOTE).filter(|base| !base.is_empty() && !base.contains(['-', '_']))
    }

    /// Returns CCXT's name, `BTC/USDT:USDT`; `None` outside the USDT-M naming.
    pub fn ccxt(&self) -> Option<String> {
        self.base().map(|base| format!("{base}/{QUOTE}:{QUOTE}"))
    }
}

/// The user's form: `BTCUSDT_UMCBL`; symbols outside the USDT-M naming as the exchange sends them.
impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.base().is_some() { f.pad(&format!("{}{SUFFIX}", self.0)) } else { f.pad(&self.0) }
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
        Self("BTCUSDT".into())
    }
}

/// A name that is not in the user's form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("symbol {given:?} is not in the form BTCUSDT_UMCBL (upper case, suffix {SUFFIX}, no separator){}",
    .suggestion.as_ref().map(|s| format!("; did you mean {s}?")).unwrap_or_default())]
pub struct SymbolError {
    given: String,
    suggestion: Option<String>,
}

/// Reads the user's form, strictly.
impl FromStr for Symbol {
    type Err = SymbolError;

    fn from_str(given: &str) -> Result<Self, SymbolError> {
        match given.strip_suffix(SUFFIX) {
            Some(name) if is_contract_name(name) => Ok(Self(name.into())),
            _ => Err(SymbolError {
                given: Text::new(given).as_str().to_owned(),
                suggestion: suggest(given),
            }),
        }
    }
}

fn is_contract_name(name: &str) -> bool {
    name.chars().count() <= MAX_CHARS
        && name.strip_suffix(QUOTE).is_some_and(|base| {
            !base.is_empty() && base.chars().all(|c| c.is_alphanumeric() && !c.is_lowercase())
        })
}

/// Returns the correct form of a near miss, such as `BTC-USDT` or `BTC/USDT:USDT`.
fn suggest(given: &str) -> Option<String> {
    let upper = given.trim().to_uppercase();
    let name = upper.split(':').next()?.replace(['-', '/', ' '], "");
    let name = name.strip_suffix(SUFFIX).unwrap_or(&name).replace('_', "");
    is_contract_name(&name).then(|| format!("{name}{SUFFIX}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owns_all_forms() {
        let symbol: Symbol = "BTCUSDT_UMCBL".parse().unwrap();
        assert_eq!(symbol.to_string(), "BTCUSDT_UMCBL");
        assert_eq!((symbol.wire(), Symbol::V2_PRODUCT), ("BTCUSDT", "USDT-FUTURES"));
        assert_eq!(Symbol::V3_PRODUCT, "usdt-futures");
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
    fn shows_symbols_outside_the_naming_as_they_came() {
        assert_eq!(Symbol::from_wire("BTCPERP").unwrap().to_string(), "BTCPERP");
        assert_eq!(Symbol::from_wire("ethusdt").unwrap().to_string(), "ETHUSDT_UMCBL");
        assert_eq!(Symbol::from_wire("BTCUSDT_UMCBL").unwrap(), Symbol::default());
        assert_eq!(Symbol::from_wire(" "), None);
    }
}
