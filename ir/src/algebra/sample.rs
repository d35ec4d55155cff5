//! Witnesses: words read back as the requests that they are.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use super::class::{
    Domain, NO_METHOD, OCTET4, OCTET6, PORT, Symbol, V4, V6, VARIABLE, WORD_END, method_symbol,
    variable_symbol,
};
use crate::pattern::{Authority, CanonicalPath, Host, McpName};
use crate::vocabulary::{Method, Variable};

/// The fields of a request that a language speaks of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sample {
    /// `read` and `write`.
    Path(CanonicalPath),
    /// `connect` and `listen`; the authority has a port.
    Connect {
        /// Where the connection goes.
        authority: Authority,
        /// The method, where one is visible.
        method: Option<Method>,
    },
    /// `exec`.
    Argv(Vec<String>),
    /// `mcp`.
    Mcp(McpName),
    /// `tool`, `import` and `call`.
    Name(String),
}

impl Sample {
    /// Reads a word back; a word that is no real request is none.
    pub(crate) fn decode(domain: Domain, word: &[Symbol]) -> Option<Self> {
        match domain {
            Domain::Path => decode_path(word).map(Self::Path),
            Domain::Connect => decode_connect(word),
            Domain::Argv => decode_argv(word).map(Self::Argv),
            Domain::Mcp => McpName::parse(&decode_text(word)?).ok().map(Self::Mcp),
            Domain::Name => decode_text(word).map(Self::Name),
        }
    }

    pub(crate) fn domain(&self) -> Domain {
        match self {
            Self::Path(_) => Domain::Path,
            Self::Connect { .. } => Domain::Connect,
            Self::Argv(_) => Domain::Argv,
            Self::Mcp(_) => Domain::Mcp,
            Self::Name(_) => Domain::Name,
        }
    }

    /// The word of this request. An authority without a port has that of an ordinary one, 443.
    pub(crate) fn encode(&self) -> Vec<Symbol> {
        match self {
            Self::Path(path) => encode_path(path),
            Self::Connect { authority, method } => encode_connect(authority, *method),
            Self::Argv(words) => words
                .iter()
                .flat_map(|word| word.bytes().map(Symbol::from).chain([WORD_END]))
                .collect(),
            Self::Mcp(name) => name.as_str().bytes().map(Symbol::from).collect(),
            Self::Name(name) => name.bytes().map(Symbol::from).collect(),
        }
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.fmt(f),
            Self::Connect {
                authority,
                method: None,
            } => authority.fmt(f),
            Self::Connect {
                authority,
                method: Some(method),
            } => write!(f, "{method} {authority}"),
            Self::Argv(words) => {
                let quoted: Vec<_> = words
                    .iter()
                    .map(|word| crate::pattern::WordPattern::literal(word).to_string())
                    .collect();
                f.write_str(&quoted.join(" "))
            }
            Self::Mcp(name) => name.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

fn decode_text(word: &[Symbol]) -> Option<String> {
    let bytes: Vec<u8> = word
        .iter()
        .map(|symbol| u8::try_from(*symbol).ok())
        .collect::<Option<_>>()?;
    String::from_utf8(bytes).ok()
}

fn decode_path(word: &[Symbol]) -> Option<CanonicalPath> {
    let text = match word.split_first() {
        None => "/".to_owned(),
        Some((&first, rest)) if (VARIABLE..WORD_END).contains(&first) => {
            let variable = Variable::ALL
                .iter()
                .find(|variable| variable_symbol(**variable) == first)?;
            format!("${variable}{}", decode_text(rest)?)
        }
        Some(_) => decode_text(word)?,
    };
    CanonicalPath::parse(&text).ok()
}

fn encode_path(path: &CanonicalPath) -> Vec<Symbol> {
    let body = path.body();
    let (first, rest) = match path.variable() {
        Some(variable) => (
            Some(variable_symbol(variable)),
            body.trim_start_matches(|character| character != '/'),
        ),
        None => (None, body),
    };
    first
        .into_iter()
        .chain(rest.bytes().map(Symbol::from))
        .collect()
}

fn decode_connect(word: &[Symbol]) -> Option<Sample> {
    let [host @ .., port, method] = word else {
        return None;
    };
    let port = u16::try_from(port.checked_sub(PORT)?).ok()?;
    let method = match *method {
        NO_METHOD => None,
        symbol => Some(
            *Method::ALL
                .iter()
                .find(|method| method_symbol(**method) == symbol)?,
        ),
    };
    let authority = match host {
        [V4, octets @ ..] => {
            let octets: [u8; 4] = decode_octets(octets, OCTET4)?.try_into().ok()?;
            Authority::from_address(IpAddr::V4(Ipv4Addr::from(octets)), Some(port))
        }
        [V6, octets @ ..] => {
            let octets: [u8; 16] = decode_octets(octets, OCTET6)?.try_into().ok()?;
            Authority::from_address(IpAddr::V6(Ipv6Addr::from(octets)), Some(port))
        }
        name => Authority::parse(&decode_text(name)?).ok()?.with_port(port),
    };
    Some(Sample::Connect { authority, method })
}

fn decode_octets(word: &[Symbol], base: Symbol) -> Option<Vec<u8>> {
    word.iter()
        .map(|symbol| u8::try_from(symbol.checked_sub(base)?).ok())
        .collect()
}

fn encode_connect(authority: &Authority, method: Option<Method>) -> Vec<Symbol> {
    let mut word: Vec<Symbol> = match authority.host() {
        Host::Name(name) => name.bytes().map(Symbol::from).collect(),
        Host::Address(IpAddr::V4(address)) => [V4]
            .into_iter()
            .chain(address.octets().map(|octet| OCTET4 + Symbol::from(octet)))
            .collect(),
        Host::Address(IpAddr::V6(address)) => [V6]
            .into_iter()
            .chain(address.octets().map(|octet| OCTET6 + Symbol::from(octet)))
            .collect(),
    };
    word.push(PORT + Symbol::from(authority.port().unwrap_or(443)));
    word.push(method.map_or(NO_METHOD, method_symbol));
    word
}

fn decode_argv(word: &[Symbol]) -> Option<Vec<String>> {
    let body = word.strip_suffix(&[WORD_END])?;
    body.split(|symbol| *symbol == WORD_END)
        .map(decode_text)
        .collect()
}
