//! Zeros of the document.

/// Returns the document with every zero written without a sign.
///
/// A decimal keeps the sign of what became zero: `-0` stands for a fee of none that was negated. Done on
/// the finished text, because every figure passes here, of whatever part and however it came into being.
pub(super) fn without_sign(document: &str) -> String {
    let mut plain = String::with_capacity(document.len());
    let mut rest = document;
    while let Some((before, after)) = rest.split_once("\"-") {
        plain.push_str(before);
        plain.push('"');
        // A quotation mark inside a text is escaped; the end of a text is never followed by `-`.
        let in_text = before.ends_with('\\');
        let is_zero = after.split_once('"').is_some_and(|(number, _)| is_zero(number));
        if in_text || !is_zero {
            plain.push('-');
        }
        rest = after;
    }
    plain.push_str(rest);
    plain
}

fn is_zero(number: &str) -> bool {
    number.starts_with('0') && number.bytes().all(|byte| matches!(byte, b'0' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::without_sign;

    #[test]
    fn only_zeros_lose_their_sign() {
        let text =
            r#"{"a":"-0","b":"-0.000","c":"-0.001","d":["-0","-1"],"e":"say \"-0\", -0","f":"-"}"#;
        let plain =
            r#"{"a":"0","b":"0.000","c":"-0.001","d":["0","-1"],"e":"say \"-0\", -0","f":"-"}"#;
        assert_eq!(without_sign(text), plain);
    }
}
