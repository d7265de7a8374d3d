//! What a certificate says of itself, and why one was refused: for messages. Whether it is good is decided by
//! rustls alone.

use std::io;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rustls::CertificateError;

use crate::domain::{Text, Timestamp};

/// What a certificate says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Common name and organisation of who issued it; empty where it names neither.
    pub issuer: Text,
    /// When it expires.
    pub expires: Timestamp,
}

/// Why a certificate was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateFault {
    /// It belongs to another name.
    OtherName,
    /// No known authority has issued it.
    UnknownIssuer,
    /// It is not valid any more, or not yet.
    OutsideItsTime,
    /// Anything else.
    Invalid,
}

impl CertificateFault {
    /// Returns why the certificate was refused; `None` where the handshake failed for another reason.
    pub(super) fn of(error: &io::Error) -> Option<Self> {
        let rustls::Error::InvalidCertificate(reason) = error.get_ref()?.downcast_ref()? else {
            return None;
        };
        let of_name = matches!(
            reason,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }
        );
        let of_time = matches!(
            reason,
            CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. }
        );
        Some(if of_name {
            Self::OtherName
        } else if of_time {
            Self::OutsideItsTime
        } else if *reason == CertificateError::UnknownIssuer {
            Self::UnknownIssuer
        } else {
            Self::Invalid
        })
    }
}

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// The version, which the oldest certificates leave out.
const VERSION: u8 = 0xa0;
/// `2.5.4.3` and `2.5.4.10`.
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];
const ORGANISATION: [u8; 3] = [0x55, 0x04, 0x0a];

/// Reads a certificate (DER, RFC 5280); `None` when it has another form.
pub(super) fn read(der: &[u8]) -> Option<Certificate> {
    let mut outer = Elements(der);
    let mut signed = Elements(Elements(outer.content(SEQUENCE)?).content(SEQUENCE)?);
    if signed.0.first() == Some(&VERSION) {
        signed.next()?;
    }
    let (_serial, _algorithm) = (signed.next()?, signed.next()?);
    let issuer = name(signed.content(SEQUENCE)?);
    let mut validity = Elements(signed.content(SEQUENCE)?);
    let (_begins, expires) = (validity.next()?, validity.next()?);
    Some(Certificate { issuer: Text::new(&issuer), expires: time(expires)? })
}

/// Returns common name and organisation.
fn name(sets: &[u8]) -> String {
    let (mut common, mut organisation) = (None, None);
    let mut sets = Elements(sets);
    while let Some(set) = sets.content(SET) {
        let mut pair = Elements(Elements(set).content(SEQUENCE).unwrap_or_default());
        let id = pair.content(OBJECT_IDENTIFIER);
        let value = pair.next().map(|(_, text)| String::from_utf8_lossy(text).into_owned());
        match id {
            Some(id) if id == COMMON_NAME => common = value,
            Some(id) if id == ORGANISATION => organisation = value,
            _ => {}
        }
    }
    let names = [common, organisation].into_iter().flatten().collect::<Vec<_>>();
    names.join(", ")
}

fn time((tag, text): (u8, &[u8])) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?;
    let digits = match tag {
        // Two digits of the year: from 50 on they are of the last century.
        UTC_TIME => format!("{}{text}", if text.get(..2)? < "50" { "20" } else { "19" }),
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    let time = DateTime::strptime("%Y%m%d%H%M%SZ", digits).ok()?;
    let time = TimeZone::UTC.to_timestamp(time).ok()?;
    Some(Timestamp::from_millis(time.as_millisecond()))
}

/// The elements of a DER sequence, one after the other.
struct Elements<'a>(&'a [u8]);

impl<'a> Elements<'a> {
    /// Takes the next element: its tag and its content; `None` at the end and where it is cut.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&short, rest) = rest.split_first()?;
        let (length, rest) = if short < 0x80 {
            (usize::from(short), rest)
        } else {
            // Certificates are shorter than 16 MB.
            let count = usize::from(short & 0x7f);
            let (bytes, rest) = rest.split_at_checked(count).filter(|_| count <= 3)?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, content))
    }

    /// Takes the next element, whose tag must be `tag`.
    fn content(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|(found, _)| *found == tag).map(|(_, content)| content)
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};

    use super::*;

    fn certificate() -> Vec<u8> {
        let mut params = CertificateParams::new(vec!["api.example".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, "Some\u{7} Authority");
        params.distinguished_name.push(DnType::OrganizationName, "Someone");
        params.not_after = date_time_ymd(2031, 2, 3);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn issuer_and_end_are_read_and_made_safe_to_show() {
        let found = read(&certificate()).unwrap();
        assert_eq!(found.issuer.as_str(), "Some Authority, Someone");
        assert_eq!(found.expires, Timestamp::from_millis(1_927_843_200_000));
    }

    #[test]
    fn a_certificate_cut_or_changed_at_any_byte_is_no_panic() {
        let whole = certificate();
        for end in 0..whole.len() {
            let _cut = read(&whole[..end]);
            let mut changed = whole.clone();
            changed[end] ^= 0xff;
            let _changed = read(&changed);
        }
        assert_eq!(read(b""), None);
    }
}
