//! Authorities of requests and host patterns.
//!
//! [`Authority::parse`] is the one place where the name of a host is read: what it returns is
//! matched and dialled, so that no two layers can see different hosts. What it cannot read without
//! doubt it refuses.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::{Range, RangeInclusive};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::canonical_text;
use super::error::{PatternError, PatternErrorKind};
use super::glob;

/// The longest label of a name, and the longest name (RFC 1035).
pub(crate) const MAX_LABEL: usize = 63;
pub(crate) const MAX_NAME: usize = 253;

/// Where a connection goes: a canonical host and, where it is known, a port.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Authority {
    host: Host,
    port: Option<u16>,
}

/// A canonical host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Host {
    /// A DNS name: lower case, ASCII, without a final dot, never the spelling of an address.
    Name(String),
    /// An address; an IPv4 address written as IPv6 is an IPv4 address.
    Address(IpAddr),
}

/// Why a text is not an authority that can be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AuthorityRefusal {
    /// There is no host.
    Empty,
    /// A character that no host holds, or that two programs read differently (space, NUL, `%`, `\`).
    Character,
    /// User information outside a URL, or with more than one `@`.
    Userinfo,
    /// Two dots in a row, or one at the start.
    EmptyLabel,
    /// A label of more than 63 characters, or a name of more than 253.
    TooLong,
    /// It ends like an IPv4 address and is none.
    Ipv4,
    /// A `[` without an IPv6 address, or an IPv6 address without brackets.
    Ipv6,
    /// The port is not a number from 1 to 65535.
    Port,
    /// A name that is not ASCII and has no ASCII form.
    Idn,
}

impl fmt::Display for AuthorityRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Empty => "the host is empty",
            Self::Character => "the host holds a character that no host has",
            Self::Userinfo => "the host is hidden behind user information",
            Self::EmptyLabel => "the host has an empty label",
            Self::TooLong => "the host is too long",
            Self::Ipv4 => "the host looks like an IPv4 address and is none",
            Self::Ipv6 => "the host is not an IPv6 address in brackets",
            Self::Port => "the port is not a number from 1 to 65535",
            Self::Idn => "the host has no ASCII form",
        })
    }
}

impl std::error::Error for AuthorityRefusal {}

impl Authority {
    /// Reads `host`, `host:port`, `[v6]`, `[v6]:port` or a URL. A URL of `http`, `https`, `ws` or
    /// `wss` has its scheme's port where it names none.
    pub fn parse(text: &str) -> Result<Self, AuthorityRefusal> {
        if text
            .bytes()
            .any(|byte| byte.is_ascii_control() || byte == b' ')
        {
            return Err(AuthorityRefusal::Character);
        }
        match text.split_once("://") {
            None => Self::parse_bare(text),
            Some((scheme, rest)) => Self::parse_url(scheme, rest),
        }
    }

    /// An address that a name was resolved to, or that a socket was given.
    pub fn from_address(address: IpAddr, port: Option<u16>) -> Self {
        Self {
            host: Host::Address(address.to_canonical()),
            port,
        }
    }

    /// The host.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The port, where the request names one.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// The same host with another port.
    #[must_use]
    pub fn with_port(self, port: u16) -> Self {
        Self {
            port: Some(port),
            ..self
        }
    }

    /// Whether this is a place that a name must not lead to unless the place itself is granted:
    /// private, loopback, link-local, metadata, unspecified, multicast and reserved addresses.
    pub fn is_special(&self) -> bool {
        match &self.host {
            Host::Name(name) => name == "localhost" || name.ends_with(".localhost"),
            Host::Address(IpAddr::V4(address)) => is_special_v4(*address),
            Host::Address(IpAddr::V6(address)) => is_special_v6(*address),
        }
    }

    fn parse_url(scheme: &str, rest: &str) -> Result<Self, AuthorityRefusal> {
        let default = match scheme.to_ascii_lowercase().as_str() {
            "http" | "ws" => Some(80),
            "https" | "wss" => Some(443),
            other if is_scheme(other) => None,
            _ => return Err(AuthorityRefusal::Character),
        };
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if path.starts_with('\\') {
            return Err(AuthorityRefusal::Character);
        }
        let host = match authority.split_once('@') {
            None => authority,
            Some((user, host)) if is_userinfo(user) && !host.contains('@') => host,
            Some(_) => return Err(AuthorityRefusal::Userinfo),
        };
        let parsed = Self::parse_bare(host.strip_suffix(':').unwrap_or(host))?;
        Ok(Self {
            port: parsed.port.or(default),
            ..parsed
        })
    }

    fn parse_bare(text: &str) -> Result<Self, AuthorityRefusal> {
        if text.contains('@') {
            return Err(AuthorityRefusal::Userinfo);
        }
        if let Some(rest) = text.strip_prefix('[') {
            let (address, after) = rest.split_once(']').ok_or(AuthorityRefusal::Ipv6)?;
            let address: Ipv6Addr = address.parse().map_err(|_| AuthorityRefusal::Ipv6)?;
            let port = match after.strip_prefix(':') {
                None if after.is_empty() => None,
                None => return Err(AuthorityRefusal::Ipv6),
                Some(digits) => Some(parse_port(digits).ok_or(AuthorityRefusal::Port)?),
            };
            return Ok(Self::from_address(IpAddr::V6(address), port));
        }
        let (host, port) = match text.split_once(':') {
            None => (text, None),
            Some((_, rest)) if rest.contains(':') => return Err(AuthorityRefusal::Ipv6),
            Some((host, digits)) => (
                host,
                Some(parse_port(digits).ok_or(AuthorityRefusal::Port)?),
            ),
        };
        Ok(Self {
            host: parse_host(host)?,
            port,
        })
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Name(name) => f.write_str(name)?,
            Host::Address(IpAddr::V4(address)) => address.fmt(f)?,
            Host::Address(IpAddr::V6(address)) => write!(f, "[{address}]")?,
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl TryFrom<String> for Authority {
    type Error = AuthorityRefusal;

    fn try_from(text: String) -> Result<Self, AuthorityRefusal> {
        Self::parse(&text)
    }
}

impl std::str::FromStr for Authority {
    type Err = AuthorityRefusal;

    fn from_str(text: &str) -> Result<Self, AuthorityRefusal> {
        Self::parse(text)
    }
}

impl From<Authority> for String {
    fn from(authority: Authority) -> Self {
        authority.to_string()
    }
}

/// A host pattern: a name with wildcards, a network, or everything, with optional ports.
///
/// `*` is a run within one label, `**.` one label or more, `**` alone any name or address. A name
/// never matches an address.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String")]
pub struct HostPattern(Box<str>);

canonical_text!(HostPattern, HostPattern::parse, PatternError);

/// The parts of a host pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostShape<'a> {
    /// `**`: any name and any address.
    Anything,
    /// Exactly these labels, each with optional wildcards.
    Name(&'a str),
    /// At least one label, then these.
    Beneath(&'a str),
    /// The addresses whose first `length` bits are those of `address`.
    Network {
        /// The first address of the network.
        address: IpAddr,
        /// How many bits are fixed.
        length: u8,
    },
}

/// The ports of a host pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ports {
    /// The pattern names none.
    Any,
    /// The pattern names these.
    Range(RangeInclusive<u16>),
}

impl HostPattern {
    /// Reads a host pattern of the policy's text.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let whole = 0..text.len();
        if text.is_empty() {
            return Err(PatternError::new(whole, PatternErrorKind::Empty));
        }
        if let Some(at) = text.find("://") {
            return Err(PatternError::new(0..at + 3, PatternErrorKind::Url));
        }
        if !text.starts_with('[') && text.matches(':').count() > 1 {
            return Err(PatternError::new(whole, PatternErrorKind::Ipv6));
        }
        let (host, ports) = split_ports(text);
        let mut canonical = canonical_host(host)?;
        if let Some(ports) = ports {
            let span = host.len() + 1..text.len();
            let range =
                parse_ports(ports).ok_or(PatternError::new(span, PatternErrorKind::Port))?;
            push_ports(&mut canonical, &range);
        }
        Ok(Self(canonical.into_boxed_str()))
    }

    /// Whether an allow with this pattern matches: a request without a port does not match a
    /// pattern that names one.
    pub fn grants(&self, authority: &Authority) -> bool {
        text_matches(&self.0, authority, WithoutPort::DoesNotMatch)
    }

    /// Whether an ask or a deny with this pattern matches: a request without a port may have any.
    pub fn covers(&self, authority: &Authority) -> bool {
        text_matches(&self.0, authority, WithoutPort::Matches)
    }

    /// What the pattern says of the host.
    pub fn shape(&self) -> HostShape<'_> {
        shape_of(split_ports(&self.0).0)
    }

    /// What the pattern says of the port.
    pub fn ports(&self) -> Ports {
        split_ports(&self.0)
            .1
            .and_then(parse_ports)
            .map_or(Ports::Any, Ports::Range)
    }
}

/// What a request without a port means to a pattern that names one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithoutPort {
    /// It does not match, as for an allow.
    DoesNotMatch,
    /// It matches, as for an ask or a deny.
    Matches,
}

/// Whether the canonical pattern text `pattern` matches. For callers that hold the text in a mapped
/// file and must not allocate.
pub fn text_matches(pattern: &str, authority: &Authority, without_port: WithoutPort) -> bool {
    let (host, ports) = split_ports(pattern);
    let port_matches = match (ports.and_then(parse_ports), authority.port) {
        (None, _) => ports.is_none(),
        (Some(_), None) => without_port == WithoutPort::Matches,
        (Some(range), Some(port)) => range.contains(&port),
    };
    port_matches && shape_matches(shape_of(host), &authority.host)
}

fn shape_matches(shape: HostShape<'_>, host: &Host) -> bool {
    match (shape, host) {
        (HostShape::Anything, _) => true,
        (HostShape::Name(labels), Host::Name(name)) => labels_match(labels, name) == Some(""),
        (HostShape::Beneath(labels), Host::Name(name)) => {
            labels_match(labels, name).is_some_and(|rest| !rest.is_empty())
        }
        (HostShape::Network { address, length }, Host::Address(given)) => {
            network_contains(address, length, *given)
        }
        (HostShape::Name(_) | HostShape::Beneath(_), Host::Address(_))
        | (HostShape::Network { .. }, Host::Name(_)) => false,
    }
}

/// What is left of `name` in front of the labels that match `labels`, if all of them do.
fn labels_match<'a>(labels: &str, name: &'a str) -> Option<&'a str> {
    let mut rest = Some(name);
    for wanted in labels.rsplit('.') {
        let (front, label) = match rest?.rsplit_once('.') {
            Some((front, label)) => (Some(front), label),
            None => (None, rest?),
        };
        let matched = if wanted.contains('*') {
            glob::matches(glob::plain(wanted), label.as_bytes())
        } else {
            wanted == label
        };
        if !matched {
            return None;
        }
        rest = front;
    }
    Some(rest.unwrap_or(""))
}

/// Whether the first `length` bits agree; addresses of two families never do.
pub(crate) fn network_contains(network: IpAddr, length: u8, address: IpAddr) -> bool {
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let differing = network.to_bits() ^ address.to_bits();
            differing.leading_zeros() >= u32::from(length)
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            let differing = network.to_bits() ^ address.to_bits();
            differing.leading_zeros() >= u32::from(length)
        }
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    }
}

/// The host and the text of the ports of a pattern.
fn split_ports(text: &str) -> (&str, Option<&str>) {
    let from = if text.starts_with('[') {
        text.find(']').unwrap_or(0)
    } else {
        0
    };
    match text.get(from..).and_then(|rest| rest.find(':')) {
        None => (text, None),
        Some(at) => {
            let (host, ports) = text.split_at(from + at);
            (host, ports.strip_prefix(':'))
        }
    }
}

/// The shape of a canonical host.
fn shape_of(host: &str) -> HostShape<'_> {
    if host == "**" {
        return HostShape::Anything;
    }
    if let Some(labels) = host.strip_prefix("**.") {
        return HostShape::Beneath(labels);
    }
    if !host.starts_with('[') && !host.starts_with(|first: char| first.is_ascii_digit()) {
        return HostShape::Name(host);
    }
    parse_network(host).map_or(HostShape::Name(host), |(address, length)| {
        HostShape::Network { address, length }
    })
}

fn parse_network(host: &str) -> Option<(IpAddr, u8)> {
    let (address, length) = match host.strip_prefix('[') {
        None => {
            let (address, length) = split_length(host);
            (IpAddr::V4(address.parse().ok()?), length)
        }
        Some(rest) => {
            let (address, length) = split_length(rest.strip_suffix(']')?);
            (IpAddr::V6(address.parse().ok()?), length)
        }
    };
    let bits = if address.is_ipv4() { 32 } else { 128 };
    Some((
        address,
        length.map_or(Some(bits), |digits| parse_length(digits, bits))?,
    ))
}

fn split_length(text: &str) -> (&str, Option<&str>) {
    text.split_once('/')
        .map_or((text, None), |(address, length)| (address, Some(length)))
}

fn parse_length(digits: &str, bits: u8) -> Option<u8> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .parse()
        .ok()
        .filter(|length| plain && *length <= bits)
}

/// The canonical text of a pattern's host; spans are those of the pattern, which it begins.
fn canonical_host(host: &str) -> Result<String, PatternError> {
    let fail = |span: Range<usize>, kind| Err(PatternError::new(span, kind));
    if host == "**" {
        return Ok(host.to_owned());
    }
    if let Some(rest) = host.strip_prefix('[') {
        let Some(inside) = rest.strip_suffix(']') else {
            return fail(0..host.len(), PatternErrorKind::Ipv6);
        };
        let (address, length) = split_length(inside);
        return match address.parse::<Ipv6Addr>() {
            Ok(address) => canonical_network(IpAddr::V6(address), length, host.len()),
            Err(_) => fail(0..host.len(), PatternErrorKind::Ipv6),
        };
    }
    if let Some((address, length)) = host.split_once('/') {
        return match address.parse::<Ipv4Addr>() {
            Ok(address) => canonical_network(IpAddr::V4(address), Some(length), host.len()),
            Err(_) => fail(0..address.len(), PatternErrorKind::NotAnAddress),
        };
    }
    let trimmed = host.strip_suffix('.').unwrap_or(host);
    let (prefix, labels) = match trimmed.strip_prefix("**.") {
        Some(labels) => ("**.", labels),
        None => ("", trimmed),
    };
    let mut canonical = String::with_capacity(host.len());
    canonical.push_str(prefix);
    let mut start = prefix.len();
    for label in labels.split('.') {
        let span = start..start + label.len();
        start = span.end + 1;
        if !(canonical.is_empty() || canonical.ends_with('.')) {
            canonical.push('.');
        }
        push_label(&mut canonical, label, span)?;
    }
    if canonical.len() > MAX_NAME {
        return fail(0..host.len(), PatternErrorKind::LabelTooLong);
    }
    if !canonical.contains('*') && ends_like_address(&canonical) {
        return match parse_ipv4(&canonical) {
            Some(address) if prefix.is_empty() => Ok(address.to_string()),
            Some(_) | None => fail(0..host.len(), PatternErrorKind::NotAnAddress),
        };
    }
    Ok(canonical)
}

fn push_label(canonical: &mut String, label: &str, span: Range<usize>) -> Result<(), PatternError> {
    if label.is_empty() {
        return Err(PatternError::new(span, PatternErrorKind::EmptyLabel));
    }
    if label.contains("**") {
        return Err(PatternError::new(span, PatternErrorKind::HostDoubleStar));
    }
    if !label.is_ascii() {
        if label.contains('*') {
            return Err(PatternError::new(span, PatternErrorKind::WildcardInIdn));
        }
        return match to_ascii(label) {
            Ok(ascii) if !ascii.contains('.') && ascii.len() <= MAX_LABEL => {
                canonical.push_str(&ascii);
                Ok(())
            }
            Ok(_) | Err(_) => Err(PatternError::new(span, PatternErrorKind::HostCharacter)),
        };
    }
    if let Some(at) = label
        .bytes()
        .position(|byte| !(is_name_byte(byte) || byte == b'*'))
    {
        let at = span.start + at;
        return Err(PatternError::new(
            at..at + 1,
            PatternErrorKind::HostCharacter,
        ));
    }
    if label.len() - label.matches('*').count() > MAX_LABEL {
        return Err(PatternError::new(span, PatternErrorKind::LabelTooLong));
    }
    canonical.extend(
        label
            .chars()
            .map(|character| character.to_ascii_lowercase()),
    );
    Ok(())
}

fn canonical_network(
    address: IpAddr,
    length: Option<&str>,
    end: usize,
) -> Result<String, PatternError> {
    let bits = if address.is_ipv4() { 32 } else { 128 };
    let Some(length) = length.map_or(Some(bits), |digits| parse_length(digits, bits)) else {
        return Err(PatternError::new(0..end, PatternErrorKind::PrefixLength));
    };
    let (address, length, bits) = match address {
        IpAddr::V6(v6) => match (v6.to_ipv4_mapped(), length.checked_sub(96)) {
            (Some(v4), Some(length)) => (IpAddr::V4(v4), length, 32),
            (_, _) => (address, length, bits),
        },
        IpAddr::V4(_) => (address, length, bits),
    };
    if !is_first_of(address, length) {
        return Err(PatternError::new(0..end, PatternErrorKind::HostBits));
    }
    Ok(match (address, length == bits) {
        (IpAddr::V4(address), true) => address.to_string(),
        (IpAddr::V4(address), false) => format!("{address}/{length}"),
        (IpAddr::V6(address), true) => format!("[{address}]"),
        (IpAddr::V6(address), false) => format!("[{address}/{length}]"),
    })
}

fn is_first_of(address: IpAddr, length: u8) -> bool {
    let length = u32::from(length);
    match address {
        IpAddr::V4(address) => address
            .to_bits()
            .checked_shl(length)
            .is_none_or(|rest| rest == 0),
        IpAddr::V6(address) => address
            .to_bits()
            .checked_shl(length)
            .is_none_or(|rest| rest == 0),
    }
}

fn push_ports(canonical: &mut String, range: &RangeInclusive<u16>) {
    canonical.push(':');
    canonical.push_str(&range.start().to_string());
    if range.start() != range.end() {
        canonical.push('-');
        canonical.push_str(&range.end().to_string());
    }
}

fn parse_ports(text: &str) -> Option<RangeInclusive<u16>> {
    let (low, high) = text.split_once('-').unwrap_or((text, text));
    let range = parse_port(low)?..=parse_port(high)?;
    (!range.is_empty()).then_some(range)
}

fn parse_port(digits: &str) -> Option<u16> {
    if digits.is_empty() || digits.len() > 10 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let port: u64 = digits.parse().ok()?;
    u16::try_from(port).ok().filter(|port| *port != 0)
}

fn parse_host(text: &str) -> Result<Host, AuthorityRefusal> {
    let ascii = if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        to_ascii(text)?
    };
    let name = ascii.strip_suffix('.').unwrap_or(&ascii);
    if name.is_empty() {
        return Err(AuthorityRefusal::Empty);
    }
    if !name.bytes().all(|byte| is_name_byte(byte) || byte == b'.') {
        return Err(AuthorityRefusal::Character);
    }
    if name.len() > MAX_NAME || name.split('.').any(|label| label.len() > MAX_LABEL) {
        return Err(AuthorityRefusal::TooLong);
    }
    if name.split('.').any(str::is_empty) {
        return Err(AuthorityRefusal::EmptyLabel);
    }
    if ends_like_address(name) {
        let address = parse_ipv4(name).ok_or(AuthorityRefusal::Ipv4)?;
        return Ok(Host::Address(IpAddr::V4(address)));
    }
    Ok(Host::Name(name.to_owned()))
}

fn to_ascii(text: &str) -> Result<String, AuthorityRefusal> {
    idna::domain_to_ascii(text).map_err(|_| AuthorityRefusal::Idn)
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

fn is_userinfo(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:".contains(&byte))
}

/// Whether programs try to read the name as an IPv4 address: its last label is a number.
pub(crate) fn ends_like_address(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    last.bytes().all(|byte| byte.is_ascii_digit())
        || last
            .strip_prefix("0x")
            .is_some_and(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The address that `inet_aton` and the URL standard find in `name`: one to four decimal, octal or
/// hexadecimal numbers, the last of which fills the bytes that are left.
fn parse_ipv4(name: &str) -> Option<Ipv4Addr> {
    let numbers: Vec<u32> = name.split('.').map(parse_number).collect::<Option<_>>()?;
    let (&last, front) = numbers.split_last()?;
    let left = 4_u32.checked_sub(u32::try_from(front.len()).ok()?)?;
    if left == 0 || (left < 4 && last >> (8 * left) != 0) {
        return None;
    }
    let mut bits = 0_u32;
    for &number in front {
        bits = bits << 8 | u32::from(u8::try_from(number).ok()?);
    }
    let high = if left == 4 { 0 } else { bits << (8 * left) };
    Some(Ipv4Addr::from_bits(high | last))
}

fn parse_number(text: &str) -> Option<u32> {
    if text.is_empty() {
        return None;
    }
    let (digits, radix) = match text.strip_prefix("0x") {
        Some(hex) => (hex, 16),
        None if text.len() > 1 && text.starts_with('0') => (text, 8),
        None => (text, 10),
    };
    if digits.is_empty() {
        return Some(0);
    }
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, radix).ok()
}

fn is_special_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || first == 0
        || first >= 240
        || (first == 100 && second & 0xc0 == 64)
        || (first == 192 && second == 0 && third == 0)
        || (first == 198 && second & 0xfe == 18)
        // Azure answers its guests' metadata requests here, on a public address.
        || address == Ipv4Addr::new(168, 63, 129, 16)
}

fn is_special_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let [first, second, third, ..] = segments;
    let special_inside = match segments {
        // IPv4-compatible, and the translation prefix 64:ff9b::/96.
        [0, 0, 0, 0, 0, 0, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            embeds_special(high, low)
        }
        [0x2002, high, low, ..] => embeds_special(high, low),
        [_, ..] => false,
    };
    address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        || special_inside
        // Unique local, link-local, the old site-local, local translation and Teredo.
        || first & 0xfe00 == 0xfc00
        || first & 0xff80 == 0xfe80
        || (first == 0x64 && second == 0xff9b && third == 1)
        || (first == 0x2001 && second == 0)
}

fn embeds_special(high: u16, low: u16) -> bool {
    is_special_v4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn authority(text: &str) -> Authority {
        Authority::parse(text).expect("an authority")
    }

    fn pattern(text: &str) -> HostPattern {
        HostPattern::parse(text).expect("a pattern")
    }

    #[test]
    fn every_spelling_leads_to_the_host_that_is_dialled() {
        for (written, canonical) in [
            ("example.com", "example.com"),
            ("EXAMPLE.Com", "example.com"),
            ("example.com.", "example.com"),
            ("example.com:443", "example.com:443"),
            ("example.com:0443", "example.com:443"),
            ("example.com.:80", "example.com:80"),
            ("https://example.com", "example.com:443"),
            ("HTTPS://Example.com/x?y#z", "example.com:443"),
            ("https://user@Example.com:443/x", "example.com:443"),
            ("https://user:secret@example.com/x@y", "example.com:443"),
            ("http://example.com:/", "example.com:80"),
            ("wss://example.com?x=://", "example.com:443"),
            ("ftp://example.com/", "example.com"),
            ("http://example.com#@evil.com", "example.com:80"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("BÜCHER.example", "xn--bcher-kva.example"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
            ("ｅｘａｍｐｌｅ.com", "example.com"),
            ("a_b.example", "a_b.example"),
            ("localhost", "localhost"),
            ("127.0.0.1", "127.0.0.1"),
            ("127.1", "127.0.0.1"),
            ("127.0.1", "127.0.0.1"),
            ("0x7f.1", "127.0.0.1"),
            ("0X7F.0.0.1", "127.0.0.1"),
            ("2130706433", "127.0.0.1"),
            ("0x7f000001", "127.0.0.1"),
            ("017700000001", "127.0.0.1"),
            ("0177.0.0.01", "127.0.0.1"),
            ("127.0.0.1.", "127.0.0.1"),
            ("１２７.0.0.1", "127.0.0.1"),
            ("0", "0.0.0.0"),
            ("0x", "0.0.0.0"),
            ("169.254.43518", "169.254.169.254"),
            ("[::1]", "[::1]"),
            ("[0:0::0:1]:80", "[::1]:80"),
            ("[::ffff:127.0.0.1]", "127.0.0.1"),
            ("[::ffff:7f00:1]:80", "127.0.0.1:80"),
            ("http://[::1]/x", "[::1]:80"),
            ("1.2.3.example", "1.2.3.example"),
        ] {
            assert_eq!(
                Authority::parse(written).map(|authority| authority.to_string()),
                Ok(canonical.to_owned()),
                "{written}"
            );
        }
    }

    #[test]
    fn what_two_programs_may_read_differently_is_refused() {
        for (written, refusal) in [
            ("", AuthorityRefusal::Empty),
            (".", AuthorityRefusal::Empty),
            (":80", AuthorityRefusal::Empty),
            ("https:///evil.com", AuthorityRefusal::Empty),
            ("example..com", AuthorityRefusal::EmptyLabel),
            (".example.com", AuthorityRefusal::EmptyLabel),
            ("example.com..", AuthorityRefusal::EmptyLabel),
            ("good.com\0.evil.com", AuthorityRefusal::Character),
            ("good.com%00.evil.com", AuthorityRefusal::Character),
            ("good.com evil.com", AuthorityRefusal::Character),
            ("good.com\t", AuthorityRefusal::Character),
            ("good.com/x", AuthorityRefusal::Character),
            ("https://good.com\\@evil.com", AuthorityRefusal::Character),
            ("https://a@b@evil.com", AuthorityRefusal::Userinfo),
            ("https://good.com%2f@evil.com", AuthorityRefusal::Userinfo),
            ("user@evil.com", AuthorityRefusal::Userinfo),
            ("https:good.com", AuthorityRefusal::Port),
            ("good.com:", AuthorityRefusal::Port),
            ("good.com:0", AuthorityRefusal::Port),
            ("good.com:65536", AuthorityRefusal::Port),
            ("good.com:+80", AuthorityRefusal::Port),
            ("good.com:443:80", AuthorityRefusal::Ipv6),
            ("::1", AuthorityRefusal::Ipv6),
            ("[::1", AuthorityRefusal::Ipv6),
            ("[::1]x", AuthorityRefusal::Ipv6),
            ("[fe80::1%eth0]", AuthorityRefusal::Ipv6),
            ("1.2.3.4.5", AuthorityRefusal::Ipv4),
            ("256.1.1.1", AuthorityRefusal::Ipv4),
            ("1.2.3.09", AuthorityRefusal::Ipv4),
            ("4294967296", AuthorityRefusal::Ipv4),
            ("1.2.65536", AuthorityRefusal::Ipv4),
            ("foo.0x7f", AuthorityRefusal::Ipv4),
            ("*.example.com", AuthorityRefusal::Character),
            ("a\u{ad}%.com", AuthorityRefusal::Character),
        ] {
            assert_eq!(Authority::parse(written), Err(refusal), "{written:?}");
        }
        assert_eq!(
            Authority::parse(&format!("{}.com", "a".repeat(64))),
            Err(AuthorityRefusal::TooLong)
        );
        assert_eq!(
            Authority::parse(&"a.".repeat(130)),
            Err(AuthorityRefusal::TooLong)
        );
    }

    #[test]
    fn places_inside_the_machine_or_its_network_are_special() {
        for special in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.0.1",
            "169.254.169.254",
            "0.0.0.0",
            "224.0.0.1",
            "100.100.100.200",
            "192.0.0.192",
            "168.63.129.16",
            "255.255.255.255",
            "[::1]",
            "[::]",
            "[fe80::1]",
            "[fd00:ec2::254]",
            "[ff02::1]",
            "[::ffff:10.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "[::127.0.0.1]",
            "localhost",
            "a.localhost",
        ] {
            assert!(authority(special).is_special(), "{special}");
        }
        for ordinary in [
            "example.com",
            "93.184.216.34",
            "[2606:2800:220:1::1]",
            "172.32.0.1",
            "[2002:5db8::]",
        ] {
            assert!(!authority(ordinary).is_special(), "{ordinary}");
        }
    }

    #[test]
    fn the_table_of_matches_holds() {
        for (wanted, given, expected) in [
            ("example.com", "example.com:443", true),
            ("example.com", "www.example.com", false),
            ("*.example.com", "www.example.com", true),
            ("*.example.com", "example.com", false),
            ("*.example.com", "a.b.example.com", false),
            ("**.example.com", "a.b.example.com", true),
            ("**.example.com", "a.example.com", true),
            ("**.example.com", "example.com", false),
            ("**.example.com", "evilexample.com", false),
            ("api-*.example.com", "api-1.example.com", true),
            ("api-*.example.com", "api-.example.com", true),
            ("api-*.example.com", "api-1.x.example.com", false),
            ("*", "localhost", true),
            ("*", "a.b", false),
            ("*", "127.0.0.1", false),
            ("*.*.*.*", "1.2.3.4", false),
            ("**", "127.0.0.1", true),
            ("**", "[::1]:5", true),
            ("**:443", "a.b:443", true),
            ("**:443", "a.b:80", false),
            ("h:8000-8999", "h:8500", true),
            ("h:8000-8999", "h:9000", false),
            ("10.0.0.0/8", "10.1.2.3:5", true),
            ("10.0.0.0/8", "11.1.2.3", false),
            ("10.0.0.0/8:22", "10.1.2.3:23", false),
            ("127.0.0.1", "0x7f.1", true),
            ("0.0.0.0/0", "9.9.9.9", true),
            ("0.0.0.0/0", "[::1]", false),
            ("[2001:db8::/32]:443", "[2001:db8::5]:443", true),
            ("[::1]", "[::1]:80", true),
            ("[::ffff:10.0.0.0/104]", "10.2.3.4", true),
        ] {
            assert_eq!(
                pattern(wanted).grants(&authority(given)),
                expected,
                "{wanted} {given}"
            );
        }
    }

    #[test]
    fn a_request_without_a_port_is_covered_and_not_granted() {
        assert!(!pattern("h:443").grants(&authority("h")));
        assert!(pattern("h:443").covers(&authority("h")));
        assert!(!pattern("h:443").covers(&authority("h:80")));
    }

    #[test]
    fn equal_patterns_have_equal_texts() {
        for (written, canonical) in [
            ("API.Example.COM.", "api.example.com"),
            ("h:0443", "h:443"),
            ("h:443-443", "h:443"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("**.bücher.example:1-2", "**.xn--bcher-kva.example:1-2"),
            ("0x7f.1:80", "127.0.0.1:80"),
            ("10.0.0.1/32", "10.0.0.1"),
            ("[0:0::1]", "[::1]"),
            ("[::1/128]:80", "[::1]:80"),
            ("[::ffff:127.0.0.1]", "127.0.0.1"),
        ] {
            assert_eq!(pattern(written).as_str(), canonical);
        }
    }

    #[test]
    fn errors_point_at_their_bytes() {
        for (written, span, kind) in [
            ("", 0..0, PatternErrorKind::Empty),
            ("https://h", 0..8, PatternErrorKind::Url),
            ("a b", 1..2, PatternErrorKind::HostCharacter),
            ("a..b", 2..2, PatternErrorKind::EmptyLabel),
            ("a.**.b", 2..4, PatternErrorKind::HostDoubleStar),
            ("**com", 0..5, PatternErrorKind::HostDoubleStar),
            ("bü*", 0..4, PatternErrorKind::WildcardInIdn),
            ("h:0", 2..3, PatternErrorKind::Port),
            ("h:9-8", 2..5, PatternErrorKind::Port),
            ("::1", 0..3, PatternErrorKind::Ipv6),
            ("[::g]", 0..5, PatternErrorKind::Ipv6),
            ("1.2.3.4.5", 0..9, PatternErrorKind::NotAnAddress),
            ("10.0.0.0/33", 0..11, PatternErrorKind::PrefixLength),
            ("10.0.0.1/8", 0..10, PatternErrorKind::HostBits),
            ("h/x", 0..1, PatternErrorKind::NotAnAddress),
        ] {
            let error = HostPattern::parse(written).expect_err("an error");
            assert_eq!((error.span, error.kind), (span, kind), "{written}");
        }
    }

    proptest! {
        #[test]
        fn the_canonical_text_is_a_fixed_point(written in "(\\*\\*\\.)?[a-zA-Z0-9*.ü-]{1,8}(:[0-9]{1,4}(-[0-9]{1,5})?)?") {
            if let Ok(pattern) = HostPattern::parse(&written) {
                prop_assert_eq!(HostPattern::parse(pattern.as_str()), Ok(pattern.clone()));
            }
        }

        #[test]
        fn an_authority_reads_its_own_text(written in "(https?://)?[a-zA-Z0-9.üx-]{1,10}(:[0-9]{1,5})?") {
            if let Ok(authority) = Authority::parse(&written) {
                prop_assert_eq!(Authority::parse(&authority.to_string()), Ok(authority));
            }
        }
    }
}
