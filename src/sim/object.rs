//! `object!`: a JSON object of fields that are values already.

use serde_json::Value;

/// Like `json!({ … })`, but all objects are made by the one function below: the answers of the exchange
/// have hundreds of fields, and code for each of them is a quarter of a megabyte.
macro_rules! object {
    ({ $($name:tt : $value:expr),* $(,)? }) => {
        $crate::sim::object::object(&mut [$(($name, ::serde_json::Value::from($value))),*])
    };
}

/// Takes the values out of `fields`.
#[inline(never)]
pub(super) fn object(fields: &mut [(&'static str, Value)]) -> Value {
    Value::Object(
        fields.iter_mut().map(|(name, value)| ((*name).to_owned(), value.take())).collect(),
    )
}
