//! `object!` builds JSON objects.

use serde_json::Value;

/// Like `json!({ … })`, but every object is built by the one function below: the exchange's responses have
/// hundreds of fields, and inlined code for each of them takes a quarter of a megabyte.
macro_rules! object {
    ({ $($name:tt : $value:expr),* $(,)? }) => {
        $crate::sim::object::object(&mut [$(($name, ::serde_json::Value::from($value))),*])
    };
}

/// Builds an object, taking the values out of `fields`.
#[inline(never)]
pub(super) fn object(fields: &mut [(&'static str, Value)]) -> Value {
    Value::Object(
        fields.iter_mut().map(|(name, value)| ((*name).to_owned(), value.take())).collect(),
    )
}
